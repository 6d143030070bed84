"""What every runtime of this room offers: a network as a function, with the shapes and names it was opened with.

Floor 1: imports only words.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from ertedge.types import Float32Array


class Network(Protocol):
    """An opened network with one input; float32 goes in and comes out. It belongs to one thread at a time."""

    @property
    def path(self) -> Path:
        """The file that was opened."""
        ...

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape a call takes, with the batch axis."""
        ...

    @property
    def input_dtype(self) -> str:
        """What the file's input tensor holds: ``int8``, ``uint8`` or ``float32``."""
        ...

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the arrays that a call returns, in their order."""
        ...

    def __call__(self, x: Float32Array, /) -> tuple[Float32Array, ...]:
        """Run the network on ``x``, float32 of ``input_shape``."""
        ...


class Graph(Protocol):
    """An opened network with several named inputs, some of whose axes are open. It belongs to one thread at a time."""

    @property
    def path(self) -> Path:
        """The file that was opened."""
        ...

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the arrays that a call returns, in their order."""
        ...

    def __call__(self, arrays: Mapping[str, NDArray[Any]], /) -> tuple[Float32Array, ...]:
        """Run the network on one array an input, by its name."""
        ...
