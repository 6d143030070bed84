"""The records of perception, from a frame or a sound to the emotion state, and the words they are written in. Floor 0.

Data goes forward only::

    VideoFrame | AudioChunk -> FaceCrop | SpeechWindow -> Prediction -> Estimate -> EmotionState

Every record is frozen. A field that carries a unit says so in its name. ``timestamp_ns`` is always the monotonic clock
(``time.monotonic_ns``) read when the light or the sound was captured; both processes run on one machine and one boot, so
their monotonic clocks are the same clock. Wall time appears only where something is stored (``wall_time_ns``, UTC).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]


class Emotion(StrEnum):
    """The canonical seven (Ekman's six and neutral) and the abstention.

    The order of the seven is the order of every probability vector in the project.
    """

    NEUTRAL = "neutral"
    HAPPINESS = "happiness"
    SADNESS = "sadness"
    ANGER = "anger"
    FEAR = "fear"
    DISGUST = "disgust"
    SURPRISE = "surprise"
    UNKNOWN = "unknown"


EMOTIONS: tuple[Emotion, ...] = tuple(emotion for emotion in Emotion if emotion is not Emotion.UNKNOWN)
"""The seven, in the order of every probability vector."""


class Modality(StrEnum):
    """A channel through which a person shows how they feel."""

    FACE = "face"
    VOICE = "voice"


class SensorName(StrEnum):
    """A device that feeds a modality; what a person can mute."""

    CAMERA = "camera"
    MICROPHONE = "microphone"


SENSOR_OF: dict[Modality, SensorName] = {
    Modality.FACE: SensorName.CAMERA,
    Modality.VOICE: SensorName.MICROPHONE,
}


class Reason(StrEnum):
    """Why a modality, or the whole, abstains. DRIFTED alone silences nobody: it is why what a modality says counts less."""

    NO_FACE = "no_face"
    TOO_DARK = "too_dark"
    OFF_POSE = "off_pose"
    NO_SPEECH = "no_speech"
    TWO_PEOPLE = "two_people"
    DISAGREEMENT = "disagreement"
    LOW_CONFIDENCE = "low_confidence"
    MUTED = "muted"
    NO_SENSOR = "no_sensor"
    LOW_QUALITY = "low_quality"
    NO_CONSENT = "no_consent"
    BYSTANDER = "bystander"
    DRIFTED = "drifted"


class SensorCondition(StrEnum):
    """How a device is doing, as people and programs see it."""

    STARTING = "starting"
    RUNNING = "running"
    MUTED = "muted"
    MISSING = "missing"
    BUSY = "busy"
    FAILED = "failed"
    HANGING = "hanging"
    ENDED = "ended"
    OFF = "off"
    NOT_PERMITTED = "not_permitted"


@dataclass(frozen=True, slots=True)
class VideoFrame:
    """One picture.

    ``image`` is (height, width, 3) uint8 in BGR order, the main stream from which the crop is cut. ``luma`` is (240, 320)
    uint8 grey, the same moment at the detector's size, when the device delivers it for free (the Pi camera's lores stream);
    otherwise None and the detector makes its own.
    """

    timestamp_ns: int
    image: UInt8Array
    luma: UInt8Array | None = None


@dataclass(frozen=True, slots=True)
class AudioChunk:
    """A run of sound: ``samples`` is (n,) float32 in [-1, 1], 16 kHz, mono.

    ``timestamp_ns`` is when the first sample was captured; ``first_sample`` counts samples since the device was opened,
    so a gap shows as a jump; ``lost_samples`` is how many were lost to overruns just before this chunk.
    """

    timestamp_ns: int
    samples: Float32Array
    first_sample: int = 0
    lost_samples: int = 0
    sample_rate_hz: int = 16_000


@dataclass(frozen=True, slots=True)
class FaceBox:
    """A detected face in the pixel coordinates of the frame it was found in.

    ``landmarks`` is (5, 2) float32: the person's right eye (left in the picture), left eye, nose tip, right and left
    corner of the mouth, as (x, y). ``score`` is in [0, 1].
    """

    left: float
    top: float
    width: float
    height: float
    score: float
    landmarks: Float32Array


@dataclass(frozen=True, slots=True)
class FaceCrop:
    """A face cut out and aligned as FaceNet was trained to see it: ``image`` is (size, size) uint8 grey.

    ``quality`` in [0, 1] rises with the accuracy to be expected; ``faces`` counts all faces in the frame; ``reasons``
    says what is wrong with the crop, if anything.
    """

    timestamp_ns: int
    image: UInt8Array
    box: FaceBox
    quality: float
    faces: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeechWindow:
    """Three seconds of band-passed sound as features.

    ``features`` is (frames, 42) float32: MFCC and pitch, mean and variance normalised. ``timestamp_ns`` is the
    end of the window.
    ``statistics`` is what a personal head learns from, (209,) float32, or None where the window is not worth a prediction.
    """

    timestamp_ns: int
    features: Float32Array
    speech_share: float
    quality: float
    reasons: tuple[Reason, ...] = ()
    statistics: Float32Array | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one modality says at one moment.

    ``probabilities`` is (7,) float32 in the order of ``EMOTIONS``, calibrated, summing to one, or None when the modality
    abstains; then ``reasons`` says why. ``quality`` is in [0, 1]. ``embedding`` is the 128-d L2-normalised face
    embedding, or the statistics of the window of speech (209 values), or None. ``faces`` counts faces in the frame (0 for
    voice).
    """

    modality: Modality
    timestamp_ns: int
    probabilities: Float32Array | None
    quality: float
    reasons: tuple[Reason, ...] = ()
    faces: int = 0
    embedding: Float32Array | None = None


