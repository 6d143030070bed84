"""A multinomial logistic model that starts from the population's coefficients and follows one person's labels. Floor 1;
pure.

Maximum a posteriori: coefficients W (classes, r) and bias are normal about the population's W0 with variance ``1 /
ridge``. With n labels the change from W0 lies in the span of their features, ``W - W0 = A' Z / ridge``, so that n times
classes numbers A are sought however many features there are (the representer theorem: Schölkopf, Herbrich & Smola 2001,
COLT). They are found by Böhning's bound, whose curvature does not change from step to step: one eigendecomposition of
an n by n matrix serves all (Böhning 1992, "Multinomial logistic regression algorithm", Ann. Inst. Stat. Math.
44:197-200). The bound makes every step an improvement.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]

STEPS_MOST = 60
CONVERGED = 2e-4
"""Of the dual numbers, which are between -weight and weight: nothing that follows from it shows."""
LEAST_ROOT = 1e-9


@dataclass(frozen=True, slots=True)
class Logistic:
    """``logits = z @ weights.T + bias``: ``weights`` (classes, r), ``bias`` (classes,)."""

    weights: Float64Array
    bias: Float64Array

    def logits(self, features: Float64Array) -> Float64Array:
        """(n, r) -> (n, classes)."""
        found: Float64Array = features @ self.weights.T + self.bias
        return found


def follow(
    start: Logistic, features: Float64Array, felt: NDArray[np.int64], weights: Float64Array, ridge: float
) -> Logistic:
    """The model of the labels ``felt`` (n,) of moments with ``features`` (n, r), which count ``weights`` (n,) each;
    ``start`` is the population's."""
    return follow_each(start, features[None], felt, weights[None], ridge)[0]


def follow_each(
    start: Logistic, features: Float64Array, felt: NDArray[np.int64], weights: Float64Array, ridge: float
) -> list[Logistic]:
    """m models of the same n labels, each with ``features`` (m, n, r) and ``weights`` (m, n) of its own: a label that
    weighs nothing is left out. All are found side by side."""
    if len(felt) == 0:
        return [start] * len(weights)
    likeness = (features @ np.swapaxes(features, 1, 2) + 1.0) / ridge
    root = np.maximum(np.sqrt(weights), LEAST_ROOT)[..., None]
    values, vectors = np.linalg.eigh(root * likeness * np.swapaxes(root, 1, 2))
    # (I + D K / 2) ** -1, D the weights, through the symmetric D^1/2 K D^1/2; a half bounds the curvature.
    step = root * ((vectors / (1.0 + 0.5 * np.maximum(values, 0.0))[:, None, :]) @ np.swapaxes(vectors, 1, 2))
    before = features @ start.weights.T + start.bias
    target = np.eye(len(start.bias))[felt]
    dual = np.zeros_like(before)
    for _ in range(STEPS_MOST):
        logits = before + likeness @ dual
        p = np.exp(logits - logits.max(axis=2, keepdims=True))
        p /= p.sum(axis=2, keepdims=True)
        slope = weights[..., None] * (target - p) - dual
        change = step @ (slope / root)
        dual += change
        if float(np.abs(change).max()) < CONVERGED:
            break
    moved = np.swapaxes(dual, 1, 2) @ features / ridge
    biases = start.bias + dual.sum(axis=1) / ridge
    return [Logistic(start.weights + one, bias) for one, bias in zip(moved, biases, strict=True)]
