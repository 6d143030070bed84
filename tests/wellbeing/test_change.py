"""Reliable change: against figures worked out by hand from the formula of Jacobson and Truax (1991)."""

from __future__ import annotations

import pytest

from ertedge.types.assessments import ChangeKind, ScaleScore
from ertedge.wellbeing.change import changes, reliable_change_index
from ertedge.wellbeing.library import Instrument
from tests.wellbeing.samples import CHECK_IN, DASS, GAD, PHQ


def score(scale_id: str, value: int | None) -> tuple[ScaleScore, ...]:
    return (ScaleScore(scale_id, scale_id, value, 42, 7, 0),)


def kind(instrument: Instrument, scale_id: str, before: int, after: int) -> ChangeKind:
    (change,) = changes(instrument.scoring, score(scale_id, before), score(scale_id, after), 5)
    assert (change.before, change.after, change.before_wall_time_ns) == (before, after, 5)
    return change.kind


@pytest.mark.parametrize(
    ("scale_id", "mean", "sd", "alpha", "points"),
    [
        # 1.96 * 7.74 * sqrt(0.24) = 7.432, and so on.
        ("depression", 5.66, 7.74, 0.88, 7.432),
        ("anxiety", 3.76, 5.90, 0.82, 6.938),
        ("stress", 9.46, 8.40, 0.90, 7.363),
    ],
)
def test_the_least_reliable_change_of_the_dass21_follows_from_the_norms(
    scale_id: str, mean: float, sd: float, alpha: float, points: float
) -> None:
    rule = next(scale.change for scale in DASS.scoring.scales if scale.scale_id == scale_id)
    assert rule is not None
    assert (rule.mean, rule.sd, rule.reliability) == (mean, sd, alpha)
    assert rule.points == pytest.approx(points, abs=5e-4)
    assert "Henry and Crawford (2005)" in rule.source


def test_the_index_counts_standard_errors_of_the_difference() -> None:
    rule = DASS.scoring.scales[0].change
    assert rule is not None
    # 3.7918 is the standard error of a difference of two depression scores.
    assert reliable_change_index(rule, 20, 10) == pytest.approx(-10 / 3.7918, abs=1e-4)
    points = PHQ.scoring.scales[0].change
    assert points is not None
    assert reliable_change_index(points, 20, 10) is None


def test_less_than_chance_makes_is_no_change() -> None:
    assert kind(DASS, "depression", 20, 14) is ChangeKind.UNCERTAIN
    assert kind(DASS, "depression", 20, 12) is ChangeKind.IMPROVED
    assert kind(DASS, "depression", 12, 20) is ChangeKind.WORSENED
    assert kind(DASS, "anxiety", 10, 4) is ChangeKind.UNCERTAIN
    assert kind(DASS, "anxiety", 10, 3) is ChangeKind.IMPROVED
    assert kind(DASS, "stress", 8, 16) is ChangeKind.WORSENED


def test_published_points_are_enough_when_reached() -> None:
    assert kind(PHQ, "depression", 12, 7) is ChangeKind.UNCERTAIN
    assert kind(PHQ, "depression", 12, 6) is ChangeKind.IMPROVED
    assert kind(GAD, "anxiety", 5, 9) is ChangeKind.WORSENED
    assert kind(GAD, "anxiety", 5, 8) is ChangeKind.UNCERTAIN


def test_clinically_significant_is_a_reliable_improvement_across_the_cut_off() -> None:
    def crossed(before: int, after: int) -> bool:
        (change,) = changes(PHQ.scoring, score("depression", before), score("depression", after), 0)
        return change.crossed

    assert crossed(15, 9)
    assert not crossed(15, 10)
    assert not crossed(11, 9)
    assert not crossed(9, 0)
    assert not crossed(5, 16)


def test_without_a_cut_off_or_a_rule_or_a_score_nothing_is_said() -> None:
    (change,) = changes(DASS.scoring, score("depression", 40), score("depression", 0), 0)
    assert not change.crossed
    assert changes(CHECK_IN.scoring, score("mood", 0), score("mood", 4), 0) == ()
    assert changes(DASS.scoring, score("depression", None), score("depression", 4), 0) == ()
    assert changes(DASS.scoring, score("depression", 4), score("depression", None), 0) == ()
    assert changes(DASS.scoring, (), score("depression", 4), 0) == ()
