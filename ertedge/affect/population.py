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
from ertedge.affect.personal_logistic import Logistic
from ertedge.affect.reliability import Reliabilities
from ertedge.affect.two_level_normal import Manners
from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS, FusionRuleName, Modality

FILE = "personal.npz"
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
        arrays |= {f"{modality}.{name}": value for name, value in _arrays_of(head).items()}
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]


def _confusion(given: Mapping[str, NDArray[np.generic]], modality: Modality) -> Float64Array:
    matrix = given[f"{modality}.confusion"].astype(np.float64)
    if matrix.shape != (len(EMOTIONS), len(EMOTIONS)) or not np.allclose(matrix.sum(axis=1), 1.0):
        raise ValueError(f"the {modality}'s confusion is no 7 by 7 matrix of rows that sum to one")
    return matrix


def _arrays_of(head: HeadPrior) -> dict[str, NDArray[np.generic]]:
    large = {
        "centre": head.centre,
        "deviation": head.deviation,
        "projection": head.projection,
        "means": head.manners.means,
        "person": head.manners.person,
        "manner": head.manners.manner,
        "within": head.manners.within,
        "anybody.weights": head.anybody.weights,
        "anybody.bias": head.anybody.bias,
        "known.weights": head.known.weights,
        "known.bias": head.known.bias,
        "lessons": head.lessons,
    }
    scalars = np.array([head.ridge, head.label_weight, head.density_share, head.logistic_share])
    return {"scalars": scalars, **{name: value.astype(np.float32) for name, value in large.items()}}


def _head(given: Mapping[str, NDArray[np.generic]], modality: Modality) -> HeadPrior:
    def array(name: str) -> Float64Array:
        value = given[f"{modality}.{name}"].astype(np.float64)
        if not np.isfinite(value).all():
            raise ValueError(f"the {modality}'s {name} has numbers that are not finite")
        return value

    ridge, label_weight, density_share, logistic_share = (float(value) for value in array("scalars"))
    return HeadPrior(
        centre=array("centre"),
        deviation=array("deviation"),
        projection=array("projection"),
        manners=Manners(array("means"), array("person"), array("manner"), array("within")),
        anybody=Logistic(array("anybody.weights"), array("anybody.bias")),
        known=Logistic(array("known.weights"), array("known.bias")),
        ridge=ridge,
        label_weight=label_weight,
        density_share=density_share,
        logistic_share=logistic_share,
        lessons=array("lessons"),
    )
