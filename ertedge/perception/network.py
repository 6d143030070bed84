"""What perception asks of a loaded model: an object that turns an input array into output arrays.

Floor 1 (thought). Perception knows no runtime and no manifest; whoever composes the sensor loads a model and hands it
in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from ertedge.types import Emotion, Float32Array


class Network(Protocol):
    """A loaded network with one input. Quantization is its own affair: float32 goes in and comes out."""

    def __call__(self, x: Float32Array, /) -> tuple[Float32Array, ...]:
        """Every output for ``x``, batch dimension included, in the order of the model's manifest entry."""
        ...


class ModelEntry(Protocol):
    """What perception reads of a model's manifest entry; whoever composes the sensor hands the entry in."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, in the order of the logits."""
        ...

    @property
    def mapping(self) -> Mapping[str, Emotion]:
        """Each label's emotion of the seven."""
        ...

    @property
    def temperature(self) -> float:
        """What the logits are divided by."""
        ...

    def parameter(self, name: str, /) -> float:
        """A number that belongs to the weights. Raises ManifestError when there is none of this name."""
        ...

    def vector(self, name: str, /) -> Float32Array:
        """A list of numbers, (n,) or (rows, columns). Raises ManifestError when there is none of this name."""
        ...
