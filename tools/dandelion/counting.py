"""An objective that counts: the same budget for every optimizer, however it likes to overspend. Host side only."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable

import numpy as np

from tools.dandelion.landscapes import Float64Array


class BudgetSpentError(Exception):
    """Raised to the optimizer that asks for one evaluation more than it has; ``run_counted`` catches it."""


class CountedObjective:
    """Calls ``function`` at most ``budget`` times and remembers the best value; the next call raises BudgetSpentError."""

    def __init__(self, function: Callable[[Float64Array], float], budget: int) -> None:
        self._function = function
        self.budget = budget
        self.spent = 0
        self.best = math.inf

    def __call__(self, point: Float64Array) -> float:
        """The value at ``point``, (dimensions,)."""
        if self.spent >= self.budget:
            raise BudgetSpentError
        self.spent += 1
        value = self._function(np.asarray(point, dtype=np.float64))
        self.best = min(self.best, value)
        return value


def run_counted(
    function: Callable[[Float64Array], float], budget: int, optimizer: Callable[[CountedObjective], object]
) -> float:
    """The best value that ``optimizer`` found within ``budget`` evaluations of ``function``."""
    objective = CountedObjective(function, budget)
    with contextlib.suppress(BudgetSpentError):
        optimizer(objective)
    return objective.best
