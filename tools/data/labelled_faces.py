"""A labelled picture of a face, whatever the collection: what the loaders give and the evaluation takes. Host only.

A loader lists a collection and reads its labels; pictures are opened one by one when they are scored, so that a large
collection needs no more memory than a small one. Labels are FaceNet's own eight words, of which contempt is not among the
canonical seven; the map from a collection's words or numbers stands in its loader.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ertedge.types import UInt8Array
from tools.data.ferplus import EMOTION_LABELS, FACE_SIZE

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".pgm", ".gif", ".bmp"})
LABEL_OF_WORD = {
    "anger": "anger",
    "angry": "anger",
    "contempt": "contempt",
    "disgust": "disgust",
    "disgusted": "disgust",
    "fear": "fear",
    "fearful": "fear",
    "happiness": "happiness",
    "happy": "happiness",
    "neutral": "neutral",
    "sad": "sadness",
    "sadness": "sadness",
    "surprise": "surprise",
    "surprised": "surprise",
}
"""What folders of emotions are called, and FaceNet's word for it."""


@dataclass(frozen=True, slots=True)
class FaceItem:
    """One picture: a file at ``path``, or ``pixels`` (h, w) uint8 grey that stand in a table. ``label`` is one of
    EMOTION_LABELS, ``subject`` empty where the collection has no identities, ``box`` (left, top, right, bottom) the face in
    a photograph where the collection gives one."""

    name: str
    label: str
    path: Path | None = None
    pixels: UInt8Array | None = None
    subject: str = ""
    box: tuple[int, int, int, int] | None = None

    def read(self) -> UInt8Array:
        """(h, w, 3) uint8 BGR, of a photograph with a box only that and half as much again to every side.

        Raises ValueError, with the name, when the file is missing or no picture, or the box lies outside of it.
        """
        if self.pixels is not None:
            return np.repeat(self.pixels[:, :, None], 3, axis=2)
        picture = read_picture(self.path or Path(self.name))
        if self.box is None:
            return picture
        left, top, right, bottom = self.box
        across, down = (right - left) // 2, (bottom - top) // 2
        cut = picture[max(0, top - down) : bottom + down, max(0, left - across) : right + across]
        if right <= left or bottom <= top or min(cut.shape[:2]) < 2:
            raise ValueError(f"{self.name}: the box {self.box} is outside of the picture")
        return np.ascontiguousarray(cut)


@dataclass(frozen=True, slots=True)
class FaceCollection:
    """``items`` of the split ``of``; ``labels`` that the collection has, in FaceNet's order; ``photographs`` whether a face
    must be found and aligned first; ``dropped`` pictures whose label no model here has."""

    of: str
    items: tuple[FaceItem, ...]
    labels: tuple[str, ...]
    photographs: bool = False
    dropped: int = 0


def in_order(labels: set[str]) -> tuple[str, ...]:
    """The labels in FaceNet's order."""
    return tuple(label for label in EMOTION_LABELS if label in labels)


def read_picture(path: Path) -> UInt8Array:
    """(h, w, 3) uint8 BGR. Raises ValueError that names the file when it is missing or no picture."""
    import cv2

    if not path.is_file():
        raise ValueError(f"{path} is missing")
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{path} is no picture that can be read")
    return np.asarray(picture, dtype=np.uint8)


def as_crop(picture: UInt8Array) -> UInt8Array:
    """A (h, w, 3) picture that is a crop of a face already, as (48, 48) grey: what FER+ pictures go in as."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    if grey.shape != (FACE_SIZE, FACE_SIZE):
        flags = cv2.INTER_AREA if min(grey.shape) > FACE_SIZE else cv2.INTER_CUBIC
        grey = cv2.resize(grey, (FACE_SIZE, FACE_SIZE), interpolation=flags)
    return np.asarray(grey, dtype=np.uint8)


def pictures_in(folder: Path) -> list[Path]:
    """The pictures directly in a folder, in order of name."""
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES and path.is_file())
