"""Frames of every clip in several sessions, made once by the device's own feature code and kept in the run folder.

Host side only. Session 0 of a speaker is the clip as recorded; in every other session all clips of a speaker go through
one room, microphone and change of voice (``tools.sound_degradation``), because the device's running normalisation also
sees one speaker through one microphone.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ertedge.perception.mfcc import OVERLAP_SAMPLES
from ertedge.perception.speech import SileroSpeechDetector
from ertedge.perception.speech_frames import HOP_SAMPLES, FrameStream
from ertedge.perception.speech_windows import WINDOW_HOPS
from ertedge.types import Float32Array
from tools.data.voice_clips import VoiceClip, read_clip, speakers_of
from tools.sound_degradation import CLEAN, apply_session, random_session

WINDOW_SAMPLES = OVERLAP_SAMPLES + WINDOW_HOPS * HOP_SAMPLES


@dataclass(frozen=True, slots=True)
class ClipFrames:
    """A clip in one session: ``features`` (frames, 42) float16, not normalised; ``speech`` (frames,) bool."""

    clip: VoiceClip
    session: int
    features: NDArray[np.float16]
    speech: NDArray[np.bool_]


def whole_hops(samples: Float32Array) -> Float32Array:
    """``samples`` with silence around it, so that all of it is in whole hops and there is at least one window."""
    hops = max(WINDOW_HOPS, -(-(samples.size - OVERLAP_SAMPLES) // HOP_SAMPLES))
    missing = OVERLAP_SAMPLES + hops * HOP_SAMPLES - samples.size
    return np.pad(samples, (missing // 2, missing - missing // 2))


def cached_frames(clips: Sequence[VoiceClip], sessions: int, seed: int, folder: Path) -> list[ClipFrames]:
    """The frames of ``clips`` in ``sessions`` sessions a speaker; what ``folder`` already holds is not made again."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[ClipFrames] = []
    jobs = [(speaker, session) for session in range(sessions) for speaker in speakers_of(clips)]
    for speaker, session in tqdm(jobs, desc="features", unit="session"):
        own = [clip for clip in clips if clip.speaker == speaker]
        made += _session_frames(own, speaker, session, seed, folder)
    return made


def _session_frames(own: Sequence[VoiceClip], speaker: str, session: int, seed: int, folder: Path) -> list[ClipFrames]:
    path = folder / f"{speaker.replace('/', '-')}-{session}-{seed}.npz"
    if not path.exists():
        features, speech = _make_session(own, speaker, session, seed)
        partial = path.with_suffix(".part.npz")
        np.savez(
            partial,
            features=np.concatenate(features),
            speech=np.concatenate(speech),
            frames=[len(x) for x in speech],
            names=[clip.path.stem for clip in own],
        )
        partial.rename(path)
    with np.load(path) as kept:
        if list(kept["names"]) != [clip.path.stem for clip in own]:
            path.unlink()
            return _session_frames(own, speaker, session, seed, folder)
        ends = np.cumsum(kept["frames"])[:-1]
        features, speech = np.split(kept["features"], ends), np.split(kept["speech"], ends)
    return [ClipFrames(clip, session, f, s) for clip, f, s in zip(own, features, speech, strict=True)]


def _make_session(
    own: Sequence[VoiceClip], speaker: str, session: int, seed: int
) -> tuple[list[NDArray[np.float16]], list[NDArray[np.bool_]]]:
    # A seed of the speaker's own: the conditions do not depend on which other speakers take part.
    random = np.random.default_rng([seed, session, zlib.crc32(speaker.encode())])
    conditions = CLEAN if session == 0 else random_session(random)
    stream = FrameStream(SileroSpeechDetector())
    features: list[NDArray[np.float16]] = []
    speech: list[NDArray[np.bool_]] = []
    for clip in own:
        samples = read_clip(clip)
        if session > 0:
            samples = apply_session(whole_hops(samples), conditions, random)
        stream.reset()
        hops = list(stream.push(whole_hops(samples)))
        features.append(np.concatenate([hop.features for hop in hops]).astype(np.float16))
        speech.append(np.concatenate([hop.speech for hop in hops]))
    return features, speech
