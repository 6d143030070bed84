"""Timing in turn."""

from __future__ import annotations

import time

import pytest

from tools.bench.timing import in_turn, percentile_figures, ratio_figure, repeated


def test_subjects_are_called_in_turn_and_warm_up_does_not_count() -> None:
    calls: list[str] = []
    times = in_turn({"a": repeated(calls.append, "a"), "b": repeated(calls.append, "b")}, rounds=3, warm_up=2)
    assert calls == ["a", "b"] * 5
    assert {name: len(taken) for name, taken in times.items()} == {"a": 3, "b": 3}


def test_times_are_nanoseconds_of_the_call() -> None:
    (taken,) = in_turn({"sleep": repeated(time.sleep, 0.002)}, rounds=2, warm_up=0).values()
    assert min(taken) >= 2_000_000


def test_figures_are_milliseconds_and_ratios_are_paired() -> None:
    p50, p99 = percentile_figures("call", [1_000_000, 3_000_000, 5_000_000])
    assert (p50.name, p50.value, p50.n) == ("call_p50", 3.0, 3)
    assert p99.value == pytest.approx(4.96)
    assert ratio_figure("slower", [1, 2, 4], [2, 4, 8]).value == 2.0
