"""Features that are normal on two levels, people and moments, and what labels of one person say of that person. Floor
1; pure.

In speaker and face recognition the model is known as PLDA (Prince & Elder 2007, "Probabilistic linear discriminant
analysis for inferences about identity", ICCV; Ioffe 2006, ECCV)::

    z = mean[e] + b + d[e] + noise        b    ~ N(0, person)        how this person differs in everything they do
                                          d[e] ~ N(0, manner)        how they differ in showing emotion e
                                          noise ~ N(0, within[e])    how one moment differs from the next

Labels give the posterior of b and every d[e] in closed form (normal-normal conjugacy: Gelman et al., "Bayesian Data
Analysis", 3rd ed., section 5.4). With n_e labels of emotion e of mean zbar_e::

    K_e = (manner + within[e] / n_e) ** -1,   G_e = manner K_e
    b   ~ N(B h, B),          B = (person ** -1 + sum_e K_e) ** -1,   h = sum_e K_e (zbar_e - mean[e])
    d_e | b has mean G_e (zbar_e - mean[e] - b) and covariance manner - G_e manner

Unlabelled moments are one more observation of b. All inversions depend on how many labels there are and not on what
they say, so they are kept: leaving out one label after the other costs hardly more than looking once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]

KEPT_MOST = 64
"""Inversions that are kept, of each kind: a few megabytes for a hundred features."""
COUNT_STEP = 0.125
"""Labels fade and differ in quality; how many they are worth is rounded to this, so that few inversions serve all."""

_Key = TypeVar("_Key")
_Kept = TypeVar("_Kept")


@dataclass(frozen=True, slots=True)
class Unlabelled:
    """What unlabelled moments say of b: ``offset`` (r,) as ``FeatureNormaliser`` keeps it, worth ``takes``
    observations."""

    offset: Float64Array
    takes: float


@dataclass(frozen=True, slots=True)
class Manners:
    """Means and covariances of the population: ``means`` (classes, r); ``person``, ``manner`` (r, r); ``within``
    (classes, r, r), or (1, r, r) where it is the same for all classes."""

    means: Float64Array
    person: Float64Array
    manner: Float64Array
    within: Float64Array


@dataclass(frozen=True, slots=True)
class PersonalManners:
    """One person's: ``shift`` (r,) the mean of b, ``means`` (classes, r) of a new moment, and how the classes spread:
    ``whitening[c]`` (r, r) and ``half_log_determinant[c]`` of their covariances."""

    shift: Float64Array
    means: Float64Array
    whitening: tuple[Float64Array, ...]
    half_log_determinant: tuple[float, ...]

    def scores(self, features: Float64Array) -> Float64Array:
        """log N(z; this person's e) of ``features`` (n, r): (n, classes), but for a constant."""
        columns = [
            -0.5 * np.square((features - mean) @ white.T).sum(axis=1) - half
            for mean, white, half in zip(self.means, self.whitening, self.half_log_determinant, strict=True)
        ]
        return np.stack(columns, axis=1)


class TwoLevelNormal:
    """The model with the inversions that it has made. Not thread-safe."""

    def __init__(self, manners: Manners) -> None:
        self._manners = manners
        self._classes, self._size = manners.means.shape
        self._person_precision = _inverse(manners.person)
        self._gains: dict[tuple[int, float], Float64Array] = {}
        self._spreads: dict[tuple[float, ...], Float64Array] = {}
        self._whitenings: dict[tuple[int, tuple[float, ...]], tuple[Float64Array, float]] = {}
        self.anybody = self.posterior(np.zeros((0, self._size)), np.zeros(0, np.int64), np.zeros(0))

    def posterior(
        self,
        features: Float64Array,
        felt: NDArray[np.int64],
        weights: Float64Array,
        unlabelled: Unlabelled | None = None,
        all_weights: Float64Array | None = None,
    ) -> PersonalManners:
        """What n labelled moments say: ``features`` (n, r), ``felt`` (n,) class indices, ``weights`` (n,) what each
        counts.

        ``all_weights`` (n,) are those with nothing left out: given them, how unsure b is counts in the spread of a new
        moment as if nothing were, which is hardly more than it is and lets one inversion serve all that leave something
        out.
        """
        totals = np.bincount(felt, weights=weights, minlength=self._classes)
        counts = tuple(_rounded(float(total)) for total in totals)
        takes = _rounded(unlabelled.takes) if unlabelled is not None else 0.0
        weighted = np.zeros(self._size)
        offsets: dict[int, Float64Array] = {}
        for label, count in enumerate(counts):
            if count > 0:
                own = felt == label
                offsets[label] = weights[own] @ features[own] / totals[label] - self._manners.means[label]
                weighted += self._gain(label, count) @ offsets[label]
        if unlabelled is not None and takes > 0:
            weighted += self._gain(-1, takes) @ unlabelled.offset
        spread = self._spread((*counts, takes))
        shift = spread @ weighted
        means = self._manners.means + shift
        for label, offset in offsets.items():
            means[label] += self._manners.manner @ (self._gain(label, counts[label]) @ (offset - shift))
        sure = counts
        if all_weights is not None:
            everything = np.bincount(felt, weights=all_weights, minlength=self._classes)
            sure = tuple(_rounded(float(total)) for total in everything)
        normals = [self._whitening(label, counts[label], (*sure, takes)) for label in range(self._classes)]
        return PersonalManners(shift, means, tuple(one[0] for one in normals), tuple(one[1] for one in normals))

    def forget(self) -> None:
        """Let go of the inversions that were kept."""
        for kept in (self._gains, self._spreads, self._whitenings):
            kept.clear()

    def _within(self, label: int) -> Float64Array:
        within = self._manners.within
        if label < 0:
            return np.asarray(within.mean(axis=0), np.float64)
        return np.asarray(within[self._group(label)], np.float64)

    def _group(self, label: int) -> int:
        """Classes that spread alike share their inversions."""
        return label if len(self._manners.within) > 1 or label < 0 else 0

    def _gain(self, label: int, count: float) -> Float64Array:
        """K of ``count`` labels, or of that many unlabelled takes (``label`` -1): their emotions are not known, so the
        manner averages out only as far as there may be several among them."""
        key = (self._group(label), count)
        if key not in self._gains:
            several = min(max(count, 1.0), float(self._classes)) if label < 0 else 1.0
            _make_room(self._gains)
            self._gains[key] = _inverse(self._manners.manner / several + self._within(label) / count)
        return self._gains[key]

    def _spread(self, counts: tuple[float, ...]) -> Float64Array:
        """B; the last of ``counts`` are the unlabelled takes."""
        if counts not in self._spreads:
            precision = self._person_precision.copy()
            for label, count in enumerate(counts[:-1]):
                if count > 0:
                    precision += self._gain(label, count)
            if counts[-1] > 0:
                precision += self._gain(-1, counts[-1])
            _make_room(self._spreads)
            self._spreads[counts] = _inverse(precision)
        return self._spreads[counts]

    def _whitening(self, label: int, count: float, counts: tuple[float, ...]) -> tuple[Float64Array, float]:
        """Of the covariance of a new moment of a class with ``count`` labels, where b is as sure as ``counts`` make
        it."""
        key = (self._group(label), (count, *counts))
        if key not in self._whitenings:
            manner, spread = self._manners.manner, self._spread(counts)
            share = manner @ self._gain(label, count) if count > 0 else np.zeros_like(manner)
            rest = np.eye(self._size) - share
            covariance = self._within(label) + rest @ manner + rest @ spread @ rest.T
            lower = np.linalg.cholesky((covariance + covariance.T) / 2.0)
            half = float(np.log(np.diag(lower)).sum())
            _make_room(self._whitenings)
            self._whitenings[key] = (_inverse(lower), half)
        return self._whitenings[key]


def _rounded(count: float) -> float:
    """To whole steps, and to at least one where there is anything."""
    return max(round(count / COUNT_STEP), 1) * COUNT_STEP if count > 0 else 0.0


def _inverse(matrix: NDArray[np.floating]) -> Float64Array:
    return np.asarray(np.linalg.inv(matrix), np.float64)


def _make_room(kept: dict[_Key, _Kept]) -> None:
    if len(kept) >= KEPT_MOST:
        kept.clear()
