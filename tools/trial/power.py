"""Power of the primary analysis by simulation, over sizes of the effect and of the trial. Host side only.

This is the fast, analytic model and has nothing of the device in it: baseline and post scores are normal with a correlation,
strata are halves of the baseline, the allocation is balanced within them, some are lost at random, and the difference
between the groups is the effect in standard deviations. Each trial is analysed as the primary analysis does, of those seen.
Every figure comes with its Monte Carlo error, sqrt(p (1 - p) / trials). Under no effect it is the level: a test says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.trial.ancova import many

Array = NDArray[np.float64]

LEVEL = 0.05
BATCH = 500


@dataclass(frozen=True, slots=True)
class PowerAssumptions:
    """``correlation`` of baseline and post score within a group; ``lost`` the share without a post score. Both assumed."""

    correlation: float = 0.5
    lost: float = 0.2


@dataclass(frozen=True, slots=True)
class PowerRow:
    """``people`` in both groups together, the ``effect`` as a standardised difference, and the ``power`` with its Monte
    Carlo ``error``. ``estimate`` is the mean of what the trials estimated, in standard deviations."""

    people: int
    effect: float
    power: float
    error: float
    estimate: float
    trials: int


def power_table(
    sizes: Sequence[int], effects: Sequence[float], trials: int, seed: int, assumed: PowerAssumptions | None = None
) -> list[PowerRow]:
    """A row for each size and effect."""
    chosen = assumed or PowerAssumptions()
    return [
        power_of(people, effect, trials, np.random.default_rng([seed, people, round(1000 * effect)]), chosen)
        for people in sizes
        for effect in effects
    ]


def power_of(people: int, effect: float, trials: int, rng: np.random.Generator, assumed: PowerAssumptions) -> PowerRow:
    """The share of ``trials`` that find an effect."""
    found: list[NDArray[np.bool_]] = []
    differences: list[Array] = []
    for first in range(0, trials, BATCH):
        batch = min(BATCH, trials - first)
        difference, p = many(*simulated(batch, people, effect, rng, assumed))
        found.append(p < LEVEL)
        differences.append(difference)
    power = float(np.concatenate(found).mean())
    estimate = float(np.concatenate(differences).mean())
    return PowerRow(people, effect, power, math.sqrt(power * (1 - power) / trials), estimate, trials)


def simulated(
    trials: int, people: int, effect: float, rng: np.random.Generator, assumed: PowerAssumptions
) -> tuple[Array, Array, Array, Array, NDArray[np.bool_]]:
    """(trials, people) each: post scores, group, baseline, stratum, and who was seen. Lower scores are better, so the group
    that is helped has less."""
    baseline = rng.standard_normal((trials, people))
    noise = math.sqrt(1 - assumed.correlation**2) * rng.standard_normal((trials, people))
    strata = (baseline > 0).astype(np.float64)
    # In each stratum every second person of a random order: the same numbers as permuted blocks give in the end.
    order = np.argsort(strata + 0.5 * rng.random((trials, people)), axis=1)
    group = np.zeros((trials, people))
    np.put_along_axis(group, order[:, 1::2], 1.0, axis=1)
    post = assumed.correlation * baseline + noise - effect * group
    return post, group, baseline, strata, rng.random((trials, people)) >= assumed.lost
