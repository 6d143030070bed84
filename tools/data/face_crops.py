"""Face crops with five points, split by where they come from: the raw material of the detector's scenes. Host only.

Three sources in their official layouts: Caltech Web Faces cut to 36x36 (``face_detection/caltech_faces``), FER+ (48x48)
and ORL heads (92x112, with hair, neck and background). None has facial points, so the landmark teacher supplies them:
each face is shown to it several times, slightly moved and scaled, and the mean is the label, the spread its doubt. The
face box follows from the points, so that it means the same in every source.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import Float32Array, UInt8Array
from tools.data.ferplus import load_split, without_copies

Part = Literal["train", "validation", "test"]
LandmarkNetwork = Callable[[UInt8Array], Float32Array]
"""(n, 48, 48) uint8 -> (n, 5, 2) in pixels of the 48x48 crop."""

TEACHER_SIZE = 48
TEACHER_EYE_SHARE = 0.42
"""Distance of the eyes over the width of the crop, where the teacher is most exact (found on FER+ crops)."""
JITTERS = 6
DOUBT_LIMIT = 0.06
"""Crops whose points spread further than this share of the eye distance are left out: profiles, drawings, covered faces."""
INSIDE_LIMIT = 0.7
"""So much of the face box must lie inside the crop: else the points were found on something else, or the face is cut."""
CALTECH_BLOCK = 40
"""Neighbours in the Caltech numbering are often one picture's faces, so whole runs of files go to one part."""

COPY_CORRELATION = 0.9
"""Crops that correlate more are taken for one photograph cut twice; different people hardly reach it."""


@dataclass(frozen=True, slots=True)
class FaceCrops:
    """Faces of one source and part: ``images`` (n, h, w) uint8 grey, ``landmarks`` (n, 5, 2) in their pixels, ``doubt``
    (n,) spread of the points over the eye distance."""

    source: str
    images: UInt8Array
    landmarks: Float32Array
    doubt: Float32Array

    def __len__(self) -> int:
        return len(self.images)


def box_of_landmarks(landmarks: Float32Array) -> Float32Array:
    """(..., 5, 2) points -> (..., 4) face boxes (left, top, right, bottom), hairline to chin and ear to ear.

    An ellipse stands on the line from the middle of the mouth to the middle of the eyes; the box is the smallest upright
    one around it. Its size is the root mean square of the eye distance and the (scaled) distance of eyes and mouth: a
    head that turns shortens one, a nod the other.
    """
    eyes, mouth = landmarks[..., :2, :].mean(axis=-2), landmarks[..., 3:, :].mean(axis=-2)
    across = np.linalg.norm(landmarks[..., 1, :] - landmarks[..., 0, :], axis=-1)
    down = mouth - eyes
    length = np.maximum(np.linalg.norm(down, axis=-1), 1e-6)
    size = np.sqrt((across**2 + (0.95 * length) ** 2) / 2)
    direction = down / length[..., None]
    centre = (eyes + mouth) / 2 - direction * (0.2 * size)[..., None]
    half_width, half_height = 1.02 * size, 1.28 * size
    x = np.hypot(half_width * direction[..., 1], half_height * direction[..., 0])
    y = np.hypot(half_width * direction[..., 0], half_height * direction[..., 1])
    corners = [centre[..., 0] - x, centre[..., 1] - y, centre[..., 0] + x, centre[..., 1] + y]
    return np.stack(corners, axis=-1).astype(np.float32)


def _teacher_squares(landmarks: Float32Array) -> Float32Array:
    """(n, 5, 2) -> (n, 3) centre x, centre y and side of the square that shows the face as the teacher wants it."""
    eyes, mouth = landmarks[:, :2].mean(axis=1), landmarks[:, 3:].mean(axis=1)
    across = np.linalg.norm(landmarks[:, 1] - landmarks[:, 0], axis=1)
    down = np.linalg.norm(mouth - eyes, axis=1)
    side = np.maximum(across, 0.95 * down) / TEACHER_EYE_SHARE
    centre = (eyes + mouth) / 2 - (mouth - eyes) * 0.12
    return np.column_stack([centre, side]).astype(np.float32)


