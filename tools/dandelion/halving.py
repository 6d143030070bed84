"""Stopping hopeless candidates early: successive halving on top of the Efficient Dandelion Optimizer. Host side only.

A candidate is first evaluated with little of the resource (epochs, say), and only the best share of a generation is
promoted to the next rung with more (Jamieson and Talwalkar 2016, arXiv 1502.07943). The optimizer is told a value for
every seed, so that it learns from the stopped ones too. Losses of different rungs cannot be compared, so a stopped
candidate's is lifted: as far above the worst of those that went on as it was behind the last of them when it was stopped.
The total resource spent is counted, so that tuning with and without halving, or with another tuner, is compared at an
equal budget.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ertedge.errors import ConfigurationError
from tools.dandelion.space import Parameters, Value

Training = Callable[[Mapping[str, Value], int], float]
"""Takes parameters and a resource (such as epochs), returns a loss; NaN or infinite where the training failed."""


@dataclass(frozen=True, slots=True)
class Rungs:
    """The ladder: ``resources`` grow from rung to rung; ``share`` of each rung's candidates is promoted.

    Raises ``ConfigurationError`` unless resources are positive and grow, and the share is within (0, 1].
    """

    resources: tuple[int, ...]
    share: float = 1.0 / 3.0

    def __post_init__(self) -> None:
        growing = all(first < second for first, second in zip(self.resources, self.resources[1:], strict=False))
        if not self.resources or self.resources[0] < 1 or not growing:
            raise ConfigurationError([f"rungs must be positive and grow, got {self.resources}"])
        if not 0.0 < self.share <= 1.0:
            raise ConfigurationError([f"the promoted share must be within (0, 1], got {self.share}"])

    @classmethod
    def between(cls, least: int, most: int, factor: int = 3) -> Rungs:
        """Rungs that grow by ``factor`` up to ``most``, the first at least ``least``; one in ``factor`` is promoted."""
        if not (1 <= least <= most and factor >= 2):
            raise ConfigurationError(
                [f"need 1 <= least <= most and a factor of 2 or more, got {least}, {most}, {factor}"]
            )
        resources = [most]
        while resources[-1] // factor >= least:
            resources.append(resources[-1] // factor)
        return cls(tuple(reversed(resources)), 1.0 / factor)

    def promoted(self, candidates: int) -> int:
        """How many of so many candidates go on to the next rung; at least one."""
        return max(1, math.ceil(self.share * candidates - 1e-9))


@dataclass(frozen=True, slots=True)
class Trial:
    """One training that was run: ``loss`` after ``resource``."""

    parameters: Parameters
    resource: int
    loss: float


@dataclass(frozen=True, slots=True)
class Climb:
    """A generation after halving. ``trials`` in the order in which they ran; ``values`` one a candidate, to be told to the
    optimizer: the loss of those that reached the last rung, the lifted loss of the others."""

    trials: tuple[Trial, ...]
    values: tuple[float, ...]
    spent: int


Batch = Callable[[Sequence[tuple[Parameters, int]]], list[float]]
"""Runs several trainings, maybe at the same time, and returns their losses in order."""


def climb(candidates: Sequence[Parameters], rungs: Rungs, train: Batch, allowance: int | None = None) -> Climb:
    """Take a generation up the rungs. ``allowance`` is the resource that may be spent at most, all rungs together.

    A rung of which not all can be paid takes the better part of its candidates. Each training is counted with its whole
    resource, as if it began anew: an objective that keeps its networks and continues may spend less.
    """
    alive = list(range(len(candidates)))
    # What each candidate lost on each rung that it reached.
    losses: list[list[float]] = [[] for _ in candidates]
    trials: list[Trial] = []
    spent = 0
    for resource in rungs.resources:
        if allowance is not None:
            alive = alive[: max(0, (allowance - spent) // resource)]
        if not alive:
            break
        found = [_worst_if_failed(loss) for loss in train([(candidates[i], resource) for i in alive])]
        spent += resource * len(alive)
        for i, loss in zip(alive, found, strict=True):
            losses[i].append(loss)
            trials.append(Trial(candidates[i], resource, loss))
        alive = sorted(alive, key=lambda i: losses[i][-1])[: rungs.promoted(len(alive))]
    return Climb(tuple(trials), tuple(_lifted(losses)), spent)


def _lifted(losses: Sequence[Sequence[float]]) -> list[float]:
    """One value a candidate from its losses rung by rung, such that whoever went further is never behind."""
    values = [math.inf] * len(losses)
    for height in range(max((len(steps) for steps in losses), default=0), 0, -1):
        further = [i for i, steps in enumerate(losses) if len(steps) > height]
        lift = 0.0
        if further:
            behind = max(losses[i][height - 1] for i in further)
            lift = max(values[i] for i in further) - behind if math.isfinite(behind) else math.inf
        for i, steps in enumerate(losses):
            if len(steps) == height:
                values[i] = steps[-1] + lift
    return values


def _worst_if_failed(loss: float) -> float:
    return math.inf if math.isnan(loss) else float(loss)
