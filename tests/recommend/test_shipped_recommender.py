"""The recommender that ships, through the device's runtime: what must hold whichever weights it has."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ertedge.inference.manifest import default_models_dir, load_manifest
from ertedge.inference.network import Graph
from ertedge.recommend.catalogue import load_catalogue
from ertedge.recommend.encoding import ACTIVITY_SIZE, PRESENT_SIZE, TOKEN_SIZE, TOKENS
from ertedge.recommend.recommender import Recommender
from ertedge.types import Activity, Emotion, Suggestion
from tests.recommend.worlds import activity, affect, context_at, suggestion

pytest.importorskip("onnxruntime")

MANIFEST = load_manifest(default_models_dir())
ENTRY = MANIFEST.entry("recommender")
CATALOGUE: tuple[Activity, ...] = load_catalogue().activities()
NOW = context_at(24 * 30 + 15.0, affect(Emotion.SADNESS, 12.0))


@pytest.fixture(scope="module")
def graph() -> Graph:
    return MANIFEST.open_graph("recommender")


def inputs(tokens: int, activities: int = 5) -> dict[str, NDArray[Any]]:
    rng = np.random.default_rng(1)
    mask = (np.arange(TOKENS) < tokens).astype(np.float32)[None]
    return {
        "present": rng.normal(size=(1, PRESENT_SIZE)).astype(np.float32),
        "token_index": rng.integers(0, len(ENTRY.activities) + 1, (1, TOKENS)),
        "tokens": rng.normal(size=(1, TOKENS, TOKEN_SIZE)).astype(np.float32),
        "token_mask": mask,
        "activity_index": rng.integers(0, len(ENTRY.activities) + 1, (1, activities)),
        "activities": rng.normal(size=(1, activities, ACTIVITY_SIZE)).astype(np.float32),
    }


def history(count: int) -> list[Suggestion]:
    rng = np.random.default_rng(2)
    return [
        suggestion(
            i + 1, 24.0 * i, CATALOGUE[rng.integers(len(CATALOGUE))].activity_id, helpfulness=int(rng.integers(6))
        )
        for i in range(count)
    ]


def test_it_is_small_and_knows_the_catalogue() -> None:
    assert ENTRY.size_bytes <= 1_000_000
    assert set(ENTRY.activities) <= {each.activity_id for each in CATALOGUE}
    assert len(ENTRY.activities) >= 0.6 * len(CATALOGUE)


@pytest.mark.parametrize("count", [0, 1, 40, 300])
def test_the_whole_catalogue_in_one_call(graph: Graph, count: int) -> None:
    forecast = Recommender(graph, ENTRY, CATALOGUE).forecast(NOW, history(count), CATALOGUE)
    assert forecast.activity_ids == tuple(each.activity_id for each in CATALOGUE)
    for values in (forecast.helpfulness, forecast.sd, forecast.uptake, forecast.noise_sd):
        assert values.shape == (len(CATALOGUE),)
        assert np.isfinite(values).all()
    assert np.abs(forecast.helpfulness).max() <= 1.0
    assert ((forecast.uptake > 0.0) & (forecast.uptake < 1.0)).all()
    assert (forecast.sd > 0.0).all()


def test_the_order_of_the_tokens_carries_nothing(graph: Graph) -> None:
    given = inputs(TOKENS)
    order = np.random.default_rng(3).permutation(TOKENS)
    turned = {name: array[:, order] if name.startswith("token") else array for name, array in given.items()}
    for one, other in zip(graph(given), graph(turned), strict=True):
        np.testing.assert_allclose(one, other, atol=2e-5)


@pytest.mark.parametrize("tokens", [0, 1, 20])
def test_what_is_masked_does_not_matter(graph: Graph, tokens: int) -> None:
    given = inputs(tokens)
    other = dict(given)
    other["tokens"] = np.where(given["token_mask"][..., None] > 0, given["tokens"], np.float32(3.0))
    other["token_index"] = np.where(given["token_mask"] > 0, given["token_index"], 1)
    for one, changed in zip(graph(given), graph(other), strict=True):
        np.testing.assert_allclose(one, changed, atol=1e-6)


def test_each_activity_is_scored_alone(graph: Graph) -> None:
    given = inputs(10, activities=6)
    alone = {name: array[:, 2:3] if name.startswith("activit") else array for name, array in given.items()}
    for together, single in zip(graph(given)[:4], graph(alone)[:4], strict=True):
        np.testing.assert_allclose(together[:, 2:3], single, atol=1e-5)


def test_an_activity_out_of_a_file_is_scored_by_its_content_and_less_sure(graph: Graph) -> None:
    newcomer = activity("dropped-in", CATALOGUE[0].family, emotions=(Emotion.SADNESS,))
    one = Recommender(graph, ENTRY, (*CATALOGUE, newcomer))
    forecast = one.forecast(NOW, history(20), (*CATALOGUE, newcomer))
    assert forecast.helpfulness[:-1].min() - 0.2 < forecast.helpfulness[-1] < forecast.helpfulness[:-1].max() + 0.2
    rated = [suggestion(i, 24.0 * 29, "dropped-in", helpfulness=5) for i in range(1, 13)]
    for each in rated:
        one.learn(NOW, [], each)
    after = one.forecast(NOW, history(20), (*CATALOGUE, newcomer))
    assert after.helpfulness[-1] > forecast.helpfulness[-1]
    assert after.sd[-1] < forecast.sd[-1]


def test_somebody_who_likes_one_activity_is_offered_it_with_more_hope(graph: Graph) -> None:
    one = Recommender(graph, ENTRY, CATALOGUE)
    liked, disliked = CATALOGUE[3].activity_id, CATALOGUE[8].activity_id
    past: list[Suggestion] = []
    for day in range(14):
        for place, (activity_id, rating) in enumerate(((liked, 5), (disliked, 1))):
            then = context_at(24.0 * day + 9.0 + 6.0 * place, affect(Emotion.SADNESS, 12.0))
            done = suggestion(2 * day + place + 1, 24.0 * day + 9.0 + 6.0 * place, activity_id, helpfulness=rating)
            one.learn(then, past, done)
            past = [*past, done]
    before = Recommender(graph, ENTRY, CATALOGUE).forecast(NOW, [], CATALOGUE)
    after = one.forecast(NOW, past, CATALOGUE)
    assert after.helpfulness[3] > before.helpfulness[3]
    assert after.helpfulness[8] < before.helpfulness[8] - 0.1
    assert after.helpfulness[3] > after.helpfulness[8] + 0.3
