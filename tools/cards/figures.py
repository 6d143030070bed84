"""How the figures of a card are made and shown: rows of a classifier with intervals, groups, confusion. Host only.

Accuracy and UAR have the percentile intervals of ``tools.evaluation.evidence``; ECE and log-loss those of the same kind of
resamples (people where there are at least five, else samples). The ECE of a resample lies above that of the data, being a
mean of distances, so its interval reaches further up than down. A plain share has Wilson's interval (Wilson 1927).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from ertedge.inference.entry import ModelEntry
from tools.evaluation.evidence import (
    LEAST_PROBABILITY,
    LEAST_SUBJECTS,
    RESAMPLES,
    TIMED_CALLS,
    Classified,
    ClassifierEvidence,
    Interval,
    Scores,
    classified,
    interval_of,
)
from tools.evaluation.metrics import CALIBRATION_BINS
from tools.evaluation.report import Grid
from tools.macs import CORES, count_macs

SCORE_COLUMNS = ("", "n", "accuracy", "UAR", "ECE", "log-loss", "int8 - float32")
GROUP_COLUMNS = ("", "n", "accuracy", "UAR", "mean confidence")
SHORT = 4


@dataclass(frozen=True, slots=True)
class Group:
    """A part of the samples: ``where`` (n,) a mask or indices."""

    name: str
    where: NDArray[np.bool_] | NDArray[np.int64]


def shown(value: float, interval: Interval | None = None) -> str:
    """``0.850 [0.838, 0.862]``."""
    return f"{value:.3f}" if interval is None else f"{value:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"


def share(right: int, n: int) -> str:
    """A share with Wilson's 95% interval, a dash where there is nothing."""
    return shown(right / n, wilson(right, n)) if n else "-"


def wilson(right: int, n: int) -> Interval:
    """The 95% interval of a share of n > 0 samples."""
    found = binomtest(right, n).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def calibration_intervals(
    probabilities: NDArray[np.float64], labels: NDArray[np.int64], subjects: Sequence[str], seed: int
) -> tuple[Interval, Interval]:
    """The 95% intervals of ECE and log-loss. ``probabilities`` (n, classes), ``labels`` (n,), ``subjects`` (n,) or empty."""
    n = len(labels)
    confidence = probabilities.max(axis=1)
    # The bins of metrics.expected_calibration_error.
    bin_of = np.clip(np.ceil(confidence * CALIBRATION_BINS).astype(np.int64) - 1, 0, CALIBRATION_BINS - 1)
    samples = np.zeros((n, CALIBRATION_BINS + 2))
    samples[np.arange(n), bin_of] = confidence - (probabilities.argmax(axis=1) == labels)
    samples[:, -2] = -np.log(np.maximum(probabilities[np.arange(n), labels], LEAST_PROBABILITY))
    samples[:, -1] = 1.0
    people = sorted(set(subjects))
    units = samples
    if len(people) >= LEAST_SUBJECTS:
        who = np.array(subjects)
        units = np.stack([samples[who == person].sum(axis=0) for person in people])
    random = np.random.default_rng(seed)
    drawn = np.stack(
        [
            np.bincount(random.integers(len(units), size=len(units)), minlength=len(units)) @ units
            for _ in range(RESAMPLES)
        ]
    )
    ece = np.abs(drawn[:, :CALIBRATION_BINS]).sum(axis=1) / drawn[:, -1]
    return interval_of(ece), interval_of(drawn[:, -2] / drawn[:, -1])


def score_row(name: str, scores: Scores, seed: int, twin: Scores | None = None) -> tuple[str, ...]:
    """One row of SCORE_COLUMNS over the labels that model and collection share; ``twin`` is what the float network says of
    the same samples."""
    found = classified(scores, seed)
    columns = [scores.names.index(label) for label in found.labels]
    kept = np.isin(scores.labels, columns)
    among = np.maximum(scores.probabilities[kept][:, columns].astype(np.float64), LEAST_PROBABILITY)
    subjects = [s for s, keep in zip(scores.subjects, kept, strict=True) if keep] if scores.subjects else []
    ece, log_loss = calibration_intervals(
        among / among.sum(axis=1, keepdims=True), np.searchsorted(columns, scores.labels[kept]), subjects, seed
    )
    return (
        name,
        f"{found.n:,}",
        shown(found.accuracy, found.accuracy_ci95),
        shown(found.uar, found.uar_ci95),
        shown(found.ece, ece),
        shown(found.log_loss, log_loss),
        points(found.accuracy, None if twin is None else classified(twin, seed).accuracy),
    )


