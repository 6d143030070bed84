"""Synthetic pairs of faces and voices, and what is fitted to them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from ertedge.affect.fusion import Fusion
from ertedge.affect.reliability import Reliabilities, load
from ertedge.config import FusionSettings
from ertedge.types import EMOTIONS, Emotion, Float32Array, Modality
from tools.measure_reliability import fit_independence, human_prior, write
from tools.pairing import Labelled, fuse_pairs, log_loss, pair

EVEN = np.full(7, 0.5, dtype=np.float32)


def noisy(labels: list[int], seed: int, strength: float) -> Labelled:
    """Predictions that lean to the truth, each with a noise of its own."""
    random = np.random.default_rng(seed)
    truth = np.eye(7)[labels]
    logits = strength * truth + random.standard_normal((len(labels), 7))
    p: Float32Array = np.exp(logits).astype(np.float32)
    p /= p.sum(axis=1, keepdims=True)
    return Labelled(p, np.array(labels), np.ones(len(labels), dtype=np.float32))


def test_pairs_share_their_label_and_only_emotions_that_both_have() -> None:
    face, voice = noisy([0, 1, 1, 2], 1, 2.0), noisy([1, 2, 2, 5], 2, 2.0)
    paired_face, paired_voice = pair(face, voice, 10, seed=3)
    assert np.array_equal(paired_face.labels, paired_voice.labels)
    assert sorted(set(paired_face.labels.tolist())) == [1, 2]
    assert len(paired_face) == 20
    again, _ = pair(face, voice, 10, seed=3)
    assert np.array_equal(again.probabilities, paired_face.probabilities)


def test_confusion_counts_true_rows_and_predicted_columns() -> None:
    p = np.eye(7, dtype=np.float32)[[0, 3, 3]]
    counts = Labelled(p, np.array([0, 0, 3]), np.ones(3, dtype=np.float32)).confusion()
    assert (counts[0, 0], counts[0, 3], counts[3, 3]) == (1, 1, 1)
    assert counts.sum() == 3


def test_log_loss_by_hand() -> None:
    p = np.array([[0.5, 0.5], [0.25, 0.75]], dtype=np.float32)
    assert log_loss(p, np.array([0, 0])) == pytest.approx((np.log(2) + np.log(4)) / 2)


def test_witnesses_who_err_independently_are_found_independent_and_fusing_them_helps() -> None:
    labels = [i % 7 for i in range(1400)]
    face, voice = noisy(labels, 1, 2.0), noisy(labels, 2, 2.0)
    population = Reliabilities(EVEN, EVEN, 0.0)
    independence, losses = fit_independence(face, voice, population, seed=0)
    assert independence >= 0.8
    assert min(losses) < min(log_loss(face.probabilities, face.labels), log_loss(voice.probabilities, voice.labels))
    fused = fuse_pairs(Fusion(Reliabilities(EVEN, EVEN, independence), FusionSettings()), face, voice)
    hits = (fused.argmax(axis=1) == face.labels).mean()
    assert hits > (face.probabilities.argmax(axis=1) == face.labels).mean()


def test_the_prior_gives_surprise_an_average_recall() -> None:
    votes = np.zeros((7, 7))
    votes[:6, :6] = 10.0 + 90.0 * np.eye(6)
    prior = human_prior(votes)
    surprise = EMOTIONS.index(Emotion.SURPRISE)
    assert prior[surprise].sum() == pytest.approx(1.0)
    assert prior[surprise, surprise] == pytest.approx(100 / 150)


def test_what_is_written_can_be_loaded(tmp_path: Path) -> None:
    face = np.linspace(0.2, 0.8, 7).astype(np.float32)
    write(tmp_path / "fusion.toml", Reliabilities(face, EVEN, 0.35), {Modality.FACE: 10, Modality.VOICE: 20})
    back = load(tmp_path / "fusion.toml")
    assert back.face == pytest.approx(face, abs=1e-4)
    assert back.independence == 0.35
    assert "tools.measure_reliability" in (tmp_path / "fusion.toml").read_text("utf-8")
    assert tomllib.loads((tmp_path / "fusion.toml").read_text("utf-8"))["voice"]["fear"] == 0.5
