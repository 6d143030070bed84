"""The demo's face is sad for whoever reads it: the shipped detector and FaceNet say so, and the warp has no fold."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ertedge.capture import demo_expression
from ertedge.capture.demo import render, view_at
from ertedge.capture.demo_expression import HEIGHT, LEFT, TOP, WIDTH, SadFace, ThinPlateSpline
from ertedge.config import Config
from ertedge.sensor.perceive import load_face
from ertedge.types import EMOTIONS, Emotion, UInt8Array, VideoFrame


@pytest.fixture(scope="module")
def photograph() -> UInt8Array:
    import skimage.data

    return np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])


def test_a_spline_goes_through_its_points_and_is_flat_where_they_are() -> None:
    points = np.array([[0.0, 0.0], [40.0, 0.0], [0.0, 40.0], [40.0, 40.0], [20.0, 20.0]])
    slope = points @ np.array([[0.5], [-0.25]]) + 3.0
    between = np.array([[10.0, 30.0], [33.0, 7.0]])
    np.testing.assert_allclose(
        ThinPlateSpline(points, slope).at(between), between @ np.array([[0.5], [-0.25]]) + 3.0, atol=1e-9
    )
    bump = np.array([[0.0], [0.0], [0.0], [0.0], [1.0]])
    np.testing.assert_allclose(ThinPlateSpline(points, bump).at(points), bump, atol=1e-3)


def test_not_sad_it_is_the_photograph_and_sad_only_the_face_changes(photograph: UInt8Array) -> None:
    before = photograph.copy()
    face = SadFace(photograph)
    assert face.at(0.0) is photograph
    sad = face.at(1.0)
    assert face.at(1.0) is sad
    changed = (sad != photograph).any(axis=-1)
    assert changed[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH].mean() > 0.3
    changed[TOP : TOP + HEIGHT, LEFT : LEFT + WIDTH] = False
    assert not changed.any()
    np.testing.assert_array_equal(photograph, before)


def test_the_face_changes_step_by_step(photograph: UInt8Array) -> None:
    face = SadFace(photograph)
    shown = [face.at(degree / 20).astype(int) for degree in range(21)]
    far = [float(np.abs(one - shown[0]).mean()) for one in shown]
    assert far == sorted(far)
    assert max(b - a for a, b in pairwise(far)) < 0.2 * far[-1]


def test_the_warp_folds_nowhere() -> None:
    shift = demo_expression._shift()
    down, along = np.gradient(shift, axis=0), np.gradient(shift, axis=1)
    area = (1 + along[..., 0]) * (1 + down[..., 1]) - along[..., 1] * down[..., 0]
    assert area.min() > 0.0


def test_it_is_read_as_sadness_wherever_the_camera_looks_from(photograph: UInt8Array) -> None:
    perceive = load_face(Config()).perceive
    face = SadFace(photograph)
    read = []
    for seconds in range(65, 213, 6):
        view = view_at(float(seconds))
        (prediction,) = perceive(VideoFrame(0, render(face.at(view.sadness), view, (640, 480), seconds)))
        assert prediction.probabilities is not None
        read.append(prediction.probabilities)
    assert {EMOTIONS[int(one.argmax())] for one in read} == {Emotion.SADNESS}
    assert float(np.mean(read, axis=0)[EMOTIONS.index(Emotion.SADNESS)]) > 0.9
