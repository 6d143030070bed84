from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError, RecordingError
from tools.data import nemo, ravdess
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip, read_clip, speakers_of

pytestmark = pytest.mark.tools
soundfile = pytest.importorskip("soundfile")


def _write(path: Path, seconds: float = 0.1, rate_hz: int = 16_000, channels: int = 1) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    tone = np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate_hz)) / rate_hz) * 0.5
    soundfile.write(path, np.repeat(tone[:, None], channels, axis=1), rate_hz)
    return path


def test_ravdess_names_become_labels(tmp_path: Path) -> None:
    _write(tmp_path / "Actor_07" / "03-01-05-02-01-01-07.wav")
    _write(tmp_path / "Actor_07" / "03-02-05-02-01-01-07.wav")  # A song.
    _write(tmp_path / "Actor_12" / "03-01-02-01-02-02-12.wav")
    clips = ravdess.load(tmp_path)
    assert [(clip.speaker, clip.label) for clip in clips] == [("ravdess/07", "angry"), ("ravdess/12", "calm")]
    assert clips[0].label_index == 4


def test_nemo_names_become_the_same_labels(tmp_path: Path) -> None:
    _write(tmp_path / "nemo" / "samples" / "EB0_fear_12.wav")
    (clip,) = nemo.load(tmp_path)
    assert (clip.speaker, clip.label, clip.collection) == ("nemo/EB0", "fearful", "nemo")


def test_a_strange_name_is_reported(tmp_path: Path) -> None:
    _write(tmp_path / "Actor_01" / "03-01-09-01-01-01-01.wav")
    with pytest.raises(ConfigurationError, match="03-01-09"):
        ravdess.load(tmp_path)
    _write(tmp_path / "samples" / "EB0_bored_1.wav")
    with pytest.raises(ConfigurationError, match="EB0_bored_1"):
        nemo.load(tmp_path)


def test_nothing_there_says_where_was_looked(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="--root"):
        ravdess.load(tmp_path)


def test_any_rate_and_channels_become_16_khz_mono(tmp_path: Path) -> None:
    clip = VoiceClip(_write(tmp_path / "a.wav", 1.0, 48_000, 2), "ravdess", "ravdess/01", "calm")
    samples = read_clip(clip)
    assert samples.shape == (16_000,)
    assert samples.dtype == np.float32
    spectrum = np.abs(np.fft.rfft(samples))
    assert int(spectrum.argmax()) == 440


@pytest.mark.parametrize("seconds", [0.0])
def test_a_file_of_no_length_is_refused(tmp_path: Path, seconds: float) -> None:
    clip = VoiceClip(_write(tmp_path / "a.wav", seconds), "ravdess", "ravdess/01", "calm")
    with pytest.raises(RecordingError, match="no sound"):
        read_clip(clip)


def test_a_file_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(b"RIFF but not really")
    with pytest.raises(RecordingError, match="cannot be read"):
        read_clip(VoiceClip(path, "ravdess", "ravdess/01", "calm"))


def test_the_shared_data_is_all_there(data_root: Path) -> None:
    english, polish = ravdess.load(data_root), nemo.load(data_root)
    assert len(english) == 1_200
    assert len(polish) == 525
    assert len(speakers_of(english)) == 20
    assert {clip.label for clip in english} == set(NATIVE_LABELS)
    assert {clip.label for clip in polish} == set(NATIVE_LABELS) - {"calm", "disgust"}


def test_every_actor_is_tested_once() -> None:
    assert sorted(actor for fold in ravdess.FOLDS for actor in fold) == list(range(1, 25))
