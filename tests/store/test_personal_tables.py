"""Every table is known as a person's or the device's, and what the list says of a table is so."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from sqlite_utils import Database

from ertedge.errors import NotFoundError
from ertedge.store import Store
from ertedge.store.header import APPLICATION_ID
from ertedge.store.migrations import steps
from ertedge.store.personal_tables import DEVICE_TABLES, PERSONAL_TABLES, PersonalTable
from ertedge.store.records import LearningState
from ertedge.store.rows import COLUMNS, row_of
from ertedge.store.safety_records import SafetyAnswer
from ertedge.types import (
    NoticeKind,
    NoticeResponse,
    Purpose,
    ResponseKind,
    SafetyCause,
    SafetyNotice,
    SafetyPlan,
    SuggestionResponse,
)
from tests.store.conftest import SETTINGS
from tests.store.samples import DAY_NS, MINUTE_NS, START_NS, state
from tests.store.suggestion_samples import decision, suggestion


def columns_of(store: Store, table: str) -> dict[str, bool]:
    """Each column, with whether it may be NULL."""
    rows = store._database.execute(f"PRAGMA table_info({table})").fetchall()
    return {row[1]: not row[3] and not row[5] for row in rows}


def test_every_table_is_in_one_of_the_lists(store: Store) -> None:
    tables = {name for name in store._database.table_names() if not name.startswith("sqlite_")}
    personal = [table.name for table in PERSONAL_TABLES]
    listed = [*personal, *DEVICE_TABLES]
    unlisted = sorted(tables - set(listed))
    assert not unlisted, f"add {unlisted} to ertedge/store/personal_tables.py, so that erasure and export know of them"
    assert sorted(listed) == sorted(tables), "a table that is gone, or one that is listed twice"


@pytest.mark.parametrize("table", PERSONAL_TABLES, ids=lambda table: table.name)
def test_what_the_list_names_is_there(store: Store, table: PersonalTable) -> None:
    columns = columns_of(store, table.name)
    assert table.profile_column in columns
    for covered in table.columns_covered:
        for column in covered.columns:
            assert columns.get(column) is True, f"{table.name}.{column} cannot become NULL"
        store._database.execute(f"SELECT 1 FROM {table.name} WHERE {covered.row_goes or '1'}")


def test_each_purpose_that_can_be_withdrawn_from_states_covers_its_modality() -> None:
    (states,) = (table for table in PERSONAL_TABLES if table.name == "states")
    covered = {each.purpose: each.columns for each in states.columns_covered}
    assert set(covered) == {Purpose.SENSE_FACE, Purpose.SENSE_VOICE}
    assert all(column.startswith("face_") for column in covered[Purpose.SENSE_FACE])
    assert all(column.startswith("voice_") for column in covered[Purpose.SENSE_VOICE])
    assert len(covered[Purpose.SENSE_FACE]) == len(covered[Purpose.SENSE_VOICE]) == 10


def test_what_was_stored_before_there_were_profiles_is_nobodys_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    connection = sqlite3.connect(path)
    old = Database(connection)
    old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    steps.apply(old, stop_before="0004_profiles")
    with connection:
        columns = COLUMNS[:-1]
        marks = ", ".join("?" * len(columns))
        old.execute(f"INSERT INTO states ({', '.join(columns)}) VALUES ({marks})", row_of(state(41))[:-1])
        old.execute("INSERT INTO responses VALUES (7, 'said', 3, 5, 'snooze', 0, 60.0)")
        old.execute("INSERT INTO requests VALUES ('asked', 3, 5)")
        old.execute(
            "INSERT INTO learning VALUES (0, 5, 'recommender 1', X'0102', 2), (1, 6, 'recommender 1', X'03', 0)"
        )
        old.execute("INSERT INTO safety_watch VALUES (1, 5, 'record')")
        old.execute('INSERT INTO safety_plan VALUES (1, \'{"warning_signs": ["tired"]}\')')
        old.execute("INSERT INTO safety_answers VALUES (2, 'r', 1, 'safe', 0, 5)")
    connection.close()
    store = Store.open(path, SETTINGS)
    nobody = store.of(0)
    assert store.state(41).profile_id == 0
    assert nobody.response_of("said") == SuggestionResponse(3, ResponseKind.SNOOZE, 5, 0, 60.0, "said")
    assert nobody.requested_suggestion("asked") == 3
    assert nobody.learning(synthetic=False) == LearningState(False, 5, "recommender 1", b"\x01\x02", 2)
    assert nobody.learning(synthetic=True) == LearningState(True, 6, "recommender 1", b"\x03", 0)
    stored = nobody.safety()
    assert (stored.watch, stored.plan and stored.plan.warning_signs) == ("record", ("tired",))
    assert [answer.request_id for answer in stored.answers] == ["r"]
    assert store.of(1).response_of("said") is None
    store.close()


def test_people_share_numbers_and_nothing_else(store: Store) -> None:
    """Each asks, answers, learns, and has a plan and a notice of their own, under the same request's ids."""
    for person in (1, 2):
        mine = store.of(person)
        mine.append_decisions([decision(person)])
        mine.save_suggestion(suggestion(person))
        mine.append_response(SuggestionResponse(person, ResponseKind.DISMISS, START_NS, request_id="same"))
        mine.append_request("same", person, START_NS)
        mine.save_learning(LearningState(False, START_NS, "recommender 1", bytes([person]), 0))
        notice = SafetyNotice(person, START_NS, NoticeKind.SUPPORT, SafetyCause.RED_FLAG, f"How are you, {person}?")
        answer = SafetyAnswer("same", person, NoticeResponse.SAFE, 0, START_NS)
        mine.save_safety(f"record {person}", START_NS, notice, answer)
        mine.save_safety_plan(SafetyPlan(warning_signs=(f"of {person}",)))
    for person in (1, 2):
        mine = store.of(person)
        assert [each.suggestion_id for each in mine.list_suggestions(limit=9, before=None).suggestions] == [person]
        assert [each.decision_id for each in mine.decisions_since(0, synthetic=False, most=9)] == [person]
        assert sorted(mine.decision_contexts([1, 2])) == [person]
        said, asked = mine.response_of("same"), mine.requested_suggestion("same")
        assert (said and said.suggestion_id, asked) == (person, person)
        learnt = mine.learning(synthetic=False)
        assert learnt is not None
        assert learnt.state == bytes([person])
        stored = mine.safety()
        assert (stored.watch, stored.plan) == (f"record {person}", SafetyPlan(warning_signs=(f"of {person}",)))
        assert [each.notice_id for each in stored.open_notices] == [person]
        assert [each.notice_id for each in stored.answers] == [person]
        with pytest.raises(NotFoundError):
            mine.suggestion(3 - person)
        with pytest.raises(NotFoundError):
            mine.safety_notice(3 - person)
        assert (mine.last_suggestion_id(), mine.last_decision_id(), stored.last_notice_id) == (2, 2, 2)
    store.of(1).save_suggestion(replace(suggestion(2), title="stolen"))
    assert store.of(2).suggestion(2).title == suggestion(2).title
    assert store.of(0).list_suggestions(limit=9, before=None).suggestions == ()


