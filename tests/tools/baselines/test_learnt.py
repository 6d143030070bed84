"""Mult-VAE, RecVAE and the bandits: they learn what was planted."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.tools.baselines.test_baselines import ACTIVITIES, blocks, hidden_half, log_of, offer
from tests.tools.cohort.test_records import context
from tools.baselines.bandits import BanditChooser, BetaThompsonChooser, LinearChooser
from tools.baselines.choice import Question
from tools.baselines.features import FEATURES, PersonFeatures
from tools.baselines.matrix import PopularityRanker
from tools.baselines.mult_vae import MultVaeRanker
from tools.baselines.rec_vae import PRIOR_SHARES, RecVaeRanker, log_prior
from tools.baselines.vae_training import VaeRanker, log_likelihood

pytestmark = pytest.mark.tools


@pytest.mark.parametrize(
    "ranker",
    [MultVaeRanker(hidden=32, latent=8, epochs=30, batch=50), RecVaeRanker(hidden=32, latent=8, epochs=10, batch=50)],
    ids=["Mult-VAE", "RecVAE"],
)
def test_autoencoders_find_the_block_of_a_person(ranker: VaeRanker) -> None:
    validation, unseen = hidden_half(blocks(30, 20, 1), 1), hidden_half(blocks(60, 20, 2), 2)
    popular = PopularityRanker()
    ranker.fit(blocks(200, 20, 3), validation)
    popular.fit(blocks(200, 20, 3), validation)
    assert unseen.ndcg(ranker.scores(unseen.shown)) > unseen.ndcg(popular.scores(unseen.shown)) + 0.1
    assert ranker.scores(unseen.shown) == pytest.approx(ranker.scores(unseen.shown))
    assert "epochs" in ranker.choices


def test_a_ranker_that_was_not_fitted_says_so() -> None:
    with pytest.raises(RuntimeError, match="fit"):
        MultVaeRanker().scores(blocks(2, 4, 0))


def test_the_multinomial_likelihood_counts_each_entry() -> None:
    logits = torch.log(torch.tensor([[0.5, 0.25, 0.25]]))
    assert log_likelihood(logits, torch.tensor([[1.0, 0.0, 1.0]])).item() == pytest.approx(np.log(0.5) + np.log(0.25))


def test_the_composite_prior_is_a_mixture() -> None:
    z = torch.tensor([[0.3]])
    old = (torch.tensor([[0.3]]), torch.tensor([[-2.0]]))
    wide = np.exp(-0.5 * 0.09 / np.exp(10)) / np.sqrt(2 * np.pi * np.exp(10))
    standard = np.exp(-0.5 * 0.09) / np.sqrt(2 * np.pi)
    own = 1 / np.sqrt(2 * np.pi * np.exp(-2.0))
    expected = np.log(PRIOR_SHARES[0] * standard + PRIOR_SHARES[1] * own + PRIOR_SHARES[2] * wide)
    assert log_prior(z, old).item() == pytest.approx(expected, abs=1e-5)


def bandits() -> list[BanditChooser]:
    logs = [log_of(str(i), [(place, 5 if place == 3 else 2) for place in range(12)]) for i in range(10)]
    return [
        LinearChooser(logs, ACTIVITIES, thompson=False, alpha=0.01, warmth=0.5),
        LinearChooser(logs, ACTIVITIES, thompson=True, alpha=0.05, warmth=0.5),
        BetaThompsonChooser(logs, ACTIVITIES, warmth=0.5),
    ]


@pytest.mark.parametrize("number", range(3), ids=["LinUCB", "LinTS", "Thompson"])
def test_bandits_start_warm_and_go_on_learning_each_person_alone(number: int) -> None:
    chooser = bandits()[number]
    chooser.begin(2, 0)
    assert chooser.scores(0, context(0), (), ACTIVITIES).argmax() == 3
    for _ in range(25):
        chooser.learn(0, context(0), (), offer(1, ACTIVITIES[8].activity_id, 5))
        chooser.learn(0, context(0), (), offer(1, ACTIVITIES[3].activity_id, 0))
    assert chooser.scores(0, context(0), (), ACTIVITIES).argmax() == 8
    assert chooser.scores(1, context(0), (), ACTIVITIES).argmax() == 3
    picks = [chooser.choose(0, context(0), (), ACTIVITIES)[0] for _ in range(10)]
    assert picks.count(8) >= 6
    chooser.begin(2, 0)
    assert chooser.scores(0, context(0), (), ACTIVITIES).argmax() == 3


def test_bounds_are_the_library_s_and_draws_are_of_its_posterior() -> None:
    logs = [log_of(str(i), [(place, 2 + place % 4) for place in range(12)]) for i in range(5)]
    bound, drawn = (
        LinearChooser(logs, ACTIVITIES, thompson=thompson, alpha=0.3, warmth=0.5) for thompson in (False, True)
    )
    question = Question(0, context(1), (), ACTIVITIES)
    row = PersonFeatures(ACTIVITIES).of(context(1))[None, :]
    expected = bound.fresh().predict_expectations(row)
    assert bound.try_out(question) == pytest.approx([expected[arm] for arm in range(12)])
    ours = np.array([drawn.try_out(question) for _ in range(4000)])
    theirs = drawn.fresh()
    library = np.array([list(theirs.predict_expectations(row).values()) for _ in range(1500)])
    assert ours.mean(axis=0) == pytest.approx(library.mean(axis=0), abs=0.05)
    assert ours.std(axis=0) == pytest.approx(library.std(axis=0), rel=0.12)


def test_two_people_do_not_share_their_chance() -> None:
    logs = [log_of(str(i), [(place, 3) for place in range(12)]) for i in range(3)]
    chooser = LinearChooser(logs, ACTIVITIES, thompson=True, alpha=0.5, warmth=0.1)
    chooser.begin(2, 0)
    first, second = ([chooser.choose(person, context(0), (), ACTIVITIES)[0] for _ in range(30)] for person in (0, 1))
    assert first != second


def test_features_follow_the_person() -> None:
    features = PersonFeatures(ACTIVITIES)
    before = features.of(context(1))
    assert before.shape == (FEATURES,)
    features.add(offer(1, ACTIVITIES[0].activity_id, 5), 1.0)
    after = features.of(context(1))
    assert (after != before).sum() == 3
