"""Personal popularity: what has helped this person, drawn to what helps most people as far as little is known. Host side.

An empirical Bayes model with no word of how anybody feels. The rating of person i for activity a of family f is

    y = m_a + b_i + u_if + v_ia + e,

with normal b, u, v and e whose variances are found from the training log by the method of moments (products of two ratings
by one person: of any activities, of one family, of one activity). What a person's ratings tell is then the exact posterior
of (b + u + v), one rank-one step a rating. Uptake likewise, on the scale of shares with variances of its own. Offers follow
a draw from the posterior (Thompson sampling) or its mean, as validation says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Activity
from tools.baselines.choice import Expectation, Forecaster, Habits, Lesson, Question
from tools.baselines.log_table import LogTable, family_numbers, is_done, mean_helpfulness, rated_helpfulness

Array = NDArray[np.float64]
UPTAKE_LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Components:
    """Variances of a person, of a person's family, of a person's activity, and of what is left."""

    person: float
    family: float
    activity: float
    noise: float

    def covariance(self, family: NDArray[np.int64]) -> Array:
        """(A, A) prior covariance of one person's deviations over activities of these families."""
        same = (family[:, None] == family[None, :]).astype(np.float64)
        return self.person + self.family * same + self.activity * np.eye(len(family))


def components_of(
    person: NDArray[np.int64], activity: NDArray[np.int64], residual: Array, family: NDArray[np.int64]
) -> Components:
    """The components of ``residual`` (n,), ratings less their activities' means, by the method of moments."""
    products = np.zeros(3)
    pairs = np.zeros(3)
    order = np.argsort(person, kind="stable")
    bounds = np.flatnonzero(np.diff(person[order])) + 1
    for mine in np.split(order, bounds):
        r = residual[mine]
        outer = np.outer(r, r)
        apart = ~np.eye(len(r), dtype=bool)
        same_activity = activity[mine][:, None] == activity[mine][None, :]
        same_family = family[activity[mine]][:, None] == family[activity[mine]][None, :]
        kinds = (~same_family, same_family & ~same_activity, same_activity & apart)
        products += [outer[kind].sum() for kind in kinds]
        pairs += [kind.sum() for kind in kinds]
    between, in_family, in_activity = products / np.maximum(pairs, 1)
    own = max(float(between), 1e-4)
    of_family = max(float(in_family - own), 1e-4)
    of_activity = max(float(in_activity - own - of_family), 1e-4)
    noise = max(float(residual.var()) - own - of_family - of_activity, 0.01)
    return Components(own, of_family, of_activity, noise)


class Posterior:
    """What is known of one person's deviations (A,): mean and covariance, exact for normal components."""

    def __init__(self, covariance: Array, noise: float) -> None:
        self.mean = np.zeros(len(covariance))
        self.covariance = covariance.copy()
        self._noise = noise

    def observe(self, activity: int, residual: float) -> None:
        """Take in one observation of ``activity`` less its common mean."""
        column = self.covariance[:, activity]
        gain = column / (column[activity] + self._noise)
        self.mean = self.mean + gain * (residual - self.mean[activity])
        self.covariance = self.covariance - np.outer(gain, column)

    def draw(self, rng: np.random.Generator) -> Array:
        """(A,) one draw."""
        values, vectors = np.linalg.eigh(self.covariance)
        return np.asarray(self.mean + vectors @ (np.sqrt(np.maximum(values, 0)) * rng.standard_normal(len(values))))


class PersonalPopularityChooser(Forecaster):
    """See the module. ``thompson`` chooses by a draw of the helpfulness instead of its mean."""

    name = "personal popularity"

    def __init__(
        self, table: LogTable, activities: Sequence[Activity], habits: Habits | None = None, *, thompson: bool = False
    ) -> None:
        super().__init__(habits)
        self._thompson = thompson
        self._place = {activity.activity_id: i for i, activity in enumerate(activities)}
        family = family_numbers(activities)
        self._helpfulness, self._uptake = mean_helpfulness(table)
        rated = table.rated
        residual = table.helpfulness[rated] - self._helpfulness[table.activity[rated]]
        helpful = components_of(table.person[rated], table.activity[rated], residual, family)
        taken = components_of(table.person, table.activity, table.done - self._uptake[table.activity], family)
        self._priors = tuple((kind.covariance(family), kind.noise) for kind in (helpful, taken))
        self._known: dict[int, tuple[Posterior, Posterior]] = {}

    def forget(self) -> None:
        """Forget everybody."""
        self._known = {}

    def study(self, lesson: Lesson) -> None:
        """One outcome."""
        helpful, taken = self._of(lesson.person)
        suggestion = lesson.suggestion
        activity = self._place[suggestion.activity_id]
        taken.observe(activity, float(is_done(suggestion)) - self._uptake[activity])
        if suggestion.helpfulness:
            helpful.observe(activity, rated_helpfulness(suggestion) - self._helpfulness[activity])

    def rank(self, question: Question) -> Array:
        """Expected gain."""
        helpful, _ = self._of(question.person)
        return self._gain(question, helpful.mean)

    def try_out(self, question: Question) -> Array:
        """A draw of the gain, or the expected one."""
        helpful, _ = self._of(question.person)
        return self._gain(question, helpful.draw(self._rng) if self._thompson else helpful.mean)

    def predict(self, question: Question) -> Expectation:
        """Posterior mean and standard deviation."""
        helpful, _ = self._of(question.person)
        places = [self._place[activity.activity_id] for activity in question.activities]
        mean = np.clip(self._helpfulness + helpful.mean, -1, 1)
        return Expectation(mean[places], np.sqrt(np.maximum(np.diag(helpful.covariance), 0))[places])

    def _gain(self, question: Question, deviation: Array) -> Array:
        _, taken = self._of(question.person)
        places = [self._place[activity.activity_id] for activity in question.activities]
        uptake = np.clip(self._uptake + taken.mean, UPTAKE_LEAST, 1)
        return np.asarray(((self._helpfulness + deviation) * uptake)[places])

    def _of(self, person: int) -> tuple[Posterior, Posterior]:
        if person not in self._known:
            helpful, taken = (Posterior(covariance, noise) for covariance, noise in self._priors)
            self._known[person] = helpful, taken
        return self._known[person]
