"""The pitch of a voice, every 20 ms, as the stream goes by: how high it is and how clearly there is one. Floor 1
(thought).

The lag at which a stretch of sound is most like itself is its period. The autocorrelation of a windowed stretch,
divided by that of the window, is unbiased by the window (Boersma 1993, "Accurate short-term analysis of the fundamental
frequency and the harmonics-to-noise ratio of a sampled sound", Proc. Inst. Phonetic Sciences 17:97-110, eqs. 6-9); its
highest peak is between 1/MOST_HZ and 1/LEAST_HZ, made finer by a parabola through it and its neighbours. Halving the
sampling rate twice first keeps the harmonics that matter and makes it cheap.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.perception.mfcc import OVERLAP_SAMPLES
from ertedge.perception.voice_statistics import VOICED_LEAST
from ertedge.types import Float32Array

LEAST_HZ = 70.0
MOST_HZ = 500.0
STEP_SAMPLES = 320
"""20 ms: half as often as the MFCC frames."""
DECIMATION = 4
RATE_HZ = SAMPLE_RATE_HZ // DECIMATION
FRAME = (STEP_SAMPLES + OVERLAP_SAMPLES) // DECIMATION
"""35 ms, two periods of the lowest pitch but for a little: what a hop has beyond its last step is not exceeded."""
UNHEARD_OCTAVES = 0.8
"""What is held before the first pitch: 174 Hz, between most men and most women."""
OCTAVE_COST = 0.05
"""A peak at twice the lag must be better by this to be preferred: it is mostly the same voice counted in twos (ibid.,
eq. 26)."""
_FFT_SIZE = 256
_SHORTEST = int(RATE_HZ / MOST_HZ)
_LONGEST = int(np.ceil(RATE_HZ / LEAST_HZ))
_WINDOW = np.hanning(FRAME + 2)[1:-1].astype(np.float32)


def _autocorrelation(frames: NDArray[np.float32]) -> NDArray[np.float32]:
    spectrum = np.fft.rfft(frames, _FFT_SIZE)
    power = spectrum.real**2 + spectrum.imag**2
    return np.fft.irfft(power, _FFT_SIZE)[..., : _LONGEST + 2].astype(np.float32)


_WINDOW_LIKENESS = _autocorrelation(_WINDOW) / np.float32(np.square(_WINDOW).sum())
# Two boxes of four samples, one after the other: what would fold back into the voice's harmonics is 26 dB down.
_SMOOTHING = np.convolve(np.full(DECIMATION, 0.25), np.full(DECIMATION, 0.25))
_MOST_OCTAVES = np.log2(MOST_HZ / 100.0)
_LAGS = np.arange(_SHORTEST, _LONGEST + 1)
_COST = (OCTAVE_COST * np.log2(_LAGS / _SHORTEST)).astype(np.float32)


def pitch(signal: NDArray[np.float64]) -> tuple[Float32Array, Float32Array]:
    """The pitch of ``signal`` (samples,) at 16 kHz, whose length is a whole number of steps and 240 samples more.

    Gives (steps,) float32 each: octaves above 100 Hz, and how like itself the sound is at that period, about 0 for
    noise and 1 for a clear voice.
    """
    padded = np.concatenate((np.zeros(len(_SMOOTHING) - DECIMATION), signal))
    coarse = np.lib.stride_tricks.sliding_window_view(padded, len(_SMOOTHING))[::DECIMATION] @ _SMOOTHING
    steps = (signal.size - OVERLAP_SAMPLES) // STEP_SAMPLES
    starts = np.arange(steps) * (STEP_SAMPLES // DECIMATION)
    frames = np.lib.stride_tricks.sliding_window_view(coarse.astype(np.float32), FRAME)[starts]
    frames = (frames - frames.mean(axis=1, keepdims=True)) * _WINDOW
    correlation = _autocorrelation(frames)
    likeness = correlation / (np.maximum(correlation[:, :1], 1e-12) * _WINDOW_LIKENESS)
    best = (likeness[:, _SHORTEST : _LONGEST + 1] - _COST).argmax(axis=1) + _SHORTEST
    rows = np.arange(steps)
    before, peak, after = (likeness[rows, best + step] for step in (-1, 0, 1))
    curvature = np.minimum(before - 2.0 * peak + after, -1e-6)
    shift = np.clip(0.5 * (before - after) / curvature, -0.5, 0.5)
    octaves = np.log2(RATE_HZ / (best + shift) / 100.0)
    return octaves.astype(np.float32), np.clip(peak, 0.0, 1.0).astype(np.float32)


def held(octaves: Float32Array, likeness: Float32Array, before: float) -> Float32Array:
    """``octaves`` (steps,) with the last pitch held through every step that has none, as a melody is heard through its
    consonants; ``before`` is held until the first. (steps,) float32."""
    # Beyond the search's end there was no peak: a voice that broke off rises there.
    voiced = (likeness >= VOICED_LEAST) & (octaves <= _MOST_OCTAVES)
    last = np.maximum.accumulate(np.where(voiced, np.arange(len(octaves)), -1))
    return np.where(last < 0, np.float32(before), octaves[np.maximum(last, 0)])
