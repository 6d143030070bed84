"""The bias to the origin, measured: the same landscape in three places. Host side only.

First the optimum is at 0, in the middle of the box. Then it is moved away from 0 along every axis within the same box, which
also moves it away from where the search starts. Last the box is moved along, so that everything but the origin stays as
it was at first: an optimizer without a preference for the origin cannot tell the first from the last. The published
algorithm runs in both of its readings (``original.py``); the efficient one is given a fifth of their evaluations, which
is enough to tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.dandelion.counting import run_counted
from tools.dandelion.efficient import EfficientDandelion
from tools.dandelion.functions import BOX, Problem, at_position
from tools.dandelion.original import AUTHORS_CODE, PAPER, DandelionOptimizer, Reading
from tools.dandelion.parallel import Workers
from tools.dandelion.space import Space

LANDSCAPES = ("sphere", "ackley")
READINGS: dict[str, Reading | None] = {
    "DO, authors' code": AUTHORS_CODE,
    "DO, as printed": PAPER,
    "Efficient DO, a fifth of the evaluations": None,
}
SEEDS_OF_POPULATION = 30
EFFICIENT_DIVISOR = 5


PLACES = ("optimum at 0", "optimum moved", "box moved along")


@dataclass(frozen=True, slots=True)
class BiasRun:
    """One run: ``shift`` is how far the optimum is moved from 0 along every axis, where ``place`` says so."""

    optimizer: str
    landscape: str
    place: str
    shift: float
    seed: int
    dimensions: int
    steps: int

    @property
    def problem(self) -> Problem:
        """The landscape in its place."""
        optimum = 0.0 if self.place == PLACES[0] else self.shift
        centre = self.shift if self.place == PLACES[2] else 0.0
        return at_position(self.landscape, np.full(self.dimensions, optimum), centre)


@dataclass(frozen=True, slots=True)
class Bias:
    """Errors of one optimizer on one landscape: a mean and a median for each of ``PLACES``."""

    optimizer: str
    landscape: str
    means: tuple[float, ...]
    medians: tuple[float, ...]


def measure(share: float, dimensions: int, steps: int, seeds: int, workers: Workers) -> list[Bias]:
    """Every optimizer on every landscape; the optimum is moved by ``share`` of the box's width."""
    wanted = [
        BiasRun(optimizer, landscape, place, share * 2.0 * BOX, seed, dimensions, steps)
        for optimizer in READINGS
        for landscape in LANDSCAPES
        for place in PLACES
        for seed in range(seeds)
    ]
    found: dict[tuple[str, str, str], list[float]] = {}
    for index, error in workers.map(execute, wanted):
        run = wanted[index]
        found.setdefault((run.optimizer, run.landscape, run.place), []).append(error)
    return [
        Bias(
            optimizer,
            landscape,
            tuple(float(np.mean(found[optimizer, landscape, place])) for place in PLACES),
            tuple(float(np.median(found[optimizer, landscape, place])) for place in PLACES),
        )
        for optimizer in READINGS
        for landscape in LANDSCAPES
    ]


def execute(run: BiasRun) -> float:
    """The error of one run after ``steps`` steps of 30 evaluations."""
    problem = run.problem
    evaluations = SEEDS_OF_POPULATION * run.steps
    reading = READINGS[run.optimizer]
    if reading is None:
        evaluations //= EFFICIENT_DIVISOR
        optimizer = EfficientDandelion(Space.box(problem.low, problem.high), evaluations, run.seed)
        return run_counted(problem, evaluations, optimizer.minimise)
    original = DandelionOptimizer(
        problem.low,
        problem.high,
        seeds=SEEDS_OF_POPULATION,
        iterations=run.steps,
        seed=run.seed,
        reading=reading,
    )
    return run_counted(problem, evaluations, original.minimise)


def markdown(found: list[Bias], share: float) -> str:
    """The table: mean (median) error in every place."""
    lines = [
        f"Mean error (median), the optimum moved by {share:.0%} of the range.",
        "",
        f"| optimizer | function | {' | '.join(PLACES)} |",
        "|---|---|---:|---:|---:|",
    ]
    for row in found:
        cells = [f"{mean:.2g} ({median:.2g})" for mean, median in zip(row.means, row.medians, strict=True)]
        lines.append(f"| {row.optimizer} | {row.landscape} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"
