"""``suggest`` and ``suggestions``: asking, answering, listing, judging and forgetting, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ertedge.ctl.suggestions.words import (
    CONDITION,
    DONE,
    FAMILY,
    STATUS,
    minutes_text,
    reviewed_text,
    suggestion_line,
)
from ertedge.ctl.watch import notice_line
from ertedge.rpc.suggestions_client import PolicyEstimate
from ertedge.types import (
    ActivityFamily,
    HealthCondition,
    RedFlag,
    ResponseKind,
    SuggestionStatus,
)
from tests.ctl.conftest import Answer, ctl
from tests.ctl.served import ServedHouse, in_terminal, served_house
from tests.ctl.suggestion_samples import activity, notice, quick, reviewed, suggestion
from tests.rpc.house import House


@pytest.fixture
def served(tmp_path: Path) -> Iterator[ServedHouse]:
    with served_house(tmp_path, quick()) as made:
        yield made


def objects(answer: Answer) -> list[dict[str, Any]]:
    assert (answer.status, answer.err) == (0, "")
    return [json.loads(line) for line in answer.out.splitlines()]


def test_asking_shows_what_why_and_how_to_go_on(served: ServedHouse) -> None:
    answer = served.ctl("suggest")
    assert (answer.status, answer.err) == (0, "")
    for text in ("Slow breathing", "1 min", "You asked", "not yet reviewed", "ertedge-ctl guide slow-breathing"):
        assert text in answer.out
    assert "ertedge-ctl suggestions respond 1 snooze" in answer.out


def test_asking_as_json_is_one_object_with_its_propensity(served: ServedHouse) -> None:
    (made,) = objects(served.ctl("--json", "suggest"))
    assert made["trigger"] == "request"
    assert made["status"] == "offered"
    assert 0 < made["propensity"] <= 1
    assert made["reason"]
    assert made["valence_after"] is None


def test_every_answer(served: ServedHouse) -> None:
    for answers in (("accept", "start", "complete"), ("snooze", "dismiss"), ("dismiss",)):
        (made,) = objects(served.ctl("--json", "suggest"))
        for kind in answers:
            answer = served.ctl("suggestions", "respond", str(made["id"]), kind)
            assert (answer.status, answer.err) == (0, "")
            assert answer.out.startswith(DONE[ResponseKind(kind)].rstrip("."))
    found = [each["status"] for each in objects(served.ctl("--json", "suggestions", "list"))]
    assert found == ["dismissed", "dismissed", "completed"]


def test_rating_and_snoozing_with_numbers(served: ServedHouse) -> None:
    (made,) = objects(served.ctl("--json", "suggest"))
    number = str(made["id"])
    (snoozed,) = objects(served.ctl("--json", "suggestions", "respond", number, "snooze", "--minutes", "90"))
    assert snoozed["snooze_until_time"] > made["time"]
    assert "in 90 min" in served.ctl("suggestions", "respond", number, "snooze", "--minutes", "90").out
    (done,) = objects(served.ctl("--json", "suggestions", "respond", number, "complete", "--helpfulness", "5"))
    assert (done["status"], done["helpfulness"]) == ("completed", 5)
    (rated,) = objects(served.ctl("--json", "suggestions", "respond", number, "rate", "--helpfulness", "2"))
    assert rated["helpfulness"] == 2


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("1", "rate"), "rate needs --helpfulness, 1 to 5"),
        (("1", "accept", "--helpfulness", "3"), "--helpfulness goes with rate or complete, not with accept"),
        (("1", "rate", "--helpfulness", "3", "--minutes", "5"), "--minutes goes with snooze, not with rate"),
        (("1", "rate", "--helpfulness", "6"), "less than or equal to 5"),
        (("1", "hug"), "hug"),
        (("0", "accept"), "ID"),
        (("one", "accept"), "integer"),
    ],
    ids=str,
)
def test_wrong_answers(served: ServedHouse, arguments: tuple[str, ...], text: str) -> None:
    answer = served.ctl("suggestions", "respond", *arguments)
    assert answer.status == 2
    assert answer.out == ""
    assert text in " ".join(answer.err.split())


def test_what_does_not_fit_any_more_and_what_never_was(served: ServedHouse) -> None:
    served.ctl("suggest")
    served.ctl("suggestions", "respond", "1", "dismiss")
    answer = served.ctl("suggestions", "respond", "1", "accept")
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert "ask for a new one" in answer.err
    assert served.ctl("suggestions", "respond", "99", "accept").status == 1


def test_the_list_for_people(served: ServedHouse) -> None:
    assert "ertedge-ctl suggest" in served.ctl("suggestions").out
    served.ctl("suggest")
    served.ctl("suggestions", "respond", "1", "complete", "--helpfulness", "4")
    answer = served.ctl("suggestions", "list", "--limit", "1")
    assert "Slow breathing" in answer.out
    assert "done, helped 4 of 5" in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80


def test_watching_begins_with_what_is_open(served: ServedHouse) -> None:
    served.ctl("suggest")
    (made,) = objects(served.ctl("--json", "suggestions", "watch", "--seconds", "0.5"))
    assert (made["id"], made["status"]) == (1, "offered")
    assert made["sequence"] > 0
    assert served.ctl("suggestions", "watch", "--seconds", "0.5").out.startswith(
        "suggestion 1: Slow breathing (1 min): "
    )


def test_judging_a_log_that_is_too_short_says_so(served: ServedHouse) -> None:
    answer = served.ctl("suggestions", "evaluate", "--since", "7d")
    assert (answer.status, answer.err) == (0, "")
    assert answer.out.startswith("0 decisions, 0 offers, 0 done")
    (counts,) = objects(served.ctl("--json", "suggestions", "evaluate"))
    assert counts["decision_count"] == 0
    assert served.ctl("suggestions", "evaluate", "--since", "ever").status == 2


def test_forgetting(served: ServedHouse) -> None:
    served.ctl("suggest")
    served.ctl("suggestions", "respond", "1", "complete", "--helpfulness", "5")
    assert served.house.recommender.taught
    assert served.ctl("suggestions", "forget").out.startswith("Forgotten.")
    assert not served.house.recommender.taught
    assert objects(served.ctl("--json", "suggestions", "forget")) == [{"forgotten": True}]


def test_while_a_notice_is_open_help_comes_first(served: ServedHouse) -> None:
    async def flag(house: House) -> None:
        house.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS)

    served.inside(flag)
    answer = served.ctl("suggest")
    assert answer.status == 1
    assert answer.err.count("\n") == 1
    assert "safety" in answer.err
    assert "very hard time" in answer.out
    assert "findahelpline" in answer.out
    assert served.ctl("--json", "suggest").out == ""


def test_without_the_recommender_it_says_why(tmp_path: Path) -> None:
    with served_house(tmp_path, quick(), suggests=False) as served:
        answer = served.ctl("suggest")
        assert (answer.status, answer.out) == (1, "")
        assert "recommender.onnx is missing" in answer.err


COMMANDS = (
    ("suggest",),
    ("suggestions",),
    ("suggestions", "watch"),
    ("suggestions", "evaluate"),
    ("guide", "x"),
    ("activities",),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_a_daemon_one_line_says_what_to_do(command: tuple[str, ...], short_path: Path) -> None:
    answer = ctl("--data-dir", str(short_path), *command)
    assert (answer.status, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert "no daemon answers" in answer.err


def test_in_a_terminal_it_asks_at_once(served: ServedHouse) -> None:
    command = ("-m", "ertedge.ctl.main", "--address", served.address)
    for key, said in (("n", "Noted: not this one."), ("l", "It will be offered again in"), ("q", "")):
        with in_terminal(*command, "suggest") as terminal:
            terminal.wait_for("g guide me")
            terminal.press(f"x{key}")
            assert terminal.end() == 0
            assert said in terminal.shown()
            assert terminal.modes == terminal.modes_before
    with in_terminal(*command, "suggest") as terminal:
        terminal.wait_for("g guide me")
        terminal.press("g")
        terminal.wait_for("How much did it help?")
        terminal.press("3")
        assert terminal.end() == 0
    found = [each["status"] for each in objects(served.ctl("--json", "suggestions"))]
    assert found == ["completed", "expired", "snoozed", "dismissed"]


def test_every_word_has_words() -> None:
    assert set(STATUS) == set(SuggestionStatus)
    assert set(FAMILY) == set(ActivityFamily)
    assert set(CONDITION) == set(HealthCondition)
    assert set(DONE) == set(ResponseKind)


@pytest.mark.parametrize(("minutes", "text"), [(0.5, "30 s"), (1, "1 min"), (4.5, "4.5 min"), (12.0, "12 min")])
def test_minutes(minutes: float, text: str) -> None:
    assert minutes_text(minutes) == text


def test_who_reviewed_it_or_that_nobody_did() -> None:
    assert reviewed_text(activity()) == "not yet reviewed by a clinician"
    assert reviewed_text(reviewed(activity())) == "reviewed by Dr. A. Weiss (psychologist)"


def test_lines_of_a_suggestion_and_a_notice() -> None:
    assert suggestion_line(suggestion()).startswith("suggestion 3: Slow breathing (5 min): You have looked sad")
    done = suggestion(SuggestionStatus.COMPLETED, helpfulness=4)
    assert suggestion_line(done) == "suggestion 3: Slow breathing: done, helped 4 of 5"
    taken_back = suggestion(SuggestionStatus.EXPIRED, update_wall_time_ns=suggestion().wall_time_ns + 1)
    assert suggestion_line(taken_back) == "suggestion 3: Slow breathing: taken back"
    ignored = suggestion(SuggestionStatus.EXPIRED, update_wall_time_ns=suggestion().expire_wall_time_ns)
    assert suggestion_line(ignored) == "suggestion 3: Slow breathing: not answered"
    assert notice_line(notice()).startswith("safety notice 1: Some of your answers")
    assert notice_line(notice(open=False)) == "safety notice 1: closed"


def test_estimates_are_a_table(served: ServedHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    from ertedge.core.suggestions import suggestions as core
    from ertedge.core.suggestions.records import SuggestionsEvaluation

    estimate = PolicyEstimate("as logged", "mean", 0.12, 0.02, 0.22, 41, 38.4)
    evaluation = SuggestionsEvaluation((estimate,), 41, 30, 12, "Few decisions; read with care.")
    monkeypatch.setattr(core, "evaluation_of", lambda *_: evaluation)
    out = served.ctl("suggestions", "evaluate").out
    for text in ("41 decisions, 30 offers, 12 done", "as logged", "+0.120", "+0.020 to +0.220", "41 (38)", "with care"):
        assert text in out
    assert [each.get("policy") for each in objects(served.ctl("--json", "suggestions", "evaluate"))] == [
        None,
        "as logged",
    ]
