"""What rankers of a matrix of people and items have in common. Host side only.

A row is a person, a column an item, an entry above zero that the item was good for them. A ranker is fitted to some
people and then scores the items for others, of whom it is shown some entries (fold-in), as on a device that trains
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tools.evaluation.ranking import ndcg_at

Array = NDArray[np.float64]


class MatrixRanker(Protocol):
    """Fitted once, then asked. ``choices`` names the hyper-parameters that were chosen, for the table's notes."""

    name: str
    choices: str

    def fit(self, matrix: sparse.csr_matrix, validation: HeldOut) -> None:
        """Learn from ``matrix`` (people, items); hyper-parameters are chosen on the validation people."""

    def scores(self, shown: sparse.csr_matrix) -> Array:
        """(people, items) scores for people of whom ``shown`` (people, items) is known."""


@dataclass(frozen=True, slots=True)
class HeldOut:
    """People not trained on: what is shown of them, and what is held out to be found, both (people, items)."""

    shown: sparse.csr_matrix
    hidden: sparse.csr_matrix

    def ndcg(self, scores: Array, k: int = 100) -> float:
        """Mean nDCG at ``k`` of ``scores`` (people, items) over what was not shown."""
        masked = without_shown(scores, self.shown)
        return float(np.nanmean(ndcg_at(masked, (self.hidden.toarray() > 0).astype(np.float64), k)))


def without_shown(scores: Array, shown: sparse.csr_matrix) -> Array:
    """``scores`` with what was shown put last: the task is to find what is not known yet."""
    masked = np.array(scores, dtype=np.float64)
    masked[shown.toarray() > 0] = -np.inf
    return masked


class PopularityRanker:
    """The items that are good for most people."""

    name = "popularity"
    choices = ""

    def fit(self, matrix: sparse.csr_matrix, validation: HeldOut) -> None:  # noqa: ARG002  nothing to choose
        """Count."""
        self._counts = np.asarray((matrix > 0).sum(axis=0), dtype=np.float64).ravel()

    def scores(self, shown: sparse.csr_matrix) -> Array:
        """The same for everybody."""
        return np.tile(self._counts, (shown.shape[0], 1))
