"""What is measured, each in its own process: ``python -m tools.peers.subjects NAME FOLDER [ARGUMENT ...]``.

A module ``NAME`` has one function ``load(arguments)`` that gives a ``Subject``; only then is the peer's package imported.
Modules of peers import nothing of ertedge and, of tools, only this package and ``tools.peers.items``, since their
environment has neither. ``face_api.js`` speaks the same protocol under Node:

- once loaded, it writes ``{"ready": {"version": TEXT, "bytes": N, "labels": [TEXT, ...]}}``, one line;
- for each line ``[start, stop]`` it answers ``{"rows": [...], "ns": [...]}``: what it makes of each item, and the
  processor's nanoseconds for each, all threads together, without the reading of the item from the disk (not the clock's,
  which would charge a long call for whatever else the machine does);
- at the end of its input it ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tools.peers.items import Array


def as_it_is(item: Array) -> Array:
    """The item itself."""
    return item


def as_bgr(item: Array) -> Array:
    """(height, width) grey -> (height, width, 3) of equal channels, as a camera gives them; BGR and RGB are the same."""
    return np.repeat(item[:, :, None], 3, axis=2)


@dataclass(frozen=True, slots=True)
class Subject:
    """``read`` is what is timed: of a prepared item a flat list of numbers, or a list of such lists. ``prepare`` is what a
    camera or a file would give and is not timed. ``size_bytes`` is of the weights that are read; ``labels`` name the numbers
    where they are probabilities."""

    version: str
    size_bytes: int
    read: Callable[[Array], list[Any]]
    prepare: Callable[[Array], Array] = as_it_is
    labels: tuple[str, ...] = ()
