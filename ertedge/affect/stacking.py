"""Fits the stacked fusion rule to labelled moments, from the population's coefficients. Floor 1; pure.

Maximum a posteriori: a multinomial logistic model whose coefficients, one slope a modality and one bias a class, are
drawn to the population's by independent normal priors. The log-posterior is concave in these few coefficients, and
Newton's method with step halving reaches its top in a handful of steps (Bishop 2006, "Pattern Recognition and Machine
Learning", section 4.3.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.fusion_rules import SMALLEST_PROBABILITY, Stacked
from ertedge.types import Modality

SLOPE_DEVIATION = 0.5
BIAS_DEVIATION = 0.5
NEWTON_STEPS = 25
CONVERGED = 1e-8

Float64Array = NDArray[np.float64]


def fit_stacked(
    said: Mapping[Modality, Float64Array],
    felt: NDArray[np.int64],
    weights: Float64Array,
    start: Stacked,
    deviations: tuple[float, float] = (SLOPE_DEVIATION, BIAS_DEVIATION),
) -> Stacked:
    """The stacked rule of the labels ``felt`` (n,), given what each modality ``said``, (n, classes) probabilities.

    ``weights`` (n,) are what each label counts. ``start`` is the population's rule, which few labels hardly move;
    ``deviations`` are the prior's for the slopes and for the biases.
    """
    modalities = tuple(said)
    logs = np.stack([np.log(np.maximum(said[m], SMALLEST_PROBABILITY)) for m in modalities], axis=-1)  # (n, C, M)
    classes = logs.shape[1]
    design = np.concatenate([logs, np.broadcast_to(np.eye(classes), (len(felt), classes, classes))], axis=-1)
    centre = np.concatenate([[start.slopes[m] for m in modalities], start.bias])
    precision = np.repeat([deviations[0] ** -2.0, deviations[1] ** -2.0], [len(modalities), classes])
    theta = _Posterior(design, felt, weights, centre, precision).mode()
    slopes = {m: float(theta[i]) for i, m in enumerate(modalities)}
    return Stacked(slopes, theta[len(modalities) :])


@dataclass(frozen=True, slots=True)
class _Posterior:
    """Labels ``felt`` (n,) that count ``weights`` (n,), of logits ``design`` (n, classes, d) times coefficients (d,)
    that are normal about ``centre`` (d,) with ``precision`` (d,)."""

    design: Float64Array
    felt: NDArray[np.int64]
    weights: Float64Array
    centre: Float64Array
    precision: Float64Array

    def mode(self) -> Float64Array:
        """The likeliest coefficients."""
        theta = self.centre
        value = self._loss(theta)
        for _ in range(NEWTON_STEPS):
            step = self._newton_step(theta)
            size = 1.0
            while size > 1e-4 and self._loss(theta - size * step) > value:
                size /= 2.0
            theta = theta - size * step
            before, value = value, self._loss(theta)
            if before - value < CONVERGED:
                break
        return theta

    def _loss(self, theta: Float64Array) -> float:
        """The negative log-posterior but for a constant."""
        logits = self.design @ theta
        largest = logits.max(axis=1)
        log_sum = largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))
        misfit = float((self.weights * (log_sum - logits[np.arange(len(self.felt)), self.felt])).sum())
        return misfit + 0.5 * float((self.precision * (theta - self.centre) ** 2).sum())

    def _newton_step(self, theta: Float64Array) -> Float64Array:
        logits = self.design @ theta
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        expected = np.einsum("nc,ncd->nd", p, self.design)
        given = self.design[np.arange(len(self.felt)), self.felt]
        gradient = self.weights @ (expected - given) + self.precision * (theta - self.centre)
        second = np.einsum("n,nc,ncd,nce->de", self.weights, p, self.design, self.design, optimize=True)
        hessian = second - np.einsum("n,nd,ne->de", self.weights, expected, expected) + np.diag(self.precision)
        step: Float64Array = np.linalg.solve(hessian, gradient)
        return step
