"""Times several callables in turn: A B C, A B C, ... so that what slows the machine slows all of them alike."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np

from tools.evaluation.report import Figure

Argument = TypeVar("Argument")


def repeated(function: Callable[[Argument], object], argument: Argument) -> Callable[[], object]:
    """``function`` of ``argument`` as something to be timed."""
    return lambda: function(argument)


def in_turn(subjects: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 5) -> dict[str, list[int]]:
    """Nanoseconds of each call of each subject, ``rounds`` of them, after ``warm_up`` rounds that do not count."""
    times: dict[str, list[int]] = {name: [] for name in subjects}
    for turn in range(-warm_up, rounds):
        # A collection in the midst of a call would count as that call's time.
        gc.collect(0)
        for name, subject in subjects.items():
            started = time.perf_counter_ns()
            subject()
            if turn >= 0:
                times[name].append(time.perf_counter_ns() - started)
    return times


def percentile_figures(name: str, times_ns: Sequence[int], of: str = "") -> list[Figure]:
    """p50 and p99 of ``times_ns`` in milliseconds."""
    return [
        Figure(f"{name}_p{percent}", float(np.percentile(times_ns, percent)) / 1e6, "ms", len(times_ns), of)
        for percent in (50, 99)
    ]


def ratio_figure(name: str, ours_ns: Sequence[int], theirs_ns: Sequence[int], of: str = "") -> Figure:
    """How many times as long theirs takes: the median over turns of theirs / ours in the same turn."""
    ratios = np.asarray(theirs_ns, dtype=np.float64) / np.asarray(ours_ns, dtype=np.float64)
    return Figure(name, float(np.median(ratios)), "times", len(ratios), of)
