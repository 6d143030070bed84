"""RAVDESS clips with face and voice truly paired: action units of the picture, statistics of the sound. Host side only.

The picture's action units come with the data (``openface_au.csv``), the statistics of the sound are made here by the
device's own code (``ertedge.perception.voice_statistics`` over the frames of the whole clip) and kept one file an
actor, so that a run that was interrupted goes on where it was.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ertedge.errors import ConfigurationError
from ertedge.perception.speech import SileroSpeechDetector
from ertedge.perception.speech_frames import FrameStream
from ertedge.perception.speech_windows import WINDOW_HOPS, statistics_of
from ertedge.perception.voice_statistics import SIZE
from tools.data import ravdess
from tools.data.faults import FaultLog
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip, find_folder, read_clip, readable
from tools.voice.features import whole_hops

ACTION_UNITS_FILE = "openface_au.csv"
CACHE_VERSION = 2
"""Raise it when the statistics change, so that no run mixes two kinds."""

Float64Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PairedClips:
    """n clips: ``voice`` (n, 209) and ``face`` (n, 35) features, ``emotion`` (n,) indices into ``NATIVE_LABELS``, and
    who said which of the two sentences: ``actor`` (n,), ``sentence`` (n,) 1 or 2."""

    voice: Float64Array
    face: Float64Array
    emotion: NDArray[np.int64]
    actor: NDArray[np.int64]
    sentence: NDArray[np.int64]
    classes: int = len(NATIVE_LABELS)

    def __len__(self) -> int:
        return len(self.emotion)

    def take(self, keep: NDArray[np.bool_]) -> PairedClips:
        """Only some."""
        return PairedClips(
            self.voice[keep], self.face[keep], self.emotion[keep], self.actor[keep], self.sentence[keep], self.classes
        )

    def joined(self, others: PairedClips) -> PairedClips:
        """These clips, and others after them."""
        return PairedClips(
            np.concatenate([self.voice, others.voice]),
            np.concatenate([self.face, others.face]),
            np.concatenate([self.emotion, others.emotion]),
            np.concatenate([self.actor, others.actor]),
            np.concatenate([self.sentence, others.sentence]),
            self.classes,
        )


def load_paired(root: Path, out: Path, *, windows: bool = False, faults: FaultLog | None = None) -> PairedClips:
    """Every clip of speech under ``root`` that has action units. What is made is kept under ``out``.

    The voice's statistics are those of the whole clip, or, with ``windows``, the mean of those of the device's windows.

    Raises ConfigurationError when the action units are missing or fit no clip.
    """
    units = _action_units(find_folder(root, ravdess.COLLECTION, ACTION_UNITS_FILE) / ACTION_UNITS_FILE)
    clips = [clip for clip in ravdess.load(root, faults) if _key(clip.path.stem) in units]
    if faults is not None and faults.on_fault == "skip":
        clips = list(readable(clips, faults))
    if not clips:
        raise ConfigurationError([f"no clip under {root} has a row in {ACTION_UNITS_FILE}"])
    fields = np.array([[int(part) for part in clip.path.stem.split("-")] for clip in clips])
    return PairedClips(
        voice=_voice_statistics(clips, out / ("windows" if windows else "features"), windows=windows),
        face=face_features(np.array([units[_key(clip.path.stem)] for clip in clips])),
        emotion=(fields[:, 2] - 1).astype(np.int64),
        actor=fields[:, 6].astype(np.int64),
        sentence=fields[:, 4].astype(np.int64),
    )


def face_features(units: Float64Array) -> Float64Array:
    """(n, 35) action units -> features: the square root of the 17 intensities, which are skewed, and the arcsine of the
    root of the 18 presences, which makes the variance of a share independent of the share."""
    return np.hstack([np.sqrt(np.maximum(units[:, :17], 0.0)), np.arcsin(np.sqrt(np.clip(units[:, 17:], 0.0, 1.0)))])


def _key(name: str) -> str:
    """A clip's name without its modality, which differs between sound and picture."""
    return name.split("-", 1)[1]


def _action_units(path: Path) -> dict[str, list[float]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    names, faults = rows[0][1:] if rows else [], []
    intensities = [name for name in names if name.endswith("_r")]
    presences = [name for name in names if name.endswith("_c")]
    if len(intensities) != 17 or len(presences) != 18:
        faults.append(f"wants columns of 17 intensities and 18 presences, got {len(intensities)} and {len(presences)}")
    order = [names.index(name) + 1 for name in (*intensities, *presences)]
    units: dict[str, list[float]] = {}
    for number, row in enumerate(rows[1:], start=2):
        try:
            units[_key(row[0])] = [float(row[column]) for column in order]
        except (ValueError, IndexError):
            faults.append(f"line {number}: not a clip's name and its numbers")
    if faults:
        raise ConfigurationError(faults[:10], str(path))
    return units


def _voice_statistics(clips: Sequence[VoiceClip], folder: Path, *, windows: bool) -> Float64Array:
    folder.mkdir(parents=True, exist_ok=True)
    made: list[Float64Array] = []
    speakers = sorted({clip.speaker for clip in clips})
    with tqdm(total=len(clips), desc="voices", unit="clip", file=sys.stderr, leave=False) as progress:
        for speaker in speakers:
            own = [clip for clip in clips if clip.speaker == speaker]
            made.append(_of_speaker(own, folder / f"{speaker.replace('/', '-')}-{CACHE_VERSION}.npz", windows=windows))
            progress.update(len(own))
    by_clip = dict(
        zip([clip for s in speakers for clip in clips if clip.speaker == s], np.concatenate(made), strict=True)
    )
    return np.stack([by_clip[clip] for clip in clips])


def _of_speaker(own: Sequence[VoiceClip], path: Path, *, windows: bool) -> Float64Array:
    names = [clip.path.stem for clip in own]
    if path.exists():
        with np.load(path) as kept:
            if list(kept["names"]) == names and kept["statistics"].shape == (len(own), SIZE):
                return kept["statistics"].astype(np.float64)
    stream = FrameStream(SileroSpeechDetector())
    statistics = np.stack([statistics_of_clip(stream, clip, windows=windows) for clip in own])
    partial = path.with_suffix(".part.npz")
    np.savez(partial, names=names, statistics=statistics)
    partial.rename(path)
    return statistics


def statistics_of_clip(stream: FrameStream, clip: VoiceClip, *, windows: bool) -> Float64Array:
    """(209,): the statistics of all of a clip's frames, or the mean of those of its windows, weighted by their
    speech."""
    stream.reset()
    hops = tuple(stream.push(whole_hops(read_clip(clip))))
    if not windows:
        return statistics_of(hops).astype(np.float64)
    cut = [hops[end - WINDOW_HOPS : end] for end in range(WINDOW_HOPS, len(hops) + 1)]
    weights = np.array([1e-3 + sum(float(hop.speech.mean()) for hop in window) for window in cut])
    return np.average([statistics_of(window) for window in cut], axis=0, weights=weights)
