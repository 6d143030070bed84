"""The Dandelion Optimizer of Zhao, Zhang, Ma and Chen 2022, as published: doi 10.1016/j.engappai.2022.105075. Host side.

A population of seeds rises with the wind, descends in Brownian motion and lands by a Lévy flight around the best seed
so far; then all are evaluated, and start again from where they landed. Each equation is a function below with its
number, and takes its random draws as arguments, so that it can be checked on paper. Kept as the baseline it is: it has
a bias to the origin (equations 10, 13 and 15 scale positions, not differences), which ``efficient.py`` does without.

The paper leaves room, and its ports differ from it and from one another. What is done here, and why:

- *Lévy flight.* Equation 16 multiplies by s = 0.01, and so does MEALPY; copies of the authors' MATLAB program leave the
  factor out, as PlatEMO does. Both are readings here: ``PAPER`` and ``AUTHORS_CODE``. With the factor the seeds never get
  far from the elite, and little is found (``python -m tools.dandelion bias``), so comparisons use ``AUTHORS_CODE``.
- *Wind.* Equation 7 is the lognormal **density** at a standard normal draw, 0 for a negative one. The authors' code takes
  the density at the draw's absolute value, anew for every coordinate; the Julia port takes the logarithm of the normal
  density, which is always negative. The density is used here, once for each seed (``PAPER``) or coordinate
  (``AUTHORS_CODE``).
- *Rain.* With equation 11 as restated everywhere, q grows from 1 to 2 and k does not come to 1 at the end. Copies of the
  authors' program come in both signs; with the other one q falls from 1 to 0 and k does (``AUTHORS_CODE``). MEALPY takes a
  third form, (1 - t/T)^2.
- *Descent.* Equation 13 holds the population's mean once and the seed's own **position** twice, outside and inside the
  bracket; the mean is that of the risen seeds.
- *Which draws are shared.* One alpha (equation 8) and one weather (equation 12) for all seeds of an iteration, as in the
  authors' code; an angle and a random target for each seed; Brownian and Lévy draws for each coordinate.
- *Which seed survives.* Every landed seed replaces its parent, better or worse, and only the best ever is remembered (as
  the elite). Ports with a greedy replacement have made another algorithm.
- *Bounds.* Clipped after each stage.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ertedge.errors import ConfigurationError
from tools.dandelion.landscapes import Float64Array

CLEAR_BELOW = 1.5
"""Equation 12: the sky is clear when a standard normal draw is below this (93% of iterations)."""
LEVY_INDEX = 1.5
"""Beta of equations 16 and 17."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How the places are read in which paper and published code differ (see the module)."""

    levy_scale: float
    wind_per_coordinate: bool
    rain_falls: bool


PAPER = Reading(levy_scale=0.01, wind_per_coordinate=False, rain_falls=False)
"""The equations as printed."""
AUTHORS_CODE = Reading(levy_scale=1.0, wind_per_coordinate=True, rain_falls=True)
"""The program that the authors published beside the paper."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found. ``position`` is (dimensions,); ``curve`` the best value after each iteration, the start first."""

    position: Float64Array
    value: float
    evaluations: int
    curve: Float64Array


def initial_seeds(draws: Float64Array, low: Float64Array, high: Float64Array) -> Float64Array:
    """Equations 1 and 2: seeds spread evenly over the box. ``draws`` are uniform in [0, 1), (seeds, dimensions)."""
    return draws * (high - low) + low


def wind_density(draws: Float64Array) -> Float64Array:
    """Equation 7: the density of the lognormal distribution (mu 0, sigma 1) at ``draws``; 0 where they are not positive."""
    positive = draws > 0.0
    y = np.where(positive, draws, 1.0)
    density = np.exp(-0.5 * np.log(y) ** 2) / (y * math.sqrt(2.0 * math.pi))
    return np.where(positive, density, 0.0)


def adaptive_alpha(draw: float, iteration: int, iterations: int) -> float:
    """Equation 8: a step length that falls from 1 to 0, times a uniform draw. Iterations count from 1."""
    return draw * (iteration**2 / iterations**2 - 2.0 * iteration / iterations + 1.0)


def lift(angles: Float64Array) -> tuple[Float64Array, Float64Array]:
    """Equation 9: both components of the spiral rise, for angles in [-pi, pi]."""
    radius = np.exp(-angles)
    return radius * np.cos(angles), radius * np.sin(angles)


def rise_clear(
    seeds: Float64Array, alpha: float, angles: Float64Array, wind: Float64Array, targets: Float64Array
) -> Float64Array:
    """Equation 5: towards random places of the box (equation 6: ``targets``), as far as spiral and wind carry.

    ``seeds`` and ``targets`` are (seeds, dimensions), ``angles`` (seeds, 1), ``wind`` (seeds, 1) or (seeds, dimensions).
    """
    along, across = lift(angles)
    return seeds + alpha * along * across * wind * (targets - seeds)


