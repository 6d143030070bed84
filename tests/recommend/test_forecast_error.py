"""The error of the network's own: what it is at first, what shrinks it, and that a forecast's spread has it in it."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.errors import ManifestError
from ertedge.recommend.activity_features import ActivityTable
from ertedge.recommend.encoding import HistoryTable, activity_features, log_ratings
from ertedge.recommend.forecast_error import ForecastError
from ertedge.recommend.recommender import Recommender
from tests.recommend.model_fakes import FakeEntry, FakeGraph
from tests.recommend.worlds import activities, activity, context_at, suggestion

CATALOGUE = activities(12)
IDS = tuple(each.activity_id for each in CATALOGUE)
NOW = context_at(24.0 * 30)
PAST = [suggestion(i + 1, 24.0 * i, IDS[i % 3], helpfulness=4 if i < 6 else 0) for i in range(9)]


def test_the_ratings_are_counted_of_the_activity_its_family_and_all() -> None:
    table = ActivityTable.of(CATALOGUE, IDS)
    features = activity_features(NOW, HistoryTable.of(PAST, table), table, np.arange(12))
    counts = np.expm1(log_ratings(features))
    kin = [sum(CATALOGUE[i % 3].family is each.family for i in range(6)) for each in CATALOGUE]
    np.testing.assert_allclose(counts[:, 0], [2, 2, 2, *[0] * 9], atol=1e-5)
    np.testing.assert_allclose(counts[:, 1], kin, atol=1e-5)
    np.testing.assert_allclose(counts[:, 2], 6.0, atol=1e-5)


def test_it_shrinks_as_a_power_of_the_ratings_and_is_larger_for_what_is_unknown() -> None:
    error = ForecastError(0.05, 0.08, np.array([0.5, 0.25, 0.0]))
    counts = np.log1p(np.array([[0, 0, 0], [3, 15, 40], [0, 0, 0]], dtype=np.float64))
    found = error.variance(counts, np.array([True, True, False]))
    np.testing.assert_allclose(found, [0.05, 0.05 / (2.0 * 2.0), 0.08])


def test_a_forecast_is_as_unsure_as_posterior_and_network_together_and_draws_by_the_posterior_alone() -> None:
    newcomer = activity("newcomer", CATALOGUE[0].family)
    asked = (*CATALOGUE, newcomer)
    forecast = Recommender(FakeGraph(), FakeEntry(), asked).forecast(NOW, [], asked)
    posterior = np.square(forecast.factor).sum(axis=1)
    np.testing.assert_allclose(np.square(forecast.sd) - posterior, [0.04] * 12 + [0.06], rtol=1e-5)
    spread = forecast.draws(np.random.default_rng(1), 20_000).std(axis=0)
    np.testing.assert_allclose(spread, np.sqrt(posterior), rtol=0.05)


def test_an_entry_without_it_is_refused() -> None:
    entry = FakeEntry()
    del entry.numbers["forecast_error"]
    with pytest.raises(ManifestError, match="forecast_error"):
        Recommender(FakeGraph(), entry, CATALOGUE)
