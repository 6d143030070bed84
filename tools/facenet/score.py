"""How well a network in training, FaceNet or an expert, reads the faces that were held out. Host only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from ertedge.types import Float32Array
from tools.data.ferplus import EMOTION_LABELS
from tools.evaluation import metrics
from tools.facenet.augmentation import Augmentation, AugmentationSettings
from tools.facenet.data import HELD_OUT_SEED, FaceSet
from tools.facenet.material import project
from tools.facenet.network import FaceNetwork, standardise
from tools.torch_machine import Machine

DISGUST, CONTEMPT = EMOTION_LABELS.index("disgust"), EMOTION_LABELS.index("contempt")


@dataclass(frozen=True, slots=True)
class EmotionScore:
    """Accuracy and mean recall of the eight classes by majority; log-loss in nats at the temperature at which it is least,
    and at that temperature with the seven emotions of the device weighted ``alike``."""

    accuracy: float
    recall: float
    log_loss: float
    alike: float

    @property
    def total(self) -> float:
        """What chooses, the most being best: the log-loss, which chance moves less than the accuracy, and a little of the
        rare emotions."""
        return -self.log_loss - 0.1 * self.alike

    def report(self) -> dict[str, float]:
        """For a line an epoch."""
        return {
            "held_out_accuracy": round(self.accuracy, 4),
            "held_out_recall": round(self.recall, 4),
            "held_out_log_loss": round(self.log_loss, 4),
            "log_loss_alike": round(self.alike, 4),
        }


def emotion_score(logits: Float32Array, labels: NDArray[np.int64]) -> EmotionScore:
    """The score of logits (n, 8) of faces whose majorities are ``labels`` (n,); those without one, below 0, do not count."""
    known = labels >= 0
    logits, labels = logits[known], labels[known]
    guess, temperature = logits.argmax(axis=1), metrics.fit_temperature(logits, labels)
    return EmotionScore(
        metrics.accuracy(guess, labels),
        metrics.unweighted_average_recall(guess, labels, len(EMOTION_LABELS)),
        metrics.negative_log_likelihood(logits, labels, temperature),
        loss_of_seven(metrics.softmax(logits, temperature), labels),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """FaceNet on the held-out faces: how it reads the ``emotions``; accuracy on the same faces ``disturbed`` as in training;
    and the agreement of our cosines with the teacher's (correlation over all pairs)."""

    emotions: EmotionScore
    disturbed: float
    agreement: float

    @property
    def total(self) -> float:
        """What chooses: what chooses of the emotions, and a little of the identity."""
        return self.emotions.total + 0.1 * self.agreement

    def report(self) -> dict[str, float]:
        """For a line an epoch."""
        mine = {"disturbed_accuracy": round(self.disturbed, 4), "teacher_agreement": round(self.agreement, 4)}
        return self.emotions.report() | mine


@torch.no_grad()
def score(network: FaceNetwork, faces: FaceSet, directions: Float32Array, machine: Machine) -> Score:
    """Scores the network on the faces as they are, and disturbed the same way every time."""
    network.eval()
    pictures = torch.from_numpy(faces.images)
    emotion, raw = _read(network, pictures.unsqueeze(1).float(), machine)
    augment = Augmentation(AugmentationSettings(align_share=0.0), torch.Generator().manual_seed(HELD_OUT_SEED))
    disturbed, _ = _read(network, augment(pictures, torch.eye(2, 3).expand(len(pictures), 2, 3)), machine)
    known = faces.labels >= 0
    ours = functional.normalize(raw, dim=1).numpy()
    theirs = project(faces.embeddings, directions)
    pairs = np.triu_indices(len(faces), 1)
    agreement = np.corrcoef((ours @ ours.T)[pairs], (theirs @ theirs.T)[pairs])[0, 1]
    return Score(
        emotion_score(emotion.numpy(), faces.labels),
        metrics.accuracy(disturbed.argmax(dim=1).numpy()[known], faces.labels[known]),
        float(agreement),
    )


def loss_of_seven(probabilities: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Log-loss in nats of probabilities (n, 8) with the seven emotions of the device weighted alike; contempt counts as
    disgust there."""
    seven = np.delete(probabilities, CONTEMPT, axis=1)
    seven[:, DISGUST] += probabilities[:, CONTEMPT]
    of = np.where(labels == CONTEMPT, DISGUST, labels)
    each = -np.log(np.maximum(seven[np.arange(len(of)), of], 1e-12))
    return float(np.mean([each[of == emotion].mean() for emotion in np.unique(of)]))


def _read(network: FaceNetwork, pictures: Tensor, machine: Machine) -> tuple[Tensor, Tensor]:
    """Logits (n, 8) and embeddings (n, 128) before their norm of pictures (n, 1, 48, 48) in grey levels."""
    logits, raw = [], []
    for batch in pictures.split(256):
        inputs = standardise(batch).contiguous(memory_format=torch.channels_last).to(machine.device)
        with machine.autocast():
            emotion, identity = network(inputs)
        logits.append(emotion.float().cpu())
        raw.append(identity.float().cpu())
    return torch.cat(logits), torch.cat(raw)
