from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pytest

from ertedge.errors import ManifestError, ModelError, PerceptionError
from ertedge.perception.emotion_head import EmotionHead
from ertedge.perception.speech_frames import FEATURES
from ertedge.perception.voice import VoiceModel, VoicePerception
from ertedge.perception.voice_statistics import SIZE
from ertedge.types import EMOTIONS, AudioChunk, Emotion, Float32Array, Modality, Reason
from tests.perception.voice_fakes import PRIOR, WEIGHTS, LoudnessDetector, RecordingNetwork, babble, chunks

MAPPING = {"neutral": Emotion.NEUTRAL, "calm": Emotion.NEUTRAL, "angry": Emotion.ANGER}
HEAD = EmotionHead(tuple(MAPPING), MAPPING, temperature=2.0)


def _voice(network: RecordingNetwork) -> VoicePerception:
    return VoicePerception(VoiceModel(network, HEAD, PRIOR, WEIGHTS), LoudnessDetector())


def test_speech_becomes_probabilities_of_the_seven() -> None:
    network = RecordingNetwork(np.float32(2.0) * np.log(np.asarray([0.2, 0.3, 0.5], np.float32)))
    voice = _voice(network)
    predictions = [p for chunk in chunks(babble(4.1), 1_600) for p in voice.process(chunk)]
    assert len(predictions) == 3
    first = predictions[0]
    assert (first.modality, first.reasons, first.faces) == (Modality.VOICE, (), 0)
    assert first.embedding is not None
    assert first.embedding.shape == (SIZE,)
    assert first.timestamp_ns == 48_240 * 62_500
    assert 0.0 < first.quality <= 1.0
    assert first.probabilities is not None
    assert first.probabilities[EMOTIONS.index(Emotion.NEUTRAL)] == pytest.approx(0.5)
    assert first.probabilities[EMOTIONS.index(Emotion.ANGER)] == pytest.approx(0.5)
    assert [x.shape for x in network.inputs] == [(1, 300, FEATURES)] * 3


def test_without_speech_the_network_is_not_asked() -> None:
    network = RecordingNetwork(np.zeros(3, np.float32))
    voice = _voice(network)
    predictions = [p for chunk in chunks(np.zeros(64_000, np.float32), 1_600) for p in voice.process(chunk)]
    assert [(p.probabilities, p.reasons) for p in predictions] == [(None, (Reason.NO_SPEECH,))] * 2
    assert network.inputs == []


def test_a_broken_chunk_raises_and_counts_as_a_gap() -> None:
    voice = _voice(RecordingNetwork(np.zeros(3, np.float32)))
    with pytest.raises(PerceptionError):
        voice.process(AudioChunk(0, np.full(100, np.nan, np.float32)))
    assert voice.gaps == 1
    assert len([p for chunk in chunks(babble(3.1), 1_600) for p in voice.process(chunk)]) == 1


def test_a_network_with_other_labels_is_refused() -> None:
    voice = _voice(RecordingNetwork(np.zeros(8, np.float32)))
    with pytest.raises(ModelError, match="8 logits for 3 labels"):
        voice.process(AudioChunk(0, babble(3.1)))


def test_forgetting_the_speaker_empties_the_window() -> None:
    voice = _voice(RecordingNetwork(np.zeros(3, np.float32)))
    assert voice.process(AudioChunk(0, babble(3.0))) == []
    voice.forget_speaker()
    assert voice.process(AudioChunk(0, babble(3.0), first_sample=48_000)) == []
    assert voice.gaps == 0


@dataclass(frozen=True)
class _Entry:
    """A manifest entry as far as perception reads it."""

    numbers: dict[str, float | list[float]]
    labels: tuple[str, ...] = tuple(MAPPING)
    mapping: Mapping[str, Emotion] = field(default_factory=lambda: MAPPING)
    temperature: float = 1.5

    def parameter(self, name: str, /) -> float:
        value = self.numbers[name]
        assert isinstance(value, float)
        return value

    def vector(self, name: str, /) -> Float32Array:
        return np.asarray(self.numbers[name], np.float32)


def _numbers() -> dict[str, float | list[float]]:
    return {
        "feature_mean": [0.5] * FEATURES,
        "feature_deviation": [2.0] * FEATURES,
        "prior_frames": 100.0,
        "most_frames": 6_000.0,
        "quality": [-1.0, 1.0, 0.5, -2.0],
    }


def test_a_model_is_what_its_entry_says() -> None:
    model = VoiceModel.of(RecordingNetwork(np.zeros(3, np.float32)), _Entry(_numbers()))
    assert model.head.labels == tuple(MAPPING)
    assert model.head.temperature == 1.5
    assert model.prior.most_frames == 6_000.0
    np.testing.assert_array_equal(model.prior.mean, [0.5] * FEATURES)
    assert model.quality.clipped_share == -2.0


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("quality", [1.0, 2.0], "4 coefficients"),
        ("feature_mean", [0.0] * 13, "42 numbers"),
        ("feature_deviation", [0.0] * FEATURES, "positive"),
        ("most_frames", 10.0, "fewer"),
    ],
)
def test_an_entry_that_cannot_be_is_refused(name: str, value: float | list[float], word: str) -> None:
    with pytest.raises(ManifestError, match=word):
        VoiceModel.of(RecordingNetwork(np.zeros(3, np.float32)), _Entry({**_numbers(), name: value}))
