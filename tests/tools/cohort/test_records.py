"""Logs survive their files, and a device's export becomes the same records."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from ertedge.types import (
    AffectSummary,
    Candidate,
    Decision,
    DecisionContext,
    Emotion,
    QuestionnaireScores,
    SilenceReason,
    Suggestion,
    SuggestionStatus,
    Trigger,
)
from tools.cohort import exports
from tools.cohort.records import LoggedDecision, PersonLog, load_logs, save_logs

HOUR_NS = 3_600_000_000_000


def affect() -> AffectSummary:
    probabilities = np.array([0.2, 0.1, 0.5, 0.05, 0.1, 0.03, 0.02], dtype=np.float32)
    zeros = np.zeros(7, dtype=np.float32)
    return AffectSummary(
        10.0, 0.8, probabilities, zeros + 0.1, zeros, -0.4, 0.1, 0.0, -0.1, 0.1, 0.01, 0.6, Emotion.SADNESS, 4.0, True
    )


def context(number: int) -> DecisionContext:
    scores = QuestionnaireScores(14, 8, 20, 5) if number % 2 else None
    return DecisionContext(number * HOUR_NS, 740_000, 9.5, 2, affect(), scores)


def suggestion(number: int) -> Suggestion:
    return Suggestion(
        suggestion_id=number,
        decision_id=number + 10,
        wall_time_ns=number * HOUR_NS,
        expire_wall_time_ns=number * HOUR_NS + 1,
        activity_id=f"activity-{number % 2}",
        activity_version=1,
        title="A title",
        minutes=5.0,
        reason="",
        trigger=Trigger.CHECK_IN,
        propensity=0.25,
        expected_helpfulness=0.3,
        expected_sd=0.2,
        emotion=Emotion.SADNESS,
        valence_before=-0.4,
        arousal_before=-0.1,
        status=SuggestionStatus.COMPLETED if number % 2 else SuggestionStatus.EXPIRED,
        helpfulness=4 if number % 2 else 0,
        valence_after=0.1 if number % 2 else None,
        arousal_after=0.0 if number % 2 else None,
        synthetic=True,
    )


def log(person: str, first: int, count: int) -> PersonLog:
    suggestions = tuple(suggestion(first + i) for i in range(count))
    decisions = tuple(
        LoggedDecision(context(first + i), i, suggestions[i], 0.1 * i, ("activity-0", "activity-1")[: 1 + i % 2])
        for i in range(count)
    )
    return PersonLog(person, suggestions, decisions)


def same_context(one: DecisionContext, other: DecisionContext) -> bool:
    vectors = [(c.affect.probabilities, c.affect.probability_sd, c.affect.probability_trend) for c in (one, other)]
    return np.array_equal(vectors[0], vectors[1]) and repr(without_vectors(one)) == repr(without_vectors(other))


def without_vectors(of: DecisionContext) -> DecisionContext:
    none = np.zeros(0, dtype=np.float32)
    plain = replace(of.affect, probabilities=none, probability_sd=none, probability_trend=none)
    return replace(of, affect=plain)


def test_logs_are_read_as_they_were_written(tmp_path: Path) -> None:
    logs = [log("a", 1, 3), log("b", 4, 4), PersonLog("nobody", (), ())]
    save_logs(tmp_path / "log.npz", logs)
    found = load_logs(tmp_path / "log.npz")
    assert [one.person for one in found] == ["a", "b", "nobody"]
    for one, other in zip(logs, found, strict=True):
        assert one.suggestions == other.suggestions
        for expected, got in zip(one.decisions, other.decisions, strict=True):
            assert same_context(expected.context, got.context)
            assert expected.suggestion == got.suggestion
            assert (expected.history_length, expected.eligible) == (got.history_length, got.eligible)
            assert got.true_helpfulness == pytest.approx(expected.true_helpfulness)


def test_a_decision_without_its_suggestion_is_refused(tmp_path: Path) -> None:
    whole = log("a", 1, 2)
    with pytest.raises(ValueError, match="not among the suggestions"):
        save_logs(tmp_path / "log.npz", [replace(whole, suggestions=whole.suggestions[:1])])


@pytest.mark.parametrize("name", ["log.npz", "log.jsonl", "log.txt"])
def test_a_file_that_is_no_log_says_so(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("nonsense\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"log\.(npz|jsonl|txt)"):
        load_logs(tmp_path / name)


def test_a_missing_log_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="simulate"):
        load_logs(tmp_path / "none.npz")


def decision(number: int, *, chosen: bool = True) -> Decision:
    candidates = tuple(Candidate(f"activity-{i}", 0.5, 0.2, 0.1, 0.6) for i in (1, 0))
    return Decision(
        decision_id=number + 10,
        context=context(number),
        trigger=Trigger.CHECK_IN,
        offer_propensity=0.5,
        candidates=candidates,
        chosen=f"activity-{number % 2}" if chosen else "",
        silence=None if chosen else SilenceReason.CHANCE,
        policy="policy",
        model="model",
    )


@pytest.mark.parametrize("name", ["export.jsonl", "export.jsonl.gz"])
def test_an_export_becomes_a_log(tmp_path: Path, name: str) -> None:
    open_one = replace(suggestion(4), status=SuggestionStatus.STARTED)
    records = [decision(n, chosen=n != 3) for n in (2, 1, 3, 4)] + [suggestion(2), suggestion(1), open_one]
    exports.write(tmp_path / name, [("p1", record) for record in records])
    (found,) = load_logs(tmp_path / name)
    assert found.person == "p1"
    assert found.suggestions == (suggestion(1), suggestion(2))
    assert [d.suggestion.suggestion_id for d in found.decisions] == [1, 2]
    assert [d.history_length for d in found.decisions] == [0, 1]
    assert all(math.isnan(d.true_helpfulness) for d in found.decisions)
    assert found.decisions[0].eligible == ("activity-0", "activity-1")
    assert same_context(found.decisions[0].context, context(1))


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"record": "note"}, "line 1: record is 'note'"),
        ({"emotion": "joy"}, "emotion"),
        ({"minutes": "five"}, "minutes: 'five' is no float"),
        ({"colour": "red"}, "has no colour"),
        ({"helpfulness": 4.5}, "helpfulness"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, change: dict[str, object], what: str) -> None:
    path = tmp_path / "export.jsonl"
    exports.write(path, [("p1", suggestion(1))])
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change) + "\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=what):
        load_logs(path)


def test_a_choice_without_its_suggestion_is_a_fault(tmp_path: Path) -> None:
    exports.write(tmp_path / "export.jsonl", [("p1", decision(1))])
    with pytest.raises(ConfigurationError, match="decision 11 of p1"):
        load_logs(tmp_path / "export.jsonl")
