"""The optimizers that the Efficient Dandelion Optimizer is compared with, each behind one signature. Host side only.

Each takes a problem, a budget of evaluations and a seed, and returns the least value it found. All run at their own
defaults; where a default presumes a far larger budget or leaves a choice, the function says what was taken. scipy is a
dependency of the device; ``cma`` and ``optuna`` come with the tools extra and are imported where they are used.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable

import numpy as np

from tools.dandelion.counting import CountedObjective, run_counted
from tools.dandelion.efficient import EfficientDandelion
from tools.dandelion.functions import Problem
from tools.dandelion.original import AUTHORS_CODE, DandelionOptimizer
from tools.dandelion.space import Space

Peer = Callable[[Problem, int, int], float]

SEEDS_OF_ORIGINAL = 30
"""The population of the published algorithm's own experiments."""


def efficient_dandelion(problem: Problem, evaluations: int, seed: int) -> float:
    """The Efficient Dandelion Optimizer at its defaults."""
    optimizer = EfficientDandelion(Space.box(problem.low, problem.high), evaluations, seed)
    return run_counted(problem, evaluations, optimizer.minimise)


def original_dandelion(problem: Problem, evaluations: int, seed: int) -> float:
    """The published algorithm as its authors' code has it: with the printed factor 0.01 it hardly moves (see ``bias``)."""
    count = min(SEEDS_OF_ORIGINAL, max(2, evaluations // 2))
    optimizer = DandelionOptimizer(
        problem.low,
        problem.high,
        seeds=count,
        iterations=max(2, evaluations // count),
        seed=seed,
        reading=AUTHORS_CODE,
    )
    return run_counted(problem, evaluations, optimizer.minimise)


def random_search(problem: Problem, evaluations: int, seed: int) -> float:
    """Points spread evenly at random."""
    points = np.random.default_rng(seed).uniform(problem.low, problem.high, (evaluations, problem.dimensions))
    return float(problem.values(points).min())


def differential_evolution(problem: Problem, evaluations: int, seed: int) -> float:
    """scipy's, best1bin with its default rates. A population of one point a dimension instead of 15, which would spend
    the whole budget on its start; without the final polish, which is another algorithm."""
    from scipy.optimize import differential_evolution as minimise

    def run(objective: CountedObjective) -> None:
        bounds = list(zip(problem.low, problem.high, strict=True))
        minimise(objective, bounds, popsize=1, maxiter=evaluations, tol=0.0, polish=False, rng=seed)

    return run_counted(problem, evaluations, run)


def cma_es(problem: Problem, evaluations: int, seed: int) -> float:
    """``cma``'s, restarted with twice the population whenever it stops (IPOP), from the middle of the box with a step of
    0.1 of its width, and free to leave the box: on the tuning functions this did better than its documentation's advice
    of 0.3 and better than its two ways of keeping to the bounds, so the strongest form is the one compared."""
    # cma warns on import and on options where a package of its own is missing; neither concerns the result.
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        import cma

        def run(objective: CountedObjective) -> None:
            width = float((problem.high - problem.low).mean())
            middle = (problem.low + problem.high) / 2.0
            # Seed 0 would mean the clock.
            options = {"seed": seed + 1, "verbose": -9, "maxfevals": evaluations}
            cma.fmin2(objective, middle, 0.1 * width, options, restarts=9, incpopsize=2)

        return run_counted(problem, evaluations, run)


def tree_parzen(problem: Problem, evaluations: int, seed: int) -> float:
    """Optuna's TPE with ``multivariate=True``: better and four times faster here than with its independent default."""
    import optuna
    from optuna.distributions import FloatDistribution

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True)
    study = optuna.create_study(sampler=sampler)
    space = {
        f"x{i:03d}": FloatDistribution(low, high)
        for i, (low, high) in enumerate(zip(problem.low.tolist(), problem.high.tolist(), strict=True))
    }
    for _ in range(evaluations):
        trial = study.ask(space)  # type: ignore[arg-type]
        study.tell(trial, problem(np.array([trial.params[name] for name in space])))
    return float(study.best_value)


PEERS: dict[str, Peer] = {
    "efficient_dandelion": efficient_dandelion,
    "original_dandelion": original_dandelion,
    "random_search": random_search,
    "differential_evolution": differential_evolution,
    "cma_es": cma_es,
    "tpe": tree_parzen,
}
"""By the names that ``--algorithms`` takes; the first is the one that the others are tested against."""
