"""How much face and voice can each be believed, per emotion. Floor 1.

A ``Reliabilities`` holds for each modality seven numbers in (0, 1], one an emotion: the F-measure of the modality for
that emotion when all emotions are equally frequent, estimated from a confusion matrix with the votes of human viewers
and listeners as its prior. The population's are measured by ``python -m tools.measure_reliability`` and ship as
``fusion.toml`` beside the models; a person's own replace them in ``Fusion.fuse``.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS, Float32Array, Modality

LEAST_RELIABILITY = 0.02
"""A modality that was never right about an emotion keeps this much, so that no weight is exactly zero."""


@dataclass(frozen=True, slots=True)
class Reliabilities:
    """``face`` and ``voice`` are (7,) float32 in the order of ``EMOTIONS``. ``independence`` in [0, 1] is how far the
    two count as separate witnesses when both speak (see ``fusion``)."""

    face: Float32Array
    voice: Float32Array
    independence: float

    def of(self, modality: Modality) -> Float32Array:
        """The seven reliabilities of ``modality``."""
        return self.face if modality is Modality.FACE else self.voice


def from_confusion(counts: NDArray[np.float64], prior: NDArray[np.float64], prior_count: float) -> Float32Array:
    """The F-measure per emotion, shape (7,), of a modality with a confusion matrix.

    ``counts`` and ``prior`` are (7, 7), rows the true emotion, columns the predicted one. Each row of ``prior`` that
    has any votes is scaled to ``prior_count`` pseudo-observations and added to that row of ``counts``; rows are then
    scaled to one, which makes the emotions equally frequent: F = 2 TP / (2 TP + FP + FN).

    Raises ``ValueError`` when a row has neither counts nor prior, since nothing is then known of that emotion.
    """
    votes = prior.sum(axis=1, keepdims=True)
    combined = counts + prior_count * np.divide(prior, votes, out=np.zeros_like(prior), where=votes > 0)
    totals = combined.sum(axis=1, keepdims=True)
    if np.any(totals == 0):
        silent = [str(EMOTIONS[i]) for i in np.flatnonzero(totals[:, 0] == 0)]
        raise ValueError(f"neither counts nor prior for {', '.join(silent)}")
    return of_matrix(combined / totals)


def of_matrix(rows: NDArray[np.float64]) -> Float32Array:
    """The F-measure per emotion, (classes,), of a confusion matrix (classes, classes) whose rows sum to one."""
    hits = np.diag(rows)
    # With rows that sum to one, TP + FN = 1 and TP + FP is the column's sum.
    f_measure: Float32Array = (2 * hits / (1.0 + rows.sum(axis=0))).astype(np.float32)
    return f_measure.clip(min=LEAST_RELIABILITY)


def load(path: Path) -> Reliabilities:
    """Read ``fusion.toml``. Raises ``ConfigurationError`` with every fault."""
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"cannot be read: {error}; install ertedge again"], str(path)) from None
    faults: list[str] = []
    values: dict[Modality, list[float]] = {modality: [] for modality in Modality}
    for modality in Modality:
        table = document.get(str(modality))
        for emotion in EMOTIONS:
            value = table.get(str(emotion)) if isinstance(table, dict) else None
            if isinstance(value, float) and 0.0 < value <= 1.0:
                values[modality].append(value)
            else:
                faults.append(f"{modality}.{emotion}: wants a number in (0, 1], got {value!r}")
    independence = document.get("independence")
    if not isinstance(independence, float) or not 0.0 <= independence <= 1.0:
        faults.append(f"independence: wants a number in [0, 1], got {independence!r}")
        raise ConfigurationError(faults, str(path))
    if faults:
        raise ConfigurationError(faults, str(path))
    face, voice = (np.array(values[modality], dtype=np.float32) for modality in (Modality.FACE, Modality.VOICE))
    return Reliabilities(face, voice, independence)
