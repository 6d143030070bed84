"""How two opinions become one: five rules behind one interface, a few lines each. Floor 1; pure.

All of them take what each modality says, probabilities (..., classes), and how good its evidence is, and give the
pooled probabilities with the weight that each modality had. ``python -m tools.evaluate personal`` compares them by
their log-loss on people whom nobody trained on; the winner is the default. A modality on its own is passed on unchanged
by all of them, so that its calibration is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.personal_reliability import votes
from ertedge.affect.reliability import Reliabilities
from ertedge.types import FusionRuleName, Modality

SMALLEST_PROBABILITY = 1e-4
"""Below this a modality's no is not believed: one certain voice must not be able to veto the other."""

Floats = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Pooled:
    """``probabilities`` (..., classes), summing to one; ``weights`` of each modality, (classes,), which sum to one over
    the modalities for every class."""

    probabilities: Floats
    weights: Mapping[Modality, Floats]


class FusionRule(Protocol):
    """A way to pool what the modalities of ``said`` (at least two), probabilities (..., classes), have to say.

    ``quality`` of each is in (0, 1]; both have the same keys.
    """

    @property
    def name(self) -> FusionRuleName:
        """What it is called."""
        ...

    def pool(self, said: Mapping[Modality, Floats], quality: Mapping[Modality, float]) -> Pooled:
        """One opinion of several."""
        ...


@dataclass(frozen=True, slots=True)
class WeightedAverage:
    """The published framework's rule: ``p(e) ~ sum_m w_m(e) p_m(e)`` with ``w_m(e)`` reliability times quality, made to
    sum to one (a linear opinion pool: Stone 1961, "The opinion pool", Ann. Math. Stat. 32:1339-1342)."""

    reliabilities: Reliabilities
    name: FusionRuleName = FusionRuleName.WEIGHTED_AVERAGE

    def pool(self, said: Mapping[Modality, Floats], quality: Mapping[Modality, float]) -> Pooled:
        """One opinion of several."""
        weights = _weights(self.reliabilities, quality)
        return Pooled(_normalised(np.sum([weights[m] * p for m, p in said.items()], axis=0)), weights)


@dataclass(frozen=True, slots=True)
class LogPool:
    """A log-opinion pool whose weights depend on the emotion (Genest & Zidek 1986, "Combining probability
    distributions", Stat. Sci. 1:114-135, eq. 3.5)::

        log p(e) = s * sum_m  w_m(e) * log p_m(e)  + constant
        s        = N ** independence,   N = 1 / sum_m W_m^2      W_m the mean of w_m(e) over emotions

    ``N`` is the effective number of modalities (Kish): 1 when one has all the weight, 2 when both have the same. With
    ``independence`` 0 the pool is a geometric mean, as for two witnesses who saw the same; with 1 and equal weights it
    is the product, as for two who saw independently.
    """

    reliabilities: Reliabilities
    name: FusionRuleName = FusionRuleName.LOG_POOL

    def pool(self, said: Mapping[Modality, Floats], quality: Mapping[Modality, float]) -> Pooled:
        """One opinion of several."""
        weights = _weights(self.reliabilities, quality)
        effective = 1.0 / sum(float(weight.mean()) ** 2 for weight in weights.values())
        scale = effective**self.reliabilities.independence
        return Pooled(_softmax(scale * np.sum([weights[m] * _log(p) for m, p in said.items()], axis=0)), weights)


