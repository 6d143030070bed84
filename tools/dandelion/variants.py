"""The Efficient Dandelion Optimizer with one part taken out at a time. Host side only."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from tools.dandelion.counting import run_counted
from tools.dandelion.efficient import WHOLE, EfficientDandelion, Parts
from tools.dandelion.functions import Problem
from tools.dandelion.space import Space

PARTS = tuple(field.name for field in fields(Parts))


@dataclass(frozen=True, slots=True)
class Variant:
    """An optimizer for ``runs.py`` with these parts."""

    parts: Parts

    def __call__(self, problem: Problem, evaluations: int, seed: int) -> float:
        """The least value found."""
        optimizer = EfficientDandelion(Space.box(problem.low, problem.high), evaluations, seed, self.parts)
        return run_counted(problem, evaluations, optimizer.minimise)


def variant_name(part: str) -> str:
    """The name under which the optimizer runs without ``part``."""
    return f"without_{part}"


VARIANTS = {variant_name(part): Variant(replace(WHOLE, **{part: False})) for part in PARTS}
