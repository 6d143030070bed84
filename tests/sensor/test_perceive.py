"""The shipped models, loaded as the sensor process loads them; and damaged ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from ertedge.config import Config
from ertedge.errors import ManifestError, ModelIntegrityError, PerceptionError
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.sensor.perceive import load_face, load_voice
from ertedge.types import AudioChunk, Modality, Reason, VideoFrame

SECOND = 16_000


def copied_models(directory: Path) -> Config:
    shutil.copytree(default_models_dir(), directory / "models")
    return Config(models_dir=str(directory / "models"))


def flip_a_byte(config: Config, name: str) -> Path:
    models = Path(config.models_dir)
    path = models / load_manifest(models).entry(name).file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return path


def test_the_face_path_loads_is_timed_and_sees_nobody_in_the_dark() -> None:
    face = load_face(Config())
    assert [model.name for model in face.models] == ["detector", "facenet"]
    assert all(0 < model.inference_us < 1_000_000 for model in face.models)
    (prediction,) = face.perceive(VideoFrame(7, np.zeros((480, 640, 3), np.uint8)))
    assert prediction.timestamp_ns == 7
    assert prediction.modality is Modality.FACE
    assert prediction.probabilities is None
    assert Reason.NO_FACE in prediction.reasons


def test_the_voice_path_loads_is_timed_and_hears_no_speech_in_silence() -> None:
    voice = load_voice(Config())
    assert [model.name for model in voice.models] == ["voice"]
    assert 0 < voice.models[0].inference_us < 1_000_000
    noise = np.random.default_rng(0).normal(0, 1e-3, 4 * SECOND).astype(np.float32)
    predictions = voice.perceive(AudioChunk(0, noise))
    assert [prediction.reasons for prediction in predictions] == [(Reason.NO_SPEECH,)] * len(predictions)
    assert len(predictions) >= 2


def test_what_is_no_picture_and_no_sound_is_refused() -> None:
    with pytest.raises(PerceptionError, match="20000"):
        load_face(Config()).perceive(VideoFrame(0, np.broadcast_to(np.zeros((1, 1, 3), np.uint8), (8, 20_000, 3))))
    with pytest.raises(PerceptionError):
        load_voice(Config()).perceive(AudioChunk(0, np.full(1600, np.nan, np.float32)))


@pytest.mark.parametrize("name", ["detector", "facenet"])
def test_a_flipped_byte_in_a_model_of_the_face_is_found(tmp_path: Path, name: str) -> None:
    config = copied_models(tmp_path)
    path = flip_a_byte(config, name)
    with pytest.raises(ModelIntegrityError, match="install ertedge again") as raised:
        load_face(config)
    assert str(path) in str(raised.value)
    load_voice(config)


def test_a_flipped_byte_in_the_voice_network_is_found(tmp_path: Path) -> None:
    config = copied_models(tmp_path)
    flip_a_byte(config, "voice")
    with pytest.raises(ModelIntegrityError):
        load_voice(config)


def test_a_folder_without_models_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="set models_dir"):
        load_face(Config(models_dir=str(tmp_path)))