def test_states_are_listed_and_merged_for_each_person(store: Store) -> None:
    store.append_states([replace(state(number), profile_id=1 + number % 2) for number in range(1, 121)])
    everybody = store.list_states(start_ns=None, end_ns=None, resolution_ns=0, limit=200, before=None)
    assert [each.profile_id for each in everybody.states[:4]] == [1, 2, 1, 2]
    for person in (1, 2):
        ours = store.list_states(start_ns=None, end_ns=None, resolution_ns=0, limit=7, before=None, profile_id=person)
        assert [each.sequence for each in ours.states] == [121 - person - 2 * place for place in range(7)]
        spans = store.list_states(
            start_ns=None, end_ns=None, resolution_ns=MINUTE_NS, limit=9, before=None, profile_id=person
        )
        assert sum(each.state_count for each in spans.states) == 60
        assert {each.profile_id for each in spans.states} == {person}
    merged = store.list_states(start_ns=None, end_ns=None, resolution_ns=MINUTE_NS, limit=9, before=None)
    assert sum(each.state_count for each in merged.states) == 120
    assert {each.profile_id for each in merged.states if each.state_count > 1} == {0}, "of several people: nobody's"
    store.downsample(START_NS + 30 * DAY_NS)
    aged = store.list_states(start_ns=None, end_ns=None, resolution_ns=0, limit=200, before=None).states
    assert {each.profile_id for each in aged} == {1, 2}
    assert len(aged) <= 6
    assert sum(each.state_count for each in aged) == 120
