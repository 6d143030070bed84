"""The figures of a card are those of the harness, with intervals that follow from the samples."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tools.cards.figures import (
    Group,
    calibration_intervals,
    confusion_grid,
    group_rows,
    part_of,
    points,
    score_row,
    share,
    shown,
    thirds,
    wilson,
)
from tools.evaluation import metrics
from tools.evaluation.evidence import Scores, classified

NAMES = ("calm", "glad", "sad")


def _made(n: int, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    random = np.random.default_rng(seed)
    probabilities = random.dirichlet(np.ones(3), n)
    return probabilities, random.integers(0, 3, n)


def test_people_who_are_all_alike_leave_no_doubt() -> None:
    probabilities, labels = _made(40)
    everybody = np.tile(probabilities, (6, 1)), np.tile(labels, 6)
    subjects = [f"s{person}" for person in range(6) for _ in labels]
    ece, log_loss = calibration_intervals(*everybody, subjects, seed=1)
    assert ece == pytest.approx([metrics.expected_calibration_error(*everybody)] * 2)
    assert log_loss == pytest.approx([-np.log(probabilities[np.arange(40), labels]).mean()] * 2)


def test_samples_are_drawn_where_people_are_few_or_unknown() -> None:
    probabilities, labels = _made(400)
    unknown = calibration_intervals(probabilities, labels, (), seed=1)
    assert unknown == calibration_intervals(probabilities, labels, ["one", "two"] * 200, seed=1)
    (ece_low, ece_high), (loss_low, loss_high) = unknown
    loss = -np.log(probabilities[np.arange(400), labels]).mean()
    assert loss_low < loss < loss_high
    assert ece_low < ece_high
    often = np.tile(probabilities, (9, 1)), np.tile(labels, 9)
    _, (often_low, often_high) = calibration_intervals(*often, (), seed=1)
    assert loss_high - loss_low > 2 * (often_high - often_low)


def test_wilson_as_published() -> None:
    """Brown, Cai and DasGupta 2001: none of ten is up to 0.278."""
    assert wilson(0, 10) == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert share(5, 10) == "0.500 [0.237, 0.763]"
    assert share(0, 0) == "-"
    assert shown(0.5) == "0.500"


def test_a_row_says_what_the_harness_says() -> None:
    probabilities, labels = _made(200)
    scores = Scores(probabilities, labels, NAMES, NAMES)
    found = classified(scores, 0)
    name, n, accuracy, uar, ece, log_loss, cost = score_row("all", scores, 0, scores)
    assert (name, n, cost) == ("all", "200", "+0.00 points")
    assert accuracy == shown(found.accuracy, found.accuracy_ci95)
    assert uar.startswith(f"{found.uar:.3f} [")
    assert ece.startswith(f"{found.ece:.3f} [")
    assert log_loss.startswith(f"{found.log_loss:.3f} [")
    assert points(0.80, 0.81) == "-1.00 points"
    assert score_row("alone", scores, 0)[-1] == "-"


def test_a_label_that_the_collection_lacks_does_not_compete() -> None:
    probabilities = np.array([[0.1, 0.2, 0.7], [0.1, 0.8, 0.1]])
    scores = Scores(probabilities, np.array([1, 1]), NAMES, ("calm", "glad"))
    assert score_row("two", scores, 0)[2].startswith("1.000")


def test_groups_are_parts_of_the_samples() -> None:
    probabilities = np.eye(3)[[0, 1, 2, 0]]
    scores = Scores(probabilities, np.array([0, 1, 2, 1]), NAMES, NAMES, ("a", "a", "b", "b"))
    groups = [Group("a", np.array([True, True, False, False])), Group("b", np.array([2, 3]))]
    rows = group_rows(scores, [*groups, Group("nobody", np.zeros(4, bool))], 0)
    assert [row[:2] for row in rows] == [("a", "2"), ("b", "2")]
    assert [row[2].split(" ")[0] for row in rows] == ["1.000", "0.500"]
    assert part_of(scores, np.array([3])).subjects == ("b",)


def test_thirds_are_of_equal_size_and_in_order() -> None:
    low, middle, high = thirds("light", np.array([9.0, 1, 8, 2, 7, 3]), "dark", "bright")
    assert (low.name, high.name) == ("light, dark (1.00 to 2.00)", "light, bright (8.00 to 9.00)")
    assert [sorted(one.where.tolist()) for one in (low, middle, high)] == [[1, 3], [4, 5], [0, 2]]


def test_confusion_has_true_rows_and_recalls() -> None:
    probabilities = np.eye(3)[[0, 1, 1, 2]]
    grid = confusion_grid(classified(Scores(probabilities, np.array([0, 0, 1, 2]), NAMES, NAMES), 0))
    assert grid.rows[0] == ("calm", "1", "1", "0", share(1, 2))
    assert grid.columns == ("true \\ read as", "calm", "glad", "sad", "recall")
