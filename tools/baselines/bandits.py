"""Bandits of MABWiser: LinUCB, linear Thompson sampling and Beta Thompson sampling, warm-started on the training log.
Host side.

Each person has a bandit of their own, as on a device, that starts as a copy of the one fitted to the log and goes on
learning from every outcome. A log of a hundred thousand decisions would leave nothing to learn, so what it says counts
only a share (``warmth``) of its number of decisions: the sums of the regressions, or the counts of the Beta
distributions, are scaled down. The context (``features.py``) also holds what the person's own outcomes say of each
family, since a bandit of this library cannot be given features of its arms. The reward is the helpfulness of what was
done, 0 for what was not.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from mabwiser.mab import MAB, LearningPolicy
from numpy.typing import NDArray

from ertedge.types import Activity, Suggestion
from tools.baselines.choice import Explorer, Habits, Lesson, Question
from tools.baselines.features import FEATURES, PersonFeatures
from tools.baselines.log_table import LogTable, is_done, mean_helpfulness, rated_helpfulness
from tools.cohort.records import PersonLog

Array = NDArray[np.float64]


class BanditChooser(Explorer):
    """What the bandits share: a fitted one that is copied for each person."""

    def __init__(self, logs: Sequence[PersonLog], activities: Sequence[Activity], rest: float) -> None:
        # A bandit explores by its own rule.
        super().__init__(Habits(exploration=0.0, rest=rest))
        self._activities = tuple(activities)
        self._place = {activity.activity_id: i for i, activity in enumerate(activities)}
        self._mean, _ = mean_helpfulness(LogTable.of(logs, activities))
        self._people: dict[int, MAB] = {}

    def reward(self, suggestion: Suggestion) -> float:
        """Helpfulness of what was done; where it was not rated, the activity's mean."""
        if not is_done(suggestion):
            return 0.0
        helpfulness = rated_helpfulness(suggestion)
        return float(self._mean[self._place[suggestion.activity_id]]) if np.isnan(helpfulness) else helpfulness

    def forget(self) -> None:
        """Forget everybody."""
        self._people = {}

    def bandit_of(self, person: int) -> MAB:
        """The person's own."""
        if person not in self._people:
            self._people[person] = self.fresh()
        return self._people[person]

    @abstractmethod
    def fresh(self) -> MAB:
        """A copy of the fitted one."""


@dataclass
class _Arms:
    """A person's regressions: the library's own, and their weights (A, F) and inverses (A, F, F) side by side."""

    models: dict[int, Any]
    beta: Array
    inverse: Array


class LinearChooser(BanditChooser):
    """LinUCB (Li et al. 2010, doi 10.1145/1772690.1772758) or linear Thompson sampling (Agrawal and Goyal 2013): a ridge
    regression of the reward on the context for each activity. ``alpha`` is the width of the confidence bound or the scale of
    the draw.

    The library fits and teaches the regressions. What it would expect of them is worked out here for all arms at once,
    since its own calls copy every arm each time: the bound is the library's, and x . w with w drawn from the posterior
    N(b, alpha^2 V) is drawn as the number that it is, N(x . b, alpha^2 x V x).
    """

    def __init__(
        self,
        logs: Sequence[PersonLog],
        activities: Sequence[Activity],
        *,
        thompson: bool,
        alpha: float,
        warmth: float,
        rest: float = 0.0,
    ) -> None:
        super().__init__(logs, activities, rest)
        self.name = "LinTS" if thompson else "LinUCB"
        self._alpha, self._thompson = alpha, thompson
        policy = LearningPolicy.LinTS(alpha=alpha) if thompson else LearningPolicy.LinUCB(alpha=alpha)
        self._fitted = MAB(list(range(len(activities))), policy)
        self._features: dict[int, PersonFeatures] = {}
        self._arms: dict[int, _Arms] = {}
        arms, rewards, contexts = self._lessons(logs)
        self._fitted.fit(arms, rewards, contexts)
        cool(self._fitted, warmth)

    def forget(self) -> None:
        """Forget everybody."""
        super().forget()
        self._features, self._arms = {}, {}

    def fresh(self) -> MAB:
        """A copy."""
        return copy.deepcopy(self._fitted)

    def try_out(self, question: Question) -> Array:
        """The confidence bound, or a draw."""
        arms = self._arms_of(question.person)
        context = self._features_of(question.person).of(question.context)
        doubt = self._alpha * np.sqrt((arms.inverse @ context) @ context)
        sizes = self._rng.standard_normal(len(doubt)) if self._thompson else 1.0
        return self._asked(question, arms.beta @ context + sizes * doubt)

    def rank(self, question: Question) -> Array:
        """The regression's mean."""
        context = self._features_of(question.person).of(question.context)
        return self._asked(question, self._arms_of(question.person).beta @ context)

    def study(self, lesson: Lesson) -> None:
        """One outcome, with the context that it was chosen in."""
        features, arms = self._features_of(lesson.person), self._arms_of(lesson.person)
        arm, reward = self._place[lesson.suggestion.activity_id], self.reward(lesson.suggestion)
        model = arms.models[arm]
        model.fit(features.of(lesson.context)[None, :], np.array([reward]))
        arms.beta[arm], arms.inverse[arm] = model.beta, model.A_inv
        features.add(lesson.suggestion, reward)

    def _asked(self, question: Question, values: Array) -> Array:
        return np.asarray(values[[self._place[activity.activity_id] for activity in question.activities]])

    def _arms_of(self, person: int) -> _Arms:
        if person not in self._arms:
            models = self.bandit_of(person)._imp.arm_to_model
            ordered = [models[arm] for arm in range(len(self._activities))]
            beta, inverse = np.stack([m.beta for m in ordered]), np.stack([m.A_inv for m in ordered])
            self._arms[person] = _Arms(models, beta, inverse)
        return self._arms[person]

    def _features_of(self, person: int) -> PersonFeatures:
        return self._features.setdefault(person, PersonFeatures(self._activities))

    def _lessons(self, logs: Sequence[PersonLog]) -> tuple[list[int], list[float], Array]:
        arms: list[int] = []
        rewards: list[float] = []
        contexts: list[Array] = []
        for log in logs:
            features = PersonFeatures(self._activities)
            for decision in log.decisions:
                if decision.suggestion.activity_id in self._place:
                    arms.append(self._place[decision.suggestion.activity_id])
                    rewards.append(self.reward(decision.suggestion))
                    contexts.append(features.of(decision.context))
                    features.add(decision.suggestion, rewards[-1])
        return arms, rewards, np.array(contexts)


