"""How much a window of sound can be trusted: speech share, signal-to-noise ratio and clipping as one number in [0, 1].

Floor 1 (thought). The number is the accuracy that a logistic model expects of such a window, relative to the accuracy
at the best conditions; its coefficients are fitted by ``python -m tools.train_voice`` on degraded clips of validation
speakers and come with the model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ManifestError
from ertedge.types import Float32Array

CLIPPED_LEVEL = 0.985
"""A sample this near to full scale counts as clipped."""
SNR_MOST_DB = 40.0
"""More than this adds nothing to accuracy, and digital silence would make it infinite."""
CLIPPED_MOST = 0.1


@dataclass(frozen=True, slots=True)
class WindowConditions:
    """What is measured of a window: ``speech_share`` and ``clipped_share`` in [0, 1], ``snr_db`` in [0, 40] dB."""

    speech_share: float
    snr_db: float
    clipped_share: float


@dataclass(frozen=True, slots=True)
class QualityWeights:
    """Coefficients of the logistic model. Quality must never rise as conditions get worse, hence the signs."""

    bias: float
    speech_share: float
    snr_per_10_db: float
    clipped_share: float

    def __post_init__(self) -> None:
        if not all(np.isfinite((self.bias, self.speech_share, self.snr_per_10_db, self.clipped_share))):
            raise ManifestError("the coefficients of the voice quality must be finite")
        if self.speech_share < 0 or self.snr_per_10_db < 0 or self.clipped_share > 0:
            raise ManifestError("the voice quality must rise with speech and SNR and fall with clipping")


BEST_CONDITIONS = WindowConditions(speech_share=1.0, snr_db=SNR_MOST_DB, clipped_share=0.0)


def quality(conditions: WindowConditions, weights: QualityWeights) -> float:
    """Quality in [0, 1]: expected accuracy relative to that at the best conditions."""
    return min(1.0, _expected_accuracy(conditions, weights) / _expected_accuracy(BEST_CONDITIONS, weights))


def _expected_accuracy(conditions: WindowConditions, weights: QualityWeights) -> float:
    score = (
        weights.bias
        + weights.speech_share * conditions.speech_share
        + weights.snr_per_10_db * conditions.snr_db / 10.0
        + weights.clipped_share * min(conditions.clipped_share, CLIPPED_MOST) / CLIPPED_MOST
    )
    return float(1.0 / (1.0 + np.exp(-score)))


def signal_to_noise_db(power: Float32Array, speech: NDArray[np.bool_]) -> float:
    """The SNR of a window in dB, in [0, 40]: mean power (n,) of its frames of speech over its noise floor.

    The floor is the tenth percentile of the frames' power: even fluent speech leaves a tenth of its frames to stop
    consonants and breaths (the idea of minimum statistics, Martin 2001). 0 when there is no speech.
    """
    if not speech.any():
        return 0.0
    floor = float(np.percentile(power, 10))
    signal = max(float(power[speech].mean(dtype=np.float64)) - floor, 1e-12)
    return float(np.clip(10.0 * np.log10(signal / max(floor, 1e-12)), 0.0, SNR_MOST_DB))


def clipped_samples(samples: Float32Array) -> int:
    """How many of the raw ``samples`` (n,) stand at full scale."""
    return int(np.count_nonzero(np.abs(samples) >= CLIPPED_LEVEL))
