"""A wall clock that jumps renames moments; it neither loses nor reorders them, nor ages what is stored."""

from __future__ import annotations

import time

from ertedge.core.clock import SteadyWall, SystemClock, wall_at
from tests.core.fakes import SECOND_NS, FakeClock


def test_the_wall_time_of_a_moment_is_now_less_its_age() -> None:
    clock = FakeClock(now_ns=50 * SECOND_NS, wall_offset_ns=7 * SECOND_NS)
    assert wall_at(clock, 48 * SECOND_NS) == 55 * SECOND_NS


def test_the_system_clock_shifts_its_wall_by_the_simulated_step() -> None:
    clock = SystemClock()
    clock.wall_offset_ns = 3600 * SECOND_NS
    assert abs(clock.wall_ns() - time.time_ns() - 3600 * SECOND_NS) < SECOND_NS


def test_a_jump_forward_ages_nothing_and_a_jump_back_is_believed() -> None:
    clock = FakeClock()
    steady, start_ns = SteadyWall(clock), clock.wall_ns()
    clock.now_ns += 10 * SECOND_NS
    clock.wall_offset_ns += 365 * 86_400 * SECOND_NS
    assert steady.now_ns() == start_ns + 10 * SECOND_NS
    clock.wall_offset_ns -= 400 * 86_400 * SECOND_NS
    assert steady.now_ns() == clock.wall_ns()
