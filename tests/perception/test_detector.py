"""The face detector: decoding of its maps, frames of every shape, frames that are none, and the shipped model itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import PerceptionError
from ertedge.inference.manifest import load_manifest
from ertedge.perception.detector import (
    GRIDS,
    STRIDES,
    UNIT,
    FaceDetector,
    decode,
    detector_input,
    suppress,
)
from ertedge.types import Float32Array, UInt8Array, VideoFrame

MODELS = Path(__file__).resolve().parents[2] / "models"
POINTS = np.array([[-10, -8], [10, -8], [0, 0], [-7, 10], [7, 10]], np.float32)


def silent_maps() -> list[Float32Array]:
    """Nine maps without a face."""
    return [
        np.full((1, rows, columns, size), -20 if size == 1 else 0, np.float32)
        for rows, columns in GRIDS
        for size in (1, 4, 10)
    ]


def put(maps: list[Float32Array], level: int, row: int, column: int, logit: float, half: tuple[float, float]) -> None:
    """Lets one cell answer with a face of that half width and height, centred on the cell, with ``POINTS`` around it."""
    unit = UNIT * STRIDES[level]
    maps[3 * level][0, row, column] = logit
    maps[3 * level + 1][0, row, column] = np.array([half[0], half[1], half[0], half[1]]) / unit
    maps[3 * level + 2][0, row, column] = POINTS.ravel() / unit


class FixedNetwork:
    """Answers with the maps it was given, and keeps what it was shown."""

    def __init__(self, maps: list[Float32Array]) -> None:
        self.maps = tuple(maps)
        self.seen: list[Float32Array] = []

    def __call__(self, x: Float32Array, /) -> tuple[Float32Array, ...]:
        self.seen.append(x)
        return self.maps


def frame(height: int, width: int, level: int = 90) -> VideoFrame:
    return VideoFrame(0, np.full((height, width, 3), level, np.uint8))


@pytest.mark.parametrize("level", [0, 1, 2])
def test_a_cell_becomes_the_box_and_points_it_describes(level: int) -> None:
    maps = silent_maps()
    put(maps, level, 3, 5, 2.0, (20, 30))
    found = decode(tuple(maps))
    x, y = 5.5 * STRIDES[level], 3.5 * STRIDES[level]
    assert found.scores == pytest.approx([1 / (1 + np.exp(-2.0))], abs=1e-6)
    assert found.boxes[0] == pytest.approx([x - 20, y - 30, x + 20, y + 30], abs=1e-3)
    assert found.landmarks[0] == pytest.approx(POINTS + np.array([x, y]), abs=1e-3)


def test_faces_come_best_first_and_a_double_of_another_map_is_dropped() -> None:
    maps = silent_maps()
    put(maps, 0, 10, 10, 1.0, (16, 20))
    put(maps, 1, 5, 5, 3.0, (16, 20))  # (88, 88): four pixels from the one above
    put(maps, 0, 10, 30, 2.0, (16, 20))
    found = decode(tuple(maps))
    assert found.boxes[:, 0] == pytest.approx([88 - 16, 244 - 16])
    assert (np.diff(found.scores) < 0).all()


def test_a_score_below_the_threshold_is_no_face() -> None:
    maps = silent_maps()
    put(maps, 0, 1, 1, -0.1, (16, 20))
    assert len(decode(tuple(maps), threshold=0.5).scores) == 0
    assert len(decode(tuple(maps), threshold=0.4).scores) == 1


def test_a_map_full_of_faces_is_decoded_without_end() -> None:
    maps = [np.full_like(m, 0.8) for m in silent_maps()]
    found = decode(tuple(maps))
    assert 0 < len(found.scores) <= 64


def test_suppression_keeps_the_better_of_two_and_both_of_neighbours() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [9, 0, 19, 10], [3, 3, 3, 9]], np.float32)
    assert suppress(boxes, 0.4).tolist() == [0, 2]


@pytest.mark.parametrize(("height", "width"), [(480, 640), (720, 1280), (640, 480), (240, 320), (100, 90), (1, 0)])
def test_boxes_and_points_come_back_in_the_pixels_of_any_frame(height: int, width: int) -> None:
    if width == 0:  # the device's own small picture, stretched: 1280x720 shown as 320x240
        height, width = 720, 1280
        given = VideoFrame(0, np.zeros((height, width, 3), np.uint8), np.zeros((240, 320), np.uint8))
        scale, left, top = np.array([320 / 1280, 240 / 720]), 0, 0
    else:
        given = frame(height, width)
        factor = min(320 / width, 240 / height)
        size = round(width * factor), round(height * factor)
        scale = np.array([size[0] / width, size[1] / height])
        left, top = (320 - size[0]) // 2, (240 - size[1]) // 2
    maps = silent_maps()
    put(maps, 1, 7, 9, 4.0, (20, 30))
    (face,) = FaceDetector(FixedNetwork(maps)).detect(given)
    centre = (np.array([152.0, 120.0]) + 0.5 - [left, top]) / scale - 0.5
    assert [face.left + face.width / 2, face.top + face.height / 2] == pytest.approx(centre, abs=0.02)
    assert [face.width, face.height] == pytest.approx(np.array([40, 60]) / scale, abs=0.02)
    assert face.landmarks == pytest.approx(centre + POINTS / scale, abs=0.02)
    assert face.landmarks.dtype == np.float32


def test_a_wide_frame_keeps_its_proportions_between_grey_bars() -> None:
    network = FixedNetwork(silent_maps())
    assert FaceDetector(network).detect(frame(360, 1280, level=255)) == ()
    (picture,) = network.seen
    assert picture.shape == (1, 1, 240, 320)
    rows = picture[0, 0, :, 0]
    assert np.count_nonzero(rows == 1.0) == 90
    assert np.flatnonzero(rows == 1.0)[0] == 75


def test_the_small_picture_of_the_device_is_taken_as_it_is() -> None:
    luma: UInt8Array = np.random.default_rng(0).integers(0, 256, (240, 320)).astype(np.uint8)
    network = FixedNetwork(silent_maps())
    FaceDetector(network).detect(VideoFrame(0, np.zeros((480, 640, 3), np.uint8), luma))
    np.testing.assert_array_equal(network.seen[0], detector_input(luma))
    assert network.seen[0].min() >= -1.0
    assert network.seen[0].max() <= 1.0


@pytest.mark.parametrize(
    ("image", "luma", "what"),
    [
        (np.zeros((480, 640), np.uint8), None, "height, width, 3"),
        (np.full((480, 640, 3), np.nan, np.float32), None, "float32"),
        (np.zeros((20_000, 20, 3), np.uint8), None, "20x20000"),
        (np.zeros((4, 640, 3), np.uint8), None, "640x4"),
        (np.zeros((0, 0, 3), np.uint8), None, "0x0"),
        (np.zeros((480, 640, 3), np.uint8), np.zeros((320, 240), np.uint8), "luma"),
        (np.zeros((480, 640, 3), np.uint8), np.zeros((240, 320), np.float32), "luma"),
    ],
)
def test_what_is_no_frame_is_refused_by_name(image: UInt8Array, luma: UInt8Array | None, what: str) -> None:
    with pytest.raises(PerceptionError, match=what):
        FaceDetector(FixedNetwork(silent_maps())).detect(VideoFrame(0, image, luma))


@pytest.mark.parametrize("index", [0, 1, 2])
def test_maps_that_are_not_finite_are_an_error_and_not_a_face(index: int) -> None:
    maps = silent_maps()
    put(maps, 0, 2, 2, 3.0, (10, 10))
    maps[index][0, 2, 2] = np.nan
    with pytest.raises(PerceptionError, match="not finite"):
        decode(tuple(maps))


def test_another_network_is_refused() -> None:
    with pytest.raises(PerceptionError, match=r"detector\.tflite"):
        decode((np.zeros((1, 8), np.float32), np.zeros((1, 128), np.float32)))


@pytest.mark.parametrize("threshold", [0.0, 1.0, -1.0, float("nan")])
def test_a_threshold_outside_of_its_range_is_refused(threshold: float) -> None:
    with pytest.raises(PerceptionError, match="threshold"):
        FaceDetector(FixedNetwork([]), threshold)


# The shipped model, through the device's runtime, on a photograph that no training saw.


@pytest.fixture(scope="module")
def detector() -> FaceDetector:
    return FaceDetector(load_manifest(MODELS).open_network("detector"))


@pytest.fixture(scope="module")
def photograph() -> UInt8Array:
    """512x512: an astronaut's portrait with badges on her suit and a flag behind her."""
    data = pytest.importorskip("skimage.data")
    return np.ascontiguousarray(data.astronaut()[:, :, ::-1], dtype=np.uint8)


