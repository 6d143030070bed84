"""Decisions, suggestions, responses, reviews and what was learnt: they come back, once, age, and can be erased."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlite_utils import Database

from ertedge.errors import NotFoundError, StoreCorruptError
from ertedge.store import Store
from ertedge.store.decisions import context_of, context_text
from ertedge.store.header import APPLICATION_ID
from ertedge.store.migrations import steps
from ertedge.store.records import LearningState
from ertedge.store.rows import COLUMNS, row_of
from ertedge.types import (
    ActivityReview,
    Decision,
    ResponseKind,
    SilenceReason,
    Suggestion,
    SuggestionResponse,
    SuggestionStatus,
)
from tests.store.conftest import SETTINGS
from tests.store.samples import DAY_NS, MINUTE_NS, START_NS, state
from tests.store.suggestion_samples import context, decision, suggestion

REVIEW = ActivityReview("breathing", "en", 2, "ab" * 32, "Dr. Maria Weiß", "psychotherapist", START_NS)


def assert_same_decision(actual: Decision, expected: Decision) -> None:
    affect, wanted = actual.context.affect, expected.context.affect
    for name in ("probabilities", "probability_sd", "probability_trend"):
        np.testing.assert_allclose(getattr(affect, name), getattr(wanted, name), atol=1e-5)
        assert getattr(affect, name).dtype == np.float32
    affect = replace(
        affect,
        probabilities=wanted.probabilities,
        probability_sd=wanted.probability_sd,
        probability_trend=wanted.probability_trend,
    )
    assert replace(actual, context=replace(actual.context, affect=affect)) == expected


def everything(store: Store, limit: int) -> list[Suggestion]:
    found: list[Suggestion] = []
    before: int | None = None
    for _ in range(100):
        page = store.of(0).list_suggestions(limit=limit, before=before)
        assert len(page.suggestions) <= limit
        found += page.suggestions
        before = page.next_cursor
        if before is None:
            return found
    raise AssertionError("the pages never end")


def test_decisions_come_back_whole_the_silent_ones_too(store: Store) -> None:
    written = [decision(1), decision(2, silence=SilenceReason.CHANCE), decision(3, synthetic=True)]
    store.of(0).append_decisions(written)
    store.of(0).append_decisions([replace(written[0], chosen="another")])
    first, second = store.of(0).decisions_since(0, synthetic=False, most=10)
    assert_same_decision(first, written[0])
    assert_same_decision(second, written[1])
    assert [each.decision_id for each in store.of(0).decisions_since(0, synthetic=True, most=10)] == [3]
    assert store.of(0).last_decision_id() == 3


def test_the_newest_decisions_from_a_moment_on_are_read_oldest_first(store: Store) -> None:
    store.of(0).append_decisions([decision(number) for number in range(1, 11)])
    found = store.of(0).decisions_since(START_NS + 3 * MINUTE_NS, synthetic=False, most=4)
    assert [each.decision_id for each in found] == [7, 8, 9, 10]
    assert sorted(store.of(0).decision_contexts([2, 5, 99])) == [2, 5]


def test_a_context_of_an_older_version_takes_defaults_and_one_of_a_newer_is_read_without_what_it_adds() -> None:
    text = context_text(context())
    older = text.replace(',"emotion_confidence":0.0', "").replace(',"scores":{', ',"mood_of_the_moon":3,"scores":{')
    assert older != text
    back = context_of(older)
    assert (back.affect.emotion_confidence, back.day, back.hour) == (0.0, 739_000, 14.5)
    assert back.scores == context().scores


def test_a_decision_that_cannot_be_understood_is_left_out_and_said(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.of(0).append_decisions([decision(number) for number in range(1, 5)])
    for number, column, text in ((1, "context", "{"), (2, "context", "[]"), (3, "trigger", "full moon")):
        store._database.execute(f"UPDATE decisions SET {column} = ? WHERE decision_id = ?", [text, number])
    assert [each.decision_id for each in store.of(0).decisions_since(0, synthetic=False, most=10)] == [4]
    assert sorted(store.of(0).decision_contexts([1, 2, 3, 4])) == [3, 4]
    assert "cannot be understood" in caplog.text


def test_a_suggestion_in_words_of_another_version_says_so(store: Store) -> None:
    store.of(0).save_suggestion(suggestion(1))
    store._database.execute("UPDATE suggestions SET status = 'postponed'")
    with pytest.raises(StoreCorruptError, match="install a newer one"):
        store.of(0).suggestion(1)


def test_a_suggestion_comes_back_as_what_became_of_it(store: Store) -> None:
    offered = suggestion(1)
    store.of(0).save_suggestion(offered)
    assert store.of(0).suggestion(1) == offered
    done = replace(
        offered,
        status=SuggestionStatus.COMPLETED,
        helpfulness=5,
        valence_after=0.25,
        arousal_after=-0.5,
        update_wall_time_ns=START_NS + DAY_NS,
        synthetic=True,
    )
    store.of(0).save_suggestion(done)
    assert store.of(0).suggestion(1) == done
    assert store.of(0).last_suggestion_id() == 1
    with pytest.raises(NotFoundError, match="no suggestion 7"):
        store.of(0).suggestion(7)
    with pytest.raises(NotFoundError):
        store.of(0).suggestion(2**64)


@pytest.mark.parametrize("limit", [1, 3, 10, 100])
def test_pages_meet_without_gap_or_repeat(store: Store, limit: int) -> None:
    for number in range(1, 11):
        store.of(0).save_suggestion(suggestion(number))
    assert [each.suggestion_id for each in everything(store, limit)] == list(range(10, 0, -1))


def test_numbers_go_on_after_everything_was_removed(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "ertedge.db", SETTINGS)
    store.of(0).append_decisions([decision(1), decision(2)])
    store.of(0).save_suggestion(suggestion(5))
    store.downsample(START_NS + 400 * DAY_NS)
    assert everything(store, 10) == []
    store.close()
    again = Store.open(tmp_path / "ertedge.db", SETTINGS)
    assert (again.of(0).last_decision_id(), again.of(0).last_suggestion_id()) == (2, 5)
    again.close()


def test_a_response_is_known_by_its_request_id_and_the_first_holds(store: Store) -> None:
    first = SuggestionResponse(1, ResponseKind.SNOOZE, START_NS, 0, 600.0, "a")
    store.of(0).append_response(first)
    store.of(0).append_response(replace(first, kind=ResponseKind.DISMISS))
    store.of(0).append_response(SuggestionResponse(1, ResponseKind.START, START_NS))
    store.of(0).append_response(SuggestionResponse(1, ResponseKind.COMPLETE, START_NS))
    assert store.of(0).response_of("a") == first
    assert store.of(0).response_of("b") is None
    assert store._database["responses"].count == 3, "responses without an id are each their own"


def test_a_request_is_known_by_its_id_and_the_first_holds(store: Store) -> None:
    store.of(0).append_request("a", 3, START_NS)
    store.of(0).append_request("a", 4, START_NS)
    assert (store.of(0).requested_suggestion("a"), store.of(0).requested_suggestion("b")) == (3, None)


def test_reviews_and_learning_come_back(store: Store) -> None:
    store.append_review(REVIEW)
    assert store.reviews() == (REVIEW,)
    mine = LearningState(False, START_NS, "recommender 1", b"\x00\x01\xff", 0)
    store.of(0).save_learning(mine)
    store.of(0).save_learning(replace(mine, synthetic=True, state=b"of the demo"))
    assert store.of(0).learning(synthetic=False) == mine
    assert store.of(0).learning(synthetic=True) == replace(mine, synthetic=True, state=b"of the demo")


def test_what_is_forgotten_leaves_the_files_and_stays_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    store = Store.open(path, SETTINGS)
    learnt = LearningState(False, START_NS, "recommender 1", b"likes breathing far more than writing", 0)
    store.of(0).save_learning(learnt)
    assert learnt.state in path.read_bytes() + Path(f"{path}-wal").read_bytes()
    store.of(0).forget_learning(LearningState(False, START_NS, "recommender 1", b"", 9))
    assert learnt.state not in path.read_bytes() + Path(f"{path}-wal").read_bytes()
    store.of(0).save_learning(learnt)
    assert learnt.state not in path.read_bytes() + Path(f"{path}-wal").read_bytes()
    store.of(0).save_learning(replace(learnt, state=b"new", forgotten_id=9))
    kept = store.of(0).learning(synthetic=False)
    assert kept is not None
    assert (kept.state, kept.forgotten_id) == (b"new", 9)
    store.close()


def test_all_of_it_ages_but_what_was_learnt_and_signed(store: Store) -> None:
    store.of(0).append_decisions([decision(1), decision(2, wall_time_ns=START_NS + 365 * DAY_NS)])
    store.of(0).save_suggestion(suggestion(1))
    store.of(0).save_suggestion(suggestion(2, wall_time_ns=START_NS + 365 * DAY_NS))
    store.of(0).append_response(SuggestionResponse(1, ResponseKind.DISMISS, START_NS, request_id="old"))
    store.of(0).append_request("old", 1, START_NS)
    store.append_review(REVIEW)
    store.of(0).save_learning(LearningState(False, START_NS, "recommender 1", b"kept", 0))
    assert store.downsample(START_NS + 366 * DAY_NS).removed_count == 4
    assert [each.suggestion_id for each in everything(store, 10)] == [2]
    assert [each.decision_id for each in store.of(0).decisions_since(0, synthetic=False, most=10)] == [2]
    assert (store.of(0).response_of("old"), store.of(0).requested_suggestion("old")) == (None, None)
    assert store.reviews() == (REVIEW,)
    assert store.of(0).learning(synthetic=False) is not None


def test_silences_that_a_rule_forbade_are_thinned_and_those_of_chance_are_kept_for_the_estimates(store: Store) -> None:
    store.of(0).append_decisions(
        [
            decision(1),
            decision(2, silence=SilenceReason.QUIET_HOURS, offer_propensity=0.0),
            decision(3, silence=SilenceReason.CHANCE, offer_propensity=0.4),
            decision(4, wall_time_ns=START_NS + 8 * DAY_NS, silence=SilenceReason.SAFETY, offer_propensity=0.0),
        ]
    )
    store.downsample(START_NS + 8 * DAY_NS + MINUTE_NS)
    assert [each.decision_id for each in store.of(0).decisions_since(0, synthetic=False, most=10)] == [1, 3, 4]


def test_a_database_of_the_first_version_is_brought_up_to_date_without_loss(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    connection = sqlite3.connect(path)
    old = Database(connection)
    old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    steps.apply(old, stop_before="0002_suggestions")
    assert not old["suggestions"].exists()
    with connection:
        old.execute(
            f"INSERT INTO states ({', '.join(COLUMNS[:-1])}) VALUES ({', '.join('?' * len(COLUMNS[:-1]))})",
            row_of(state(41))[:-1],
        )
        old.execute(
            "INSERT INTO ledger (event, subject, detail, wall_time_ns) VALUES ('CAMERA_OPENED', 'camera', 'It was.', 1)"
        )
    connection.close()
    store = Store.open(path, SETTINGS)
    assert store.last_sequence() == 41
    assert store.state(41).wall_time_ns == state(41).wall_time_ns
    assert [entry.event for entry in store.list_ledger(limit=9, before=None).entries] == ["CAMERA_OPENED"]
    store.of(0).save_suggestion(suggestion(1))
    assert store.of(0).suggestion(1) == suggestion(1)
    store.close()


@pytest.mark.parametrize("table", ["decisions", "suggestions", "responses", "learning"])
def test_damage_of_the_new_tables_is_found_on_opening(tmp_path: Path, table: str) -> None:
    path = tmp_path / "ertedge.db"
    store = Store.open(path, SETTINGS)
    store.of(0).append_decisions([decision(1)])
    store.of(0).save_suggestion(suggestion(1))
    store.of(0).append_response(SuggestionResponse(1, ResponseKind.DISMISS, START_NS, request_id="a"))
    store.of(0).save_learning(LearningState(False, START_NS, "recommender 1", b"kept", 0))
    root = store._database.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", [table]).fetchone()[0]
    size = store._database.execute("PRAGMA page_size").fetchone()[0]
    store.close()
    content = bytearray(path.read_bytes())
    content[(root - 1) * size : root * size] = b"\xa5" * size
    path.write_bytes(content)
    with pytest.raises(StoreCorruptError, match=r"ertedge\.db is damaged"):
        Store.open(path, SETTINGS)
    assert path.read_bytes() == content
