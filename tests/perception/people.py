"""Made-up people: a direction each among the embeddings, and frames at a known cosine to it."""

from __future__ import annotations

import numpy as np

from ertedge.types import Float32Array

SIZE = 128


def person(seed: int) -> Float32Array:
    """The middle of a person's embeddings, (128,) of unit length; two of them are all but perpendicular."""
    return _unit(np.random.default_rng(seed).standard_normal(SIZE))


def face_like(middle: Float32Array, cosine: float, seed: int) -> Float32Array:
    """An embedding of unit length at that cosine to ``middle``, in a direction of chance."""
    drawn = np.random.default_rng(seed + 10_000).standard_normal(SIZE)
    aside = _unit(drawn - (drawn @ middle) * middle)
    return _unit(cosine * middle + np.sqrt(1 - cosine**2) * aside)


def _unit(vector: Float32Array | np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Float32Array:
    unit: Float32Array = (vector / np.linalg.norm(vector)).astype(np.float32)
    return unit
