"""Grey photographs in the form of the CMU and MIT test set, composed: portraits, pairs and groups as the press of the 1970s
to 1990s printed, scanned and broadcast them. Host only; ``python -m tools.make_photographs`` writes them to a folder.

The set itself is not among the data, and nothing was fitted on it. What these share with it: pictures larger than what the
detector looks at, many faces of 16 to 60 pixels, rows of people, and halftone, grain, pale prints, interlaced stills and
JPEG. What they cannot share: people whose bodies and faces belong together. Faces and scenes are of the part asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ertedge.types import Float32Array, UInt8Array
from tools.data.face_crops import FaceCrops, box_of_landmarks
from tools.data.face_paste import blur, draw_person
from tools.evaluation.detector_frames import put_crop

SMALLEST, LARGEST = 16.0, 200.0
"""Height of a face box, pixels."""
SHARPEST_ENLARGEMENT = 2.5
"""A crop enlarged more would be softer than any print."""
WIDTHS, PROPORTIONS = (480, 1200), (0.7, 1.0)
"""A picture's width in pixels, and its height over its width."""
KINDS = {"portrait": 0.35, "few": 0.35, "rows": 0.3}


@dataclass(frozen=True, slots=True)
class PressPhotograph:
    """``image`` (h, w) uint8 grey; ``boxes`` (n, 4) left, top, right, bottom; ``print_of`` how it was reproduced."""

    image: UInt8Array
    boxes: Float32Array
    print_of: str


def press_photograph(
    rng: Generator, crops: tuple[FaceCrops, ...], photographs: tuple[UInt8Array, ...]
) -> PressPhotograph:
    """One photograph. ``crops`` are of all sources; a source too coarse for a face's size is not taken for it."""
    width = int(np.exp(rng.uniform(*np.log(WIDTHS))))
    height = int(width * rng.uniform(*PROPORTIONS))
    scene = _background(rng, photographs, width, height)
    places = _places(rng, width, height)
    for x, y, size in places:
        if rng.random() < 0.6:
            draw_person(rng, scene, (x, y), (0.8 * size, size), float(rng.uniform(60, 200)))
    points = [_put(rng, scene, crops, place) for place in places]
    boxes = box_of_landmarks(np.array(points, np.float32).reshape(-1, 5, 2))
    print_of = str(rng.choice(["plain", "halftone", "grain", "pale", "television"]))
    return PressPhotograph(_printed(rng, scene, print_of), boxes, print_of)


def _background(rng: Generator, photographs: tuple[UInt8Array, ...], width: int, height: int) -> Float32Array:
    """A photograph cut to the size; small ones are enlarged, so the most are somewhat soft."""
    import cv2

    photograph = photographs[int(rng.integers(len(photographs)))]
    unit = min(photograph.shape[1] / width, photograph.shape[0] / height)
    w, h = max(2, int(unit * width)), max(2, int(unit * height))
    left, top = (photograph.shape[1] - w) // 2, (photograph.shape[0] - h) // 2
    flags = cv2.INTER_AREA if unit > 1 else cv2.INTER_CUBIC
    part = photograph[top : top + h, left : left + w]
    return np.asarray(cv2.resize(part, (width, height), interpolation=flags), dtype=np.float32)


