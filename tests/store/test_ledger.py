"""The privacy ledger keeps its order whatever the clock does."""

from __future__ import annotations

from ertedge.store import Store
from tests.store.samples import START_NS


def test_entries_come_back_newest_first_page_by_page(store: Store) -> None:
    for number in range(5):
        store.append_ledger("SENSOR_MUTED", "sensors/camera", f"number {number}", START_NS - number)
    first = store.list_ledger(limit=3, before=None)
    second = store.list_ledger(limit=3, before=first.next_cursor)
    assert [entry.detail for entry in first.entries] == ["number 4", "number 3", "number 2"]
    assert [entry.detail for entry in second.entries] == ["number 1", "number 0"]
    assert second.next_cursor is None
    newest = first.entries[0]
    assert (newest.event, newest.subject, newest.wall_time_ns) == ("SENSOR_MUTED", "sensors/camera", START_NS - 4)


def test_an_empty_ledger_has_one_empty_page(store: Store) -> None:
    page = store.list_ledger(limit=3, before=None)
    assert (page.entries, page.next_cursor) == ((), None)
