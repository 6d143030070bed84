"""Draws the picture of an assembled recording: a FER+ face on a person before a photograph, at 640x480. Host side only.

The face has the size that a face has before a laptop, moves a little as heads do, and is dark, blurred, turned away or
absent where the plan says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Float32Array, UInt8Array
from tools.data.recording_plan import FaceCondition

WIDTH, HEIGHT = 640, 480
FACE_PX = 190.0
"""Side of the square of the FER+ crop in the picture, which is a little more than the face."""
DARK_GAIN = 0.07
BLUR_SIGMA_PX = 9.0
TURNED_WIDTH = 0.35
"""How much of its width a face turned away keeps; an affine map cannot show more of a turn than that."""
FADE_SECONDS = 0.25
NOISE = 2.0
"""Standard deviation of the sensor's noise, in grey levels."""


class Painter:
    """One segment: its faces one after the other on one background, equal for equal seeds."""

    def __init__(
        self, faces: Sequence[UInt8Array], photograph: UInt8Array, condition: FaceCondition, seed: int
    ) -> None:
        """``faces`` are (48, 48) grey, shown for equal shares of the segment; none are needed when it is ABSENT."""
        self._faces = [_prepared(face) for face in faces]
        self._background = _cover(photograph)
        self._condition = condition
        self._seed = seed
        rng = np.random.default_rng(seed)
        self._phases = rng.uniform(0, 2 * math.pi, 4)
        self._place = (WIDTH / 2 + rng.uniform(-60, 60), HEIGHT * 0.42 + rng.uniform(-20, 20))
        self._noise = rng.normal(0, NOISE, (HEIGHT + 64, WIDTH + 64)).astype(np.float32)
        if self._faces and condition is not FaceCondition.ABSENT:
            skin = float(np.median([face[-60:, 60:-60] for face in self._faces]))
            _draw_body(self._background, self._place, (skin, float(rng.uniform(30, 130))))

    def frame(self, seconds: float, length_seconds: float) -> UInt8Array:
        """(480, 640, 3) BGR (of equal channels) at a moment of the segment."""
        import cv2

        scene = self._background.copy()
        depth = min(1.0, seconds / FADE_SECONDS, max(0.0, (length_seconds - seconds) / FADE_SECONDS))
        if self._condition is not FaceCondition.ABSENT and self._faces:
            self._add_person(scene, seconds, length_seconds, depth)
        if self._condition is FaceCondition.DARK:
            scene *= 1 - depth * (1 - DARK_GAIN)
        elif self._condition is FaceCondition.BLURRED and depth > 0.05:
            scene = cv2.GaussianBlur(scene, (0, 0), depth * BLUR_SIGMA_PX).astype(np.float32)
        # One picture of noise, shifted from frame to frame, which costs a tenth of drawing a new one.
        down, right = np.random.default_rng((self._seed, round(seconds * 1000))).integers(0, 64, 2)
        scene += self._noise[down : down + HEIGHT, right : right + WIDTH]
        grey = np.clip(scene, 0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)

    def _add_person(self, scene: Float32Array, seconds: float, length_seconds: float, depth: float) -> None:
        share = min(seconds / length_seconds, 0.999) * len(self._faces)
        number = int(share)
        face = self._faces[number]
        # The last moments before the next face fade into it.
        left_seconds = (number + 1 - share) * length_seconds / len(self._faces)
        if number + 1 < len(self._faces) and left_seconds < FADE_SECONDS:
            mix = np.float32(left_seconds / FADE_SECONDS)
            face = mix * face + (1 - mix) * self._faces[number + 1]
        sway = [
            math.sin(2 * math.pi * seconds / period + p)
            for period, p in zip((3.1, 2.3, 4.7, 3.7), self._phases, strict=True)
        ]
        x, y = self._place[0] + 10 * sway[0], self._place[1] + 6 * sway[1]
        scale = FACE_PX / face.shape[0] * (1 + 0.04 * sway[2])
        turn = depth * (1 - TURNED_WIDTH) if self._condition is FaceCondition.TURNED else 0.0
        _paste(scene, face, (x, y), scale, (math.radians(4 * sway[3]), turn))


