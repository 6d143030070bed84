"""The pitch of a voice and the statistics of a window of speech."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.perception.pitch import pitch
from ertedge.perception.voice_statistics import SIZE, voice_statistics
from ertedge.types import Float32Array

SAMPLES = 8_240


def hum(hertz: float, samples: int = SAMPLES) -> np.ndarray:
    """A tone with seven harmonics, like a voice's."""
    seconds = np.arange(samples) / 16_000
    return sum((np.sin(2 * np.pi * hertz * k * seconds) / k for k in range(1, 8)), np.zeros(samples))


def window(
    seed: int = 0, *, level: float = 0.0, frames: int = 300
) -> tuple[Float32Array, np.ndarray, Float32Array, Float32Array]:
    random = np.random.default_rng(seed)
    cepstra = random.normal(0.0, 1.0, (frames, 40)).astype(np.float32)
    cepstra[:, 0] += level
    octaves = random.normal(1.0, 0.2, frames // 2).astype(np.float32)
    return cepstra, np.ones(frames, bool), octaves, np.full(frames // 2, 0.9, np.float32)


@pytest.mark.parametrize("hertz", [80.0, 120.0, 220.0, 330.0, 450.0])
def test_the_pitch_of_a_clear_voice_is_found_within_a_hundredth(hertz: float) -> None:
    octaves, likeness = pitch(hum(hertz))
    assert octaves.shape == likeness.shape == (25,)
    assert octaves.dtype == likeness.dtype == np.float32
    assert 100.0 * 2.0**octaves == pytest.approx(np.full(25, hertz), rel=0.01)
    assert likeness.min() > 0.9


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).standard_normal(SAMPLES)
    assert pitch(noise)[1].mean() < 0.4
    octaves, likeness = pitch(np.zeros(SAMPLES))
    assert np.all(np.isfinite(octaves))
    assert np.all(likeness == 0.0)


def test_a_window_becomes_one_finite_vector() -> None:
    vector = voice_statistics(*window())
    assert vector.shape == (SIZE,)
    assert vector.dtype == np.float32
    assert np.all(np.isfinite(vector))


def test_only_speech_counts() -> None:
    cepstra, speech, octaves, likeness = window()
    quiet = speech.copy()
    quiet[150:] = False
    disturbed = cepstra.copy()
    disturbed[151:] += 100.0
    disturbed_octaves = octaves.copy()
    disturbed_octaves[75:] += 3.0
    plain = voice_statistics(cepstra, quiet, octaves, likeness)
    assert voice_statistics(disturbed, quiet, disturbed_octaves, likeness) == pytest.approx(plain)


def test_the_pitch_and_the_level_of_a_voice_show() -> None:
    cepstra, speech, octaves, likeness = window()
    plain = voice_statistics(cepstra, speech, octaves, likeness)
    higher = voice_statistics(cepstra, speech, octaves + 1.0, likeness)
    assert higher[159] - plain[159] == pytest.approx(1.0, abs=1e-5)
    louder = voice_statistics(*window(level=2.0))
    assert louder[0] - plain[0] == pytest.approx(2.0, abs=1e-5)
    assert louder[1] == pytest.approx(plain[1])


@pytest.mark.parametrize("spoken", [0, 1, 9])
def test_hardly_any_speech_or_pitch_is_still_a_vector(spoken: int) -> None:
    cepstra, speech, octaves, _ = window()
    speech[spoken:] = False
    vector = voice_statistics(cepstra, speech, octaves, np.zeros(150, np.float32))
    assert np.all(np.isfinite(vector))
