"""The Efficient Dandelion Optimizer: it finds optima wherever they are, asks and tells in any order, and can be stopped."""

import math
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError, InvalidRequestError
from tools.dandelion import checkpoint
from tools.dandelion.counting import CountedObjective, run_counted
from tools.dandelion.efficient import WHOLE, EfficientDandelion, Parts, Seed
from tools.dandelion.functions import TUNING_SEED, Problem, at_position, make_problem
from tools.dandelion.landscapes import Float64Array
from tools.dandelion.original import AUTHORS_CODE, DandelionOptimizer
from tools.dandelion.space import Category, Integer, Real, Space

MIXED = Space(
    {"x": Real(-5.0, 5.0), "rate": Real(1e-4, 1.0, log=True), "n": Integer(0, 20), "kind": Category(("a", "b", "c"))}
)


def mixed_loss(seed: Seed) -> float:
    """Least, 0, at x 2, rate 1e-2, n 7 and kind b."""
    x, rate, n = (float(seed.parameters[name]) for name in ("x", "rate", "n"))
    away = (x - 2.0) ** 2 + (math.log10(rate) + 2.0) ** 2 + 0.05 * (n - 7.0) ** 2
    return away + (0.0 if seed.parameters["kind"] == "b" else 1.0)


def optimizer_for(problem: Problem, evaluations: int, seed: int = 0, parts: Parts = WHOLE) -> EfficientDandelion:
    return EfficientDandelion(Space.box(problem.low, problem.high), evaluations, seed, parts)


def error(problem: Problem, evaluations: int, seed: int = 0, parts: Parts = WHOLE) -> float:
    return run_counted(problem, evaluations, optimizer_for(problem, evaluations, seed, parts).minimise)


@pytest.mark.parametrize("name", ["double_sum", "sharp_ridge", "different_powers"])
def test_it_finds_more_than_the_published_optimizer(name: str) -> None:
    problem = make_problem(name, 10, TUNING_SEED + 50)
    published = DandelionOptimizer(problem.low, problem.high, seeds=30, iterations=20, seed=1, reading=AUTHORS_CODE)
    assert error(problem, 600, 1) < 0.5 * run_counted(problem, 600, published.minimise)


def test_it_is_the_same_wherever_the_optimum_is_unlike_the_published_one() -> None:
    centre, away = np.zeros(10), np.full(10, 60.0)
    found = {place: error(at_position("sphere", optimum), 1000) for place, optimum in (("0", centre), ("60", away))}
    assert max(found.values()) < 1e-8
    scaled = replace(WHOLE, relative_steps=False, screening=False)
    published_way = [error(at_position("sphere", optimum), 600, parts=scaled) for optimum in (centre, away)]
    unbiased = [
        error(at_position("sphere", optimum), 600, parts=replace(WHOLE, screening=False)) for optimum in (centre, away)
    ]
    assert published_way[0] < 0.1 * published_way[1]
    assert 0.01 < unbiased[0] / unbiased[1] < 100.0


def test_a_rotation_changes_little() -> None:
    plain = at_position("ellipsoid", np.full(10, 30.0))
    turned = make_problem("ellipsoid", 10, TUNING_SEED)
    # Both fall from about 1e9; the axes of one must be learnt first.
    assert error(turned, 1500) < 0.01
    assert error(plain, 1500) < 0.01


def test_the_same_seed_gives_the_same_run_and_another_one_does_not() -> None:
    problem = make_problem("salomon", 6, TUNING_SEED)
    assert error(problem, 200, 3) == error(problem, 200, 3) != error(problem, 200, 4)


def test_evaluations_are_spent_to_the_last_one_and_stay_in_the_box() -> None:
    problem = make_problem("alpine", 5, TUNING_SEED)

    def inside(point: Float64Array) -> float:
        assert (np.abs(point) <= 100.0).all()
        return problem(point)

    objective = CountedObjective(inside, 333)
    best = optimizer_for(problem, 333).minimise(objective)
    assert objective.spent == 333 == best.evaluations
    assert best.value == objective.best


def test_the_start_is_spread_and_mirrored() -> None:
    starts = EfficientDandelion(Space.box(np.zeros(4), np.ones(4)), 100).ask()
    points = np.array([seed.point for seed in starts])
    half = len(points) // 2
    assert {seed.stage for seed in starts} == {"start"}
    assert points[half:] == pytest.approx(1.0 - points[:half])
    assert len(np.unique(points[:, 0])) == len(points)


def test_all_three_stages_release_seeds() -> None:
    problem = make_problem("hgbat", 6, TUNING_SEED)
    optimizer = optimizer_for(problem, 300)
    stages = []
    for _ in range(20):
        for seed in optimizer.ask():
            stages.append(seed.stage)
            optimizer.tell(seed, problem(np.array(list(seed.parameters.values()), dtype=float)))
    assert {"start", "rising", "descending", "landing"} == set(stages)


def test_dandelions_only_give_way_to_better_ones() -> None:
    problem = make_problem("weierstrass", 6, TUNING_SEED)
    optimizer = optimizer_for(problem, 300)
    worst = math.inf
    for _ in range(15):
        for seed in optimizer.ask():
            optimizer.tell(seed, problem(np.array(list(seed.parameters.values()), dtype=float)))
        meadow = optimizer.season.meadow
        assert meadow is not None
        assert meadow.values.max() <= worst
        worst = float(meadow.values.max())


