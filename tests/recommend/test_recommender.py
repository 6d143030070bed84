"""The recommender as the core sees it: forecasts move with what a person says; what was learnt is kept and forgotten."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ertedge.errors import ManifestError, NotFoundError, StoreCorruptError
from ertedge.recommend.exploration import choice_probabilities
from ertedge.recommend.recommender import Recommender
from ertedge.types import Emotion, Suggestion, SuggestionStatus
from tests.recommend.model_fakes import FakeEntry, FakeGraph
from tests.recommend.worlds import activities, activity, affect, context_at, suggestion

CATALOGUE = activities(12)
NOW = context_at(24 * 20 + 15.0, affect(Emotion.SADNESS, 12.0))


def recommender(state: bytes | None = None, *, entry: FakeEntry | None = None) -> Recommender:
    return Recommender(FakeGraph(), entry or FakeEntry(), CATALOGUE, state)


def rated(number: int, activity_id: str, rating: int) -> Suggestion:
    return suggestion(number, 24.0 * 20 + 15.0, activity_id, helpfulness=rating)


def teach(one: Recommender, activity_id: str, rating: int, times: int, first: int = 1) -> None:
    for number in range(first, first + times):
        one.learn(NOW, [], rated(number, activity_id, rating))


def test_before_anything_is_learnt_the_network_speaks() -> None:
    forecast = recommender().forecast(NOW, [], CATALOGUE)
    assert forecast.activity_ids == tuple(each.activity_id for each in CATALOGUE)
    np.testing.assert_allclose(forecast.helpfulness, 0.1, atol=1e-6)
    np.testing.assert_allclose(forecast.uptake, 0.5)
    np.testing.assert_allclose(forecast.noise_sd, 0.3, rtol=1e-5)
    assert (forecast.sd > 0.2).all()


def test_one_call_of_the_network_for_all_that_are_asked_about() -> None:
    graph = FakeGraph()
    Recommender(graph, FakeEntry(), CATALOGUE).forecast(NOW, [], CATALOGUE[2:9])
    assert (graph.calls, graph.activities) == (1, 7)


def test_a_good_rating_raises_the_activity_most_and_its_family_more_than_others() -> None:
    one = recommender()
    before = one.forecast(NOW, [], CATALOGUE)
    teach(one, "activity-00", 5, times=4)
    after = one.forecast(NOW, [], CATALOGUE)
    gained = after.helpfulness - before.helpfulness
    same, kin, other = gained[0], gained[8], gained[5]
    assert same > kin > other > 0.0
    assert after.sd[0] < after.sd[8] < after.sd[5] < before.sd[5]
    assert one.responses == 4


def test_it_settles_at_what_the_person_says_again_and_again() -> None:
    one = recommender()
    teach(one, "activity-00", 5, times=60)
    teach(one, "activity-01", 2, times=60, first=100)
    forecast = one.forecast(NOW, [], CATALOGUE)
    assert forecast.helpfulness[0] == pytest.approx(1.0, abs=0.06)
    assert forecast.helpfulness[1] == pytest.approx(-0.5, abs=0.06)


def test_without_a_rating_only_uptake_is_learnt() -> None:
    one = recommender()
    before = one.forecast(NOW, [], CATALOGUE)
    for number in range(1, 9):
        one.learn(NOW, [], suggestion(number, 24.0 * 20, "activity-00", status=SuggestionStatus.DISMISSED))
        one.learn(NOW, [], suggestion(number + 50, 24.0 * 20, "activity-01"))
    after = one.forecast(NOW, [], CATALOGUE)
    np.testing.assert_array_equal(after.helpfulness, before.helpfulness)
    assert after.uptake[0] < 0.4
    assert after.uptake[1] > 0.6
    assert after.uptake[8] < 0.5
    assert one.responses == 0


def test_an_open_suggestion_teaches_nothing_yet_and_each_thing_is_learnt_once() -> None:
    one, other = recommender(), recommender()
    open_one = suggestion(1, 24.0 * 20, "activity-00", status=SuggestionStatus.STARTED)
    one.learn(NOW, [], open_one)
    assert one.state() == other.state()
    done = replace(open_one, status=SuggestionStatus.COMPLETED)
    for _ in range(3):
        one.learn(NOW, [], done)
    for _ in range(3):
        one.learn(NOW, [], replace(done, helpfulness=5))
    other.learn(NOW, [], replace(done, helpfulness=5))
    first, second = (each.forecast(NOW, [], CATALOGUE) for each in (one, other))
    np.testing.assert_allclose(first.helpfulness, second.helpfulness)
    np.testing.assert_allclose(first.uptake, second.uptake)


def test_an_activity_that_the_network_does_not_know_is_less_sure() -> None:
    newcomer = activity("newcomer", CATALOGUE[0].family)
    one = Recommender(FakeGraph(), FakeEntry(), (*CATALOGUE, newcomer))
    forecast = one.forecast(NOW, [], (CATALOGUE[0], newcomer))
    assert forecast.helpfulness[0] == forecast.helpfulness[1]
    # By the prior of its own deviation, and by the network's own error.
    assert forecast.sd[1] ** 2 - forecast.sd[0] ** 2 == pytest.approx((0.06 - 0.02) + (0.06 - 0.04))


def test_draws_are_joint_and_within_the_scale_and_feed_the_policy() -> None:
    one = recommender()
    teach(one, "activity-00", 5, times=20)
    forecast = one.forecast(NOW, [], CATALOGUE)
    draws = forecast.draws(np.random.default_rng(1), 20_000)
    assert draws.shape == (20_000, 12)
    assert np.abs(draws).max() <= 1.0
    assert draws[:, 5].mean() == pytest.approx(forecast.helpfulness[5], abs=0.01)
    assert draws[:, 5].std() == pytest.approx(np.linalg.norm(forecast.factor[5]), rel=0.03)
    # Two activities of one family go together more than two of different ones.
    kin, strangers = (np.asarray(np.cov(draws[:, pair].T))[0, 1] for pair in ([1, 9], [1, 10]))
    assert kin > strangers > 0.0
    chosen = choice_probabilities(
        forecast, CATALOGUE, [], NOW.wall_time_ns, np.random.default_rng(2), exploration_share=0.1
    )
    assert chosen.argmax() == 0


def test_an_activity_out_of_the_catalogue_cannot_be_forecast_and_teaches_nothing() -> None:
    one = recommender()
    state = one.state()
    one.learn(NOW, [], rated(1, "gone", 5))
    assert one.state() == state
    with pytest.raises(NotFoundError, match="without the activity gone"):
        one.forecast(NOW, [], (activity("gone"),))


def test_what_was_learnt_is_kept_over_a_restart_and_over_a_larger_catalogue() -> None:
    one = recommender()
    teach(one, "activity-00", 5, times=3)
    before = one.forecast(NOW, [], CATALOGUE)
    again = recommender(one.state())
    after = again.forecast(NOW, [], CATALOGUE)
    np.testing.assert_allclose(after.helpfulness, before.helpfulness)
    np.testing.assert_allclose(after.sd, before.sd)
    again.learn(NOW, [], rated(1, "activity-00", 5))
    assert again.state() == one.state()
    larger = Recommender(FakeGraph(), FakeEntry(), (activity("aa-first"), *CATALOGUE), one.state())
    np.testing.assert_allclose(larger.forecast(NOW, [], CATALOGUE).helpfulness, before.helpfulness)


def test_forgetting_leaves_nothing() -> None:
    one, untaught = recommender(), recommender()
    teach(one, "activity-00", 5, times=3)
    one.forget()
    assert one.responses == 0
    assert one.state() == untaught.state()


def test_a_state_of_another_model_or_a_damaged_one_is_refused_and_changes_nothing() -> None:
    one = recommender()
    teach(one, "activity-00", 5, times=3)
    state = one.state()
    assert one.version == "1.0.0+1.abababababab"
    for changed in (recommender(entry=FakeEntry(version="1.0.1")), recommender(entry=FakeEntry(sha256="cd" * 32))):
        with pytest.raises(StoreCorruptError, match=r"is not the .* that runs; forget it"):
            changed.restore(state)
        assert changed.responses == 0
    for damaged in (b"", b"x", state[:60], state[:-30]):
        with pytest.raises(StoreCorruptError, match="cannot be read"):
            one.restore(damaged)
    assert one.state() == state


def test_a_network_of_another_encoding_or_with_other_outputs_is_refused() -> None:
    entry = FakeEntry()
    entry.numbers["encoding"] = 0.0
    with pytest.raises(ManifestError, match="trained for encoding 0, this ertedge has 1"):
        Recommender(FakeGraph(), entry, CATALOGUE)
    with pytest.raises(ManifestError, match="gives helpfulness instead of"):
        Recommender(FakeGraph(), FakeEntry(outputs=("helpfulness",)), CATALOGUE)
    lacking = FakeEntry()
    del lacking.numbers["deviation"]
    with pytest.raises(ManifestError, match="no parameter deviation"):
        Recommender(FakeGraph(), lacking, CATALOGUE)
