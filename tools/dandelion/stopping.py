"""What early stopping is worth: tuners on made learning curves at an equal total of epochs. Host side only.

Every tuner gets the same epochs, counted over all trainings, stopped ones included, and is judged by the true loss, after
the whole training and without noise, of the candidate it would hand over: the one with the best loss among those that it
trained longest.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping

from tools.dandelion.curves import EPOCHS, SPACE, Curve
from tools.dandelion.halving import Rungs
from tools.dandelion.minimise import minimise
from tools.dandelion.space import Category, Integer, Parameters, Real, Value

Tuner = Callable[[Curve, int, int], Parameters]
LADDER = Rungs.between(3, EPOCHS)


def with_halving(curve: Curve, budget: int, seed: int) -> Parameters:
    """Efficient DO, a third promoted on each of the rungs 3, 9 and 27."""
    return minimise(curve, SPACE, budget, LADDER, seed=seed).parameters


def without_halving(curve: Curve, budget: int, seed: int) -> Parameters:
    """Efficient DO, every candidate trained to the end."""
    return minimise(curve, SPACE, budget, Rungs((EPOCHS,)), seed=seed).parameters


def tree_parzen(curve: Curve, budget: int, seed: int) -> Parameters:
    """Optuna's multivariate TPE, every candidate trained to the end."""
    return _tree_parzen(curve, budget, seed, pruned=False)


def tree_parzen_pruned(curve: Curve, budget: int, seed: int) -> Parameters:
    """Optuna's multivariate TPE with its successive-halving pruner on the same rungs."""
    return _tree_parzen(curve, budget, seed, pruned=True)


TUNERS: dict[str, Tuner] = {
    "Efficient DO with halving": with_halving,
    "Efficient DO without": without_halving,
    "TPE": tree_parzen,
    "TPE with halving": tree_parzen_pruned,
}


def true_loss(parameters: Mapping[str, Value], curve: Curve) -> float:
    """What the parameters are worth: after the whole training, without noise."""
    return curve.quiet()(parameters, EPOCHS)


def _tree_parzen(curve: Curve, budget: int, seed: int, *, pruned: bool) -> Parameters:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=seed, multivariate=True)
    pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=LADDER.resources[0], reduction_factor=3)
    study = optuna.create_study(sampler=sampler, pruner=pruner if pruned else optuna.pruners.NopPruner())
    steps = LADDER.resources if pruned else (EPOCHS,)
    spent = 0
    finished: list[tuple[float, Parameters]] = []
    while spent + steps[0] <= budget:
        trial = study.ask()
        parameters = _suggest(trial)
        for resource in steps:
            if spent + resource > budget:
                break
            # As in ``halving.climb``, each rung is counted as a training of its own.
            spent += resource
            loss = curve(parameters, resource)
            trial.report(loss, resource)
            if resource == EPOCHS:
                finished.append((loss, parameters))
            elif trial.should_prune():
                study.tell(trial, state=optuna.trial.TrialState.PRUNED)
                break
        else:
            study.tell(trial, loss)
            continue
    return min(finished, key=lambda pair: pair[0])[1]


def _suggest(trial: object) -> Parameters:
    import optuna

    assert isinstance(trial, optuna.trial.Trial)
    values: Parameters = {}
    for name, parameter in SPACE.parameters.items():
        if isinstance(parameter, Real):
            values[name] = trial.suggest_float(name, parameter.low, parameter.high, log=parameter.log)
        elif isinstance(parameter, Integer):
            values[name] = trial.suggest_int(name, parameter.low, parameter.high, log=parameter.log)
        elif isinstance(parameter, Category):
            values[name] = trial.suggest_categorical(name, parameter.choices)
    return values
