"""Two clocks and the bridge between them: spans are measured on the monotonic one, moments are told on the wall. Floor 2.

A record is stamped with the monotonic clock when it is captured. Its wall time is found at the last moment, by looking at
both clocks at once and going back by the record's age; so a step of the wall clock changes what moments are called, and
neither their order nor their number.
"""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """What the core asks of time."""

    def monotonic_ns(self) -> int:
        """Nanoseconds since some moment of this boot; never steps."""

    def wall_ns(self) -> int:
        """UTC in nanoseconds since 1970; may step in either direction."""


class SystemClock:
    """The clocks of the system. ``wall_offset_ns`` is a simulated step of the wall clock, zero with real devices."""

    def __init__(self) -> None:
        self.wall_offset_ns = 0

    def monotonic_ns(self) -> int:
        """Nanoseconds since some moment of this boot."""
        return time.monotonic_ns()

    def wall_ns(self) -> int:
        """UTC in nanoseconds, with the simulated step."""
        return time.time_ns() + self.wall_offset_ns


def wall_at(clock: Clock, timestamp_ns: int) -> int:
    """What the wall clock would now call the monotonic moment ``timestamp_ns``, UTC nanoseconds."""
    return clock.wall_ns() - (clock.monotonic_ns() - timestamp_ns)


class SteadyWall:
    """The wall clock for decisions that cannot be taken back, such as what is old enough to be deleted.

    It follows the wall clock, but never runs ahead of the time it had when this was made plus the time passed since: a
    clock that jumps forward by a year must not age what was stored this morning.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._base_ns = clock.wall_ns() - clock.monotonic_ns()

    def now_ns(self) -> int:
        """UTC in nanoseconds, the earlier of both readings."""
        return min(self._clock.wall_ns(), self._base_ns + self._clock.monotonic_ns())
