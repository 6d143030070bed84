"""The test problems: the optimum is where it is said to be, and each seed moves and turns it."""

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.dandelion import landscapes
from tools.dandelion.functions import (
    BOX,
    REPORTED,
    SHIFT_SHARE,
    TUNING,
    TUNING_SEED,
    at_position,
    make_problem,
    random_rotation,
)


@pytest.mark.parametrize("name", (*REPORTED, *TUNING))
def test_the_optimum_is_0_and_nothing_is_below_it(name: str) -> None:
    problem = make_problem(name, 10, seed=3)
    assert problem(problem.shift) == pytest.approx(0.0, abs=1e-9)
    assert np.abs(problem.shift).max() <= SHIFT_SHARE * BOX
    rng = np.random.default_rng(0)
    points = rng.uniform(-BOX, BOX, (500, 10))
    near = problem.shift + rng.normal(0.0, 1.0, (500, 10))
    values = problem.values(np.vstack([points, near]))
    assert np.isfinite(values).all()
    # A step is flat where the optimum lies.
    assert values.min() >= 0.0 if name == "step_ellipsoid" else values.min() > 0.0


@pytest.mark.parametrize("name", REPORTED)
def test_a_seed_draws_its_own_shift_and_is_repeatable(name: str) -> None:
    first, again, other = (make_problem(name, 6, seed) for seed in (1, 1, 2))
    point = np.linspace(-50.0, 50.0, 6)
    assert first(point) == again(point)
    assert (first.shift != other.shift).all()


def test_tuning_and_reported_sets_have_nothing_in_common() -> None:
    assert not set(REPORTED) & set(TUNING)
    assert len(REPORTED) >= 12
    assert TUNING_SEED > 10_000


def test_a_rotation_keeps_lengths_and_round_functions() -> None:
    rotation = random_rotation(8, np.random.default_rng(5))
    assert rotation @ rotation.T == pytest.approx(np.eye(8), abs=1e-12)
    problem = make_problem("sphere", 8, seed=4)
    step = np.arange(8.0)
    assert problem(problem.shift + step) == pytest.approx(float((step**2).sum()))


def test_values_at_points_worked_out_by_hand() -> None:
    ones = np.ones((1, 4))
    assert landscapes.bent_cigar(ones)[0] == pytest.approx(3_000_001.0)
    assert landscapes.ellipsoid(ones)[0] == pytest.approx(1.0 + 100.0 + 1e4 + 1e6)
    assert landscapes.rastrigin(0.5 * ones)[0] == pytest.approx(4 * 20.25)
    # x = 2 everywhere: 100 (2 - 4)^2 + 1 for each of three pairs.
    assert landscapes.rosenbrock(ones)[0] == pytest.approx(3 * 401.0)
    assert landscapes.zakharov(ones)[0] == pytest.approx(4.0 + 5.0**2 + 5.0**4)
    assert landscapes.double_sum(ones)[0] == pytest.approx(1.0 + 4.0 + 9.0 + 16.0)


def test_an_unmoved_landscape_has_its_optimum_where_asked() -> None:
    optimum = np.array([80.0, -20.0, 0.0, 5.0])
    assert at_position("ackley", optimum)(optimum) == pytest.approx(0.0, abs=1e-12)


def test_unknown_names_and_too_few_dimensions_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="no function is called 'spehre'"):
        make_problem("spehre", 10, 0)
    with pytest.raises(ConfigurationError, match="at least 4"):
        make_problem("sphere", 3, 0)
