"""Logs of real devices as JSON lines. Host side only.

One object a line, each a record of ``ertedge.types`` with its field names, and beside them ``person`` (any name that tells
one person's lines from another's; "device" where it is missing) and ``record``::

    {"record": "decision", "person": "p1", "decision_id": 7, "context": {"wall_time_ns": ..., "affect": {...}, ...}, ...}
    {"record": "suggestion", "person": "p1", "suggestion_id": 3, "decision_id": 7, "activity_id": "...", ...}

Emotions, triggers and states are their words, vectors are lists in the order of ``EMOTIONS``, and what is None may be left
out. Lines come in any order; ``.jsonl.gz`` is read too. A decision that stayed silent is skipped, since nothing was learnt
from it; so is a suggestion that is still open. What a suggestion was chosen among are the candidates of its decision.
"""

from __future__ import annotations

import gzip
import json
import types
from collections.abc import Iterator, Sequence
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import numpy as np

from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS, Decision, Float32Array, Suggestion
from tools.cohort.records import LoggedDecision, PersonLog

Record = TypeVar("Record")
FAULTS_SHOWN = 10


def read(path: Path) -> list[PersonLog]:
    """The people of a file, sorted by name. Raises ``ConfigurationError`` with the lines that are wrong."""
    suggestions: dict[str, list[Suggestion]] = {}
    decisions: dict[str, list[Decision]] = {}
    faults: list[str] = []
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            if not isinstance(record, dict):
                raise TypeError("is no JSON object")
            person = str(record.pop("person", "device"))
            kind = record.pop("record", None)
            if kind == "suggestion":
                suggestions.setdefault(person, []).append(decode(Suggestion, record))
            elif kind == "decision":
                decisions.setdefault(person, []).append(decode(Decision, record))
            else:
                raise ValueError(f"record is {kind!r}, not 'decision' or 'suggestion'")
        except (ValueError, TypeError) as error:
            faults.append(f"line {number}: {error}")
    if faults or not decisions:
        raise ConfigurationError(faults[:FAULTS_SHOWN] or ["no decision in it"], str(path))
    return [_person(name, suggestions.get(name, []), decisions[name], path) for name in sorted(decisions)]


def _lines(path: Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
            yield from file
    except (OSError, UnicodeDecodeError, EOFError) as error:
        raise ConfigurationError([f"cannot be read: {error}"], str(path)) from None


def _person(name: str, suggestions: list[Suggestion], decisions: list[Decision], path: Path) -> PersonLog:
    closed = sorted((s for s in suggestions if not s.is_open), key=lambda s: (s.wall_time_ns, s.suggestion_id))
    of_decision = {suggestion.decision_id: suggestion for suggestion in suggestions}
    logged: list[LoggedDecision] = []
    for decision in sorted(decisions, key=lambda d: (d.context.wall_time_ns, d.decision_id)):
        if not decision.chosen:
            continue
        suggestion = of_decision.get(decision.decision_id)
        if suggestion is None:
            what = f"decision {decision.decision_id} of {name} chose {decision.chosen}, but its suggestion is missing"
            raise ConfigurationError([what], str(path))
        if not suggestion.is_open:
            known = sum(s.wall_time_ns < decision.context.wall_time_ns for s in closed)
            eligible = tuple(sorted(candidate.activity_id for candidate in decision.candidates))
            logged.append(LoggedDecision(decision.context, known, suggestion, float("nan"), eligible))
    return PersonLog(name, tuple(closed), tuple(logged))


def decode(kind: type[Record], value: Any) -> Record:
    """A JSON value as ``kind``: a record, a word of an enumeration, a tuple, a number or a vector.

    Raises ``ValueError`` or ``TypeError`` that names the field.
    """
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    hints = get_type_hints(kind)
    own = {field.name: field for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := set(value) - set(own):
        raise ValueError(f"{kind.__name__} has no {', '.join(sorted(unknown))}")
    given: dict[str, Any] = {}
    for name, field in own.items():
        if name in value:
            try:
                given[name] = _value(hints[name], value[name])
            except (ValueError, TypeError) as error:
                raise type(error)(f"{name}: {error}") from None
        elif type(None) in get_args(hints[name]):
            given[name] = None
        elif field.default is MISSING:
            raise ValueError(f"{kind.__name__} lacks {name}")
    return kind(**given)


def _value(hint: Any, value: Any) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        others = [kind for kind in get_args(hint) if kind is not type(None)]
        return None if value is None else _value(others[0], value)
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError(f"{value!r} is no list")
        return tuple(_value(get_args(hint)[0], item) for item in value)
    if origin is np.ndarray:
        return _vector(value)
    if isinstance(hint, type) and is_dataclass(hint):
        return decode(hint, value)
    return _single(hint, value)


def _vector(value: Any) -> Float32Array:
    vector = np.asarray(value, dtype=np.float32)
    if vector.shape != (len(EMOTIONS),) or not np.isfinite(vector).all():
        raise ValueError(f"is not {len(EMOTIONS)} numbers")
    return vector


def _single(hint: Any, value: Any) -> Any:
    if issubclass(hint, StrEnum):
        return hint(value)
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    if type(value) is not hint:
        raise TypeError(f"{value!r} is no {hint.__name__}")
    return value


def write(path: Path, records: Sequence[tuple[str, Decision | Suggestion]]) -> None:
    """Write (person, record) pairs as lines. Raises ``ConfigurationError`` when the file cannot be written."""
    try:
        with (
            gzip.open(path, "wt", encoding="utf-8")
            if path.suffix == ".gz"
            else path.open("w", encoding="utf-8") as file
        ):
            for person, record in records:
                kind = "decision" if isinstance(record, Decision) else "suggestion"
                file.write(json.dumps({"record": kind, "person": person} | _plain(record)) + "\n")
    except OSError as error:
        raise ConfigurationError([f"cannot be written: {error}"], str(path)) from None


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value.astype(float).tolist() if isinstance(value, np.ndarray) else value
