"""What runs say about optimizers: ranks, a Friedman test, and paired tests with Holm's correction. Host side only.

Runs of the same function and seed are pairs, since they saw the same shift and rotation. Errors of at most 1e-8 count as
0, that is as solved (the convention of the CEC competitions). An optimizer's rank on a function is that of its median
error; the mean rank is over functions, and Friedman's test asks whether ranks differ at all. One against one, Wilcoxon's
signed-rank test is made on each function over the seeds, on log errors, and over all functions on their median log errors;
Holm's step-down correction is over all tests of a kind that a table shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from tools.dandelion.landscapes import Float64Array
from tools.dandelion.runs import Run

SOLVED = 1e-8
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Duel:
    """The first optimizer against a rival on one function, or over all (``function`` empty).

    ``p`` is Holm-corrected; ``better`` says whether the first one's median is the lower (None for equal).
    """

    rival: str
    function: str
    p: float
    better: bool | None

    @property
    def verdict(self) -> str:
        """``win``, ``loss``, or ``tie`` where the difference may be chance."""
        if self.p >= LEVEL or self.better is None:
            return "tie"
        return "win" if self.better else "loss"


@dataclass(frozen=True, slots=True)
class Comparison:
    """``errors`` is (algorithms, functions, seeds); ``ranks`` (algorithms, functions); ``friedman_p`` of the ranks."""

    algorithms: tuple[str, ...]
    functions: tuple[str, ...]
    seeds: int
    dimensions: int
    evaluations: int
    errors: Float64Array
    seconds: Float64Array
    ranks: Float64Array
    friedman_p: float
    by_function: tuple[Duel, ...]
    overall: tuple[Duel, ...]

    @property
    def mean_ranks(self) -> Float64Array:
        """(algorithms,), 1 the best."""
        return np.asarray(self.ranks.mean(axis=1), dtype=np.float64)

    def place(self, algorithm: str) -> int:
        """The optimizer's place by mean rank, 1 the first."""
        means = self.mean_ranks
        return 1 + int((means < means[self.algorithms.index(algorithm)]).sum())


def compare(runs: Sequence[Run]) -> Comparison:
    """Compare the optimizers of ``runs``, the first one with each other. Every combination must be there once."""
    algorithms = tuple(dict.fromkeys(run.plan.algorithm for run in runs))
    functions = tuple(dict.fromkeys(run.plan.function for run in runs))
    seeds = sorted({run.plan.seed for run in runs})
    found = {(run.plan.algorithm, run.plan.function, run.plan.seed): run for run in runs}
    table = [[[found[a, f, s] for s in seeds] for f in functions] for a in algorithms]
    errors = np.array([[[run.error for run in row] for row in block] for block in table])
    errors = np.where(errors <= SOLVED, 0.0, errors)
    seconds = np.array([float(np.mean([run.seconds for row in block for run in row])) for block in table])
    ranks = np.asarray(stats.rankdata(np.median(errors, axis=2), axis=0), dtype=np.float64)
    return Comparison(
        algorithms,
        functions,
        len(seeds),
        runs[0].plan.dimensions,
        runs[0].plan.evaluations,
        errors,
        seconds,
        ranks,
        friedman(ranks),
        _duels_by_function(algorithms, functions, errors),
        _duels_overall(algorithms, errors),
    )


def friedman(ranks: Float64Array) -> float:
    """The p-value of Friedman's test on ranks, (algorithms, functions); 1 for fewer than three of either or no spread."""
    if min(ranks.shape) < 3 or np.ptp(ranks.mean(axis=1)) == 0.0:
        return 1.0
    return float(stats.friedmanchisquare(*ranks).pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction: each p-value times the number of hypotheses not yet rejected, never decreasing."""
    corrected = [0.0] * len(p_values)
    running = 0.0
    for position, index in enumerate(np.argsort(np.asarray(p_values), kind="stable").tolist()):
        running = max(running, min(1.0, (len(p_values) - position) * p_values[index]))
        corrected[index] = running
    return corrected


def signed_rank(first: Float64Array, second: Float64Array) -> float:
    """The two-sided p-value of Wilcoxon's signed-rank test on pairs; 1 where they do not differ at all."""
    difference = first - second
    if not (difference != 0.0).any():
        return 1.0
    # Ties rule out the exact distribution; scipy then takes the normal one by itself, without a word.
    return float(stats.wilcoxon(difference).pvalue)


def _logs(errors: Float64Array) -> Float64Array:
    return np.log10(np.maximum(errors, SOLVED))


def _better(first: float, second: float) -> bool | None:
    # A plain bool: callers ask ``is False``, which numpy's is not.
    return None if first == second else bool(first < second)


def _duels_by_function(algorithms: Sequence[str], functions: Sequence[str], errors: Float64Array) -> tuple[Duel, ...]:
    logs = _logs(errors)
    pairs = [(a, f) for a in range(1, len(algorithms)) for f in range(len(functions))]
    corrected = holm([signed_rank(logs[0, f], logs[a, f]) for a, f in pairs])
    medians = np.median(errors, axis=2)
    return tuple(
        Duel(algorithms[a], functions[f], p, _better(medians[0, f], medians[a, f]))
        for (a, f), p in zip(pairs, corrected, strict=True)
    )


def _duels_overall(algorithms: Sequence[str], errors: Float64Array) -> tuple[Duel, ...]:
    logs = np.median(_logs(errors), axis=2)
    rivals = range(1, len(algorithms))
    corrected = holm([signed_rank(logs[0], logs[a]) for a in rivals])
    return tuple(
        Duel(algorithms[a], "", p, _better(0.0, float(np.median(logs[a] - logs[0]))))
        for a, p in zip(rivals, corrected, strict=True)
    )
