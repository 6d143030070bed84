"""Who chooses the recipe: the Efficient Dandelion Optimizer with successive halving over epochs, or a peer at equal cost.

Host side only. Every candidate is trained from the start for the epochs of its rung, with the whole schedule of the learning
rate, on a part of the people, and judged by people held out. The cost is the number of epochs over all candidates, stopped
ones included; peers (Optuna's TPE, random search) give each candidate all epochs, as they know no rungs. The recipe that is
in use already is everybody's first candidate.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np

from tools.dandelion.halving import Rungs
from tools.dandelion.minimise import minimise
from tools.dandelion.space import Category, Integer, Real, Space, Value
from tools.evaluation.report import Figure
from tools.recommender.data import Corpus, split
from tools.recommender.training import Recipe, Training

HELD_OUT = 0.25
SPACE = Space(
    {
        "latent": Integer(2, 16),
        "width": Category(("16", "32", "48")),
        "heads": Category(("1", "2", "4")),
        "layers": Integer(1, 2),
        "hidden": Category(("24", "48", "64", "96")),
        "basis": Integer(8, 24),
        "dropout": Real(0.0, 0.5),
        "learning_rate": Real(5e-4, 8e-3, log=True),
        "beta": Real(0.01, 1.0, log=True),
        "weight_decay": Real(1e-3, 0.5, log=True),
        "reconstruct": Real(0.0, 1.0),
        "forget_identity": Real(0.05, 0.4),
    }
)
_OF_SHAPE = ("latent", "width", "heads", "layers", "hidden", "basis", "dropout")
Parameters = Mapping[str, Value]
Objective = Callable[[Parameters, int], float]


@dataclass(frozen=True, slots=True)
class Search:
    """What a tuner is asked: the least ``objective`` for a ``budget`` of epochs, ``start`` being the first candidate. Who
    can go on from a file keeps it in ``saved``."""

    objective: Objective
    rungs: Rungs
    budget: int
    start: Parameters
    saved: Path | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a tuner found: the recipe, its held-out loss after ``epochs``, and the epochs spent over all candidates."""

    parameters: Parameters
    loss: float
    epochs: int
    spent: int


@dataclass(frozen=True, slots=True)
class Trials:
    """What candidates are trained on. ``people`` of the corpus, of whom a quarter judge."""

    corpus: Corpus
    known: int
    base: Recipe
    people: int
    rungs: Rungs
    seed: int

    def loss(self, parameters: Parameters, epochs: int) -> float:
        """The held-out loss after a training of so many epochs."""
        chosen = np.random.default_rng(self.seed).permutation(self.corpus.people)[: self.people]
        learners, judges = split(len(chosen), HELD_OUT, self.seed)
        recipe = replace(recipe_from(parameters, self.base), epochs=epochs)
        training = Training(
            self.corpus,
            chosen[learners].tolist(),
            chosen[judges].tolist(),
            known=self.known,
            recipe=recipe,
            seed=self.seed,
        )
        for _ in range(epochs):
            training.train_epoch()
        loss = training.judge().loss
        print(f"tuning: {epochs} epochs, held-out loss {loss:.4f}, {json.dumps(dict(parameters))}", file=sys.stderr)
        return loss


def recipe_from(parameters: Parameters, base: Recipe) -> Recipe:
    """``base`` with what is tuned in its place."""
    shape = replace(
        base.shape,
        latent=int(parameters["latent"]),
        width=int(parameters["width"]),
        heads=int(parameters["heads"]),
        layers=int(parameters["layers"]),
        hidden=int(parameters["hidden"]),
        basis=int(parameters["basis"]),
        dropout=float(parameters["dropout"]),
    )
    return replace(
        base,
        shape=shape,
        learning_rate=float(parameters["learning_rate"]),
        beta=float(parameters["beta"]),
        weight_decay=float(parameters["weight_decay"]),
        reconstruct=float(parameters["reconstruct"]),
        forget_identity=float(parameters["forget_identity"]),
    )


