"""ItemKNN: items like those that were good for the person, by cosine with shrinkage. Host side only.

Similarity of items i and j over people: x_i . x_j / (|x_i| |x_j| + shrinkage), the ``neighbours`` most similar of each
item kept (Sarwar et al. 2001, doi 10.1145/371920.372071; shrinkage as in Dacrema et al. 2019, doi
10.1145/3298689.3347058, whose point is that this, tuned, is hard to beat).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tools.baselines.matrix import HeldOut

Array = NDArray[np.float64]

NEIGHBOURS = (5, 20, 50, 100, 200, 400)
SHRINKAGES = (0.0, 10.0, 50.0, 200.0)


class ItemKnnRanker:
    """See the module."""

    name = "ItemKNN"

    def __init__(self) -> None:
        self.choices = ""
        self._weights: Array = np.zeros((0, 0))

    def fit(self, matrix: sparse.csr_matrix, validation: HeldOut) -> None:
        """Choose neighbours and shrinkage on the validation people."""
        best = -1.0
        for shrinkage in SHRINKAGES:
            similarity = cosine(matrix, shrinkage)
            for neighbours in sorted({min(n, matrix.shape[1] - 1) for n in NEIGHBOURS}):
                weights = nearest(similarity, neighbours)
                quality = validation.ndcg(np.asarray(validation.shown @ weights))
                if quality > best:
                    best, self._weights = quality, weights
                    self.choices = f"{neighbours} neighbours, shrinkage {shrinkage:g}"

    def scores(self, shown: sparse.csr_matrix) -> Array:
        """The summed similarity to what was shown."""
        return np.asarray(shown @ self._weights)


def cosine(matrix: sparse.csr_matrix, shrinkage: float) -> Array:
    """(items, items) similarity with a zero diagonal."""
    products = np.asarray((matrix.T @ matrix).toarray(), dtype=np.float64)
    norms = np.sqrt(np.diag(products))
    similarity = products / np.maximum(np.outer(norms, norms) + shrinkage, 1e-12)
    np.fill_diagonal(similarity, 0.0)
    return np.asarray(similarity)


def nearest(similarity: Array, neighbours: int) -> Array:
    """(items, items): of each column only its ``neighbours`` largest entries."""
    if neighbours >= len(similarity):
        return similarity
    least = -np.sort(-similarity, axis=0)[neighbours - 1]
    return np.where(similarity >= least, similarity, 0.0)
