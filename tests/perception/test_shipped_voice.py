"""The voice model that ships, as the manifest describes it, on real speech."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.perception.speech_frames import FEATURES
from ertedge.perception.speech_windows import WINDOW_FRAMES
from ertedge.perception.voice import VoiceModel, VoicePerception
from ertedge.types import Prediction, Reason
from tests.perception.voice_fakes import chunks

MEGABYTE = 1_000_000


@pytest.fixture(scope="module")
def model() -> VoiceModel:
    manifest = load_manifest(default_models_dir())
    return VoiceModel.of(manifest.open_network("voice"), manifest.entry("voice"))


def test_it_is_small_and_takes_what_the_features_give() -> None:
    entry = load_manifest(default_models_dir()).entry("voice")
    assert entry.size_bytes <= 0.5 * MEGABYTE
    assert entry.input[0].shape == (1, WINDOW_FRAMES, FEATURES)
    assert entry.input[0].dtype == "int8"
    assert {entry.mapping["calm"], entry.mapping["neutral"]} == {"neutral"}
    assert "ravdess/03" in entry.provenance
    assert "ravdess/01" not in entry.provenance
    assert "ravdess/02" not in entry.provenance


def _speech(data_root: Path) -> list[Prediction]:
    soundfile = pytest.importorskip("soundfile")
    path = data_root / "ravdess" / "Actor_01" / "03-01-05-02-01-01-01.flac"
    sound = soundfile.read(path, dtype="float32")[0]
    manifest = load_manifest(default_models_dir())
    voice = VoicePerception(VoiceModel.of(manifest.open_network("voice"), manifest.entry("voice")))
    return [prediction for chunk in chunks(sound, 1_600) for prediction in voice.process(chunk)]


def test_speech_is_heard(data_root: Path) -> None:
    predictions = [prediction for prediction in _speech(data_root) if not prediction.reasons]
    assert predictions
    for prediction in predictions:
        assert prediction.probabilities is not None
        assert prediction.probabilities.shape == (7,)
        assert prediction.probabilities.sum() == pytest.approx(1.0, abs=1e-5)
        assert 0.0 < prediction.quality <= 1.0


def test_noise_is_not_taken_for_speech(model: VoiceModel) -> None:
    noise = (np.random.default_rng(0).standard_normal(80_000) * 0.02).astype(np.float32)
    voice = VoicePerception(model)
    predictions = [prediction for chunk in chunks(noise, 1_600) for prediction in voice.process(chunk)]
    assert [prediction.reasons for prediction in predictions] == [(Reason.NO_SPEECH,)] * 4
