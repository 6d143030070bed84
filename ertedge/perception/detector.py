"""The face detector (floor 1, perception): from a frame to boxes with five points, best first.

The network sees grey 320x240 and answers with nine maps: for strides 8, 16 and 32 a score logit, the distances from a cell
to the four sides of the box, and the offsets of five points, both in units of four strides. What int8 is too coarse for
happens here in float: sigmoid, scaling, and the suppression of boxes that overlap a better one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import PerceptionError
from ertedge.perception.network import Network
from ertedge.types import FaceBox, Float32Array, UInt8Array, VideoFrame

WIDTH, HEIGHT = 320, 240
STRIDES = (8, 16, 32)
GRIDS = ((30, 40), (15, 20), (8, 10))
"""Rows and columns of the maps."""
UNIT = 4.0
"""Box distances and point offsets are in units of ``UNIT * stride`` pixels."""
DEFAULT_THRESHOLD = 0.6
"""Scores are probabilities on composed scenes; a room holds more that looks like a face, so half would be too little."""
OVERLAP_LIMIT = 0.4
CANDIDATES = 64
"""More cells than this never compete: they belong to a few faces, and the best of each is among them."""
SMALLEST_SIDE, LARGEST_SIDE = 16, 8192
"""A frame with a shorter or longer side is a mistake or an attack, not a camera's."""


@dataclass(frozen=True, slots=True)
class Detections:
    """Faces in the network's pixels, best first: ``scores`` (n,), ``boxes`` (n, 4) left, top, right, bottom, and
    ``landmarks`` (n, 5, 2)."""

    scores: Float32Array
    boxes: Float32Array
    landmarks: Float32Array


def _cell_centres() -> tuple[Float32Array, Float32Array]:
    """Centre (n, 2) and unit (n, 1) in pixels of every cell of the three maps, row by row."""
    centres, units = [], []
    for stride, (rows, columns) in zip(STRIDES, GRIDS, strict=True):
        y, x = np.mgrid[:rows, :columns]
        centres.append(np.column_stack([x.ravel() + 0.5, y.ravel() + 0.5]) * stride)
        units.append(np.full((rows * columns, 1), UNIT * stride))
    return np.concatenate(centres).astype(np.float32), np.concatenate(units).astype(np.float32)


_CENTRES, _UNITS = _cell_centres()
_SHAPES = tuple((1, rows, columns, size) for rows, columns in GRIDS for size in (1, 4, 10))


def detector_input(luma: UInt8Array) -> Float32Array:
    """(240, 320) uint8 grey -> (1, 1, 240, 320) float32 in [-1, 1]."""
    scaled = np.multiply(luma, np.float32(1 / 127.5), dtype=np.float32)
    scaled -= np.float32(1.0)
    return scaled[None, None]


def decode(
    outputs: tuple[Float32Array, ...], threshold: float = DEFAULT_THRESHOLD, overlap_limit: float = OVERLAP_LIMIT
) -> Detections:
    """The nine maps of one picture -> faces with a score of ``threshold`` or more, less those that overlap a better one.

    Raises PerceptionError when the maps are not those of this detector, or hold NaN or infinity.
    """
    if tuple(output.shape for output in outputs) != _SHAPES:
        raise PerceptionError(f"the detector's network gave {[o.shape for o in outputs]}; load models/detector.tflite")
    logits = np.concatenate([output.ravel() for output in outputs[0::3]])
    if not np.isfinite(logits).all():
        raise PerceptionError("the detector's network gave a score that is not finite; drop this frame")
    chosen = np.flatnonzero(logits >= np.log(threshold / (1 - threshold)))
    if len(chosen) == 0:
        return Detections(np.empty(0, np.float32), np.empty((0, 4), np.float32), np.empty((0, 5, 2), np.float32))
    chosen = chosen[np.argsort(-logits[chosen], kind="stable")[:CANDIDATES]]
    distances = np.concatenate([output.reshape(-1, 4) for output in outputs[1::3]])[chosen]
    offsets = np.concatenate([output.reshape(-1, 10) for output in outputs[2::3]])[chosen]
    if not (np.isfinite(distances).all() and np.isfinite(offsets).all()):
        raise PerceptionError("the detector's network gave a box that is not finite; drop this frame")
    centres, units = _CENTRES[chosen], _UNITS[chosen]
    boxes: Float32Array = np.hstack([centres - distances[:, :2] * units, centres + distances[:, 2:] * units])
    kept = suppress(boxes, overlap_limit)
    scores = 1 / (1 + np.exp(-logits[chosen][kept]))
    landmarks = offsets[kept].reshape(-1, 5, 2) * units[kept, None] + centres[kept, None]
    return Detections(scores.astype(np.float32), boxes[kept], landmarks.astype(np.float32))


