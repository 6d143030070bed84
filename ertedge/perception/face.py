"""The face path: a frame in, a prediction out. Detect, take the main face, align it, FaceNet, calibrated probabilities.

Floor 1 (thought). The crop is cut from the full frame and framed like the faces that FaceNet learnt from. When the person
cannot be read (nobody, too dark, turned away, two people) the prediction says why instead of guessing.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Protocol

import numpy as np

from ertedge.errors import ManifestError, ModelError, PerceptionError
from ertedge.perception.alignment import POINTS, similarity_transform, warp_face
from ertedge.perception.emotion_head import EmotionHead
from ertedge.perception.face_quality import FaceConditions, FaceQualityWeights, measure, quality
from ertedge.perception.network import ModelEntry, Network
from ertedge.types import FaceBox, FaceCrop, Float32Array, Modality, Prediction, Reason, UInt8Array, VideoFrame

CROP_SIZE = 48
EMBEDDING_SIZE = 128
LEAST_DEVIATION = 8.0
"""Grey levels: a crop flatter than this is not stretched further, since that would only magnify noise."""
STANDARD_RANGE = 4.0
LARGEST_SIDE_PX = 8192
SMALLEST_SIDE_PX = 32
CLEAR_SCORE = 0.7
"""A second face must be this sure before it silences the first: a patterned curtain should not."""


class Detector(Protocol):
    """What finds faces; ``ertedge.perception.detector.FaceDetector`` is one."""

    def detect(self, frame: VideoFrame, /) -> tuple[FaceBox, ...]:
        """Every face of the frame in the pixel coordinates of ``frame.image``."""
        ...


@dataclass(frozen=True, slots=True)
class FaceLimits:
    """From where on a face is not read. ``dark_level``: mean grey level of a crop (with faces) or frame (without one) below
    which it is too dark. ``misfit`` and ``turn``: landmarks this far from frontal and upright (see ``FaceConditions``).
    ``quality``: least quality.
    ``companion_size``: a second face of at least this share of the main one's height makes it two people."""

    dark_level: float = 14.0
    misfit: float = 0.30
    turn: float = 1.2
    quality: float = 0.55
    companion_size: float = 0.6

    @classmethod
    def of(cls, entry: ModelEntry) -> FaceLimits:
        """The limits of FaceNet's manifest entry. Raises ManifestError when one is missing."""
        return cls(
            dark_level=entry.parameter("dark_level"),
            misfit=entry.parameter("misfit_limit"),
            turn=entry.parameter("turn_limit"),
            quality=entry.parameter("quality_limit"),
            companion_size=entry.parameter("companion_size"),
        )


DEFAULT_LIMITS = FaceLimits()


@dataclass(frozen=True, slots=True)
class FaceModel:
    """FaceNet with what its manifest entry says of it.

    ``network`` takes (1, 1, 48, 48) standardised grey; its outputs are (1, labels) emotion logits and the (1, 128)
    embedding before its norm. ``template`` (5, 2) is where the landmarks lie in a crop, in its pixels.
    """

    network: Network
    head: EmotionHead
    template: Float32Array
    quality: FaceQualityWeights

    def __post_init__(self) -> None:
        if self.template.shape != (POINTS, 2) or not np.isfinite(self.template).all():
            raise ModelError(f"FaceNet's template must be five finite points, got shape {self.template.shape}")

    @classmethod
    def of(cls, network: Network, entry: ModelEntry) -> FaceModel:
        """FaceNet as its manifest entry describes it. Raises ManifestError when a parameter is missing or wrong."""
        coefficients = entry.vector("quality").tolist()
        if len(coefficients) != len(fields(FaceQualityWeights)):
            raise ManifestError(f"FaceNet's quality needs {len(fields(FaceQualityWeights))} coefficients")
        return cls(
            network=network,
            head=EmotionHead(entry.labels, entry.mapping, entry.temperature),
            template=entry.vector("template"),
            quality=FaceQualityWeights(*coefficients),
        )

    def read(self, crop: UInt8Array) -> tuple[Float32Array, Float32Array]:
        """(48, 48) uint8 grey -> logits (labels,) and L2-normalised embedding (128,).

        Raises ModelError when the network's outputs do not fit its labels.
        """
        logits, raw = (output.reshape(-1) for output in self.network(standardise(crop)[None, None]))
        if logits.size != len(self.head.labels) or raw.size != EMBEDDING_SIZE:
            raise ModelError(
                f"FaceNet gives {logits.size} logits and {raw.size} embedding values, "
                f"not {len(self.head.labels)} and {EMBEDDING_SIZE}"
            )
        return logits, (raw / max(float(np.linalg.norm(raw)), 1e-6)).astype(np.float32)


