"""Many states as one: the SQL that averages a span of states into a single row. Floor 1.

The emotion is the one that held for the most states, the abstention included, so that a minute in which the device mostly
could not tell reads as unknown. Probabilities, valence and arousal are the means over the states that were known, or over
all where none was; confidence is the mean over those that held the emotion. A modality's weight and quality are means over
all, its probabilities over the states in which it spoke. A state that is itself merged counts as often as the states in it.
Numbers and times are those of the newest state, which therefore names the whole.
"""

from __future__ import annotations

from ertedge.store.rows import (
    EMOTION_CODES,
    HEAD_COLUMNS,
    MODALITIES,
    PROBABILITY_COLUMNS,
    REASON_BITS,
    Row,
    share_columns,
)
from ertedge.types import Emotion

_UNKNOWN = EMOTION_CODES.index(Emotion.UNKNOWN)
_KNOWN = f"FILTER (WHERE emotion != {_UNKNOWN})"


def merge_query(condition: str) -> str:
    """The query that merges the states that meet ``condition`` (SQL, with its own parameters).

    It gives one row; ``merged_row`` makes a row of the table of it.
    """
    # The newest state's own values are joined: bare columns beside aggregates are a row of SQLite's choice.
    newest = ", ".join(f"newest.{column} AS {name}" for name, column in _OF_THE_NEWEST)
    return (
        f"SELECT merged.*, {newest} FROM (SELECT {', '.join(_EXPRESSIONS)} FROM states WHERE {condition}) AS merged"
        " LEFT JOIN states AS newest ON newest.sequence = merged.sequence"
    )


def merged_row(values: Row) -> list[int | None] | None:
    """A row in the order of ``rows.COLUMNS`` from what ``merge_query`` gave; None where no state met the condition."""
    named = dict(zip(_NAMES, values, strict=True))
    if named["sequence"] is None:
        return None
    counts = [named[f"count_{code}"] or 0 for code in range(len(EMOTION_CODES))]
    emotion = counts.index(max(counts))
    still = emotion == named["newest_emotion"]
    named |= {
        "emotion": emotion,
        "since_ns": named["since_ns"] if still else named["timestamp_ns"],
        "confidence": named[f"confidence_{emotion}"] or 0,
        "reasons": (named["reasons"] or 0) if emotion == _UNKNOWN else 0,
    }
    return [named[column] for column in (*HEAD_COLUMNS, *_SHARE_NAMES)]


def _mean(column: str, among: str = "") -> str:
    """The mean of ``column``, each state counting ``state_count`` times; NULL where the column is NULL throughout."""
    weighted = f"SUM({column} * state_count) {among}"
    count = f"SUM(CASE WHEN {column} IS NULL THEN 0 ELSE state_count END) {among}"
    return f"CAST(ROUND({weighted} * 1.0 / {count}) AS INTEGER)"


def _any_bit(column: str) -> str:
    """The union of sets of bits; SQLite has no aggregate for it."""
    return " + ".join(f"(MAX({column} >> {place} & 1) << {place})" for place in range(len(REASON_BITS)))


def _expressions() -> list[tuple[str, str]]:
    """(name, SQL) of each column that is made of all states of a span."""
    expressions = [("sequence", "MAX(sequence)"), ("synthetic", "MAX(synthetic)"), ("state_count", "SUM(state_count)")]
    expressions += [
        (column, f"COALESCE({_mean(column, _KNOWN)}, {_mean(column)})")
        for column in ("valence", "arousal", *PROBABILITY_COLUMNS)
    ]
    expressions.append(("reasons", _any_bit("reasons")))
    for code in range(len(EMOTION_CODES)):
        held = f"FILTER (WHERE emotion = {code})"
        expressions.append((f"count_{code}", f"SUM(state_count) {held}"))
        expressions.append((f"confidence_{code}", _mean("confidence", held)))
    for modality in MODALITIES:
        weight, quality, reasons, *said = share_columns(modality)
        expressions += [(column, _mean(column)) for column in (weight, quality, *said)]
        expressions.append((reasons, _any_bit(reasons)))
    return expressions


_SHARE_NAMES = tuple(name for modality in MODALITIES for name in share_columns(modality))
_OF_THE_NEWEST = (
    ("wall_time_ns", "wall_time_ns"),
    ("timestamp_ns", "timestamp_ns"),
    ("since_ns", "since_ns"),
    ("newest_emotion", "emotion"),
)
_EXPRESSIONS = tuple(f"{sql} AS {name}" for name, sql in _expressions())
_NAMES = (*(name for name, _ in _expressions()), *(name for name, _ in _OF_THE_NEWEST))