def suppress(boxes: Float32Array, overlap_limit: float) -> NDArray[np.intp]:
    """Indices of the boxes (n, 4), given best first, that no better kept box overlaps (IoU) by more than the limit."""
    extent = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    areas = extent[:, 0] * extent[:, 1]
    corners = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:]) - np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    np.maximum(corners, 0, out=corners)
    shared = corners[..., 0] * corners[..., 1]
    overlaps = shared > overlap_limit * np.maximum(areas[:, None] + areas[None] - shared, 1e-6)
    kept = areas > 0
    for index in range(len(boxes)):
        if kept[index]:
            kept[index + 1 :] &= ~overlaps[index, index + 1 :]
    return np.flatnonzero(kept)


@dataclass(frozen=True, slots=True)
class _View:
    """The detector's picture (240, 320) and how it lies in the frame: ``scale`` and ``shift`` as (x, y) map a frame's
    coordinate ``f`` to ``(f + 0.5) * scale + shift - 0.5``, the way a resize moves pixel centres."""

    luma: UInt8Array
    scale: Float32Array
    shift: Float32Array


class FaceDetector:
    """Finds faces in frames of any size.

    ``network`` is the loaded detector model. ``threshold`` in (0, 1) is the least score of a face that is returned; the
    score is calibrated to be the probability that the detection is a face. One detector belongs to one thread.
    """

    def __init__(self, network: Network, threshold: float = DEFAULT_THRESHOLD) -> None:
        if not 0.0 < threshold < 1.0:
            raise PerceptionError(f"the detection threshold must lie between 0 and 1, got {threshold}")
        import cv2

        self._cv2 = cv2
        self._network = network
        self._threshold = threshold

    def detect(self, frame: VideoFrame) -> tuple[FaceBox, ...]:
        """The faces of the frame, best first, in the pixels of ``frame.image``; a box may reach beyond the frame.

        Takes ``frame.luma`` as it is where the device gives one, else shrinks the image with its proportions kept. Raises
        PerceptionError for an image that is not (height, width, 3) uint8, is absurdly small or large, or whose ``luma``
        is not (240, 320) uint8.
        """
        _check(frame)
        view = self._letterboxed(frame.image) if frame.luma is None else _given(frame.luma, frame.image)
        found = decode(self._network(detector_input(view.luma)), self._threshold)
        if len(found.scores) == 0:
            return ()
        corners = (found.boxes.reshape(-1, 2, 2) + 0.5 - view.shift) / view.scale - 0.5
        landmarks = (found.landmarks + 0.5 - view.shift) / view.scale - 0.5
        extents = corners[:, 1] - corners[:, 0]
        return tuple(
            FaceBox(float(x), float(y), float(width), float(height), float(score), points)
            for (x, y), (width, height), score, points in zip(
                corners[:, 0], extents, found.scores, landmarks.astype(np.float32), strict=True
            )
        )

    def _letterboxed(self, image: UInt8Array) -> _View:
        """The image at 320x240, proportions kept, what is left over grey."""
        cv2 = self._cv2
        height, width = image.shape[:2]
        scale = min(WIDTH / width, HEIGHT / height)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        # Shrinking first leaves a quarter of the pixels, or fewer, to be turned grey.
        flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        small = image if size == (width, height) else cv2.resize(image, size, interpolation=flags)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        left, top = (WIDTH - size[0]) // 2, (HEIGHT - size[1]) // 2
        if size != (WIDTH, HEIGHT):
            padded: UInt8Array = np.full((HEIGHT, WIDTH), 128, np.uint8)
            padded[top : top + size[1], left : left + size[0]] = grey
            grey = padded
        factors = np.array([size[0] / width, size[1] / height], np.float32)
        return _View(np.asarray(grey, dtype=np.uint8), factors, np.array([left, top], np.float32))


def _given(luma: UInt8Array, image: UInt8Array) -> _View:
    """The device's own small picture, which shows all of the frame, stretched where its proportions differ."""
    factors = np.array([WIDTH / image.shape[1], HEIGHT / image.shape[0]], np.float32)
    return _View(luma, factors, np.zeros(2, np.float32))


def _check(frame: VideoFrame) -> None:
    """Raises PerceptionError where the frame cannot be a camera's."""
    image, luma = frame.image, frame.luma
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise PerceptionError(f"a frame must be (height, width, 3) uint8 in BGR order, got {image.shape} {image.dtype}")
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_SIDE or max(height, width) > LARGEST_SIDE:
        raise PerceptionError(
            f"a frame's sides must be {SMALLEST_SIDE} to {LARGEST_SIDE} pixels, got {width}x{height}; set another resolution"
        )
    if luma is not None and (luma.dtype != np.uint8 or luma.shape != (HEIGHT, WIDTH)):
        raise PerceptionError(f"a frame's luma must be ({HEIGHT}, {WIDTH}) uint8, got {luma.shape} {luma.dtype}")
