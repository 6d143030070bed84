"""How much a face can be trusted: detection score, size, pose, sharpness and exposure, as one number in [0, 1].

Floor 1 (thought). The number is the accuracy that a logistic model expects of such a face, relative to the accuracy under
the best conditions; its coefficients are fitted by ``python -m tools.fit_face_quality`` on degraded faces that no training
saw, and come with the model.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from ertedge.errors import ManifestError
from ertedge.perception.alignment import scale_of
from ertedge.types import FaceBox, Float32Array, UInt8Array

DARK_LEVEL = 64.0
"""From this mean grey level down a crop counts as ever darker; above it a face is well exposed."""
FLAT_CONTRAST = 40.0
"""From this standard deviation of grey levels down a crop counts as ever flatter."""
SATURATED_LEVEL = 250
STOPS_MOST = 4.0
"""Halvings (of light, contrast, pixels) beyond this one add nothing: there is nothing left to lose."""


@dataclass(frozen=True, slots=True)
class FaceConditions:
    """What is measured of a face; each grows as things get worse, and is 0 at best.

    ``doubt`` is 1 - detection score. ``smallness`` is how many times the crop's pixels had to be doubled from the frame's
    (log2, 0 for a face at least as large as the crop). ``misfit`` is the root mean square distance of the landmarks from
    the frontal template, over its eye distance: it grows as the head turns. ``turn`` is the roll in units of 30 degrees.
    ``blur`` is 0 for a crisp crop and grows by one for each tenth of the Laplacian's variance. ``darkness`` and
    ``flatness`` are in stops (log2) below ``DARK_LEVEL`` and ``FLAT_CONTRAST``; ``saturated`` is the share of white pixels.
    """

    doubt: float
    smallness: float
    misfit: float
    turn: float
    blur: float
    darkness: float
    flatness: float
    saturated: float


@dataclass(frozen=True, slots=True)
class FaceQualityWeights:
    """Coefficients of the logistic model, one a condition. Quality must never rise as conditions get worse, so none of
    them may be positive; raises ManifestError otherwise."""

    bias: float
    doubt: float
    smallness: float
    misfit: float
    turn: float
    blur: float
    darkness: float
    flatness: float
    saturated: float

    def __post_init__(self) -> None:
        values = astuple(self)
        if not np.isfinite(values).all():
            raise ManifestError("the coefficients of the face quality must be finite")
        if max(values[1:]) > 0:
            raise ManifestError(
                "a coefficient of the face quality is positive; quality would rise with a worse condition"
            )


def measure(crop: UInt8Array, box: FaceBox, transform: Float32Array, template: Float32Array) -> FaceConditions:
    """The conditions of ``crop`` (size, size) uint8, cut with ``transform`` (2, 3) that puts ``box``'s landmarks near
    ``template`` (5, 2)."""
    import cv2

    placed = box.landmarks @ transform[:, :2].T + transform[:, 2]
    eye_distance = float(np.linalg.norm(template[1] - template[0]))
    misfit = float(np.sqrt(((placed - template) ** 2).sum(axis=1).mean())) / eye_distance
    scale = scale_of(transform)
    level, contrast = float(crop.mean()), float(crop.std())
    # Of the standardised crop, so that a dark or flat picture does not count as blurred as well.
    detail = float(cv2.Laplacian(crop, cv2.CV_32F).var()) / max(contrast, 1.0) ** 2
    return FaceConditions(
        doubt=1.0 - box.score,
        smallness=_stops(1.0 / max(scale, 1e-6), 1.0),
        misfit=min(misfit, 1.0),
        turn=min(abs(float(np.degrees(np.arctan2(transform[1, 0], transform[0, 0])))) / 30.0, 3.0),
        blur=min(max(-float(np.log10(max(detail, 1e-6))), 0.0), 3.0),
        darkness=_stops(level, DARK_LEVEL),
        flatness=_stops(contrast, FLAT_CONTRAST),
        saturated=float((crop >= SATURATED_LEVEL).mean()),
    )


def _stops(value: float, enough: float) -> float:
    """How many halvings ``value`` lies below ``enough``, in [0, STOPS_MOST]."""
    return float(np.clip(np.log2(enough / max(value, 1e-6)), 0.0, STOPS_MOST))


def quality(conditions: FaceConditions, weights: FaceQualityWeights) -> float:
    """Quality in [0, 1]: expected accuracy relative to that under the best conditions."""
    values = astuple(weights)
    score = values[0] + float(np.dot(values[1:], astuple(conditions)))
    return float((1.0 + np.exp(-values[0])) / (1.0 + np.exp(-score)))
