"""The bench of the recommender: it measures what the device does, and says what it could not compare."""

from __future__ import annotations

import importlib.util

from ertedge.inference.manifest import default_models_dir
from tools.bench import recommender


def test_every_figure_is_there_and_none_is_invented() -> None:
    figures, notes = recommender.measure(default_models_dir(), rounds=10)
    found = {(figure.name, figure.of) for figure in figures}
    names = {name for name, _ in found}
    assert {f"{what}_p{p}" for what in ("decision", "forecast", "learn") for p in (50, 99)} <= names
    assert {"size", "memory", "open"} <= names
    assert all(figure.value > 0 for figure in figures)
    compared = importlib.util.find_spec("mabwiser") is not None
    assert (("time_over_forecast", recommender.BANDIT) in found) is compared
    assert bool(notes) is not compared
