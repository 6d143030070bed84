"""Coefficient alpha against figures worked out by hand, and what real answers say of the shipped norms."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tools.check_norms import alpha_interval, app, check, cronbach_alpha, stepped_up
from tools.data.dass import load_anxiety_items, load_anxiety_scores


def test_alpha_is_one_for_one_item_said_twice_and_zero_for_unrelated_ones() -> None:
    same = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    assert cronbach_alpha(same) == pytest.approx(1.0)
    # Two items with no covariance: the sum's variance is the sum of the variances.
    unrelated = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert cronbach_alpha(unrelated) == pytest.approx(0.0)
    # Variances 1 and 1, covariance 1/2, variance of the sum 3: 2 * (1 - 2/3).
    half = np.array([[1.0, 1.0], [0.0, -1.0], [-1.0, 0.0]])
    assert cronbach_alpha(half) == pytest.approx(2 / 3)


def test_spearman_and_brown() -> None:
    assert stepped_up(0.5, 1, 2) == pytest.approx(2 / 3)
    assert stepped_up(0.8, 6, 6) == pytest.approx(0.8)


def test_the_interval_holds_the_true_alpha_as_often_as_it_says() -> None:
    generator = np.random.default_rng(4)
    people, items, hits = 60, 6, 0
    truth = items * 0.5 / (1 + (items - 1) * 0.5)  # items that correlate by 0.5
    for _ in range(400):
        common = generator.standard_normal((people, 1))
        answers = common * np.sqrt(0.5) + generator.standard_normal((people, items)) * np.sqrt(0.5)
        low, high = alpha_interval(cronbach_alpha(answers), people, items)
        hits += low <= truth <= high
    assert hits / 400 == pytest.approx(0.95, abs=0.03)


def test_a_sample_is_compared_with_the_shipped_norms() -> None:
    generator = np.random.default_rng(1)
    common = generator.normal(1.0, 0.8, (500, 1))
    answers = np.clip(np.rint(common + generator.normal(0.0, 0.6, (500, 6))), 0, 3)
    found = check(answers)
    assert (found.people, found.items) == (500, 6)
    assert found.alpha_low < found.alpha < found.alpha_high
    assert found.alpha < found.alpha_seven < 1
    assert (found.published_alpha, found.published_sd) == (0.82, 5.90)
    assert found.published_points == pytest.approx(6.938, abs=1e-3)


def test_a_folder_without_the_data_is_one_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["--root", str(tmp_path)])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_real_answers_agree_with_the_published_consistency(data_root: Path) -> None:
    answers = load_anxiety_items(data_root)
    assert answers.shape == (39_700, 6)
    assert set(np.unique(answers)) == {0.0, 1.0, 2.0, 3.0}
    assert load_anxiety_scores(data_root).max() == 42.0
    result = CliRunner().invoke(app, ["--root", str(data_root), "--json"])
    found = json.loads(result.stdout)
    assert found["alpha"] == pytest.approx(0.8228, abs=1e-4)
    assert found["alpha_seven"] == pytest.approx(found["published_alpha"], abs=0.03)
    assert found["points"] > found["published_points"]  # by a more burdened sample's own spread
