"""From scores to a choice with its propensity: the best, or now and then any. Host side only.

``Explorer`` is the base of every baseline that ranks. Two things are tuned on validation people: the share of
exploration, and how much an activity rests after it was offered, since whatever always offers the best wears it out:
popularity without a rest does worse than chance.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Activity, DecisionContext, Suggestion

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Question:
    """Who asks, when, after what, and which activities there are to put in order."""

    person: int
    context: DecisionContext
    history: Sequence[Suggestion]
    activities: Sequence[Activity]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What became of a suggestion, and when it had been chosen after what."""

    person: int
    context: DecisionContext
    history: Sequence[Suggestion]
    suggestion: Suggestion


REST_DAYS = 3.0
"""Days after which an offer counts 1/e of a fresh one."""
DAY_NS = 86_400_000_000_000


@dataclass(frozen=True, slots=True)
class Habits:
    """``exploration`` is the probability of offering any eligible activity; ``rest`` how many standard deviations of the
    scores a fresh offer takes off an activity's score."""

    exploration: float = 0.1
    rest: float = 0.0


class Explorer(ABC):
    """A ``Chooser`` that offers what it ranks highest after its rest, and now and then any eligible activity."""

    name: str

    def __init__(self, habits: Habits | None = None) -> None:
        self.habits = habits or Habits()
        self._rng = np.random.default_rng(0)

    def begin(self, people: int, seed: int) -> None:
        """A new cohort."""
        self._rng = np.random.default_rng([seed, people])
        self.forget()

    def choose(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], eligible: Sequence[Activity]
    ) -> tuple[int, float]:
        """The best, or any."""
        question = Question(person, context, history, eligible)
        scores = self._rested(question, self.try_out(question))
        best = np.flatnonzero(scores >= scores.max())
        exploration = self.habits.exploration
        even = exploration / len(eligible)
        tries = self._rng.random() < exploration
        picked = int(self._rng.integers(len(eligible))) if tries else int(self._rng.choice(best))
        return picked, even + ((1 - exploration) / len(best) if picked in best else 0.0)

    def learn(
        self, person: int, context: DecisionContext, history_before: Sequence[Suggestion], suggestion: Suggestion
    ) -> None:
        """One outcome."""
        self.study(Lesson(person, context, history_before, suggestion))

    def scores(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], activities: Sequence[Activity]
    ) -> Array:
        """(A,) the higher, the rather it would offer that activity."""
        question = Question(person, context, history, activities)
        return self._rested(question, self.rank(question))

    def _rested(self, question: Question, scores: Array) -> Array:
        if not self.habits.rest:
            return scores
        recent: dict[str, float] = {}
        now = question.context.wall_time_ns
        for suggestion in reversed(question.history):
            days = (now - suggestion.wall_time_ns) / DAY_NS
            if days > 5 * REST_DAYS:
                break
            recent[suggestion.activity_id] = recent.get(suggestion.activity_id, 0.0) + math.exp(-days / REST_DAYS)
        tired = np.array([recent.get(activity.activity_id, 0.0) for activity in question.activities])
        return np.asarray(scores - self.habits.rest * float(scores.std()) * tired)

    def try_out(self, question: Question) -> Array:
        """(A,) what a choice goes by: the ranking, unless a baseline explores in a way of its own (and then it says with
        which propensity it explores only as far as ``habits`` do)."""
        return self.rank(question)

    def forget(self) -> None:  # noqa: B027  most keep nothing of anybody
        """Forget everybody."""

    def study(self, lesson: Lesson) -> None:  # noqa: B027  most learn nothing online
        """Learn from one outcome."""

    @abstractmethod
    def rank(self, question: Question) -> Array:
        """(A,) the higher, the rather it would offer that activity."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """(A,) expected helpfulness if done, and (A,) the standard deviation of that expectation."""

    helpfulness: Array
    sd: Array


class Forecaster(Explorer):
    """An explorer that also says how much an activity would help."""

    def forecast(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], activities: Sequence[Activity]
    ) -> Expectation:
        """Of each of ``activities``."""
        return self.predict(Question(person, context, history, activities))

    @abstractmethod
    def predict(self, question: Question) -> Expectation:
        """Of each of the question's activities."""
