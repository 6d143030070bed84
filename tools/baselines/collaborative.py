"""Matrix rankers as choosers: what helped people who were helped by the same. Host side only.

A person's row says which activities helped them (rated 4 or 5 at least once). Alone such a ranker knows neither a new
person, nor repetition, nor dislike, so it is given what it lacks: the common gain of each activity, and the person's own
gain (the mean of helpfulness where offered, drawn to 0 as by two offers). The three are standardised over the activities
and added with weights that validation people choose, together with the share of exploration
(``python -m tools.baselines tune``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from ertedge.types import Activity
from tools.baselines.choice import Explorer, Habits, Lesson, Question
from tools.baselines.log_table import LogTable, is_done, mean_helpfulness, rated_helpfulness
from tools.baselines.matrix import HeldOut, MatrixRanker

Array = NDArray[np.float64]

HELPED_LEAST = 0.5
"""A rating of 4 or 5."""
OWN_PRIOR = 2.0
VALIDATION_SHARE = 0.15
SHOWN_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Weights:
    """How much the common and the person's own gain count beside the ranker's score."""

    common: float = 0.5
    own: float = 1.0


@dataclass
class _Person:
    helped: Array
    gain: Array
    offered: Array


class CollaborativeChooser(Explorer):
    """See the module. ``ranker`` is fitted."""

    def __init__(
        self,
        ranker: MatrixRanker,
        table: LogTable,
        activities: Sequence[Activity],
        *,
        weights: Weights | None = None,
        habits: Habits | None = None,
    ) -> None:
        super().__init__(habits)
        self.name = ranker.name
        self._ranker = ranker
        self._weights = weights or Weights()
        self._place = {activity.activity_id: i for i, activity in enumerate(activities)}
        helpfulness, uptake = mean_helpfulness(table)
        self._mean = helpfulness
        self._common = _standard(helpfulness * uptake)
        self._people: dict[int, _Person] = {}

    def forget(self) -> None:
        """Forget everybody."""
        self._people = {}

    def study(self, lesson: Lesson) -> None:
        """One outcome."""
        person = self._of(lesson.person)
        activity = self._place[lesson.suggestion.activity_id]
        person.offered[activity] += 1
        if not is_done(lesson.suggestion):
            return
        helpfulness = rated_helpfulness(lesson.suggestion)
        person.gain[activity] += self._mean[activity] if np.isnan(helpfulness) else helpfulness
        if helpfulness >= HELPED_LEAST:
            person.helped[activity] = 1.0

    def rank(self, question: Question) -> Array:
        """The weighted sum."""
        person = self._of(question.person)
        total = self._weights.common * self._common
        if person.helped.any():
            total = total + _standard(self._ranker.scores(sparse.csr_matrix(person.helped[None, :]))[0])
        own = person.gain / (person.offered + OWN_PRIOR)
        # Own gains are on the scale of helpfulness; half a point of it weighs like one standard deviation of the rest.
        total = total + self._weights.own * own / HELPED_LEAST
        return np.asarray(total[[self._place[activity.activity_id] for activity in question.activities]])

    def _of(self, person: int) -> _Person:
        if person not in self._people:
            size = len(self._place)
            self._people[person] = _Person(np.zeros(size), np.zeros(size), np.zeros(size))
        return self._people[person]


def _standard(scores: Array) -> Array:
    spread = float(scores.std())
    return np.asarray((scores - scores.mean()) / spread if spread > 0 else scores * 0.0)


def helped_matrix(table: LogTable) -> sparse.csr_matrix:
    """(people, activities), 1 where the activity helped the person at least once."""
    helped = np.nan_to_num(table.helpfulness, nan=-1.0) >= HELPED_LEAST
    matrix = np.zeros((table.people, table.activities), dtype=np.float32)
    matrix[table.person[helped], table.activity[helped]] = 1.0
    return sparse.csr_matrix(matrix)


def fit_ranker(ranker: MatrixRanker, table: LogTable, seed: int) -> MatrixRanker:
    """Fit a ranker to what helped whom in a log; validation people are some of the log's, and are not trained on."""
    matrix = helped_matrix(table)
    rng = np.random.default_rng(seed)
    enough = rng.permutation(np.flatnonzero(np.diff(matrix.indptr) >= 2))
    validated = enough[: max(1, round(VALIDATION_SHARE * len(enough)))]
    rest = np.setdiff1d(np.flatnonzero(np.diff(matrix.indptr) > 0), validated)
    shown = matrix[validated].toarray()
    hidden = shown.copy()
    for row in range(len(shown)):
        places = rng.permutation(np.flatnonzero(shown[row]))
        cut = min(max(1, round(SHOWN_SHARE * len(places))), len(places) - 1)
        shown[row, places[cut:]] = 0.0
        hidden[row, places[:cut]] = 0.0
    ranker.fit(matrix[rest], HeldOut(sparse.csr_matrix(shown), sparse.csr_matrix(hidden)))
    return ranker