def rain_factor(draw: float, iteration: int, iterations: int, *, falls: bool) -> float:
    """Equation 11: k = 1 - draw * q, with q = 1 + ((t - 1) / (T - 1))^2 as printed, or 1 minus it where ``falls``."""
    progress = (iteration - 1) ** 2 / (iterations**2 - 2.0 * iterations + 1.0)
    return 1.0 - draw * (1.0 - progress if falls else 1.0 + progress)


def rise_rainy(seeds: Float64Array, factor: float) -> Float64Array:
    """Equation 10: every position times k, which is a step to the origin."""
    return seeds * factor


def descend(seeds: Float64Array, alpha: float, brownian: Float64Array) -> Float64Array:
    """Equation 13, with the population's mean of equation 14. ``brownian`` is standard normal, (seeds, dimensions)."""
    mean = seeds.mean(axis=0)
    return seeds - alpha * brownian * (mean - alpha * brownian * seeds)


def levy_sigma(index: float = LEVY_INDEX) -> float:
    """Equation 17: the spread of the numerator in Mantegna's recipe."""
    top = math.gamma(1.0 + index) * math.sin(math.pi * index / 2.0)
    bottom = math.gamma((1.0 + index) / 2.0) * index * 2.0 ** ((index - 1.0) / 2.0)
    return (top / bottom) ** (1.0 / index)


def levy_flight(numerator: Float64Array, denominator: Float64Array, scale: float) -> Float64Array:
    """Equation 16: heavy-tailed steps from two standard normal draws of the same shape."""
    return scale * levy_sigma() * numerator / np.abs(denominator) ** (1.0 / LEVY_INDEX)


def land(
    seeds: Float64Array, elite: Float64Array, alpha: float, flight: Float64Array, *, iteration: int, iterations: int
) -> Float64Array:
    """Equation 15, with delta of equation 18 (2t/T): around the elite, as far as the Lévy flight carries."""
    delta = 2.0 * iteration / iterations
    return elite + flight * alpha * (elite - seeds * delta)


class DandelionOptimizer:
    """The published algorithm over a box. ``low`` and ``high`` are (dimensions,).

    It spends ``seeds`` evaluations on the start and as many in each of ``iterations - 1`` iterations (the start counts as
    the first, as in the paper's budget). Raises ``ConfigurationError`` for fewer than 2 seeds or iterations.
    """

    def __init__(
        self,
        low: Float64Array,
        high: Float64Array,
        *,
        seeds: int = 30,
        iterations: int = 500,
        seed: int = 0,
        reading: Reading = PAPER,
    ) -> None:
        if seeds < 2 or iterations < 2:
            raise ConfigurationError([f"seeds and iterations must be at least 2, got {seeds} and {iterations}"])
        self._low, self._high = low, high
        self._count = seeds
        self._iterations = iterations
        self._reading = reading
        self._rng = np.random.default_rng(seed)

    def minimise(self, objective: Callable[[Float64Array], float]) -> Outcome:
        """Run all iterations on ``objective``, which takes one point, (dimensions,)."""
        seeds = initial_seeds(self._rng.random((self._count, len(self._low))), self._low, self._high)
        values = np.array([objective(seed) for seed in seeds])
        first = int(values.argmin())
        elite, best = seeds[first].copy(), float(values[first])
        curve = [best]
        for iteration in range(2, self._iterations + 1):
            seeds = self.step(seeds, elite, iteration)
            values = np.array([objective(seed) for seed in seeds])
            leader = int(values.argmin())
            if values[leader] < best:
                elite, best = seeds[leader].copy(), float(values[leader])
            curve.append(best)
        return Outcome(elite, best, self._count * self._iterations, np.array(curve))

    def step(self, seeds: Float64Array, elite: Float64Array, iteration: int) -> Float64Array:
        """Rise, descend and land: where the seeds of this iteration are evaluated, (seeds, dimensions)."""
        rng = self._rng
        alpha = adaptive_alpha(rng.random(), iteration, self._iterations)
        risen = self._rise(seeds, alpha, iteration)
        descended = self._inside(descend(risen, alpha, rng.standard_normal(seeds.shape)))
        flight = levy_flight(
            rng.standard_normal(seeds.shape), rng.standard_normal(seeds.shape), self._reading.levy_scale
        )
        return self._inside(land(descended, elite, alpha, flight, iteration=iteration, iterations=self._iterations))

    def _rise(self, seeds: Float64Array, alpha: float, iteration: int) -> Float64Array:
        """Equation 12: clear or rainy."""
        rng = self._rng
        if rng.standard_normal() >= CLEAR_BELOW:
            factor = rain_factor(rng.random(), iteration, self._iterations, falls=self._reading.rain_falls)
            return self._inside(rise_rainy(seeds, factor))
        angles = rng.uniform(-math.pi, math.pi, (len(seeds), 1))
        if self._reading.wind_per_coordinate:
            wind = wind_density(np.abs(rng.standard_normal(seeds.shape)))
        else:
            wind = wind_density(rng.standard_normal((len(seeds), 1)))
        targets = initial_seeds(rng.random(seeds.shape), self._low, self._high)
        return self._inside(rise_clear(seeds, alpha, angles, wind, targets))

    def _inside(self, seeds: Float64Array) -> Float64Array:
        return np.clip(seeds, self._low, self._high)
