"""The personal posterior: equal to the closed form worked out another way, right on people drawn from its own prior, and
safe to keep."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from ertedge.errors import StoreCorruptError
from ertedge.recommend.posterior import PersonalPosterior, PriorVariances

DAY = 86_400_000_000_000
BASIS = 4
PRIOR = PriorVariances(
    weights=np.array([0.2, 0.1, 0.05, 0.3]),
    person=0.04,
    family=0.03,
    activity=0.02,
    unknown_activity=0.08,
    half_life_days=float("inf"),
)
IDS = tuple(f"activity-{i}" for i in range(12))
FAMILY = np.arange(12) % 8
VERSION = "1.0.0+1"


class Person:
    """Somebody who deviates as the prior says: ``deviation`` of each activity at a given basis."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.weights = rng.normal(0.0, np.sqrt(PRIOR.weights))
        self.person = rng.normal(0.0, np.sqrt(PRIOR.person))
        self.family = rng.normal(0.0, np.sqrt(PRIOR.family), 8)
        self.activity = rng.normal(0.0, np.sqrt(PRIOR.activity), len(IDS))

    def deviation(self, basis: NDArray[np.float64], activity: NDArray[np.int64]) -> NDArray[np.float64]:
        own = self.person + self.family[FAMILY[activity]] + self.activity[activity]
        return np.asarray(basis @ self.weights + own)


