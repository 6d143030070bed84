"""What the store answers with. Floor 1; imports only types.

A cursor is a plain integer that belongs to the query it came from: pass it back as ``before`` with every other argument
unchanged. It holds its place while states are added, removed and merged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ertedge.types import EmotionState, Suggestion


@dataclass(frozen=True, slots=True)
class StatePage:
    """States, newest first. ``next_cursor`` is where the next page begins; None on the last."""

    states: tuple[EmotionState, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Something the device did that touches privacy. ``event`` is UPPER_SNAKE; ``detail`` is a sentence for a person."""

    entry_id: int
    wall_time_ns: int
    event: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries of the ledger, newest first. ``next_cursor`` is where the next page begins; None on the last."""

    entries: tuple[LedgerEntry, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class SuggestionPage:
    """Suggestions, newest first. ``next_cursor`` is where the next page begins; None on the last."""

    suggestions: tuple[Suggestion, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class LearningState:
    """What was learnt about the person's taste, or (``synthetic``) the demo person's. ``state`` are bytes that the model of
    that version understands, empty after forgetting; nothing is to be learnt again from suggestions numbered up to
    ``forgotten_id``."""

    synthetic: bool
    wall_time_ns: int
    model: str
    state: bytes
    forgotten_id: int


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Rows of a table as they are written for their person. ``next_cursor`` is where the next page begins; None on the
    last."""

    rows: tuple[dict[str, Any], ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """How large the store is: bytes of its files, bytes free on their disk, and states kept (a merged one counts once)."""

    size_bytes: int
    free_bytes: int
    state_count: int


@dataclass(frozen=True, slots=True)
class Downsampled:
    """What ``downsample`` did: states merged into one a minute, states and ledger entries removed for their age, and
    whether it left some for the next call."""

    merged_count: int
    removed_count: int
    unfinished: bool
