"""Loads what a modality is perceived with: its models, verified, opened, tried out and timed. Floor 2.

Each loader runs in the thread of its modality, so that both load at once and one that fails leaves the other alone; what is
heavy is imported there.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from ertedge.config import Config
from ertedge.types import AudioChunk, ModelInfo, Prediction, VideoFrame

if TYPE_CHECKING:
    from ertedge.inference.manifest import Manifest
    from ertedge.inference.network import Network

Record = TypeVar("Record", VideoFrame, AudioChunk)

SELF_TEST_RUNS = 5


@dataclass(frozen=True, slots=True)
class Perception(Generic[Record]):
    """What turns a record into predictions, oldest first, and the models that it uses.

    ``perceive`` belongs to one thread. It raises PerceptionError for a record that cannot be processed, and ModelError when
    its models cannot be used at all.
    """

    perceive: Callable[[Record], Sequence[Prediction]]
    models: tuple[ModelInfo, ...]


def load_face(config: Config) -> Perception[VideoFrame]:
    """Detector and FaceNet. Raises ModelError, ManifestError or ModelIntegrityError with what to do."""
    import cv2

    from ertedge.perception.detector import FaceDetector
    from ertedge.perception.face import FaceLimits, FaceModel, FacePerception
    from ertedge.perception.face_search import FRAME_THRESHOLD, FrameSearch

    cv2.setNumThreads(config.sensor.threads)
    manifest = _manifest(config)
    detecting, detector_info = _opened(manifest, "detector", config.sensor.threads)
    reading, facenet_info = _opened(manifest, "facenet", config.sensor.threads)
    entry = manifest.entry("facenet")
    detector = FaceDetector(detecting, config.perception.face_score_least)
    # A part is believed only where it is surer than the whole frame must be.
    parts = FaceDetector(detecting, max(FRAME_THRESHOLD, config.perception.face_score_least))
    finding = FrameSearch(detector, parts) if config.perception.face_search else detector
    face = FacePerception(finding, FaceModel.of(reading, entry), FaceLimits.of(entry))
    return Perception(lambda frame: (face.process(frame),), (detector_info, facenet_info))


def load_voice(config: Config) -> Perception[AudioChunk]:
    """Silero's speech detector and the voice network. Raises ModelError, ManifestError or ModelIntegrityError."""
    from ertedge.perception.speech_windows import VoiceLimits
    from ertedge.perception.voice import VoiceModel, VoicePerception

    manifest = _manifest(config)
    hearing, info = _opened(manifest, "voice", config.sensor.threads)
    limits = VoiceLimits(speech_share_least=config.perception.speech_share_least)
    voice = VoicePerception(VoiceModel.of(hearing, manifest.entry("voice")), limits=limits)
    return Perception(voice.process, (info,))


def _manifest(config: Config) -> Manifest:
    from ertedge.inference.manifest import default_models_dir, load_manifest

    return load_manifest(Path(config.models_dir).expanduser() if config.models_dir else default_models_dir())


def _opened(manifest: Manifest, name: str, threads: int) -> tuple[Network, ModelInfo]:
    """The model of this name, verified, opened, and timed."""
    network = manifest.open_network(name, threads)
    return network, manifest.entry(name).info(_inference_us(network))


def _inference_us(network: Network) -> int:
    """Median microseconds of a few inferences after a first one; on zeros, since the input does not change the time."""
    nothing = np.zeros(network.input_shape, np.float32)
    network(nothing)
    spans_ns = []
    for _ in range(SELF_TEST_RUNS):
        begin_ns = time.perf_counter_ns()
        network(nothing)
        spans_ns.append(time.perf_counter_ns() - begin_ns)
    return max(1, round(statistics.median(spans_ns) / 1_000))
