"""The two OpenVINO networks that FaceNet learns from: five facial points, and a 256-d face embedding. Host only.

``landmarks-regression-retail-0009`` takes a 48x48 face and gives five points; ``face-reidentification-retail-0095`` takes a
face aligned to 128x128 and gives an embedding whose cosine compares people. Both are Apache-2.0 and are read from the folder
that ``--teachers`` names; nothing of them ships. The reference points are those of the network's published description.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ertedge.errors import ConfigurationError
from ertedge.perception.alignment import similarity_transform, warp_face
from ertedge.types import Float32Array, UInt8Array

LANDMARK_INPUT = 48
EMBEDDING_INPUT = 128
REFERENCE_POINTS = EMBEDDING_INPUT * np.array(
    [
        [0.31556875, 0.46157411],
        [0.68262292, 0.46157411],
        [0.50026250, 0.64050536],
        [0.34947188, 0.82469196],
        [0.65343646, 0.82469196],
    ],
    dtype=np.float32,
)
"""Where the five points lie in the embedding network's 128x128 input."""
BATCH = 16
LANDMARK_TEACHER, IDENTITY_TEACHER = "landmarks-regression-retail-0009", "face-reidentification-retail-0095"


def _compile(folder: Path, name: str, input_size: int) -> Any:
    """Reads an IR with a fixed batch (the networks' convolutions are faster with known shapes) on two threads."""
    import openvino

    path = folder / name / f"{name}.xml"
    if not path.is_file():
        raise ConfigurationError([f"teacher {path} is missing; point --teachers at the folder that holds {name}/"])
    core = openvino.Core()
    model = core.read_model(path)
    model.reshape([BATCH, 3, input_size, input_size])
    return core.compile_model(model, "CPU", {"INFERENCE_NUM_THREADS": 2})


def _batches(faces: Float32Array) -> Iterator[Float32Array]:
    """(BATCH, 3, h, w) BGR batches of grey faces, the last padded with its first picture."""
    for start in range(0, len(faces), BATCH):
        part = faces[start : start + BATCH]
        if len(part) < BATCH:
            part = np.concatenate([part, np.repeat(part[:1], BATCH - len(part), axis=0)])
        yield np.repeat(part[:, None], 3, axis=1)


class LandmarkTeacher:
    """Five points of a face crop. Raises ConfigurationError when the network is not in the folder."""

    def __init__(self, folder: Path) -> None:
        self._model = _compile(folder, LANDMARK_TEACHER, LANDMARK_INPUT)

    def __call__(self, faces: UInt8Array) -> Float32Array:
        """(n, size, size) uint8 grey -> (n, 5, 2) float32 (x, y) in pixels of the given crop, picture-left eye first."""
        import cv2

        size = faces.shape[-1]
        resized = faces
        if size != LANDMARK_INPUT:
            resized = np.stack([cv2.resize(face, (LANDMARK_INPUT, LANDMARK_INPUT)) for face in faces])
        points = [self._model(batch)[0].reshape(BATCH, 5, 2) for batch in _batches(resized.astype(np.float32))]
        return np.concatenate(points)[: len(faces)].astype(np.float32) * np.float32(size)


class IdentityTeacher:
    """256-d embeddings of faces. Raises ConfigurationError when the network is not in the folder."""

    def __init__(self, folder: Path) -> None:
        self._model = _compile(folder, IDENTITY_TEACHER, EMBEDDING_INPUT)

    def __call__(self, faces: UInt8Array, landmarks: Float32Array, progress: bool = False) -> Float32Array:
        """(n, h, w) uint8 grey and (n, 5, 2) points -> (n, 256) float32, L2-normalised."""
        embeddings: list[Float32Array] = []
        starts = range(0, len(faces), BATCH)
        for start in tqdm(starts, desc="teacher embeddings", disable=not progress):
            aligned = [
                warp_face(face, similarity_transform(points, REFERENCE_POINTS), EMBEDDING_INPUT)
                for face, points in zip(faces[start : start + BATCH], landmarks[start : start + BATCH], strict=True)
            ]
            batch = next(_batches(np.stack(aligned).astype(np.float32)))
            embeddings.append(self._model(batch)[0].reshape(BATCH, 256)[: len(aligned)])
        stacked = np.concatenate(embeddings)
        return (stacked / np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-9)).astype(np.float32)
