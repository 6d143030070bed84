"""History grows coarser with age, and only what is surely old is touched."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from ertedge.config import StoreSettings
from ertedge.store import Store, retention
from ertedge.store.retention import AGEING, Ageing
from ertedge.types import (
    ConsentReceipt,
    NoticeKind,
    Profile,
    Purpose,
    SafetyCause,
    SafetyNotice,
    SafetyPlan,
)
from tests.store.conftest import SETTINGS
from tests.store.samples import DAY_NS, MINUTE_NS, SECOND_NS, START_NS, state, states


def kept(store: Store) -> list[tuple[int, int]]:
    """(sequence, state_count) of all that is stored, oldest first."""
    page = store.list_states(start_ns=None, end_ns=None, resolution_ns=0, limit=10_000, before=None)
    return [(one.sequence, one.state_count) for one in reversed(page.states)]


def test_the_young_stays_as_it_is(store: Store) -> None:
    store.append_states(states(120))
    done = store.downsample(START_NS + 7 * DAY_NS)
    assert (done.merged_count, done.removed_count, done.unfinished) == (0, 0, False)
    assert len(kept(store)) == 120


def test_the_old_becomes_one_a_minute(store: Store) -> None:
    store.append_states([*states(150, first=0), state(150, wall_time_ns=START_NS + 7 * DAY_NS)])
    done = store.downsample(START_NS + 7 * DAY_NS + 2 * MINUTE_NS + 30 * SECOND_NS)
    assert kept(store) == [(59, 60), (119, 60), *((n, 1) for n in range(120, 151))], "the minute not yet over stays"
    assert done.merged_count == 120
    again = store.downsample(START_NS + 7 * DAY_NS + 2 * MINUTE_NS + 30 * SECOND_NS)
    assert again.merged_count == 0


def test_the_very_old_is_removed_with_its_ledger(store: Store) -> None:
    store.append_states([*states(3), state(4, wall_time_ns=START_NS + 365 * DAY_NS)])
    store.append_ledger("CAMERA_OPENED", "camera", "The camera was opened.", START_NS)
    store.append_ledger("CAMERA_CLOSED", "camera", "The camera was closed.", START_NS + 365 * DAY_NS)
    assert store.downsample(START_NS + 366 * DAY_NS).removed_count == 4
    assert kept(store) == [(4, 1)]
    assert [entry.event for entry in store.list_ledger(limit=9, before=None).entries] == ["CAMERA_CLOSED"]


def test_a_state_stamped_by_a_clock_that_fell_back_is_kept(store: Store) -> None:
    long_ago = [state(n, wall_time_ns=n * SECOND_NS) for n in range(11, 14)]
    store.append_states([*states(10), *long_ago, *states(3, first=14)])
    done = store.downsample(START_NS + DAY_NS)
    assert (done.merged_count, done.removed_count) == (0, 0)
    assert len(kept(store)) == 16


def test_a_long_history_is_worked_off_in_parts(store: Store) -> None:
    store.append_states(states(600, first=0))
    first = store.downsample(START_NS + 8 * DAY_NS, minutes_most=4)
    assert (first.merged_count, first.unfinished) == (240, True)
    assert store.downsample(START_NS + 8 * DAY_NS, minutes_most=6).unfinished is False
    assert kept(store) == [(n * 60 + 59, 60) for n in range(10)]


def test_what_was_removed_can_no_longer_be_found_in_the_files(tmp_path: Path) -> None:
    path = tmp_path / "ertedge.db"
    store = Store.open(path, StoreSettings(free_bytes_least=0, keep_days=1.0))
    store.append_ledger("PROFILE_ENROLLED", "profiles/1", "Marmaduke Featherstonehaugh was enrolled.", START_NS)
    store.append_states([state(1, wall_time_ns=START_NS + 3 * DAY_NS)])
    assert b"Featherstonehaugh" in path.read_bytes() + Path(f"{path}-wal").read_bytes()
    store.downsample(START_NS + 3 * DAY_NS)
    assert b"Featherstonehaugh" not in path.read_bytes() + Path(f"{path}-wal").read_bytes()
    store.close()


@pytest.mark.parametrize("ageing", AGEING, ids=lambda ageing: ageing.table)
def test_each_kind_goes_after_days_of_its_own(store: Store, ageing: Ageing) -> None:
    """An old row, a young one, and one of a clock that had fallen back, of every table that ages."""
    names = [row[1:3] for row in store._database.execute(f"PRAGMA table_info({ageing.table})").fetchall()]
    moments = (START_NS, START_NS + 5 * SECOND_NS, START_NS + 9 * DAY_NS, START_NS, START_NS + 10 * DAY_NS)
    for row, moment_ns in enumerate(moments, 1):
        values: dict[str, object] = {name: FILLED[kind](row) for name, kind in names}
        values |= {"wall_time_ns": moment_ns} | ({"open": 0} if ageing.table == "safety_notices" else {})
        store._database.table(ageing.table).insert(values)
    days = dict.fromkeys(KINDS, 10_000.0)
    set_for = [name for name in KINDS if ageing.days(StoreSettings.model_validate(days | {name: 1.5})) == 1.5]
    assert len(set_for) == 1
    settings = StoreSettings.model_validate(days | {set_for[0]: 1.5, "keep_full_days": 10_000.0})
    retention.downsample(store._database, settings, START_NS + 10 * DAY_NS, 100)
    left = store._database.execute(f"SELECT wall_time_ns FROM {ageing.table} ORDER BY rowid").fetchall()
    assert [row[0] for row in left] == list(moments[2:]), "what came after the young one is as old as its neighbours"
    forever = StoreSettings.model_validate({name: 0.0 if name in FOREVER else 10_000.0 for name in KINDS})
    retention.downsample(store._database, forever, START_NS + 9_000 * DAY_NS, 100)
    assert store._database[ageing.table].count == 3


FILLED: dict[str, Callable[[int], object]] = {
    "TEXT": lambda row: "x" * row,
    "BLOB": lambda _: bytes(4),
    "INTEGER": int,
    "REAL": float,
}
KINDS = (
    *("keep_days", "keep_suggestions_days", "keep_notices_days"),
    *("keep_ledger_days", "keep_questionnaires_days", "keep_calibration_days"),
)
FOREVER = ("keep_questionnaires_days", "keep_calibration_days")


def test_without_days_of_their_own_suggestions_and_notices_go_with_states() -> None:
    settings = StoreSettings(keep_days=2.0)
    days = {ageing.table: ageing.days(settings) for ageing in AGEING}
    assert {days[table] for table in ("states", "ledger", "decisions", "requests", "safety_notices")} == {2.0}
    assert (days["assessments"], days["calibration_labels"]) == (0.0, 730.0)


def test_an_open_notice_a_plan_and_receipts_stay(store: Store) -> None:
    notice = SafetyNotice(1, START_NS, NoticeKind.SUPPORT, SafetyCause.RED_FLAG, "How are you?")
    store.of(1).save_safety("record", START_NS, notice)
    store.of(1).save_safety_plan(SafetyPlan(warning_signs=("tired",)))
    store.people.add_profile(Profile(1, "Ada", "", START_NS, START_NS, "etag"))
    store.people.add_receipt(ConsentReceipt(1, 1, Purpose.KEEP_HISTORY, True, 1, "en", "ab" * 32, START_NS))
    store.downsample(START_NS + 900 * DAY_NS)
    stored = store.of(1).safety()
    assert [each.notice_id for each in stored.open_notices] == [1]
    assert stored.plan is not None
    assert stored.plan.warning_signs == ("tired",)
    assert len(store.people.list_receipts(1, limit=9, before=None).receipts) == 1


def test_a_year_fits_into_250_megabytes(tmp_path: Path) -> None:
    """A week at one state a second and the rest of a year at one a minute, reckoned from the bytes that a row takes."""
    path = tmp_path / "ertedge.db"
    store = Store.open(path, SETTINGS)
    empty = store.status().size_bytes
    store.append_states([state(n) for n in range(10_000_000, 10_020_000)])
    store.close()
    bytes_a_state = (path.stat().st_size - empty) / 20_000
    year = 7 * 86_400 + 358 * 1_440
    assert bytes_a_state * year < 250e6, bytes_a_state
