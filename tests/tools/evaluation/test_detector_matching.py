"""How detectors are judged: right boxes, recall at equal false positives, and boxes of another convention."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.types import UInt8Array
from tools.evaluation.detector import fit_adjustment, match_frames
from tools.evaluation.detector_frames import LabelledFrame
from tools.evaluation.detector_matching import Matched, adjusted, match, pooled
from tools.evaluation.detector_peers import Found

pytestmark = pytest.mark.tools


def test_a_face_is_found_once_and_by_the_best() -> None:
    truth = np.array([[0, 0, 100, 100], [200, 0, 300, 100]], np.float32)
    boxes = np.array([[5, 5, 105, 105], [0, 0, 100, 100], [210, 0, 310, 100], [400, 0, 500, 100]], np.float32)
    assert match(boxes, truth).tolist() == [0, -1, 1, -1]


def test_a_box_that_overlaps_by_less_than_half_is_wrong() -> None:
    truth = np.array([[0, 0, 100, 100]], np.float32)
    assert match(np.array([[0, 0, 100, 49]], np.float32), truth).tolist() == [-1]
    assert match(np.array([[0, 0, 100, 51]], np.float32), truth).tolist() == [0]
    assert match(truth, np.empty((0, 4), np.float32)).tolist() == [-1]


def matched(scores: list[float], right: list[bool], faces: int, frames: int) -> Matched:
    return Matched(np.array(scores, np.float64), np.array(right, bool), faces, frames, np.empty(0))


def test_recall_is_taken_where_the_false_positives_allow_it() -> None:
    judged = matched([0.9, 0.8, 0.7, 0.6, 0.5], [True, False, True, False, True], faces=4, frames=10)
    assert judged.recall_at(0.0) == 0.25
    assert judged.recall_at(0.1) == 0.5
    assert judged.recall_at(0.2) == 0.75
    assert judged.usual(0.65) == (0.5, 0.1)


def test_detections_of_equal_score_stand_or_fall_together() -> None:
    judged = matched([3, 3, 3, 2], [True, True, False, True], faces=3, frames=10)
    assert judged.recall_at(0.0) == 0.0
    assert judged.recall_at(0.1) == 1.0


def test_pooled_sets_share_one_threshold() -> None:
    quiet = matched([0.9, 0.8], [True, True], faces=2, frames=10)
    noisy = matched([0.95, 0.85, 0.2], [False, False, True], faces=2, frames=10)
    together = pooled([quiet, noisy])
    assert (together.faces, together.frames) == (4, 20)
    assert together.recall_at(0.1) == 0.75
    assert together.recall_at(0.05) == 0.25


def test_nothing_found_is_a_recall_of_zero() -> None:
    assert matched([], [], faces=3, frames=2).recall_at(0.5) == 0.0


class Elsewhere:
    """Finds every face, but its boxes are larger than the labels and sit higher, as another convention would have it."""

    name, usual = "elsewhere", 0.5

    def __init__(self, frames: list[LabelledFrame]) -> None:
        self._boxes = {frame.image[0, 0, 0]: frame.boxes for frame in frames}

    def __call__(self, image: UInt8Array, /) -> Found:
        boxes = adjusted(self._boxes[image[0, 0, 0]], np.array([0.0, -0.15, 1.5, 1.6], np.float32))
        return Found(boxes, np.ones(len(boxes), np.float32))


def test_another_convention_of_boxes_is_no_disadvantage() -> None:
    rng = np.random.default_rng(0)
    frames = []
    for number in range(5):
        corner = rng.uniform(0, 300, (2, 2)) + np.array([[0, 0], [400, 0]])
        boxes = np.hstack([corner, corner + rng.uniform(60, 120, (2, 1)) * [0.8, 1.0]]).astype(np.float32)
        image = np.full((8, 8, 3), number, np.uint8)
        frames.append(LabelledFrame(image, boxes, np.zeros((2, 5, 2), np.float32)))
    peer = Elsewhere(frames)
    untouched = match_frames(peer, tuple(frames), np.array([0, 0, 1, 1], np.float32))
    assert not untouched.right.any()
    fitted = fit_adjustment(peer, frames)
    assert match_frames(peer, tuple(frames), fitted).recall_at(0.0) == 1.0
    assert fitted[2:] == pytest.approx([1 / 1.5, 1 / 1.6], rel=0.02)
