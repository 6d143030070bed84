"""What Efficient DO learns from landed seeds: the map, the distribution and the winds."""

import math

import numpy as np
import pytest

from tools.dandelion import terrain
from tools.dandelion.distribution import Distribution, Learning, Rates, rank_lead, usual_norm
from tools.dandelion.meadow import Flight, Meadow
from tools.dandelion.terrain import choose_kind, fit, lowest_within, rank_agreement


def around_the_middle(size: int) -> Distribution:
    return Distribution.around(np.full(size, 0.5), 0.1, np.zeros(size))


def test_the_map_finds_the_lowest_point_of_a_rotated_bowl() -> None:
    rng = np.random.default_rng(0)
    lowest = np.array([0.45, 0.55, 0.6])
    slant = rng.standard_normal((3, 3))
    points = rng.uniform(0.3, 0.7, (30, 3))
    values = np.square((points - lowest) @ slant).sum(axis=1) + 5.0
    ground = fit(points, values, around_the_middle(3))
    assert ground is not None
    assert ground.kind == "full"
    assert ground.lowest() == pytest.approx(lowest, abs=1e-4)
    assert rank_agreement(ground.heights(points), values) > 0.99


def test_the_map_has_as_many_terms_as_evaluations_carry() -> None:
    assert [choose_kind(n, 10) for n in (14, 15, 26, 79, 80)] == [None, "round", "axes", "axes", "full"]
    assert choose_kind(100_000, 60) == "axes"


def test_no_map_is_drawn_from_failures_or_flat_ground() -> None:
    points = np.random.default_rng(1).random((40, 3))
    assert fit(points, np.full(40, math.inf), around_the_middle(3)) is None
    assert fit(points, np.full(40, 2.0), around_the_middle(3)) is None


def test_the_lowest_point_within_reach_lies_on_the_edge_where_the_ground_keeps_falling() -> None:
    assert lowest_within(np.array([-2.0, 0.0]), np.diag([1.0, 1.0]), 6.0) == pytest.approx([2.0, 0.0])
    assert lowest_within(np.array([-20.0, 0.0]), np.diag([1.0, 1.0]), 6.0) == pytest.approx([6.0, 0.0], abs=1e-6)
    downhill = lowest_within(np.array([0.0, 1.0]), np.diag([1.0, -1.0]), 2.0)
    assert downhill == pytest.approx([0.0, -2.0], abs=1e-6)


def test_rank_agreement_is_kendalls_tau() -> None:
    assert rank_agreement(np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0, 30.0])) == 1.0
    assert rank_agreement(np.array([1.0, 2.0, 3.0]), np.array([3.0, 2.0, 1.0])) == -1.0
    assert rank_agreement(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])) == pytest.approx(1 / 3)
    assert rank_agreement(np.array([1.0, 2.0]), np.array([math.inf, math.inf])) == 0.0
    assert terrain.rank_agreement(np.ones(1), np.ones(1)) == 0.0


def test_the_shape_takes_on_the_valley_of_the_function() -> None:
    rng = np.random.default_rng(2)
    distribution, rates = around_the_middle(4), Rates.of(10, 4)
    for _ in range(80):
        points = distribution.sample(rng.standard_normal((10, 4)), np.ones(4))
        values = np.square(points - 0.5) @ np.array([1.0, 1.0, 1.0, 1e4])
        distribution.learn(points, values, rates, Learning())
    deviations = np.sqrt(np.diag(distribution.shape))
    # Steep by 1e4 in the square: narrow by 100.
    assert deviations[:3].mean() / deviations[3] > 20.0
    assert distribution.whiten(distribution.unwhiten(np.ones((1, 4)))) == pytest.approx(np.ones((1, 4)))


def test_the_width_grows_while_success_lasts_and_shrinks_without() -> None:
    for haste in (0.0, 1.0):
        rng = np.random.default_rng(3)
        distribution = Distribution.around(np.full(5, 0.2), 0.001, np.zeros(5))
        for _ in range(20):  # a slope
            points = distribution.sample(rng.standard_normal((8, 5)), np.ones(5))
            distribution.learn(points, -points.sum(axis=1), Rates.of(8, 5), Learning(shape=False, haste=haste))
        assert distribution.width > 0.002
        distribution = Distribution.around(np.full(5, 0.5), 0.1, np.zeros(5))
        for _ in range(40):  # the bottom of a bowl
            points = distribution.sample(rng.standard_normal((8, 5)), np.ones(5))
            values = np.square(points - 0.5).sum(axis=1)
            distribution.learn(points, values, Rates.of(8, 5), Learning(shape=False, haste=haste))
        assert distribution.width < 0.05


def test_a_floor_keeps_spread_in_its_coordinate_alone() -> None:
    distribution = Distribution.around(np.full(3, 0.5), 1e-6, np.array([0.0, 0.2, 0.0]))
    points = distribution.sample(np.random.default_rng(4).standard_normal((2000, 3)), np.ones(3))
    assert points.std(axis=0) == pytest.approx([1e-6, 0.2, 1e-6], rel=0.1)


def test_rank_lead_runs_from_entirely_ahead_to_entirely_behind() -> None:
    low, high = np.arange(5.0), np.arange(5.0) + 10.0
    assert [rank_lead(low, high), rank_lead(high, low), rank_lead(low, low)] == [0.5, -0.5, 0.0]


def test_the_usual_norm_is_that_of_normal_draws() -> None:
    lengths = np.linalg.norm(np.random.default_rng(5).standard_normal((20_000, 7)), axis=1)
    assert usual_norm(7) == pytest.approx(lengths.mean(), rel=0.01)


def test_winds_that_carried_well_are_remembered_and_others_are_not() -> None:
    meadow = Meadow(np.full((3, 2), 0.5), np.array([3.0, 2.0, 1.0]))
    flights = [Flight(0, 0.2, 0.9), Flight(1, 0.8, 0.1), Flight(2, 1.0, 0.5)]
    meadow.land_risen(flights, np.array([[0.1, 0.1], [0.2, 0.2], [0.3, 0.3]]), np.array([2.0, 1.0, 5.0]), greedy=True)
    # Equal gains of 1: Lehmer mean (0.04 + 0.64) / (0.2 + 0.8), plain mean of 0.9 and 0.1.
    assert meadow.winds[0] == pytest.approx(0.68)
    assert meadow.exchanges[0] == pytest.approx(0.5)
    assert meadow.values.tolist() == [2.0, 1.0, 1.0]
    assert meadow.places[2].tolist() == [0.5, 0.5]
    assert len(meadow.displaced) == 2


def test_without_greed_every_seed_takes_its_place() -> None:
    meadow = Meadow(np.full((2, 2), 0.5), np.array([1.0, 2.0]))
    meadow.land_risen([Flight(0, 0.5, 0.5)], np.array([[0.1, 0.1]]), np.array([9.0]), greedy=False)
    assert meadow.values.tolist() == [9.0, 2.0]


def test_rising_seeds_stay_in_the_box() -> None:
    rng = np.random.default_rng(6)
    meadow = Meadow(rng.integers(0, 2, (10, 4)).astype(float), rng.random(10))
    for _ in range(50):
        _, points = meadow.rise(np.arange(10), np.eye(4), np.ones((10, 4)), rng)
        assert ((points >= 0.0) & (points <= 1.0)).all()
