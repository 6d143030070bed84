"""The recommender's network on a table of people and items: it learns, attends, and mixes with the linear part."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import sparse

from tools.baselines.matrix import HeldOut, PopularityRanker
from tools.interactions_vae import InteractionsNetwork, InteractionsVae, standardised

pytestmark = pytest.mark.tools

ITEMS, GROUPS = 40, 4


def table(people: int, seed: int) -> sparse.csr_matrix:
    """Everybody likes items of one group, and a few of any."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, GROUPS, people)
    likes = np.where(np.arange(ITEMS)[None, :] % GROUPS == group[:, None], 0.6, 0.04)
    return sparse.csr_matrix((rng.random((people, ITEMS)) < likes).astype(np.float64))


def held_out(people: int, seed: int) -> HeldOut:
    """Half of what each likes is shown."""
    whole = table(people, seed).toarray()
    shown = whole * (np.random.default_rng(seed + 1).random(whole.shape) < 0.5)
    return HeldOut(sparse.csr_matrix(shown), sparse.csr_matrix(whole - shown))


def test_it_finds_what_new_people_like() -> None:
    ranker = InteractionsVae(epochs=12, batch=50, seed=1)
    ranker.fit(table(300, 1), held_out(60, 2))
    test = held_out(100, 3)
    popular = PopularityRanker()
    popular.fit(table(300, 1), held_out(60, 2))
    ours, chance = test.ndcg(ranker.scores(test.shown)), test.ndcg(popular.scores(test.shown))
    assert ours > chance + 0.15
    assert ranker.choices.startswith("beta ")
    np.testing.assert_array_equal(ranker.scores(test.shown), ranker.scores(test.shown))


def test_somebody_without_items_is_an_ordinary_case_and_order_does_not_matter() -> None:
    torch.manual_seed(0)
    network = InteractionsNetwork(ITEMS, width=16, hidden=32, latent=8).eval()
    nobody = torch.zeros(1, ITEMS)
    with torch.no_grad():
        assert torch.isfinite(network(nobody)).all()
        rows = torch.from_numpy(table(5, 4).toarray().astype(np.float32))
        together, apart = network(rows), torch.cat([network(row[None]) for row in rows])
    torch.testing.assert_close(together, apart, rtol=1e-4, atol=1e-5)


def test_scores_before_fitting_are_an_error() -> None:
    with pytest.raises(RuntimeError, match="fit comes first"):
        InteractionsVae().scores(table(2, 5))


def test_standardised_rows_do_not_depend_on_their_scale() -> None:
    scores = np.random.default_rng(6).normal(size=(3, ITEMS))
    np.testing.assert_allclose(standardised(scores * 100.0 + 7.0), standardised(scores), atol=1e-9)
    assert np.isfinite(standardised(np.ones((2, ITEMS)))).all()
