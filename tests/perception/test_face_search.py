"""Looking closer: parts that cover a picture, faces merged, photographs searched, and frames with at most two looks."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ertedge.inference.manifest import load_manifest
from ertedge.perception.detector import DEFAULT_THRESHOLD, FaceDetector
from ertedge.perception.face_search import (
    FRAME_THRESHOLD,
    MOST_FACES,
    SHARED,
    FrameSearch,
    Part,
    PhotographSearch,
    frame_parts,
    levels,
    merged,
    parts_at,
)
from ertedge.types import FaceBox, UInt8Array, VideoFrame

MODELS = Path(__file__).resolve().parents[2] / "models"


def face(left: float, top: float, side: float, score: float = 0.9) -> FaceBox:
    return FaceBox(left, top, side, side, score, np.full((5, 2), left, np.float32))


@pytest.mark.parametrize(("width", "height"), [(640, 480), (1000, 750), (333, 901), (4000, 3000)])
@pytest.mark.parametrize("enlargement", [0.5, 1.0, 2.0])
def test_parts_cover_the_picture_and_neighbours_share_a_face(width: int, height: int, enlargement: float) -> None:
    parts = parts_at(width, height, enlargement)
    for start, side, length in (("left", "width", width), ("top", "height", height)):
        spans = sorted({(getattr(p, start), getattr(p, start) + getattr(p, side)) for p in parts})
        assert spans[0][0] == 0
        assert spans[-1][1] == length
        for (_, end), (begin, _) in pairwise(spans):
            assert end - begin >= SHARED / enlargement - 1


def test_a_picture_as_small_as_the_look_needs_fewer_parts_than_a_large_one() -> None:
    small, large = (sum(len(parts) for parts in levels(*size)) for size in ((320, 240), (1000, 750)))
    assert 0 < small < large
    assert list(levels(100, 75)) == []


def test_a_box_at_a_cut_is_a_piece_and_one_at_the_rim_of_the_picture_is_whole() -> None:
    part = Part(0, 0, 320, 240)
    assert part.cuts(face(270, 100, 49), (640, 480))
    assert not part.cuts(face(0, 0, 49), (640, 480))
    assert not part.cuts(face(270, 100, 49), (320, 480))


def test_the_best_of_one_face_stays_and_neither_an_eye_nor_a_crowd_beside_it() -> None:
    best, double, eye, other = (
        face(100, 100, 50, 0.9),
        face(104, 100, 50, 0.8),
        face(110, 110, 12, 0.7),
        face(300, 9, 40),
    )
    assert merged([eye, double, best, other]) == (best, other)
    assert merged([]) == ()


def test_a_picture_full_of_alarms_is_merged_without_end() -> None:
    faces = [face(float(number % 200) * 20, float(number // 200) * 20, 15) for number in range(30_000)]
    assert len(merged(faces)) == MOST_FACES


class Rooms(FaceDetector):
    """Finds the one bright square of a frame where it is at least ``least`` pixels wide in the network's picture."""

    def __init__(self, least: float) -> None:
        self.least, self.looks = least, 0

    def detect(self, frame: VideoFrame) -> tuple[FaceBox, ...]:
        self.looks += 1
        rows, columns = np.nonzero(frame.image[:, :, 0] > 200)
        if len(rows) == 0 or np.ptp(columns) * 320 / frame.image.shape[1] < self.least:
            return ()
        return (face(float(columns.min()), float(rows.min()), float(np.ptp(columns) + 1)),)


def room(left: int, top: int, side: int, width: int = 640, height: int = 480) -> VideoFrame:
    image: UInt8Array = np.zeros((height, width, 3), np.uint8)
    image[top : top + side, left : left + side] = 255
    return VideoFrame(5, image)


def test_a_distant_face_is_found_within_two_rounds_and_then_kept_at_two_looks_a_frame() -> None:
    detector = Rooms(least=20)
    search = FrameSearch(detector, detector)
    reported = []
    for number in range(30):
        before = detector.looks
        reported.append(search.detect(room(500 + number, 330, 30)))
        assert detector.looks - before <= 2
    first = next(number for number, faces in enumerate(reported) if faces)
    assert 0 < first <= len(frame_parts(640, 480))
    assert all(reported[first:])
    assert [reported[-1][0].left, reported[-1][0].top, reported[-1][0].width] == [529, 330, 30]


def test_a_face_that_only_one_look_found_is_not_reported() -> None:
    detector = Rooms(least=20)
    search = FrameSearch(detector, detector)
    assert search.detect(room(310, 230, 30)) == ()
    assert search.detect(room(0, 0, 0)) == ()
    assert search.detect(room(310, 230, 30)) == ()


def test_who_is_near_costs_one_look_and_a_small_frame_gets_no_second() -> None:
    detector = Rooms(least=20)
    search = FrameSearch(detector, detector)
    assert len(search.detect(room(200, 200, 100))) == 1
    assert search.detect(room(0, 0, 0, 320, 240)) == ()
    assert detector.looks == 2


def test_a_camera_that_changes_its_resolution_loses_the_part() -> None:
    detector = Rooms(least=20)
    search = FrameSearch(detector, detector)
    assert search.detect(room(310, 230, 30)) == ()
    assert search.detect(room(310, 230, 30)) != ()
    assert search.detect(room(0, 0, 0, 480, 360)) == ()


def test_the_shipped_detector_finds_a_small_face_only_by_searching() -> None:
    import cv2

    data = pytest.importorskip("skimage.data")
    astronaut = np.ascontiguousarray(data.astronaut()[:, :, ::-1], dtype=np.uint8)
    small = cv2.resize(astronaut, (160, 160), interpolation=cv2.INTER_AREA)
    image: UInt8Array = np.full((480, 640, 3), 110, np.uint8)
    image[160:320, 240:400] = small
    network = load_manifest(MODELS).open_network("detector")
    once, frame = FaceDetector(network, DEFAULT_THRESHOLD), VideoFrame(0, image)
    centre = np.array([240 + 225 * 160 / 512, 160 + 120 * 160 / 512])

    def hers(faces: tuple[FaceBox, ...]) -> bool:
        return any(np.linalg.norm([f.left + f.width / 2, f.top + f.height / 2] - centre) < 8 for f in faces)

    assert not hers(once.detect(frame))
    assert hers(PhotographSearch(once).detect(frame))
    search = FrameSearch(once, FaceDetector(network, FRAME_THRESHOLD))
    assert any(hers(search.detect(frame)) for _ in range(4))
