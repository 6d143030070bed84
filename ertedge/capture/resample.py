"""Makes 16 kHz mono of sound as it comes, whatever the rate and the channels of the device.

Floor 1. The resampler (soxr) keeps its state from block to block, so that where a block ends is not heard. What leaves it
is aligned with what entered: output sample k is the sound at input sample k x rate / 16000.
"""

from __future__ import annotations

import numpy as np

from ertedge.types import Float32Array

SAMPLE_RATE_HZ = 16_000


class MonoResampler:
    """One stream of sound. Begin a new one after a gap."""

    def __init__(self, rate_hz: int) -> None:
        import soxr

        self._stream = soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, 1) if rate_hz != SAMPLE_RATE_HZ else None
        self.bad_samples = 0
        """Input samples so far that were not finite numbers; they are taken as silence, since one NaN in a filter stays."""

    def feed(self, block: Float32Array, *, last: bool = False) -> Float32Array:
        """(n, channels) or (n,) in [-1, 1] -> (m,) at 16 kHz, clipped to [-1, 1]; m is not n x 16000 / rate exactly, since
        the filter holds a little back until ``last``."""
        mono = block if block.ndim == 1 else block.mean(axis=1, dtype=np.float32)
        finite = np.isfinite(mono)
        if not finite.all():
            self.bad_samples += int(mono.size - np.count_nonzero(finite))
            mono = np.where(finite, mono, np.float32(0.0))
        # One absurd value (a float recording may hold 1e30) would ring through the filter for long.
        mono = np.clip(mono, -1.0, 1.0).astype(np.float32, copy=False)
        if self._stream is None:
            return np.ascontiguousarray(mono)
        resampled: Float32Array = self._stream.resample_chunk(np.ascontiguousarray(mono), last=last)
        return np.clip(resampled, -1.0, 1.0)
