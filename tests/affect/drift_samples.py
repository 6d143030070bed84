"""A small reference of the drift monitor, and readings of people as it expects them, or otherwise."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from ertedge.affect.drift import Float64Array, Reference, Shape
from ertedge.types import Modality, Prediction, Reason

SIZE = 8
SECOND_NS = 1_000_000_000
SHA256 = "a" * 64


def reference(sha256: str = SHA256) -> Reference:
    """Embeddings of 8 values that scatter by one in every direction; people's means lie within one of the average."""
    shape = Shape(np.zeros(SIZE), np.ones(SIZE), np.eye(SIZE)[:4], np.ones(4), 1.0)
    low = np.array([-0.1, 0.5, 0.8, -1.5, -1.5])
    high = np.array([0.5, 5.0, 1.05, 0.7, 0.7])
    return Reference(sha256, shape, low, high, np.array([0.05, 0.4, 0.05, 0.2, 0.2]))


def reading(
    second: float,
    random: Generator,
    modality: Modality = Modality.FACE,
    *,
    spread: float = 1.0,
    confidence: float = 0.8,
    quality: float = 0.95,
) -> Prediction:
    """A reading with an embedding ``spread`` times as far out as people's are."""
    probabilities = np.full(7, (1.0 - confidence) / 6.0, np.float32)
    probabilities[1] = confidence
    embedding = (spread * random.standard_normal(SIZE)).astype(np.float32)
    at_ns = round(second * SECOND_NS)
    return Prediction(
        modality, at_ns, probabilities, quality, faces=int(modality is Modality.FACE), embedding=embedding
    )


def refusal(second: float, *reasons: Reason, modality: Modality = Modality.FACE, faces: int = 1) -> Prediction:
    """A reading that says nothing, and why."""
    return Prediction(modality, round(second * SECOND_NS), None, 0.2, reasons, faces)


def sitting(person: int, random: Generator, blocks: int) -> Float64Array:
    """(n, 5) what is measured of one person whose own means lie anywhere within the band: 10 n readings of blocks."""
    own = reference()
    middle, half = (own.low + own.high) / 2.0, (own.high - own.low) / 2.0
    mean = middle + half * np.random.default_rng(person).uniform(-0.95, 0.95, len(middle))
    mean[0] = 0.0
    rows = mean + 3.0 * own.step * random.standard_normal((10 * blocks, len(mean)))
    rows[:, 0] = random.random(len(rows)) < 0.2
    return rows
