"""The context that the linear bandits are given: the present, and what the person's outcomes say so far. Host side only.

Of the present the same that the recommender is given, in fewer numbers: seven probabilities, valence, arousal, time of
day, the weekend, and the DASS-21 scores where known. Of the past the mean reward of all and of each family, drawn to 0
as by three offers, and how much of each family was done of late.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ertedge.types import EMOTIONS, Activity, DecisionContext, Suggestion
from tools.baselines.log_table import FAMILIES, is_done

Array = NDArray[np.float64]

PRESENT = 1 + len(EMOTIONS) + 2 + 2 + 1 + 4
FEATURES = PRESENT + 1 + 2 * len(FAMILIES)
PRIOR_OFFERS = 3.0
RECENT_DAYS = 3.0
DAY_NS = 86_400_000_000_000
DASS_MOST = 42.0


class PersonFeatures:
    """Follows one person."""

    def __init__(self, activities: Sequence[Activity]) -> None:
        self._family = {activity.activity_id: FAMILIES.index(activity.family) for activity in activities}
        self._rewards = np.zeros(len(FAMILIES))
        self._offers = np.zeros(len(FAMILIES))
        self._recent = np.zeros(len(FAMILIES))
        self._recent_ns = 0

    def of(self, context: DecisionContext) -> Array:
        """(FEATURES,) at a decision."""
        affect, scores = context.affect, context.scores
        angle = 2 * math.pi * context.hour / 24
        asked = (0.0, 0.0, 0.0, 0.0)
        if scores is not None:
            asked = (1.0, scores.depression / DASS_MOST, scores.anxiety / DASS_MOST, scores.stress / DASS_MOST)
        mean = self._rewards.sum() / (self._offers.sum() + PRIOR_OFFERS)
        families = self._rewards / (self._offers + PRIOR_OFFERS)
        recent = self._recent * math.exp(-(context.wall_time_ns - self._recent_ns) / DAY_NS / RECENT_DAYS)
        return np.array(
            [
                1.0,
                *affect.probabilities,
                affect.valence,
                affect.arousal,
                math.sin(angle),
                math.cos(angle),
                float(context.weekday >= 5),
                *asked,
                3 * mean,
                *(3 * families),
                *(0.3 * recent),
            ],
            dtype=np.float64,
        )

    def add(self, suggestion: Suggestion, reward: float) -> None:
        """What became of an offer."""
        family = self._family[suggestion.activity_id]
        self._rewards[family] += reward
        self._offers[family] += 1
        if is_done(suggestion):
            passed = (suggestion.wall_time_ns - self._recent_ns) / DAY_NS
            self._recent = self._recent * math.exp(-passed / RECENT_DAYS)
            self._recent[family] += 1
            self._recent_ns = suggestion.wall_time_ns
