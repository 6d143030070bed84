"""A small graph and its entry, which do what the recommender's network does in numbers that can be worked out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ManifestError
from ertedge.recommend.att_vae import OUTPUTS
from ertedge.recommend.encoding import ENCODING_VERSION
from ertedge.types import Float32Array

BASIS = 3


@dataclass
class FakeEntry:
    """What the manifest would say of the fake graph."""

    version: str = "1.0.0"
    sha256: str = "ab" * 32
    outputs: tuple[str, ...] = OUTPUTS
    activities: tuple[str, ...] = tuple(f"activity-{i:02d}" for i in range(12))
    numbers: dict[str, float | tuple[float, ...]] = field(
        default_factory=lambda: {
            "encoding": float(ENCODING_VERSION),
            "half_life_days": 60.0,
            "weight_variance": (0.05,) * BASIS,
            "deviation": (0.03, 0.02, 0.02, 0.06),
            "uptake_deviation": (0.3, 0.1, 0.1, 0.1),
            "forecast_error": (0.04, 0.06, 0.5, 0.2, 0.1),
        }
    )

    def parameter(self, name: str, /) -> float:
        value = self.numbers.get(name)
        if not isinstance(value, float):
            raise ManifestError(f"no parameter {name}")
        return value

    def vector(self, name: str, /) -> Float32Array:
        value = self.numbers.get(name)
        if not isinstance(value, tuple):
            raise ManifestError(f"no parameter {name}")
        return np.array(value, dtype=np.float32)


class FakeGraph:
    """Every activity helps 0.1, rated with a variance of 0.09, and is done half of the time; the basis is taken from its
    own content. ``calls`` counts, and ``activities`` is how many the last call was about."""

    def __init__(self) -> None:
        self.calls = 0
        self.activities = 0

    def __call__(self, arrays: Mapping[str, NDArray[Any]], /) -> tuple[Float32Array, ...]:
        self.calls += 1
        about = arrays["activities"]
        self.activities = about.shape[1]
        shape = about.shape[:2]
        flat = np.zeros(shape, dtype=np.float32)
        latent = np.zeros((shape[0], 2), dtype=np.float32)
        basis = np.tanh(about[..., :BASIS]).astype(np.float32)
        return flat + 0.1, flat + np.float32(np.log(0.09)), flat, basis, latent, latent
