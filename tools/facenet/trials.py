"""Labelled faces sent through the device's own face path: the models from the manifest, and trials before a virtual camera.

Shared by evaluation and release, so that both score exactly what ships. Host only.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from tqdm import tqdm

from ertedge.errors import ConfigurationError
from ertedge.inference.entry import ModelEntry
from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.perception.detector import FaceDetector
from ertedge.perception.face import Detector, FaceModel, cut_face, prominence, standardise
from ertedge.perception.network import Network
from ertedge.types import FaceBox, Float32Array, UInt8Array, VideoFrame
from tools.data.face_frames import Circumstances, compose

Circumstance = Callable[[Generator], Circumstances]


def load_face_model(models: Path | None, name: str = "facenet") -> tuple[FaceModel, ModelEntry]:
    """FaceNet, or another entry of its kind, from the manifest's folder, verified. Raises ManifestError or ModelError."""
    manifest = load_manifest(models or default_models_dir())
    entry = manifest.entry(name)
    return FaceModel.of(manifest.open_network(name), entry), entry


def load_detector(models: Path | None) -> FaceDetector:
    """The detector from the manifest's folder, verified. Raises ManifestError or ModelError."""
    return FaceDetector(load_manifest(models or default_models_dir()).open_network("detector"))


def read_crops(network: Network, crops: UInt8Array) -> tuple[Float32Array, Float32Array]:
    """(n, 48, 48) uint8 grey -> logits (n, labels) and L2-normalised embeddings (n, 128), a call each as on the device."""
    if not len(crops):
        raise ConfigurationError(["there is no face to read; the detector found none, or the split is empty"])
    logits, embeddings = [], []
    for crop in tqdm(crops, desc="FaceNet", leave=False, mininterval=2):
        emotion, raw = network(standardise(crop)[None, None])
        logits.append(emotion.reshape(-1))
        embeddings.append(raw.reshape(-1))
    stacked = np.stack(embeddings)
    return np.stack(logits), (stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-6)).astype(
        np.float32
    )


def main_face(detector: Detector, image: UInt8Array) -> FaceBox | None:
    """The face that the device would read in a (h, w, 3) frame, or None."""
    faces = detector.detect(VideoFrame(0, image))
    return max(faces, key=prominence) if faces else None


@dataclass(frozen=True, slots=True)
class Trials:
    """The faces that the detector found: ``index`` (m,) into the faces given, ``crops`` (m, 48, 48) as the device cut them,
    ``conditions`` (m, 8) as in ``FaceConditions``, ``levels`` (m,) mean grey level; ``asked`` faces were shown."""

    index: NDArray[np.int64]
    crops: UInt8Array
    conditions: NDArray[np.float64]
    levels: NDArray[np.float64]
    asked: int

    @property
    def coverage(self) -> float:
        """The share of faces that were found."""
        return len(self.index) / max(self.asked, 1)


def run_trials(
    faces: UInt8Array,
    detector: Detector,
    template: Float32Array,
    *,
    circumstance: Circumstance,
    backgrounds: tuple[UInt8Array, ...],
    rng: Generator,
) -> Trials:
    """Shows each of ``faces`` (n, h, w) once, before one of ``backgrounds`` (a plain wall where there is none)."""
    index: list[int] = []
    crops: list[UInt8Array] = []
    conditions: list[tuple[float, ...]] = []
    for number, face in enumerate(tqdm(faces, desc="frames", leave=False, mininterval=2)):
        background = backgrounds[int(rng.integers(len(backgrounds)))] if backgrounds else None
        frame = compose(face, background, circumstance(rng), rng)
        found = main_face(detector, frame)
        if found is None:
            continue
        crop, measured = cut_face(frame, found, template)
        index.append(number)
        crops.append(crop)
        conditions.append(astuple(measured))
    stacked = np.stack(crops) if crops else np.zeros((0, 48, 48), dtype=np.uint8)
    return Trials(
        np.asarray(index, dtype=np.int64),
        stacked,
        np.asarray(conditions, dtype=np.float64).reshape(len(index), 8),
        stacked.reshape(len(index), 48 * 48).mean(axis=1, dtype=np.float64),
        len(faces),
    )
