"""Whether a face or a voice still looks to its model like the people on whom the model was measured. Floor 1; pure.

A camera that goes blurry, or a microphone at the wrong rate, makes a model neither fail nor always doubt: it goes on
to say something. So a few statistics of what it gave lately are held against those of people who were unseen by it,
each in another room. Any one person differs from the average one, and lastingly; what is tested is therefore not a
difference from the mean but from the *tolerance band*, in which nearly all people's own means lie, by cumulative sums
(Page 1954, "Continuous inspection schemes", Biometrika 41:100-115): a sum grows by how far a block of readings lies
outside of the band, shrinks by how far it lies inside, and is a sign from ``ALARM`` on. Who lies inside of the band is
thus hardly ever a false alarm, however long they stay.

The embedding counts as its distance to the population's centre within the main directions of people, and as what is left
outside of them (Hotelling's T^2 and the squared prediction error: Jackson and Mudholkar 1979, Technometrics 21:341-349).

Nothing is kept of a person but these sums: no picture, no sound, no embedding.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from ertedge.types import DriftSign, Prediction, Reason

Float64Array = NDArray[np.float64]

READING_NS = 900_000_000
"""Readings that follow more closely on one another tell the same again; only one of them counts."""
BLOCK_READINGS = 10
"""A sum takes a step with the mean of so many readings."""
SPOKEN_LEAST = 3
"""A block with fewer readings that were not refused says nothing but that."""
ALARM = 6.0
STEP_MOST = 3.0
"""No single block counts for more, either way: two at least must agree, and after two or three usual ones a sign is gone."""
CONFIDENCE_MOST = 0.995
LESSENED = 0.5
"""A drifted modality counts half in the fusion, and says why. It does not fall silent: the band leaves out a few
people whom the reference did not foresee, and for them silence would take away what may well be right, while alone it
is still the best there is."""


UNREADABLE = frozenset({Reason.TOO_DARK, Reason.OFF_POSE, Reason.LOW_QUALITY})
"""Reasons for which a face or a voice that is there is refused. A second person, or nobody, is no fault of a device."""


class Statistic(StrEnum):
    """What is watched of a reading. REFUSED: 1 where it was refused. CONFIDENCE: log odds of the leading emotion.
    QUALITY: as the modality gives it. DISTANCE and RESIDUE: of the embedding, logarithms, 0 for the average person."""

    REFUSED = "refused"
    CONFIDENCE = "confidence"
    QUALITY = "quality"
    DISTANCE = "distance"
    RESIDUE = "residue"


STATISTICS = tuple(Statistic)
"""Their order in every vector."""
REFUSED = STATISTICS.index(Statistic.REFUSED)
SIGN_OF = {
    Statistic.REFUSED: DriftSign.REFUSED,
    Statistic.CONFIDENCE: DriftSign.UNSURE,
    Statistic.QUALITY: DriftSign.UNSURE,
    Statistic.DISTANCE: DriftSign.UNLIKE,
    Statistic.RESIDUE: DriftSign.UNLIKE,
}
RISES = np.array([statistic not in (Statistic.CONFIDENCE, Statistic.QUALITY) for statistic in STATISTICS])
FALLS = np.array([statistic not in (Statistic.REFUSED, Statistic.RESIDUE) for statistic in STATISTICS])
"""In which directions a statistic is a sign. A person of whom the model is sure, or who is seen well, is no fault, nor
is one who differs from others in the usual ways alone; an embedding that sticks to the centre, whoever is there, may be
one."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The directions in which a modality's embeddings (d,) differ among people.

    ``centre`` and ``deviation`` (d,) standardise, ``components`` (k, d) are orthonormal, ``spread`` (k,) is the standard
    deviation along each, ``rest`` the mean square of what is left in the other directions.
    """

    centre: Float64Array
    deviation: Float64Array
    components: Float64Array
    spread: Float64Array
    rest: float

    def place(self, embedding: NDArray[np.floating]) -> tuple[float, float]:
        """Distance and residue of an embedding (d,): logarithms of mean squares, 0 for the average person."""
        about = (embedding - self.centre) / self.deviation
        along = self.components @ about
        left = float(about @ about - along @ along) / max(len(about) - len(along), 1)
        near = float(np.mean((along / self.spread) ** 2))
        return float(np.log(max(near, 1e-6))), float(np.log(max(left / self.rest, 1e-6)))


@dataclass(frozen=True, slots=True)
class Reference:
    """What is usual for one modality. ``sha256`` is the model file's that it was measured on. ``low`` and ``high``
    (5,) are the band of people's means in the order of ``STATISTICS``, ``step`` (5,) how far the blocks of one person
    scatter."""

    sha256: str
    shape: Shape
    low: Float64Array
    high: Float64Array
    step: Float64Array

    def measure(self, prediction: Prediction) -> Float64Array | None:
        """(5,) statistics of a reading, not a number where it was refused and has none; None for one that says nothing of
        the device: nobody was there, or two people, or the modality is closed."""
        if prediction.probabilities is None:
            if not prediction.reasons or not UNREADABLE.issuperset(prediction.reasons):
                return None
            return np.array([1.0, *([np.nan] * (len(STATISTICS) - 1))])
        if prediction.embedding is None:
            return None
        leading = min(float(prediction.probabilities.max()), CONFIDENCE_MOST)
        distance, residue = self.shape.place(prediction.embedding.astype(np.float64))
        return np.array([0.0, np.log(leading / (1.0 - leading)), prediction.quality, distance, residue])


class DriftMonitor:
    """Follows one modality. Readings are given in the order of time; of them only sums are kept."""

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self.begin()

    def begin(self) -> None:
        """Forget all: the device, or who is before it, is another now."""
        self.blocks = 0
        self.signs: tuple[DriftSign, ...] = ()
        self._high = np.zeros(len(STATISTICS))
        self._low = np.zeros(len(STATISTICS))
        self._newest_ns: int | None = None
        self._begin_block()

    def take(self, prediction: Prediction) -> bool:
        """Count a reading. Whether the signs are others than before."""
        newest_ns = self._newest_ns
        if newest_ns is not None and 0 <= prediction.timestamp_ns - newest_ns < READING_NS:
            return False
        measured = self._reference.measure(prediction)
        if measured is None:
            return False
        self._newest_ns = prediction.timestamp_ns
        return self.count(measured)

    def count(self, measured: Float64Array) -> bool:
        """Count what was measured of a reading, (5,). Whether the signs are others than before."""
        spoke = ~np.isnan(measured)
        self._sums[spoke] += measured[spoke]
        self._counts += spoke
        if self._counts[REFUSED] < BLOCK_READINGS:
            return False
        self._end_block()
        before, self.signs = self.signs, self._signs()
        return self.signs != before

    def _begin_block(self) -> None:
        self._sums = np.zeros(len(STATISTICS))
        self._counts = np.zeros(len(STATISTICS), np.int64)

    def _end_block(self) -> None:
        reference, heard = self._reference, self._counts >= SPOKEN_LEAST
        means = self._sums / np.maximum(self._counts, 1)
        for sums, outside, watched in (
            (self._high, means - reference.high, RISES),
            (self._low, reference.low - means, FALLS),
        ):
            steps = np.clip(outside / reference.step, -STEP_MOST, STEP_MOST)
            sums[:] = np.clip(sums + np.where(watched & heard, steps, 0.0), 0.0, ALARM)
        self.blocks += 1
        self._begin_block()

    def _signs(self) -> tuple[DriftSign, ...]:
        """A sign comes when its sum reaches ``ALARM`` and goes when it is back at zero."""
        sums = np.maximum(self._high, self._low)
        found = {sign for sign, total in zip(SIGN_OF.values(), sums, strict=True) if total >= ALARM}
        staying = {sign for sign, total in zip(SIGN_OF.values(), sums, strict=True) if sign in self.signs and total > 0}
        return tuple(sign for sign in DriftSign if sign in found | staying)
