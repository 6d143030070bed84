"""Photographs composed as presses printed them, the list beside them, and other detectors shown the same parts as ours."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.types import UInt8Array
from tools.data.face_crops import FaceCrops
from tools.evaluation.detector_matching import match
from tools.evaluation.detector_peers import Found, Tiled
from tools.evaluation.detector_press import LARGEST, SMALLEST, press_photograph

pytestmark = pytest.mark.tools

POINTS = np.array([[12, 14], [24, 14], [18, 20], [13, 26], [23, 26]], np.float32)


def crops() -> FaceCrops:
    images = np.random.default_rng(1).integers(0, 256, (3, 36, 36)).astype(np.uint8)
    return FaceCrops("drawn", images, np.tile(POINTS, (3, 1, 1)), np.zeros(3, np.float32))


def scenes() -> tuple[UInt8Array, ...]:
    return (np.random.default_rng(2).integers(0, 256, (150, 200)).astype(np.uint8),)


def test_a_seed_makes_a_photograph_and_its_faces_are_of_the_sizes_promised() -> None:
    prints = set()
    for seed in range(6):
        made = press_photograph(np.random.default_rng(seed), (crops(),), scenes())
        prints.add(made.print_of)
        again = press_photograph(np.random.default_rng(seed), (crops(),), scenes())
        np.testing.assert_array_equal(made.image, again.image)
        np.testing.assert_array_equal(made.boxes, again.boxes)
        height, width = made.image.shape
        centres, extents = (made.boxes[:, :2] + made.boxes[:, 2:]) / 2, made.boxes[:, 2:] - made.boxes[:, :2]
        assert (centres > 0).all()
        assert (centres < [width, height]).all()
        assert (extents[:, 1] > 0.85 * SMALLEST).all()
        assert (extents[:, 1] < 1.3 * LARGEST).all()
        assert made.image.std() > 3
    assert len(prints) >= 2


class Bright:
    """Finds a bright square that is ten pixels wide or more in a picture of 320."""

    name, usual = "bright", 0.5

    def __call__(self, image: UInt8Array, /) -> Found:
        rows, columns = np.nonzero(image[:, :, 0] > 200)
        if len(rows) == 0 or np.ptp(columns) * 320 / image.shape[1] < 10:
            return Found(np.empty((0, 4), np.float32), np.empty(0, np.float32))
        box = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        return Found(np.array([box], np.float32), np.array([0.9], np.float32))


def test_a_detector_shown_the_parts_finds_what_is_lost_in_one_look() -> None:
    picture: UInt8Array = np.zeros((600, 800, 3), np.uint8)
    picture[500:516, 700:716] = 255
    assert len(Bright()(picture).scores) == 0
    found = Tiled(Bright(), "bright_tiles")(picture)
    assert match(found.boxes, np.array([[700, 500, 716, 516]], np.float32), 0.9).tolist() == [0]
