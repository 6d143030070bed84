"""What is known of people in general before anything is known of one: where every personal calibration starts. Floor 1.

``fusion.toml`` and ``personal.npz`` beside the models hold it; ``python -m tools.measure_reliability`` and
``python -m tools.measure_population`` make them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.affect import reliability
from ertedge.affect.fusion_rules import Stacked
from ertedge.affect.personal_head import HeadPrior
from ertedge.affect.reliability import Reliabilities
from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS, FusionRuleName, Modality

FILE = "personal.npz"
HEAD_FIELDS = ("centre", "deviation", "projection", "means", "person", "manner", "within")

Float64Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Population:
    """``confusions`` of each modality (7, 7), rows the emotion felt, summing to one. ``rule`` pools two modalities of a
    person of whom nothing is known. ``heads`` has a modality only where its embedding was studied."""

    reliabilities: Reliabilities
    confusions: Mapping[Modality, Float64Array]
    rule: FusionRuleName
    stacked: Stacked
    heads: Mapping[Modality, HeadPrior]


def load(models: Path) -> Population:
    """Read what ``models`` holds of the population. Raises ConfigurationError when a file is missing or is none of
    ours."""
    path = models / FILE
    try:
        with np.load(path, allow_pickle=False) as stored:
            given = {name: np.asarray(stored[name]) for name in stored.files}
        return Population(
            reliabilities=reliability.load(models / "fusion.toml"),
            confusions={m: _confusion(given, m) for m in Modality},
            rule=FusionRuleName(str(given["rule"])),
            stacked=Stacked({m: float(given[f"{m}.slope"]) for m in Modality}, given["bias"].astype(np.float64)),
            heads={m: _head(given, m) for m in Modality if f"{m}.centre" in given},
        )
    except (OSError, KeyError, ValueError) as error:
        raise ConfigurationError([f"cannot be read: {error}; install ertedge again"], str(path)) from None


def save(path: Path, population: Population) -> None:
    """Write all of ``population`` but its reliabilities, which are in ``fusion.toml``."""
    arrays: dict[str, NDArray[np.generic]] = {
        "rule": np.array(str(population.rule)),
        "bias": population.stacked.bias,
    }
    for modality, confusion in population.confusions.items():
        arrays[f"{modality}.confusion"] = confusion
        arrays[f"{modality}.slope"] = np.array(population.stacked.slopes[modality])
    for modality, head in population.heads.items():
        arrays[f"{modality}.strength"] = np.array(head.strength)
        arrays |= {f"{modality}.{field}": getattr(head, field).astype(np.float32) for field in HEAD_FIELDS}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def _confusion(given: Mapping[str, NDArray[np.generic]], modality: Modality) -> Float64Array:
    matrix = given[f"{modality}.confusion"].astype(np.float64)
    if matrix.shape != (len(EMOTIONS), len(EMOTIONS)) or not np.allclose(matrix.sum(axis=1), 1.0):
        raise ValueError(f"the {modality}'s confusion is no 7 by 7 matrix of rows that sum to one")
    return matrix


def _head(given: Mapping[str, NDArray[np.generic]], modality: Modality) -> HeadPrior:
    fields = {name: given[f"{modality}.{name}"].astype(np.float64) for name in HEAD_FIELDS}
    if not all(np.isfinite(value).all() for value in fields.values()):
        raise ValueError(f"the {modality}'s head has numbers that are not finite")
    return HeadPrior(**fields, strength=float(given[f"{modality}.strength"]))