def parameters_of(recipe: Recipe) -> Parameters:
    """What is tuned, as ``recipe`` has it: the inverse of ``recipe_from``."""
    found: dict[str, Value] = {}
    for name, parameter in SPACE.parameters.items():
        value = getattr(recipe.shape if name in _OF_SHAPE else recipe, name)
        found[name] = str(value) if isinstance(parameter, Category) else value
    return found


def by_dandelion(search: Search, seed: int) -> Found:
    """Efficient DO with successive halving."""
    tuned = minimise(
        search.objective,
        SPACE,
        search.budget,
        search.rungs,
        seed=seed,
        saved=search.saved,
        start=dict(search.start),
    )
    return Found(tuned.parameters, tuned.loss, tuned.resource, tuned.spent)


def by_random(search: Search, seed: int) -> Found:
    """Random search, each candidate with all epochs."""
    random, most = np.random.default_rng(seed), search.rungs.resources[-1]
    drawn = [SPACE.decode(random.random(SPACE.dimensions)) for _ in range(search.budget // most - 1)]
    return _best([(candidate, search.objective(candidate, most)) for candidate in (search.start, *drawn)], most)


def by_tpe(search: Search, seed: int) -> Found:
    """Optuna's tree-structured Parzen estimator (Bergstra et al. 2011) with its defaults, each candidate with all epochs."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    study.enqueue_trial(dict(search.start))
    most, done = search.rungs.resources[-1], []
    for _ in range(max(1, search.budget // most)):
        trial = study.ask()
        parameters = {name: _suggest(trial, name) for name in SPACE.names()}
        loss = search.objective(parameters, most)
        study.tell(trial, loss)
        done.append((parameters, loss))
    return _best(done, most)


TUNERS: dict[str, Callable[[Search, int], Found]] = {"dandelion": by_dandelion, "tpe": by_tpe, "random": by_random}


def compare(trials: Trials, budget: int, seeds: Sequence[int], kept: Path | None = None) -> list[Figure]:
    """The best held-out loss of each tuner after ``budget`` epochs, mean and spread over ``seeds``.

    What was found is kept in the folder ``kept`` and not looked for again.
    """
    figures = []
    search = Search(trials.loss, trials.rungs, budget, parameters_of(trials.base))
    for name, tuner in TUNERS.items():
        found = [_found(kept and kept / f"{name}-{budget}-{seed}.json", tuner, search, seed) for seed in seeds]
        losses, spent = [each.loss for each in found], [each.spent for each in found]
        spread = float(np.std(losses, ddof=1)) if len(losses) > 1 else None
        figures.append(Figure("tuned_loss", float(np.mean(losses)), "nats", len(losses), name, spread))
        figures.append(Figure("epochs_spent", float(np.mean(spent)), "epochs", len(spent), name))
    return figures


def _found(path: Path | None, tuner: Callable[[Search, int], Found], search: Search, seed: int) -> Found:
    if path is not None and path.is_file():
        return Found(**json.loads(path.read_text(encoding="utf-8")))
    found = tuner(search, seed)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(found)) + "\n", encoding="utf-8")
    return found


def _suggest(trial: object, name: str) -> Value:
    parameter = SPACE.parameters[name]
    if isinstance(parameter, Integer):
        return trial.suggest_int(name, parameter.low, parameter.high)  # type: ignore[attr-defined,no-any-return]
    if isinstance(parameter, Real):
        return trial.suggest_float(name, parameter.low, parameter.high, log=parameter.log)  # type: ignore[attr-defined,no-any-return]
    return trial.suggest_categorical(name, parameter.choices)  # type: ignore[attr-defined,no-any-return]


def _best(done: Sequence[tuple[Parameters, float]], epochs: int) -> Found:
    parameters, loss = min(done, key=lambda each: each[1])
    return Found(parameters, loss, epochs, epochs * len(done))
