"""What perception asks of a loaded model: an object that turns an input array into output arrays.

Floor 1 (thought). Perception knows no runtime and no manifest; whoever composes the sensor loads a model and hands it in.
"""

from __future__ import annotations

from typing import Protocol

from ertedge.types import Float32Array


class Network(Protocol):
    """A loaded network with one input. Quantization is its own affair: float32 goes in and comes out."""

    def __call__(self, x: Float32Array, /) -> tuple[Float32Array, ...]:
        """Every output for ``x``, batch dimension included, in the order of the model's manifest entry."""
        ...
