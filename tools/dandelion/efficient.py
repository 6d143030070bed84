"""The Efficient Dandelion Optimizer: the published stages, rebuilt to spend evaluations well. Host side only.

Ask for seeds, evaluate them, tell their values; or let ``minimise`` do so. A generation of seeds passes through the three
stages of the published algorithm (``original.py``), each of which now moves relative to the population and the box:

- *rising* (``meadow.py``): a share of the seeds rides a lognormal wind from dandelion to dandelion; many at first, fewer
  once ``RISING_FADES`` evaluations a coordinate are spent;
- *descending* (``distribution.py``): most fall in Brownian motion around the centre of the best, whose shape and width are
  learnt from success;
- *landing*: one seed a generation goes to the lowest point of the map (``terrain.py``) while the map is trusted, else by a
  Lévy flight around the elite.

What makes it efficient is known from evolution strategies, differential evolution and surrogate models, and cited where it
stands; the published algorithm gives the frame of stages. Dandelions give way only to better seeds. A season that no
longer finds better ground ends, and the next one starts anew with twice the seeds (as in IPOP, Auger and Hansen 2005,
doi 10.1109/CEC.2005.1554902). ``Parts`` names what differs from the published algorithm, so that each part can be turned
off and its worth measured (``python -m tools.dandelion ablation``). Hopeless candidates of a costly training are stopped
early by ``halving.py``, on top of this.

The constants here and in the modules named were chosen on ``functions.TUNING``, none of whose functions, rotations or
seeds is among those reported.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from scipy.stats import qmc

from ertedge.errors import ConfigurationError, InvalidRequestError
from tools.dandelion import terrain
from tools.dandelion.distribution import Distribution, Learning, Rates
from tools.dandelion.landscapes import Float64Array
from tools.dandelion.meadow import Flight, Meadow
from tools.dandelion.original import levy_flight
from tools.dandelion.space import Parameters, Space, Value
from tools.dandelion.terrain import Terrain

Stage = Literal["start", "rising", "descending", "landing"]

START_WIDTH = 0.1
"""Standard deviation of the first descent, in shares of the box."""
RISING_EARLY, RISING_LATE = 0.25, 0.1
RISING_FADES = 30
"""After so many evaluations a coordinate the share of rising seeds has come from early to late."""
PATIENT_FROM = 60
"""With a budget of so many evaluations a coordinate the width follows the patient rule alone."""
SCREENED_MOST = 4
"""Seeds released for each that is evaluated, where the map foretells every rank."""
MAP_LANDING_TRUST = 0.2
"""Rank agreement from which the landing stage follows the map."""
FULL_MAP_EVERY = 3
"""Generations between two fits of the map with all products, which is the costly one."""
SEASON_PATIENCE = 20.0
"""Generations without better ground after which a season ends, besides 30 for every coordinate over the seeds."""
COLLAPSED = 1e-9
"""A season ends when its widest axis is narrower than this share of the box."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the Efficient Dandelion Optimizer adds to the published one; False takes a part out.

    ``relative_steps``: off, each coordinate of a step is scaled by the position's distance from the origin, as equations
    10, 13 and 15 of the published algorithm do. ``sobol``: off, the start is drawn at random. ``opposition``: off, no
    start point is mirrored. ``greedy``: off, a seed takes its place also where it is worse. ``success_step``: off, the
    width follows the published alpha (equation 8, without its draw) over the budget. ``shape``: off, the descent stays
    round. ``rising``: off, all seeds descend or land. ``screening``: off, there is no map.
    """

    relative_steps: bool = True
    sobol: bool = True
    opposition: bool = True
    greedy: bool = True
    success_step: bool = True
    shape: bool = True
    rising: bool = True
    screening: bool = True


WHOLE = Parts()


@dataclass(frozen=True, slots=True, eq=False)
class Seed:
    """A candidate to evaluate. ``point`` lies in the unit cube, (dimensions,); ``parameters`` is what it stands for."""

    number: int
    stage: Stage
    point: Float64Array
    parameters: Parameters
    flight: Flight | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The best evaluated so far. ``value`` is infinite before the first finite one."""

    value: float
    parameters: Parameters
    point: Float64Array
    evaluations: int


