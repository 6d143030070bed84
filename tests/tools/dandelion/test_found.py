"""What a tuning found is reported beside what was in use."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tools.dandelion.found import found_report
from tools.dandelion.halving import Trial
from tools.dandelion.minimise import Tuned
from tools.dandelion.space import Parameters

pytestmark = pytest.mark.tools

START: Parameters = {"echo": 2.0, "cell": "lstm"}
FOUND: Parameters = {"echo": 5.0, "cell": "gru"}
TRIALS = (Trial(START, 2, 0.9), Trial(FOUND, 2, 0.8), Trial(START, 6, 0.6), Trial(FOUND, 6, 0.5))


def test_what_was_found_stands_beside_what_was_in_use_where_that_went_so_far() -> None:
    tuned = Tuned(FOUND, 0.5, 6, 16, TRIALS)
    assert losses(tuned) == {"found": 0.5, "in use": 0.6}
    assert losses(replace(tuned, trials=(*TRIALS[:2], TRIALS[3]))) == {"found": 0.5}


def test_numbers_are_figures_and_words_are_notes() -> None:
    report = found_report("a network", Tuned(FOUND, 0.5, 6, 16, TRIALS), START, "epochs")
    assert [(figure.name, figure.value) for figure in report.figures if figure.name != "loss"] == [("echo", 5.0)]
    assert report.notes == ("cell: gru", "4 trainings, 16 epochs")


def losses(tuned: Tuned) -> dict[str, float]:
    report = found_report("a network", tuned, START, "epochs")
    return {figure.of: figure.value for figure in report.figures if figure.name == "loss"}
