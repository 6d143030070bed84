"""Halving over a growing resource, and tuning in one call: what is spent, what is found, and that it can be resumed."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.dandelion.curves import EPOCHS, SPACE, Curve
from tools.dandelion.halving import Rungs, climb
from tools.dandelion.minimise import Tuned, minimise
from tools.dandelion.space import Category, Integer, Parameters, Real, Space, Value
from tools.dandelion.stopping import LADDER, true_loss, with_halving, without_halving

RUNGS = Rungs((1, 3, 9), 1.0 / 3.0)


def candidates(count: int) -> list[Parameters]:
    return [{"x": float(i)} for i in range(count)]


def losses_by_x(batch: Sequence[tuple[Parameters, int]]) -> list[float]:
    return [float(parameters["x"]) + 1.0 / resource for parameters, resource in batch]


def test_rungs_between_two_resources() -> None:
    assert Rungs.between(3, 27).resources == (3, 9, 27)
    assert Rungs.between(2, 40, 4).resources == (2, 10, 40)
    assert Rungs.between(5, 5).resources == (5,)
    assert [RUNGS.promoted(n) for n in (1, 3, 4, 9, 10)] == [1, 1, 2, 3, 4]


@pytest.mark.parametrize("resources", [(), (0, 3), (3, 3), (9, 3)])
def test_rungs_that_do_not_grow_are_refused(resources: tuple[int, ...]) -> None:
    with pytest.raises(ConfigurationError, match="grow"):
        Rungs(resources)


def test_the_best_share_of_each_rung_is_promoted_and_the_spending_counted() -> None:
    climbed = climb(candidates(9), RUNGS, losses_by_x)
    assert [trial.resource for trial in climbed.trials] == [1] * 9 + [3] * 3 + [9]
    assert climbed.spent == 9 + 9 + 9
    assert {float(t.parameters["x"]) for t in climbed.trials if t.resource == 3} == {0.0, 1.0, 2.0}


def test_whoever_went_further_is_told_a_better_value() -> None:
    climbed = climb(candidates(9), RUNGS, losses_by_x)
    values = np.array(climbed.values)
    assert values[0] == pytest.approx(1.0 / 9.0)  # its loss on the last rung
    # Stopped on the second rung 1 and 2 behind the one that went on, and so they stay.
    assert values[1:3] == pytest.approx([1.0 / 9.0 + 1.0, 1.0 / 9.0 + 2.0])
    assert (np.diff(values) > 0.0).all()


def test_a_candidate_that_falls_back_later_stays_ahead_of_those_stopped_before() -> None:
    def crossing(batch: Sequence[tuple[Parameters, int]]) -> list[float]:
        return [float(p["x"]) + (10.0 if resource == 9 else 0.0) for p, resource in batch]

    values = climb(candidates(9), RUNGS, crossing).values
    assert values[0] == 10.0
    assert min(values[1:]) > values[0]


def test_an_allowance_is_never_overdrawn() -> None:
    for allowance in range(30):
        assert climb(candidates(9), RUNGS, losses_by_x, allowance).spent <= allowance
    assert climb(candidates(9), RUNGS, losses_by_x, 0).trials == ()


def test_failed_trainings_are_stopped_and_told_as_the_worst() -> None:
    def failing(batch: Sequence[tuple[Parameters, int]]) -> list[float]:
        return [math.nan if p["x"] == 0.0 else float(p["x"]) for p, _ in batch]

    climbed = climb(candidates(9), RUNGS, failing)
    assert climbed.values[0] == math.inf
    assert min(climbed.values) == climbed.values[1]
    assert all(math.isinf(v) for v in climb(candidates(4), RUNGS, lambda batch: [math.nan] * len(batch)).values)


SMALL = Space({"x": Real(-4.0, 4.0), "n": Integer(0, 5), "kind": Category(("a", "b"))})


def training(parameters: Mapping[str, Value], epochs: int) -> float:
    """Least at x 1, n 3 and kind b; falls with the epochs."""
    away = (float(parameters["x"]) - 1.0) ** 2 + 0.2 * (float(parameters["n"]) - 3.0) ** 2
    return away + (0.5 if parameters["kind"] == "a" else 0.0) + 1.0 / epochs


def test_tuning_finds_the_optimum_within_its_budget() -> None:
    tuned = minimise(training, SMALL, 600, RUNGS, seed=1)
    assert tuned.parameters["n"] == 3
    assert tuned.parameters["kind"] == "b"
    assert abs(float(tuned.parameters["x"]) - 1.0) < 0.2
    assert tuned.resource == 9
    assert tuned.loss == training(tuned.parameters, 9)
    assert tuned.spent == sum(trial.resource for trial in tuned.trials) <= 600


def test_tuning_is_repeatable_and_resumes_where_it_broke_off(tmp_path: Path) -> None:
    class BrokenOffError(Exception):
        pass

    calls = 0

    def broken(parameters: Mapping[str, Value], epochs: int) -> float:
        nonlocal calls
        calls += 1
        if calls > 70:
            raise BrokenOffError
        return training(parameters, epochs)

    whole = minimise(training, SMALL, 400, RUNGS, seed=2)
    saved = tmp_path / "tuning.json"
    with pytest.raises(BrokenOffError):
        minimise(broken, SMALL, 400, RUNGS, seed=2, saved=saved)
    resumed = minimise(training, SMALL, 400, RUNGS, seed=2, saved=saved)
    assert resumed == whole == minimise(training, SMALL, 400, RUNGS, seed=2)
    # A finished tuning is not run again.
    assert minimise(broken, SMALL, 400, RUNGS, seed=2, saved=saved) == whole


def test_nothing_is_trained_twice_and_an_exhausted_space_ends_the_tuning() -> None:
    asked: list[tuple[Value, int]] = []

    def small(parameters: Mapping[str, Value], epochs: int) -> float:
        asked.append((parameters["n"], epochs))
        return float(parameters["n"])

    tuned = minimise(small, Space({"n": Integer(0, 3)}), 10_000, Rungs((5,)), seeds=4)
    assert len(asked) == len(set(asked)) <= 4
    assert (tuned.loss, tuned.parameters) == (0.0, {"n": 0})
    assert tuned.spent <= 20


def test_a_budget_below_one_candidate_or_a_foreign_checkpoint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="does not pay"):
        minimise(training, SMALL, 12, RUNGS)
    saved = tmp_path / "other.json"
    saved.write_text('{"version": 1}')
    with pytest.raises(ConfigurationError, match="no checkpoint of a tuning"):
        minimise(training, SMALL, 100, RUNGS, saved=saved)


def test_stopping_early_pays_on_made_learning_curves() -> None:
    def mean_loss(found: Sequence[Parameters]) -> float:
        return float(np.mean([true_loss(p, Curve.drawn(100 + i)) for i, p in enumerate(found)]))

    halved = [with_halving(Curve.drawn(100 + i), 540, i) for i in range(8)]
    plain = [without_halving(Curve.drawn(100 + i), 540, i) for i in range(8)]
    assert mean_loss(halved) < mean_loss(plain)


def test_a_made_curve_falls_and_its_noise_is_its_own() -> None:
    curve = Curve.drawn(1)
    parameters = SPACE.decode(np.full(SPACE.dimensions, 0.5))
    assert curve(parameters, EPOCHS) == curve(parameters, EPOCHS) != curve.quiet()(parameters, EPOCHS)
    quiet = [curve.quiet()(parameters, epochs) for epochs in LADDER.resources]
    assert quiet == sorted(quiet, reverse=True)
    assert isinstance(minimise(curve, SPACE, 39, LADDER), Tuned)
