"""Logs as columns of numbers in one compressed file: tens of bytes a decision. Host side only.

Words (ids, titles, reasons) stand once in a table and are referred to by number. Everything is a plain numpy array, so the
file is read without executing anything of it.
"""

from __future__ import annotations

import math
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import fields
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import (
    AffectSummary,
    DecisionContext,
    Emotion,
    QuestionnaireScores,
    Suggestion,
    SuggestionStatus,
    Trigger,
)
from tools.cohort.records import LoggedDecision, PersonLog

FORMAT = 1
SUGGESTION_WORDS: dict[str, type[str]] = {
    "activity_id": str,
    "title": str,
    "reason": str,
    "trigger": Trigger,
    "emotion": Emotion,
    "status": SuggestionStatus,
}
"""The fields of a suggestion that are words, and what they are in the record."""
SUGGESTION_NUMBERS = tuple(f.name for f in fields(Suggestion) if f.name not in SUGGESTION_WORDS)
AFFECT_VECTORS = ("probabilities", "probability_sd", "probability_trend")
AFFECT_NUMBERS = tuple(f.name for f in fields(AffectSummary) if f.name not in (*AFFECT_VECTORS, "emotion"))
CONTEXT_NUMBERS = ("wall_time_ns", "day", "hour", "weekday")
SCORE_NUMBERS = ("depression", "anxiety", "stress", "wall_time_ns")
WHOLE = ("suggestion_id", "decision_id", "activity_version", "helpfulness", "day", "weekday")
TRUE_OR_FALSE = ("synthetic",)

Array = NDArray[np.generic]


def write(path: Path, logs: Sequence[PersonLog]) -> None:
    """See ``tools.cohort.records.save_logs``."""
    words = _Words()
    suggestions = [suggestion for log in logs for suggestion in log.suggestions]
    decisions = [decision for log in logs for decision in log.decisions]
    arrays: dict[str, Array] = {"format": np.array(FORMAT)}
    arrays["people"] = np.array([log.person for log in logs], dtype=np.str_)
    arrays["suggestion_count"] = np.array([len(log.suggestions) for log in logs], dtype=np.int64)
    arrays["decision_count"] = np.array([len(log.decisions) for log in logs], dtype=np.int64)
    for name in SUGGESTION_NUMBERS:
        arrays[f"suggestion.{name}"] = _numbers(name, (getattr(s, name) for s in suggestions))
    for name in SUGGESTION_WORDS:
        arrays[f"suggestion.{name}"] = words.numbers(getattr(s, name) for s in suggestions)
    arrays |= _decision_arrays(logs, decisions, words)
    arrays["words"] = np.array(words.all, dtype=np.str_)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # the stub takes allow_pickle for an array
    except OSError as error:
        raise ConfigurationError([f"cannot be written: {error}"], str(path)) from None


def _decision_arrays(logs: Sequence[PersonLog], decisions: Sequence[LoggedDecision], words: _Words) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    contexts = [decision.context for decision in decisions]
    arrays["decision.suggestion"] = np.array(_places(logs), dtype=np.int64)
    arrays["decision.history_length"] = np.array([d.history_length for d in decisions], dtype=np.int64)
    arrays["decision.true_helpfulness"] = np.array([d.true_helpfulness for d in decisions], dtype=np.float64)
    for name in CONTEXT_NUMBERS:
        arrays[f"context.{name}"] = _numbers(name, (getattr(c, name) for c in contexts))
    for name in AFFECT_NUMBERS:
        arrays[f"affect.{name}"] = _numbers(name, (getattr(c.affect, name) for c in contexts))
    for name in AFFECT_VECTORS:
        vectors = [getattr(c.affect, name) for c in contexts]
        arrays[f"affect.{name}"] = np.array(vectors, dtype=np.float32).reshape(len(contexts), -1)
    arrays["affect.emotion"] = words.numbers(c.affect.emotion for c in contexts)
    scores = [c.scores or QuestionnaireScores(-1, -1, -1, 0) for c in contexts]
    for name in SCORE_NUMBERS:
        arrays[f"scores.{name}"] = np.array([getattr(s, name) for s in scores], dtype=np.int64)
    ids = sorted({activity_id for d in decisions for activity_id in d.eligible})
    place = {activity_id: i for i, activity_id in enumerate(ids)}
    eligible = np.zeros((len(decisions), len(ids)), dtype=bool)
    for row, decision in enumerate(decisions):
        eligible[row, [place[activity_id] for activity_id in decision.eligible]] = True
    arrays["eligible.ids"] = words.numbers(ids)
    arrays["eligible"] = np.packbits(eligible, axis=1)
    return arrays


def _places(logs: Sequence[PersonLog]) -> list[int]:
    """Where each decision's suggestion stands among all suggestions. Raises ``ValueError`` where it does not."""
    places: list[int] = []
    before = 0
    for log in logs:
        place = {suggestion.suggestion_id: before + i for i, suggestion in enumerate(log.suggestions)}
        try:
            places += [place[decision.suggestion.suggestion_id] for decision in log.decisions]
        except KeyError as error:
            raise ValueError(f"{log.person}: suggestion {error} of a decision is not among the suggestions") from None
        before += len(log.suggestions)
    return places


