"""What time it is where the person is, and what time it is for the policy. Floor 2.

The policy lives in the time of the emotion states: a simulation that plays a week in a minute has a week's suggestions.
Where no state comes, the clock of this machine lets time pass, so that a snoozed suggestion comes back all the same.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ertedge.core.clock import Clock
from ertedge.types import EmotionState

logger = logging.getLogger(__name__)

SECOND_NS = 1_000_000_000
STILL_NS = 10 * SECOND_NS
"""States come every few seconds, even from an empty room. After so long without one that moved the time, it moves alone."""
STEP_BACK_NS = 300 * SECOND_NS
"""A real wall clock that is further back than this was set, and is believed; less is the lateness of a state."""
_LATEST_SECONDS = 253_000_000_000
"""Within the year 9987, the last that ``datetime`` can shift by a time zone without care."""


@dataclass(frozen=True, slots=True)
class LocalMoment:
    """``day`` is the proleptic Gregorian ordinal, ``hour`` the time of day in [0, 24), ``weekday`` 0 (Monday) to 6."""

    day: int
    hour: float
    weekday: int


class LocalTime:
    """The time zone of that IANA name; of the system where the name is empty."""

    def __init__(self, timezone: str) -> None:
        self._zone = ZoneInfo(timezone) if timezone else None

    def at(self, wall_time_ns: int) -> LocalMoment:
        """The local day and hour at a moment, UTC nanoseconds."""
        seconds, fraction_ns = divmod(max(0, wall_time_ns), SECOND_NS)
        moment = datetime.fromtimestamp(min(seconds, _LATEST_SECONDS), UTC).astimezone(self._zone)
        hour = moment.hour + moment.minute / 60.0 + (moment.second + fraction_ns / SECOND_NS) / 3600.0
        return LocalMoment(moment.toordinal(), hour, moment.weekday())


class PolicyTime:
    """Wall time, UTC nanoseconds, that the states move forward and never back.

    The exception is a real wall clock that was set back by minutes: quiet hours by a wrong clock would be worse than a span
    that is counted twice. The time of the demo and of simulations never goes back, whatever their clocks do.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._now_ns: int | None = None
        self._moved_ns = 0
        self._state: EmotionState | None = None
        self._state_now_ns = 0

    def begin_anew(self) -> None:
        """Another source: the next state says what time it is, also an earlier one."""
        self._now_ns = self._state = None

    def take(self, state: EmotionState) -> int:
        """Let ``state`` move the time. Returns what time it is."""
        now_ns = self.now_ns()
        wall_ns = state.wall_time_ns
        set_back = not state.synthetic and wall_ns < now_ns - STEP_BACK_NS
        if self._now_ns is not None and set_back:
            logger.info("the clock was set back by %.0f s; suggestions go by it", (now_ns - wall_ns) / SECOND_NS)
        if self._now_ns is None or set_back or wall_ns > now_ns:
            now_ns = wall_ns
            self._moved_ns = self._clock.monotonic_ns()
        self._now_ns = now_ns
        self._state, self._state_now_ns = state, now_ns
        return now_ns

    def now_ns(self) -> int:
        """What time it is; by the clock before the first state."""
        if self._now_ns is None:
            return self._clock.wall_ns()
        still_ns = self._clock.monotonic_ns() - self._moved_ns
        if still_ns >= STILL_NS:
            self._now_ns += still_ns
            self._moved_ns += still_ns
        return self._now_ns

    def in_states_ns(self) -> int:
        """The same moment as the wall clock of the newest state would call it, which differs where that was set back."""
        if self._state is None:
            return self.now_ns()
        return self._state.wall_time_ns + self.now_ns() - self._state_now_ns
