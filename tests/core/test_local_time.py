"""Local days and hours through summer time; the policy's time, which states move and which never goes back but once."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ertedge.core.local_time import STILL_NS, LocalTime, PolicyTime
from tests.core.fakes import SECOND_NS, FakeClock, state

HOUR_NS = 3600 * SECOND_NS


def wall_ns(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * SECOND_NS  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("zone", "moment", "day", "hour", "weekday"),
    [
        ("UTC", (2026, 6, 1, 12, 30, 36), date(2026, 6, 1), 12.51, 0),
        ("Europe/Berlin", (2026, 6, 1, 22, 30), date(2026, 6, 2), 0.5, 1),
        ("Europe/Berlin", (2026, 3, 29, 0, 59), date(2026, 3, 29), 1 + 59 / 60, 6),
        ("Europe/Berlin", (2026, 3, 29, 1, 0), date(2026, 3, 29), 3.0, 6),
        ("America/New_York", (2026, 1, 1, 3, 0), date(2025, 12, 31), 22.0, 2),
        ("Asia/Kathmandu", (2026, 1, 1, 0, 0), date(2026, 1, 1), 5.75, 3),
    ],
)
def test_days_and_hours_where_the_person_is(
    zone: str, moment: tuple[int, ...], day: date, hour: float, weekday: int
) -> None:
    local = LocalTime(zone).at(wall_ns(*moment))
    assert (local.day, local.weekday) == (day.toordinal(), weekday)
    assert local.hour == pytest.approx(hour, abs=1e-9)


def test_without_a_name_it_is_the_systems_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert LocalTime("").at(wall_ns(2026, 6, 1, 12)).hour == 21.0
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("absurd_ns", [-5, 2**63 - 1, 2**80])
def test_an_absurd_clock_has_some_local_time(absurd_ns: int) -> None:
    assert 0 <= LocalTime("Europe/Berlin").at(absurd_ns).hour < 24


def test_states_move_the_time_and_a_late_one_does_not_turn_it_back() -> None:
    clock = FakeClock()
    passing = PolicyTime(clock)
    assert passing.now_ns() == clock.wall_ns()
    begin_ns = clock.wall_ns()
    assert passing.take(state(1, begin_ns)) == begin_ns
    assert passing.take(state(2, begin_ns + HOUR_NS)) == begin_ns + HOUR_NS
    assert passing.take(state(3, begin_ns + HOUR_NS - SECOND_NS)) == begin_ns + HOUR_NS
    assert passing.now_ns() == begin_ns + HOUR_NS


def test_without_states_the_clock_moves_it_once_they_are_missing() -> None:
    clock = FakeClock()
    passing = PolicyTime(clock)
    begin_ns = passing.take(state(1, clock.wall_ns()))
    clock.now_ns += STILL_NS - 1
    assert passing.now_ns() == begin_ns
    clock.now_ns += 1
    assert passing.now_ns() == begin_ns + STILL_NS
    clock.now_ns += 60 * SECOND_NS
    assert passing.now_ns() == begin_ns + STILL_NS + 60 * SECOND_NS
    assert passing.in_states_ns() == passing.now_ns()


def test_a_real_clock_that_was_set_back_is_believed_and_a_simulated_one_is_not() -> None:
    clock = FakeClock()
    begin_ns = clock.wall_ns()
    real, played = PolicyTime(clock), PolicyTime(clock)
    real.take(state(1, begin_ns))
    played.take(replace(state(1, begin_ns), synthetic=True))
    back_ns = begin_ns - HOUR_NS
    assert real.take(state(2, back_ns)) == back_ns
    assert played.take(replace(state(2, back_ns), synthetic=True)) == begin_ns
    assert (real.in_states_ns(), played.in_states_ns()) == (back_ns, back_ns)


def test_a_simulation_that_ran_ahead_and_is_over_goes_on_from_where_it_ended() -> None:
    clock = FakeClock()
    passing = PolicyTime(clock)
    week_ns = 7 * 24 * HOUR_NS
    end_ns = passing.take(replace(state(1, clock.wall_ns() + week_ns), synthetic=True))
    for _ in range(60):
        clock.now_ns += SECOND_NS
        passing.take(replace(state(2, clock.wall_ns()), synthetic=True))
    assert passing.now_ns() == pytest.approx(end_ns + 60 * SECOND_NS, abs=STILL_NS)


def test_another_source_begins_anew_also_earlier() -> None:
    clock = FakeClock()
    passing = PolicyTime(clock)
    passing.take(replace(state(1, clock.wall_ns() + HOUR_NS), synthetic=True))
    passing.begin_anew()
    assert passing.take(replace(state(2, clock.wall_ns() - HOUR_NS), synthetic=True)) == clock.wall_ns() - HOUR_NS
