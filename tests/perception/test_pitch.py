"""The melody of a voice: the pitch, held where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.perception.mfcc import COEFFICIENTS
from ertedge.perception.pitch import UNHEARD_OCTAVES, held
from ertedge.perception.speech_frames import FEATURES, FrameStream
from ertedge.types import Float32Array
from tests.perception.voice_fakes import LoudnessDetector


def _floats(*values: float) -> Float32Array:
    return np.asarray(values, np.float32)


def test_the_last_pitch_is_held_until_the_next() -> None:
    octaves, likeness = _floats(2.0, 0.5, 2.0, 2.0, 1.0), _floats(0.1, 0.9, 0.2, 0.3, 0.8)
    assert held(octaves, likeness, 0.75).tolist() == [0.75, 0.5, 0.5, 0.5, 1.0]


def test_what_lies_beyond_the_highest_voice_is_no_pitch() -> None:
    assert held(_floats(0.5, 2.4), _floats(0.9, 0.9), 0.75).tolist() == [0.5, 0.5]


def test_where_there_is_no_pitch_at_all_the_one_before_is_held() -> None:
    assert held(_floats(2.0, 2.0), _floats(0.0, 0.4), 0.75).tolist() == [0.75, 0.75]


def _hum(hz: float, seconds: float) -> Float32Array:
    time = np.arange(round(seconds * 16_000)) / 16_000
    return np.asarray(sum(np.sin(2 * np.pi * hz * n * time) / n for n in range(1, 9)) * 0.1, np.float32)


def test_a_stream_holds_the_pitch_from_hop_to_hop_and_forgets_it_at_a_gap() -> None:
    stream = FrameStream(LoudnessDetector())
    sound = np.concatenate((_hum(200.0, 1.0), np.zeros(16_000, np.float32)))
    hops = list(stream.push(sound))
    pitch, clearness = (np.stack([hop.features[:, COEFFICIENTS + column] for hop in hops]) for column in (0, 1))
    assert {hop.features.shape for hop in hops} == {(50, FEATURES)}
    assert pitch[0] == pytest.approx(1.0, abs=0.05)
    assert clearness[0].min() > 0.9
    assert pitch[2] == pytest.approx(1.0, abs=0.05)
    assert clearness[2][10:].max() < 0.01  # The band-pass rings for a moment.
    stream.reset()
    (silent,) = stream.push(np.zeros(8_240, np.float32))
    assert silent.features[:, COEFFICIENTS].tolist() == [np.float32(UNHEARD_OCTAVES)] * 50
