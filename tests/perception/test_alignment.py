"""Alignment recovers a known similarity and samples the picture where it says."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ertedge.errors import PerceptionError
from ertedge.perception.alignment import scale_of, similarity_transform, warp_face
from ertedge.types import Float32Array, UInt8Array

TEMPLATE = np.array([[14.7, 18.1], [33.1, 17.8], [23.9, 28.0], [16.7, 36.8], [31.8, 36.6]], np.float32)


def similarity(scale: float, angle_deg: float, shift: tuple[float, float]) -> Float32Array:
    angle = np.radians(angle_deg)
    linear = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.column_stack([linear, shift]).astype(np.float32)


def moved(points: Float32Array, transform: Float32Array) -> Float32Array:
    return (points @ transform[:, :2].T + transform[:, 2]).astype(np.float32)


@pytest.mark.parametrize(("scale", "angle"), [(1.0, 0.0), (0.2, 35.0), (3.0, -120.0)])
def test_a_known_similarity_is_recovered(scale: float, angle: float) -> None:
    known = similarity(scale, angle, (120.0, -40.0))
    found = similarity_transform(TEMPLATE, moved(TEMPLATE, known))
    np.testing.assert_allclose(found, known, atol=1e-3)
    assert scale_of(found) == pytest.approx(scale, rel=1e-4)


def test_noise_gives_the_least_squares_answer() -> None:
    rng = np.random.default_rng(3)
    target = moved(TEMPLATE, similarity(2.0, 10.0, (5.0, 5.0))) + rng.normal(0, 1, (5, 2)).astype(np.float32)
    best = ((moved(TEMPLATE, similarity_transform(TEMPLATE, target)) - target) ** 2).sum()
    for _ in range(50):
        other = similarity(2.0 + rng.normal(0, 0.05), 10.0 + rng.normal(0, 2), (5 + rng.normal(), 5 + rng.normal()))
        assert ((moved(TEMPLATE, other) - target) ** 2).sum() >= best


@pytest.mark.parametrize(
    "points",
    [np.full((5, 2), 3.0, np.float32), np.full((5, 2), np.nan, np.float32), np.zeros((4, 2), np.float32)],
    ids=["one spot", "not finite", "four points"],
)
def test_landmarks_that_are_none_are_refused(points: Float32Array) -> None:
    with pytest.raises(PerceptionError):
        similarity_transform(points, TEMPLATE)


@pytest.mark.parametrize("magnified", [1.0, 4.0, 7.5])
def test_the_crop_of_a_magnified_face_is_the_face(magnified: float) -> None:
    """A smooth face shown at any size and place comes back the same, so the octaves shift nothing."""
    rng = np.random.default_rng(1)
    face = cv2.GaussianBlur(rng.uniform(0, 255, (48, 48)).astype(np.float32), (0, 0), 3)
    face = np.clip((face - face.mean()) * 6 + 128, 0, 255)
    placed = similarity(magnified, 12.0, (150.0, 60.0))
    frame = cv2.warpAffine(face, placed, (640, 480), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    bgr: UInt8Array = np.repeat(frame[:, :, None], 3, axis=2).astype(np.uint8)
    crop = warp_face(bgr, similarity_transform(moved(TEMPLATE, placed), TEMPLATE), 48)
    assert crop.shape == (48, 48)
    inside = (slice(3, -3), slice(3, -3))
    assert np.abs(crop[inside].astype(float) - face[inside]).mean() < 2.5


def test_averaging_down_removes_what_the_crop_cannot_show() -> None:
    """A fine chequerboard under a small crop is even grey: a plain bilinear warp would give black and white noise."""
    rows, columns = np.indices((480, 640))
    frame = (((rows + columns) % 2) * 255).astype(np.uint8)
    crop = warp_face(frame, similarity(0.11, 0.0, (0.0, 0.0)), 48)
    assert crop.std() < 3
    assert crop.mean() == pytest.approx(127.5, abs=3)


def test_a_face_at_the_border_repeats_it() -> None:
    frame = np.full((100, 100, 3), 200, np.uint8)
    crop = warp_face(frame, similarity(1.0, 0.0, (30.0, 30.0)), 48)
    assert (crop == 200).all()


def test_a_face_outside_of_the_picture_is_refused() -> None:
    with pytest.raises(PerceptionError, match="outside"):
        warp_face(np.zeros((100, 100, 3), np.uint8), similarity(1.0, 0.0, (500.0, 0.0)), 48)


def test_only_the_face_is_read_of_a_huge_picture() -> None:
    """The work follows the face: a view of a huge picture (one row of memory) is never copied whole."""
    huge = np.broadcast_to(np.full((1, 1, 3), 90, np.uint8), (60_000, 60_000, 3))
    crop = warp_face(huge, similarity(0.5, 0.0, (-100.0, -100.0)), 48)
    assert (crop == 90).all()
