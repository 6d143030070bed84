"""A few clips of noise that a tiny voice network is trained on in a second."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ertedge.perception.speech_frames import FEATURES
from tools.data.voice_clips import VoiceClip
from tools.torch_machine import this_machine
from tools.voice.encoder import HEARD
from tools.voice.features import ClipFrames
from tools.voice.training import Recipe
from tools.voice.work import Work

TINY = Recipe(width=12, epochs=2, batch=4)


def work_of(speakers: tuple[str, ...], out: Path, frames: list[ClipFrames] | None = None) -> Work:
    """Two clips of each of ``speakers``, one happy and one sad, for a tiny network; nothing of them is on disk."""
    clips = tuple(
        VoiceClip(Path(speaker, f"{label}.wav"), speaker.split("/")[0], speaker, label)
        for speaker in speakers
        for label in ("happy", "sad")
    )
    return Work(clips, frames or [], TINY, 1, out, out, out, this_machine("float32"))


def speaking(work: Work) -> list[ClipFrames]:
    """Four sessions of noise, louder where a clip is happy, to the encoder as well."""
    random = np.random.default_rng(0)
    return [
        ClipFrames(
            clip,
            session,
            random.normal(3.0 * (clip.label == "happy"), 1.0, (350, FEATURES)).astype(np.float16),
            np.ones(350, bool),
            random.normal(3.0 * (clip.label == "happy"), 1.0, (88, HEARD)).astype(np.float16),
        )
        for session in range(4)
        for clip in work.clips
    ]
