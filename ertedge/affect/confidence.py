"""How sure a state may say it is, and how sure it must be to be shown, by which modalities carried it. Floor 1; pure.

Predictions are calibrated one by one; a state is many of them, fused and averaged over time, which is another thing. So the
smoothed probabilities p of a state are tempered once more, ``p_i^(1/T) / sum_j p_j^(1/T)`` (temperature scaling, Guo et al.
2017, "On calibration of modern neural networks", applied to log p), which changes neither their order nor their leader; and
a state whose confidence stays under ``least`` is unknown. Both numbers are measured for face alone, voice alone and the two
together by ``python -m tools.fit_confidence``, which writes ``confidence.toml`` beside the models; see ``fusion.md``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from ertedge.errors import ConfigurationError
from ertedge.types import Estimate, Float32Array, Modality

LEAST_TEMPERATURE, MOST_TEMPERATURE = 0.25, 4.0
"""A state that needed more than this would be wrong for another reason."""
SMALLEST_PROBABILITY = 1e-6


class Carrier(StrEnum):
    """Which modalities a state rests on."""

    FACE = "face"
    VOICE = "voice"
    FUSED = "fused"


@dataclass(frozen=True, slots=True)
class Confidence:
    """What was measured of the states of one carrier: their ``temperature``, and the ``least`` confidence, after it, of a
    state that is shown."""

    temperature: float
    least: float

    def tempered(self, probabilities: Float32Array) -> Float32Array:
        """Probabilities (..., classes) -> the same, more or less sure of themselves; they sum to one."""
        logarithms = np.log(np.maximum(probabilities.astype(np.float64), SMALLEST_PROBABILITY)) / self.temperature
        exponentials = np.exp(logarithms - logarithms.max(axis=-1, keepdims=True))
        tempered: Float32Array = (exponentials / exponentials.sum(axis=-1, keepdims=True)).astype(np.float32)
        return tempered


@dataclass(frozen=True, slots=True)
class ConfidenceScale:
    """A ``Confidence`` for each carrier."""

    face: Confidence
    voice: Confidence
    fused: Confidence

    def of(self, carrier: Carrier) -> Confidence:
        """What was measured of the states of ``carrier``."""
        return {Carrier.FACE: self.face, Carrier.VOICE: self.voice, Carrier.FUSED: self.fused}[carrier]


AS_IT_COMES = ConfidenceScale(*(Confidence(1.0, 0.4) for _ in Carrier))
"""For where nothing was measured: confidence as it comes, and two fifths of it at least."""


def carrier_of(estimate: Estimate) -> Carrier:
    """Which modalities had a weight in an estimate that says something; one without shares counts as fused."""
    return carrier_among([share.modality for share in estimate.shares if share.weight > 0])


def carrier_among(speaking: Collection[Modality]) -> Carrier:
    """The carrier where these modalities speak."""
    if len(speaking) != 1:
        return Carrier.FUSED
    return Carrier.FACE if Modality.FACE in speaking else Carrier.VOICE


def load(path: Path) -> ConfidenceScale:
    """Read ``confidence.toml``. Raises ``ConfigurationError`` with every fault."""
    try:
        with path.open("rb") as file:
            document = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"cannot be read: {error}; install ertedge again"], str(path)) from None
    faults: list[str] = []
    found: list[Confidence] = []
    for carrier in Carrier:
        table = document.get(str(carrier))
        values = table if isinstance(table, dict) else {}
        temperature, least = values.get("temperature"), values.get("least")
        if not (isinstance(temperature, float) and LEAST_TEMPERATURE <= temperature <= MOST_TEMPERATURE):
            wants = f"a number in [{LEAST_TEMPERATURE:g}, {MOST_TEMPERATURE:g}]"
            faults.append(f"{carrier}.temperature: wants {wants}, got {temperature!r}")
        elif not (isinstance(least, float) and 0.0 <= least < 1.0):
            faults.append(f"{carrier}.least: wants a number in [0, 1), got {least!r}")
        else:
            found.append(Confidence(temperature, least))
    if faults:
        raise ConfigurationError(faults, str(path))
    return ConfidenceScale(*found)
