"""Face crops put before a virtual camera: a 640x480 frame with one face in it under stated circumstances. Host only.

The collections hold crops, the device sees frames. To measure what detection and alignment cost, and how accuracy falls with
size, turn, light and blur, a crop is pasted with a soft edge into a photograph without faces, or before a plain wall, and
then the whole frame is degraded as a camera would. The labels stay those of the crop.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator

from ertedge.errors import ConfigurationError
from ertedge.types import Float32Array, UInt8Array

WIDTH, HEIGHT = 640, 480


@dataclass(frozen=True, slots=True)
class Circumstances:
    """``side_px``: the crop's side in the frame; ``turn_deg``: roll; ``yaw_deg``: how far the head is turned to a side (see
    ``look_aside``); ``light``: share of the light that is left;
    ``blur_px``: sigma of the Gaussian in frame pixels; ``noise``: standard deviation in grey levels."""

    side_px: float = 180.0
    turn_deg: float = 0.0
    yaw_deg: float = 0.0
    light: float = 1.0
    blur_px: float = 0.0
    noise: float = 0.0


def easy(rng: Generator) -> Circumstances:
    """Somebody at a desk: a large face, hardly turned, good light."""
    return Circumstances(side_px=float(rng.uniform(130, 260)), turn_deg=float(np.clip(rng.normal(0, 6), -15, 15)))


def hard(rng: Generator) -> Circumstances:
    """Anything from easy to hopeless; each fault is absent as often as not."""

    def sometimes(low: float, high: float, absent: float) -> float:
        return float(np.exp(rng.uniform(np.log(low), np.log(high)))) if rng.random() < 0.5 else absent

    return Circumstances(
        side_px=sometimes(22, 130, float(rng.uniform(130, 260))),
        turn_deg=sometimes(10, 60, 3.0) * float(rng.choice([-1, 1])),
        yaw_deg=sometimes(15, 70, 0.0) * float(rng.choice([-1, 1])),
        light=sometimes(0.02, 0.5, 1.0),
        blur_px=sometimes(0.8, 9.0, 0.0),
        noise=sometimes(1.5, 18.0, 0.0),
    )


def load_backgrounds(folder: Path, limit: int = 80) -> tuple[UInt8Array, ...]:
    """Up to ``limit`` pictures of a folder as (480, 640) grey. Raises ConfigurationError when there is none."""
    import cv2

    found: list[UInt8Array] = []
    for path in sorted(folder.glob("*.jpg"))[:limit]:
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if picture is not None:
            resized = cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
            found.append(np.asarray(resized, dtype=np.uint8))
    if not found:
        raise ConfigurationError([f"{folder} holds no *.jpg to serve as a background"])
    return tuple(found)


def compose(face: UInt8Array, background: UInt8Array | None, now: Circumstances, rng: Generator) -> UInt8Array:
    """``face`` (h, w) grey in a (480, 640, 3) frame; ``background`` (480, 640) grey, or None for a plain wall."""
    import cv2

    face = look_aside(face, now.yaw_deg) if now.yaw_deg else face
    size = face.shape[1]
    scale = now.side_px / size
    wall = np.full((HEIGHT, WIDTH), float(np.median(face)), dtype=np.float32)
    scene = wall if background is None else background.astype(np.float32)
    # Room for half the side plus a little, but a face larger than the frame stands in its middle.
    reach_x, reach_y = min(0.55 * now.side_px, WIDTH / 2), min(0.55 * now.side_px, HEIGHT / 2)
    centre = rng.uniform([reach_x, reach_y], [WIDTH - reach_x + 1e-6, HEIGHT - reach_y + 1e-6])
    matrix = cv2.getRotationMatrix2D(((size - 1) / 2, (face.shape[0] - 1) / 2), now.turn_deg, scale)
    matrix[:, 2] += centre - [(size - 1) / 2, (face.shape[0] - 1) / 2]
    opacity = _soft_edge(face.shape[0], size)
    shrink = scale < 0.5
    source = cv2.GaussianBlur(face, (0, 0), 0.4 / scale) if shrink else face
    flags = cv2.INTER_LINEAR if shrink else cv2.INTER_CUBIC
    placed = cv2.warpAffine(source, matrix, (WIDTH, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    mask = cv2.warpAffine(opacity, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    return _camera(scene + mask * (placed.astype(np.float32) - scene), now, rng)


def look_aside(face: UInt8Array, yaw_deg: float) -> UInt8Array:
    """The face (h, w) as seen when the head turns by ``yaw_deg``: on an upright cylinder that carries a nose.

    A point at x of the crop (centre 0, half width 1) lies at depth z = sqrt(R^2 - x^2) plus the nose's bump, and is seen at
    x cos(yaw) + (z - R) sin(yaw); what turns away behind the nose or the edge is hidden. Crude, since the crop holds no
    depth and no other side of the head, but landmarks, foreshortening and loss of one half follow a real turn.
    """
    import cv2

    height, width = face.shape
    radius, nose_depth = 1.25, 0.28
    x = np.linspace(-1.0, 1.0, 4 * width)
    y = np.linspace(-1.0, 1.0, height)
    seen_at = np.linspace(-1.0, 1.0, width)
    yaw = np.radians(yaw_deg)
    source = np.empty((height, width), dtype=np.float32)
    for row in range(height):
        nose = nose_depth * np.exp(-((x / 0.16) ** 2) - ((y[row] - 0.12) / 0.22) ** 2)
        depth = np.sqrt(radius**2 - x**2) - radius + nose
        image = x * np.cos(yaw) + depth * np.sin(yaw)
        # Where the surface folds back it is hidden: the outermost point seen so far covers it.
        visible = np.maximum.accumulate(image) + 1e-6 * np.arange(len(x))
        source[row] = np.interp(seen_at, visible, x)
    columns = ((source + 1) * width - 1) / 2
    rows = np.repeat(np.arange(height, dtype=np.float32)[:, None], width, axis=1)
    turned = cv2.remap(face, columns.astype(np.float32), rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, dtype=np.uint8)


def _soft_edge(height: int, width: int) -> Float32Array:
    """(h, w) opacity: one inside, falling to nothing over the outer twelfth."""
    ramps = [np.clip(12.0 * (0.5 - np.abs(np.linspace(-0.5, 0.5, side))), 0, 1) for side in (height, width)]
    return np.outer(ramps[0], ramps[1]).astype(np.float32)


def _camera(scene: Float32Array, now: Circumstances, rng: Generator) -> UInt8Array:
    """Blur, loss of light, noise and rounding of the whole frame; grey as BGR."""
    import cv2

    picture = cv2.GaussianBlur(scene, (0, 0), now.blur_px) if now.blur_px > 0 else scene
    picture = picture * now.light
    if now.noise > 0:
        # Shot noise falls with the light, read noise does not.
        deviation = now.noise * max(now.light**0.5, 0.1)
        picture = picture + deviation * rng.standard_normal(picture.shape, dtype=np.float32)
    grey = np.clip(np.rint(picture), 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)
