"""The band-pass that frees speech of rumble, mains hum and hiss, filtering a stream chunk by chunk.

Floor 1 (thought). A fourth-order Butterworth design as second-order sections; the state of every section is carried
from chunk to chunk, so that the output does not depend on how the stream was cut.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from ertedge.types import Float32Array

SAMPLE_RATE_HZ = 16_000
LOW_HZ = 80.0
"""Under the lowest fundamental of an adult voice, above mains hum."""
HIGH_HZ = 7_600.0
"""Under the Nyquist frequency by enough that the filter has fallen before it."""
ORDER = 4


class BandPass:
    """A streaming Butterworth band-pass of 80 Hz to 7.6 kHz at 16 kHz."""

    def __init__(self) -> None:
        self._sections: NDArray[np.float64] = butter(
            ORDER, (LOW_HZ, HIGH_HZ), btype="bandpass", fs=SAMPLE_RATE_HZ, output="sos"
        )
        self._state = self._rest()

    def __call__(self, samples: Float32Array) -> NDArray[np.float64]:
        """The next ``samples``, (n,), filtered: (n,) float64. The caller has checked that they are finite."""
        if samples.size == 0:
            return np.zeros(0, np.float64)
        filtered, self._state = sosfilt(self._sections, samples.astype(np.float64), zi=self._state)
        return np.asarray(filtered, np.float64)

    def reset(self) -> None:
        """Forget the past: the next sample is the first after silence."""
        self._state = self._rest()

    def _rest(self) -> NDArray[np.float64]:
        return np.zeros((len(self._sections), 2), np.float64)
