"""Tune something in one call: Efficient Dandelion seeds, halved over a growing resource. Host side only.

    space = Space({"rate": Real(1e-4, 1e-1, log=True), "layers": Integer(1, 4), "cell": Category(("gru", "lstm"))})
    result = minimise(train, space, budget=2000, rungs=Rungs.between(3, 27), seed=1)

``train(parameters, epochs)`` returns a loss. The budget counts the resource over all trainings, stopped ones included.
``Rungs((27,))`` gives every candidate the whole resource and is plain optimization. With a checkpoint the call continues
where it was interrupted, and ends as if it had not been. ``Workers`` spreads the trainings of a rung.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ertedge.errors import ConfigurationError
from tools.dandelion import checkpoint
from tools.dandelion.checkpoint import Json
from tools.dandelion.efficient import WHOLE, EfficientDandelion, Parts, usual_seeds
from tools.dandelion.halving import Rungs, Training, Trial, climb
from tools.dandelion.parallel import Workers
from tools.dandelion.space import Parameters, Space, Value

IDLE_GENERATIONS = 3
"""After so many generations without a training that is new, the space counts as exhausted."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """The outcome. ``loss`` was measured with ``resource``, the most that any candidate got; ``spent`` is the total over
    all ``trials``, which stand in the order in which they ran."""

    parameters: Parameters
    loss: float
    resource: int
    spent: int
    trials: tuple[Trial, ...]


@dataclass(slots=True)
class _Progress:
    """What a tuning keeps besides its optimizer."""

    trials: list[Trial] = field(default_factory=list)
    spent: int = 0
    idle: int = 0

    def known(self) -> dict[tuple[frozenset[tuple[str, Value]], int], float]:
        """Losses by parameters and resource: nothing is trained twice."""
        return {(frozenset(t.parameters.items()), t.resource): t.loss for t in self.trials}


def minimise(
    objective: Training,
    space: Space,
    budget: int,
    rungs: Rungs,
    *,
    seed: int = 0,
    parts: Parts = WHOLE,
    seeds: int | None = None,
    workers: Workers | None = None,
    saved: Path | None = None,
    start: Parameters | None = None,
) -> Tuned:
    """Find the parameters with the least loss for a total resource of ``budget``.

    ``objective`` must be deterministic for the same parameters and resource, or at least not be wanted twice. ``seeds`` is
    the size of a generation. ``saved`` is the checkpoint's file: it is continued where it exists, and written after every
    generation. ``workers`` must have been entered. ``start`` is a candidate of the first generation. Raises
    ``ConfigurationError`` where the budget does not pay for one candidate on the last rung after its way up, or where the
    checkpoint was made with another space.
    """
    if budget < sum(rungs.resources):
        raise ConfigurationError([f"a budget of {budget} does not pay for one candidate on rungs {rungs.resources}"])
    if saved is not None and saved.exists():
        optimizer, progress = _resume(saved, space)
    else:
        size = usual_seeds(space.dimensions) if seeds is None else seeds
        optimizer = EfficientDandelion(space, max(1, round(size * budget / _cost(rungs, size))), seed, parts, size)
        if start is not None:
            optimizer.start_with(start)
        progress = _Progress()
    while progress.spent + rungs.resources[0] <= budget and progress.idle < IDLE_GENERATIONS:
        _generation(objective, optimizer, progress, rungs=rungs, budget=budget, workers=workers or Workers())
        if saved is not None:
            _save(saved, optimizer, progress)
    best = min(progress.trials, key=lambda trial: (-trial.resource, trial.loss))
    return Tuned(best.parameters, best.loss, best.resource, progress.spent, tuple(progress.trials))


def _generation(
    objective: Training,
    optimizer: EfficientDandelion,
    progress: _Progress,
    *,
    rungs: Rungs,
    budget: int,
    workers: Workers,
) -> None:
    """Ask for a generation, take it up the rungs and tell what came of it."""
    known = progress.known()

    def train(batch: Sequence[tuple[Parameters, int]]) -> list[float]:
        keys = [(frozenset(parameters.items()), resource) for parameters, resource in batch]
        fresh = {key: task for key, task in zip(keys, batch, strict=True) if key not in known}
        tasks = [(objective, parameters, resource) for parameters, resource in fresh.values()]
        names = list(fresh)
        for index, loss in workers.map(_train_one, tasks):
            known[names[index]] = math.inf if math.isnan(loss) else float(loss)
        # In the order of the tasks, whichever worker was first, so that a run does not depend on their number.
        for key, (parameters, resource) in fresh.items():
            progress.trials.append(Trial(parameters, resource, known[key]))
            progress.spent += resource
        return [known[key] for key in keys]

    before = len(progress.trials)
    seeds = optimizer.ask()
    climbed = climb([seed.parameters for seed in seeds], rungs, train, budget - progress.spent)
    for asked, value in zip(seeds, climbed.values, strict=True):
        optimizer.tell(asked, value)
    progress.idle = 0 if len(progress.trials) > before else progress.idle + 1


def _train_one(task: tuple[Training, Parameters, int]) -> float:
    objective, parameters, resource = task
    return objective(parameters, resource)


def _cost(rungs: Rungs, candidates: int) -> int:
    """The resource that a generation of so many candidates takes."""
    total = 0
    for resource in rungs.resources:
        total += resource * candidates
        candidates = rungs.promoted(candidates)
    return total


def _save(path: Path, optimizer: EfficientDandelion, progress: _Progress) -> None:
    trials = [asdict(trial) for trial in progress.trials]
    for trial in trials:
        trial["loss"] = trial["loss"] if math.isfinite(trial["loss"]) else None
    state: Json = {"optimizer": checkpoint.state_of(optimizer), "trials": trials, "spent": progress.spent}
    checkpoint.write({**state, "idle": progress.idle}, path)


def _resume(path: Path, space: Space) -> tuple[EfficientDandelion, _Progress]:
    state = checkpoint.read(path)
    if "optimizer" not in state:
        raise ConfigurationError(["is no checkpoint of a tuning; start anew without it"], str(path))
    optimizer = checkpoint.from_state(state["optimizer"], space, str(path))
    trials = [_trial(entry) for entry in state["trials"]]
    return optimizer, _Progress(trials, state["spent"], state["idle"])


def _trial(entry: Mapping[str, object]) -> Trial:
    parameters, resource, loss = entry["parameters"], entry["resource"], entry["loss"]
    assert isinstance(parameters, dict) and isinstance(resource, int)
    assert loss is None or isinstance(loss, float)
    return Trial(parameters, resource, math.inf if loss is None else loss)
