"""What sets a person's features apart whatever they feel, learnt from unlabelled use. Floor 1; pure.

Every moment that the device reads adds ``z - sum_e p(e) mean[e]``: its features less those that the population shows
when it feels what the general model believes is felt. That difference is what a plain running mean would take for the
person's own, but it does not drift to a mood in which the person mostly happens to be. It is robust, since features
were cut at four deviations before; it is bounded, since old moments fade once ``MOST_MOMENTS`` were seen; and it is
shrunk to the population, since the head (``personal_head``) takes it as one noisy observation of b beside those from
labels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Float32Array

MOST_MOMENTS = 200.0
"""Moments after which the old fade."""

MOMENTS_PER_TAKE = 20.0
"""Moments of daily use follow one another and are alike: so many count as one independent observation."""

Float64Array = NDArray[np.float64]


class FeatureNormaliser:
    """The running offset of one person's features in one modality. ``means`` (classes, r) are the population's."""

    def __init__(self, means: Float64Array, moments_per_take: float = MOMENTS_PER_TAKE) -> None:
        self._means = means
        self._moments_per_take = moments_per_take
        self.moments = 0.0
        self.offset = np.zeros(means.shape[1])

    @property
    def takes(self) -> float:
        """How many independent observations the offset is worth."""
        return self.moments / self._moments_per_take

    def update(self, features: Float64Array, probabilities: Float32Array | Float64Array, quality: float = 1.0) -> None:
        """Take in a moment with ``features`` (r,), of which the general model says ``probabilities`` (classes,)."""
        weight = min(max(quality, 0.0), 1.0)
        if weight == 0.0 or not np.isfinite(features).all():
            return
        self.moments = min(self.moments + weight, MOST_MOMENTS)
        expected = np.asarray(probabilities, np.float64) @ self._means
        self.offset = self.offset + weight / self.moments * (features - expected - self.offset)

    def restore(self, offset: Float64Array, moments: float) -> None:
        """Go on from what was known before. Raises ValueError when it is of other features."""
        if offset.shape != self.offset.shape:
            raise ValueError(f"an offset of shape {offset.shape} is none of {self.offset.shape}")
        self.offset, self.moments = offset.astype(np.float64), min(max(moments, 0.0), MOST_MOMENTS)
