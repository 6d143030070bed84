"""A folder of arrays that every process reads one at a time, so that no one's memory holds them all.

``items.bin`` holds them one after another, ``items.json`` their type, shapes and offsets; a program in another language can
read both. Needs numpy alone, since it also runs in the peers' environment.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def write_items(folder: Path, arrays: Sequence[Array]) -> None:
    """``arrays``, all of one type, of any shapes. Raises ValueError where types differ or there is nothing."""
    types = {array.dtype.str for array in arrays}
    if len(types) != 1:
        raise ValueError(f"items are of one type, not of {len(types)}")
    folder.mkdir(parents=True, exist_ok=True)
    places: list[tuple[int, list[int]]] = []
    with (folder / "items.bin").open("wb") as file:
        for array in arrays:
            places.append((file.tell(), list(array.shape)))
            file.write(np.ascontiguousarray(array).tobytes())
    index = {"type": types.pop(), "items": places}
    (folder / "items.json").write_text(json.dumps(index), encoding="utf-8")


class Items:
    """What ``write_items`` left in a folder, read from the disk each time."""

    def __init__(self, folder: Path) -> None:
        index = json.loads((folder / "items.json").read_text(encoding="utf-8"))
        self._type = np.dtype(index["type"])
        self._places: list[tuple[int, list[int]]] = index["items"]
        self._path = folder / "items.bin"

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, number: int) -> Array:
        offset, shape = self._places[number]
        flat = np.fromfile(self._path, self._type, int(np.prod(shape)), offset=offset)
        return flat.reshape(shape)
