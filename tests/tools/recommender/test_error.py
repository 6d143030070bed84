"""The network's own error is found in made forecasts whose error is known, with the truth at hand and by ratings alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ertedge.recommend.encoding import ACTIVITY_SIZE, log_ratings
from ertedge.recommend.posterior import PriorVariances
from tests.tools.recommender.cohorts import IDS, TABLE, tasteful_logs
from tools.att_vae_network import Decoded
from tools.recommender.data import batch_of, encode_logs
from tools.recommender.error import CAUTIOUS, evidence_of, fit_error
from tools.recommender.prior import Spoken

pytestmark = pytest.mark.tools

NOTHING = PriorVariances(np.full(2, 1e-9), 1e-9, 1e-9, 1e-9, 1e-9, float("inf"))
"""A posterior that learns nothing: what the network errs by is all there is."""
LASTING, MOMENT, NOISE = 0.06, 0.02, 0.05


def people(count: int, decisions: int, *, truth_known: bool, power: float = 0.0) -> list[Spoken]:
    """Forecasts of 0 where the truth is a lasting part of each activity, which is the smaller the oftener the person rated
    it, and a part of the moment; ratings show it with noise."""
    rng = np.random.default_rng(1)
    corpus = encode_logs(tasteful_logs(count, decisions, 1), TABLE)
    spoken = []
    for person in range(count):
        batch = batch_of(corpus, [person], decisions, None)
        shrunk = np.exp(-power * log_ratings(batch.activities.numpy())[:, 0])
        lasting = rng.normal(0.0, np.sqrt(LASTING), len(IDS))[batch.activity_row[0].numpy()]
        truth = np.sqrt(shrunk) * (lasting + rng.normal(0.0, np.sqrt(MOMENT), decisions))
        batch.rating[0] = torch.from_numpy(truth + rng.normal(0.0, np.sqrt(NOISE), decisions)).float()
        batch.truth[0] = torch.from_numpy(truth).float() if truth_known else torch.nan
        flat = torch.zeros(1, decisions)
        spoken.append(Spoken(Decoded(flat, flat + float(np.log(NOISE)), flat, torch.zeros(1, decisions, 2)), batch))
    return spoken


def test_the_truth_at_hand_tells_the_whole_error_and_how_it_shrinks() -> None:
    spoken = people(150, 40, truth_known=True, power=0.5)
    assert spoken[0].batch.activities.shape[-1] == ACTIVITY_SIZE
    found = fit_error(NOTHING, spoken, spoken)
    assert found.error.known == pytest.approx(LASTING + MOMENT, rel=0.1)
    assert found.error.powers.sum() == pytest.approx(0.5, abs=0.1)
    counts = evidence_of(NOTHING, spoken, is_known=True).log_ratings
    expected = (LASTING + MOMENT) * np.exp(-0.5 * counts[:, 0])
    np.testing.assert_allclose(found.error.variance(counts, np.ones(len(counts), dtype=np.bool_)), expected, rtol=0.25)
    assert found.held == pytest.approx(0.95, abs=0.015)


def test_ratings_alone_tell_the_part_that_lasts() -> None:
    spoken = people(300, 20, truth_known=False)
    evidence = evidence_of(NOTHING, spoken, is_known=True)
    assert evidence.square.mean() == pytest.approx(LASTING, rel=0.1)
    found = fit_error(NOTHING, spoken, spoken)
    assert found.held is None
    total = found.error.variance(evidence.log_ratings, np.ones(len(evidence.square), dtype=np.bool_)).mean()
    assert total == pytest.approx(LASTING, rel=0.15)


def test_an_unknown_activity_is_never_surer_and_little_evidence_is_no_evidence() -> None:
    spoken = people(40, 30, truth_known=True)
    for each in spoken:
        each.batch.rated.zero_()
    found = fit_error(NOTHING, spoken, people(40, 30, truth_known=True, power=2.0))
    assert found.error.unknown >= found.error.known
    few = fit_error(NOTHING, people(1, 10, truth_known=False), people(1, 10, truth_known=False))
    assert (few.error, few.held) == (CAUTIOUS, None)