def points(accuracy: float, of_float: float | None) -> str:
    """What int8 costs, in points of accuracy."""
    return "-" if of_float is None else f"{100 * (accuracy - of_float):+.2f} points"


def evidence_row(name: str, found: ClassifierEvidence) -> tuple[str, ...]:
    """The same row of a collection that ``tools.evaluate`` scored."""
    difference = found.int8_minus_float
    return (
        name,
        f"{found.n:,}",
        shown(found.accuracy, found.accuracy_ci95),
        shown(found.uar, found.uar_ci95),
        shown(found.ece),
        shown(found.log_loss),
        points(found.accuracy, None if difference is None else found.accuracy - difference),
    )


def part_of(scores: Scores, where: NDArray[np.bool_] | NDArray[np.int64]) -> Scores:
    """The samples at ``where``, a mask or indices."""
    indices = np.flatnonzero(where) if where.dtype == np.bool_ else where
    return Scores(
        scores.probabilities[indices],
        scores.labels[indices],
        scores.names,
        scores.shared,
        tuple(scores.subjects[i] for i in indices) if scores.subjects else (),
    )


def group_rows(scores: Scores, groups: Sequence[Group], seed: int) -> tuple[tuple[str, ...], ...]:
    """One row of GROUP_COLUMNS a group that has samples."""
    rows = []
    for group in groups:
        part = part_of(scores, group.where)
        if len(part.labels):
            found = classified(part, seed)
            confidence = float(part.probabilities.max(axis=1).mean())
            figures = (shown(found.accuracy, found.accuracy_ci95), shown(found.uar, found.uar_ci95), shown(confidence))
            rows.append((group.name, f"{found.n:,}", *figures))
    return tuple(rows)


def thirds(name: str, values: NDArray[np.float64], low: str, high: str) -> tuple[Group, ...]:
    """Three groups of equal size by ``values`` (n,), with the range of each."""
    parts = np.array_split(np.argsort(values, kind="stable"), 3)
    kinds = (low, "middle", high)
    return tuple(
        Group(f"{name}, {kind} ({values[part].min():.2f} to {values[part].max():.2f})", part.astype(np.int64))
        for kind, part in zip(kinds, parts, strict=True)
    )


def confusion_grid(found: Classified) -> Grid:
    """Counts, true rows, and each class's recall with Wilson's interval."""
    rows = tuple(
        (label, *(str(count) for count in counts), share(counts[place], sum(counts)))
        for place, (label, counts) in enumerate(zip(found.labels, found.confusion, strict=True))
    )
    return Grid("", ("true \\ read as", *(label[:SHORT] for label in found.labels), "recall"), rows)


def processor_ms(call: Callable[[int], object], count: int) -> float:
    """The median milliseconds of the processor for ``call(i)`` of a hundred i below ``count``, after one that is not
    counted. Unlike the clock's they hardly change while other programs run; the runtime has one thread, the caller's."""
    call(0)
    taken = []
    for number in np.linspace(0, count - 1, min(count, TIMED_CALLS)).round().astype(int):
        begun = time.thread_time()
        call(int(number))
        taken.append(time.thread_time() - begun)
    return float(np.median(taken) * 1e3)


def cost_grid(models: Path, entry: ModelEntry, what: str, ms: float) -> Grid:
    """Bytes, MACs, the processor's time for one call here, and the estimates for a Raspberry Pi."""
    macs = count_macs(models / entry.file)
    rows = [("file", f"{entry.size_bytes:,} bytes"), ("multiply-accumulates", f"{macs.total:,}")]
    rows.append((f"{what}: processor time on one x86 core, median", f"{ms:.2f} ms"))
    rows += [
        (f"estimate for {core.name} at {core.clock_hz / 1e9:g} GHz ({core.board})", core.arithmetic(macs))
        for core in CORES
    ]
    return Grid("", ("cost", ""), tuple(rows))
