"""A time for spans that last longer than a boot: it never goes back, whatever the wall clock does. Floor 2.

It follows the monotonic clock, and goes on after a restart from what was stored. A simulation may play faster than time is;
then its states carry this time along with them, so that a simulated week is a week.
"""

from __future__ import annotations

from ertedge.core.clock import Clock
from ertedge.types import EmotionState

AHEAD_MOST_NS = 3600 * 1_000_000_000
"""Simulated time that one state can bring: a longer leap is another run of the simulation."""


class SteadyTime:
    """Counts from zero, or from where ``go_on_from`` says."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._monotonic_ns = clock.monotonic_ns()
        self._elapsed_ns = 0
        self._since_state_ns = 0
        self._state_ns: int | None = None
        self._lead_ns = 0

    def now_ns(self) -> int:
        """Nanoseconds."""
        monotonic_ns = self._clock.monotonic_ns()
        step_ns = max(0, monotonic_ns - self._monotonic_ns)
        self._monotonic_ns = monotonic_ns
        self._elapsed_ns += step_ns
        self._since_state_ns += step_ns
        return self._elapsed_ns

    def wall_ns(self) -> int:
        """What the wall clock says, or would say where a simulation is ahead of it; UTC nanoseconds."""
        return self._clock.wall_ns() + self._lead_ns

    def go_on_from(self, steady_ns: int) -> None:
        """Add what an earlier run had counted."""
        self._elapsed_ns += steady_ns

    def follow(self, state: EmotionState) -> None:
        """Let a synthetic state carry the time along by what lies between it and the one before."""
        self.now_ns()
        if not state.synthetic:
            self._state_ns, self._lead_ns = None, 0
            return
        self._lead_ns = max(0, state.timestamp_ns - self._monotonic_ns)
        between_ns = 0 if self._state_ns is None else state.timestamp_ns - self._state_ns
        if self._since_state_ns < between_ns <= AHEAD_MOST_NS:
            self._elapsed_ns += between_ns - self._since_state_ns
        self._since_state_ns, self._state_ns = 0, state.timestamp_ns
