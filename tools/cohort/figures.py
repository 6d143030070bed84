"""The fitted figures that the simulators stand on, kept beside them as ``figures.toml``: figures, not data. Host side only.

``python -m tools.cohort fit --root DATA --out tools/cohort/figures.toml`` writes it; each table names what it was fitted
to and its 95% intervals. With it the simulators run on a machine that has no research data.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from tools.cohort.fit import Dynamics, Fit
from tools.data.mpath_esm import SLIDERS

Array = NDArray[np.float64]

FIGURES = Path(__file__).with_name("figures.toml")
SEVERITY_LEVELS = tuple(round(0.02 * i, 2) for i in range(51))
"""Shares of people at which the distribution of the anxiety score is kept."""


@dataclass(frozen=True, slots=True)
class Figures:
    """``dynamics`` as fitted to experience sampling; ``severity`` (51,) the quantiles of the DASS-21 anxiety score at
    ``SEVERITY_LEVELS``."""

    dynamics: Dynamics
    severity: Array


def load_figures(path: Path = FIGURES) -> Figures:
    """The figures of a file. Raises ``ConfigurationError`` when it is missing or not of this layout."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        table = document["dynamics"]
        dynamics = Dynamics(*(np.array(table[field.name], dtype=np.float64) for field in fields(Dynamics)))
        severity = np.array(document["severity"]["quantiles"], dtype=np.float64)
        if dynamics.transition.shape != (len(SLIDERS), len(SLIDERS)) or severity.shape != (len(SEVERITY_LEVELS),):
            raise ValueError("a matrix or the quantiles have another size")
        return Figures(dynamics, severity)
    except (OSError, KeyError, ValueError, TypeError) as error:
        what = f"cannot be read ({error!r}); write it with python -m tools.cohort fit --root DATA --out {path}"
        raise ConfigurationError([what], str(path)) from None


def severity_quantiles(scores: Array) -> Array:
    """The quantiles of scores at ``SEVERITY_LEVELS``."""
    return np.quantile(scores, SEVERITY_LEVELS)


def write_figures(path: Path, found: Fit, scores: Array) -> None:
    """Write a fit and the distribution of anxiety scores. Raises ``ConfigurationError`` when that fails."""
    import tomlkit

    document = tomlkit.document()
    document.add(
        tomlkit.comment("Written by python -m tools.cohort fit; figures, not data. NAME_low and NAME_high end the")
    )
    document.add(
        tomlkit.comment("95% interval of NAME, from a bootstrap over people. See Dynamics in fit.py for the units.")
    )
    table = tomlkit.table()
    table["source"] = (
        f"fitted to mpath_esm/beeps.csv (example data of the R package mpathr): {found.people} people, "
        f"{found.answers} answered beeps, {found.pairs} pairs of neighbours"
    )
    table["sliders"] = list(SLIDERS)
    for field in fields(Dynamics):
        value = getattr(found.value, field.name)
        table[field.name] = _rounded(value)
        if value.ndim == 1:
            table[f"{field.name}_low"] = _rounded(getattr(found.low, field.name))
            table[f"{field.name}_high"] = _rounded(getattr(found.high, field.name))
    document["dynamics"] = table
    severity = tomlkit.table()
    severity["source"] = (
        f"dass/dass42_anxiety_items.csv.gz: {len(scores)} people who answered the DASS-42 on the internet; the six items "
        "that the DASS-21 anxiety scale shares with it, prorated to seven"
    )
    severity["levels"] = list(SEVERITY_LEVELS)
    severity["quantiles"] = _rounded(severity_quantiles(scores))
    document["severity"] = severity
    try:
        path.write_text(tomlkit.dumps(document), encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be written: {error}"], str(path)) from None


def _rounded(values: Array) -> list[object]:
    digits = 1 if np.abs(values).max() >= 100 else 3
    return np.round(values, digits).tolist()
