"""A map of the ground from every seed that has landed: a quadratic model of the objective. Host side only.

Seeds are released in plenty and screened on the map, so that only those likely to land well are evaluated; and the map's
lowest point within reach is where the landing stage goes. The model is a weighted least squares fit in the whitened
coordinates of ``distribution.py``, of as many terms as there are evaluations to carry them: round (a slope and one
curvature), axis by axis, then all products (as in lq-CMA-ES, Hansen 2019, doi 10.1145/3321707.3321842). How far it is
trusted is measured, never assumed: the rank correlation (Kendall's tau) between what it foretold and what was found.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from tools.dandelion.distribution import Distribution
from tools.dandelion.landscapes import Float64Array

Kind = Literal["round", "axes", "full"]

POINTS_PER_TERM = 1.2
"""Evaluations that a term needs before a model with so many terms is fitted."""
USED_PER_TERM = 1.4
"""Evaluations a term that are used, the best ones."""
TERMS_MOST = 700
"""No model has more terms, since a fit takes their cube in time (all products up to 35 coordinates)."""
RIDGE = 1e-9
TRUST_MEMORY = 0.3
TRUST_LEAST = 0.1
"""Below this rank correlation nothing is screened."""
REACH = 6.0
"""How far from the centre the lowest point is looked for, in standard deviations."""


@dataclass(slots=True)
class Terrain:
    """A fitted map. ``frame`` is the distribution (centre, axes, lengths, width) in whose units it was fitted."""

    kind: Kind
    coefficients: Float64Array
    frame: Distribution

    def heights(self, points: Float64Array) -> Float64Array:
        """The foretold values at points given as rows, up to a constant and a positive factor."""
        return _terms(self.frame.whiten(points), self.kind) @ self.coefficients

    def lowest(self) -> Float64Array:
        """The map's lowest point within reach of the frame's centre, (dimensions,), inside the box."""
        size = len(self.frame.centre)
        slope = self.coefficients[1 : size + 1]
        units = lowest_within(slope, _curvature(self.coefficients, size, self.kind), REACH)
        return np.clip(self.frame.unwhiten(units), 0.0, 1.0)


def choose_kind(evaluations: int, dimensions: int) -> Kind | None:
    """The richest model that so many evaluations carry; None where not even a round one is carried."""
    terms: tuple[tuple[Kind, int], ...] = (
        ("full", (dimensions + 1) * (dimensions + 2) // 2),
        ("axes", 2 * dimensions + 1),
        ("round", dimensions + 2),
    )
    for kind, count in terms:
        if count <= TERMS_MOST and evaluations >= POINTS_PER_TERM * count:
            return kind
    return None


def fit(points: Float64Array, values: Float64Array, frame: Distribution) -> Terrain | None:
    """The map through the best of the points, (n, dimensions), better points weighing more; None where there are too few
    or they lie too oddly. Values that are not finite are left out."""
    finite = np.isfinite(values)
    points, values = points[finite], values[finite]
    kind = choose_kind(len(values), points.shape[1])
    if kind is None:
        return None
    size = points.shape[1]
    count = {"round": size + 2, "axes": 2 * size + 1, "full": (size + 1) * (size + 2) // 2}[kind]
    best = np.argsort(values, kind="stable")[: max(math.ceil(USED_PER_TERM * count), 2)]
    heights = values[best] - values[best[0]]
    middle = float(np.median(heights))
    if not middle > 0.0:
        return None
    weights = np.sqrt(np.linspace(20.0, 1.0, len(best)))
    terms = _terms(frame.whiten(points[best]), kind) * weights[:, None]
    scale = np.sqrt(np.square(terms).sum(axis=0))
    if not np.isfinite(scale).all() or (scale == 0.0).any():
        return None
    terms /= scale
    gram = terms.T @ terms
    gram[np.diag_indices(len(gram))] += RIDGE
    try:
        solved = cho_solve(cho_factor(gram), terms.T @ (heights / middle * weights))
    except LinAlgError:
        return None
    coefficients = solved / scale
    return Terrain(kind, coefficients, frame) if np.isfinite(coefficients).all() else None


def _terms(units: Float64Array, kind: Kind) -> Float64Array:
    """The model's terms as columns: constant, slopes, squares, products."""
    ones = np.ones((len(units), 1))
    if kind == "round":
        return np.hstack([ones, units, np.square(units).sum(axis=1, keepdims=True)])
    columns = [ones, units, np.square(units)]
    if kind == "full":
        first, second = np.triu_indices(units.shape[1], 1)
        columns.append(units[:, first] * units[:, second])
    return np.hstack(columns)


def _curvature(coefficients: Float64Array, size: int, kind: Kind) -> Float64Array:
    """The second derivatives, (size, size)."""
    if kind == "round":
        return 2.0 * float(coefficients[-1]) * np.eye(size)
    matrix = np.diag(2.0 * coefficients[size + 1 : 2 * size + 1])
    if kind == "full":
        first, second = np.triu_indices(size, 1)
        matrix[first, second] = matrix[second, first] = coefficients[2 * size + 1 :]
    return matrix


def lowest_within(slope: Float64Array, curvature: Float64Array, radius: float) -> Float64Array:
    """The minimiser of ``slope @ u + u @ curvature @ u / 2`` within ``|u| <= radius`` (More and Sorensen 1983)."""
    bends, axes = np.linalg.eigh(curvature)
    along = axes.T @ slope

    def reached(lift: float) -> Float64Array:
        return -along / (bends + lift)

    size = float(np.abs(bends).max())
    if bends[0] > 1e-10 * size:
        free = reached(0.0)
        if np.linalg.norm(free) <= radius:
            return axes @ free
    low = max(0.0, -float(bends[0])) + 1e-12 * max(size, 1e-300)
    high = low + float(np.linalg.norm(along)) / radius + size
    for _ in range(60):
        middle = (low + high) / 2.0
        if np.linalg.norm(reached(middle)) > radius:
            low = middle
        else:
            high = middle
    return axes @ reached(high)


def rank_agreement(foretold: Float64Array, found: Float64Array) -> float:
    """Kendall's tau: the share of pairs in the same order less the share in the opposite one."""
    count = len(found)
    if count < 2:
        return 0.0
    with np.errstate(invalid="ignore"):
        # inf - inf: two failures are a tie.
        difference = np.nan_to_num(found[:, None] - found, nan=0.0)
    pairs = np.sign(foretold[:, None] - foretold) * np.sign(difference)
    return float(pairs.sum() / (count * (count - 1)))
