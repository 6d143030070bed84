"""Training the recommender: the loss falls, the history is used, and what is exported is what was trained."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from ertedge.errors import ModelError
from ertedge.inference.manifest import load_manifest
from ertedge.recommend.encoding import HistoryTable, encode
from ertedge.recommend.recommender import Recommender
from tests.recommend.worlds import context_at
from tests.tools.recommender.cohorts import CATALOGUE, IDS, TABLE, moody_logs, tasteful_logs
from tools.att_vae_network import INPUT_NAMES, AttVae, Shape
from tools.dandelion.halving import Rungs
from tools.dandelion.space import Value
from tools.recommender import export as recommender_export
from tools.recommender.chooser import TUNED, UNTUNED, RecommenderChooser
from tools.recommender.data import Batch, Corpus, batch_of, encode_logs, gather, split
from tools.recommender.export import export
from tools.recommender.prior import speak
from tools.recommender.release import release
from tools.recommender.training import (
    Deviation,
    Ratings,
    Recipe,
    Score,
    Training,
    decode_offered,
    joint_likelihood,
    train,
)
from tools.recommender.tuning import (
    SPACE,
    Search,
    Trials,
    by_dandelion,
    by_random,
    by_tpe,
    compare,
    parameters_of,
    recipe_from,
)
from tools.train_recommender import Work, finalists

pytestmark = pytest.mark.tools

SMALL = Shape(width=16, heads=2, latent=4, hidden=24, basis=8, dropout=0.0)
QUICK = Recipe(shape=SMALL, epochs=3, people=6, decisions=16, learning_rate=1e-2)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def trained(recipe: Recipe = QUICK, people: int = 24) -> Training:
    corpus = encode_logs(tasteful_logs(people, 16, 1), TABLE)
    learners, held_out = split(corpus.people, 0.25, 1)
    training = Training(corpus, learners, held_out, known=len(IDS), recipe=recipe, seed=1)
    for _ in range(recipe.epochs):
        training.run_epoch()
    return training


def test_a_batch_is_what_the_device_encodes() -> None:
    logs = tasteful_logs(2, 40, 3)
    corpus = encode_logs(logs, TABLE)
    log, place = logs[1], 37
    batch = gather(corpus, np.array([[corpus.bounds[1] + place]]), np.ones((1, 1), dtype=np.float32))
    decision = log.decisions[place]
    row = TABLE.rows[decision.suggestion.activity_id]
    made = encode(decision.context, HistoryTable.of(log.suggestions[:place], TABLE), TABLE, np.array([row]))
    np.testing.assert_array_equal(batch.present[0], made.present)
    np.testing.assert_array_equal(batch.token_mask[0], made.token_mask)
    np.testing.assert_array_equal(batch.token_index[0], made.token_index)
    np.testing.assert_allclose(batch.tokens[0], made.tokens, atol=1e-6)
    np.testing.assert_allclose(batch.activities[0], made.activities[0], atol=1e-6)
    assert int(batch.activity_index[0]) == made.activity_index[0]


def test_an_empty_history_is_the_learnt_prior_whatever_lies_under_the_mask() -> None:
    torch.manual_seed(0)
    network = AttVae(len(IDS), SMALL).eval()
    batch = batch_of(encode_logs(tasteful_logs(3, 8, 2), TABLE), [0, 1, 2], 8, None)
    with torch.no_grad():
        nothing = network.encode(batch.present, batch.token_index, batch.tokens + 5.0, batch.token_mask * 0.0)
        prior = network.prior(batch.present)
        known = network.encode(batch.present, batch.token_index, batch.tokens, batch.token_mask)
    torch.testing.assert_close(nothing.mean, prior.mean, rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(nothing.log_variance, prior.log_variance, rtol=1e-5, atol=1e-6)
    assert float(nothing.divergence(prior).sum()) == pytest.approx(0.0, abs=1e-5)
    assert float(known.divergence(prior).sum()) > 1e-3


def test_the_likelihood_of_a_person_is_that_of_each_rating_given_the_earlier_ones() -> None:
    batch = batch_of(encode_logs(tasteful_logs(1, 12, 4), TABLE), [0], 12, None)
    torch.manual_seed(0)
    network, deviation = AttVae(len(IDS), SMALL).eval(), Deviation(SMALL.basis)
    with torch.no_grad():
        latent = network.encode(batch.present, batch.token_index, batch.tokens, batch.token_mask)
        ratings = Ratings.of(decode_offered(network, latent.mean, batch), batch)
        whole = float(joint_likelihood(deviation, ratings)) * float(batch.rated.sum())
        rated = (batch.rated[0] > 0).nonzero()[:, 0]
        covariance = deviation.covariance(ratings.basis, ratings.family, ratings.activity)[0][rated][:, rated]
        residual = (ratings.rating - ratings.said)[0, rated].double().numpy()
        noise = torch.exp(ratings.log_variance)[0, rated].double().numpy()
    prior, total = covariance.double().numpy(), 0.0
    for i in range(len(rated)):
        gain = prior[i, :i] @ np.linalg.inv(prior[:i, :i] + np.diag(noise[:i]))
        mean, variance = gain @ residual[:i], prior[i, i] - gain @ prior[:i, i] + noise[i]
        total += 0.5 * (np.log(2.0 * np.pi * variance) + (residual[i] - mean) ** 2 / variance)
    assert whole == pytest.approx(total, rel=1e-4)


def test_training_lowers_the_held_out_loss_and_goes_on_where_it_was(tmp_path: Path) -> None:
    training = trained()
    assert training.scores[-1].ratings < training.scores[0].ratings - 0.02
    told: list[int] = []
    corpus = encode_logs(tasteful_logs(24, 16, 1), TABLE)
    learners, held_out = split(corpus.people, 0.25, 1)
    for _ in range(2):
        again = Training(corpus, learners, held_out, known=len(IDS), recipe=QUICK, seed=1)
        train(again, tmp_path / "training.pt", lambda epoch, _: told.append(epoch))
    assert told == [1, 2, 3]
    assert again.scores == training.scores
    other = Training(corpus, learners, held_out, known=len(IDS), recipe=replace(QUICK, beta=0.5), seed=1)
    with pytest.raises(ValueError, match="another recipe or catalogue"):
        other.load(tmp_path / "training.pt")


def test_attention_finds_what_only_the_history_tells() -> None:
    corpus = encode_logs(moody_logs(60, 20, 1), TABLE)
    learners, held_out = split(corpus.people, 0.25, 1)
    losses = {}
    for attention in (True, False):
        recipe = Recipe(
            shape=replace(SMALL, attention=attention),
            epochs=10,
            people=9,
            decisions=20,
            learning_rate=1e-2,
            weight_decay=0.0,
            beta=0.02,
            free_bits=0.0,
        )
        training = Training(corpus, learners, held_out, known=len(IDS), recipe=recipe, seed=1)
        for _ in range(recipe.epochs):
            training.run_epoch()
        losses[attention] = training.best.ratings
    assert losses[True] < losses[False] - 0.1


def test_what_is_released_is_what_was_trained_and_serves_people(tmp_path: Path) -> None:
    training = trained()
    corpus = encode_logs(tasteful_logs(24, 16, 1), TABLE)
    network, deviation = training.take_best()
    held_out = split(corpus.people, 0.25, 1)[1]
    before = [float(network.to_noise.bias.detach()[0])]
    released = release(
        network,
        deviation,
        corpus,
        held_out,
        activity_ids=IDS,
        models=tmp_path,
        command="python -m tools.train_recommender",
        provenance="six people",
    )
    assert released.exported.size_bytes <= recommender_export.SIZE_MOST
    assert released.exported.difference < 1e-4
    assert released.prior.nats[1] <= released.prior.nats[0] + 0.02
    assert before[0] != float(network.to_noise.bias.detach()[0])
    manifest = load_manifest(tmp_path)
    recommender = Recommender(manifest.open_graph("recommender"), manifest.entry("recommender"), CATALOGUE)
    forecast = recommender.forecast(context_at(33.0), (), CATALOGUE)
    assert forecast.helpfulness[:3].min() > forecast.helpfulness[3:].max()
    spoken = speak(network, corpus, held_out[:1])[0]
    assert spoken.decoded.helpfulness.shape == spoken.batch.rating.shape
    chooser = RecommenderChooser("ours", tmp_path, CATALOGUE, exploration_share=0.0)
    chooser.begin(1, 1)
    index, propensity = chooser.choose(0, context_at(33.0), (), CATALOGUE)
    assert index < 3
    assert 0.0 < propensity <= 1.0


def test_a_network_that_is_too_large_is_not_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recommender_export, "SIZE_MOST", 10_000)
    with pytest.raises(ModelError, match="make the network smaller"):
        export(AttVae(len(IDS), SMALL), tmp_path / "recommender.onnx")
    assert not list(tmp_path.iterdir())
    assert len(INPUT_NAMES) == 6


def test_every_tuner_finds_a_recipe_for_its_budget() -> None:
    corpus = encode_logs(tasteful_logs(12, 8, 5), TABLE)
    trials = Trials(corpus, len(IDS), replace(QUICK, people=9, decisions=8), 12, Rungs((1, 2)), 1)
    objective_calls: list[int] = []

    def cheap(parameters: dict[str, object], epochs: int) -> float:
        objective_calls.append(epochs)
        return abs(float(str(parameters["dropout"])) - 0.2) + 1.0 / epochs

    for tuner in (by_dandelion, by_tpe, by_random):
        objective_calls.clear()
        found = tuner(Search(cheap, trials.rungs, 40, parameters_of(Recipe())), 1)  # type: ignore[arg-type]
        assert sum(objective_calls) <= found.spent <= 40
        assert found.loss < 0.65
        recipe = recipe_from(found.parameters, QUICK)
        assert recipe.shape.width % recipe.shape.heads == 0
    assert np.isfinite(trials.loss(SPACE.decode(np.full(SPACE.dimensions, 0.3)), 1))


def test_what_a_tuner_found_is_not_looked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = encode_logs(tasteful_logs(12, 8, 5), TABLE)
    trials = Trials(corpus, len(IDS), Recipe(), 12, Rungs((1, 2)), 1)
    tried: list[int] = []

    def cheap(_trials: Trials, parameters: Mapping[str, Value], epochs: int) -> float:
        tried.append(epochs)
        return float(parameters["dropout"])

    monkeypatch.setattr(Trials, "loss", cheap)
    first = compare(trials, 20, (1, 2), tmp_path)
    assert [figure.of for figure in first[::2]] == ["dandelion", "tpe", "random"]
    assert all(figure.value <= 20 for figure in first[1::2])
    tried.clear()
    assert compare(trials, 20, (1, 2), tmp_path) == first
    assert not tried


def test_every_tuner_tries_the_recipe_that_is_in_use() -> None:
    start = parameters_of(Recipe())
    assert recipe_from(start, QUICK).shape == replace(Recipe().shape, identity=SMALL.identity)

    def best_where_it_started(parameters: Mapping[str, Value], _epochs: int) -> float:
        return 0.0 if dict(parameters) == pytest.approx(dict(start)) else 1.0

    for tuner in (by_dandelion, by_tpe, by_random):
        assert tuner(Search(best_where_it_started, Rungs((1, 2)), 40, start), 1).loss == 0.0


@pytest.mark.parametrize(("start", "tuned", "ships"), [(0.9, 1.0, UNTUNED), (1.0, 0.9, TUNED), (1.0, 1.0, UNTUNED)])
def test_the_tuned_recipe_ships_only_where_it_wins_at_full_length(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: float, tuned: float, ships: str
) -> None:
    found = replace(Recipe(), beta=0.7)
    (tmp_path / "recipe.json").write_text(json.dumps(asdict(found)))
    reached = {UNTUNED: Score(start - 0.5, 0.5), TUNED: Score(tuned - 0.5, 0.5)}

    def trained(_work: Work, name: str, _corpus: Corpus, recipe: Recipe) -> Training:
        assert recipe == {UNTUNED: Recipe(), TUNED: found}[name]
        corpus = encode_logs(tasteful_logs(4, 4, 1), TABLE)
        training = Training(corpus, [0, 1, 2], [3], known=len(IDS), recipe=replace(QUICK, epochs=1), seed=1)
        training.scores.append(reached[name])
        return training

    monkeypatch.setattr(Work, "trained", trained)
    ranked = finalists(work(tmp_path, budget=8), encode_logs(tasteful_logs(4, 4, 1), TABLE))
    assert ranked[0].name == ships
    assert {each.name for each in ranked} == {UNTUNED, TUNED}
    assert [each.name for each in finalists(work(tmp_path, budget=0), ranked[0].training._corpus)] == [UNTUNED]


def work(out: Path, budget: int) -> Work:
    return Work(
        activities=CATALOGUE,
        cohorts=(),
        people=12,
        own_people=0,
        recipe=Recipe(),
        budget=budget,
        tuner="dandelion",
        compared_seeds=2,
        seed=1,
        out=out,
        models=out,
        command="python -m tools.train_recommender",
    )


def test_padding_a_person_to_the_length_of_others_changes_nothing() -> None:
    logs = [tasteful_logs(1, 6, 7)[0], tasteful_logs(1, 16, 8)[0]]
    corpus = encode_logs(logs, TABLE)
    torch.manual_seed(0)
    network, deviation = AttVae(len(IDS), SMALL).eval(), Deviation(SMALL.basis)

    def nats(batch: Batch) -> float:
        with torch.no_grad():
            latent = network.encode(batch.present, batch.token_index, batch.tokens, batch.token_mask)
            ratings = Ratings.of(decode_offered(network, latent.mean, batch), batch)
            return float(joint_likelihood(deviation, ratings)) * float(batch.rated.sum())

    apart = nats(batch_of(corpus, [0], 6, None)) + nats(batch_of(corpus, [1], 16, None))
    assert nats(batch_of(corpus, [0, 1], 16, None)) == pytest.approx(apart, rel=1e-5)