def cool(bandit: MAB, warmth: float) -> None:
    """Scale what each arm's regression has seen to a share: A = I + warmth (A - I), and the weighted rewards alike."""
    for model in bandit._imp.arm_to_model.values():
        identity = model.l2_lambda * np.identity(FEATURES)
        model.A = identity + warmth * (model.A - identity)
        model.Xty = warmth * model.Xty
        model.A_inv = np.linalg.inv(model.A)
        model.beta = model.A_inv @ model.Xty


class BetaThompsonChooser(BanditChooser):
    """Thompson sampling with a Beta distribution for each activity (Thompson 1933; Chapelle and Li 2011): the share of
    offers that were done and rated 4 or 5. It knows no context."""

    name = "Thompson sampling"

    def __init__(
        self, logs: Sequence[PersonLog], activities: Sequence[Activity], *, warmth: float, rest: float = 0.0
    ) -> None:
        super().__init__(logs, activities, rest)
        self._fitted = MAB(list(range(len(activities))), LearningPolicy.ThompsonSampling())
        decisions = [decision.suggestion for log in logs for decision in log.decisions]
        known = [suggestion for suggestion in decisions if suggestion.activity_id in self._place]
        self._fitted.fit([self._place[s.activity_id] for s in known], [_helped(s) for s in known])
        self._success = dict(self._fitted._imp.arm_to_success_count)
        self._failure = dict(self._fitted._imp.arm_to_fail_count)
        for arm in self._place.values():
            self._success[arm] = 1 + warmth * (self._success[arm] - 1)
            self._failure[arm] = 1 + warmth * (self._failure[arm] - 1)

    def fresh(self) -> MAB:
        """A copy with the counts scaled down."""
        bandit = copy.deepcopy(self._fitted)
        bandit._imp.arm_to_success_count = dict(self._success)
        bandit._imp.arm_to_fail_count = dict(self._failure)
        # The library keeps its generator inside; a copied one would draw the same for everybody.
        bandit._rng.rng = np.random.default_rng(self._rng.integers(2**63))
        return bandit

    def try_out(self, question: Question) -> Array:
        """A draw of each activity's share."""
        drawn = self.bandit_of(question.person).predict_expectations()
        return np.array([drawn[self._place[activity.activity_id]] for activity in question.activities])

    def rank(self, question: Question) -> Array:
        """The mean of each."""
        inside = self.bandit_of(question.person)._imp
        places = [self._place[activity.activity_id] for activity in question.activities]
        success = np.array([inside.arm_to_success_count[arm] for arm in places], dtype=np.float64)
        failure = np.array([inside.arm_to_fail_count[arm] for arm in places], dtype=np.float64)
        return success / (success + failure)

    def study(self, lesson: Lesson) -> None:
        """One outcome."""
        arm = self._place[lesson.suggestion.activity_id]
        self.bandit_of(lesson.person).partial_fit([arm], [_helped(lesson.suggestion)])


def _helped(suggestion: Suggestion) -> int:
    return int(suggestion.helpfulness >= 4)
