"""A light head for one person: how this person shows each emotion, told from how people in general do. Floor 1; pure.

The features z of a moment (an embedding, standardised and projected) are taken as normal on two levels, people and
moments (a mixed-effects model; in speaker and face recognition it is known as PLDA: Prince & Elder 2007, "Probabilistic
linear discriminant analysis for inferences about identity", ICCV; Ioffe 2006, ECCV)::

    z = mean[e] + b + d[e] + noise        b    ~ N(0, person)        how this person differs in everything they do
                                          d[e] ~ N(0, manner)        how they differ in showing emotion e
                                          noise ~ N(0, within)       how one moment differs from the next

All of ``mean, person, manner, within`` are the population's. Labels of a person give the posterior of b and every d[e]
in closed form (normal-normal conjugacy, Gelman et al., "Bayesian Data Analysis", section 5.4), with n_e labels of
emotion e of mean zbar_e::

    K_e = (manner + within / n_e) ** -1
    b   ~ N(B h, B),          B = (person ** -1 + sum_e K_e) ** -1,   h = sum_e K_e (zbar_e - mean[e])
    d_e | b has mean G_e (zbar_e - mean[e] - b) and covariance manner - G_e manner,   G_e = manner K_e

and so the likelihood of a new moment under each emotion. What the head adds to the general model's opinion p is how
much likelier the moment is under this person's way of showing an emotion than under anybody's::

    log p'(e) = log p(e) + strength * (log N(z; person's e) - log N(z; anybody's e)) + constant

Unlabelled moments (``feature_normalisation``) are one more observation of b. Without either nothing changes; an emotion
never labelled still gains from b. A hundred labels cost a few inversions of matrices of the size of z.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Float32Array

Float64Array = NDArray[np.float64]

MOST_DEVIATIONS = 4.0
"""A standardised feature is cut here, so that one odd value does not decide."""

SMALLEST_PROBABILITY = 1e-4


@dataclass(frozen=True, slots=True)
class HeadPrior:
    """The population's part of one modality's head.

    ``centre`` and ``deviation`` (d,) standardise an embedding, ``projection`` (d, r) makes z of it. ``means`` (classes,
    r); ``person``, ``manner``, ``within`` (r, r) covariances. ``strength`` in (0, 1] makes up for features that are not
    as independent of one another from moment to moment as the model takes them to be.
    """

    centre: Float64Array
    deviation: Float64Array
    projection: Float64Array
    means: Float64Array
    person: Float64Array
    manner: Float64Array
    within: Float64Array
    strength: float

    @property
    def size(self) -> int:
        """How many values an embedding has."""
        return len(self.centre)

    def features(self, embeddings: Float32Array | Float64Array) -> Float64Array:
        """(..., d) embeddings -> (..., r) features z."""
        standard = (np.asarray(embeddings, np.float64) - self.centre) / self.deviation
        projected: Float64Array = np.clip(standard, -MOST_DEVIATIONS, MOST_DEVIATIONS) @ self.projection
        return projected

    def scores(self, features: Float64Array) -> Float64Array:
        """log N(z; anybody's e) of features (n, r): (n, classes), but for a constant."""
        return _Normals.of(self.means, np.broadcast_to(self._of_anybody(), (len(self.means), *self.within.shape)))(
            features
        )

    def _of_anybody(self) -> Float64Array:
        return self.within + self.person + self.manner


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """What unlabelled moments say of b: ``offset`` (r,) as ``FeatureNormaliser`` keeps it, worth ``takes``
    observations."""

    offset: Float64Array
    takes: float


class PersonalHead:
    """What the labels of one person make of a prior."""

    def __init__(
        self,
        prior: HeadPrior,
        features: Float64Array,
        felt: NDArray[np.int64],
        weights: Float64Array,
        unlabelled: Unlabelled | None = None,
    ) -> None:
        """``features`` (n, r) of n labelled moments, ``felt`` (n,) class indices, ``weights`` (n,) what each counts."""
        self._prior = prior
        self._normals = _Normals.of(*_posterior(prior, features, felt, weights, unlabelled))

    def scores(self, features: Float64Array) -> Float64Array:
        """log N(z; this person's e), (n, classes), but for the same constant as the prior's."""
        return self._normals(features)

    def adapt(self, probabilities: Float32Array | Float64Array, features: Float64Array) -> Float64Array:
        """The general model's ``probabilities`` (n, classes) of moments with ``features`` (n, r), in the light of the
        labels."""
        gain = self._prior.strength * (self.scores(features) - self._prior.scores(features))
        logits = np.log(np.maximum(np.asarray(probabilities, np.float64), SMALLEST_PROBABILITY)) + gain
        adapted: Float64Array = np.exp(logits - logits.max(axis=1, keepdims=True))
        adapted /= adapted.sum(axis=1, keepdims=True)
        return adapted


def _posterior(
    prior: HeadPrior,
    features: Float64Array,
    felt: NDArray[np.int64],
    weights: Float64Array,
    unlabelled: Unlabelled | None,
) -> tuple[Float64Array, Float64Array]:
    """Mean (classes, r) and covariance (classes, r, r) of a new moment of each class, given the labels."""
    precision = np.linalg.inv(prior.person)
    weighted = np.zeros(prior.means.shape[1])
    if unlabelled is not None and unlabelled.takes > 0:
        # Their emotions are not known, so the manner averages out only as far as there are several.
        several = min(unlabelled.takes, float(len(prior.means)))
        known = np.linalg.inv(prior.manner / several + prior.within / unlabelled.takes)
        precision = precision + known
        weighted += known @ unlabelled.offset
    seen: dict[int, tuple[Float64Array, Float64Array]] = {}
    for label in range(len(prior.means)):
        count = weights[felt == label]
        if count.sum() <= 0:
            continue
        gain = np.linalg.inv(prior.manner + prior.within / count.sum())
        offset = count @ features[felt == label] / count.sum() - prior.means[label]
        seen[label] = (gain, offset)
        precision = precision + gain
        weighted += gain @ offset
    spread = np.linalg.inv(precision)
    shift = spread @ weighted
    means = prior.means + shift
    covariances = np.repeat((prior.within + prior.manner + spread)[None], len(prior.means), axis=0)
    for label, (gain, offset) in seen.items():
        share = prior.manner @ gain
        rest = np.eye(len(share)) - share
        means[label] += share @ (offset - shift)
        covariances[label] = prior.within + prior.manner - share @ prior.manner + rest @ spread @ rest.T
    return means, covariances


@dataclass(frozen=True, slots=True)
class _Normals:
    """Normal densities of each class, as their whitening and half log-determinant."""

    means: Float64Array
    whitening: Float64Array
    half_log_determinant: Float64Array

    @classmethod
    def of(cls, means: Float64Array, covariances: Float64Array) -> _Normals:
        lower = np.linalg.cholesky((covariances + np.swapaxes(covariances, 1, 2)) / 2.0)
        half = np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
        return cls(means, np.linalg.inv(lower), half)

    def __call__(self, features: Float64Array) -> Float64Array:
        centred = features[:, None, :] - self.means
        white = np.einsum("crs,ncs->ncr", self.whitening, centred)
        scores: Float64Array = -0.5 * np.square(white).sum(axis=2) - self.half_log_determinant
        return scores
