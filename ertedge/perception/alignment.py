"""Alignment (floor 1, perception): turn, scale and shift a face so that its five points lie where FaceNet saw them.

A similarity transform (no shear, no mirror) keeps the proportions of the face, which carry the expression. The template is
the mean of the points over FaceNet's training faces, so that a crop made on the device is framed like those it learnt from.
"""

from __future__ import annotations

from typing import cast

import numpy as np

from ertedge.errors import PerceptionError
from ertedge.types import Float32Array, UInt8Array

POINTS = 5


def similarity_transform(source: Float32Array, target: Float32Array) -> Float32Array:
    """The (2, 3) matrix that maps ``source`` (n, 2) onto ``target`` (n, 2) with the least squared error.

    Source: Umeyama 1991, "Least-squares estimation of transformation parameters between two point patterns", eq. 40-42;
    in two dimensions the rotation and scale have the closed form used here. Raises PerceptionError for points that are
    not finite, or that lie on one spot.
    """
    if source.shape != target.shape or source.ndim != 2 or source.shape[1] != 2:
        raise PerceptionError(f"expected two sets of (n, 2) points, got {source.shape} and {target.shape}")
    if not (np.isfinite(source).all() and np.isfinite(target).all()):
        raise PerceptionError("a landmark is not a finite number; drop this face")
    source_mean, target_mean = source.mean(axis=0, dtype=np.float64), target.mean(axis=0, dtype=np.float64)
    from_centre, to_centre = source - source_mean, target - target_mean
    spread = float((from_centre**2).sum())
    if spread < 1e-6:
        raise PerceptionError("all landmarks lie on one spot; drop this face")
    # With points as complex numbers the transform is one multiplication: scale and angle of sum(conj(s) t) / sum(|s|^2).
    cosine = float((from_centre * to_centre).sum()) / spread
    sine = float((from_centre[:, 0] * to_centre[:, 1] - from_centre[:, 1] * to_centre[:, 0]).sum()) / spread
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    shift = target_mean - rotation @ source_mean
    return np.hstack([rotation, shift[:, None]]).astype(np.float32)


def scale_of(transform: Float32Array) -> float:
    """How much the transform magnifies: crop pixels for each source pixel."""
    return float(np.hypot(transform[0, 0], transform[1, 0]))


def warp_face(image: UInt8Array, transform: Float32Array, size: int) -> UInt8Array:
    """Cuts the (size, size) grey crop that ``transform`` describes out of ``image``, (h, w) grey or (h, w, 3) BGR, uint8.

    What lies outside of the picture repeats its border. A face larger than the crop is averaged down in octaves first:
    a bilinear warp reads four pixels, and would turn the others into noise that FaceNet never saw. Only the part of the
    picture that the crop touches is read, so the cost follows the face and not the frame. Raises PerceptionError when the
    crop would lie wholly outside of the picture.
    """
    import cv2

    image, transform = _touched(image, transform, size)
    if image.ndim == 3:
        image = cast(UInt8Array, cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
    while scale_of(transform) < 0.5 and min(image.shape) >= 2:
        image, transform = _halved(image, transform)
    warped = cv2.warpAffine(image, transform, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast(UInt8Array, warped)


def _touched(image: UInt8Array, transform: Float32Array, size: int) -> tuple[UInt8Array, Float32Array]:
    """The part of the picture under the crop with a margin for averaging, and the transform from that part."""
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]], dtype=np.float64) - 0.5
    linear, offset = transform[:, :2].astype(np.float64), transform[:, 2].astype(np.float64)
    under = (corners - offset) @ np.linalg.inv(linear).T
    margin = 2.0 + 2.0 / scale_of(transform)
    height, width = image.shape[:2]
    left, top = np.floor(np.clip(under.min(axis=0) - margin, 0, None)).astype(int)
    right, bottom = np.ceil(np.minimum(under.max(axis=0) + margin, [width, height])).astype(int)
    if right - left < 2 or bottom - top < 2:
        raise PerceptionError("the face lies outside of the picture; drop it")
    moved = np.column_stack([linear, offset + linear @ np.array([left, top])]).astype(np.float32)
    return image[top:bottom, left:right], moved


def _halved(image: UInt8Array, transform: Float32Array) -> tuple[UInt8Array, Float32Array]:
    """The picture at half its size, each pixel a mean of four, and the transform from it."""
    import cv2

    height, width = image.shape[0] // 2, image.shape[1] // 2
    factors = np.array([width / image.shape[1], height / image.shape[0]])
    smaller = cast(UInt8Array, cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
    # A resize moves pixel centres: x' = f (x + 0.5) - 0.5. The new transform undoes that first.
    linear = transform[:, :2] / factors
    offset = transform[:, 2] - linear @ (0.5 * factors - 0.5)
    return smaller, np.column_stack([linear, offset]).astype(np.float32)
