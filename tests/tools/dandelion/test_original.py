"""The published Dandelion Optimizer, equation by equation, against numbers worked out by hand."""

import math

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.dandelion.landscapes import Float64Array
from tools.dandelion.original import (
    AUTHORS_CODE,
    PAPER,
    DandelionOptimizer,
    Reading,
    adaptive_alpha,
    descend,
    initial_seeds,
    land,
    levy_flight,
    levy_sigma,
    lift,
    rain_factor,
    rise_clear,
    rise_rainy,
    wind_density,
)


def test_equation_2_spreads_draws_over_the_box() -> None:
    seeds = initial_seeds(np.array([[0.0, 0.25], [0.5, 0.75]]), np.array([-1.0, 0.0]), np.array([1.0, 8.0]))
    assert seeds.tolist() == [[-1.0, 2.0], [0.0, 6.0]]


def test_equations_5_and_6_go_towards_a_random_target() -> None:
    # At 45 degrees both components are e^(-pi/4) / sqrt 2, their product e^(-pi/2) / 2 = 0.1039398.
    risen = rise_clear(
        np.array([[1.0, 2.0]]), 0.5, np.array([[math.pi / 4]]), np.array([[0.4]]), np.array([[3.0, -2.0]])
    )
    assert risen[0] == pytest.approx([1.0 + 2.0 * 0.02078796, 2.0 - 4.0 * 0.02078796], abs=1e-8)


def test_equation_7_is_the_lognormal_density_and_0_where_there_is_none() -> None:
    density = wind_density(np.array([1.0, math.e, 2.0, 0.0, -1.0]))
    assert density == pytest.approx([0.3989423, 0.0890160, 0.1568740, 0.0, 0.0], abs=1e-6)


def test_equation_8_falls_from_1_to_0() -> None:
    assert adaptive_alpha(0.5, 2, 4) == 0.125
    assert adaptive_alpha(1.0, 8, 8) == 0.0
    assert adaptive_alpha(1.0, 1, 1000) == pytest.approx(0.998001)


def test_equation_9_is_a_spiral() -> None:
    along, across = lift(np.array([0.0, math.pi / 2, -math.pi]))
    assert along == pytest.approx([1.0, 0.0, -23.1406926], abs=1e-6)
    assert across == pytest.approx([0.0, 0.2078796, 0.0], abs=1e-6)


def test_equations_10_and_11_scale_the_position_itself() -> None:
    assert rain_factor(0.5, 3, 5, falls=False) == pytest.approx(0.375)
    assert rain_factor(0.5, 3, 5, falls=True) == pytest.approx(0.625)
    assert rain_factor(1.0, 5, 5, falls=True) == 1.0
    assert rise_rainy(np.array([[2.0, -4.0]]), 0.375).tolist() == [[0.75, -1.5]]


def test_equations_13_and_14_use_the_mean_once_and_the_position_twice() -> None:
    descended = descend(np.array([[1.0, 2.0], [3.0, 4.0]]), 0.5, np.array([[1.0, -1.0], [0.0, 2.0]]))
    assert descended.tolist() == [[0.25, 4.0], [3.0, 5.0]]


def test_equations_16_and_17_are_mantegnas_recipe() -> None:
    assert levy_sigma() == pytest.approx(0.6965745, abs=1e-7)
    steps = levy_flight(np.array([1.0, 1.0, -2.0]), np.array([1.0, -8.0, 1.0]), 1.0)
    assert steps == pytest.approx([0.6965745, 0.6965745 / 4.0, -2.0 * 0.6965745], abs=1e-6)
    assert levy_flight(np.ones(1), np.ones(1), PAPER.levy_scale) == pytest.approx([0.006965745], abs=1e-9)


def test_equations_15_and_18_land_around_the_elite() -> None:
    landed = land(
        np.array([[3.0, -1.0]]), np.array([1.0, 2.0]), 0.5, np.array([[2.0, -1.0]]), iteration=1, iterations=4
    )
    assert landed.tolist() == [[0.5, 0.75]]


def distance_to_three(point: Float64Array) -> float:
    return float(np.square(point - 3.0).sum())


CURVES = {
    "paper": (PAPER, [24.69395966938565, 24.4852111277111, 24.41494691695854, 24.409903954622497, 24.399355717137436]),
    "authors' code": (
        AUTHORS_CODE,
        [24.69395966938565, 23.365551038886004, 23.24045024914597, 19.849546728449006, 17.99397600753624],
    ),
}
"""The best value after each of the first five iterations; the sixth finds nothing better."""


@pytest.mark.parametrize("name", CURVES)
def test_a_run_follows_the_stored_trajectory(name: str) -> None:
    reading, curve = CURVES[name]
    low, high = np.full(2, -10.0), np.full(2, 10.0)
    outcome = DandelionOptimizer(low, high, seeds=4, iterations=6, seed=7, reading=reading).minimise(distance_to_three)
    assert outcome.curve == pytest.approx([*curve, curve[-1]], rel=1e-9)
    assert outcome.evaluations == 24
    assert distance_to_three(outcome.position) == outcome.value == outcome.curve[-1]


def test_every_seed_is_replaced_and_only_the_elite_is_remembered() -> None:
    evaluated: list[Float64Array] = []

    def record(point: Float64Array) -> float:
        evaluated.append(point.copy())
        return float(len(evaluated))  # ever worse: nothing may be kept but the first

    box = np.ones(3)
    outcome = DandelionOptimizer(-box, box, seeds=5, iterations=4, seed=1).minimise(record)
    assert len(evaluated) == 20
    assert outcome.value == 1.0
    assert outcome.position.tolist() == evaluated[0].tolist()
    # With s = 0.01 every seed lands close to that elite, whatever its parent was.
    assert np.abs(np.array(evaluated[5:]) - evaluated[0]).max() < 0.5


@pytest.mark.parametrize("reading", [PAPER, AUTHORS_CODE, Reading(1.0, wind_per_coordinate=True, rain_falls=False)])
def test_seeds_stay_in_the_box(reading: Reading) -> None:
    low, high = np.array([2.0, -1.0]), np.array([3.0, 5.0])

    def inside(point: Float64Array) -> float:
        assert (point >= low).all() and (point <= high).all()
        return float(point.sum())

    for seed in range(5):
        DandelionOptimizer(low, high, seeds=6, iterations=30, seed=seed, reading=reading).minimise(inside)


def test_fewer_than_two_seeds_or_iterations_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="at least 2"):
        DandelionOptimizer(np.zeros(2), np.ones(2), seeds=1)
