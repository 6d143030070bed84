"""The distribution over activities: what Thompson sampling says, damped by habit, spread a little."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from ertedge.recommend.exploration import BOLDNESS, choice_probabilities, draw, familiarity
from ertedge.types import ActivityFamily
from tests.recommend.worlds import DAY, FIRST_WALL, HOUR, Belief, activities, activity, belief, suggestion

NOW = FIRST_WALL + 100 * HOUR


def two(helpfulness: tuple[float, float], sd: float, uptake: tuple[float, float] = (1.0, 1.0)) -> Belief:
    return Belief(("activity-00", "activity-01"), np.array(helpfulness), np.full(2, sd), np.array(uptake))


def test_each_is_chosen_as_often_as_it_is_believed_the_best() -> None:
    rng = np.random.default_rng(0)
    found = choice_probabilities(
        two((0.3, 0.2), 0.1), activities(2), [], NOW, rng, exploration_share=0.0, draws=200_000
    )
    # Both draws are positive nearly always, and their difference is normal.
    assert found[0] == pytest.approx(norm.cdf(0.1 / (BOLDNESS * 0.1 * np.sqrt(2.0))), abs=0.005)


def test_what_is_done_more_often_is_worth_more() -> None:
    rng = np.random.default_rng(0)
    found = choice_probabilities(two((0.4, 0.4), 0.05, (0.9, 0.3)), activities(2), [], NOW, rng, exploration_share=0.0)
    assert found[0] > 0.99


def test_a_share_is_spread_evenly() -> None:
    rng = np.random.default_rng(0)
    many = activities(10)
    sure = Belief(tuple(a.activity_id for a in many), np.linspace(0.0, 0.9, 10), np.full(10, 1e-6), np.ones(10))
    found = choice_probabilities(sure, many, [], NOW, rng, exploration_share=0.1)
    assert found[:-1] == pytest.approx(np.full(9, 0.01))
    assert found.sum() == pytest.approx(1.0, abs=1e-12)


def test_what_cannot_be_told_apart_is_chosen_evenly() -> None:
    rng = np.random.default_rng(0)
    found = choice_probabilities(two((0.4, 0.1), 0.1, (0.0, 0.0)), activities(2), [], NOW, rng, exploration_share=0.0)
    assert found == pytest.approx(np.array([0.5, 0.5]))


def test_what_was_offered_lately_is_offered_less_until_time_has_passed() -> None:
    shares = {}
    for days in (0.01, 1.0, 30.0):
        history = [suggestion(1, 100.0 - days * 24.0, "activity-00")]
        rng = np.random.default_rng(0)
        found = choice_probabilities(two((0.4, 0.35), 0.1), activities(2), history, NOW, rng, exploration_share=0.0)
        shares[days] = found[0]
    rng = np.random.default_rng(0)
    fresh = choice_probabilities(two((0.4, 0.35), 0.1), activities(2), [], NOW, rng, exploration_share=0.0)[0]
    assert shares[0.01] < fresh - 0.05
    assert shares[0.01] < shares[1.0] < shares[30.0]
    assert shares[30.0] == pytest.approx(fresh, abs=0.01)


def test_a_family_tires_a_little_too() -> None:
    choices = (
        activity("a", ActivityFamily.SLEEP),
        activity("b", ActivityFamily.SLEEP),
        activity("c", ActivityFamily.RELAXATION),
    )
    found = familiarity(choices, [suggestion(1, 100.0, "a")], NOW)
    assert found == pytest.approx(np.array([1.0 - 0.9 * 0.98, 0.02, 0.0]))
    worn = familiarity(choices, [suggestion(i, 100.0, "a") for i in range(50)], NOW)
    assert (worn <= 1.0).all()
    assert worn[0] > found[0]
    assert familiarity(choices, [suggestion(1, 100.0, "gone")], NOW) == pytest.approx(np.zeros(3))
    later = familiarity(choices, [suggestion(1, 100.0, "a")], NOW + 2 * DAY)
    assert later[0] == pytest.approx(1.0 - 0.95 * (1.0 - 0.02 / 4))


def test_an_activity_that_is_thought_harmful_is_not_made_attractive_by_habit() -> None:
    history = [suggestion(i, 99.0, "activity-00") for i in range(10)]
    rng = np.random.default_rng(0)
    found = choice_probabilities(two((-0.4, -0.3), 0.01), activities(2), history, NOW, rng, exploration_share=0.0)
    assert found == pytest.approx(np.array([0.0, 1.0]))


def test_draws_come_as_often_as_the_probabilities_say() -> None:
    rng = np.random.default_rng(1)
    probabilities = np.array([0.0, 0.2, 0.5, 0.3, 0.0])
    counts = np.bincount([draw(probabilities, rng) for _ in range(20_000)], minlength=5)
    assert counts[0] == counts[4] == 0
    assert counts / 20_000 == pytest.approx(probabilities, abs=0.015)


def test_a_forecast_of_other_activities_is_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="not about the activities"):
        choice_probabilities(belief(activities(3)), activities(2), [], NOW, rng, exploration_share=0.1)
    with pytest.raises(ValueError, match="no activity to choose from"):
        choice_probabilities(belief([]), [], [], NOW, rng, exploration_share=0.1)
