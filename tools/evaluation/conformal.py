"""Split conformal prediction: sets of emotions that hold the true one in a promised share of cases, whatever the model. Host
only.

A score says how strange a label would be for a sample; with n samples of other people, a label is in the set where its score
is at most the ceil((n + 1) * coverage)-th smallest of theirs (Vovk et al. 2005, "Algorithmic learning in a random world",
section 2.2; Papadopoulos et al. 2002). The promise holds where those people and the new one come from one population, each
sample as if drawn alone; clips of one speaker are not, which is what the check on others is for.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError

Numbers = NDArray[np.floating]
Labels = NDArray[np.int64]


class Method(StrEnum):
    """Least ambiguous sets, score 1 - p(label) (Sadinle et al. 2019); the same with a quantile a label, which promises the
    coverage for each emotion (Mondrian: Vovk 2013); adaptive sets, the probability above the label and a random share of its
    own (Romano et al. 2020)."""

    LAC = "LAC"
    MONDRIAN = "LAC, per class"
    APS = "APS"


@dataclass(frozen=True, slots=True)
class ConformalSets:
    """``limits`` (classes,): the largest score of each label that is still in a set; infinite for a label of which too few
    samples are known, which is then in every set."""

    method: Method
    limits: NDArray[np.float64]

    @classmethod
    def calibrated(
        cls, method: Method, probabilities: Numbers, labels: Labels, coverage: float, seed: int
    ) -> ConformalSets:
        """From what the model says of ``probabilities`` (n, classes), calibration people. Raises ConfigurationError where
        there are none."""
        if not len(labels):
            raise ConfigurationError(["there is nothing to calibrate with; check --root"])
        own = _scores(method, probabilities, seed)[np.arange(len(labels)), labels]
        classes = probabilities.shape[1]
        if method is Method.MONDRIAN:
            return cls(method, np.array([_limit(own[labels == one], coverage) for one in range(classes)]))
        return cls(method, np.full(classes, _limit(own, coverage)))

    def sets(self, probabilities: Numbers, seed: int) -> NDArray[np.bool_]:
        """(n, classes): which labels are in the set of each sample; the likeliest always is."""
        inside = _scores(self.method, probabilities, seed) <= self.limits
        inside[np.arange(len(inside)), probabilities.argmax(axis=1)] = True
        return np.asarray(inside)


@dataclass(frozen=True, slots=True)
class SetFigures:
    """What sets are worth: the share that hold the true label, the same of each class (NaN without samples), their mean
    size, and the share that name one label only."""

    coverage: float
    per_class: NDArray[np.float64]
    size: float
    single: float


def figures_of(sets: NDArray[np.bool_], labels: Labels) -> SetFigures:
    """The figures of ``sets`` (n, classes), n > 0."""
    held = sets[np.arange(len(labels)), labels]
    counts = np.bincount(labels, minlength=sets.shape[1])
    per_class = np.bincount(labels, weights=held, minlength=sets.shape[1]) / np.where(counts, counts, np.nan)
    sizes = sets.sum(axis=1)
    return SetFigures(float(held.mean()), per_class, float(sizes.mean()), float((sizes == 1).mean()))


def _scores(method: Method, probabilities: Numbers, seed: int) -> NDArray[np.float64]:
    """(n, classes): how strange each label would be."""
    p = probabilities.astype(np.float64)
    if method is not Method.APS:
        return 1.0 - p
    order = np.argsort(-p, axis=1, kind="stable")
    ordered = np.take_along_axis(p, order, axis=1)
    share = np.random.default_rng(seed).random((len(p), 1))
    scores = np.empty_like(p)
    np.put_along_axis(scores, order, np.cumsum(ordered, axis=1) - (1.0 - share) * ordered, axis=1)
    return scores


def _limit(scores: NDArray[np.float64], coverage: float) -> float:
    place = int(np.ceil((len(scores) + 1) * coverage - 1e-9))
    return float(np.sort(scores)[place - 1]) if place <= len(scores) else float("inf")