@dataclass(frozen=True, slots=True)
class ModalityShare:
    """How much a modality had to say in an estimate: its weight (the weights of an estimate sum to one, or are all zero),
    its quality, its own probabilities if it had any, and why it was silent, or counted less."""

    modality: Modality
    weight: float
    quality: float
    probabilities: Float32Array | None
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Estimate:
    """The predictions fused at one moment. ``probabilities`` is (7,) float32, or None when nobody had anything to say.

    ``valence`` and ``arousal`` are in [-1, 1]; ``confidence`` is the calibrated probability of the leading emotion.
    """

    timestamp_ns: int
    probabilities: Float32Array | None
    valence: float
    arousal: float
    confidence: float
    shares: tuple[ModalityShare, ...]
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class EmotionState:
    """Estimates over time: smoothed, with hysteresis. What clients watch and the store keeps.

    ``emotion`` is UNKNOWN exactly when ``reasons`` is not empty. ``since_ns`` is when (monotonic) the emotion began;
    ``wall_time_ns`` is UTC at ``timestamp_ns``. ``sequence`` grows by one a state and is given by the core.
    ``synthetic`` marks the demo and simulations; ``state_count`` is how many states this one stands for (1, or more when
    a coarser resolution was asked of the store). ``profile_id`` is whose state it is, 0 where no profile is in front of the
    device, and of the demo and simulations while there is none.
    """

    sequence: int
    timestamp_ns: int
    wall_time_ns: int
    emotion: Emotion
    probabilities: Float32Array
    valence: float
    arousal: float
    confidence: float
    since_ns: int
    shares: tuple[ModalityShare, ...]
    reasons: tuple[Reason, ...] = ()
    synthetic: bool = False
    state_count: int = 1
    profile_id: int = 0


@dataclass(frozen=True, slots=True)
class SensorStatus:
    """One device as it is now. ``detail`` is a sentence for a person, with what to do if something is wrong.

    ``records`` counts frames or chunks since start, ``lost`` those replaced before anyone read them (video) or samples
    lost to overruns (sound), ``rate_hz`` is frames or sound chunks a second over the last seconds.
    """

    sensor: SensorName
    condition: SensorCondition
    device: str
    detail: str
    records: int = 0
    lost: int = 0
    rate_hz: float = 0.0
    reopened: int = 0
    since_ns: int = 0


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as the manifest describes it and the sensor loaded it; ``inference_us`` is the median microseconds of the
    self-test at start, 0 if it has not run."""

    name: str
    version: str
    file: str
    sha256: str
    runtime: str
    size_bytes: int
    terms: str
    labels: tuple[str, ...] = ()
    inference_us: int = 0


@dataclass(frozen=True, slots=True)
class SensorReport:
    """What the sensor process says of itself beside its predictions, about once a second.

    ``synthetic`` is True for the demo and for simulations; ``clock_offset_ns`` is a simulated step of the wall clock,
    zero with real devices.
    """

    timestamp_ns: int
    sensors: tuple[SensorStatus, ...]
    models: tuple[ModelInfo, ...] = field(default_factory=tuple)
    source: str = ""
    synthetic: bool = False
    resident_bytes: int = 0
    cpu_seconds: float = 0.0
    clock_offset_ns: int = 0
