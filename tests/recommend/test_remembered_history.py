"""The remembered history equals the table made anew, whatever changed since the last decision; who forgets keeps none."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from ertedge.recommend import remembered_history
from ertedge.recommend.activity_features import ActivityTable
from ertedge.recommend.encoding import REMEMBERED, HistoryTable
from ertedge.recommend.recommender import Recommender
from ertedge.recommend.remembered_history import RememberedHistory
from ertedge.types import Suggestion, SuggestionStatus
from tests.recommend.model_fakes import FakeEntry, FakeGraph
from tests.recommend.worlds import activities, context_at, suggestion

CATALOGUE = activities(12)
IDS = tuple(each.activity_id for each in CATALOGUE)
TABLE = ActivityTable.of(CATALOGUE, IDS)
PAST = [suggestion(i + 1, 12.0 * i, IDS[i % 12], helpfulness=i % 6) for i in range(REMEMBERED + 30)]
OTHERS = [suggestion(i + 1001, 12.0 * i, IDS[i % 5], helpfulness=3) for i in range(20)]
CHANGED = [*PAST[:7], replace(PAST[7], status=SuggestionStatus.DISMISSED), *PAST[8:20]]


def assert_same(found: HistoryTable, expected: HistoryTable) -> None:
    for each in fields(HistoryTable):
        one, other = getattr(found, each.name), getattr(expected, each.name)
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


@pytest.mark.parametrize(
    "histories",
    [
        [PAST[:20], PAST[:20], PAST[:21], PAST[:40]],
        [PAST[:20], PAST[:5], PAST[:20]],
        [PAST[:20], CHANGED, PAST[:20]],
        [PAST[:20], PAST[3:25], PAST[30:35], []],
        [PAST[:20], OTHERS, PAST[:20]],
        [PAST[:REMEMBERED], PAST[: REMEMBERED + 1], PAST],
        [[], PAST[:1], PAST[1:2]],
    ],
)
def test_it_is_the_table_made_anew(histories: list[list[Suggestion]]) -> None:
    remembered = RememberedHistory(TABLE)
    for history in histories:
        assert_same(remembered.table(history), HistoryTable.of(history[-REMEMBERED:], TABLE))


def test_only_what_is_new_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    class Counting(HistoryTable):
        @classmethod
        def of(cls, suggestions: object, table: ActivityTable) -> HistoryTable:
            assert isinstance(suggestions, tuple)
            made.append(len(suggestions))
            return HistoryTable.of(suggestions, table)

    monkeypatch.setattr(remembered_history, "HistoryTable", Counting)
    remembered = RememberedHistory(TABLE)
    for history in (PAST[:100], PAST[:100], PAST[:101], PAST[: REMEMBERED + 2], PAST[: REMEMBERED + 3]):
        remembered.table(history)
    assert made == [0, 100, 1, REMEMBERED + 2 - 101, 1]


def test_who_forgets_keeps_no_suggestion() -> None:
    one = Recommender(FakeGraph(), FakeEntry(), CATALOGUE)
    one.forecast(context_at(24.0 * 200), PAST[:50], CATALOGUE)
    held = one._history
    one.forget()
    assert one._history is not held
    assert len(one._history.table([])) == 0
