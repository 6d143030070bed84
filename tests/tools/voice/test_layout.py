"""Speech that is laid out anew: what stays, what is added, and whose it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ertedge.perception.mfcc import COEFFICIENTS
from ertedge.perception.speech_frames import FEATURES, FrameStream
from tests.perception.voice_fakes import LoudnessDetector
from tools.data.voice_clips import VoiceClip
from tools.voice.features import ClipFrames
from tools.voice.layout import DIGITAL_SILENCE, LENGTH_FRAMES, MARGIN_FRAMES, Layouts

pytestmark = pytest.mark.tools
ROOM, SPEECH_FRAMES, ONSET = -5.0, 120, 110


def _clip(number: int, speaker: str, label: str, session: int = 0) -> ClipFrames:
    """Four seconds of a room, in which frames 110 to 229 are speech that carries the clip's number and each frame's own."""
    features = np.full((400, FEATURES), ROOM, np.float16)
    speech = np.zeros(400, bool)
    speech[ONSET : ONSET + SPEECH_FRAMES] = True
    features[speech] = number
    features[speech, 1] = np.arange(SPEECH_FRAMES)
    return ClipFrames(VoiceClip(Path(f"{number}.wav"), "ravdess", speaker, label), session, features, speech)


@pytest.fixture
def frames() -> list[ClipFrames]:
    """Clips 1 and 2 are of one speaker, label and session; 3 is of another label, 4 of another session, 5 of another
    speaker."""
    return [
        _clip(1, "ravdess/03", "sad"),
        _clip(2, "ravdess/03", "sad"),
        _clip(3, "ravdess/03", "happy"),
        _clip(4, "ravdess/03", "sad", session=1),
        _clip(5, "ravdess/04", "sad"),
    ]


def test_all_speech_stays_in_its_order(frames: list[ClipFrames]) -> None:
    layouts = Layouts(frames)
    for seed in range(40):
        drawn = layouts.draw(0, np.random.default_rng(seed))
        assert len(drawn) >= LENGTH_FRAMES
        order = drawn[drawn[:, 2] == 1, 1]
        np.testing.assert_array_equal(order[:SPEECH_FRAMES], np.arange(SPEECH_FRAMES))


def test_only_the_same_speaker_label_and_session_is_added(frames: list[ClipFrames]) -> None:
    layouts = Layouts(frames)
    met = np.concatenate([layouts.draw(0, np.random.default_rng(seed))[:, 2] for seed in range(60)])
    assert set(np.unique(met).tolist()) == {ROOM, 0.0, 1.0, 2.0}


def test_speech_begins_early_as_well_as_late(frames: list[ClipFrames]) -> None:
    layouts = Layouts(frames)
    onsets = [int(np.flatnonzero(layouts.draw(0, np.random.default_rng(seed))[:, 2] == 1)[0]) for seed in range(80)]
    assert min(onsets) < MARGIN_FRAMES + 10
    assert max(onsets) > ONSET


def test_a_clip_without_detected_speech_is_left_whole(frames: list[ClipFrames]) -> None:
    silent = ClipFrames(frames[0].clip, 0, frames[0].features, np.zeros(400, bool))
    drawn = Layouts([silent]).draw(0, np.random.default_rng(0))
    np.testing.assert_array_equal(drawn[drawn[:, 2] == 1, 1][:SPEECH_FRAMES], np.arange(SPEECH_FRAMES))


def test_digital_silence_is_what_the_device_makes_of_it() -> None:
    hops = list(FrameStream(LoudnessDetector()).push(np.zeros(16_240, np.float32)))
    made = np.concatenate([hop.features for hop in hops])
    assert len(made) == 100
    np.testing.assert_allclose(made, np.broadcast_to(DIGITAL_SILENCE, made.shape), atol=0.02)


def test_the_pitch_is_held_through_what_was_added(frames: list[ClipFrames]) -> None:
    for clip in frames[:2]:
        clip.features[clip.speech, COEFFICIENTS] = 1.5
    drawn = [Layouts(frames).draw(0, np.random.default_rng(seed)) for seed in range(60)]
    digital = DIGITAL_SILENCE[0]
    between = np.concatenate([one[_after_speech(one) & (one[:, 0] == digital), COEFFICIENTS] for one in drawn])
    assert len(between) > 500
    assert set(between.tolist()) <= {1.5, ROOM}


def _after_speech(drawn: NDArray[np.float16]) -> NDArray[np.bool_]:
    return np.maximum.accumulate(drawn[:, 2] == 1)
