"""Forty mel-frequency cepstral coefficients a frame, each frame computed once however many windows it is in.

Floor 1 (thought). The filter bank and the lifter are python_speech_features'; the logarithm is taken here, over a
floor, so that digital silence does not become a huge negative number that no microphone would ever produce.

Formulae: Davis and Mermelstein 1980, "Comparison of parametric representations for monosyllabic word recognition".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from python_speech_features import fbank, lifter
from scipy.fft import dct

from ertedge.perception.bandpass import HIGH_HZ, LOW_HZ, SAMPLE_RATE_HZ
from ertedge.types import Float32Array

COEFFICIENTS = 40
FRAME_SAMPLES = 400
"""25 ms."""
STEP_SAMPLES = 160
"""10 ms."""
OVERLAP_SAMPLES = FRAME_SAMPLES - STEP_SAMPLES
PRE_EMPHASIS = 0.97
MEL_FLOOR = 1e-9
"""Least energy of a mel band: that of white noise at about -85 dB of full scale, below any room."""
_FFT_SIZE = 512
_LIFTER = 22


class MfccStream:
    """Band-passed samples in, frames out; remembers the 240 samples that the next frame shares with the last one."""

    def __init__(self) -> None:
        self._pending: list[NDArray[np.float64]] = []
        self._pending_samples = 0
        self._previous = 0.0

    def push(self, samples: NDArray[np.float64]) -> None:
        """Take the next samples, (n,)."""
        if samples.size == 0:
            return
        shifted = np.concatenate(([self._previous], samples[:-1]))
        self._previous = float(samples[-1])
        self._pending.append(samples - PRE_EMPHASIS * shifted)
        self._pending_samples += samples.size

    def pull(self) -> tuple[Float32Array, Float32Array]:
        """Every frame complete by now: its coefficients (n, 40) and its power (n,), both float32.

        Coefficient 0 is the logarithm of the frame's power. The result of several pulls, put together, is that of one.
        """
        frames = max(0, (self._pending_samples - OVERLAP_SAMPLES) // STEP_SAMPLES)
        if frames == 0:
            return np.zeros((0, COEFFICIENTS), np.float32), np.zeros(0, np.float32)
        signal = np.concatenate(self._pending)
        rest = signal[frames * STEP_SAMPLES :]
        self._pending, self._pending_samples = [rest], rest.size
        return mfcc(signal[: frames * STEP_SAMPLES + OVERLAP_SAMPLES])

    def reset(self) -> None:
        """Forget the past: the next sample follows a gap."""
        self._pending, self._pending_samples, self._previous = [], 0, 0.0


def mfcc(emphasised: NDArray[np.float64]) -> tuple[Float32Array, Float32Array]:
    """Coefficients (n, 40) and power (n,) of the n = (samples - 240) // 160 whole frames of a pre-emphasised signal."""
    mel, power = fbank(
        emphasised,
        samplerate=SAMPLE_RATE_HZ,
        winlen=FRAME_SAMPLES / SAMPLE_RATE_HZ,
        winstep=STEP_SAMPLES / SAMPLE_RATE_HZ,
        nfilt=COEFFICIENTS,
        nfft=_FFT_SIZE,
        lowfreq=LOW_HZ,
        highfreq=HIGH_HZ,
        preemph=0.0,  # Done on the stream, where the sample before the first is known.
        winfunc=np.hamming,
    )
    cepstra = dct(np.log(np.maximum(mel, MEL_FLOOR)), type=2, axis=1, norm="ortho")
    coefficients = lifter(cepstra, _LIFTER)
    power = np.maximum(power, MEL_FLOOR)
    coefficients[:, 0] = np.log(power)
    return coefficients.astype(np.float32), power.astype(np.float32)
