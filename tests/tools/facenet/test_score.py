"""How a FaceNet in training is scored on the faces that were held out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytestmark = pytest.mark.tools
torch = pytest.importorskip("torch")

from tests.tools.facenet.blobs import smooth_faces  # noqa: E402
from tools.data.ferplus import EMOTION_LABELS  # noqa: E402
from tools.evaluation import metrics  # noqa: E402
from tools.facenet.data import FaceSet  # noqa: E402
from tools.facenet.network import FaceNetwork, standardise  # noqa: E402
from tools.facenet.score import EmotionScore, Score, emotion_score, loss_of_seven, score  # noqa: E402
from tools.torch_machine import this_machine  # noqa: E402

CONTEMPT, DISGUST = EMOTION_LABELS.index("contempt"), EMOTION_LABELS.index("disgust")


def test_emotions_count_alike_however_many_faces_show_them() -> None:
    probabilities = np.full((4, 8), 0.05)
    probabilities[:, 0] = 0.65
    labels = np.array([0, 0, 0, 1])
    expected = (-np.log(0.65) - np.log(0.05)) / 2
    assert loss_of_seven(probabilities, labels) == pytest.approx(expected)


def test_contempt_counts_as_disgust() -> None:
    probabilities = np.zeros((2, 8))
    probabilities[:, CONTEMPT], probabilities[:, DISGUST] = 0.3, 0.7
    assert loss_of_seven(probabilities, np.array([CONTEMPT, DISGUST])) == pytest.approx(0.0)


def test_what_chooses_grows_with_all_that_is_wanted() -> None:
    emotions = EmotionScore(accuracy=0.8, recall=0.6, log_loss=0.4, alike=0.8)
    usual = Score(emotions, disturbed=0.7, agreement=0.4)
    surer = replace(emotions, log_loss=0.39)
    assert surer.total > emotions.total
    assert replace(emotions, alike=0.79).total > emotions.total
    assert replace(usual, emotions=surer).total > usual.total
    assert replace(usual, agreement=0.41).total > usual.total
    assert replace(usual, emotions=surer, agreement=0.35).total > usual.total


def test_faces_without_a_majority_do_not_count() -> None:
    torch.manual_seed(0)
    network, machine = FaceNetwork().eval(), this_machine("float32")
    images = smooth_faces(24, seed=1).numpy()
    labels = np.arange(24) % 8
    embeddings = np.random.default_rng(0).normal(size=(24, 256)).astype(np.float32)
    points = np.zeros((24, 5, 2), np.float32)
    faces = FaceSet(images, np.eye(8, dtype=np.float32)[labels], labels, points, embeddings)
    directions = np.eye(256, 128, dtype=np.float32)
    known = faces.take(np.arange(16))
    unsure = FaceSet(images, faces.distribution, np.where(np.arange(24) < 16, labels, -1), points, embeddings)
    of_all, of_known = score(network, unsure, directions, machine), score(network, known, directions, machine)
    assert of_all.emotions.accuracy == of_known.emotions.accuracy
    assert of_all.emotions.log_loss == pytest.approx(of_known.emotions.log_loss)
    with torch.no_grad():
        logits = network(standardise(torch.from_numpy(images[:16]).unsqueeze(1).float()))[0].numpy()
    temperature = metrics.fit_temperature(logits, labels[:16])
    expected = metrics.negative_log_likelihood(logits, labels[:16], temperature)
    assert of_all.emotions.log_loss == pytest.approx(expected, abs=1e-4)
    assert emotion_score(logits, labels[:16]) == emotion_score(
        np.vstack((logits, logits)), np.r_[labels[:16], [-1] * 16]
    )
    assert of_all.agreement != of_known.agreement