def test_a_mixed_space_is_searched_to_its_optimum() -> None:
    for start in range(3):
        optimizer = EfficientDandelion(MIXED, 300, start)
        for _ in range(300):
            (seed,) = optimizer.ask(1)
            optimizer.tell(seed, mixed_loss(seed))
        best = optimizer.best
        assert best.parameters["kind"] == "b"
        assert abs(float(best.parameters["n"]) - 7) <= 1
        assert best.value < 0.1


def test_seeds_may_be_told_in_any_order_and_asked_for_in_advance() -> None:
    rng = np.random.default_rng(0)
    optimizer = EfficientDandelion(MIXED, 400)
    out: list[Seed] = []
    for _ in range(400):
        while len(out) < 25:  # more than a generation at once
            out += optimizer.ask(3)
        seed = out.pop(int(rng.integers(len(out))))
        optimizer.tell(seed, mixed_loss(seed))
    assert optimizer.best.value < 0.3


def test_a_seed_told_twice_or_never_asked_for_is_refused() -> None:
    optimizer = EfficientDandelion(MIXED, 100)
    with pytest.raises(InvalidRequestError, match="nothing has been evaluated"):
        _ = optimizer.best
    (seed,) = optimizer.ask(1)
    optimizer.tell(seed, 1.0)
    with pytest.raises(InvalidRequestError, match="told before"):
        optimizer.tell(seed, 1.0)


@pytest.mark.parametrize("failure", [math.nan, math.inf])
def test_failed_evaluations_are_the_worst_and_do_no_harm(failure: float) -> None:
    optimizer = EfficientDandelion(MIXED, 300, 2)
    for i in range(300):
        (seed,) = optimizer.ask(1)
        optimizer.tell(seed, failure if i % 4 == 0 else mixed_loss(seed))
    assert optimizer.best.value < 0.5


def test_an_objective_that_always_fails_or_is_flat_ends_in_order() -> None:
    for value in (math.nan, 5.0):
        optimizer = EfficientDandelion(MIXED, 200)
        for seed in (optimizer.ask(1)[0] for _ in range(200)):
            optimizer.tell(seed, value)
        assert optimizer.best.evaluations == 200


def test_a_season_without_better_ground_ends_and_the_next_has_twice_the_seeds() -> None:
    optimizer = optimizer_for(at_position("sphere", np.full(4, 10.0)), 2000)
    before = optimizer.season.seeds
    optimizer.minimise(at_position("sphere", np.full(4, 10.0)))
    assert optimizer.season.seeds >= 2 * before


@pytest.mark.parametrize("part", [field.name for field in fields(Parts)])
def test_each_part_can_be_taken_out_and_changes_the_run(part: str) -> None:
    problem = make_problem("double_sum", 5, TUNING_SEED)
    without = error(problem, 150, 1, replace(WHOLE, **{part: False}))
    assert math.isfinite(without)
    assert without != error(problem, 150, 1)


@pytest.mark.parametrize("stop", [0, 3, 60, 101, 240])
def test_a_resumed_run_equals_an_uninterrupted_one(stop: int, tmp_path: Path) -> None:
    def advance(optimizer: EfficientDandelion, count: int) -> None:
        for _ in range(count):
            (seed,) = optimizer.ask(1)
            optimizer.tell(seed, math.inf if seed.number % 17 == 0 else mixed_loss(seed))

    whole = EfficientDandelion(MIXED, 300, 5)
    advance(whole, 300)
    first = EfficientDandelion(MIXED, 300, 5)
    advance(first, stop)
    checkpoint.save(first, tmp_path / "state.json")
    resumed = checkpoint.load(tmp_path / "state.json", MIXED)
    advance(resumed, 300 - stop)
    assert resumed.values == whole.values
    assert (np.array(resumed.points) == np.array(whole.points)).all()
    assert resumed.best.parameters == whole.best.parameters


def test_a_resumed_run_equals_an_uninterrupted_one_on_a_rotated_function(tmp_path: Path) -> None:
    problem = make_problem("hgbat", 8, TUNING_SEED)
    whole = optimizer_for(problem, 400, 1)
    whole.minimise(problem)
    first = optimizer_for(problem, 400, 1)
    run_counted(problem, 190, first.minimise)
    checkpoint.save(first, tmp_path / "state.json")
    resumed = checkpoint.load(tmp_path / "state.json", first.space)
    # The seed that was out when the budget broke off is evaluated first.
    for seed in list(resumed.out.values()):
        resumed.tell(seed, problem(np.array(list(seed.parameters.values()), dtype=float)))
    resumed.minimise(problem)
    assert resumed.values == whole.values


def test_a_checkpoint_of_another_space_or_a_broken_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    checkpoint.save(EfficientDandelion(MIXED, 100), path)
    with pytest.raises(ConfigurationError, match="other parameters"):
        checkpoint.load(path, Space({"x": Real(0.0, 1.0)}))
    path.write_text("{")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        checkpoint.load(path, MIXED)
    path.write_text("{}")
    with pytest.raises(ConfigurationError, match="version"):
        checkpoint.load(path, MIXED)


def test_a_budget_or_generation_that_is_too_small_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="must be positive"):
        EfficientDandelion(MIXED, 0)
    with pytest.raises(ConfigurationError, match="at least 4"):
        EfficientDandelion(MIXED, 10, seeds=3)
