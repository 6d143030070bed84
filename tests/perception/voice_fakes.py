"""A speech detector and a network that a test can play, and sound to feed them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ertedge.perception.normalisation import FeaturePrior
from ertedge.perception.speech_frames import FEATURES
from ertedge.perception.voice_quality import QualityWeights
from ertedge.types import AudioChunk, Float32Array

PRIOR = FeaturePrior(np.zeros(FEATURES, np.float32), np.full(FEATURES, 5.0, np.float32))
WEIGHTS = QualityWeights(bias=-1.0, speech_share=1.0, snr_per_10_db=0.5, clipped_share=-1.0)


class LoudnessDetector:
    """Speech is what is loud. Remembers the level of the block before, as the real one remembers, and counts resets."""

    def __init__(self, level: float = 0.01) -> None:
        self.level = level
        self.resets = 0
        self.blocks = 0
        self._before = 0.0

    def __call__(self, block: NDArray[np.float64], /) -> float:
        assert block.shape == (512,)
        self.blocks += 1
        now = float(np.sqrt(np.mean(block**2)))
        loud, self._before = max(now, self._before) >= self.level, now
        return 1.0 if loud else 0.0

    def reset(self) -> None:
        self.resets += 1
        self._before = 0.0


class RecordingNetwork:
    """Answers with ``logits`` and keeps what it was asked."""

    def __init__(self, logits: Float32Array) -> None:
        self.logits = logits
        self.inputs: list[Float32Array] = []

    def __call__(self, x: Float32Array, /) -> tuple[Float32Array, ...]:
        self.inputs.append(x.copy())
        return (self.logits.reshape(1, -1),)


def babble(seconds: float, seed: int = 0, level: float = 0.1) -> Float32Array:
    """Noise that swells and pauses like speech: a second on, a fifth of a second off, on a quiet floor."""
    random = np.random.default_rng(seed)
    samples = round(seconds * 16_000)
    on = (np.arange(samples) % 19_200) < 16_000
    noise = random.standard_normal(samples) * np.where(on, level, level / 200.0)
    return np.clip(noise, -1.0, 1.0).astype(np.float32)


def chunks(sound: Float32Array, *sizes: int, first_sample: int = 0, start_ns: int = 0) -> list[AudioChunk]:
    """``sound`` cut into chunks of ``sizes``, again and again, stamped as a device would."""
    cut: list[AudioChunk] = []
    at = 0
    while at < sound.size:
        size = sizes[len(cut) % len(sizes)]
        cut.append(AudioChunk(start_ns + at * 62_500, sound[at : at + size], first_sample + at))
        at += size
    return cut