@dataclass(frozen=True, slots=True)
class ConfusionBayes:
    """Bayes' rule through each modality's confusion matrix, ``matrices[m][e, j] = p(m says j | e is felt)``::

        p(e) ~ prod_m  sum_j votes_j(p_m) * matrices[m][e, j]

    the independent Bayesian combination of Kim & Ghahramani 2012, "Bayesian classifier combination", AISTATS, with soft
    answers. A modality of lower quality is mixed with what says nothing. The weight that is shown is each modality's
    share of the mutual information between what is felt and what is said.
    """

    matrices: Mapping[Modality, NDArray[np.float64]]
    name: FusionRuleName = FusionRuleName.CONFUSION

    def pool(self, said: Mapping[Modality, Floats], quality: Mapping[Modality, float]) -> Pooled:
        """One opinion of several."""
        scores = []
        for modality, p in said.items():
            likelihood = votes(p) @ self.matrices[modality].T
            nothing = likelihood.mean(axis=-1, keepdims=True)
            scores.append(_log(quality[modality] * likelihood + (1.0 - quality[modality]) * nothing))
        told = {m: quality[m] * mutual_information(self.matrices[m]) + 1e-9 for m in said}
        classes = next(iter(said.values())).shape[-1]
        weights = {m: np.full(classes, value / sum(told.values())) for m, value in told.items()}
        return Pooled(_softmax(np.sum(scores, axis=0)), weights)


@dataclass(frozen=True, slots=True)
class Stacked:
    """A logistic model over both (Wolpert 1992, "Stacked generalization", Neural Networks 5:241-259)::

        log p(e) = sum_m  slopes[m] * quality_m / mean quality * log p_m(e)  +  bias[e]  + constant

    ``slopes`` and ``bias`` (classes,) are fitted by ``ertedge.affect.stacking``.
    """

    slopes: Mapping[Modality, float]
    bias: NDArray[np.float64]
    name: FusionRuleName = FusionRuleName.STACKED

    def pool(self, said: Mapping[Modality, Floats], quality: Mapping[Modality, float]) -> Pooled:
        """One opinion of several."""
        mean = sum(quality[m] for m in said) / len(said)
        slopes = {m: self.slopes[m] * quality[m] / mean for m in said}
        logits = np.sum([slopes[m] * _log(p) for m, p in said.items()], axis=0) + self.bias
        total = sum(abs(slope) for slope in slopes.values()) + 1e-9
        weights = {m: np.full(len(self.bias), abs(slope) / total) for m, slope in slopes.items()}
        return Pooled(_softmax(logits), weights)


@dataclass(frozen=True, slots=True)
class Single:
    """The better modality alone, for a person whom fusion does not help."""

    modality: Modality
    name: FusionRuleName = FusionRuleName.SINGLE

    def pool(self, said: Mapping[Modality, Floats], quality: Mapping[Modality, float]) -> Pooled:
        """One opinion of several."""
        chosen = self.modality if self.modality in said and quality[self.modality] > 0 else next(iter(said))
        classes = said[chosen].shape[-1]
        return Pooled(said[chosen], {m: np.full(classes, float(m is chosen)) for m in said})


def mutual_information(matrix: NDArray[np.float64]) -> float:
    """What a modality tells of an emotion, all equally frequent, in nats: 0 for one that always says the same.
    ``matrix`` (classes, classes): rows the emotion felt, each summing to one."""
    said = matrix.mean(axis=0)
    ratio = np.log(np.maximum(matrix, 1e-12) / np.maximum(said, 1e-12))
    return max(0.0, float((matrix * ratio).sum(axis=1).mean()))


def _weights(reliabilities: Reliabilities, quality: Mapping[Modality, float]) -> dict[Modality, Floats]:
    """w_m(e), (classes,) each; they sum to one over the modalities for every emotion."""
    raw = {modality: reliabilities.of(modality) * worth for modality, worth in quality.items()}
    total = np.sum(list(raw.values()), axis=0)
    return {modality: weight / total for modality, weight in raw.items()}


def _log(probabilities: Floats) -> Floats:
    logarithms: Floats = np.log(np.maximum(probabilities, SMALLEST_PROBABILITY))
    return logarithms


def _normalised(values: Floats) -> Floats:
    normalised: Floats = values / values.sum(axis=-1, keepdims=True)
    return normalised


def _softmax(logits: Floats) -> Floats:
    return _normalised(np.exp(logits - logits.max(axis=-1, keepdims=True)))
