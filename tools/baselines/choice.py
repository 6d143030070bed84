"""From scores to a choice with its propensity: the best, or now and then any. Host side only.

Every baseline that ranks explores like this, by a share that is tuned on validation people; ``Explorer`` is their base. A
share of 0.1 is the device's own default (``SuggestionSettings.exploration_share``).
"""

from __future__ import annotations

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


class Explorer(ABC):
    """A ``Chooser`` that offers what it ranks highest, and with probability ``exploration`` any eligible activity."""

    name: str

    def __init__(self, exploration: float = 0.1) -> None:
        self.exploration = exploration
        self._rng = np.random.default_rng(0)

    def begin(self, people: int, seed: int) -> None:
        """A new cohort."""
        self._rng = np.random.default_rng([seed, people])
        self.forget()

    def choose(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], eligible: Sequence[Activity]
    ) -> tuple[int, float]:
        """The best, or any."""
        scores = self.try_out(Question(person, context, history, eligible))
        best = np.flatnonzero(scores >= scores.max())
        even = self.exploration / len(eligible)
        if self._rng.random() < self.exploration:
            picked = int(self._rng.integers(len(eligible)))
        else:
            picked = int(self._rng.choice(best))
        return picked, even + ((1 - self.exploration) / len(best) if picked in best else 0.0)

    def learn(
        self, person: int, context: DecisionContext, history_before: Sequence[Suggestion], suggestion: Suggestion
    ) -> None:
        """One outcome."""
        self.study(Lesson(person, context, history_before, suggestion))

    def scores(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], activities: Sequence[Activity]
    ) -> Array:
        """(A,) the higher, the rather it would offer that activity."""
        return self.rank(Question(person, context, history, activities))

    def try_out(self, question: Question) -> Array:
        """(A,) what a choice goes by: the ranking, unless a baseline explores in a way of its own (and then it says with
        which propensity it explores only as far as ``exploration`` does)."""
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
