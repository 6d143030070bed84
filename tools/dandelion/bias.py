"""The bias to the origin, measured: the same landscape with its optimum at 0 and away from it. Host side only.

An optimizer without a preference for a place finds both optima equally well. The published algorithm runs in both of its
readings (``original.py``); the efficient one is given a fifth of their evaluations, which is enough to tell.
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


@dataclass(frozen=True, slots=True)
class BiasRun:
    """One run: ``share`` is how far the optimum is from 0, in shares of the box's whole width, along every axis."""

    optimizer: str
    landscape: str
    share: float
    seed: int
    dimensions: int
    steps: int


@dataclass(frozen=True, slots=True)
class Bias:
    """Errors of one optimizer on one landscape: mean and median with the optimum at 0 and away from it."""

    optimizer: str
    landscape: str
    mean_at_origin: float
    mean_away: float
    median_at_origin: float
    median_away: float
    seeds: int


def measure(shares: tuple[float, float], dimensions: int, steps: int, seeds: int, workers: Workers) -> list[Bias]:
    """Every optimizer on every landscape; ``shares`` are the two places, the first usually 0."""
    wanted = [
        BiasRun(optimizer, landscape, share, seed, dimensions, steps)
        for optimizer in READINGS
        for landscape in LANDSCAPES
        for share in shares
        for seed in range(seeds)
    ]
    errors = dict(workers.map(execute, wanted))
    found = []
    for optimizer in READINGS:
        for landscape in LANDSCAPES:
            both = [
                np.array([e for i, e in errors.items() if _is(wanted[i], optimizer, landscape, share)])
                for share in shares
            ]
            means, medians = [float(e.mean()) for e in both], [float(np.median(e)) for e in both]
            found.append(Bias(optimizer, landscape, means[0], means[1], medians[0], medians[1], seeds))
    return found


def _is(run: BiasRun, optimizer: str, landscape: str, share: float) -> bool:
    return (run.optimizer, run.landscape, run.share) == (optimizer, landscape, share)


def execute(run: BiasRun) -> float:
    """The error of one run after ``steps`` steps of 30 evaluations."""
    problem: Problem = at_position(run.landscape, np.full(run.dimensions, run.share * 2.0 * BOX))
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


def markdown(found: list[Bias], shares: tuple[float, float]) -> str:
    """The table."""
    lines = [
        f"| optimizer | function | optimum at {shares[0]:.0%} of the range: mean (median) | at {shares[1]:.0%} |",
        "|---|---|---:|---:|",
    ]
    lines += [
        f"| {b.optimizer} | {b.landscape} | {b.mean_at_origin:.2g} ({b.median_at_origin:.2g}) "
        f"| {b.mean_away:.2g} ({b.median_away:.2g}) |"
        for b in found
    ]
    return "\n".join(lines) + "\n"
