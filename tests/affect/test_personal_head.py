"""The two experts of a personal head, against what they should come to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from ertedge.affect.feature_normalisation import MOST_MOMENTS, FeatureNormaliser
from ertedge.affect.head_choice import (
    LabelledFeatures,
    is_worth_using,
    left_out_opinions,
    lessons_left_out,
    others_of_emotion,
    takes_of,
)
from ertedge.affect.personal_head import HeadModel
from ertedge.affect.personal_logistic import Logistic, follow
from ertedge.affect.two_level_normal import Manners, TwoLevelNormal, Unlabelled
from tests.affect.people import SIZE, InventedPerson, head_prior

Floats = NDArray[np.float64]


def manners(within: Floats | None = None) -> Manners:
    random = np.random.default_rng(3)
    root = random.normal(0.0, 0.4, (3, 3))
    spread = np.diag([0.1, 0.3, 0.2])[None] if within is None else within
    return Manners(random.normal(0.0, 1.0, (4, 3)), root @ root.T + 0.2 * np.eye(3), np.diag([0.5, 0.4, 0.3]), spread)


def by_brute_force(given: Manners, z: Floats, felt: NDArray[np.int64], label: int) -> tuple[Floats, Floats]:
    """Mean and covariance of a new moment of ``label``: one big normal of all labels and the new moment, conditioned."""
    every = np.append(felt, label)
    within = [given.within[e if len(given.within) > 1 else 0] for e in every]
    count, size = len(every), z.shape[1]
    joint = np.kron(np.ones((count, count)), given.person)
    joint += np.kron((every[:, None] == every).astype(float), given.manner)
    for i, spread in enumerate(within):
        joint[i * size : (i + 1) * size, i * size : (i + 1) * size] += spread
    known = (count - 1) * size
    gain = joint[known:, :known] @ np.linalg.inv(joint[:known, :known])
    mean = given.means[label] + gain @ (z - given.means[felt]).ravel()
    return np.asarray(mean, np.float64), np.asarray(joint[known:, known:] - gain @ joint[:known, known:], np.float64)


@pytest.mark.parametrize("own", [False, True])
def test_the_posterior_is_that_of_the_whole_normal(own: bool) -> None:
    spreads = np.stack([np.diag([0.1, 0.3, 0.2]) * (1 + e) for e in range(4)]) if own else None
    given = manners(spreads)
    random = np.random.default_rng(0)
    z, felt = random.normal(0.0, 1.0, (5, 3)), np.array([0, 1, 1, 1, 3])
    person = TwoLevelNormal(given).posterior(z, felt, np.ones(5))
    new = random.normal(0.0, 1.0, (6, 3))
    for label in range(4):
        mean, covariance = by_brute_force(given, z, felt, label)
        assert person.means[label] == pytest.approx(mean)
        centred = new - mean
        expected = -0.5 * np.einsum("ni,ij,nj->n", centred, np.linalg.inv(covariance), centred)
        expected -= 0.5 * np.linalg.slogdet(covariance)[1]
        assert person.scores(new)[:, label] == pytest.approx(expected)


def test_without_labels_it_is_anybody_and_what_is_kept_changes_nothing() -> None:
    normal = TwoLevelNormal(manners())
    z, felt = np.ones((2, 3)), np.array([0, 2])
    first = normal.posterior(z, felt, np.ones(2))
    normal.posterior(2 * z, felt[::-1].copy(), np.full(2, 0.5))
    assert normal.posterior(z, felt, np.ones(2)).means == pytest.approx(first.means)
    assert normal.anybody.shift == pytest.approx(np.zeros(3))


def test_unlabelled_moments_shift_all_emotions_and_are_not_believed_without_end() -> None:
    normal = TwoLevelNormal(manners())
    nothing = (np.zeros((0, 3)), np.zeros(0, np.int64), np.zeros(0))
    offset = np.array([1.0, 0.0, -1.0])
    few = normal.posterior(*nothing, Unlabelled(offset, 1.0)).shift
    many = normal.posterior(*nothing, Unlabelled(offset, 50.0)).shift
    assert 0.0 < few[0] < many[0] < 1.0
    assert normal.posterior(*nothing, Unlabelled(offset, 0.0)).shift == pytest.approx(np.zeros(3))


def test_the_logistic_model_reaches_the_top_of_its_posterior() -> None:
    random = np.random.default_rng(1)
    start = Logistic(random.normal(0.0, 0.3, (3, 4)), np.zeros(3))
    z, felt = random.normal(0.0, 1.0, (8, 4)), random.integers(0, 3, 8)
    weights, ridge = random.uniform(0.5, 2.0, 8), 5.0
    found = follow(start, z, felt, weights, ridge)
    logits = found.logits(z)
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    left = (weights[:, None] * (np.eye(3)[felt] - p)).T
    # At the top what the labels still ask for is what the ridge holds back.
    assert left @ z == pytest.approx(ridge * (found.weights - start.weights), abs=5e-3)
    assert left.sum(axis=1) == pytest.approx(ridge * (found.bias - start.bias), abs=5e-3)
    assert follow(start, z[:0], felt[:0], weights[:0], ridge) is start


def test_labels_that_count_nothing_change_nothing() -> None:
    model = HeadModel(head_prior())
    z = np.random.default_rng(0).normal(0.0, 1.0, (7, SIZE))
    p = np.full((7, 7), 1.0 / 7.0)
    head = model.head(z, np.arange(7), np.zeros(7))
    assert head.adapt(p, z) == pytest.approx(p)


def test_labels_of_one_take_are_left_out_together() -> None:
    labels = InventedPerson(0.5, 0.5).labels(2)
    close = [replace(labels[0], wall_time_ns=0), replace(labels[0], wall_time_ns=4 * 10**9)]
    assert takes_of([*close, replace(labels[1], wall_time_ns=5 * 10**9)]).tolist() == [0, 0, 1]
    assert takes_of([close[0], replace(labels[0], wall_time_ns=11 * 10**9)]).tolist() == [0, 1]
    assert takes_of([close[0], replace(close[1], session_id=2)]).tolist() == [0, 1]


def test_a_label_left_out_is_not_seen() -> None:
    model, random = HeadModel(head_prior()), np.random.default_rng(0)
    z, felt = random.normal(0.0, 1.0, (14, SIZE)), np.arange(14) % 7
    known = LabelledFeatures.of_takes(z, np.full((14, 7), 1.0 / 7.0), felt)
    other = replace(known, felt=np.where(np.arange(14) == 3, 5, felt))
    assert left_out_opinions(model, known)[3] == pytest.approx(left_out_opinions(model, other)[3], rel=1e-3)
    assert left_out_opinions(model, known)[4] != pytest.approx(left_out_opinions(model, other)[4], rel=1e-2)


def test_lessons_make_good_what_leaving_out_cost() -> None:
    felt = np.array([0, 0, 0, 1, 1, 2, 3, 4, 5, 6])
    known = LabelledFeatures.of_takes(np.zeros((10, SIZE)), np.full((10, 7), 1.0 / 7.0), felt)
    assert others_of_emotion(known).tolist() == [2, 2, 2, 1, 1, 0, 0, 0, 0, 0]
    lessons = np.array([0.5, 0.2])
    assert lessons_left_out(known, lessons) == pytest.approx([0, 0, 0, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5, 0.5])
    assert not is_worth_using(known.general, known, np.zeros(0))
    assert is_worth_using(known.general, known, lessons)
    assert not is_worth_using(known.general[:3], known.but(np.arange(10) > 2), lessons)


def test_the_normaliser_finds_the_offset_whatever_the_mood_and_follows() -> None:
    random = np.random.default_rng(0)
    means = random.normal(0.0, 1.0, (7, SIZE))
    offset = random.normal(0.0, 1.0, SIZE)
    normaliser = FeatureNormaliser(means)
    # Mostly sad: a plain mean would take the sadness for the person's own.
    for emotion in [2] * 90 + [1] * 10:
        normaliser.update(means[emotion] + offset + random.normal(0.0, 0.1, SIZE), np.eye(7)[emotion])
    assert normaliser.offset == pytest.approx(offset, abs=0.1)
    assert normaliser.takes == pytest.approx(5.0)
    for _ in range(1_000):
        normaliser.update(means[0] - offset, np.eye(7)[0])
    assert normaliser.offset == pytest.approx(-offset, abs=0.1)
    assert normaliser.moments == MOST_MOMENTS
    before = normaliser.offset.copy()
    normaliser.update(np.full(SIZE, np.nan), np.eye(7)[0])
    normaliser.update(means[0] + 100.0, np.eye(7)[0], quality=0.0)
    assert normaliser.offset == pytest.approx(before)


def test_the_normaliser_goes_on_from_what_was_known() -> None:
    normaliser = FeatureNormaliser(np.zeros((7, SIZE)))
    normaliser.restore(np.ones(SIZE), 1e9)
    assert normaliser.moments == MOST_MOMENTS
    with pytest.raises(ValueError, match="shape"):
        normaliser.restore(np.ones(SIZE + 1), 1.0)
