"""The faces that FaceNet learns from, in memory: FER+ with its votes, unlabelled faces, and what the teachers say of each.

The teachers see every face once; their points and embeddings are cached in the run folder, keyed by the pixels, so that a
resumed run starts at once and a changed data set is noticed. Host only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import Float32Array, UInt8Array
from tools.data.ferplus import (
    DROPPED,
    FACE_SIZE,
    FerSplit,
    load_split,
    majority_labels,
    vote_distribution,
    without_copies,
)
from tools.teachers import IdentityTeacher, LandmarkTeacher

HELD_OUT_SHARE = 0.08
"""The share of FER+ Train that chooses weights, temperature and quality; the validation split stays untouched."""
HELD_OUT_SEED = 0
"""Chooses that part: the same for every network, whatever its own seed, since one may learn from another."""


@dataclass(frozen=True, slots=True)
class FaceSet:
    """``images`` (n, 48, 48) uint8 grey; ``distribution`` (n, 8), all zero where nobody labelled the emotion; ``labels``
    (n,) by majority or -1; ``landmarks`` (n, 5, 2) in crop pixels; ``embeddings`` (n, 256) of the teacher, unit length."""

    images: UInt8Array
    distribution: Float32Array
    labels: NDArray[np.int64]
    landmarks: Float32Array
    embeddings: Float32Array

    def __len__(self) -> int:
        return len(self.images)

    def take(self, keep: NDArray[np.int64]) -> FaceSet:
        """The faces at the indices ``keep``."""
        return FaceSet(
            self.images[keep], self.distribution[keep], self.labels[keep], self.landmarks[keep], self.embeddings[keep]
        )


def read_unlabelled(folder: Path) -> UInt8Array:
    """Every picture of a folder of face crops as (n, 48, 48) uint8 grey. Raises ConfigurationError when there is none."""
    import cv2

    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in {".jpg", ".png", ".pgm"})
    if not paths:
        raise ConfigurationError([f"{folder} holds no face crops (.jpg, .png, .pgm)"])
    faces: list[UInt8Array] = []
    for path in paths:
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        if picture is None:
            raise ConfigurationError([f"{path} is no picture; remove it"])
        face = cv2.resize(picture, (FACE_SIZE, FACE_SIZE), interpolation=cv2.INTER_CUBIC)
        faces.append(np.asarray(face, dtype=np.uint8))
    return np.stack(faces)


def teach(images: UInt8Array, teachers: Path, cache: Path) -> tuple[Float32Array, Float32Array]:
    """What the teachers say of ``images``: points (n, 5, 2) and embeddings (n, 256), from ``cache`` when it fits."""
    digest = hashlib.sha256(images.tobytes()).hexdigest()
    if cache.is_file():
        with np.load(cache) as stored:
            if str(stored["digest"]) == digest:
                return stored["landmarks"], stored["embeddings"]
    landmarks = LandmarkTeacher(teachers)(images)
    embeddings = IdentityTeacher(teachers)(images, landmarks, progress=True)
    cache.parent.mkdir(parents=True, exist_ok=True)
    np.savez(cache, digest=digest, landmarks=landmarks, embeddings=embeddings)
    return landmarks, embeddings


def labelled_faces(root: Path, out: Path, seed: int) -> tuple[FaceSet, FaceSet]:
    """FER+ Train without copies of its own or of the validation split, as (training part, held-out part)."""
    train = _own_train(root)
    landmarks, embeddings = teach(train.images, root / "teachers", out / "teacher_ferplus.npz")
    faces = FaceSet(train.images, vote_distribution(train.votes), majority_labels(train.votes), landmarks, embeddings)
    kept, held_out = _parts(len(faces), seed)
    return faces.take(kept), faces.take(held_out)


def held_out_split(root: Path, seed: int) -> FerSplit:
    """The held-out part of FER+ Train alone, for who fits something to a trained network and needs no teacher."""
    train = _own_train(root)
    return train.take(_parts(len(train), seed)[1])


def _own_train(root: Path) -> FerSplit:
    """FER+ Train without copies of its own or of the validation split."""
    return without_copies(load_split(root / "ferplus", "Train"), load_split(root / "ferplus", "Valid"))


def _parts(count: int, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Indices of the training part and of the held-out part."""
    order = np.random.default_rng(seed).permutation(count)
    held_out = round(HELD_OUT_SHARE * count)
    return order[held_out:], order[:held_out]


def unlabelled_faces(root: Path, out: Path) -> FaceSet:
    """The Caltech web faces: they carry identity, and teach the emotion head nothing."""
    images = read_unlabelled(root / "face_detection" / "caltech_faces")
    landmarks, embeddings = teach(images, root / "teachers", out / "teacher_caltech.npz")
    nothing = np.zeros((len(images), 8), dtype=np.float32)
    return FaceSet(images, nothing, np.full(len(images), DROPPED, dtype=np.int64), landmarks, embeddings)