def _prepared(face: UInt8Array) -> Float32Array:
    """A 48-pixel crop enlarged fourfold and sharpened a little, as a real face is not that soft."""
    import cv2

    large = cv2.resize(face, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    soft = cv2.GaussianBlur(large, (0, 0), 3.0)
    return np.clip(large + 0.5 * (large - soft), 0, 255).astype(np.float32)


def _draw_body(scene: Float32Array, face_centre: tuple[float, float], greys: tuple[float, float]) -> None:
    """Neck and shoulders (in place) under a face; ``greys`` are those of skin and cloth."""
    import cv2

    x, y = round(face_centre[0]), round(face_centre[1])
    layer = np.zeros(scene.shape, np.float32)
    for grey, shape in zip(greys, ("neck", "shoulders"), strict=True):
        layer[:] = 0
        if shape == "neck":
            half = round(0.21 * FACE_PX)
            cv2.rectangle(layer, (x - half, y), (x + half, y + round(0.75 * FACE_PX)), 1.0, -1)
        else:
            centre, axes = (x, y + round(1.45 * FACE_PX)), (round(1.05 * FACE_PX), round(0.85 * FACE_PX))
            cv2.ellipse(layer, centre, axes, 0, 0, 360, 1.0, -1)
        opacity = cv2.GaussianBlur(layer, (0, 0), 4.0)
        # Darker towards the edges, as round things are.
        scene += opacity * (grey * (0.6 + 0.4 * opacity) - scene)


def _cover(photograph: UInt8Array) -> Float32Array:
    """The middle of a photograph at 640x480, slightly out of focus as what is behind a person is."""
    import cv2

    scale = max(WIDTH / photograph.shape[1], HEIGHT / photograph.shape[0])
    size = (math.ceil(photograph.shape[1] * scale), math.ceil(photograph.shape[0] * scale))
    large = cv2.resize(photograph, size, interpolation=cv2.INTER_LINEAR)
    top, left = (size[1] - HEIGHT) // 2, (size[0] - WIDTH) // 2
    part = large[top : top + HEIGHT, left : left + WIDTH].astype(np.float32)
    return np.asarray(cv2.GaussianBlur(part, (0, 0), 1.5), dtype=np.float32)


def _paste(
    scene: Float32Array,
    face: Float32Array,
    place: tuple[float, float],
    scale: float,
    roll_and_turn: tuple[float, float],
) -> None:
    """Put the face there (in place) behind a feathered rounded mask, rolled by radians; a turn narrows and shears it."""
    import cv2

    side = face.shape[0]
    roll, turn = roll_and_turn
    cosine, sine = scale * math.cos(roll), scale * math.sin(roll)
    linear: NDArray[np.float64] = np.array([[cosine * (1 - turn), -sine], [sine + 0.2 * scale * turn, cosine]])
    shift = np.array(place) - linear @ np.array([side / 2, side / 2])
    matrix = np.hstack([linear, shift[:, None]])
    mask = np.zeros((side, side), np.float32)
    inset, corner = round(0.05 * side), round(0.3 * side)
    cv2.rectangle(mask, (inset + corner, inset), (side - inset - corner, side - inset), 1.0, -1)
    cv2.rectangle(mask, (inset, inset + corner), (side - inset, side - inset - corner), 1.0, -1)
    for x in (inset + corner, side - inset - corner):
        for y in (inset + corner, side - inset - corner):
            cv2.circle(mask, (x, y), corner, 1.0, -1)
    mask = cv2.GaussianBlur(mask, (0, 0), 0.03 * side).astype(np.float32)
    size = (scene.shape[1], scene.shape[0])
    placed = cv2.warpAffine(face, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    opacity = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR)
    scene += opacity * (placed - scene)
