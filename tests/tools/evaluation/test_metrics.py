"""The figures, against values worked out by hand and against their definitions computed the slow way."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.evaluation.metrics import (
    accept_at_far,
    accuracy,
    confusion,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    recalls,
    roc_auc,
    softmax,
    unweighted_average_recall,
)

LABELS = np.array([0, 0, 0, 0, 1, 1, 2])
PREDICTED = np.array([0, 0, 0, 1, 1, 0, 0])


def test_accuracy_confusion_and_recall_by_hand() -> None:
    assert accuracy(PREDICTED, LABELS) == pytest.approx(4 / 7)
    np.testing.assert_array_equal(confusion(PREDICTED, LABELS, 3), [[3, 1, 0], [1, 1, 0], [1, 0, 0]])
    np.testing.assert_allclose(recalls(PREDICTED, LABELS, 3), [0.75, 0.5, 0.0])
    assert unweighted_average_recall(PREDICTED, LABELS, 3) == pytest.approx(1.25 / 3)


def test_a_class_without_samples_is_left_out_of_the_average() -> None:
    assert np.isnan(recalls(PREDICTED, LABELS, 4)[3])
    assert unweighted_average_recall(PREDICTED, LABELS, 4) == pytest.approx(1.25 / 3)


def test_calibration_error_by_hand() -> None:
    # Three predictions at 0.9 of which two are right, one at 0.6 that is right.
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9], [0.6, 0.4]])
    labels = np.array([0, 0, 0, 0])
    by_hand = 3 / 4 * abs(0.9 - 2 / 3) + 1 / 4 * abs(0.6 - 1.0)
    assert expected_calibration_error(probabilities, labels) == pytest.approx(by_hand)


def test_calibration_error_is_small_where_confidence_is_true_and_large_where_it_is_not() -> None:
    generator = np.random.default_rng(0)
    confidence = generator.uniform(0.5, 1.0, 40_000)
    right = generator.random(40_000) < confidence
    honest = np.stack([confidence, 1 - confidence], axis=1)
    boastful = np.tile([0.999, 0.001], (40_000, 1))
    labels = np.where(right, 0, 1)
    assert expected_calibration_error(honest, labels) < 0.01
    assert expected_calibration_error(boastful, labels) == pytest.approx(0.999 - right.mean(), abs=1e-6)


def test_a_confidence_of_one_belongs_to_the_last_bin() -> None:
    assert expected_calibration_error(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0, 1])) == pytest.approx(0.5)


def test_negative_log_likelihood_is_minus_the_mean_log_probability() -> None:
    logits = np.array([[2.0, 0.0, -1.0], [0.5, 0.5, 0.5]])
    labels = np.array([0, 2])
    probabilities = softmax(logits, 2.0)
    assert negative_log_likelihood(logits, labels, 2.0) == pytest.approx(
        -np.log([probabilities[0, 0], probabilities[1, 2]]).mean()
    )
    assert negative_log_likelihood(np.array([[1e4, 0.0]]), np.array([1])) == pytest.approx(1e4)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(temperature: float) -> None:
    generator = np.random.default_rng(1)
    logits = generator.normal(0, 3, (20_000, 5))
    cumulative = softmax(logits, temperature).cumsum(axis=1)
    labels = (generator.random((20_000, 1)) < cumulative).argmax(axis=1)
    assert fit_temperature(logits, labels) == pytest.approx(temperature, rel=0.04)


def test_area_under_the_curve_is_the_chance_of_the_right_order() -> None:
    generator = np.random.default_rng(2)
    scores = np.round(generator.normal(0, 1, 120), 1)
    positive = generator.random(120) < 0.4
    pairs = [(p > n) + 0.5 * (p == n) for p in scores[positive] for n in scores[~positive]]
    assert roc_auc(scores, positive) == pytest.approx(np.mean(pairs))
    assert roc_auc(-scores, positive) == pytest.approx(1 - np.mean(pairs))


def test_true_accepts_at_a_false_accept_rate() -> None:
    negatives, positives = np.linspace(0.0, 0.99, 100), np.array([0.5, 0.9, 0.985, 1.5])
    scores = np.concatenate([negatives, positives])
    positive = np.arange(104) >= 100
    one_in_a_hundred = accept_at_far(scores, positive, 0.01)
    assert one_in_a_hundred.false_accept_rate == 0.01
    assert one_in_a_hundred.true_accept_rate == 0.5
    assert 0.98 < one_in_a_hundred.threshold <= 0.99
    none = accept_at_far(scores, positive, 0.001)
    assert (none.false_accept_rate, none.true_accept_rate) == (0.0, 0.25)
    assert accept_at_far(scores, positive, 1.0).true_accept_rate == 1.0


def test_equal_negatives_are_refused_together() -> None:
    scores = np.array([0.1, 0.5, 0.5, 0.5, 0.5, 0.9], dtype=np.float32)
    positive = np.array([False, False, False, False, True, True])
    point = accept_at_far(scores, positive, 0.25)
    assert (point.false_accept_rate, point.true_accept_rate) == (0.0, 0.5)


@pytest.mark.parametrize(
    "measure",
    [
        lambda: accuracy(np.array([], dtype=int), np.array([], dtype=int)),
        lambda: accuracy(PREDICTED[:3], LABELS),
        lambda: confusion(PREDICTED, LABELS, 2),
        lambda: expected_calibration_error(np.empty((0, 2)), np.array([], dtype=int)),
        lambda: roc_auc(np.array([0.1, 0.2]), np.array([True, True])),
        lambda: accept_at_far(np.array([0.1, 0.2]), np.array([False, False]), 0.1),
    ],
)
def test_what_cannot_be_scored_is_no_figure(measure: Callable[[], object]) -> None:
    with pytest.raises(ConfigurationError):
        measure()