@dataclass(slots=True)
class Season:
    """What lives from one fresh start to the next. ``trust`` is the running rank agreement of the map."""

    seeds: int
    rates: Rates
    landed: list[tuple[Seed, float]] = field(default_factory=list)
    distribution: Distribution | None = None
    meadow: Meadow | None = None
    ground: Terrain | None = None
    trust: float = 0.0
    best: float = math.inf
    idle: int = 0
    generation: int = 0


class EfficientDandelion:
    """Ask and tell over a ``Space``. ``evaluations`` is the budget that the schedules count on; more may be asked for.

    ``seeds`` is the number of a generation, 4 + 3 ln(dimensions) by default. Raises ``ConfigurationError`` for a budget
    below 1 or fewer than 4 seeds.
    """

    def __init__(
        self, space: Space, evaluations: int, seed: int = 0, parts: Parts = WHOLE, seeds: int | None = None
    ) -> None:
        count = usual_seeds(space.dimensions) if seeds is None else seeds
        if evaluations < 1 or count < 4:
            raise ConfigurationError([f"evaluations must be positive and seeds at least 4, got {evaluations}, {count}"])
        self.space = space
        self.evaluations = evaluations
        self.parts = parts
        self.rng = np.random.default_rng(seed)
        self.points: list[Float64Array] = []
        self.values: list[float] = []
        self.waiting: deque[Seed] = deque()
        self.out: dict[int, Seed] = {}
        self.asked = 0
        self.season = Season(count, Rates.of(count, space.dimensions))
        self.waiting.extend(self._start())

    @property
    def best(self) -> Best:
        """The best so far. Raises ``InvalidRequestError`` before the first ``tell``."""
        if not self.values:
            raise InvalidRequestError([("tell", "nothing has been evaluated yet")])
        first = int(np.argmin(self.values))
        point = self.points[first]
        return Best(self.values[first], self.space.decode(point), point, len(self.values))

    def start_with(self, parameters: Mapping[str, Value]) -> None:
        """Let the first seed stand at ``parameters``, such as those in use so far. To be called before the first ``ask``.

        Raises ``ConfigurationError`` where they are not of the space.
        """
        first = self.waiting.popleft()
        point = self.space.encode(parameters)
        self.waiting.appendleft(replace(first, point=point, parameters=self.space.decode(point)))

    def ask(self, count: int | None = None) -> list[Seed]:
        """The next ``count`` seeds to evaluate, in any order and at the same time; by default the rest of a generation.

        A generation closes when as many values were told as it has seeds; who asks for more before that gets further
        seeds of the same one.
        """
        if count is None:
            count = len(self.waiting) or self.season.seeds
        while len(self.waiting) < count:
            self.waiting.extend(self._start() if self.season.distribution is None else self._release())
        seeds = [self.waiting.popleft() for _ in range(count)]
        self.out.update((seed.number, seed) for seed in seeds)
        return seeds

    def tell(self, seed: Seed, value: float) -> None:
        """The value of a seed that was asked for. NaN counts as infinite, the worst.

        Raises ``InvalidRequestError`` for a seed that is not out, such as one told twice.
        """
        if self.out.pop(seed.number, None) is None:
            raise InvalidRequestError([("seed", f"number {seed.number} was not asked for, or was told before")])
        value = math.inf if math.isnan(value) else float(value)
        self.points.append(seed.point)
        self.values.append(value)
        season = self.season
        season.landed.append((seed, value))
        if len(season.landed) < season.seeds:
            return
        # Seeds of an unfinished generation were drawn from what is now out of date.
        self.waiting.clear()
        if season.distribution is None:
            self._settle()
        else:
            self._grow()

    def minimise(self, objective: Callable[[Float64Array], float]) -> Best:
        """Spend the budget on ``objective``, which takes the parameters' numbers as one array, (parameters,)."""
        for _ in range(len(self.values), self.evaluations):
            (seed,) = self.ask(1)
            self.tell(seed, objective(np.array(list(seed.parameters.values()), dtype=np.float64)))
        return self.best

    # The start of a season

    def _start(self) -> list[Seed]:
        """A generation spread over the box; with opposition the second half mirrors the first (Tizhoosh 2005)."""
        count = self.season.seeds
        drawn = math.ceil(count / 2) if self.parts.opposition else count
        if self.parts.sobol:
            sampler = qmc.Sobol(self.space.dimensions, rng=self.rng)
            # Sobol points come in powers of two; a part of one is the start of it.
            points = sampler.random_base2(math.ceil(math.log2(max(drawn, 2))))[:drawn]
        else:
            points = self.rng.random((drawn, self.space.dimensions))
        if self.parts.opposition:
            points = np.vstack([points, 1.0 - points])[:count]
        return [self._seed("start", point) for point in points]

    def _settle(self) -> None:
        """The start has landed: the first dandelions stand, and the descent begins around the better half."""
        season = self.season
        points, values = self._landed()
        order = np.argsort(values, kind="stable")
        centre = season.rates.weights @ points[order[: season.rates.parents]]
        season.distribution = Distribution.around(centre, START_WIDTH, self.space.floor)
        season.meadow = Meadow(points, values)
        season.best = float(values.min())
        season.landed.clear()

    # A generation

    def _release(self) -> list[Seed]:
        """The seeds of one generation, from all three stages."""
        season = self.season
        distribution, meadow = season.distribution, season.meadow
        assert distribution is not None and meadow is not None
        self._draw_map(distribution)
        released = self._released_each()
        rising = self._rising_count()
        descending = season.seeds - rising - 1
        points = distribution.sample(
            self.rng.standard_normal((released * descending, self.space.dimensions)), self._spread(distribution.centre)
        )
        points = _screen(_reflect(points), released, season.ground)[0]
        seeds = [self._seed("descending", point) for point in points]
        seeds.append(self._landing(distribution))
        if rising:
            parents = self.rng.choice(len(meadow.values), rising, replace=False)
            flights: list[Flight] = []
            risen = []
            for _ in range(released):
                some, where = meadow.rise(parents, distribution.axes, self._spread(meadow.places[parents]), self.rng)
                flights += some
                risen.append(where)
            points, chosen = _screen(np.vstack(risen), released, season.ground)
            seeds += [self._seed("rising", p, flights[i]) for p, i in zip(points, chosen, strict=True)]
        return seeds

    def _draw_map(self, distribution: Distribution) -> None:
        """Fit the map anew from all that was evaluated, the costly kind only now and then."""
        season = self.season
        if not self.parts.screening:
            return
        full = season.ground is not None and season.ground.kind == "full"
        if full and season.generation % FULL_MAP_EVERY:
            return
        # A copy: the distribution moves on, while the map keeps the units in which it was fitted.
        season.ground = terrain.fit(np.array(self.points), np.array(self.values), replace(distribution, previous=None))

    def _released_each(self) -> int:
        """How many seeds are released for each one evaluated: the more the map is trusted, the more."""
        season = self.season
        if season.ground is None or season.trust <= terrain.TRUST_LEAST:
            return 1
        return round(1 + (SCREENED_MOST - 1) * season.trust)

    def _rising_count(self) -> int:
        if not self.parts.rising:
            return 0
        fresh = 1.0 - min(1.0, len(self.values) / (RISING_FADES * self.space.dimensions))
        return round(self.season.seeds * max(RISING_LATE, RISING_EARLY * fresh))

    def _landing(self, distribution: Distribution) -> Seed:
        """One seed to the map's lowest point, or by a Lévy flight (equations 16 and 17) around the season's elite."""
        season = self.season
        if season.ground is not None and season.trust > MAP_LANDING_TRUST:
            return self._seed("landing", season.ground.lowest())
        meadow = season.meadow
        assert meadow is not None
        elite = meadow.places[int(meadow.values.argmin())]
        draws = self.rng.standard_normal((2, 1, self.space.dimensions))
        flight = levy_flight(draws[0], draws[1], 1.0) / math.sqrt(self.space.dimensions)
        steps = distribution.unwhiten(flight) - distribution.centre
        return self._seed("landing", _reflect(elite + self._spread(elite) * steps)[0])

    def _haste(self) -> float:
        """1 for the shortest budgets, 0 from ``PATIENT_FROM`` evaluations a coordinate."""
        return 1.0 - min(1.0, self.evaluations / (PATIENT_FROM * self.space.dimensions))

    def _spread(self, position: Float64Array) -> Float64Array:
        """What each coordinate of a step is multiplied by: 1, or in the published way the distance from the origin."""
        if self.parts.relative_steps:
            return np.ones_like(position)
        return 2.0 * np.abs(position - self.space.origin)

    def _grow(self) -> None:
        """A generation has landed: let the better seeds take root, learn from all, and end the season if it is idle."""
        season = self.season
        distribution, meadow = season.distribution, season.meadow
        assert distribution is not None and meadow is not None
        points, values = self._landed()
        if season.ground is not None:
            agreement = terrain.rank_agreement(season.ground.heights(points), values)
            season.trust += terrain.TRUST_MEMORY * (agreement - season.trust)
        self._take_root(meadow, points, values)
        learning = Learning(self.parts.shape, self.parts.success_step, self._haste())
        distribution.learn(points, values, season.rates, learning)
        if not self.parts.success_step:
            spent = min(1.0, len(self.values) / self.evaluations)
            distribution.width = max(START_WIDTH * (1.0 - spent) ** 2, COLLAPSED)
        season.generation += 1
        better = float(values.min()) < season.best - 1e-12 * abs(season.best)
        season.best = min(season.best, float(values.min()))
        season.idle = 0 if better else season.idle + 1
        season.landed.clear()
        if self._is_over(distribution, values):
            seeds = 2 * season.seeds
            self.season = Season(seeds, Rates.of(seeds, self.space.dimensions))

    def _take_root(self, meadow: Meadow, points: Float64Array, values: Float64Array) -> None:
        stages = [seed.stage for seed, _ in self.season.landed]
        risen = [i for i, stage in enumerate(stages) if stage == "rising"]
        others = [i for i, stage in enumerate(stages) if stage != "rising"]
        flights = [seed.flight for seed, _ in self.season.landed if seed.flight is not None]
        greedy = self.parts.greedy
        meadow.land_risen(flights, points[risen], values[risen], greedy=greedy)
        meadow.land_others(points[others], values[others], greedy=greedy)

    def _is_over(self, distribution: Distribution, values: Float64Array) -> bool:
        season = self.season
        patience = SEASON_PATIENCE + 30.0 * self.space.dimensions / season.seeds
        narrow = distribution.width * float(distribution.lengths.max()) < COLLAPSED and self.parts.success_step
        finite = values[np.isfinite(values)]
        flat = self.space.continuous and len(finite) > 1 and float(np.ptp(finite)) == 0.0
        return season.idle > patience or narrow or flat

    def _landed(self) -> tuple[Float64Array, Float64Array]:
        landed: Sequence[tuple[Seed, float]] = self.season.landed
        return np.array([seed.point for seed, _ in landed]), np.array([value for _, value in landed])

    def _seed(self, stage: Stage, point: Float64Array, flight: Flight | None = None) -> Seed:
        snapped = self.space.snap(point)
        self.asked += 1
        return Seed(self.asked, stage, snapped, self.space.decode(snapped), flight)


def usual_seeds(dimensions: int) -> int:
    """Seeds of a generation by default: 4 + 3 ln(dimensions)."""
    return 4 + int(3 * math.log(dimensions))


def _screen(points: Float64Array, released: int, ground: Terrain | None) -> tuple[Float64Array, list[int]]:
    """Of each group of ``released`` points the one that the map puts lowest, and the indices of those taken.

    ``points`` holds ``released`` blocks of equal length; the groups are the points at the same place in every block.
    """
    count = len(points) // released
    if released == 1 or ground is None:
        return points, list(range(count))
    lowest = ground.heights(points).reshape(released, count).argmin(axis=0)
    chosen = [int(block) * count + i for i, block in enumerate(lowest)]
    return points[chosen], chosen


def _reflect(points: Float64Array) -> Float64Array:
    """Points mirrored at the faces of the unit cube until they are inside."""
    folded = np.abs(points) % 2.0
    return np.where(folded > 1.0, 2.0 - folded, folded)
