"""Forty MFCC every 10 ms by a library, of a clip, (n,) float32 at 16 kHz: how many frames they are.

Arguments: ``librosa`` or ``python_speech_features``. Frames, step, filters and FFT are those that ours have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version

from tools.peers.items import Array
from tools.peers.subjects import Subject

Read = Callable[[Array], list[int]]
RATE_HZ = 16_000
COEFFICIENTS, FRAME_SAMPLES, STEP_SAMPLES, FFT_SIZE = 40, 400, 160, 512


def load(arguments: Sequence[str]) -> Subject:
    """The library named."""
    name = arguments[0]
    return Subject(f"{name} {version(name)}", 0, _librosa() if name == "librosa" else _python_speech_features())


def _librosa() -> Read:
    from librosa.feature import mfcc

    def read(samples: Array) -> list[int]:
        found = mfcc(
            y=samples,
            sr=RATE_HZ,
            n_mfcc=COEFFICIENTS,
            n_mels=COEFFICIENTS,
            n_fft=FFT_SIZE,
            win_length=FRAME_SAMPLES,
            hop_length=STEP_SAMPLES,
        )
        return [found.shape[1]]

    return read


def _python_speech_features() -> Read:
    from python_speech_features import mfcc

    def read(samples: Array) -> list[int]:
        return [len(mfcc(samples, RATE_HZ, numcep=COEFFICIENTS, nfilt=COEFFICIENTS, nfft=FFT_SIZE))]

    return read
