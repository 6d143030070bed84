"""What face and voice said over the last seconds, so that a label can be about them. Floor 2.

Holds predictions of the person in front of the device, and of nobody else: it is emptied when somebody else is there.
Only good ones count, and what a label keeps of them is their mean.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from ertedge.types import Float32Array, Modality, ModalityEvidence, Prediction

SECOND_NS = 1_000_000_000
KEPT_NS = 30 * SECOND_NS
PREDICTIONS_MOST = 1024
"""Half a minute at thirty a second, with room."""
QUALITY_LEAST = 0.3
"""A prediction below it says more about the room than about the person."""


class Evidence:
    """The newest predictions of one person, oldest first: of ``profile_id``, up to ``now_ns`` (monotonic)."""

    def __init__(self) -> None:
        self._heard: dict[Modality, deque[Prediction]] = {
            modality: deque(maxlen=PREDICTIONS_MOST) for modality in Modality
        }
        self.profile_id = 0
        self.now_ns = 0

    def follow(self, profile_id: int) -> None:
        """Another person is there, or nobody (0): nothing of what was said before is about them."""
        self.profile_id = profile_id
        for predictions in self._heard.values():
            predictions.clear()

    def forget(self, modality: Modality) -> None:
        """What the modality said may not be kept any longer."""
        self._heard[modality].clear()

    def add(self, prediction: Prediction) -> None:
        """Take in a prediction; one that abstains, or is poor, leaves nothing."""
        kept = self._heard[prediction.modality]
        self.now_ns = prediction.timestamp_ns
        while kept and not 0 <= prediction.timestamp_ns - kept[0].timestamp_ns <= KEPT_NS:
            kept.popleft()
        if prediction.probabilities is not None and prediction.quality >= QUALITY_LEAST:
            kept.append(prediction)

    def count(self, modality: Modality, begin_ns: int, end_ns: int) -> int:
        """How many good predictions there are from a moment (inclusive) to another (exclusive)."""
        return len(self._within(modality, begin_ns, end_ns))

    def over(self, modality: Modality, begin_ns: int, end_ns: int) -> ModalityEvidence | None:
        """The mean of what the modality said from a moment to another, weighted by quality; None where that is nothing."""
        return mean_of(self._within(modality, begin_ns, end_ns))

    def _within(self, modality: Modality, begin_ns: int, end_ns: int) -> list[Prediction]:
        return [each for each in self._heard[modality] if begin_ns <= each.timestamp_ns < end_ns]


def mean_of(predictions: Sequence[Prediction]) -> ModalityEvidence | None:
    """The evidence of predictions of one modality that all have probabilities; None for none.

    An embedding that only some have, or of another length than the newest one's, is left out.
    """
    said = [each for each in predictions if each.probabilities is not None]
    if not said:
        return None
    newest = said[-1].embedding
    with_embedding = [
        each
        for each in said
        if each.embedding is not None and newest is not None and each.embedding.shape == newest.shape
    ]
    return ModalityEvidence(
        modality=said[0].modality,
        probabilities=_mean([each.probabilities for each in said if each.probabilities is not None], said),
        embedding=_mean([each.embedding for each in with_embedding if each.embedding is not None], with_embedding)
        if with_embedding
        else None,
        quality=float(np.mean([each.quality for each in said])),
    )


def _mean(vectors: Sequence[Float32Array], weighted_by: Sequence[Prediction]) -> Float32Array:
    weights = np.array([each.quality for each in weighted_by], np.float64)
    mean: Float32Array = np.average(np.stack(vectors), axis=0, weights=weights).astype(np.float32)
    return mean
