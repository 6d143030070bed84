"""Which activity is offered: a distribution that prefers what is likely to help and never stops trying. Floor 1.

An activity's value is the helpfulness expected if it is done times the probability that it is done (one not done gains
nothing). Thompson sampling picks each activity as often as it is the best under what is believed: the share of joint
draws of the model's belief, pulled towards its mean, in which its value is highest. What was offered lately, or is of a
family offered lately, is worth a little less for a while. A share of the choice is spread evenly, so that every activity
keeps a known least probability and estimates from the log stay possible.

The policy draws from exactly the distribution that this returns, so the probabilities that are logged are exact, though
they were themselves estimated by drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ertedge.recommend.past_offers import RECENT
from ertedge.recommend.schedule import DAY_NS
from ertedge.types import Activity, ActivityFamily, Suggestion

Float64Array = NDArray[np.float64]

DRAWS = 256
BOLDNESS = 0.3
"""What share of its distance from the mean a draw keeps: a belief is taken to be surer than it is (Chapelle and Li 2011, "An
empirical evaluation of Thompson sampling"). With some seventy activities and two offers a day whole draws are
still trying things out after eight weeks: on simulated people of the training ranges they gained 9% less."""
ACTIVITY_DAMPING, ACTIVITY_HALF_LIFE_DAYS = 0.1, 2.0
"""Just after it was offered an activity's value is this share lower; half of that is left after the half-life.

Small, since the model knows how recently something was done and has learnt what that costs: on simulated people of the
training ranges a share of 0.6 took 8% of what they gain in eight weeks, habituation having been counted twice."""
FAMILY_DAMPING, FAMILY_HALF_LIFE_DAYS = 0.02, 1.0


class Forecast(Protocol):
    """What the policy asks of a model's forecast. The arrays are (A,), in the order of ``activity_ids``."""

    @property
    def activity_ids(self) -> tuple[str, ...]:
        """The activities that it is about."""

    @property
    def helpfulness(self) -> Float64Array:
        """Expected helpfulness in [-1, 1] if it is done."""

    @property
    def sd(self) -> Float64Array:
        """Standard deviation of that expectation."""

    @property
    def uptake(self) -> Float64Array:
        """Probability that it is done."""

    def draws(self, generator: np.random.Generator, count: int) -> Float64Array:
        """(count, A): joint draws of the expected helpfulness."""


def choice_probabilities(
    forecast: Forecast,
    activities: Sequence[Activity],
    history: Sequence[Suggestion],
    wall_time_ns: int,
    generator: np.random.Generator,
    *,
    exploration_share: float,
    draws: int = DRAWS,
) -> Float64Array:
    """The probability with which each of ``activities`` is to be offered, (A,), summing to one.

    Raises ``ValueError`` when there is no activity, or when the forecast is about others or in another order.
    """
    ids = tuple(activity.activity_id for activity in activities)
    if not ids:
        raise ValueError("there is no activity to choose from")
    if forecast.activity_ids != ids:
        raise ValueError("the forecast is not about the activities to choose from, in their order")
    drawn = forecast.helpfulness + BOLDNESS * (forecast.draws(generator, draws) - forecast.helpfulness)
    values = drawn * forecast.uptake
    values = np.where(values > 0.0, values * (1.0 - familiarity(activities, history, wall_time_ns)), values)
    best = values == values.max(axis=1, keepdims=True)
    thompson = (best / best.sum(axis=1, keepdims=True)).mean(axis=0)
    mixed = (1.0 - exploration_share) * thompson + exploration_share / len(ids)
    return np.asarray(mixed / mixed.sum(), dtype=np.float64)


def draw(probabilities: Float64Array, generator: np.random.Generator) -> int:
    """An index drawn from ``probabilities`` (A,)."""
    steps = np.cumsum(probabilities)
    index = int(np.searchsorted(steps, generator.random() * steps[-1], side="right"))
    return min(index, int(np.flatnonzero(probabilities)[-1]))


def familiarity(activities: Sequence[Activity], history: Sequence[Suggestion], wall_time_ns: int) -> Float64Array:
    """How much of each activity's value is lost to having been offered lately, (A,) in [0, 1).

    A suggestion's family is known where its activity is among ``activities``.
    """
    family_of = {activity.activity_id: activity.family for activity in activities}
    kept = dict.fromkeys(family_of, 1.0)
    kept_family = dict.fromkeys(ActivityFamily, 1.0)
    for each in history[-RECENT:]:
        family = family_of.get(each.activity_id)
        if family is None:
            continue
        days = abs(wall_time_ns - each.wall_time_ns) / DAY_NS
        kept[each.activity_id] *= 1.0 - ACTIVITY_DAMPING * 0.5 ** (days / ACTIVITY_HALF_LIFE_DAYS)
        kept_family[family] *= 1.0 - FAMILY_DAMPING * 0.5 ** (days / FAMILY_HALF_LIFE_DAYS)
    return np.array([1.0 - kept[each.activity_id] * kept_family[each.family] for each in activities])
