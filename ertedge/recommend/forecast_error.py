"""How far the network's forecast is from what would truly help, beyond what a person's posterior knows. Floor 1; imports
only words.

The network reads the history, so it has learnt of a person already what it foretells, and what its surprises have in common
is little. The posterior lives on what they have in common; its variance is small, and is not how far the forecast is off.
The rest of the error does not show as a pattern in ratings: it lies in them together with their noise, one rating cannot
tell the two apart, and so it needs a variance of its own. It shrinks as a power of how much the person has rated,

    v (1 + n_activity)^-p (1 + n_family)^-q (1 + n_all)^-r,

``v`` being larger for an activity that the network does not know. ``tools/recommender/error.py`` fits it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ForecastError:
    """``known`` and ``unknown``: the variance for a person who has rated nothing, of an activity that the network knows and
    of one that it does not. ``powers`` (3,): p, q and r."""

    known: float
    unknown: float
    powers: Float64Array

    def variance(self, log_ratings: Float64Array, is_known: BoolArray) -> Float64Array:
        """(A,), with ``log_ratings`` (A, 3) from ``encoding.log_ratings`` and ``is_known`` (A,)."""
        first = np.where(is_known, self.known, self.unknown)
        return np.asarray(first * np.exp(-log_ratings @ self.powers), dtype=np.float64)
