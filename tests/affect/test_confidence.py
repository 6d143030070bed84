"""The confidence of states: tempered without another leader, by what carries them; the file that says how is read whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.affect.confidence import AS_IT_COMES, Carrier, Confidence, ConfidenceScale, carrier_of, load
from ertedge.affect.tracker import Tracker
from ertedge.config import TrackerSettings
from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir
from ertedge.types import Emotion, Estimate, Float32Array, Modality, ModalityShare, Reason

SECOND = 1_000_000_000
SETTINGS = TrackerSettings(time_constant_seconds=1.0, switch_margin=0.1)
SCALE = ConfidenceScale(face=Confidence(0.5, 0.3), voice=Confidence(2.0, 0.2), fused=Confidence(1.0, 0.6))
SAID = np.array([0.1, 0.5, 0.1, 0.1, 0.1, 0.05, 0.05], np.float32)


def said_by(*speaking: Modality, seconds: float = 0.0, p: Float32Array = SAID) -> Estimate:
    shares = tuple(
        ModalityShare(m, 1.0 / len(speaking) if m in speaking else 0.0, 1.0, p if m in speaking else None)
        for m in Modality
    )
    return Estimate(int(seconds * SECOND), p, 0.0, 0.0, float(p.max()), shares)


@pytest.mark.parametrize("temperature", [0.25, 0.8, 1.0, 3.0])
def test_tempering_keeps_the_order_and_the_sum_and_undoes_itself(temperature: float) -> None:
    random = np.random.default_rng(3).dirichlet(np.full(7, 0.8), size=200).astype(np.float32).clip(1e-4)
    p = random / random.sum(axis=1, keepdims=True)
    tempered = Confidence(temperature, 0.0).tempered(p)
    assert tempered.dtype == np.float32
    assert tempered.sum(axis=1) == pytest.approx(np.ones(200), abs=1e-5)
    assert (tempered.argmax(axis=1) == p.argmax(axis=1)).all()
    if temperature >= 1.0:
        assert (tempered.max(axis=1) <= p.max(axis=1) + 1e-6).all()
        assert Confidence(1 / temperature, 0.0).tempered(tempered) == pytest.approx(p, abs=1e-4)


def test_who_has_a_weight_carries_a_state() -> None:
    assert carrier_of(said_by(Modality.FACE)) is Carrier.FACE
    assert carrier_of(said_by(Modality.VOICE)) is Carrier.VOICE
    assert carrier_of(said_by(Modality.FACE, Modality.VOICE)) is Carrier.FUSED


def test_a_state_says_what_was_measured_of_states_that_the_same_modalities_carried() -> None:
    of_face = Tracker(SETTINGS, SCALE).update(said_by(Modality.FACE))
    of_voice = Tracker(SETTINGS, SCALE).update(said_by(Modality.VOICE))
    of_both = Tracker(SETTINGS, SCALE).update(said_by(*Modality))
    assert of_face.confidence == pytest.approx(0.25 / (0.25 + 4 * 0.01 + 2 * 0.0025), abs=1e-4)
    assert of_voice.confidence < 0.5 < of_face.confidence
    assert (of_voice.emotion, of_face.emotion) == (Emotion.HAPPINESS, Emotion.HAPPINESS)
    assert (of_both.emotion, of_both.reasons) == (Emotion.UNKNOWN, (Reason.LOW_CONFIDENCE,))
    assert of_both.probabilities == pytest.approx(SAID, abs=1e-5)


def test_the_configuration_overrules_the_least_that_was_measured_and_nothing_else() -> None:
    strict = Tracker(SETTINGS.model_copy(update={"confidence_least": 0.5}), SCALE)
    lenient = Tracker(SETTINGS.model_copy(update={"confidence_least": 0.2}), SCALE)
    assert strict.update(said_by(Modality.VOICE)).emotion is Emotion.UNKNOWN
    assert lenient.update(said_by(*Modality)).emotion is Emotion.HAPPINESS
    assert strict.update(said_by(Modality.FACE, seconds=1.0)).confidence > 0.8


def test_a_bridged_silence_keeps_what_carried_the_state() -> None:
    tracker = Tracker(SETTINGS, SCALE)
    before = tracker.update(said_by(Modality.FACE))
    silent = Estimate(SECOND, None, 0.0, 0.0, 0.0, (), (Reason.NO_FACE,))
    assert tracker.update(silent).confidence == pytest.approx(before.confidence)


def test_the_scale_that_ships_is_read() -> None:
    shipped = load(default_models_dir() / "confidence.toml")
    assert all(0.0 < shipped.of(carrier).least < 0.6 for carrier in Carrier)
    assert AS_IT_COMES.of(Carrier.VOICE).tempered(SAID) == pytest.approx(SAID, abs=1e-6)


def test_every_fault_of_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "confidence.toml"
    path.write_text("[face]\ntemperature = 9.0\nleast = 0.4\n[voice]\ntemperature = 1.0\nleast = 1.5\n")
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    for fault in ("face.temperature", "voice.least", "fused.temperature"):
        assert fault in str(caught.value)
    with pytest.raises(ConfigurationError, match="install ertedge again"):
        load(tmp_path / "missing.toml")
