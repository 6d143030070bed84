"""One labelled recording of a voice, whatever the collection: what the loaders give and training and evaluation
take."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ertedge.errors import ConfigurationError, RecordingError
from ertedge.perception.bandpass import SAMPLE_RATE_HZ
from ertedge.types import Float32Array
from tools.data.faults import FaultLog

SOUNDS = (".wav", ".flac")
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


def clips_named(
    root: Path,
    collection: str,
    scheme: re.Pattern[str],
    label_of: Mapping[str, str | None],
    example: str,
    *,
    faults: FaultLog | None,
    by_folder: bool = False,
) -> tuple[VoiceClip, ...]:
    """Every sound anywhere under ``root`` (or its folder of the collection's name) whose name is of a ``scheme`` with the
    groups ``speaker`` and ``emotion``, in order of name, each name once. A label of None leaves its clips out.
    ``by_folder``: a file may be named by its folder, an underscore and its own name.

    Raises ConfigurationError when there is none or, where faults stop, for names that are not of the scheme.
    """
    log = faults or FaultLog()
    log.source = str(root)
    clips: dict[str, VoiceClip] = {}
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    home = next((f for f in folders if re.sub(r"[^a-z0-9]", "", f.name.lower()) == collection), root)
    for path in sorted(p for p in home.rglob("*") if p.suffix.lower() in SOUNDS):
        names = (path.stem, f"{path.parent.name}_{path.stem}") if by_folder else (path.stem,)
        found = next((match for name in names if (match := scheme.fullmatch(name))), None)
        if found is None or found["emotion"] not in label_of:
            log.met(f"{path.name}: not {example}")
            continue
        label = label_of[found["emotion"]]
        if label is not None and found[0] not in clips:
            clips[found[0]] = VoiceClip(path, collection, f"{collection}/{found['speaker']}", label)
    log.settle()
    if not clips:
        raise ConfigurationError([f"no sound with {example} under {root}; point --root at the data"])
    return tuple(clips[name] for name in sorted(clips))


def readable(clips: Sequence[VoiceClip], faults: FaultLog) -> tuple[VoiceClip, ...]:
    """The clips whose sound can be read; raises RecordingError at the first that cannot, where faults stop."""
    kept: list[VoiceClip] = []
    for clip in clips:
        try:
            read_clip(clip)
        except RecordingError as error:
            if faults.on_fault == "stop":
                raise
            faults.met(str(error))
        else:
            kept.append(clip)
    return tuple(kept)
