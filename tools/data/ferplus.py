"""FER+ faces: 48x48 grey pictures with the votes of ten raters, in the layout of the official release.

A split is a folder of pictures with a ``label.csv``: file name, face box, then ten vote counts. Any folder of that layout
can be read (``FER2013Train``, ``FER2013Valid``, ``FER2013Test``, or another collection written the same way). The labels
follow the published majority protocol. Used on the host only, by training and evaluation.

Source: Barsoum et al. 2016, "Training deep networks for facial expression recognition with crowd-sourced label
distribution", and the evaluation that its authors published with the labels.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import Float32Array, UInt8Array
from tools.data.faults import FaultLog

FACE_SIZE = 48
EMOTION_LABELS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
"""The eight classes, in the order of the file's columns and of FaceNet's logits."""
VOTE_COLUMNS = (*EMOTION_LABELS, "unknown", "NF")
DROPPED = -1
"""The label of an image that the majority protocol drops."""


@dataclass(frozen=True, slots=True)
class FerSplit:
    """One folder in memory: ``images`` (n, 48, 48) uint8 grey, ``votes`` (n, 10) int64 as ``VOTE_COLUMNS``."""

    names: tuple[str, ...]
    images: UInt8Array
    votes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    def take(self, keep: NDArray[np.int64] | NDArray[np.bool_]) -> FerSplit:
        """The images at ``keep`` (indices, or a mask of length n)."""
        indices = np.flatnonzero(keep) if keep.dtype == np.bool_ else keep
        return FerSplit(tuple(self.names[i] for i in indices), self.images[indices], self.votes[indices])


def find_split(root: Path, split: str) -> Path:
    """The folder of a split: ``root`` itself when it holds a ``label.csv``, else ``FER2013<split>`` or ``<split>`` in it, or
    the former in its ``ferplus``.

    Raises ConfigurationError that names what was looked for.
    """
    candidates = (root, root / f"FER2013{split}", root / split, root / "ferplus" / f"FER2013{split}")
    for folder in candidates:
        if (folder / "label.csv").is_file():
            return folder
    looked = ", ".join(str(folder / "label.csv") for folder in candidates)
    raise ConfigurationError([f"no FER+ split here, looked for {looked}; point --root at a folder in the FER+ layout"])


def load_split(root: Path, split: str, faults: FaultLog | None = None) -> FerSplit:
    """Reads a whole split. Raises ConfigurationError for a wrong layout and, where faults stop, for a wrong row or picture
    (it names up to ten)."""
    folder = find_split(root, split)
    names: list[str] = []
    images: list[UInt8Array] = []
    votes: list[list[int]] = []
    log = faults or FaultLog()
    log.source = str(folder / "label.csv")
    with (folder / "label.csv").open(newline="", encoding="utf-8") as file:
        for line, row in enumerate(csv.reader(file), start=1):
            try:
                name, box, counts = _parse_row(row)
                images.append(_read_face(folder / name, box))
            except ValueError as error:
                log.met(f"line {line}: {error}")
                continue
            names.append(name)
            votes.append(counts)
    log.settle()
    if not names:
        raise ConfigurationError(
            ["not one row can be read" if log.faults else "the file is empty"], source=str(folder / "label.csv")
        )
    return FerSplit(tuple(names), np.stack(images), np.asarray(votes, dtype=np.int64))


def _parse_row(row: list[str]) -> tuple[str, tuple[int, int, int, int], list[int]]:
    """A row: file, "(left, top, right, bottom)", ten vote counts."""
    if len(row) != 2 + len(VOTE_COLUMNS):
        raise ValueError(f"expected file, box and {len(VOTE_COLUMNS)} vote counts, found {len(row)} columns")
    box = [int(part) for part in row[1].strip("() ").split(",")]
    if len(box) != 4:
        raise ValueError(f"expected a box of four numbers, found {row[1]!r}")
    counts = [int(part) for part in row[2:]]
    if min(counts) < 0:
        raise ValueError("a vote count is negative")
    return row[0], (box[0], box[1], box[2], box[3]), counts


def _read_face(path: Path, box: tuple[int, int, int, int]) -> UInt8Array:
    """The face inside the box as (48, 48) uint8 grey; resized with area averaging where the box has another size."""
    import cv2

    picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if picture is None:
        raise ValueError(f"{path.name} is missing or is no picture")
    left, top, right, bottom = box
    face = picture[top:bottom, left:right]
    if face.size == 0:
        raise ValueError(f"the box {box} of {path.name} is outside of the picture")
    if face.shape != (FACE_SIZE, FACE_SIZE):
        face = cv2.resize(face, (FACE_SIZE, FACE_SIZE), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(face, dtype=np.uint8)


def majority_labels(votes: NDArray[np.int64]) -> NDArray[np.int64]:
    """(n,) class indices by the published majority protocol, ``DROPPED`` where there is no usable majority.

    A count of one is noise and becomes zero; the label is the column with more than half of what remains, over all ten;
    no such column, or one that is ``unknown`` or ``NF``, drops the image.
    """
    counts = np.where(votes <= 1, 0, votes)
    winner = counts.argmax(axis=1)
    has_majority = counts.max(axis=1) * 2 > counts.sum(axis=1)
    usable = has_majority & (winner < len(EMOTION_LABELS))
    return np.where(usable, winner, DROPPED).astype(np.int64)


def vote_distribution(votes: NDArray[np.int64]) -> Float32Array:
    """(n, 8) soft labels: counts of one removed, the share of ``unknown`` spread evenly; all zero where nothing remains
    or most raters saw no face (such rows carry no emotion and are left out of training)."""
    counts = np.where(votes <= 1, 0, votes).astype(np.float64)
    emotions = counts[:, :8] + counts[:, 8:9] / 8.0
    total = counts.sum(axis=1, keepdims=True)
    usable = (total > 0) & (counts[:, 9:10] * 2 < np.maximum(total, 1))
    share = emotions / np.maximum(emotions.sum(axis=1, keepdims=True), 1e-9)
    return np.where(usable, share, 0.0).astype(np.float32)


def digests(images: UInt8Array) -> list[str]:
    """SHA-256 of each picture's pixels."""
    return [hashlib.sha256(image.tobytes()).hexdigest() for image in images]


def without_copies(split: FerSplit, others: FerSplit) -> FerSplit:
    """The images of ``split`` whose pixels stand nowhere in ``others``, each once."""
    seen = set(digests(others.images))
    keep: list[int] = []
    for index, digest in enumerate(digests(split.images)):
        if digest not in seen:
            seen.add(digest)
            keep.append(index)
    return split.take(np.asarray(keep, dtype=np.int64))