def _places(rng: Generator, width: int, height: int) -> list[tuple[float, float, float]]:
    """Centre x, y and height of each face: one large, a few of any size, or rows of nearly equal ones."""
    kind = str(rng.choice(list(KINDS), p=list(KINDS.values())))
    if kind == "portrait":
        size = min(_size(rng, 60, LARGEST), height / 2.2)
        return [(rng.uniform(size, width - size), rng.uniform(0.9 * size, height - size), size)]
    if kind == "rows":
        size = min(_size(rng, SMALLEST, 60), width / 8)
        columns, rows = int(rng.integers(3, 7)), int(rng.integers(1, 3))
        gap, left = rng.uniform(1.25, 1.8) * size, rng.uniform(0.8 * size, 2 * size)
        top = rng.uniform(size, height - (rows + 1) * 1.6 * size)
        spots = [
            (left + column * gap + 0.4 * gap * (row % 2), top + row * 1.5 * size)
            for row in range(rows)
            for column in range(columns)
        ]
        return [
            (x + rng.normal(0, 0.05) * size, y + rng.normal(0, 0.1) * size, size * rng.uniform(0.92, 1.08))
            for x, y in spots
            if x < width - 0.6 * size
        ]
    places: list[tuple[float, float, float]] = []
    for _ in range(int(rng.integers(2, 6))):
        size = min(_size(rng, SMALLEST, 140), height / 2.5)
        x, y = rng.uniform(0.6 * size, width - 0.6 * size), rng.uniform(0.7 * size, height - 0.7 * size)
        if all(max(abs(x - other[0]), abs(y - other[1])) > 0.75 * (size + other[2]) for other in places):
            places.append((x, y, size))
    return places


def _size(rng: Generator, smallest: float, largest: float) -> float:
    return float(np.exp(rng.uniform(np.log(smallest), np.log(largest))))


def _put(
    rng: Generator, scene: Float32Array, crops: tuple[FaceCrops, ...], place: tuple[float, float, float]
) -> Float32Array:
    """Fades a crop of a source that is fine enough in (in place), and returns its points."""
    fine = [c for c in crops if place[2] <= SHARPEST_ENLARGEMENT * _face_height(c)]
    source = fine[int(rng.integers(len(fine)))] if fine else max(crops, key=_face_height)
    index = int(rng.integers(len(source)))
    return put_crop(rng, scene, source.images[index], source.landmarks[index], place)


def _face_height(crops: FaceCrops) -> float:
    """Median height of the source's faces, in its pixels."""
    boxes = box_of_landmarks(crops.landmarks)
    return float(np.median(boxes[:, 3] - boxes[:, 1]))


def _printed(rng: Generator, scene: Float32Array, print_of: str) -> UInt8Array:
    """The photograph as it comes out of a press, a broadcast or a scanner; then JPEG."""
    import cv2

    if print_of == "halftone":
        scene = _halftone(rng, scene)
    elif print_of == "grain":
        grain = rng.normal(0, rng.uniform(8, 22), scene.shape).astype(np.float32)
        scene = scene + blur(grain, rng.uniform(0.3, 0.9)) * 1.5
    elif print_of == "pale":
        scene = blur(rng.uniform(60, 190) + rng.uniform(0.25, 0.55) * (scene - scene.mean()), rng.uniform(0.5, 1.3))
    elif print_of == "television":
        scene = cv2.GaussianBlur(scene, (0, 0), sigmaX=rng.uniform(1.0, 2.0), sigmaY=0.4).astype(np.float32)
        scene[1::2] *= rng.uniform(0.75, 0.95)
        scene = scene + rng.normal(0, rng.uniform(3, 10), scene.shape).astype(np.float32)
    levels = 255 * (np.clip(scene, 0, 255) / 255) ** np.exp(rng.normal(0, 0.25))
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(35, 90))]
    _, data = cv2.imencode(".jpg", np.clip(np.rint(levels), 0, 255).astype(np.uint8), quality)
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)


def _halftone(rng: Generator, scene: Float32Array) -> Float32Array:
    """Dots on a turned grid, larger where it is darker, then read by a scanner that blurs them a little."""
    pitch, angle = rng.uniform(2.0, 3.6), np.deg2rad(rng.uniform(30, 60))
    y, x = np.indices(scene.shape, dtype=np.float32)
    u = (x * np.cos(angle) + y * np.sin(angle)) * (2 * np.pi / pitch)
    v = (y * np.cos(angle) - x * np.sin(angle)) * (2 * np.pi / pitch)
    screen = 127.5 + 63.75 * (np.cos(u) + np.cos(v))
    ink = 255 / (1 + np.exp(-(scene - screen) / rng.uniform(15, 40)))
    return blur(np.asarray(ink, dtype=np.float32), rng.uniform(0.6, 1.0))
