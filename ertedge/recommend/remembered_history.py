"""The table of one person's history, kept from one decision to the next. Floor 1; imports only words.

A decision needs the last few hundred suggestions as arrays, and since the decision before it one or two have changed or are
new. What was made of the others is used again.
"""

from __future__ import annotations

from collections.abc import Sequence

from ertedge.recommend.activity_features import ActivityTable
from ertedge.recommend.encoding import REMEMBERED, HistoryTable
from ertedge.types import Suggestion


class RememberedHistory:
    """Tables of histories over the activities of ``table``. It belongs to one person and one thread."""

    def __init__(self, table: ActivityTable) -> None:
        self._activities = table
        self._suggestions: tuple[Suggestion, ...] = ()
        self._table = HistoryTable.of((), table)

    def table(self, history: Sequence[Suggestion]) -> HistoryTable:
        """The last ``REMEMBERED`` of ``history``, which is in the order of time."""
        wanted = tuple(history[-REMEMBERED:])
        first, end = _shared(self._suggestions, wanted)
        kept, new = self._table.part(first, end), wanted[end - first :]
        self._table = kept.followed_by(HistoryTable.of(new, self._activities)) if new else kept
        self._suggestions = wanted
        return self._table


def _shared(old: Sequence[Suggestion], new: Sequence[Suggestion]) -> tuple[int, int]:
    """The part of ``old`` that ``new`` begins with, as first and end. Suggestions never change, what becomes of one is a new
    record, so it is enough to look whether they are the same."""
    first = next((place for place, each in enumerate(old) if new and each is new[0]), len(old))
    end = first
    for one, other in zip(old[first:], new, strict=False):
        if one is not other:
            break
        end += 1
    return first, end