def _look(images: UInt8Array, squares: Float32Array, network: LandmarkNetwork) -> Float32Array:
    """The teacher's points in the pixels of ``images``, looking at one square of each."""
    import cv2

    views = np.empty((len(images), TEACHER_SIZE, TEACHER_SIZE), np.uint8)
    scales = squares[:, 2] / TEACHER_SIZE
    origins = squares[:, :2] - squares[:, 2:] / 2
    for index, image in enumerate(images):
        scale, (x, y) = scales[index], origins[index]
        to_image = np.array([[scale, 0, x], [0, scale, y]], np.float32)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (TEACHER_SIZE, TEACHER_SIZE)
        views[index] = cv2.warpAffine(image, to_image, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(network(views) * scales[:, None, None] + origins[:, None, :], dtype=np.float32)


def label_crops(images: UInt8Array, network: LandmarkNetwork, seed: int) -> tuple[Float32Array, Float32Array]:
    """Five points (n, 5, 2) of each crop and their doubt (n,), by looking, moving closer, and looking again with jitter."""
    rng = np.random.default_rng(seed)
    height, width = images.shape[1:]
    # A head with its surroundings (ORL) has the face a little below the middle, a tight crop exactly there.
    whole = np.array([width / 2, height / 2 + 0.02 * (height - width), width], np.float32)
    points = _look(images, np.tile(whole, (len(images), 1)), network)
    for _ in range(2):
        points = _look(images, _teacher_squares(points), network)
    base = _teacher_squares(points)
    looks = []
    for _ in range(JITTERS):
        move = rng.uniform(-0.05, 0.05, (len(images), 2)) * base[:, 2:]
        zoom = rng.uniform(0.9, 1.12, (len(images), 1))
        looks.append(_look(images, np.hstack([base[:, :2] + move, base[:, 2:] * zoom]).astype(np.float32), network))
    stacked = np.stack(looks)
    mean = stacked.mean(axis=0)
    eye_distance = np.maximum(np.linalg.norm(mean[:, 1] - mean[:, 0], axis=1), 1.0)
    doubt = stacked.std(axis=0).mean(axis=(1, 2)) / eye_distance
    return mean.astype(np.float32), doubt.astype(np.float32)


def _share_inside(images: UInt8Array, landmarks: Float32Array) -> Float32Array:
    """(n,) share of each face box that lies inside its crop."""
    boxes = box_of_landmarks(landmarks)
    limits = np.array([images.shape[2], images.shape[1]] * 2, np.float32)
    inside = np.clip(boxes, 0, limits)
    area = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    kept = np.prod(inside[:, 2:] - inside[:, :2], axis=1)
    return (kept / np.maximum(area, 1e-6)).astype(np.float32)


def _read_all(paths: list[Path]) -> UInt8Array:
    """Grey pictures of one size, stacked. Raises ConfigurationError when one cannot be read or has another size."""
    import cv2

    images = [cv2.imread(str(path), cv2.IMREAD_GRAYSCALE) for path in paths]
    faults = [f"{path} is no picture" for path, image in zip(paths, images, strict=True) if image is None]
    if faults:
        raise ConfigurationError(faults[:10])
    sizes = {image.shape for image in images if image is not None}
    if len(sizes) != 1:
        raise ConfigurationError([f"the crops in {paths[0].parent} have several sizes: {sorted(sizes)}"])
    return np.stack([np.asarray(image, dtype=np.uint8) for image in images])


def caltech_images(root: Path, part: Part) -> UInt8Array:
    """(n, 36, 36): runs of ``CALTECH_BLOCK`` files, in ten: eight to training, one to validation, one to the test.

    The collection holds some faces more than once; validation and test leave out what resembles a training face.
    """
    paths = sorted((root / "face_detection" / "caltech_faces").glob("*.jpg"))
    if not paths:
        raise ConfigurationError([f"no *.jpg in {root / 'face_detection' / 'caltech_faces'}"])
    turns = {"train": range(8), "validation": range(8, 9), "test": range(9, 10)}[part]
    images = _read_all([p for i, p in enumerate(paths) if (i // CALTECH_BLOCK) % 10 in turns])
    return images if part == "train" else images[~_resembles(images, caltech_images(root, "train"))]


def _resembles(images: UInt8Array, others: UInt8Array) -> NDArray[np.bool_]:
    """(n,) whether some one of ``others`` correlates with the image by more than ``COPY_CORRELATION``."""

    def normalised(pictures: UInt8Array) -> Float32Array:
        flat = pictures.reshape(len(pictures), -1).astype(np.float32)
        flat -= flat.mean(axis=1, keepdims=True)
        return np.asarray(flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6), dtype=np.float32)

    correlation = normalised(images) @ normalised(others).T
    return np.asarray(correlation.max(axis=1) > COPY_CORRELATION)


def orl_images(root: Path, part: Part) -> UInt8Array:
    """(n, 112, 92): people s1 to s18 are for training, s19 and s20 for validation, s21 to s40 for the test."""
    people = {"train": range(1, 19), "validation": range(19, 21), "test": range(21, 41)}[part]
    paths = [p for s in people for p in sorted((root / "orl_faces" / f"s{s}").glob("*.pgm"))]
    if not paths:
        raise ConfigurationError([f"no sN/*.pgm in {root / 'orl_faces'}"])
    return _read_all(paths)


def ferplus_images(root: Path, part: Part, limit: int, seed: int) -> UInt8Array:
    """(n, 48, 48) faces that no rater called no face. The release's validation folder is the test here; a tenth of its
    training folder, by position, is for validation. No picture of the test stands in training."""
    folder = root / "ferplus"
    valid = load_split(folder, "Valid")
    split = valid if part == "test" else without_copies(load_split(folder, "Train"), valid)
    positions = np.arange(len(split))
    wanted = split.votes[:, 9] == 0
    if part != "test":
        wanted &= (positions % 10 == 9) == (part == "validation")
    return _some(split.images[wanted], limit, seed)


def _some(images: UInt8Array, limit: int, seed: int) -> UInt8Array:
    """At most ``limit`` of the images, drawn at random, in their order."""
    if len(images) <= limit:
        return images
    return images[np.sort(np.random.default_rng(seed).choice(len(images), limit, replace=False))]


def save_crops(path: Path, crops: tuple[FaceCrops, ...]) -> None:
    """Keeps labelled crops, so that a training that is resumed need not ask the teacher again."""
    arrays: dict[str, NDArray[Any]] = {}
    for crop in crops:
        arrays |= {f"{crop.source}/{name}": getattr(crop, name) for name in ("images", "landmarks", "doubt")}
    np.savez(path, allow_pickle=False, **arrays)


def read_crops(path: Path) -> tuple[FaceCrops, ...]:
    """What ``save_crops`` kept."""
    with np.load(path) as arrays:
        sources = sorted({name.split("/")[0] for name in arrays.files})
        return tuple(
            FaceCrops(name, arrays[f"{name}/images"], arrays[f"{name}/landmarks"], arrays[f"{name}/doubt"])
            for name in sources
        )


def load_crops(
    root: Path, part: Part, network: LandmarkNetwork, *, limit: int = 8000, seed: int = 0
) -> tuple[FaceCrops, ...]:
    """The crops of all three sources with the teacher's points, doubtful ones left out.

    Raises ConfigurationError when a source is missing. ``limit`` bounds the crops of each source.
    """
    sources = {
        "caltech": _some(caltech_images(root, part), limit, seed),
        "ferplus": ferplus_images(root, part, limit, seed),
        "orl": orl_images(root, part),
    }
    crops = []
    for name, images in sources.items():
        landmarks, doubt = label_crops(images, network, seed)
        sure = (doubt < DOUBT_LIMIT) & (_share_inside(images, landmarks) > INSIDE_LIMIT)
        crops.append(FaceCrops(name, images[sure], landmarks[sure], doubt[sure]))
    return tuple(crops)
