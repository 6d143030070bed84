"""Who decides in the logs that the recommender is trained on: policies that differ, so that it learns effects, not habits.

Host side only. Each is a ``Chooser`` (``tools.cohort.records``): at random, by fit to the moment, and by what the person has
liked so far. Each spreads a share of its choice evenly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ertedge.types import EMOTIONS, Activity, DecisionContext, Suggestion, helpfulness_of_rating

Values = Callable[[DecisionContext, Sequence[Suggestion], Sequence[Activity]], NDArray[np.float64]]
"""The logarithm of how likely each activity is, (A,)."""

EVEN_SHARE = 0.2


class LoggingChooser:
    """Draws in proportion to ``exp(values)``, with ``EVEN_SHARE`` spread evenly. It learns from nothing but the history."""

    def __init__(self, name: str, values: Values) -> None:
        self.name = name
        self._values = values
        self._random = np.random.default_rng(0)

    def begin(self, people: int, seed: int) -> None:
        """Draw anew."""
        self._random = np.random.default_rng([seed, people, len(self.name)])

    def choose(
        self,
        person: int,  # noqa: ARG002  (everybody is chosen for alike)
        context: DecisionContext,
        history: Sequence[Suggestion],
        eligible: Sequence[Activity],
    ) -> tuple[int, float]:
        """An index into ``eligible`` and its probability."""
        values = self._values(context, history, eligible)
        likely = np.exp(values - values.max())
        probabilities = (1.0 - EVEN_SHARE) * likely / likely.sum() + EVEN_SHARE / len(eligible)
        index = int(self._random.choice(len(eligible), p=probabilities))
        return index, float(probabilities[index])

    def learn(
        self, person: int, context: DecisionContext, history_before: Sequence[Suggestion], suggestion: Suggestion
    ) -> None:
        """Nothing is kept."""


def at_random(
    _context: DecisionContext, _history: Sequence[Suggestion], eligible: Sequence[Activity]
) -> NDArray[np.float64]:
    """All alike."""
    return np.zeros(len(eligible))


def by_fit(
    context: DecisionContext, _history: Sequence[Suggestion], eligible: Sequence[Activity]
) -> NDArray[np.float64]:
    """Twice the probability of the emotions that an activity is for, and its effect size."""
    chance = dict(zip(EMOTIONS, np.asarray(context.affect.probabilities, dtype=np.float64), strict=True))
    fit = [sum(chance.get(emotion, 0.0) for emotion in activity.emotions) for activity in eligible]
    effect = [activity.evidence.effect_size or 0.0 for activity in eligible]
    return 2.0 * np.array(fit) + np.array(effect)


def by_liking(
    _context: DecisionContext, history: Sequence[Suggestion], eligible: Sequence[Activity]
) -> NDArray[np.float64]:
    """Three times the mean rating of the activity, and of its family, each shrunk as by one rating of zero."""
    family = {activity.activity_id: str(activity.family) for activity in eligible}
    total: dict[str, float] = dict.fromkeys([*family, *family.values()], 0.0)
    count = dict.fromkeys(total, 1.0)
    for each in history:
        if each.helpfulness and each.activity_id in family:
            for key in (each.activity_id, family[each.activity_id]):
                total[key] += helpfulness_of_rating(each.helpfulness)
                count[key] += 1.0
    mean = {key: total[key] / count[key] for key in total}
    return np.array([3.0 * (mean[each] + mean[family[each]]) for each in family])


def logging_choosers() -> tuple[LoggingChooser, ...]:
    """One of each."""
    return (
        LoggingChooser("random", at_random),
        LoggingChooser("fit", by_fit),
        LoggingChooser("liking", by_liking),
    )
