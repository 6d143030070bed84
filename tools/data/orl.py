"""Faces in one folder a person: the ORL/AT&T database, and any collection laid out like it. Host only.

``ROOT/PERSON/PICTURE`` with pictures in pgm, png, jpg or gif, at least two people and two pictures of one of them. ORL:
Samaria and Harter 1994, "Parameterisation of a stochastic model for human face identification"; credit: Olivetti Research
Laboratory.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import UInt8Array
from tools.data.faults import FaultLog
from tools.data.labelled_faces import PICTURES, pictures_in, read_picture


@dataclass(frozen=True, slots=True)
class People:
    """``images``: one (h, w, 3) uint8 BGR picture each; ``person`` (n,) its index in ``names``, the folders' names."""

    names: tuple[str, ...]
    images: tuple[UInt8Array, ...]
    person: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.images)


def load_people(root: Path, faults: FaultLog | None = None) -> People:
    """Every picture below ``root``. Raises ConfigurationError when the layout or, where faults stop, a picture is wrong."""
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    names: list[str] = []
    images: list[UInt8Array] = []
    person: list[int] = []
    log = faults or FaultLog()
    log.source = str(root)
    for folder in folders:
        before = len(images)
        for path in pictures_in(folder):
            try:
                images.append(read_picture(path))
            except ValueError as error:
                log.met(f"{error}; remove it")
                continue
            person.append(len(names))
        if len(images) > before:
            names.append(folder.name)
    log.settle()
    counts = np.bincount(person) if person else np.zeros(1, dtype=np.int64)
    if len(names) < 2 or counts.max() < 2:
        raise ConfigurationError(
            [f"{root} needs at least two folders, one a person, with pictures ({', '.join(sorted(PICTURES))}) in them"]
        )
    return People(tuple(names), tuple(images), np.asarray(person, dtype=np.int64))
