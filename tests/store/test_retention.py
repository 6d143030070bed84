"""History grows coarser with age, and only what is surely old is touched."""

from __future__ import annotations

from pathlib import Path

from ertedge.config import StoreSettings
from ertedge.store import Store
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
