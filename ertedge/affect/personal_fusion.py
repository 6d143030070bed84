"""The fusion rule of one person, and what it gains over the better modality alone. Floor 1; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.fusion_rules import ConfusionBayes, FusionRule, LogPool, WeightedAverage
from ertedge.affect.iterative_test import FusionGain
from ertedge.affect.personal_reliability import ConfusionPosterior, LabelledAnswer
from ertedge.affect.population import Population
from ertedge.affect.reliability import Reliabilities, of_matrix
from ertedge.affect.stacking import fit_stacked
from ertedge.types import FusionRuleName, Modality

FOLDS_MOST = 20

Float64Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """n labels of which both modalities spoke: ``said`` (n, classes) each, ``felt`` (n,) class indices, ``weights``
    (n,) what each counts for (the mean of both), ``takes`` (n,)."""

    said: Mapping[Modality, Float64Array]
    felt: NDArray[np.int64]
    weights: Float64Array
    answers: Mapping[Modality, tuple[LabelledAnswer, ...]]
    takes: NDArray[np.int64]

    @classmethod
    def of(
        cls, answers: Mapping[Modality, Mapping[int, LabelledAnswer]], takes: NDArray[np.int64], classes: int
    ) -> Pairs:
        """Of the answers of each modality by the place of their label, and the take of each label."""
        face, voice = answers[Modality.FACE], answers[Modality.VOICE]
        places = sorted(face.keys() & voice.keys())
        chosen = {m: tuple(given[place] for place in places) for m, given in answers.items()}
        return cls(
            said={
                m: np.array([one.probabilities for one in given], np.float64).reshape(-1, classes)
                for m, given in chosen.items()
            },
            felt=np.array([one.emotion for one in chosen[Modality.FACE]], np.int64),
            weights=np.array([(face[place].weight + voice[place].weight) / 2.0 for place in places]),
            answers=chosen,
            takes=takes[places],
        )

    def take(self, keep: NDArray[np.bool_]) -> Pairs:
        """Only some."""
        return Pairs(
            said={m: p[keep] for m, p in self.said.items()},
            felt=self.felt[keep],
            weights=self.weights[keep],
            answers={
                m: tuple(one for one, stays in zip(given, keep, strict=True) if stays)
                for m, given in self.answers.items()
            },
            takes=self.takes[keep],
        )


def personal_rule(
    population: Population, posteriors: Mapping[Modality, ConfusionPosterior], pairs: Pairs, name: FusionRuleName
) -> FusionRule:
    """The rule called ``name`` (not SINGLE) with the coefficients of the person of ``posteriors`` and ``pairs``."""
    if name is FusionRuleName.CONFUSION:
        return ConfusionBayes({m: posterior.matrix() for m, posterior in posteriors.items()})
    if name is FusionRuleName.STACKED:
        return fit_stacked(pairs.said, pairs.felt, pairs.weights, population.stacked)
    face, voice = (of_matrix(posteriors[modality].matrix()) for modality in (Modality.FACE, Modality.VOICE))
    reliabilities = Reliabilities(face, voice, population.reliabilities.independence)
    return LogPool(reliabilities) if name is FusionRuleName.LOG_POOL else WeightedAverage(reliabilities)


def left_out_fusion(
    population: Population, posteriors: Mapping[Modality, ConfusionPosterior], pairs: Pairs, name: FusionRuleName
) -> Float64Array:
    """What the rule called ``name`` says of each pair when it has not seen that pair's take: (n, classes)."""
    fused = np.zeros_like(pairs.said[Modality.FACE])
    folds = pairs.takes % FOLDS_MOST
    for fold in np.unique(folds):
        out = folds == fold
        left: Sequence[int] = np.flatnonzero(out).tolist()
        without = {
            modality: posterior.without([pairs.answers[modality][place] for place in left])
            for modality, posterior in posteriors.items()
        }
        rule = personal_rule(population, without, pairs.take(~out), name)
        pooled = rule.pool({m: p[out] for m, p in pairs.said.items()}, dict.fromkeys(pairs.said, 1.0))
        fused[out] = pooled.probabilities
    return fused


def fusion_gain(fused: Float64Array, pairs: Pairs, better: Modality) -> FusionGain:
    """What ``fused`` (n, classes) gains over the modality ``better`` on the same pairs."""
    alone = pairs.said[better].argmax(axis=1) == pairs.felt
    return FusionGain.of(fused.argmax(axis=1) == pairs.felt, alone, pairs.weights)
