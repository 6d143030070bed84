"""Many states as one: a span of states summed up by SQL and made a single row. Floor 1.

The emotion is the one that held for the most states, the abstention included, so that a minute in which the device mostly
could not tell reads as unknown. Probabilities, valence and arousal are the means over the states that were known, or over
all where none was; confidence is the mean over those that held the emotion. A modality's weight and quality are means over
the states that have it, its probabilities over those in which it spoke. Reasons are those of any state of the span. A state
that is itself merged counts as often as the states in it. Numbers and times are those of the newest, which names the whole.
Of states of several people the whole is nobody's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlite_utils import Database

from ertedge.store.rows import COLUMNS, EMOTION_CODES, MODALITIES, PROBABILITY_COLUMNS, Row, share_columns
from ertedge.types import Emotion, Modality

_UNKNOWN = EMOTION_CODES.index(Emotion.UNKNOWN)
_AVERAGED = ("valence", "arousal", *PROBABILITY_COLUMNS)
_REASONS = ("reasons", *(share_columns(modality)[2] for modality in MODALITIES))
_NOT_ADDED: dict[str, Callable[[Iterator[int]], int]] = {
    "sequence": max,
    "synthetic": max,
    "profile_least": min,
    "profile_most": max,
}
_NEWEST = ("wall_time_ns", "timestamp_ns", "since_ns", "emotion")


@dataclass(frozen=True, slots=True)
class SpanSums:
    """A span of states summed up, as far as sums of parts of it make the sum of the whole.

    ``sums`` are those of ``_SUMS`` in their order, 0 where nothing was summed up; ``reasons`` the sets of bits that occur,
    of the whole and of each modality; ``newest`` what is taken from the newest state.
    """

    sums: tuple[int, ...]
    reasons: tuple[int, ...]
    newest: tuple[int, ...]

    @property
    def newest_sequence(self) -> int:
        """The number of its newest state."""
        return self.sums[_PLACE["sequence"]]

    def to_text(self) -> str:
        """For the store."""
        return json.dumps([self.sums, self.reasons, self.newest], separators=(",", ":"))

    @classmethod
    def of_text(cls, text: str) -> SpanSums:
        """What ``to_text`` wrote."""
        sums, reasons, newest = json.loads(text)
        return cls(tuple(sums), tuple(reasons), tuple(newest))


def merge(database: Database, condition: str, arguments: Sequence[int]) -> list[int | None] | None:
    """The states that meet ``condition`` (SQL) as one row in the order of ``COLUMNS``; None where there is none."""
    summed = sums_of(database, condition, arguments)
    return None if summed is None else row_of_sums(summed)


def sums_of(database: Database, condition: str, arguments: Sequence[int]) -> SpanSums | None:
    """The states that meet ``condition`` (SQL), summed up; None where there is none."""
    sums = database.execute(f"{_SELECT_SUMS} WHERE {condition}", arguments).fetchone()
    if (sequence := sums[_PLACE["sequence"]]) is None:
        return None
    # SQLite has no union of sets of bits; the sets that occur are few.
    sets = database.execute(f"SELECT DISTINCT {', '.join(_REASONS)} FROM states WHERE {condition}", arguments)
    reasons = _unions(sets.fetchall())
    newest = database.execute(f"SELECT {', '.join(_NEWEST)} FROM states WHERE sequence = ?", [sequence]).fetchone()
    return SpanSums(tuple(value or 0 for value in sums), tuple(reasons), tuple(newest))


def together(parts: Sequence[SpanSums]) -> SpanSums:
    """Spans that have no state in common, as one; there is at least one of them."""
    if len(parts) == 1:
        return parts[0]
    sums = list(map(sum, zip(*(part.sums for part in parts), strict=True)))
    for name, whole in _NOT_ADDED.items():
        sums[_PLACE[name]] = whole(part.sums[_PLACE[name]] for part in parts)
    return SpanSums(
        sums=tuple(sums),
        reasons=tuple(_unions([part.reasons for part in parts])),
        newest=max(parts, key=lambda part: part.newest_sequence).newest,
    )


def row_of_sums(summed: SpanSums) -> list[int | None]:
    """A span as one state, a row in the order of ``COLUMNS``."""
    sums = dict(zip(_SUMS, summed.sums, strict=True))
    return _row(sums, list(summed.reasons), dict(zip(_NEWEST, summed.newest, strict=True)))


def _row(sums: Mapping[str, int], reasons: list[int], newest: Mapping[str, int]) -> list[int | None]:
    counts = [sums[f"count_{code}"] for code in range(len(EMOTION_CODES))]
    emotion = counts.index(max(counts))
    known = "known" if sum(counts[:_UNKNOWN]) else "all"
    row: dict[str, int | None] = {
        "sequence": sums["sequence"],
        "wall_time_ns": newest["wall_time_ns"],
        "timestamp_ns": newest["timestamp_ns"],
        # Where the newest state held another emotion, this one had already ended: it gets no age.
        "since_ns": newest["since_ns"] if emotion == newest["emotion"] else newest["timestamp_ns"],
        "emotion": emotion,
        "confidence": _mean(sums[f"confidence_{emotion}"], counts[emotion]),
        "reasons": reasons[0] if emotion == _UNKNOWN else 0,
        "synthetic": sums["synthetic"],
        "state_count": sums["count_all"],
        "profile_id": sums["profile_most"] if sums["profile_least"] == sums["profile_most"] else 0,
    }
    row |= {column: _mean(sums[f"{column}_{known}"], sums[f"count_{known}"]) for column in _AVERAGED}
    for modality, united in zip(MODALITIES, reasons[1:], strict=True):
        row |= _share(modality, sums, united)
    return [row[column] for column in COLUMNS]


def _share(modality: Modality, sums: Mapping[str, int], united: int) -> dict[str, int | None]:
    weight, quality, reasons, *said = share_columns(modality)
    present, spoken = sums[f"{modality.value}_present"], sums[f"{modality.value}_spoken"]
    means = {column: _mean(sums[column], present) for column in (weight, quality)}
    means |= {column: _mean(sums[column], spoken) for column in said}
    return means | {reasons: united if present else None}


def _mean(total: int, count: int) -> int | None:
    return round(total / count) if count else None


def _unions(rows: Sequence[Row]) -> list[int]:
    united = [0] * len(_REASONS)
    for row in rows:
        united = [bits | (value or 0) for bits, value in zip(united, row, strict=True)]
    return united


def _sums() -> Iterator[tuple[str, str]]:
    """(name, SQL) of what is summed over a span, each state as often as its count. A NULL is left out of a sum."""
    known = f"FILTER (WHERE emotion != {_UNKNOWN})"
    yield "sequence", "MAX(sequence)"
    yield "synthetic", "MAX(synthetic)"
    yield "profile_least", "MIN(profile_id)"
    yield "profile_most", "MAX(profile_id)"
    yield "count_all", "SUM(state_count)"
    yield "count_known", f"SUM(state_count) {known}"
    for column in _AVERAGED:
        yield f"{column}_all", f"SUM({column} * state_count)"
        yield f"{column}_known", f"SUM({column} * state_count) {known}"
    for code in range(len(EMOTION_CODES)):
        held = f"FILTER (WHERE emotion = {code})"
        yield f"count_{code}", f"SUM(state_count) {held}"
        yield f"confidence_{code}", f"SUM(confidence * state_count) {held}"
    for modality in MODALITIES:
        weight, quality, _, *said = share_columns(modality)
        yield f"{modality.value}_present", f"SUM(state_count) FILTER (WHERE {weight} IS NOT NULL)"
        yield f"{modality.value}_spoken", f"SUM(state_count) FILTER (WHERE {said[0]} IS NOT NULL)"
        for column in (weight, quality, *said):
            yield column, f"SUM({column} * state_count)"


_SUMS = tuple(name for name, _ in _sums())
_SELECT_SUMS = f"SELECT {', '.join(sql for _, sql in _sums())} FROM states"
_PLACE = {name: place for place, name in enumerate(_SUMS)}
