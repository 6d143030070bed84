"""Moods that switch: semi-Markov regimes with an Ornstein-Uhlenbeck process inside, in continuous time. Host side only.

Stays are log-normal; the next regime is drawn by a person's weights, never the same again. Towards the mean of its regime
the mood goes by the exact step of an Ornstein-Uhlenbeck process (1930, doi 10.1103/PhysRev.36.823),

    x(t + d) = m + (x(t) - m) exp(-d / tau) + s sqrt(1 - exp(-2 d / tau)) e,    e ~ N(0, C),

with C the correlation of the fitted innovations. Energy and tiredness swing over the day on top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Emotion
from tools.cohort.figures import load_figures
from tools.cohort.parameters import World
from tools.data.mpath_esm import SLIDERS

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Regime:
    """A mood to be in: the mean of the standardised sliders, the emotion it is closest to, how bad it is, and its
    log-weight in the average person. All assumed."""

    name: str
    emotion: Emotion
    sliders: Array
    badness: float
    weight: float


REGIMES = (
    Regime("calm", Emotion.NEUTRAL, np.array([0.3, -0.3, -0.3, 0.8, -0.5, -0.2, 0.0]), -0.8, 0.6),
    Regime("content", Emotion.HAPPINESS, np.array([0.9, -0.5, -0.3, 0.4, -0.4, 0.8, -0.5]), -1.0, 0.3),
    Regime("low", Emotion.SADNESS, np.array([-1.0, 1.5, 0.1, -0.4, 0.3, -0.9, 0.8]), 1.0, -0.3),
    Regime("tense", Emotion.FEAR, np.array([-0.5, 0.2, 0.3, -1.1, 1.6, 0.3, 0.2]), 0.9, -0.1),
    Regime("irritable", Emotion.ANGER, np.array([-0.6, 0.3, 1.7, -1.0, 0.5, 0.3, 0.3]), 0.8, -0.5),
)
STAY_LOG_SD = 0.8
"""Spread of the logarithm of a stay; assumed."""
SPREAD = 0.55
"""Standard deviation of the sliders around a regime's mean; assumed."""
PEAK_HOUR = 11.0
ENERGY, TIREDNESS = SLIDERS.index("energetic"), SLIDERS.index("tired")


@dataclass(frozen=True, slots=True)
class MoodPath:
    """A person's mood at the slots: ``sliders`` (days, slots, 7) standardised, ``regime`` (days, slots) its number,
    ``badness`` (days, slots)."""

    sliders: Array
    regime: NDArray[np.int64]
    badness: Array


def draw_path(hours: Array, taste: Array, trait: float, world: World, rng: np.random.Generator) -> MoodPath:
    """A path over the slots at ``hours`` (days, slots). ``taste`` (regimes,) are log-weights beside the average person's;
    ``trait`` above 0 makes the bad regimes likelier."""
    bad = np.array([regime.badness for regime in REGIMES])
    weights = np.exp(np.array([regime.weight for regime in REGIMES]) + taste + 0.5 * trait * bad)
    days, slots = hours.shape
    when = (24 * np.arange(days)[:, None] + hours).ravel()
    starts, which = _stays(float(when[-1]), weights, world["dwell_hours"], rng)
    regime = which[np.searchsorted(starts, when, side="right") - 1]
    sliders = _within(when, starts, which, world["pull_hours"], rng)
    swing = world["swing"] * np.cos(2 * np.pi * (when % 24 - PEAK_HOUR) / 24)
    sliders[:, ENERGY] += swing
    sliders[:, TIREDNESS] -= swing
    badness = bad[regime] + 0.3 * rng.standard_normal(len(when))
    shape = (days, slots)
    return MoodPath(sliders.reshape(*shape, -1), regime.reshape(shape), badness.reshape(shape))


def _stays(end: float, weights: Array, dwell_hours: float, rng: np.random.Generator) -> tuple[Array, NDArray[np.int64]]:
    """When each stay begins, the first at or before 0, and in which regime."""
    starts, which = [0.0], [int(rng.choice(len(weights), p=weights / weights.sum()))]
    while True:
        begin = starts[-1] + dwell_hours * float(np.exp(STAY_LOG_SD * rng.standard_normal()))
        if begin > end:
            return np.array(starts), np.array(which)
        others = weights.copy()
        others[which[-1]] = 0
        starts.append(begin)
        which.append(int(np.searchsorted(np.cumsum(others) / others.sum(), rng.random())))


def _within(when: Array, starts: Array, which: NDArray[np.int64], pull_hours: float, rng: np.random.Generator) -> Array:
    """(n, 7) the process at the moments ``when``, stepping also at every change of regime."""
    covariance = load_figures().dynamics.innovation_covariance
    size = np.sqrt(np.diag(covariance))
    factor = SPREAD * np.linalg.cholesky(covariance / np.outer(size, size))
    means = np.stack([regime.sliders for regime in REGIMES])
    times = np.union1d(when, starts)
    noise = rng.standard_normal((len(times), len(SLIDERS))) @ factor.T
    left = np.exp(-np.diff(times, prepend=times[0] - 1e6) / pull_hours)[:, None]
    noise *= np.sqrt(1 - left**2)
    # Up to a moment the mood went towards the mean of the regime before it.
    towards = means[which[np.maximum(np.searchsorted(starts, times, side="left") - 1, 0)]]
    found = np.empty((len(times), len(SLIDERS)))
    mood = towards[0]
    for i in range(len(times)):
        mood = towards[i] + (mood - towards[i]) * left[i] + noise[i]
        found[i] = mood
    return found[np.searchsorted(times, when)]
