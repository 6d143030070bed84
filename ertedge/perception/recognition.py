"""Whose face is it? An enrolled person's, or nobody's that is known. Floor 1 (thought); pure.

A gallery holds the embeddings of a person's dozen enrolled frames. A face is compared with the few of them that it is most
like (``nearest``), and the likeness is averaged over a short run of frames, because one blurred frame should neither let a
stranger in nor put the person out. Recognition is open-set: who is less like everybody than ``accept`` is nobody that is
known. Somebody who was recognised stays so while they are at least ``keep`` like themselves.

Both thresholds are cosines, set by a false-accept target on people whom neither FaceNet nor the figures on its card have
seen; they ship as ``recognition.toml`` beside the models, written by ``python -m tools.choose_recognition``.
"""

from __future__ import annotations

import tomllib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ertedge.errors import ConfigurationError
from ertedge.types import Float32Array

NOBODY = 0
"""The number of no profile: a face that is nobody's who is enrolled."""
RUN_FRAMES = 5
"""Frames over which the likeness is averaged: half a second at ten a second."""
RUN_LEAST = 3
"""Frames before which nothing is said."""


@dataclass(frozen=True, slots=True)
class RecognitionLimits:
    """``accept``: cosine from which a run of frames is somebody's; ``keep``: cosine from which they stay it; ``nearest``:
    how many of a gallery's embeddings a face is compared with, those that it is most like."""

    accept: float
    keep: float
    nearest: int

    def __post_init__(self) -> None:
        if not (-1.0 <= self.keep <= self.accept <= 1.0 and self.nearest >= 1):
            raise ValueError(f"-1 <= keep <= accept <= 1 and nearest >= 1 must hold, got {self}")


def load(path: Path) -> RecognitionLimits:
    """Read ``recognition.toml``. Raises ``ConfigurationError``."""
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
        return RecognitionLimits(float(document["accept"]), float(document["keep"]), int(document["nearest"]))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError) as error:
        raise ConfigurationError([f"cannot be read: {error!r}; install ertedge again"], str(path)) from None


def similarity(gallery: Float32Array, embeddings: Float32Array, nearest: int) -> Float32Array:
    """How alike faces are to one person: (n, d) ``gallery``, (m, d) ``embeddings``, both L2-normalised -> (m,) cosines.

    The mean over the ``nearest`` members that each face is most like, or over all where the gallery has fewer.
    """
    cosines = embeddings @ gallery.T
    count = min(nearest, len(gallery))
    strongest = np.partition(cosines, -count, axis=1)[:, -count:]
    likeness: Float32Array = strongest.mean(axis=1).astype(np.float32)
    return likeness


@dataclass(frozen=True, slots=True)
class Recognised:
    """Who a run of frames shows: ``profile_id``, or ``NOBODY`` for a face that no gallery knows. ``similarity`` is the mean
    cosine to the most similar gallery."""

    profile_id: int
    similarity: float


class Recognition:
    """Follows one face over its frames. ``galleries`` maps a profile's number to its (n, d) L2-normalised embeddings."""

    def __init__(self, galleries: Mapping[int, Float32Array], limits: RecognitionLimits) -> None:
        self._limits = limits
        self._people = tuple(galleries)
        self._galleries = tuple(galleries[number] for number in self._people)
        self._run: deque[Float32Array] = deque(maxlen=RUN_FRAMES)
        self._current = NOBODY

    @property
    def people(self) -> Sequence[int]:
        """The profiles that can be recognised."""
        return self._people

    def forget(self) -> None:
        """Another face may come: nothing of the run before counts for it."""
        self._run.clear()
        self._current = NOBODY

    def take(self, embedding: Float32Array) -> Recognised | None:
        """Take in the face of the next frame, (d,); None while the run is too short to say."""
        if not self._people:
            return Recognised(NOBODY, 0.0)
        each = [similarity(gallery, embedding[None], self._limits.nearest)[0] for gallery in self._galleries]
        self._run.append(np.array(each, np.float32))
        if len(self._run) < RUN_LEAST:
            return None
        means = np.mean(self._run, axis=0)
        best = int(means.argmax())
        likeness = float(means[best])
        if self._people[best] != self._current:
            self._current = self._people[best] if likeness >= self._limits.accept else NOBODY
        elif likeness < self._limits.keep:
            self._current = NOBODY
        return Recognised(self._current, likeness)
