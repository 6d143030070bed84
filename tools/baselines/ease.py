"""EASE: a linear autoencoder without self-similarity, in closed form (Steck 2019, doi 10.1145/3308558.3313710). Host
side only.

With G = X'X and P = (G + lambda I)^-1, the weights that minimise |X - XB|^2 + lambda |B|^2 under diag(B) = 0 are
B_ij = -P_ij / P_jj off the diagonal (equation 8).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tools.baselines.matrix import HeldOut

Array = NDArray[np.float64]

PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 200.0, 400.0, 800.0, 1600.0)


class EaseRanker:
    """See the module."""

    name = "EASE"

    def __init__(self) -> None:
        self.choices = ""
        self._weights: Array = np.zeros((0, 0))

    def fit(self, matrix: sparse.csr_matrix, validation: HeldOut) -> None:
        """Choose the penalty on the validation people."""
        best = -1.0
        for penalty in PENALTIES:
            weights = ease_weights(matrix, penalty)
            quality = validation.ndcg(np.asarray(validation.shown @ weights))
            if quality > best:
                best, self._weights, self.choices = quality, weights, f"penalty {penalty:g}"

    def scores(self, shown: sparse.csr_matrix) -> Array:
        """What the linear model reconstructs."""
        return np.asarray(shown @ self._weights)


def ease_weights(matrix: sparse.csr_matrix, penalty: float) -> Array:
    """(items, items) weights B, the diagonal zero."""
    gram = np.asarray((matrix.T @ matrix).toarray(), dtype=np.float64)
    inverse = np.linalg.inv(gram + penalty * np.eye(len(gram)))
    weights = -inverse / np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights)
