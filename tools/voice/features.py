"""Frames of every clip in several sessions, made once by the device's own feature code and kept in the run folder.

Host side only. Session 0 of a speaker is the clip as recorded; in every other session all clips of a speaker go through
one room, microphone and change of voice (``tools.sound_degradation``), because the device's running normalisation also
sees one speaker through one microphone.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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

Encoder = Callable[[Float32Array], NDArray[np.float16]]
"""Samples at 16 kHz -> (steps of 40 ms, 768); see ``tools.voice.encoder``."""
Columns = dict[str, NDArray[Any]]

WINDOW_SAMPLES = OVERLAP_SAMPLES + WINDOW_HOPS * HOP_SAMPLES


@dataclass(frozen=True, slots=True)
class ClipFrames:
    """A clip in one session: ``features`` (frames, 42) float16, not normalised; ``speech`` (frames,) bool; ``heard``
    (steps of 40 ms, 768) float16, what the speech encoder makes of the same sound, where it was asked."""

    clip: VoiceClip
    session: int
    features: NDArray[np.float16]
    speech: NDArray[np.bool_]
    heard: NDArray[np.float16] | None = None


def heard_in(clip: ClipFrames) -> NDArray[np.float16]:
    """What the encoder heard in ``clip``, (steps, 768). ValueError where it was not asked."""
    if clip.heard is None:
        raise ValueError(f"the encoder was not asked about {clip.clip.path}")
    return clip.heard


def whole_hops(samples: Float32Array) -> Float32Array:
    """``samples`` with silence around it, so that all of it is in whole hops and there is at least one window."""
    hops = max(WINDOW_HOPS, -(-(samples.size - OVERLAP_SAMPLES) // HOP_SAMPLES))
    missing = OVERLAP_SAMPLES + hops * HOP_SAMPLES - samples.size
    return np.pad(samples, (missing // 2, missing - missing // 2))


def cached_frames(
    clips: Sequence[VoiceClip], sessions: int, seed: int, folder: Path, encoder: Encoder | None = None
) -> list[ClipFrames]:
    """The frames of ``clips`` in ``sessions`` sessions a speaker, and what ``encoder`` hears in them; what ``folder`` holds
    already is not made again."""
    folder.mkdir(parents=True, exist_ok=True)
    made: list[ClipFrames] = []
    jobs = [(speaker, session) for session in range(sessions) for speaker in speakers_of(clips)]
    for speaker, session in tqdm(jobs, desc="features", unit="session"):
        own = [clip for clip in clips if clip.speaker == speaker]
        made += _session_frames(own, session, seed, folder, encoder)
    return made


def _session_frames(
    own: Sequence[VoiceClip], session: int, seed: int, folder: Path, encoder: Encoder | None
) -> list[ClipFrames]:
    kind = "heard" if encoder else "plain"
    path = folder / f"{own[0].speaker.replace('/', '-')}-{session}-{seed}-{kind}.npz"
    names = [clip.path.stem for clip in own]
    kept = _read(path)
    if kept is None or list(kept["names"]) != names:
        made = _make_session(own, session, seed, encoder)
        columns = ("features", "speech", "heard") if encoder else ("features", "speech")
        kept = {column: np.concatenate([clip[column] for clip in made]) for column in columns}
        kept |= {"names": np.asarray(names), "frames": np.asarray([len(clip["speech"]) for clip in made])}
        if encoder:
            kept["steps"] = np.asarray([len(clip["heard"]) for clip in made])
        partial = path.with_suffix(".part.npz")
        np.savez(partial, allow_pickle=False, **kept)
        partial.rename(path)
    ends = np.cumsum(kept["frames"])[:-1]
    features, speech = np.split(kept["features"], ends), np.split(kept["speech"], ends)
    heard = np.split(kept["heard"], np.cumsum(kept["steps"])[:-1]) if encoder else [None] * len(own)
    return [ClipFrames(clip, session, f, s, h) for clip, f, s, h in zip(own, features, speech, heard, strict=True)]


def _read(path: Path) -> Columns | None:
    if not path.exists():
        return None
    with np.load(path) as kept:
        return dict(kept)


def _make_session(own: Sequence[VoiceClip], session: int, seed: int, encoder: Encoder | None) -> list[Columns]:
    # A seed of the speaker's own: the conditions do not depend on which other speakers take part.
    random = np.random.default_rng([seed, session, zlib.crc32(own[0].speaker.encode())])
    conditions = CLEAN if session == 0 else random_session(random)
    stream = FrameStream(SileroSpeechDetector())
    made: list[Columns] = []
    for clip in own:
        samples = read_clip(clip)
        if session > 0:
            samples = apply_session(whole_hops(samples), conditions, random)
        samples = whole_hops(samples)
        stream.reset()
        hops = list(stream.push(samples))
        columns: Columns = {
            "features": np.concatenate([hop.features for hop in hops]).astype(np.float16),
            "speech": np.concatenate([hop.speech for hop in hops]),
        }
        if encoder:
            columns["heard"] = encoder(samples)
        made.append(columns)
    return made
