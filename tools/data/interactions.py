"""A public table of who liked what: a line an interaction, in whatever order of columns and with whatever separator.

Host side only. ``columns`` names the columns in their order: ``user`` and ``item`` are needed, ``rating`` and
``timestamp`` may be missing, any other name is skipped. A first line whose rating or timestamp is no number is a header.
The separator may be several characters (``::``) or ``\\t``; with a single one, fields may be quoted as in CSV.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError

NEEDED = ("user", "item")
NUMBERS = ("rating", "timestamp")
FAULTS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Interactions:
    """n interactions: ``user`` and ``item`` (n,) numbered from 0 in the order of their first line, ``rating`` and
    ``timestamp`` (n,) NaN where the file has none."""

    user: NDArray[np.int64]
    item: NDArray[np.int64]
    rating: NDArray[np.float64]
    timestamp: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.user)

    @property
    def is_timed(self) -> bool:
        """Whether every interaction has a timestamp."""
        return bool(np.isfinite(self.timestamp).all())

    def liked(self, threshold: float) -> Interactions:
        """Those rated at least ``threshold``, all where there are no ratings. Raises ``ConfigurationError`` when none is."""
        keep = np.isnan(self.rating) | (self.rating >= threshold)
        if not keep.any():
            raise ConfigurationError([f"no interaction is rated {threshold:g} or more; give a lower --threshold"])
        return Interactions(self.user[keep], self.item[keep], self.rating[keep], self.timestamp[keep])


def load_interactions(path: Path, columns: Sequence[str], separator: str) -> Interactions:
    """The interactions of a text file. Raises ``ConfigurationError`` with the lines that are wrong."""
    faults = [f"--columns lacks {name}" for name in NEEDED if name not in columns]
    faults += [f"--columns has {name} twice" for name in (*NEEDED, *NUMBERS) if list(columns).count(name) > 1]
    if not separator:
        faults.append("--sep is empty; give the characters between two columns")
    if faults:
        raise ConfigurationError(faults)
    try:
        with path.open(newline="", encoding="utf-8", errors="replace") as file:
            return _read(path, file, tuple(columns), separator.replace("\\t", "\t"))
    except OSError as error:
        raise ConfigurationError([f"cannot be read: {error.strerror}"], str(path)) from None


def _read(path: Path, lines: Iterable[str], columns: tuple[str, ...], separator: str) -> Interactions:
    place = {name: i for i, name in enumerate(columns) if name in (*NEEDED, *NUMBERS)}
    users: dict[str, int] = {}
    items: dict[str, int] = {}
    rows: list[tuple[int, int, float, float]] = []
    faults: list[str] = []
    for number, fields in enumerate(_fields(lines, separator), start=1):
        if not fields:
            continue
        try:
            if len(fields) != len(columns):
                raise ValueError(f"has {len(fields)} columns, not the {len(columns)} of --columns; is --sep right?")
            rating, timestamp = (_number(fields, place, name) for name in NUMBERS)
            user, item = (fields[place[name]].strip() for name in NEEDED)
            if not user or not item:
                raise ValueError("has an empty user or item")
        except ValueError as error:
            if number > 1 or len(fields) != len(columns):
                faults.append(f"line {number} {error}")
            if len(faults) == FAULTS_SHOWN:
                break
            continue
        rows.append((users.setdefault(user, len(users)), items.setdefault(item, len(items)), rating, timestamp))
    if faults or not rows:
        raise ConfigurationError(faults or ["no interaction in it"], str(path))
    user_numbers, item_numbers, ratings, timestamps = zip(*rows, strict=True)
    return Interactions(np.array(user_numbers), np.array(item_numbers), np.array(ratings), np.array(timestamps))


def _fields(lines: Iterable[str], separator: str) -> Iterator[list[str]]:
    if len(separator) == 1:
        yield from csv.reader(lines, delimiter=separator)
    else:
        for line in lines:
            stripped = line.rstrip("\r\n")
            yield stripped.split(separator) if stripped else []


def _number(fields: Sequence[str], place: dict[str, int], name: str) -> float:
    if name not in place:
        return float("nan")
    try:
        value = float(fields[place[name]])
    except ValueError:
        raise ValueError(f"has {fields[place[name]]!r} for a {name}") from None
    if not np.isfinite(value):
        raise ValueError(f"has {fields[place[name]]!r} for a {name}")
    return value
