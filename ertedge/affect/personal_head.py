"""A light head for one person: how this person shows each emotion, told from how people in general do. Floor 1; pure.

The features z of a moment are an embedding, standardised, cut and projected. Two experts look at them: normal densities
on two levels (``two_level_normal``) that know how people differ, and a logistic model that follows the labels
(``personal_logistic``) on features less what is the person's own in everything, the mean of b. What they add to the
general model's opinion p is how their opinion of this person differs from theirs of anybody::

    log p'(e) = log p(e) + density_share  * (log N(z; this person's e) - log N(z; anybody's e))
                         + logistic_share * (logit(z - b; this person's) - logit(z; anybody's))  + constant

Without labels nothing changes, and an emotion never labelled still gains from what the others say of b. The experts'
shares make up for features that are not as independent of one another as the models take them to be (Bishop 2006,
"Pattern Recognition and Machine Learning", section 14.2 on committees); they are the population's, as is everything in
``HeadPrior``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.personal_logistic import Logistic, follow_each
from ertedge.affect.two_level_normal import Manners, PersonalManners, TwoLevelNormal, Unlabelled
from ertedge.types import Float32Array

Float64Array = NDArray[np.float64]

MOST_DEVIATIONS = 4.0
"""A standardised feature is cut here, so that one odd value does not decide."""

SMALLEST_PROBABILITY = 1e-4


@dataclass(frozen=True, slots=True)
class HeadPrior:
    """The population's part of one modality's head.

    ``centre`` and ``deviation`` (d,) standardise an embedding, ``projection`` (d, r) makes z of it. ``anybody`` is the
    logistic model of z of somebody unknown, ``known`` that of z less b, from which a person's starts with ``ridge``;
    each label counts ``label_weight``. ``density_share`` and ``logistic_share`` are in [0, 1].
    """

    centre: Float64Array
    deviation: Float64Array
    projection: Float64Array
    manners: Manners
    anybody: Logistic
    known: Logistic
    ridge: float
    label_weight: float
    density_share: float
    logistic_share: float
    lessons: Float64Array

    @property
    def size(self) -> int:
        """How many values an embedding has."""
        return len(self.centre)

    def features(self, embeddings: Float32Array | Float64Array) -> Float64Array:
        """(..., d) embeddings -> (..., r) features z."""
        standard = (np.asarray(embeddings, np.float64) - self.centre) / self.deviation
        projected: Float64Array = np.clip(standard, -MOST_DEVIATIONS, MOST_DEVIATIONS) @ self.projection
        return projected


class HeadModel:
    """Makes heads of one prior. Not thread-safe."""

    def __init__(self, prior: HeadPrior) -> None:
        self.prior = prior
        self._normal = TwoLevelNormal(prior.manners)

    @property
    def anybody(self) -> PersonalManners:
        """The manners of somebody of whom nothing is known."""
        return self._normal.anybody

    def forget(self) -> None:
        """Let go of what was kept to make one head after the other quickly."""
        self._normal.forget()

    def opinion(self, features: Float64Array) -> Float64Array:
        """What the two experts say of ``features`` (n, r) of anybody: (n, classes) logits."""
        return self._logits(features, self.anybody, self.prior.anybody, np.zeros(features.shape[1]))

    def head(
        self,
        features: Float64Array,
        felt: NDArray[np.int64],
        weights: Float64Array,
        unlabelled: Unlabelled | None = None,
    ) -> PersonalHead:
        """The head of n labelled moments: ``features`` (n, r), ``felt`` (n,) class indices, ``weights`` (n,) what each
        counts."""
        return self.heads(features, felt, weights[None], unlabelled)[0]

    def heads(
        self,
        features: Float64Array,
        felt: NDArray[np.int64],
        weights: Float64Array,
        unlabelled: Unlabelled | None = None,
    ) -> list[PersonalHead]:
        """m heads of the same moments, each with ``weights`` (m, n) of its own: a moment that weighs nothing is left out."""
        most = weights.max(axis=0) if len(weights) > 1 else None
        everybody = [self._normal.posterior(features, felt, one, unlabelled, most) for one in weights]
        shifted = np.stack([features - manners.shift for manners in everybody])
        prior = self.prior
        logistics = follow_each(prior.known, shifted, felt, prior.label_weight * weights, prior.ridge)
        return [PersonalHead(self, *both) for both in zip(everybody, logistics, strict=True)]

    def logits(self, features: Float64Array, manners: PersonalManners, logistic: Logistic) -> Float64Array:
        """What the two experts say of ``features`` (n, r) of one person: (n, classes) logits."""
        return self._logits(features, manners, logistic, manners.shift)

    def _logits(
        self, features: Float64Array, manners: PersonalManners, logistic: Logistic, shift: Float64Array
    ) -> Float64Array:
        densities = self.prior.density_share * manners.scores(features)
        return densities + self.prior.logistic_share * logistic.logits(features - shift)


@dataclass(frozen=True, slots=True)
class PersonalHead:
    """What the labels of one person make of a prior."""

    model: HeadModel
    manners: PersonalManners
    logistic: Logistic

    def adapt(self, probabilities: Float32Array | Float64Array, features: Float64Array) -> Float64Array:
        """The general model's ``probabilities`` (n, classes) of moments with ``features`` (n, r), in the light of the
        labels."""
        gain = self.model.logits(features, self.manners, self.logistic) - self.model.opinion(features)
        logits = np.log(np.maximum(np.asarray(probabilities, np.float64), SMALLEST_PROBABILITY)) + gain
        adapted: Float64Array = np.exp(logits - logits.max(axis=1, keepdims=True))
        adapted /= adapted.sum(axis=1, keepdims=True)
        return adapted
