"""Faces and voices that never belonged together, paired by their label, to fit and to score the fusion. Host side only.

No public collection at hand has both the picture and the sound of a person, so a pair is synthetic: a face and a voice of
the same labelled emotion from different people. Such a pair errs independently given the emotion, which real pairs do
less; the cards say so where figures rest on it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.fusion import Fusion
from ertedge.types import EMOTIONS, Float32Array, Modality, Prediction


@dataclass(frozen=True, slots=True)
class Labelled:
    """One modality's predictions of samples it was not trained on: ``probabilities`` (n, 7) float32, ``labels`` (n,)
    indices into ``EMOTIONS``, ``quality`` (n,) float32 in [0, 1]."""

    probabilities: Float32Array
    labels: NDArray[np.int64]
    quality: Float32Array

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, keep: NDArray[np.int64]) -> Labelled:
        """The samples at ``keep``."""
        return Labelled(self.probabilities[keep], self.labels[keep], self.quality[keep])

    def confusion(self) -> NDArray[np.float64]:
        """(7, 7) counts: rows the true emotion, columns the leading one."""
        counts = np.zeros((len(EMOTIONS), len(EMOTIONS)))
        np.add.at(counts, (self.labels, self.probabilities.argmax(axis=1)), 1.0)
        return counts


def pair(face: Labelled, voice: Labelled, per_emotion: int, seed: int) -> tuple[Labelled, Labelled]:
    """``per_emotion`` pairs of each emotion that both have, drawn with replacement; the two are aligned row by row."""
    random = np.random.default_rng(seed)
    chosen_face: list[NDArray[np.int64]] = []
    chosen_voice: list[NDArray[np.int64]] = []
    for emotion in range(len(EMOTIONS)):
        faces, voices = np.flatnonzero(face.labels == emotion), np.flatnonzero(voice.labels == emotion)
        if faces.size and voices.size:
            chosen_face.append(random.choice(faces, per_emotion))
            chosen_voice.append(random.choice(voices, per_emotion))
    return face.take(np.concatenate(chosen_face)), voice.take(np.concatenate(chosen_voice))


def fuse_pairs(fusion: Fusion, face: Labelled, voice: Labelled) -> Float32Array:
    """(n, 7): each pair through the device's own fusion."""
    fused: list[Float32Array] = []
    for row in range(len(face)):
        estimate = fusion.fuse(_prediction(Modality.FACE, face, row), _prediction(Modality.VOICE, voice, row), now_ns=0)
        if estimate.probabilities is None:
            raise ValueError(f"pair {row} has no quality in either modality")
        fused.append(estimate.probabilities)
    return np.stack(fused)


def _prediction(modality: Modality, given: Labelled, row: int) -> Prediction:
    return Prediction(modality, 0, given.probabilities[row], float(given.quality[row]))


def log_loss(probabilities: Float32Array, labels: NDArray[np.int64]) -> float:
    """Mean negative log-likelihood, in nats."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-12)).mean())
