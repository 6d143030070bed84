"""Scenes of 320x240 composed from face crops and face-free photographs, with boxes and five points. Host only.

Half of the scenes are portraits such as a webcam gives (one large face, often with drawn hair, neck and shoulders), most
others hold several smaller faces, the rest none. Each also holds decoys that are pasted and drawn exactly as the faces are:
pieces of scenes, shuffled or upside-down faces, heads without a face; so that nothing but the face tells a face.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator

from ertedge.errors import ConfigurationError
from ertedge.types import Float32Array, UInt8Array
from tools.data.face_crops import FaceCrops, Part, box_of_landmarks
from tools.data.face_paste import Patch, blur, degrade, draw_person, occlude, paste, sharpen, side_light

WIDTH, HEIGHT = 320, 240
MAX_FACES = 8
SMALLEST, LARGEST = 17.0, 225.0
"""Height of the face box in pixels of the scene."""
SOURCE_WEIGHTS = {"caltech": 0.42, "ferplus": 0.43, "orl": 0.15}
WITH_FACES = frozenset({"market_outdoor_sun_bnshngjecrewktzn.jpg", "fountain_sun_atybswifcirkporj.jpg", "410382.jpg"})
"""Found among the non-face scenes by two face detectors and then by eye: people at a market stall, and two statues."""
MIRRORED_POINTS = (1, 0, 2, 4, 3)
"""The order of the five points in a mirrored picture."""


@dataclass(frozen=True, slots=True)
class Scene:
    """``image`` (240, 320) uint8 grey; ``boxes`` (n, 4) left, top, right, bottom; ``landmarks`` (n, 5, 2)."""

    image: UInt8Array
    boxes: Float32Array
    landmarks: Float32Array


def load_non_face_scenes(root: Path, part: Part) -> tuple[UInt8Array, ...]:
    """Grey photographs without faces: of ten neighbours by name seven are for training, one for validation, two for
    the test.

    Raises ConfigurationError when there are none or one cannot be read.
    """
    import cv2

    folder = root / "face_detection" / "non_face_scenes"
    paths = sorted(path for path in folder.glob("*.jpg") if path.name not in WITH_FACES)
    if not paths:
        raise ConfigurationError([f"no *.jpg in {folder}"])
    turns = {"train": range(7), "validation": range(7, 8), "test": range(8, 10)}[part]
    images = []
    for path in (p for i, p in enumerate(paths) if i % 10 in turns):
        image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise ConfigurationError([f"{path} is no picture"])
        images.append(np.asarray(image, dtype=np.uint8))
    return tuple(images)


def mirrored(landmarks: Float32Array, width: float) -> Float32Array:
    """(..., 5, 2) points of the picture mirrored left to right, in their own order again."""
    flipped = landmarks[..., MIRRORED_POINTS, :].copy()
    flipped[..., 0] = width - 1 - flipped[..., 0]
    return flipped


def random_view(rng: Generator, photographs: tuple[UInt8Array, ...], width: int, height: int) -> Float32Array:
    """A random part of a random photograph as (height, width) float32, often mirrored."""
    import cv2

    photograph = photographs[rng.integers(len(photographs))]
    share = np.sqrt(rng.uniform(0.15, 1.0))
    unit = share * min(photograph.shape[1] / width, photograph.shape[0] / height)
    w, h = max(2, int(unit * width)), max(2, int(unit * height))
    x = int(rng.integers(0, photograph.shape[1] - w + 1)) if photograph.shape[1] > w else 0
    y = int(rng.integers(0, photograph.shape[0] - h + 1)) if photograph.shape[0] > h else 0
    flags = cv2.INTER_AREA if unit > 1 else cv2.INTER_LINEAR
    part = cv2.resize(photograph[y : y + h, x : x + w], (width, height), interpolation=flags).astype(np.float32)
    return part[:, ::-1].copy() if rng.random() < 0.5 else part


class SceneComposer:
    """Composes scenes from crops and photographs; equal random states give equal scenes.

    ``decoys`` (n, h, w) are pictures of what was mistaken for a face before; with them, scenes hold more decoys, most of
    these kinds.
    """

    def __init__(
        self, crops: tuple[FaceCrops, ...], photographs: tuple[UInt8Array, ...], decoys: UInt8Array | None = None
    ) -> None:
        self._crops = crops
        weights = np.array([SOURCE_WEIGHTS[c.source] for c in crops])
        self._weights = weights / weights.sum()
        self._photographs = photographs
        self._decoys = decoys
        self._decoy_counts = [0.2, 0.3, 0.25, 0.15, 0.1] if decoys is None else [0.1, 0.15, 0.25, 0.25, 0.25]

    def compose(self, rng: Generator, heights: Sequence[float] = ()) -> Scene:
        """One scene, with faces of these heights as far as there is room, or of random ones where none are given."""
        scene = self._background(rng)
        sizes = list(heights) or self._sizes(rng)
        taken: list[Float32Array] = []
        boxes, landmarks = [], []
        places = [place for size in sizes if (place := self._place(rng, size, taken)) is not None]
        for _ in range(int(rng.choice(5, p=self._decoy_counts))):
            size = float(np.exp(rng.uniform(np.log(SMALLEST), np.log(LARGEST))))
            place = self._place(rng, size, taken)
            if place is not None:
                self._add_decoy(rng, scene, place, size)
        faces = [(place, *self._draw_crop(rng)) for place in places]
        # Every body before every face: a shoulder must not cover a neighbour who is labelled.
        for (x, y, size), image, _ in faces:
            if rng.random() < 0.45:
                skin = float(image[image.shape[0] // 2 :].mean())
                draw_person(rng, scene, (float(x), float(y)), (0.8 * float(size), float(size)), skin)
        for place, image, points in faces:
            placed = self._add_face(rng, scene, place, image, points)
            landmarks.append(placed)
            boxes.append(box_of_landmarks(placed))
        return Scene(
            degrade(rng, scene),
            np.array(boxes, np.float32).reshape(-1, 4),
            np.array(landmarks, np.float32).reshape(-1, 5, 2),
        )

    def _sizes(self, rng: Generator) -> list[float]:
        """Heights of the faces to come, largest first."""
        kind = rng.random()
        if kind < 0.12:
            return []
        if kind < 0.57:
            large = float(np.exp(rng.uniform(np.log(55), np.log(LARGEST))))
            return [large] if rng.random() < 0.7 else [large, float(np.exp(rng.uniform(np.log(SMALLEST), np.log(80))))]
        count = int(rng.integers(2, MAX_FACES))
        return sorted((float(v) for v in np.exp(rng.uniform(np.log(SMALLEST), np.log(110), count))), reverse=True)

    def _place(self, rng: Generator, size: float, taken: list[Float32Array]) -> Float32Array | None:
        """(x, y, size) of a free place, which is taken from then on; up to an eighth of a face may be out of the frame."""
        width = 0.8 * size
        for _ in range(12):
            x = rng.uniform(min(0.37 * width, WIDTH / 2), max(WIDTH - 0.37 * width, WIDTH / 2))
            y = rng.uniform(min(0.4 * size, HEIGHT / 2), max(HEIGHT - 0.4 * size, HEIGHT / 2))
            apart = all(
                abs(x - t[0]) > 0.48 * (width + 0.8 * t[2]) or abs(y - t[1]) > 0.48 * (size + t[2]) for t in taken
            )
            if apart:
                taken.append(np.array([x, y, size], np.float32))
                return taken[-1]
        return None

    def _photograph(self, rng: Generator, width: int, height: int) -> Float32Array:
        """See ``random_view``."""
        return random_view(rng, self._photographs, width, height)

    def _background(self, rng: Generator) -> Float32Array:
        """A photograph, sometimes out of focus or pale as a wall is, or a texture without any photograph."""
        import cv2

        if rng.random() < 0.1:
            cells = (int(rng.integers(2, 40)), int(rng.integers(2, 30)))
            coarse = rng.normal(rng.uniform(30, 220), rng.uniform(2, 50), cells[::-1]).astype(np.float32)
            texture = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=int(rng.choice([0, 1, 2])))
            return np.clip(texture, 0, 255).astype(np.float32)
        scene = self._photograph(rng, WIDTH, HEIGHT)
        if rng.random() < 0.2:
            scene = blur(scene, rng.uniform(1, 5))
        if rng.random() < 0.2:
            scene = rng.uniform(30, 225) + rng.uniform(0.1, 0.5) * (scene - scene.mean())
        return np.clip(scene, 0, 255).astype(np.float32)

    def _draw_crop(self, rng: Generator) -> tuple[Float32Array, Float32Array]:
        """A random crop as float32, randomly mirrored, sharpened, relit; and its points."""
        crops = self._crops[int(rng.choice(len(self._crops), p=self._weights))]
        index = int(rng.integers(len(crops)))
        image, points = crops.images[index].astype(np.float32), crops.landmarks[index]
        if rng.random() < 0.5:
            image, points = image[:, ::-1].copy(), mirrored(points, image.shape[1])
        if rng.random() < 0.6:
            image = sharpen(rng, image)
        if rng.random() < 0.3:
            image = side_light(rng, image)
        gain, middle = rng.uniform(0.45, 1.3), image.mean()
        image = np.clip(middle + gain * (image - middle) + rng.uniform(-35, 35), 0, 255).astype(np.float32)
        return image, points

    def _add_face(
        self, rng: Generator, scene: Float32Array, place: Float32Array, image: Float32Array, points: Float32Array
    ) -> Float32Array:
        """Puts the face there (in place), sometimes half covered, and returns its points in the scene."""
        box = box_of_landmarks(points)
        half = (box[2:] - box[:2]) / 2
        middle = box[:2] + half
        patch = Patch(image, (float(middle[0]), float(middle[1])), (float(half[0]), float(half[1])))
        angle = float(np.clip(rng.normal(0, 12), -32, 32)) if rng.random() < 0.7 else 0.0
        centre, scale = (float(place[0]), float(place[1])), float(place[2] / (2 * half[1]))
        matrix = placement(patch.centre, centre, scale, angle, rng.uniform(0.92, 1.08))
        paste(rng, scene, patch, matrix)
        placed = (points @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)
        if rng.random() < 0.18:
            occlude(rng, scene, box_of_landmarks(placed), self._photograph(rng, WIDTH, HEIGHT))
        return placed

    def _add_decoy(self, rng: Generator, scene: Float32Array, place: Float32Array, size: float) -> None:
        """Puts something there (in place) that is no face, by the same means."""
        kind = rng.random()
        if self._decoys is not None and rng.random() < 0.6:
            image = self._decoys[int(rng.integers(len(self._decoys)))].astype(np.float32)
            image = image[:, ::-1].copy() if rng.random() < 0.5 else image
        elif kind < 0.55:
            side = int(rng.choice([36, 48, 96]))
            image = self._photograph(rng, side, int(side * rng.uniform(0.9, 1.25)))
        else:
            image = self._draw_crop(rng)[0]
            image = image[::-1, :].copy() if kind < 0.65 else shuffled(rng, image)
        height, width = image.shape
        patch = Patch(image, (width / 2, height / 2), (0.4 * width, 0.45 * height))
        centre = (float(place[0]), float(place[1]))
        if rng.random() < 0.45:
            draw_person(rng, scene, centre, (0.8 * size, size), float(image.mean()))
        matrix = placement(patch.centre, centre, size / (0.9 * height), rng.normal(0, 12), rng.uniform(0.92, 1.08))
        paste(rng, scene, patch, matrix)
        if rng.random() < 0.1:
            box = np.array([centre[0] - 0.4 * size, centre[1] - size / 2, centre[0] + 0.4 * size, centre[1] + size / 2])
            occlude(rng, scene, box.astype(np.float32), self._photograph(rng, WIDTH, HEIGHT))


def placement(
    source: tuple[float, float], target: tuple[float, float], scale: float, degrees: float, stretch: float
) -> Float32Array:
    """(2, 3) matrix that turns and scales about ``source`` and brings it to ``target``; ``stretch`` widens it."""
    angle = np.deg2rad(degrees)
    cosine, sine = scale * np.cos(angle), scale * np.sin(angle)
    linear = np.array([[cosine * stretch, -sine], [sine * stretch, cosine]])
    shift = np.array(target) - linear @ np.array(source)
    return np.hstack([linear, shift[:, None]]).astype(np.float32)


def shuffled(rng: Generator, image: Float32Array) -> Float32Array:
    """The picture's tiles (2x2 or 3x3) in another order: a face's parts without its plan."""
    tiles = int(rng.integers(2, 4))
    height, width = image.shape[0] // tiles, image.shape[1] // tiles
    order = rng.permutation(tiles * tiles)
    while (order == np.arange(len(order))).mean() > 0.3:
        order = rng.permutation(tiles * tiles)
    out = image[: tiles * height, : tiles * width].copy()
    for target, source in enumerate(order):
        (ty, tx), (sy, sx) = divmod(target, tiles), divmod(int(source), tiles)
        out[ty * height : (ty + 1) * height, tx * width : (tx + 1) * width] = image[
            sy * height : (sy + 1) * height, sx * width : (sx + 1) * width
        ]
    return out
