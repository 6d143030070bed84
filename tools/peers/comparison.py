"""What every section does with its outcomes: paired differences, ratios and the words of a row. Host side only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.evaluation.evidence import RESAMPLES, Interval, interval_of
from tools.evaluation.report import Figure, Grid
from tools.peers.process import PeerError
from tools.peers.roster import OURS, Task
from tools.peers.rounds import Outcome

MISSING = "-"
Labels = NDArray[np.int64]


def paired_difference(
    theirs: Labels, ours: Labels, labels: Labels, seed: int
) -> tuple[tuple[float, Interval], tuple[float, Interval]]:
    """Accuracy and UAR of ``theirs`` less those of ``ours`` on the same samples, (n,) each, with 95% intervals by drawing
    the samples anew. A draw without any sample of a class leaves that class out of its UAR."""
    gain = (theirs == labels).astype(np.float64) - (ours == labels)
    classes = [labels == label for label in np.unique(labels)]
    random = np.random.default_rng(seed)
    drawn = np.empty((RESAMPLES, 2))
    for number in range(RESAMPLES):
        weights = np.bincount(random.integers(len(labels), size=len(labels)), minlength=len(labels))
        drawn[number] = np.average(gain, weights=weights), _mean_over(classes, gain, weights)
    whole = np.ones(len(labels), np.int64)
    return (float(gain.mean()), interval_of(drawn[:, 0])), (
        _mean_over(classes, gain, whole),
        interval_of(drawn[:, 1]),
    )


def _mean_over(classes: list[NDArray[np.bool_]], gain: NDArray[np.float64], weights: NDArray[np.integer]) -> float:
    there = [mask for mask in classes if weights[mask].sum() > 0]
    return float(np.mean([np.average(gain[mask], weights=weights[mask]) for mask in there]))


def work_figures(outcomes: dict[str, Outcome], task: Task) -> list[Figure]:
    """Time, memory and bytes of everybody without a fault, and how many times ours each is. What memory cannot be had of
    becomes a fault of its outcome."""
    figures: list[Figure] = []
    memory: dict[str, int] = {}
    for name, outcome in outcomes.items():
        if outcome.fault:
            continue
        try:
            memory[name] = outcome.peak_bytes - task.idle(name)
        except PeerError as error:
            outcome.fault = str(error)
    ours = outcomes[OURS]
    for name, outcome in outcomes.items():
        if outcome.fault or outcome.ready is None:
            continue
        n = len(outcome.ns)
        figures.append(Figure("time_p50", float(np.median(outcome.ns)) / 1e6, "ms", n, name))
        figures.append(Figure("memory_above_idle", memory[name] / 1e6, "MB", 1, name))
        if outcome.ready.size_bytes:
            figures.append(Figure("weights", outcome.ready.size_bytes / 1e3, "kB", 1, name))
        if name != OURS and OURS in memory:
            figures.append(Figure("time_over_ours", outcome.times_of(ours), "times", n, name))
            figures.append(Figure("memory_over_ours", memory[name] / max(memory[OURS], 1), "times", 1, name))
    return figures


def work_cells(figures: list[Figure], name: str) -> tuple[str, str, str]:
    """Time as a ratio to ours, memory in MB with its ratio, weights in kB, as a row shows them."""
    found = {figure.name: figure.value for figure in figures if figure.of == name}
    if "time_p50" not in found:
        return MISSING, MISSING, MISSING
    ratio, memory = found.get("time_over_ours", 1.0), f"{found['memory_above_idle']:.0f}"
    if "memory_over_ours" in found:
        memory += f" ({times(found['memory_over_ours'])})"
    return times(ratio), memory, f"{found['weights']:.0f}" if "weights" in found else MISSING


def grid(title: str, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Grid:
    """A table whose last column, of remarks, is left out where nobody has one."""
    width = len(columns) - (not any(row[-1] for row in rows))
    return Grid(title, columns[:width], tuple(row[:width] for row in rows))


def times(ratio: float) -> str:
    """A ratio as a row shows it."""
    return f"{ratio:.3g}x"


def share(value: float, interval: Interval | None = None) -> str:
    """A share, with its interval in brackets."""
    return f"{value:.3f}" + (f" [{interval[0]:.3f}, {interval[1]:.3f}]" if interval else "")


def signed(value: float, interval: Interval) -> str:
    """A difference of shares, with its interval in brackets."""
    return f"{value:+.3f} [{interval[0]:+.3f}, {interval[1]:+.3f}]"
