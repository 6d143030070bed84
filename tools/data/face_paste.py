"""Putting a patch into a grey scene the many ways a picture can hold a face, and drawing what surrounds one. Host only.

The training crops are tight and the scenes are somebody else's, so every cue that comes from pasting alone (a seam, a
change of blur, an oval with a body under it) must occur around things that are no face as well. Hence these functions know
nothing of faces: the composer uses them alike for faces and for decoys.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from ertedge.types import Float32Array, UInt8Array


@dataclass(frozen=True, slots=True)
class Patch:
    """A grey picture (h, w) float32 0-255 and the ellipse of what matters in it: centre, half axes (x, y), in its pixels."""

    image: Float32Array
    centre: tuple[float, float]
    half_axes: tuple[float, float]


def blur(image: Float32Array, sigma: float) -> Float32Array:
    """The picture under a Gaussian of that many pixels."""
    import cv2

    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma), dtype=np.float32)


def sharpen(rng: Generator, image: Float32Array) -> Float32Array:
    """Unsharp masking by a random amount: a 36-pixel crop shown at 200 pixels is softer than a real face ever is."""
    amount = rng.uniform(0.0, 1.6)
    return np.clip(image + amount * (image - blur(image, 1.0)), 0, 255).astype(np.float32)


def side_light(rng: Generator, image: Float32Array) -> Float32Array:
    """Multiplies a ramp over the picture in a random direction: a window or a lamp on one side."""
    height, width = image.shape
    angle, depth = rng.uniform(0, 2 * np.pi), rng.uniform(0.25, 0.85)
    x = np.linspace(-1, 1, width, dtype=np.float32) * np.cos(angle)
    y = np.linspace(-1, 1, height, dtype=np.float32) * np.sin(angle)
    ramp = 1.0 / (1.0 + np.exp(-rng.uniform(1, 6) * (x[None, :] + y[:, None] - rng.uniform(-0.4, 0.4))))
    return (image * (1.0 - depth * ramp)).astype(np.float32)


def soft_mask(rng: Generator, patch: Patch) -> Float32Array:
    """(h, w) opacity of the patch: all of it, a rounded rectangle, or an ellipse around what matters; all feathered."""
    import cv2

    height, width = patch.image.shape
    style = rng.choice(3, p=[0.35, 0.25, 0.40])
    mask = np.zeros((height, width), np.uint8)
    if style == 0:
        mask[:] = 255
        feather = 0.0
    elif style == 1:
        inset = int(rng.uniform(0.02, 0.10) * width)
        mask[inset : height - inset, inset : width - inset] = 255
        feather = rng.uniform(0.01, 0.08) * width
    else:
        grow = rng.uniform(0.98, 1.3)
        axes = (max(1, int(patch.half_axes[0] * grow)), max(1, int(patch.half_axes[1] * grow)))
        centre = (int(patch.centre[0]), int(patch.centre[1]))
        cv2.ellipse(mask, centre, axes, 0, 0, 360, 255, -1, cv2.LINE_AA)
        feather = rng.uniform(0.01, 0.07) * width
    opacity = mask.astype(np.float32) / np.float32(255)
    return blur(opacity, feather) if feather > 0.3 else opacity


def paste(rng: Generator, scene: Float32Array, patch: Patch, matrix: Float32Array) -> None:
    """Warps the patch by ``matrix`` (2, 3) into the scene (in place), with a random mask, and often with its brightness
    drawn towards what is there, as light that falls on both would do."""
    import cv2

    height, width = patch.image.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [0, height, 1], [width, height, 1]], np.float32) @ matrix.T
    left, top = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    right, bottom = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, (scene.shape[1], scene.shape[0]))
    if right - left < 2 or bottom - top < 2:
        return
    image, scale = patch.image, float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.8:
        image = blur(image, 0.45 / scale)
    local = matrix - np.array([[0, 0, left], [0, 0, top]], np.float32)
    size = (int(right - left), int(bottom - top))
    flags = cv2.INTER_CUBIC if scale > 1.2 and rng.random() < 0.7 else cv2.INTER_LINEAR
    warped = cv2.warpAffine(image, local, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    opacity = cv2.warpAffine(soft_mask(rng, patch), local, size, flags=cv2.INTER_LINEAR)
    ground = scene[top:bottom, left:right]
    if rng.random() < 0.4:
        warped = warped + rng.uniform(0.4, 1.0) * (ground.mean() - warped.mean())
    scene[top:bottom, left:right] = np.clip(ground + opacity * (warped - ground), 0, 255)


def draw_person(
    rng: Generator, scene: Float32Array, centre: tuple[float, float], size: tuple[float, float], skin: float
) -> None:
    """Draws hair, neck and shoulders (in place) where a face of ``size`` (width, height) is going to be, or is not."""
    import cv2

    (x, y), (width, height) = centre, size
    layer = np.clip(scene, 0, 255).astype(np.uint8)
    cloth, hair = (float(v) for v in rng.uniform(5, 245, 2))
    drop = rng.uniform(1.45, 1.9) * height
    shoulders = (int(rng.uniform(1.2, 2.1) * width), int(rng.uniform(0.6, 1.0) * height))
    if rng.random() < 0.45:
        long = rng.uniform(0.9, 1.3)
        axes = (int(rng.uniform(0.62, 0.9) * width), int(long * height))
        cv2.ellipse(layer, (int(x), int(y + 0.4 * height)), axes, 0, 0, 360, hair, -1, cv2.LINE_AA)
    cv2.ellipse(layer, (int(x), int(y + drop)), shoulders, 0, 0, 360, cloth, -1, cv2.LINE_AA)
    if rng.random() < 0.3:
        _stripes(rng, layer, (int(x), int(y + drop)), shoulders)
    neck = int(rng.uniform(0.22, 0.34) * width)
    chin = (int(x - neck), int(y)), (int(x + neck), int(y + rng.uniform(0.7, 0.95) * height))
    cv2.rectangle(layer, *chin, float(np.clip(skin * rng.uniform(0.6, 1.05), 0, 255)), -1)
    if rng.random() < 0.8:
        axes = (int(rng.uniform(0.52, 0.75) * width), int(rng.uniform(0.52, 0.75) * height))
        lift = int(y - rng.uniform(0.02, 0.2) * height)
        cv2.ellipse(layer, (int(x), lift), axes, rng.uniform(-10, 10), 0, 360, hair, -1, cv2.LINE_AA)
    drawn = layer.astype(np.float32)
    changed = (np.abs(drawn - scene) > 1.0).astype(np.float32)
    grain = rng.normal(0, rng.uniform(2, 14), (scene.shape[0] // 2, scene.shape[1] // 4)).astype(np.float32)
    drawn += changed * cv2.resize(grain, (scene.shape[1], scene.shape[0]), interpolation=cv2.INTER_LINEAR)
    soft = cv2.GaussianBlur(drawn, (0, 0), max(0.5, 0.02 * width * rng.uniform(0.3, 2.0)))
    scene[:] = np.where(cv2.blur(changed, (5, 5)) > 0, soft, scene)


def _stripes(rng: Generator, layer: UInt8Array, centre: tuple[int, int], axes: tuple[int, int]) -> None:
    """Stripes on cloth, at a random slant, within the given ellipse."""
    import cv2

    inside = np.zeros_like(layer)
    cv2.ellipse(inside, centre, axes, 0, 0, 360, 255, -1)
    ys, xs = np.indices(layer.shape, dtype=np.float32)
    angle, period = rng.uniform(0, np.pi), rng.uniform(3, 20)
    wave = np.sin((xs * np.cos(angle) + ys * np.sin(angle)) * 2 * np.pi / period) > rng.uniform(-0.5, 0.5)
    layer[(inside > 0) & wave] = int(rng.uniform(5, 245))


def occlude(rng: Generator, scene: Float32Array, box: Float32Array, stuff: Float32Array) -> None:
    """Covers up to about a third of the box (in place) with a bar, a hand-like blob, or a piece of ``stuff``."""
    import cv2

    left, top, right, bottom = (float(v) for v in box)
    width, height = right - left, bottom - top
    mask = np.zeros(scene.shape, np.uint8)
    kind = rng.integers(3)
    if kind == 0:
        x, y = rng.uniform(left, right), rng.uniform(top, bottom)
        turn, reach = rng.uniform(0, np.pi), 1.5 * width
        ends = [(int(x + s * reach * np.cos(turn)), int(y + s * reach * np.sin(turn))) for s in (-1, 1)]
        cv2.line(mask, ends[0], ends[1], 255, max(1, int(rng.uniform(0.03, 0.12) * width)), cv2.LINE_AA)
    elif kind == 1:
        x, y = rng.choice([left, right]), rng.uniform(top + 0.3 * height, bottom)
        axes = (int(rng.uniform(0.1, 0.35) * width), int(rng.uniform(0.15, 0.4) * height))
        cv2.ellipse(mask, (int(x), int(y)), axes, rng.uniform(0, 180), 0, 360, 255, -1, cv2.LINE_AA)
    else:
        edge = rng.integers(4)
        depth = rng.uniform(0.08, 0.3)
        x0 = left if edge != 1 else right - depth * width
        x1 = right if edge != 0 else left + depth * width
        y0 = top if edge != 3 else bottom - depth * height
        y1 = bottom if edge != 2 else top + depth * height
        cv2.rectangle(mask, (int(x0), int(y0)), (int(x1), int(y1)), 255, -1)
    opacity = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 0.6)
    cover = stuff if rng.random() < 0.5 else np.full_like(scene, rng.uniform(5, 245))
    scene[:] = scene + opacity * (cover - scene)


def degrade(rng: Generator, scene: Float32Array) -> UInt8Array:
    """What a camera does: light from one side, gamma, blur or lost resolution, noise, compression."""
    import cv2

    height, width = scene.shape
    if rng.random() < 0.25:
        scene = side_light(rng, scene)
    if rng.random() < 0.25:
        share = rng.uniform(0.35, 0.9)
        small = cv2.resize(scene, (int(width * share), int(height * share)), interpolation=cv2.INTER_AREA)
        scene = np.asarray(cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)
    elif rng.random() < 0.25:
        scene = blur(scene, rng.uniform(0.4, 1.6))
    if rng.random() < 0.3:
        scene = scene + rng.normal(0, rng.uniform(1, 10), scene.shape).astype(np.float32)
    image = np.clip(scene, 0, 255).astype(np.uint8)
    if rng.random() < 0.35:
        _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))])
        image = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), dtype=np.uint8)
    return image
