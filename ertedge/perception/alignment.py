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
    """Cuts the (size, size) crop that ``transform`` describes out of ``image`` (h, w) or (h, w, 3), uint8.

    What lies outside of the picture repeats its border. A face larger than the crop is averaged down in octaves first:
    a bilinear warp reads four pixels, and would turn the others into noise that FaceNet never saw.
    """
    import cv2

    while scale_of(transform) < 0.5 and min(image.shape[:2]) >= 2:
        height, width = image.shape[0] // 2, image.shape[1] // 2
        factors = np.array([width / image.shape[1], height / image.shape[0]])
        image = cast(UInt8Array, cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
        # x' = f (x + 0.5) - 0.5 is how a resize moves pixel centres; the transform is written for the smaller picture.
        linear = transform[:, :2] / factors
        offset = transform[:, 2] - linear @ (0.5 * factors - 0.5)
        transform = np.hstack([linear, offset[:, None]]).astype(np.float32)
    warped = cv2.warpAffine(image, transform, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return cast(UInt8Array, warped)
