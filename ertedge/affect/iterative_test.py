"""The repeated test of face against voice, and of both together against the better one. Floor 1; pure.

Two questions are kept open until labels settle them: which modality is the more reliable for this person, and whether
both together beat the better one alone. The stated sequential rule, with z = 1.96:

- *Which one?* is settled when the probability that the one is better leaves [0.05, 0.95], or when the 95% interval of
their
  difference lies within ±``SAME_WITHIN``: then they are as good as each other, for any purpose here.
- *Does fusion help?* is settled when the 95% interval of its gain leaves 0 out, or is no wider than ±``SAME_WITHIN``.

How many more labels that takes is foreseen by letting the labels come evenly over the emotions and turn out as those
before: the means stay, and the variances shrink as those of the Beta and Dirichlet distributions they belong to.
Looking at a posterior after every label does not invalidate it, as it would a p-value (Berger & Wolpert 1988, "The
likelihood principle", section 4.2); the prior, worth several labels, guards against early luck.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.personal_reliability import INTERVAL_DEVIATIONS, ConfusionPosterior, probability_better
from ertedge.types import Modality

SURE = 0.95
SAME_WITHIN = 0.10
MOST_LABELS = 140
"""More than this nobody is asked for: twenty of each emotion."""

TRUST_FROM = 0.8
"""A modality is trusted from this probability on of being the better; it loses that only to the other one's reaching
it."""
LABELS_LEAST = 7
"""Before so many labels neither is preferred, nor fusion doubted, for a person."""
FUSION_DOUBTED = 0.1
"""Below this probability that fusion helps a person, the better modality is used alone."""

GAIN_PRIOR = (0.5, 1.0, 0.5)
"""Dirichlet prior of the outcomes of a label: fusion alone right, no difference, the single one alone right."""


@dataclass(frozen=True, slots=True)
class FusionGain:
    """Accuracy of both together less that of the better one alone: ``mean``, ``variance``, and ``labels``, the number
    of tests that it is worth with its prior."""

    mean: float
    variance: float
    labels: float

    @classmethod
    def of(
        cls, fused_right: NDArray[np.bool_], single_right: NDArray[np.bool_], weights: NDArray[np.float64]
    ) -> FusionGain:
        """From the same labels, (n,) each, which count ``weights``: the posterior of two shares of a Dirichlet."""
        won = float(weights[fused_right & ~single_right].sum()) + GAIN_PRIOR[0]
        lost = float(weights[~fused_right & single_right].sum()) + GAIN_PRIOR[2]
        total = float(weights.sum()) + sum(GAIN_PRIOR)
        mean = (won - lost) / total
        variance = ((won + lost) / total - mean**2) / (total + 1.0)
        return cls(mean, variance, total)

    def interval(self, more: float = 0.0) -> tuple[float, float]:
        """The 95% interval, after ``more`` labels that turn out as those before."""
        reach = INTERVAL_DEVIATIONS * math.sqrt(self.variance * (self.labels + 1.0) / (self.labels + more + 1.0))
        return self.mean - reach, self.mean + reach

    def probability_helps(self) -> float:
        """The probability that fusion is better than the better one alone."""
        return probability_better((self.mean, self.variance), (0.0, 0.0))

    def is_settled(self, more: float = 0.0) -> bool:
        """Whether the question is settled after ``more`` labels."""
        low, high = self.interval(more)
        return low > 0.0 or high < 0.0 or high - low <= 2.0 * SAME_WITHIN


def face_more_reliable(face: ConfusionPosterior, voice: ConfusionPosterior) -> float:
    """The probability that the face is more often right than the voice."""
    return probability_better(face.accuracy_moments(), voice.accuracy_moments())


def which_is_settled(face: ConfusionPosterior, voice: ConfusionPosterior, more: NDArray[np.float64]) -> bool:
    """Whether it is settled which modality is the better, after ``more`` (classes,) labels of each emotion."""
    first, second = face.accuracy_moments(more), voice.accuracy_moments(more)
    probability = probability_better(first, second)
    reach = INTERVAL_DEVIATIONS * math.sqrt(first[1] + second[1])
    return not 1.0 - SURE <= probability <= SURE or abs(first[0] - second[0]) + reach <= SAME_WITHIN


def labels_to_settle(face: ConfusionPosterior, voice: ConfusionPosterior, gain: FusionGain) -> int | None:
    """How many more labels settle both questions if they go on as they did: 0 when both are settled, None beyond
    ``MOST_LABELS``."""
    classes = len(face.counts)
    least = max(0, LABELS_LEAST - min(face.labels, voice.labels))
    for more in range(least, MOST_LABELS + 1):
        if gain.is_settled(more) and which_is_settled(face, voice, np.full(classes, more / classes)):
            return more
    return None


def most_informative(posteriors: Sequence[ConfusionPosterior]) -> int:
    """The class, an index, of which one more label is expected to take most from the variance of the modalities'
    difference in accuracy: a Beta's variance v worth A counts becomes v (A + 1) / (A + 2)."""
    saved = np.zeros(len(posteriors[0].counts))
    for posterior in posteriors:
        _, variance = posterior.recall_moments()
        saved += variance / (posterior.concentrations.sum(axis=1) + 2.0)
    return int(saved.argmax())


class Trust:
    """Which modality is trusted, and since when, with hysteresis: a preference once found is kept until the other one
    has earned it."""

    def __init__(self) -> None:
        self.modality: Modality | None = None
        self.since_wall_ns = 0

    def update(self, face: ConfusionPosterior, voice: ConfusionPosterior, wall_time_ns: int) -> None:
        """Look again after a label at ``wall_time_ns``."""
        if min(face.labels, voice.labels) < LABELS_LEAST:
            return
        probability = face_more_reliable(face, voice)
        found = self.modality
        if probability >= TRUST_FROM:
            found = Modality.FACE
        elif probability <= 1.0 - TRUST_FROM:
            found = Modality.VOICE
        if found is not self.modality:
            self.modality, self.since_wall_ns = found, wall_time_ns
