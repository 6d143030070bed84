"""What the speech encoder hears, where in time, and how training draws it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from ertedge.perception.speech_frames import FEATURES
from ertedge.types import Float32Array
from tests.perception.voice_fakes import babble
from tools.data.voice_clips import VoiceClip

pytestmark = pytest.mark.tools
pytest.importorskip("onnx")

from tools.voice.batches import Disturbance, Hearing, TrainingWindows, population  # noqa: E402
from tools.voice.encoder import HEARD, SpeechEncoder, log_mel  # noqa: E402
from tools.voice.features import ClipFrames  # noqa: E402


@pytest.fixture(scope="module")
def encoder() -> SpeechEncoder:
    return SpeechEncoder()


def tone(hertz: float, seconds: float = 1.0) -> Float32Array:
    return np.sin(2 * np.pi * hertz * np.arange(int(16_000 * seconds)) / 16_000).astype(np.float32)


def test_the_spectrogram_shows_a_tone_where_it_is() -> None:
    """Slaney's bands are linear to 1 kHz; the 80 between 0 and 8 kHz are 37.24 Hz apart there."""
    for hertz in (400.0, 800.0):
        shown = log_mel(tone(hertz))
        assert shown.shape == (80, 100)
        assert abs((shown[:, 50].argmax() + 1) * 37.24 - hertz) < 37.24


def test_the_spectrogram_does_not_know_how_loud_it_was() -> None:
    sound = babble(1.0)
    np.testing.assert_allclose(log_mel(0.1 * sound), log_mel(sound), atol=1e-3)


def test_a_step_is_40_ms_wherever_the_clip_ends(encoder: SpeechEncoder) -> None:
    sound = babble(2.0)
    assert encoder(sound).shape == (50, HEARD)
    assert encoder(sound[:-1]).shape == (50, HEARD)
    assert encoder(sound[:639]).shape == (1, HEARD)
    assert encoder(np.tile(sound, 5)).shape == (250, HEARD)  # more than the eight seconds of the encoder's input


def test_a_step_hears_its_own_time(encoder: SpeechEncoder) -> None:
    """A burst in the silence changes most what is heard in the steps around it."""
    silence = 1e-3 * np.random.default_rng(0).standard_normal(16_000 * 3).astype(np.float32)
    burst = silence.copy()
    burst[640 * 40 : 640 * 44] += tone(500.0, 0.16)
    changed = np.abs(encoder(burst).astype(np.float32) - encoder(silence).astype(np.float32)).mean(axis=1)
    assert 39 <= int(changed.argmax()) <= 44


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no such file.*setup-tools"):
        SpeechEncoder(tmp_path / "none.onnx")
    (tmp_path / "other.onnx").write_bytes(b"other")
    with pytest.raises(ConfigurationError, match="not the encoder"):
        SpeechEncoder(tmp_path / "other.onnx")


def _frames(heard: np.ndarray, speaker: str = "a", label: str = "happy") -> ClipFrames:
    steps = len(heard)
    clip = VoiceClip(Path(f"{label}.wav"), "ravdess", speaker, label)
    features = np.random.default_rng(0).standard_normal((4 * steps, FEATURES)).astype(np.float16)
    return ClipFrames(clip, 0, features, np.ones(4 * steps, bool), heard.astype(np.float16))


def test_what_was_heard_is_comparable_between_speakers() -> None:
    """Another level and another voice in the same words come out equal: only what changes within a session counts."""
    said = np.random.default_rng(1).standard_normal((90, HEARD))
    hearing = Hearing([_frames(said, "a"), _frames(said + 3.0, "b")])
    rows = np.arange(0, 300, 4)
    np.testing.assert_allclose(hearing.at(0, rows), hearing.at(1, rows), atol=0.02)
    assert float(hearing.at(0, np.arange(0, 360, 4)).std()) == pytest.approx(1.0, abs=0.05)


def test_a_window_hears_the_steps_of_its_own_frames() -> None:
    steps = np.repeat(np.arange(120.0)[:, None], HEARD, axis=1)
    frames = [_frames(steps), _frames(steps, label="sad")]
    calm = Disturbance(warp_most=0.0, time_masks=0, coefficient_masks=0, noise=0.0)
    windows = TrainingWindows(frames, population(frames), calm)
    for seed in range(5):
        drawn = windows.window_of(0, np.random.default_rng(seed))
        assert drawn.heard is not None
        assert drawn.heard.shape == (75, HEARD)
        np.testing.assert_allclose(np.diff(drawn.heard[:, 0]), 1.0 / np.arange(120.0).std(), atol=0.01)


def test_where_the_encoder_was_not_asked_nothing_is_heard() -> None:
    plain = [replace(_frames(np.zeros((90, HEARD))), heard=None)]
    assert TrainingWindows(plain, population(plain), Disturbance()).window_of(0, np.random.default_rng(0)).heard is None
    with pytest.raises(ValueError, match="not asked"):
        Hearing(plain)
