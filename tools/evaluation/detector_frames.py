"""The frames that face detectors are compared on: 640x480, made of faces and scenes that no training saw. Host only.

``composed`` frames come from the training's composer with unseen crops and scenes (the training's own kind of picture, so
they favour our detector). The others are plain, and no detector was made for them: one to three crops of one collection,
upright to lightly turned, whole with their hair and background, faded in at the rim, on an unseen photograph.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator

from ertedge.types import Float32Array, UInt8Array
from tools.data.face_crops import FaceCrops, LandmarkNetwork, Part, box_of_landmarks, label_crops, load_crops
from tools.data.face_scenes import SceneComposer, load_non_face_scenes, placement

WIDTH, HEIGHT = 640, 480
SMALLEST, LARGEST = 40.0, 300.0
"""Height of a face box in a plain frame, pixels; drawn log-uniformly."""


@dataclass(frozen=True, slots=True)
class LabelledFrame:
    """``image`` (480, 640, 3) uint8 BGR of equal channels; ``boxes`` (n, 4) left, top, right, bottom; ``landmarks``
    (n, 5, 2), the landmark teacher's."""

    image: UInt8Array
    boxes: Float32Array
    landmarks: Float32Array


def labelled_sets(
    root: Path, part: Part, network: LandmarkNetwork, *, limit: int, seed: int
) -> dict[str, tuple[LabelledFrame, ...]]:
    """The frames of each set by name. ``limit`` bounds the crops of each source and the composed frames."""
    crops = load_crops(root, part, network, limit=limit, seed=seed)
    photographs = load_non_face_scenes(root, part)
    rng = np.random.default_rng([seed, 7])
    sets = {"composed": _composed(rng, SceneComposer(crops, photographs), limit)}
    for source in (*crops, lfw_crops(network, seed)):
        sets[source.source] = _plain_frames(rng, source, photographs)
    return sets


def lfw_crops(network: LandmarkNetwork, seed: int) -> FaceCrops:
    """The hundred 25x25 faces of Labelled Faces in the Wild inside scikit-image; a collection that is in no training."""
    from skimage.data import lfw_subset

    faces: Float32Array = lfw_subset()[:100]  # type: ignore[no-untyped-call]
    images = np.clip(faces * 255.0, 0, 255).astype(np.uint8)
    landmarks, doubt = label_crops(images, network, seed)
    return FaceCrops("lfw", images, landmarks, doubt)


def _composed(rng: Generator, composer: SceneComposer, count: int) -> tuple[LabelledFrame, ...]:
    """Scenes of the training's kind at twice the size."""
    import cv2

    frames = []
    for _ in range(count):
        scene = composer.compose(rng)
        image = np.asarray(cv2.resize(scene.image, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
        frames.append(LabelledFrame(_as_bgr(image), scene.boxes * 2 + 0.5, scene.landmarks * 2 + 0.5))
    return tuple(frames)


def _plain_frames(rng: Generator, crops: FaceCrops, photographs: tuple[UInt8Array, ...]) -> tuple[LabelledFrame, ...]:
    """Frames that show every crop of the source once."""
    frames: list[LabelledFrame] = []
    waiting = list(range(len(crops)))
    while waiting:
        scene = background(rng, photographs)
        taken: list[tuple[float, float, float]] = []
        landmarks: list[Float32Array] = []
        for _ in range(int(rng.integers(1, 4))):
            place = _free_place(rng, taken)
            if waiting and place is not None:
                index = waiting.pop()
                landmarks.append(put_crop(rng, scene, crops.images[index], crops.landmarks[index], place))
        points = np.array(landmarks, np.float32).reshape(-1, 5, 2)
        frames.append(LabelledFrame(_as_bgr(np.clip(np.rint(scene), 0, 255)), box_of_landmarks(points), points))
    return tuple(frames)


def _as_bgr(grey: UInt8Array | Float32Array) -> UInt8Array:
    return np.repeat(grey.astype(np.uint8)[:, :, None], 3, axis=2)


def background(rng: Generator, photographs: tuple[UInt8Array, ...]) -> Float32Array:
    """A whole photograph, cut to 4:3."""
    import cv2

    photograph = photographs[int(rng.integers(len(photographs)))]
    height, width = photograph.shape
    unit = min(width / WIDTH, height / HEIGHT)
    w, h = int(unit * WIDTH), int(unit * HEIGHT)
    left, top = (width - w) // 2, (height - h) // 2
    part = photograph[top : top + h, left : left + w]
    flags = cv2.INTER_AREA if unit > 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(part, (WIDTH, HEIGHT), interpolation=flags), dtype=np.float32)


def _free_place(rng: Generator, taken: list[tuple[float, float, float]]) -> tuple[float, float, float] | None:
    """Centre and face height of a place inside the frame where even a whole crop (about twice the face) meets no other."""
    for _ in range(30):
        size = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
        x, y = (float(rng.uniform(0.6 * size, side - 0.6 * size)) for side in (WIDTH, HEIGHT))
        if all(max(abs(x - tx), abs(y - ty)) > 0.95 * (size + other) for tx, ty, other in taken):
            taken.append((x, y, size))
            return taken[-1]
    return None


def put_crop(
    rng: Generator, scene: Float32Array, image: UInt8Array, landmarks: Float32Array, place: tuple[float, float, float]
) -> Float32Array:
    """Fades the whole crop in (in place), its face at ``place`` (centre x, y, height), lightly turned, and returns its
    points (5, 2) in the scene (h, w)."""
    import cv2

    x, y, size = place
    box = box_of_landmarks(landmarks)
    middle = (float(box[0] + box[2]) / 2, float(box[1] + box[3]) / 2)
    scale = size / float(box[3] - box[1])
    matrix = placement(middle, (x, y), scale, float(np.clip(rng.normal(0, 6), -15, 15)), 1.0)
    height, width = image.shape
    rims = [np.clip(14.0 * (0.5 - np.abs(np.linspace(-0.5, 0.5, side))), 0, 1) for side in (height, width)]
    opacity = np.outer(*rims).astype(np.float32)
    source = image.astype(np.float32)
    if scale < 0.8:
        source = np.asarray(cv2.GaussianBlur(source, (0, 0), 0.45 / scale), dtype=np.float32)
    flags = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
    extent = (scene.shape[1], scene.shape[0])
    warped = cv2.warpAffine(source, matrix, extent, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpAffine(opacity, matrix, extent, flags=cv2.INTER_LINEAR)
    scene += cover * (warped - scene)
    return (landmarks @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
