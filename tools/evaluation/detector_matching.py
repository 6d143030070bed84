"""When a detected box is right, and what follows for a set of frames: recall at equal false positives. Host only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Float32Array

OVERLAP = 0.5
"""The least intersection over union of a right box with the face's."""


@dataclass(frozen=True, slots=True)
class Matched:
    """One detector on one set: ``scores`` (k,) of all detections and which were ``right``; ``errors`` of the landmarks of
    the right ones above the usual score, in eye distances."""

    scores: NDArray[np.float64]
    right: NDArray[np.bool_]
    faces: int
    frames: int
    errors: NDArray[np.float64]

    def recall_at(self, false_positives: float) -> float:
        """Recall at the lowest score from which on there are at most so many false detections a frame."""
        order = np.argsort(-self.scores, kind="stable")
        scores, right = self.scores[order], self.right[order]
        wrong = np.cumsum(~right)
        # Equal scores stand or fall together: only the last of a run is a threshold.
        ends = np.append(scores[1:] != scores[:-1], True) if len(scores) else np.empty(0, bool)
        allowed = ends & (wrong <= false_positives * self.frames)
        return float(np.cumsum(right)[allowed].max(initial=0) / max(self.faces, 1))

    def usual(self, score: float) -> tuple[float, float]:
        """Recall and false detections a frame at that score."""
        taken = self.scores >= score
        return float((self.right & taken).sum() / max(self.faces, 1)), float((~self.right & taken).sum() / self.frames)


def pooled(parts: Sequence[Matched]) -> Matched:
    """Several sets as one, judged at one threshold."""
    return Matched(
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.right for part in parts]),
        sum(part.faces for part in parts),
        sum(part.frames for part in parts),
        np.concatenate([part.errors for part in parts]),
    )


def adjusted(boxes: Float32Array, adjustment: Float32Array) -> Float32Array:
    """The boxes (n, 4) moved and scaled."""
    extents = boxes[:, 2:] - boxes[:, :2]
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 + extents * adjustment[:2]
    half = extents * adjustment[2:] / 2
    return np.hstack([centres - half, centres + half]).astype(np.float32)


def match(boxes: Float32Array, truth: Float32Array, least: float = OVERLAP) -> NDArray[np.intp]:
    """(n,): for each box, best first, the index of the true box that it overlaps most, if by ``least`` or more and not taken
    by a better one, else -1."""
    matches = np.full(len(boxes), -1, np.intp)
    free = np.ones(len(truth), bool)
    for i, box in enumerate(boxes if len(truth) else boxes[:0]):
        inner = np.clip(np.minimum(box[2:], truth[:, 2:]) - np.maximum(box[:2], truth[:, :2]), 0, None).prod(axis=1)
        union = (box[2:] - box[:2]).prod() + (truth[:, 2:] - truth[:, :2]).prod(axis=1) - inner
        overlap = np.where(free, inner / np.maximum(union, 1e-6), 0.0)
        best = int(overlap.argmax())
        if overlap[best] >= least:
            matches[i], free[best] = best, False
    return matches
