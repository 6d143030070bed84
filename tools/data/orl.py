"""Faces in one folder a person: the ORL/AT&T database, and any collection laid out like it. Host only.

``ROOT/PERSON/PICTURE`` with pictures in pgm, png or jpg, at least two people and two pictures of one of them. ORL: Samaria
and Harter 1994, "Parameterisation of a stochastic model for human face identification"; credit: Olivetti Research
Laboratory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import UInt8Array

PICTURES = frozenset({".pgm", ".png", ".jpg", ".jpeg", ".bmp"})


@dataclass(frozen=True, slots=True)
class People:
    """``images``: one (h, w, 3) uint8 BGR picture each; ``person`` (n,) its index in ``names``, the folders' names."""

    names: tuple[str, ...]
    images: tuple[UInt8Array, ...]
    person: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.images)


def load_people(root: Path) -> People:
    """Every picture below ``root``. Raises ConfigurationError when the layout or a picture is wrong."""
    import cv2

    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    names: list[str] = []
    images: list[UInt8Array] = []
    person: list[int] = []
    faults: list[str] = []
    for folder in folders:
        paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURES)
        for path in paths:
            picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
            if picture is None:
                faults.append(f"{path} is no picture; remove it")
                continue
            images.append(np.asarray(picture, dtype=np.uint8))
            person.append(len(names))
        if paths:
            names.append(folder.name)
    if faults:
        raise ConfigurationError(faults[:10])
    counts = np.bincount(person) if person else np.zeros(1, dtype=np.int64)
    if len(names) < 2 or counts.max() < 2:
        raise ConfigurationError(
            [f"{root} needs at least two folders, one a person, with pictures ({', '.join(sorted(PICTURES))}) in them"]
        )
    return People(tuple(names), tuple(images), np.asarray(person, dtype=np.int64))
