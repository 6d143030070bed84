"""Mean and variance of a speaker's features, estimated as they speak, starting from what speakers are like in general.

Floor 1 (thought). Only frames of speech count. The estimate is that of a conjugate prior worth ``prior_frames`` frames:
the first window of a stranger is normalised mostly by the population, a minute later almost only by the speaker and the
microphone. Old frames fade, so that the estimate follows when another person sits down or the room changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ManifestError
from ertedge.types import Float32Array

MOST_DEVIATIONS = 4.0
"""A normalised feature is cut here, so that one click does not use up the range of an 8-bit input."""


@dataclass(frozen=True, slots=True)
class FeaturePrior:
    """The population: mean and standard deviation of each coefficient over frames of speech, (coefficients,) each."""

    mean: Float32Array
    deviation: Float32Array
    prior_frames: float = 100.0
    most_frames: float = 6_000.0
    """Frames after which the old fade: 60 s of speech."""

    def __post_init__(self) -> None:
        if self.mean.ndim != 1 or self.mean.shape != self.deviation.shape:
            raise ManifestError(
                f"feature mean {self.mean.shape} and deviation {self.deviation.shape} do not fit together"
            )
        if not (np.isfinite(self.mean).all() and np.isfinite(self.deviation).all() and (self.deviation > 0).all()):
            raise ManifestError("feature means must be finite and deviations positive")
        if not 0 < self.prior_frames < self.most_frames < float("inf"):
            raise ManifestError("the prior must count for some frames, and for fewer than are remembered")


class RunningNormaliser:
    """The state of one stream. ``update`` with frames, then ``__call__`` to normalise a window."""

    def __init__(self, prior: FeaturePrior) -> None:
        self._prior = prior
        self._prior_mean = prior.mean.astype(np.float64)
        self._prior_variance = np.square(prior.deviation.astype(np.float64))
        self.reset()

    def reset(self) -> None:
        """Forget the speaker."""
        self.frames = 0.0
        self._mean = np.zeros_like(self._prior_mean)
        self._square = np.zeros_like(self._prior_mean)

    def update(self, features: Float32Array, speech: NDArray[np.bool_]) -> None:
        """Take the frames of ``features`` (n, coefficients) at which ``speech`` (n,) is true."""
        spoken = features[speech].astype(np.float64)
        if len(spoken) == 0:
            return
        total = self.frames + len(spoken)
        share = len(spoken) / total
        # Centred at the prior, so that the difference of two large squares does not lose the variance.
        centred = spoken - self._prior_mean
        self._mean += share * (centred.mean(axis=0) - self._mean)
        self._square += share * (np.square(centred).mean(axis=0) - self._square)
        self.frames = min(total, self._prior.most_frames)

    def statistics(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The mean and the standard deviation in use, (coefficients,) each."""
        strength = self._prior.prior_frames
        weight = self.frames / (self.frames + strength)
        variance = np.maximum(self._square - np.square(self._mean), 0.0)
        blended = weight * variance + (1.0 - weight) * self._prior_variance
        return self._prior_mean + weight * self._mean, np.sqrt(blended)

    def __call__(self, features: Float32Array) -> Float32Array:
        """``features`` (n, coefficients) less the mean, over the deviation, cut at four deviations: float32."""
        mean, deviation = self.statistics()
        return np.clip((features - mean) / deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS).astype(np.float32)
