"""Baselines that learn nothing of a person: chance, popularity, and a table of rules by emotion. Host side only."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Activity, ActivityFamily, DecisionContext, Emotion
from tools.baselines.choice import Explorer, Habits, Question
from tools.baselines.log_table import LogTable, mean_helpfulness

Array = NDArray[np.float64]


class RandomChooser(Explorer):
    """Every eligible activity with the same probability."""

    name = "random"

    def __init__(self) -> None:
        super().__init__(Habits(exploration=1.0))

    def rank(self, question: Question) -> Array:
        """In any order."""
        return self._rng.random(len(question.activities))


class PopularityChooser(Explorer):
    """What helped most people most, as often as it was done: mean helpfulness times uptake in the training log."""

    name = "popularity"

    def __init__(self, table: LogTable, activities: Sequence[Activity], habits: Habits | None = None) -> None:
        super().__init__(habits)
        helpfulness, uptake = mean_helpfulness(table)
        gains = helpfulness * uptake
        self._gain = {activity.activity_id: float(gains[i]) for i, activity in enumerate(activities)}

    def rank(self, question: Question) -> Array:
        """Mean gain."""
        return np.array([self._gain[activity.activity_id] for activity in question.activities])


FAMILIES_BY_EMOTION: dict[Emotion, tuple[ActivityFamily, ...]] = {
    Emotion.FEAR: (ActivityFamily.RELAXATION, ActivityFamily.MINDFULNESS, ActivityFamily.REFRAMING),
    Emotion.SADNESS: (ActivityFamily.ACTIVATION, ActivityFamily.CONNECTION, ActivityFamily.REFRAMING),
    Emotion.ANGER: (ActivityFamily.RELAXATION, ActivityFamily.PROBLEM_SOLVING, ActivityFamily.REFRAMING),
    Emotion.DISGUST: (ActivityFamily.MINDFULNESS, ActivityFamily.REFRAMING, ActivityFamily.RELAXATION),
    Emotion.SURPRISE: (ActivityFamily.MINDFULNESS, ActivityFamily.RELAXATION, ActivityFamily.JOURNALING),
    Emotion.HAPPINESS: (ActivityFamily.JOURNALING, ActivityFamily.CONNECTION, ActivityFamily.ACTIVATION),
    Emotion.NEUTRAL: (ActivityFamily.MINDFULNESS, ActivityFamily.JOURNALING, ActivityFamily.ACTIVATION),
    Emotion.UNKNOWN: (ActivityFamily.RELAXATION, ActivityFamily.MINDFULNESS, ActivityFamily.JOURNALING),
}
"""What a clinician would try first in an emotion: arousal is calmed, withdrawal is met with activation and company."""
BEDTIME_HOUR, BEDTIME_POINTS = 21.0, 6.0


class RulesChooser(Explorer):
    """The family that the table names for the leading emotion, an activity made for that emotion and arousal first, and the
    better evidence before the worse; late in the evening sleep."""

    name = "rules"

    def rank(self, question: Question) -> Array:
        """Points by the rules."""
        return np.array([self._points(question.context, activity) for activity in question.activities])

    @staticmethod
    def _points(context: DecisionContext, activity: Activity) -> float:
        emotion, arousal = context.affect.emotion, context.affect.arousal
        order = FAMILIES_BY_EMOTION[emotion]
        family = 3.0 - order.index(activity.family) if activity.family in order else 0.0
        if context.hour >= BEDTIME_HOUR and activity.family is ActivityFamily.SLEEP:
            family = BEDTIME_POINTS
        suits = activity.arousal_least <= arousal <= activity.arousal_most
        evidence = activity.evidence.effect_size or 0.0
        return family + 1.5 * (emotion in activity.emotions) + suits + evidence
