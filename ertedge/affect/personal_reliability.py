"""How far each modality can be believed about one person: what it said when the person felt what, counted. Floor 1.

Each row of a modality's confusion matrix, what it says when the person feels emotion e, is a Dirichlet distribution
whose prior is the population's row worth ``PRIOR_LABELS`` labels, and to which each label of the person adds at most
one count (Dirichlet-multinomial conjugacy: Gelman et al., "Bayesian Data Analysis", 3rd ed., section 3.4)::

    a_e = PRIOR_LABELS * population_e + sum_i w_i votes(p_i)        over the labels i of emotion e
    w_i = quality_i * 0.5 ** (age_i / HALF_LIFE)

``votes`` are soft: an answer that was torn between two emotions counts in part for both. The diagonal of a row is then
a Beta distribution; accuracy, all emotions counted equally, is the mean of seven independent ones, with an interval
that is normal on the scale of log-odds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Float32Array, Modality, ModalityReliability

PRIOR_LABELS = 4.0
"""What the population's row counts for: a first label moves its emotion by a fifth, and accuracy over all by a 35th;
after fifty labels, seven an emotion, the person outweighs the population two to one."""

HALF_LIFE_DAYS = 90.0
"""People change with a season more than with a week."""

VOTE_SHARPNESS = 3.0
"""Votes are p ** this, made to sum to one: between the answer alone (infinite) and the probabilities themselves (1)."""

INTERVAL_DEVIATIONS = 1.96
WIDEST_LOG_ODDS = 100.0
"""Beyond this an interval is all of (0, 1) anyway."""
_NS_PER_DAY = 86_400 * 1_000_000_000


def votes(probabilities: Float32Array) -> NDArray[np.float64]:
    """How one answer, (..., 7) probabilities, is shared out over the columns of a confusion matrix; sums to one."""
    powered = np.power(probabilities.astype(np.float64), VOTE_SHARPNESS)
    shared: NDArray[np.float64] = powered / powered.sum(axis=-1, keepdims=True)
    return shared


def fading(label_wall_ns: int, now_wall_ns: int) -> float:
    """What is left of a label at ``now_wall_ns``, in (0, 1]; one from the future (the clock was set back) counts
    whole."""
    age_days = max(0, now_wall_ns - label_wall_ns) / _NS_PER_DAY
    return float(0.5 ** (age_days / HALF_LIFE_DAYS))


@dataclass(frozen=True, slots=True)
class LabelledAnswer:
    """One label as a test of one modality: what was felt (``emotion``, an index into ``EMOTIONS``), what the modality
    said, (7,), and how much the test counts."""

    emotion: int
    probabilities: Float32Array
    weight: float


class ConfusionPosterior:
    """The Dirichlet rows of one modality. ``population`` is (classes, classes), rows the emotion felt, each summing to
    one."""

    def __init__(self, population: NDArray[np.float64]) -> None:
        self._prior = PRIOR_LABELS * population
        self.counts: NDArray[np.float64] = np.zeros_like(self._prior)
        self.labels = 0

    def add(self, answer: LabelledAnswer) -> None:
        """Take in one label."""
        self.counts[answer.emotion] += answer.weight * votes(answer.probabilities)
        self.labels += 1

    def add_all(self, given: Sequence[LabelledAnswer]) -> ConfusionPosterior:
        """Take in several; returns itself."""
        for answer in given:
            self.add(answer)
        return self

    def without(self, given: Sequence[LabelledAnswer]) -> ConfusionPosterior:
        """What would be known without some of the answers that were added."""
        less = ConfusionPosterior(self._prior / PRIOR_LABELS)
        less.counts = self.counts.copy()
        less.labels = self.labels - len(given)
        for answer in given:
            less.counts[answer.emotion] -= answer.weight * votes(answer.probabilities)
        less.counts = np.maximum(less.counts, 0.0)
        return less

    @property
    def concentrations(self) -> NDArray[np.float64]:
        """The Dirichlet parameters, (7, 7)."""
        return self._prior + self.counts

    def matrix(self) -> NDArray[np.float64]:
        """The expected confusion matrix, (7, 7): p(said | felt), rows sum to one."""
        rows = self.concentrations
        mean: NDArray[np.float64] = rows / rows.sum(axis=1, keepdims=True)
        return mean

    def recall_moments(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and variance of the share of each emotion that is heard or seen right, (7,) each: those of a Beta."""
        rows = self.concentrations
        total = rows.sum(axis=1)
        mean = np.diag(rows) / total
        return mean, mean * (1.0 - mean) / (total + 1.0)

    def accuracy_moments(self, more: NDArray[np.float64] | None = None) -> tuple[float, float]:
        """Mean and variance of accuracy with all emotions equally frequent.

        ``more`` (7,) are labels of each emotion still to come, that go on as those before: the mean stays, the variance
        shrinks.
        """
        mean, variance = self.recall_moments()
        if more is not None:
            total = self.concentrations.sum(axis=1)
            variance = variance * (total + 1.0) / (total + more + 1.0)
        return float(mean.mean()), float(variance.sum()) / len(variance) ** 2

    def reliability(self, modality: Modality) -> ModalityReliability:
        """Accuracy with its 95% interval."""
        mean, variance = self.accuracy_moments()
        low, high = interval(mean, variance)
        return ModalityReliability(modality, mean, low, high, self.labels, float(self.counts.sum()))


def interval(mean: float, variance: float) -> tuple[float, float]:
    """The 95% interval of a share in (0, 1): normal on the scale of log-odds (delta method), so that it stays
    inside."""
    bounded = min(max(mean, 1e-6), 1.0 - 1e-6)
    log_odds = math.log(bounded / (1.0 - bounded))
    reach = min(INTERVAL_DEVIATIONS * math.sqrt(variance) / (bounded * (1.0 - bounded)), WIDEST_LOG_ODDS)
    return 1.0 / (1.0 + math.exp(reach - log_odds)), 1.0 / (1.0 + math.exp(-reach - log_odds))


def probability_better(first: tuple[float, float], second: tuple[float, float]) -> float:
    """The probability that the first share is larger than the second, each given as mean and variance, taken as
    independent normals. Two modalities tested by the same labels err together, which makes this the cautious figure."""
    spread = math.sqrt(first[1] + second[1])
    if spread == 0.0:
        return 0.5
    return 0.5 * (1.0 + math.erf((first[0] - second[0]) / (spread * math.sqrt(2.0))))