class _Words:
    """Gives every word a number, in the order in which they come."""

    def __init__(self) -> None:
        self._place: dict[str, int] = {}

    @property
    def all(self) -> list[str]:
        return list(self._place)

    def numbers(self, given: Iterable[str]) -> NDArray[np.int32]:
        return np.array([self._place.setdefault(str(word), len(self._place)) for word in given], dtype=np.int32)


def _numbers(name: str, values: Iterable[float | None]) -> Array:
    given = list(values)
    if name.endswith("_ns") or name in WHOLE:
        return np.array(given, dtype=np.int64)
    if name in TRUE_OR_FALSE:
        return np.array(given, dtype=bool)
    return np.array([np.nan if value is None else value for value in given], dtype=np.float64)


def read(path: Path) -> list[PersonLog]:
    """See ``tools.cohort.records.load_logs``."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if int(arrays["format"]) != FORMAT:
            raise ConfigurationError([f"is of format {arrays['format']}; this version reads {FORMAT}"], str(path))
        return _people(arrays)
    except (OSError, KeyError, ValueError, IndexError, TypeError, zipfile.BadZipFile) as error:
        what = f"is no log of python -m tools.cohort ({error}); simulate it again"
        raise ConfigurationError([what], str(path)) from None


def _people(arrays: dict[str, Array]) -> list[PersonLog]:
    words: list[str] = arrays["words"].tolist()
    suggestions = _suggestions(arrays, words)
    decisions = _decisions(arrays, words, suggestions)
    logs: list[PersonLog] = []
    first = at = 0
    counts = zip(arrays["suggestion_count"].tolist(), arrays["decision_count"].tolist(), strict=True)
    for person, (suggestion_count, decision_count) in zip(arrays["people"].tolist(), counts, strict=True):
        mine = tuple(suggestions[first : first + suggestion_count])
        logs.append(PersonLog(person, mine, tuple(decisions[at : at + decision_count])))
        first, at = first + suggestion_count, at + decision_count
    return logs


def _suggestions(arrays: dict[str, Array], words: list[str]) -> list[Suggestion]:
    columns = {name: arrays[f"suggestion.{name}"].tolist() for name in SUGGESTION_NUMBERS}
    for name in ("valence_after", "arousal_after"):
        columns[name] = [None if math.isnan(value) else value for value in columns[name]]
    for name, kind in SUGGESTION_WORDS.items():
        columns[name] = _known(arrays[f"suggestion.{name}"], words, kind)
    names = tuple(columns)
    return [Suggestion(**dict(zip(names, row, strict=True))) for row in zip(*columns.values(), strict=True)]


def _known(numbers: Array, words: list[str], kind: type[str]) -> list[str]:
    table = {int(i): kind(words[int(i)]) if issubclass(kind, StrEnum) else words[int(i)] for i in np.unique(numbers)}
    return [table[i] for i in numbers.tolist()]


def _decisions(arrays: dict[str, Array], words: list[str], suggestions: list[Suggestion]) -> list[LoggedDecision]:
    affects = _affects(arrays, words)
    ids = np.array([words[i] for i in arrays["eligible.ids"].tolist()], dtype=np.str_)
    eligible = np.unpackbits(arrays["eligible"].astype(np.uint8), axis=1, count=len(ids)).astype(bool)
    # Most decisions share one set of eligible activities; each set is spelled out once.
    sets, place = np.unique(eligible, axis=0, return_inverse=True)
    spelled = [tuple(ids[row].tolist()) for row in sets]
    times = zip(*(arrays[f"context.{name}"].tolist() for name in CONTEXT_NUMBERS), strict=True)
    scores = zip(*(arrays[f"scores.{name}"].tolist() for name in SCORE_NUMBERS), strict=True)
    contexts = [
        DecisionContext(wall, day, hour, weekday, affect, QuestionnaireScores(*score) if score[0] >= 0 else None)
        for (wall, day, hour, weekday), affect, score in zip(times, affects, scores, strict=True)
    ]
    columns = ("history_length", "suggestion", "true_helpfulness")
    rows = zip(*(arrays[f"decision.{name}"].tolist() for name in columns), strict=True)
    return [
        LoggedDecision(context, length, suggestions[suggestion], true, spelled[which])
        for context, (length, suggestion, true), which in zip(contexts, rows, place.ravel().tolist(), strict=True)
    ]


def _affects(arrays: dict[str, Array], words: list[str]) -> list[AffectSummary]:
    columns: dict[str, Sequence[object]] = {n: arrays[f"affect.{n}"].tolist() for n in AFFECT_NUMBERS}
    columns |= {name: list(arrays[f"affect.{name}"].astype(np.float32)) for name in AFFECT_VECTORS}
    columns["emotion"] = _known(arrays["affect.emotion"], words, Emotion)
    order = tuple(f.name for f in fields(AffectSummary))
    return [AffectSummary(*row) for row in zip(*(columns[name] for name in order), strict=True)]  # type: ignore[arg-type]
