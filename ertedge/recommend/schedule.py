"""Local days and hours as the policy sees them: quiet hours, the waking day, check-ins, slots of a trial. Floor 1.

There is no clock and no time zone here. A ``DecisionContext`` says what local day and hour it is at one wall time; every
other moment is told from that one, at 24 hours a day. Across a change to or from summer time a past moment is therefore an
hour off, which moves no rule that a person would notice.

Days are counted from the end of the quiet hours, so that somebody who is up until two has the evening on one day. Moments
are compared by how far they are apart in either direction: a wall clock that was set back leaves decisions in the future,
and these count like those of the past.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ertedge.config import SuggestionSettings
from ertedge.types import Decision, DecisionContext, Trigger

HOUR_NS = 3600 * 1_000_000_000
DAY_NS = 24 * HOUR_NS
ROUNDING_NS = 1_000_000
"""An hour of the day is a fraction: what is less before the end of a day than this is on the next."""
CHECK_IN_HOURS = 0.5
"""How long after its time a check-in may still take place."""
SLOT_HOURS = 1.0
"""Length of a slot of a micro-randomised trial: one moment is drawn in each."""
SLOT_LATEST = 0.9
"""The share of a slot in which its moment lies, so that it can still be taken before the slot is over."""


def clock_hours(text: str) -> float:
    """A time of day such as 07:30 in hours, 7.5."""
    hours, minutes = text.split(":")
    return int(hours) + int(minutes) / 60.0


def hour_at(context: DecisionContext, wall_time_ns: int) -> float:
    """The local hour in [0, 24) at ``wall_time_ns``."""
    return (context.hour + (wall_time_ns - context.wall_time_ns) / HOUR_NS) % 24.0


def day_at(context: DecisionContext, wall_time_ns: int) -> int:
    """The local day (proleptic Gregorian ordinal) at ``wall_time_ns``."""
    local_ns = round(context.hour * HOUR_NS) + wall_time_ns - context.wall_time_ns
    return context.day + (local_ns + ROUNDING_NS) // DAY_NS


def are_within(first_ns: int, second_ns: int, span_ns: float) -> bool:
    """Whether two moments are less than ``span_ns`` apart, whichever was first."""
    return abs(first_ns - second_ns) < span_ns


class Schedule:
    """The times of day of the settings. ``seed`` draws the moments of a micro-randomised trial."""

    def __init__(self, settings: SuggestionSettings, seed: int = 0) -> None:
        self._quiet_from = clock_hours(settings.quiet_from)
        self._quiet_until = clock_hours(settings.quiet_until)
        self._quiet_hours = (self._quiet_until - self._quiet_from) % 24.0
        self._day_begins = self._quiet_until if self._quiet_hours else 0.0
        self._check_ins = tuple(clock_hours(text) for text in settings.check_in_times)
        self._seed = seed
        self.waking_hours = 24.0 - self._quiet_hours

    def is_quiet(self, hour: float) -> bool:
        """Whether ``hour`` lies in the quiet hours, which may run over midnight. Equal ends: there are none."""
        return (hour - self._quiet_from) % 24.0 < self._quiet_hours

    def elapsed(self, hour: float) -> float:
        """How much of the waking day is over, in [0, 1]; 1 in the quiet hours after it."""
        return min((hour - self._day_begins) % 24.0 / self.waking_hours, 1.0) if self.waking_hours else 1.0

    def waking_day(self, context: DecisionContext, wall_time_ns: int | None = None) -> int:
        """The number of the waking day at ``wall_time_ns`` (None: at the decision): that of the day on which it began."""
        moment_ns = context.wall_time_ns if wall_time_ns is None else wall_time_ns
        return day_at(context, moment_ns - round(self._day_begins * HOUR_NS))

    def check_in_is_due(self, context: DecisionContext, decisions: Sequence[Decision]) -> bool:
        """Whether it is time for a check-in that has not been decided on yet."""
        return any(
            _is_window_of(time, context.hour) and not any(_was_at(time, decision, context) for decision in decisions)
            for time in self._check_ins
        )

    @property
    def slots(self) -> int:
        """How many slots of a micro-randomised trial a waking day has."""
        return int(self.waking_hours / SLOT_HOURS + 1e-9)

    def slot_is_due(self, context: DecisionContext, decisions: Sequence[Decision]) -> bool:
        """Whether the moment drawn for the present slot has come and was not decided on yet."""
        day, slot, since = self._slot(context)
        if slot >= self.slots:
            return False
        moment = np.random.default_rng([self._seed, day, slot]).uniform(0.0, SLOT_LATEST * SLOT_HOURS)
        return since >= moment and not any(
            decision.trigger is Trigger.MICRO_RANDOMISED and self._slot(decision.context)[:2] == (day, slot)
            for decision in decisions
        )

    def _slot(self, context: DecisionContext) -> tuple[int, int, float]:
        """The waking day, the number of the slot in it, and the hours since the slot began."""
        hours = (context.hour - self._day_begins) % 24.0
        slot = int(hours // SLOT_HOURS)
        return self.waking_day(context), slot, hours - slot * SLOT_HOURS


def _is_window_of(check_in_hour: float, hour: float) -> bool:
    return (hour - check_in_hour) % 24.0 < CHECK_IN_HOURS


def _was_at(check_in_hour: float, decision: Decision, context: DecisionContext) -> bool:
    """Whether ``decision`` took the check-in of about this day."""
    return (
        decision.trigger is Trigger.CHECK_IN
        and _is_window_of(check_in_hour, decision.context.hour)
        and are_within(decision.context.wall_time_ns, context.wall_time_ns, DAY_NS / 2)
    )
