"""The shipped voice calibrated: evidence as the device keeps it, labels of one sentence, clips of the other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.perception.speech_frames import FEATURES
from ertedge.perception.voice import VoiceModel
from ertedge.types import EMOTIONS, Modality, ModalityEvidence, SpeechWindow
from tests.affect.people import InventedPerson, population
from tools.data.voice_clips import VoiceClip
from tools.evaluation.personal_device import adapted, evaluate, evidence_of
from tools.voice.scoring import HeardClip

pytestmark = pytest.mark.tools


def test_evidence_is_the_mean_of_what_was_heard_weighted_by_quality() -> None:
    manifest = load_manifest(default_models_dir())
    model = VoiceModel.of(manifest.open_network("voice"), manifest.entry("voice"))
    features = np.random.default_rng(0).normal(0.0, 1.0, (2, 300, FEATURES)).astype(np.float32)
    windows = tuple(
        SpeechWindow(n, features[n], 0.9, quality, (), np.full(209, float(n), np.float32))
        for n, quality in enumerate((0.25, 0.75))
    )
    clip = VoiceClip(Path("x"), "ravdess", "ravdess/01", "happy")
    evidence = evidence_of(HeardClip(clip, windows), model)
    assert evidence.embedding == pytest.approx(np.full(209, 0.75), abs=1e-4)
    assert evidence.probabilities.sum() == pytest.approx(1.0, abs=1e-5)
    assert evidence.quality == pytest.approx(0.5, abs=1e-4)


def test_labels_adapt_what_is_said_and_none_leave_it() -> None:
    person, people = InventedPerson(face_right=0.3, voice_right=0.3), population()
    emotion = np.arange(42) % 7
    evidence: list[ModalityEvidence] = [person.evidence(Modality.VOICE, EMOTIONS[e]) for e in emotion]
    labels, test = np.arange(21), np.arange(21, 42)
    general = adapted(people, evidence, emotion, labels[:0], test)
    assert general == pytest.approx(np.stack([evidence[place].probabilities for place in test]))
    known = adapted(people, evidence, emotion, labels, test)
    assert (known.argmax(axis=1) == emotion[test]).mean() > (general.argmax(axis=1) == emotion[test]).mean() + 0.2


def test_actors_of_whom_all_were_trained_on_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "Actor_03"
    folder.mkdir()
    (folder / "03-01-01-01-01-01-03.wav").touch()
    with pytest.raises(ConfigurationError, match="trained on every actor"):
        evaluate(root=tmp_path)
