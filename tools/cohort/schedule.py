"""When simulated people are offered something: the same moments whoever decides. Host side only.

A day has ten slots of one and a half hours from 7:30 (as far apart as the beeps of the experience sampling), of which
those of a worse mood are likelier to become decision points: the device offers unasked up to three times a day, 1.5 times
in the mean (the defaults of ``SuggestionSettings``), and people ask for a suggestion about every other day. The slots are
also the least gap. That the moments do not depend on what was suggested before is a simplification: an offer that helps does
not make the next one rarer, and no policy can win by changing when it is asked.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Trigger

Array = NDArray[np.float64]

SLOTS = 10
FIRST_HOUR = 7.5
SLOT_HOURS = 1.5
OFFSET_HOURS = 0.5
"""A day's slots begin up to this much later than ``FIRST_HOUR``."""
UNASKED_SHARES = (0.15, 0.35, 0.35, 0.15)
"""How often a day has 0, 1, 2 or 3 unasked offers: 1.5 in the mean."""
REQUESTS_A_DAY = 0.5
MOOD_PULL = 0.8
"""A standard deviation of worse mood makes a slot exp(0.8) times as likely to become a decision point; assumed."""
CHECK_IN_HOURS = (11.0, 16.0, 20.0)
CHECK_IN_NEAR = 0.75
FIRST_DAY = datetime.date(2026, 1, 5).toordinal()
"""A Monday."""
HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, slots=True)
class Moment:
    """A decision point: where it lies in the grid of days and slots, and when that is."""

    day: int
    slot: int
    hour: float
    trigger: Trigger

    @property
    def ordinal(self) -> int:
        """The local day as a proleptic Gregorian ordinal."""
        return FIRST_DAY + self.day

    @property
    def weekday(self) -> int:
        """0 is Monday."""
        return self.day % 7

    @property
    def wall_time_ns(self) -> int:
        """UTC, as if local time were UTC."""
        epoch = datetime.date(1970, 1, 1).toordinal()
        return int(((self.ordinal - epoch) * 24 + self.hour) * HOUR_NS)


def slot_hours(days: int, rng: np.random.Generator) -> Array:
    """(days, SLOTS) local hours of the slots."""
    offsets = rng.uniform(0, OFFSET_HOURS, (days, 1))
    return np.asarray(FIRST_HOUR + offsets + SLOT_HOURS * np.arange(SLOTS))


def draw_moments(hours: Array, badness: Array, rng: np.random.Generator) -> tuple[Moment, ...]:
    """The decision points of one person: ``hours`` and ``badness`` (standardised, high is a bad mood) are (days, SLOTS)."""
    days = len(hours)
    asked = rng.random((days, SLOTS)) < REQUESTS_A_DAY / SLOTS * _weights(badness) * SLOTS
    # The Gumbel trick: the largest of log-weights with Gumbel noise are a draw without replacement by those weights.
    order = np.argsort(-(MOOD_PULL * badness + rng.gumbel(size=badness.shape)), axis=1)
    counts = rng.choice(len(UNASKED_SHARES), size=days, p=UNASKED_SHARES)
    coin = rng.random((days, SLOTS)) < 0.5
    near = np.abs(hours[:, :, None] - np.array(CHECK_IN_HOURS)).min(axis=2) < CHECK_IN_NEAR
    check_in = near & coin
    moments: list[Moment] = []
    for day in range(days):
        unasked = set(order[day, : counts[day]].tolist())
        for slot in range(SLOTS):
            if asked[day, slot]:
                trigger = Trigger.REQUEST
            elif slot in unasked:
                trigger = Trigger.CHECK_IN if check_in[day, slot] else Trigger.SUSTAINED_STATE
            else:
                continue
            moments.append(Moment(day, slot, float(hours[day, slot]), trigger))
    return tuple(moments)


def _weights(badness: Array) -> Array:
    weights = np.exp(MOOD_PULL * badness)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))
