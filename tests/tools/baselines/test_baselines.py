"""Baselines on small planted tables: each does what its paper or its docstring says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

from ertedge.errors import ConfigurationError
from ertedge.types import ActivityFamily, Emotion, Suggestion, SuggestionStatus
from tests.tools.cohort.activities import activity, small_catalogue
from tests.tools.cohort.test_records import affect, context, suggestion
from tools.baselines.choice import Habits
from tools.baselines.collaborative import CollaborativeChooser, Weights, fit_ranker, helped_matrix
from tools.baselines.ease import EaseRanker, ease_weights
from tools.baselines.item_knn import ItemKnnRanker, cosine, nearest
from tools.baselines.log_table import PRIOR, LogTable, mean_helpfulness
from tools.baselines.matrix import HeldOut, PopularityRanker
from tools.baselines.personal import PersonalPopularityChooser, Posterior, components_of
from tools.baselines.rows import GRIDS, Material, build, candidates, load_tuned, write_tuned
from tools.baselines.simple import PopularityChooser, RandomChooser, RulesChooser
from tools.cohort.records import LoggedDecision, PersonLog
from tools.cohort.simulation import simulate

ACTIVITIES = small_catalogue()
DAY_NS = 86_400_000_000_000


def offer(number: int, activity_id: str, rating: int) -> Suggestion:
    """One offer a day, done where it is rated."""
    status = SuggestionStatus.COMPLETED if rating else SuggestionStatus.EXPIRED
    return replace(
        suggestion(number), activity_id=activity_id, helpfulness=rating, status=status, wall_time_ns=number * DAY_NS
    )


def log_of(person: str, rated: Sequence[tuple[int, int]]) -> PersonLog:
    """A log of (activity's place, rating); 0 is not done."""
    offers = tuple(offer(n + 1, ACTIVITIES[place].activity_id, rating) for n, (place, rating) in enumerate(rated))
    ids = tuple(one.activity_id for one in ACTIVITIES)
    decisions = tuple(LoggedDecision(context(n), n, one, float("nan"), ids) for n, one in enumerate(offers))
    return PersonLog(person, offers, decisions)


def blocks(people: int, items: int, seed: int) -> sparse.csr_matrix:
    """Two halves of people who like two halves of the items, most of each."""
    rng = np.random.default_rng(seed)
    same = (np.arange(people)[:, None] % 2) == (np.arange(items)[None, :] >= items // 2)
    return sparse.csr_matrix((rng.random((people, items)) < np.where(same, 0.6, 0.02)).astype(np.float32))


def hidden_half(matrix: sparse.csr_matrix, seed: int) -> HeldOut:
    rng = np.random.default_rng(seed)
    whole = matrix.toarray()
    shown = whole * (rng.random(whole.shape) < 0.5)
    return HeldOut(sparse.csr_matrix(shown), sparse.csr_matrix(whole - shown))


def test_ease_is_its_closed_form_solved_column_by_column() -> None:
    matrix = blocks(40, 8, 0)
    dense = matrix.toarray().astype(np.float64)
    weights = ease_weights(matrix, 5.0)
    for column in range(8):
        others = [i for i in range(8) if i != column]
        # Ridge regression of one item on all others is what the constrained problem falls apart into.
        x = dense[:, others]
        ridge = np.linalg.solve(x.T @ x + 5.0 * np.eye(7), x.T @ dense[:, column])
        assert weights[others, column] == pytest.approx(ridge, abs=1e-6)
        assert weights[column, column] == 0


def test_item_knn_is_cosine_with_shrinkage_and_keeps_the_nearest() -> None:
    matrix = sparse.csr_matrix(np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=np.float32))
    similarity = cosine(matrix, 1.0)
    assert similarity[0, 1] == pytest.approx(2 / (np.sqrt(2 * 3) + 1))
    assert similarity[0, 2] == pytest.approx(1 / (2 + 1))
    assert np.diag(similarity).tolist() == [0, 0, 0]
    kept = nearest(similarity, 1)
    assert (kept > 0).sum(axis=0).tolist() == [1, 2, 1]


@pytest.mark.parametrize("ranker", [ItemKnnRanker(), EaseRanker()])
def test_neighbours_find_the_block_of_a_person(ranker: ItemKnnRanker | EaseRanker) -> None:
    validation, unseen = hidden_half(blocks(30, 20, 1), 1), hidden_half(blocks(60, 20, 2), 2)
    popular = PopularityRanker()
    for one in (ranker, popular):
        one.fit(blocks(200, 20, 3), validation)
    assert unseen.ndcg(ranker.scores(unseen.shown)) > unseen.ndcg(popular.scores(unseen.shown)) + 0.1
    assert ranker.choices


def test_the_log_is_counted_as_it_is() -> None:
    table = LogTable.of([log_of("a", [(0, 5), (0, 4), (1, 0)]), log_of("b", [(1, 2), (2, 0)])], ACTIVITIES)
    assert table.person.tolist() == [0, 0, 0, 1, 1]
    assert table.done.tolist() == [True, True, False, True, False]
    helpfulness, uptake = mean_helpfulness(table)
    overall = (1.0 + 0.5 - 0.5) / 3
    assert helpfulness[0] == pytest.approx((1.5 + PRIOR * overall) / (2 + PRIOR))
    assert uptake[1] == pytest.approx((1 + PRIOR * 0.6) / (2 + PRIOR))
    assert helped_matrix(table).toarray()[:, 0].tolist() == [1, 0]


def test_a_log_of_another_catalogue_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no decision"):
        LogTable.of([log_of("a", [(0, 5)])], [activity(99, ActivityFamily.SLEEP)])


def test_chance_is_even() -> None:
    chooser = RandomChooser()
    chooser.begin(1, 0)
    picks = [chooser.choose(0, context(0), (), ACTIVITIES) for _ in range(2400)]
    assert {propensity for _, propensity in picks} == {1 / len(ACTIVITIES)}
    assert np.bincount([place for place, _ in picks]).min() > 140


def test_propensities_are_the_shares_of_choices() -> None:
    table = LogTable.of([log_of("a", [(0, 5), (1, 3), (2, 1)])], ACTIVITIES)
    chooser = PopularityChooser(table, ACTIVITIES, Habits(exploration=0.3))
    chooser.begin(1, 0)
    picks = [chooser.choose(0, context(0), (), ACTIVITIES) for _ in range(4000)]
    share = np.bincount([place for place, _ in picks], minlength=len(ACTIVITIES)) / len(picks)
    for place, propensity in set(picks):
        assert share[place] == pytest.approx(propensity, abs=0.02)
    assert share[0] == pytest.approx(0.7 + 0.3 / len(ACTIVITIES), abs=0.02)


def test_what_was_just_offered_rests() -> None:
    table = LogTable.of([log_of("a", [(0, 5), (1, 4), (2, 1)])], ACTIVITIES)
    chooser = PopularityChooser(table, ACTIVITIES, Habits(exploration=0.0, rest=3.0))
    chooser.begin(1, 0)
    first = chooser.choose(0, context(0), (), ACTIVITIES)[0]
    just = (replace(offer(0, ACTIVITIES[first].activity_id, 0), wall_time_ns=context(0).wall_time_ns),)
    assert first == 0
    assert chooser.choose(0, context(1), just, ACTIVITIES)[0] == 1
    later = replace(context(1), wall_time_ns=30 * DAY_NS)
    assert chooser.choose(0, later, just, ACTIVITIES)[0] == 0


@pytest.mark.parametrize(
    ("emotion", "hour", "family"),
    [
        (Emotion.SADNESS, 12.0, ActivityFamily.ACTIVATION),
        (Emotion.FEAR, 12.0, ActivityFamily.RELAXATION),
        (Emotion.FEAR, 22.0, ActivityFamily.SLEEP),
    ],
)
def test_rules_go_by_emotion_and_bedtime(emotion: Emotion, hour: float, family: ActivityFamily) -> None:
    chooser = RulesChooser(Habits(exploration=0.0))
    chooser.begin(1, 0)
    catalogue = (*ACTIVITIES, activity(0, ActivityFamily.SLEEP))
    moment = replace(context(0), hour=hour, affect=replace(affect(), emotion=emotion))
    assert catalogue[chooser.choose(0, moment, (), catalogue)[0]].family is family


def test_the_posterior_is_that_of_normal_variables() -> None:
    covariance = np.array([[0.5, 0.2], [0.2, 0.4]])
    posterior = Posterior(covariance, noise=0.1)
    observed = [(0, 0.7), (1, -0.2), (0, 0.5)]
    for place, value in observed:
        posterior.observe(place, value)
    design = np.eye(2)[[place for place, _ in observed]]
    precision = np.linalg.inv(covariance) + design.T @ design / 0.1
    mean = np.linalg.solve(precision, design.T @ np.array([value for _, value in observed]) / 0.1)
    assert posterior.mean == pytest.approx(mean)
    assert posterior.covariance == pytest.approx(np.linalg.inv(precision))
    drawn = np.stack([posterior.draw(np.random.default_rng(i)) for i in range(3000)])
    assert np.cov(drawn.T) == pytest.approx(posterior.covariance, abs=0.01)


def test_components_are_found_from_planted_ones() -> None:
    rng = np.random.default_rng(0)
    people, family = 600, np.repeat(np.arange(4), 3)
    person, activities = np.repeat(np.arange(people), 24), np.tile(np.tile(np.arange(12), 2), people)
    value = (
        0.3 * rng.standard_normal(people)[person]
        + 0.2 * rng.standard_normal((people, 4))[person, family[activities]]
        + 0.25 * rng.standard_normal((people, 12))[person, activities]
        + 0.4 * rng.standard_normal(len(person))
    )
    found = components_of(person, activities, value, family)
    assert found.person == pytest.approx(0.09, abs=0.015)
    assert found.family == pytest.approx(0.04, abs=0.01)
    assert found.activity == pytest.approx(0.0625, abs=0.01)
    assert found.noise == pytest.approx(0.16, abs=0.02)


def test_personal_popularity_follows_the_person() -> None:
    rng = np.random.default_rng(0)
    liked = [set(rng.choice(12, size=4, replace=False).tolist()) for _ in range(30)]
    logs = [
        log_of(str(i), [(int(place), 5 if place in mine else 2) for place in rng.integers(12, size=30)])
        for i, mine in enumerate(liked)
    ]
    chooser = PersonalPopularityChooser(LogTable.of(logs, ACTIVITIES), ACTIVITIES, Habits(exploration=0.0))
    chooser.begin(2, 0)
    for number in range(6):
        chooser.learn(0, context(0), (), offer(number + 1, ACTIVITIES[7].activity_id, 5))
        chooser.learn(0, context(0), (), offer(number + 1, ACTIVITIES[2].activity_id, 1))
    scores, stranger = (chooser.scores(person, context(0), (), ACTIVITIES) for person in (0, 1))
    assert scores.argmax() == 7
    assert scores.argmin() == 2
    assert np.ptp(stranger) < np.ptp(scores)
    forecast, before = (chooser.forecast(person, context(0), (), ACTIVITIES) for person in (0, 1))
    assert forecast.sd[7] < before.sd[7]
    assert forecast.helpfulness[7] > before.helpfulness[7]


def test_a_matrix_ranker_chooses_what_helped_people_like_this_one() -> None:
    rng = np.random.default_rng(0)
    logs = []
    for person in range(80):
        mine = np.arange(6) + 6 * (person % 2)
        logs.append(log_of(str(person), [(int(p), 5 if p in mine else 2) for p in rng.integers(12, size=20)]))
    table = LogTable.of(logs, ACTIVITIES)
    chooser = CollaborativeChooser(
        fit_ranker(EaseRanker(), table, 0), table, ACTIVITIES, weights=Weights(0.0, 0.0), habits=Habits(0.0)
    )
    chooser.begin(2, 0)
    for place in (6, 7, 8):
        chooser.learn(0, context(0), (), offer(place, ACTIVITIES[place].activity_id, 5))
    assert chooser.scores(0, context(0), (), ACTIVITIES).argmax() in (9, 10, 11)
    assert np.ptp(chooser.scores(1, context(0), (), ACTIVITIES)) == 0


def test_every_baseline_has_choices_and_can_be_built_by_name(tmp_path: Path) -> None:
    tuned = load_tuned()
    assert set(tuned) == set(GRIDS)
    for name in GRIDS:
        assert set(tuned[name]) == set(candidates(name)[0])
    write_tuned(tmp_path / "tuned.toml", tuned, "Of a test.")
    assert load_tuned(tmp_path / "tuned.toml") == tuned
    material = Material([log_of("a", [(0, 5), (1, 3), (2, 1)])], ACTIVITIES)
    assert build("rules", material, tuned["rules"]).name == "rules"
    with pytest.raises(ConfigurationError, match="EASE"):
        build("eas", material, {})


def test_missing_choices_name_the_command(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"tools\.baselines tune"):
        load_tuned(tmp_path / "none.toml")
    (tmp_path / "some.toml").write_text("[row.random]\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="lacks popularity"):
        load_tuned(tmp_path / "some.toml")


def test_who_learns_a_person_gains_more_than_who_does_not() -> None:
    logs = simulate("mood", 25, 4, 1, RandomChooser(), ACTIVITIES)
    material = Material(logs, ACTIVITIES)
    tuned = load_tuned()

    def gain(name: str) -> float:
        found = simulate("mood", 25, 4, 2, build(name, material, tuned[name]), ACTIVITIES)
        done = [one for log in found for one in log.decisions if one.suggestion.status is SuggestionStatus.COMPLETED]
        return sum(one.true_helpfulness for one in done)

    assert gain("personal popularity") > gain("random") * 1.1
