"""Every part of the Efficient Dandelion Optimizer taken out in turn, and what that costs. Host side only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from tools.dandelion import stopping
from tools.dandelion.comparison import SOLVED, Comparison, holm, signed_rank
from tools.dandelion.curves import EPOCHS, Curve
from tools.dandelion.parallel import Workers
from tools.dandelion.variants import PARTS, variant_name


@dataclass(frozen=True, slots=True)
class PartWorth:
    """What a part is worth. ``rank`` is the mean rank, among all variants, of the optimizer without it; ``factor`` the
    median over functions by which its median error grows without it; ``harmed`` and ``helped`` count the functions whose
    error grows or falls; ``p`` tests that over functions (signed-rank, Holm over the parts)."""

    part: str
    rank: float
    factor: float
    harmed: int
    helped: int
    p: float


def worths(comparison: Comparison) -> tuple[float, list[PartWorth]]:
    """The mean rank of the whole optimizer, and what each part is worth. The whole one comes first in ``comparison``."""
    logs = np.median(np.log10(np.maximum(comparison.errors, SOLVED)), axis=2)
    means = comparison.mean_ranks
    rows = [comparison.algorithms.index(variant_name(part)) for part in PARTS]
    p_values = holm([signed_rank(logs[row], logs[0]) for row in rows])
    found = [
        PartWorth(
            part,
            float(means[row]),
            float(10.0 ** np.median(logs[row] - logs[0])),
            int((logs[row] > logs[0]).sum()),
            int((logs[row] < logs[0]).sum()),
            p,
        )
        for part, row, p in zip(PARTS, rows, p_values, strict=True)
    ]
    return float(means[0]), found


def markdown(comparison: Comparison) -> str:
    """The table of the parts."""
    whole, found = worths(comparison)
    c = comparison
    lines = [
        f"{len(c.functions)} functions, {c.dimensions} dimensions, {c.evaluations} evaluations, {c.seeds} seeds. "
        f"Mean rank of the whole optimizer among the {len(c.algorithms)} variants: {whole:.2f}.",
        "",
        "| without | mean rank | error grows by (median) | functions worse, better | p (Holm) |",
        "|---|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {w.part.replace('_', ' ')} | {w.rank:.2f} | {w.factor:.3g} times | {w.harmed}, {w.helped} | {w.p:.2g} |"
        for w in sorted(found, key=lambda worth: -worth.factor)
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True, slots=True)
class StoppingTask:
    """One tuner on one made learning curve."""

    tuner: str
    budget: int
    seed: int


def execute_stopping(task: StoppingTask) -> float:
    """The true loss of what the tuner hands over."""
    curve = Curve.drawn(task.seed)
    return stopping.true_loss(stopping.TUNERS[task.tuner](curve, task.budget, task.seed), curve)


def measure_stopping(budget: int, seeds: int, workers: Workers, tuners: tuple[str, ...]) -> dict[str, list[float]]:
    """True losses by tuner, one a seed (and with it a curve)."""
    tasks = [StoppingTask(tuner, budget, seed) for tuner in tuners for seed in range(seeds)]
    losses = dict(workers.map(execute_stopping, tasks))
    return {tuner: [losses[i] for i, task in enumerate(tasks) if task.tuner == tuner] for tuner in tuners}


def stopping_markdown(losses: dict[str, list[float]], budget: int) -> str:
    """The table of early stopping; the first tuner is tested against each other one."""
    first, *others = losses
    p_values = holm([signed_rank(np.array(losses[first]), np.array(losses[other])) for other in others])
    lines = [
        f"{len(losses[first])} made learning curves of eight mixed parameters, {budget} epochs in all (a whole training is "
        f"{EPOCHS}).",
        "",
        f"| tuner | true loss: mean ± standard error | p against {first} (Holm) |",
        "|---|---:|---:|",
    ]
    for tuner, p in zip(losses, ("", *(f"{p:.2g}" for p in p_values)), strict=True):
        values = np.array(losses[tuner])
        lines.append(f"| {tuner} | {values.mean():.4f} ± {stats.sem(values):.4f} | {p} |")
    return "\n".join(lines) + "\n"
