"""Faces found, false positives, and frames that are tilted with their labels, by a detector that is told what to find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from ertedge.types import Float32Array, UInt8Array

pytest.importorskip("matplotlib")
from tools.cards.detector import Judged, blur, darken, judge, score_error, score_part, tilt
from tools.data.face_crops import box_of_landmarks
from tools.evaluation.detector_frames import LabelledFrame
from tools.evaluation.detector_peers import Found, OurDetector

pytestmark = pytest.mark.tools
POINTS = np.array([[300, 220], [340, 220], [320, 240], [305, 260], [335, 260]], np.float32)


@dataclass
class Told(OurDetector):
    """Finds these boxes in every frame."""

    boxes: Float32Array
    scores: Float32Array

    def __call__(self, image: UInt8Array, /) -> Found:
        return Found(self.boxes, self.scores)


def _frame(*shifts: float) -> LabelledFrame:
    points = np.stack([POINTS + np.float32(shift) for shift in shifts])
    return LabelledFrame(np.full((480, 640, 3), 120, np.uint8), box_of_landmarks(points), points)


def test_what_is_found_counts_once_and_what_is_not_there_is_false() -> None:
    frame = _frame(-150.0, 0.0)
    there, elsewhere = frame.boxes[1], np.array([10, 10, 60, 70], np.float32)
    told = Told(np.stack([there, there, elsewhere, frame.boxes[0]]), np.array([0.9, 0.8, 0.95, 0.3], np.float32))
    judged = judge(told, [frame, frame])
    # The other face is found below the threshold only.
    assert judged.found.tolist() == [False, True] * 2
    assert judged.right.tolist() == [False, True, False, True] * 2
    assert judged.counts == (2, 4)
    assert judged.row("all") == ("all", "4", "0.500 [0.150, 0.850]", "2.000")
    nothing = judge(Told(np.zeros((0, 4), np.float32), np.zeros(0, np.float32)), [frame])
    assert nothing.row("none")[2:] == ("0.000 [0.000, 0.658]", "0.000")


def test_a_tilted_frame_keeps_its_labels_on_its_faces() -> None:
    frame = _frame(-100.0)
    for x, y in frame.landmarks[0].astype(int):
        frame.image[y - 2 : y + 3, x - 2 : x + 3] = 255
    turned = tilt(frame, 30.0)
    assert turned.image.shape == frame.image.shape
    for x, y in turned.landmarks[0].round().astype(int):
        assert turned.image[y, x, 0] > 200
    eyes = turned.landmarks[0, 1] - turned.landmarks[0, 0]
    assert abs(np.degrees(np.arctan2(eyes[1], eyes[0]))) == pytest.approx(30.0, abs=0.1)
    assert np.array_equal(tilt(frame, 0.0).landmarks, frame.landmarks)
    corner = tilt(_frame(-215.0), 45.0), tilt(_frame(-216.0), 45.0)
    assert min(len(one.boxes) for one in corner) == 0, "a face in a corner turns out of the frame to one side"


def test_light_and_blur_leave_the_labels() -> None:
    frame = _frame(0.0)
    frame.image[:, 320:] = 200
    assert darken(frame, 0.1).image.max() == 20
    soft = blur(frame, 4.0)
    assert 120 < soft.image[240, 320, 0] < 200
    assert blur(frame, 0.0) is frame
    assert soft.boxes is frame.boxes


def test_a_score_that_is_the_share_of_faces_has_no_error() -> None:
    scores = np.full(100, 0.75)
    right = np.arange(100) % 4 != 0
    judged = Judged(scores, right, np.arange(100) // 4, right, scores, 25)
    error, (low, high) = score_error(judged, 0)
    assert (error, low, high) == pytest.approx((0.0, 0.0, 0.0))
    sure = Judged(np.full(100, 0.95), right, np.arange(100) // 4, right, scores, 25)
    error, (low, high) = score_error(sure, 0)
    assert (error, low, high) == pytest.approx((0.2, 0.2, 0.2))
    assert "0.750 [" in score_part(sure, 0).text[0]