@pytest.mark.parametrize("turn", [-25, 0, 25])
@pytest.mark.parametrize("light", [0.3, 1.0])
def test_it_finds_the_face_and_its_points_in_a_photograph(
    detector: FaceDetector, photograph: UInt8Array, turn: float, light: float
) -> None:
    import cv2

    matrix = cv2.getRotationMatrix2D((225, 120), turn, 1.0)
    turned = cv2.warpAffine(photograph, matrix, (512, 400))
    best, *others = detector.detect(VideoFrame(0, (turned * light).astype(np.uint8)))
    # Read off the enlarged picture by eye; her eyes are 43 pixels apart.
    points = np.array([[203.7, 100.8], [246.7, 103.3], [225.0, 127.5], [203.3, 140.8], [243.7, 141.3]])
    truth = points @ matrix[:, :2].T + matrix[:, 2]
    assert np.linalg.norm(best.landmarks - truth, axis=1).mean() < 43 / 8
    assert best.score > 0.8
    assert 85 < best.height < 125
    # Badges on her suit may pass for small faces; none may pass for hers.
    assert all(other.score < best.score and other.height < best.height for other in others)


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_picture_holds_no_face(detector: FaceDetector, level: int) -> None:
    assert detector.detect(frame(480, 640, level)) == ()


def test_noise_holds_no_face(detector: FaceDetector) -> None:
    noise = np.random.default_rng(3).integers(0, 256, (480, 640, 3)).astype(np.uint8)
    assert detector.detect(VideoFrame(0, noise)) == ()