def observed(
    posterior: PersonalPosterior, rng: np.random.Generator, person: Person, count: int, noise: float = 0.09
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Let ``posterior`` see ``count`` responses of ``person``; returns their basis, activities and values."""
    basis, activity = rng.uniform(-1.0, 1.0, (count, BASIS)), rng.integers(0, len(IDS), count)
    values = person.deviation(basis, activity) + rng.normal(0.0, np.sqrt(noise), count)
    for x, a, y in zip(basis, activity, values, strict=True):
        posterior.observe(x, int(FAMILY[a]), IDS[a], residual=float(y), noise=noise, wall_time_ns=DAY)
    return basis, activity, values


def covariance(
    first: NDArray[np.float64], a: NDArray[np.int64], second: NDArray[np.float64], b: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The prior covariance between deviations, straight from the model's definition."""
    same_family = FAMILY[a][:, None] == FAMILY[b][None, :]
    same = a[:, None] == b[None, :]
    return np.asarray(
        first @ np.diag(PRIOR.weights) @ second.T + PRIOR.person + PRIOR.family * same_family + PRIOR.activity * same
    )


def test_it_is_the_gaussian_process_with_the_same_covariance() -> None:
    rng = np.random.default_rng(1)
    posterior = PersonalPosterior(PRIOR, IDS, IDS)
    basis, activity, values = observed(posterior, rng, Person(rng), 30)
    asked, all_activities = rng.uniform(-1.0, 1.0, (12, BASIS)), np.arange(12)
    belief = posterior.belief(asked, FAMILY, IDS, DAY)
    across = covariance(asked, all_activities, basis, activity)
    gain = across @ np.linalg.inv(covariance(basis, activity, basis, activity) + 0.09 * np.eye(30))
    expected = covariance(asked, all_activities, asked, all_activities) - gain @ across.T
    np.testing.assert_allclose(belief.mean, gain @ values, atol=1e-9)
    np.testing.assert_allclose(belief.factor @ belief.factor.T, expected, atol=1e-9)
    np.testing.assert_allclose(belief.variance, np.diag(expected), atol=1e-9)


def test_nothing_learnt_is_the_prior() -> None:
    posterior = PersonalPosterior(PRIOR, IDS, IDS)
    basis = np.eye(BASIS)[:3]
    belief = posterior.belief(basis, FAMILY[:3], IDS[:3], DAY)
    np.testing.assert_array_equal(belief.mean, 0.0)
    np.testing.assert_allclose(belief.variance, PRIOR.weights[:3] + 0.04 + 0.03 + 0.02)


def test_an_unknown_activity_is_less_sure_until_it_is_learnt() -> None:
    posterior = PersonalPosterior(PRIOR, ("old", "new"), ("old",))
    basis, family = np.zeros((2, BASIS)), np.array([0, 0])
    old, new = posterior.belief(basis, family, ("old", "new"), DAY).variance
    assert new - old == pytest.approx(PRIOR.unknown_activity - PRIOR.activity)
    for _ in range(200):
        posterior.observe(basis[0], 0, "new", residual=0.3, noise=0.1, wall_time_ns=DAY)
    belief = posterior.belief(basis, family, ("old", "new"), DAY)
    assert belief.mean[1] == pytest.approx(0.3, abs=0.01)
    assert belief.variance[1] < 0.001 < belief.variance[0]
    assert 0.0 < belief.mean[0] < belief.mean[1]


def test_it_converges_to_the_truth() -> None:
    rng = np.random.default_rng(2)
    posterior, person = PersonalPosterior(PRIOR, IDS, IDS), Person(rng)
    errors = []
    for count in (10, 100, 2000):
        observed(posterior, rng, person, count)
        basis = rng.uniform(-1.0, 1.0, (200, BASIS))
        activity = rng.integers(0, len(IDS), 200)
        belief = posterior.belief(basis, FAMILY[activity], [IDS[a] for a in activity], DAY)
        errors.append(float(np.sqrt(np.mean((belief.mean - person.deviation(basis, activity)) ** 2))))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 0.03


def test_its_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(3)
    z = []
    for _ in range(300):
        posterior, person = PersonalPosterior(PRIOR, IDS, IDS), Person(rng)
        observed(posterior, rng, person, int(rng.integers(0, 40)))
        basis, activity = rng.uniform(-1.0, 1.0, (4, BASIS)), rng.integers(0, len(IDS), 4)
        belief = posterior.belief(basis, FAMILY[activity], [IDS[a] for a in activity], DAY)
        z += ((person.deviation(basis, activity) - belief.mean) / np.sqrt(belief.variance)).tolist()
    assert np.mean(np.abs(z) < 1.96) == pytest.approx(0.95, abs=0.02)
    assert np.mean(np.abs(z) < 0.674) == pytest.approx(0.5, abs=0.04)


def test_draws_have_the_beliefs_mean_and_covariance() -> None:
    rng = np.random.default_rng(4)
    posterior = PersonalPosterior(PRIOR, IDS, IDS)
    observed(posterior, rng, Person(rng), 15)
    belief = posterior.belief(rng.uniform(-1.0, 1.0, (5, BASIS)), FAMILY[:5], IDS[:5], DAY)
    draws = belief.draws(rng, 40_000)
    np.testing.assert_allclose(draws.mean(axis=0), belief.mean, atol=0.01)
    np.testing.assert_allclose(np.cov(draws.T), belief.factor @ belief.factor.T, atol=0.01)


def test_old_responses_fade_and_a_clock_that_went_back_fades_nothing() -> None:
    fading = PriorVariances(PRIOR.weights, 0.04, 0.03, 0.02, 0.08, half_life_days=30.0)
    posterior = PersonalPosterior(fading, IDS, IDS)
    basis, family = np.zeros((1, BASIS)), np.array([0])
    for _ in range(50):
        posterior.observe(basis[0], 0, IDS[0], residual=0.5, noise=0.1, wall_time_ns=100 * DAY)
    at = {days: posterior.belief(basis, family, IDS[:1], days * DAY) for days in (50, 100, 130, 3000)}
    assert at[50].mean[0] == at[100].mean[0]
    assert at[100].mean[0] > at[130].mean[0] > at[3000].mean[0]
    assert at[3000].mean[0] == pytest.approx(0.0, abs=1e-6)
    assert at[3000].variance[0] == pytest.approx(0.09)
    half = PersonalPosterior(PRIOR, IDS, IDS)
    for _ in range(25):
        half.observe(basis[0], 0, IDS[0], residual=0.5, noise=0.1, wall_time_ns=DAY)
    assert at[130].mean[0] == pytest.approx(half.belief(basis, family, IDS[:1], DAY).mean[0])


def test_answers_move_the_chance_and_settle_at_how_often_they_are_yes() -> None:
    rng = np.random.default_rng(5)
    wide = PriorVariances(np.zeros(0), 1.0, 0.3, 0.3, 0.3, half_life_days=float("inf"))
    posterior = PersonalPosterior(wide, IDS, IDS)
    log_odds, family = np.zeros(1), np.array([0])
    assert posterior.chances(log_odds, family, IDS[:1], DAY)[0] == pytest.approx(0.5)
    for _ in range(400):
        posterior.observe_answer(0.0, 0, IDS[0], done=bool(rng.random() < 0.8), wall_time_ns=DAY)
    assert posterior.chances(log_odds, family, IDS[:1], DAY)[0] == pytest.approx(0.8, abs=0.06)
    other = posterior.chances(log_odds, np.array([5]), IDS[5:6], DAY)[0]
    assert 0.5 < other < 0.8


def test_what_is_written_is_read_and_places_are_kept_by_name() -> None:
    rng = np.random.default_rng(6)
    posterior = PersonalPosterior(PRIOR, IDS, IDS)
    observed(posterior, rng, Person(rng), 20)
    asked = rng.uniform(-1.0, 1.0, (12, BASIS))
    before = posterior.belief(asked, FAMILY, IDS, DAY)
    state = posterior.to_bytes(VERSION)
    other = PersonalPosterior(PRIOR, ("newcomer", *IDS[::-1]), IDS)
    other.read(state, VERSION)
    after = other.belief(asked, FAMILY, IDS, DAY)
    np.testing.assert_allclose(after.mean, before.mean, atol=1e-12)
    np.testing.assert_allclose(after.factor @ after.factor.T, before.factor @ before.factor.T, atol=1e-12)
    assert other.responses == 20
    assert other.activity_ids == (*IDS, "newcomer")


def test_another_versions_and_a_damaged_state_are_refused_and_change_nothing() -> None:
    rng = np.random.default_rng(7)
    posterior = PersonalPosterior(PRIOR, IDS, IDS)
    observed(posterior, rng, Person(rng), 5)
    state = posterior.to_bytes(VERSION)
    with pytest.raises(
        StoreCorruptError, match=r"of recommender 0\.9\.0, which is not the 1\.0\.0\+1 that runs; forget"
    ):
        posterior.read(posterior.to_bytes("0.9.0"), VERSION)
    for damaged in (b"", b"no state", state[:-40], state[:200]):
        with pytest.raises(StoreCorruptError, match="cannot be read"):
            posterior.read(damaged, VERSION)
    assert posterior.to_bytes(VERSION) == state


def test_a_response_that_is_no_number_changes_nothing() -> None:
    posterior = PersonalPosterior(PRIOR, IDS, IDS)
    state = posterior.to_bytes(VERSION)
    for residual, noise in ((float("nan"), 0.1), (0.1, 0.0), (float("inf"), 0.1)):
        with pytest.raises(ValueError, match="finite"):
            posterior.observe(np.zeros(BASIS), 0, IDS[0], residual=residual, noise=noise, wall_time_ns=DAY)
    assert posterior.to_bytes(VERSION) == state
