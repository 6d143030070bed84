"""Steady time follows the monotonic clock, and simulated states that run ahead of it; nothing makes it go back."""

from __future__ import annotations

from dataclasses import replace

from ertedge.core.steady_time import AHEAD_MOST_NS, SteadyTime
from tests.core.fakes import SECOND_NS, FakeClock
from tests.core.safety.test_safety import feeling


def test_it_follows_the_monotonic_clock_alone() -> None:
    clock = FakeClock()
    steady = SteadyTime(clock)
    clock.now_ns += 3 * SECOND_NS
    assert steady.now_ns() == 3 * SECOND_NS
    clock.wall_offset_ns += 10**18
    assert steady.now_ns() == 3 * SECOND_NS
    steady.go_on_from(100 * SECOND_NS)
    clock.now_ns += SECOND_NS
    assert steady.now_ns() == 104 * SECOND_NS


def test_real_states_change_nothing() -> None:
    clock = FakeClock()
    steady = SteadyTime(clock)
    for ahead_s in (0, 100, 200):
        steady.follow(replace(feeling(clock), timestamp_ns=clock.now_ns + ahead_s * SECOND_NS))
    assert steady.now_ns() == 0


def test_simulated_states_carry_it_along_and_never_twice() -> None:
    clock = FakeClock()
    steady = SteadyTime(clock)
    first = feeling(clock, synthetic=True)
    for number in range(11):
        steady.follow(replace(first, timestamp_ns=first.timestamp_ns + number * 60 * SECOND_NS))
        clock.now_ns += SECOND_NS
        steady.now_ns()
    assert steady.now_ns() == 10 * 60 * SECOND_NS + SECOND_NS


def test_a_simulation_in_real_time_is_real_time() -> None:
    clock = FakeClock()
    steady = SteadyTime(clock)
    for _ in range(100):
        steady.follow(feeling(clock, synthetic=True))
        clock.now_ns += SECOND_NS // 2
        steady.now_ns()
        clock.now_ns += SECOND_NS // 2
    assert steady.now_ns() == 100 * SECOND_NS


def test_a_leap_and_a_simulation_that_begins_again_bring_nothing() -> None:
    clock = FakeClock()
    steady = SteadyTime(clock)
    first = feeling(clock, synthetic=True)
    for timestamp_ns in (0, AHEAD_MOST_NS + 1, 5, -(10**18)):
        steady.follow(replace(first, timestamp_ns=timestamp_ns))
    assert steady.now_ns() == 0


def test_the_wall_is_ahead_with_the_simulation_and_never_behind() -> None:
    clock = FakeClock()
    steady = SteadyTime(clock)
    first = feeling(clock, synthetic=True)
    steady.follow(replace(first, timestamp_ns=first.timestamp_ns + 3600 * SECOND_NS))
    assert steady.wall_ns() == clock.wall_ns() + 3600 * SECOND_NS
    steady.follow(replace(first, timestamp_ns=first.timestamp_ns - 3600 * SECOND_NS))
    assert steady.wall_ns() == clock.wall_ns()
    steady.follow(replace(first, timestamp_ns=first.timestamp_ns + 60 * SECOND_NS))
    steady.follow(feeling(clock))
    assert steady.wall_ns() == clock.wall_ns()