def standardise(crop: UInt8Array) -> Float32Array:
    """Grey levels -> zero mean and unit deviation of this crop, cut at four deviations: the room's light drops out."""
    levels = crop.astype(np.float32)
    deviation = max(float(levels.std()), LEAST_DEVIATION)
    scaled: Float32Array = np.clip((levels - levels.mean()) / deviation, -STANDARD_RANGE, STANDARD_RANGE)
    return scaled


class FacePerception:
    """One camera's face path. Keeps nothing between frames."""

    def __init__(self, detector: Detector, model: FaceModel, limits: FaceLimits = DEFAULT_LIMITS) -> None:
        self._detector = detector
        self._model = model
        self._limits = limits

    def process(self, frame: VideoFrame) -> Prediction:
        """The prediction for ``frame``; without probabilities and with reasons when the face cannot be read.

        Raises PerceptionError for a frame that is no picture (wrong shape or type, absurd size).
        """
        check_frame(frame)
        faces = self._detector.detect(frame)
        if not faces:
            dark = float(frame.image[::8, ::8].mean()) < self._limits.dark_level
            reasons = (Reason.NO_FACE, Reason.TOO_DARK) if dark else (Reason.NO_FACE,)
            return Prediction(Modality.FACE, frame.timestamp_ns, None, 0.0, reasons)
        return self.predict(self.crop(frame, faces))

    def crop(self, frame: VideoFrame, faces: tuple[FaceBox, ...]) -> FaceCrop:
        """The main face of ``faces`` (at least one) cut out of ``frame`` and aligned, with its quality and what is wrong."""
        main, *others = sorted(faces, key=prominence, reverse=True)
        image, conditions = cut_face(frame.image, main, self._model.template)
        worth = quality(conditions, self._model.quality)
        reasons = self._faults(float(image.mean()), conditions, worth)
        nearly_as_large = self._limits.companion_size * main.height
        if any(face.height >= nearly_as_large and face.score >= CLEAR_SCORE for face in others):
            reasons = (*reasons, Reason.TWO_PEOPLE)
        return FaceCrop(frame.timestamp_ns, image, main, worth, len(faces), reasons)

    def predict(self, crop: FaceCrop) -> Prediction:
        """What FaceNet says of ``crop``: nothing where the crop has reasons against it."""
        if crop.reasons:
            return Prediction(Modality.FACE, crop.timestamp_ns, None, crop.quality, crop.reasons, crop.faces)
        logits, embedding = self._model.read(crop.image)
        seven = self._model.head.canonical(self._model.head.native(logits))
        return Prediction(Modality.FACE, crop.timestamp_ns, seven, crop.quality, (), crop.faces, embedding)

    def _faults(self, level: float, conditions: FaceConditions, worth: float) -> tuple[Reason, ...]:
        """What speaks against a face; LOW_QUALITY only where nothing more exact can be said."""
        reasons = []
        if level < self._limits.dark_level:
            reasons.append(Reason.TOO_DARK)
        if conditions.misfit > self._limits.misfit or conditions.turn > self._limits.turn:
            reasons.append(Reason.OFF_POSE)
        if not reasons and worth < self._limits.quality:
            reasons.append(Reason.LOW_QUALITY)
        return tuple(reasons)


def cut_face(image: UInt8Array, box: FaceBox, template: Float32Array) -> tuple[UInt8Array, FaceConditions]:
    """The face of ``box`` as a (48, 48) uint8 grey crop, its landmarks put on ``template``, and its conditions.

    Raises PerceptionError for landmarks that cannot be aligned, or that lie outside of the picture.
    """
    transform = similarity_transform(box.landmarks, template)
    crop = warp_face(image, transform, CROP_SIZE)
    return crop, measure(crop, box, transform, template)


def prominence(face: FaceBox) -> float:
    """How much a face is the one to read: its height, the surer the more."""
    return face.height * face.score


def check_frame(frame: VideoFrame) -> None:
    """Raises PerceptionError, with what to do, for a frame that is no (height, width, 3) uint8 picture of sane size."""
    image = frame.image
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        raise PerceptionError(
            f"expected a (height, width, 3) uint8 BGR picture, got {image.shape} {image.dtype}; "
            "check the camera's pixel format"
        )
    height, width = image.shape[:2]
    if min(height, width) < SMALLEST_SIDE_PX:
        raise PerceptionError(f"a picture of {width}x{height} is too small to hold a face; use 320x240 or more")
    if max(height, width) > LARGEST_SIDE_PX:
        raise PerceptionError(
            f"a picture of {width}x{height} is larger than {LARGEST_SIDE_PX} pixels a side; "
            "set the camera to 1920x1080 or less"
        )
