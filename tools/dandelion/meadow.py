"""The meadow: the dandelions that stand, the ones displaced, and the winds that carried seeds well. Host side only.

The published rising stage carries a seed towards a random place of the box, with a lognormal wind; on a rainy day it
shrinks the position towards the origin. Here the wind blows from dandelion to dandelion instead: towards one of the best
and along the difference of two others, one of which may be a displaced one (current-to-pbest/1 with an archive, JADE,
Zhang and Sanderson 2009, doi 10.1109/TEVC.2009.2014613). Its strength is lognormal as published, around strengths that
carried seeds to better ground before (success history, SHADE, Tanabe and Fukunaga 2013, doi 10.1109/CEC.2013.6557555).
Coordinates are exchanged with the parent's along the learnt axes half of the time, since the box's own axes mean nothing
to a rotated function (Guo and Yang 2015, doi 10.1109/TEVC.2013.2297160).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from tools.dandelion.landscapes import Float64Array

IntArray = npt.NDArray[np.int64]

HISTORY = 6
"""How many successful wind strengths and exchange rates are remembered."""
WIND_SPREAD = 0.3
"""Sigma of the lognormal wind."""
WIND_LEAST, WIND_MOST = 0.05, 1.2
EXCHANGE_SPREAD = 0.1
LEADING_SHARE = 0.15
"""The share of the dandelions that count as the best."""
ALONG_AXES = 0.5
"""How often coordinates are exchanged along the learnt axes."""


@dataclass(frozen=True, slots=True)
class Flight:
    """One seed that rose: the index of its parent, the wind's strength and the rate of exchange that carried it."""

    parent: int
    wind: float
    exchange: float


@dataclass(slots=True)
class Meadow:
    """``places`` (n, dimensions) and ``values`` (n,) of the dandelions that stand; the rest is what was learnt."""

    places: Float64Array
    values: Float64Array
    displaced: list[Float64Array] = field(default_factory=list)
    winds: Float64Array = field(default_factory=lambda: np.full(HISTORY, 0.5))
    exchanges: Float64Array = field(default_factory=lambda: np.full(HISTORY, 0.5))
    slot: int = 0

    def rise(
        self, parents: IntArray, axes: Float64Array, spread: Float64Array, rng: np.random.Generator
    ) -> tuple[list[Flight], Float64Array]:
        """Let one seed rise from each of ``parents``. Returns the flights and the points, (len(parents), dimensions).

        ``axes`` holds the learnt axes as columns; ``spread`` scales each coordinate of the steps (ones, but see
        ``Parts.relative_steps``).
        """
        count, size = len(parents), self.places.shape[1]
        drawn = rng.integers(0, HISTORY, count)
        winds = np.clip(self.winds[drawn] * rng.lognormal(0.0, WIND_SPREAD, count), WIND_LEAST, WIND_MOST)
        exchanges = np.clip(self.exchanges[drawn] + EXCHANGE_SPREAD * rng.standard_normal(count), 0.0, 1.0)
        leaders = np.argsort(self.values, kind="stable")[: max(2, int(LEADING_SHARE * len(self.values)))]
        towards = self.places[rng.choice(leaders, count)]
        others = np.vstack([self.places, *self.displaced]) if self.displaced else self.places
        first = self.places[rng.integers(0, len(self.places), count)]
        second = others[rng.integers(0, len(others), count)]
        start = self.places[parents]
        carried = start + spread * winds[:, None] * (towards - start + first - second)
        turn = axes if rng.random() < ALONG_AXES else np.eye(size)
        taken = rng.random((count, size)) < exchanges[:, None]
        taken[np.arange(count), rng.integers(0, size, count)] = True
        points = np.where(taken, carried @ turn, start @ turn) @ turn.T
        # Outside the box: half way from the parent to the edge, as in JADE, so that the edge itself gathers no seeds.
        points = np.where(points < 0.0, start / 2.0, np.where(points > 1.0, (start + 1.0) / 2.0, points))
        flights = [Flight(int(p), float(w), float(e)) for p, w, e in zip(parents, winds, exchanges, strict=True)]
        return flights, np.clip(points, 0.0, 1.0)

    def land_risen(self, flights: list[Flight], points: Float64Array, values: Float64Array, *, greedy: bool) -> None:
        """Let seeds that rose take their parents' places where they are better (or always, where not ``greedy``), and
        remember the winds that carried the better ones."""
        better = [(f, p, v) for f, p, v in zip(flights, points, values, strict=True) if v < self.values[f.parent]]
        self._remember(better)
        for flight, point, value in zip(flights, points, values, strict=True):
            if not greedy or value < self.values[flight.parent]:
                self.displaced.append(self.places[flight.parent].copy())
                self.places[flight.parent], self.values[flight.parent] = point, value
        del self.displaced[: max(0, len(self.displaced) - len(self.values))]

    def land_others(self, points: Float64Array, values: Float64Array, *, greedy: bool) -> None:
        """Let seeds of the other stages take the place of the worst dandelion where they are better (or always)."""
        for point, value in zip(points, values, strict=True):
            worst = int(self.values.argmax())
            if not greedy or value < self.values[worst]:
                self.places[worst], self.values[worst] = point, value

    def _remember(self, better: list[tuple[Flight, Float64Array, float]]) -> None:
        """Means of the successful strengths, weighted by what they gained: Lehmer for the wind, plain for the exchange."""
        gains = np.array([min(float(self.values[flight.parent]) - value, 1e300) for flight, _, value in better])
        if not gains.sum() > 0.0:
            return
        weights = gains / gains.sum()
        winds = np.array([flight.wind for flight, _, _ in better])
        self.winds[self.slot] = (weights @ np.square(winds)) / (weights @ winds)
        self.exchanges[self.slot] = weights @ np.array([flight.exchange for flight, _, _ in better])
        self.slot = (self.slot + 1) % HISTORY
