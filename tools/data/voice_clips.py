"""One labelled recording of a voice, whatever the collection: what the loaders give and training and evaluation
take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ertedge.errors import ConfigurationError, RecordingError
from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.types import Float32Array

NATIVE_LABELS = ("neutral", "calm", "happy", "sad", "angry", "fearful", "disgust", "surprised")
"""RAVDESS's eight, in the order of its codes 01 to 08: the voice network's labels. nEMO's six are among them."""


@dataclass(frozen=True, slots=True)
class VoiceClip:
    """``speaker`` is unique over all collections (``ravdess/07``, ``nemo/EB0``); ``label`` is one of NATIVE_LABELS."""

    path: Path
    collection: str
    speaker: str
    label: str

    @property
    def label_index(self) -> int:
        """The place of ``label`` among NATIVE_LABELS."""
        return NATIVE_LABELS.index(self.label)


def read_clip(clip: VoiceClip) -> Float32Array:
    """The samples of a clip, (n,) float32 in [-1, 1], mono, 16 kHz whatever the file's rate and channels.

    Raises RecordingError when the file cannot be read or is empty.
    """
    import soundfile
    import soxr

    try:
        samples, rate_hz = soundfile.read(clip.path, dtype="float32", always_2d=True)
    except (OSError, soundfile.LibsndfileError) as error:
        raise RecordingError(f"{clip.path} cannot be read ({error}); download it again") from error
    if len(samples) == 0:
        raise RecordingError(f"{clip.path} holds no sound; download it again")
    mono = samples.mean(axis=1)
    if rate_hz != SAMPLE_RATE_HZ:
        mono = soxr.resample(mono, rate_hz, SAMPLE_RATE_HZ)
    return np.ascontiguousarray(mono, dtype=np.float32)


def find_folder(root: Path, name: str, pattern: str) -> Path:
    """``root`` itself or ``root/name``, whichever holds something that matches ``pattern``.

    Raises ConfigurationError that says where was looked.
    """
    for folder in (root, root / name):
        if next(folder.glob(pattern), None) is not None:
            return folder
    raise ConfigurationError([f"no {pattern} under {root} or {root / name}; point --root at the data"])


def speakers_of(clips: Sequence[VoiceClip]) -> tuple[str, ...]:
    """Every speaker once, in order."""
    return tuple(sorted({clip.speaker for clip in clips}))
