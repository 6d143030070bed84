"""The references of the drift monitor as a file beside the models: ``drift.npz``, made by ``python -m tools.measure_drift``.

Floor 1. Each reference names the model file that it was measured on, so that one of another file is never used.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.drift import STATISTICS, Float64Array, Reference, Shape
from ertedge.errors import ConfigurationError
from ertedge.types import Modality

FILE = "drift.npz"
BANDS = ("low", "high", "step")


def load(models: Path) -> Mapping[Modality, Reference]:
    """Every reference in ``models``. Raises ConfigurationError when the file is missing or is none of ours."""
    path = models / FILE
    try:
        with np.load(path, allow_pickle=False) as stored:
            given = {name: np.asarray(stored[name]) for name in stored.files}
        if [str(name) for name in given["statistics"]] != [str(name) for name in STATISTICS]:
            raise ValueError("it holds other statistics")
        return {modality: _reference(given, modality) for modality in Modality}
    except (OSError, KeyError, ValueError) as error:
        raise ConfigurationError([f"cannot be read: {error}; install ertedge again"], str(path)) from None


def save(path: Path, references: Mapping[Modality, Reference]) -> None:
    """Write one reference for each modality."""
    arrays: dict[str, NDArray[np.generic]] = {"statistics": np.array([str(name) for name in STATISTICS])}
    for modality, reference in references.items():
        shape = reference.shape
        numbers = {
            "centre": shape.centre,
            "deviation": shape.deviation,
            "components": shape.components,
            "spread": shape.spread,
            "rest": np.array([shape.rest]),
            **{name: getattr(reference, name) for name in BANDS},
        }
        arrays[f"{modality}.sha256"] = np.array(reference.sha256)
        arrays |= {f"{modality}.{name}": value.astype(np.float32) for name, value in numbers.items()}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def _reference(given: Mapping[str, NDArray[np.generic]], modality: Modality) -> Reference:
    def array(name: str, *shape: int) -> Float64Array:
        value = given[f"{modality}.{name}"].astype(np.float64)
        if value.shape != shape or not np.isfinite(value).all():
            raise ValueError(f"the {modality}'s {name} has the shape {value.shape}, or numbers that are not finite")
        return value

    count, size = given[f"{modality}.components"].shape
    low, high, step = (array(name, len(STATISTICS)) for name in BANDS)
    shape = Shape(
        centre=array("centre", size),
        deviation=array("deviation", size),
        components=array("components", count, size),
        spread=array("spread", count),
        rest=float(array("rest", 1)[0]),
    )
    if not (step > 0).all() or not (shape.spread > 0).all() or not (shape.deviation > 0).all() or shape.rest <= 0:
        raise ValueError(f"the {modality}'s spreads are not all above zero")
    return Reference(str(given[f"{modality}.sha256"]), shape, low, high, step)
