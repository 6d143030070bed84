"""Mixed search spaces: real, logarithmic, integer and categorical parameters as one box. Host side only.

The optimizer works on the unit cube. A real parameter is one coordinate; one on a logarithmic scale too. An integer is
one coordinate cut into cells of equal width, the first and last included, so that no level is drawn more often than
another. A category is one coordinate a choice, of which the highest is active. After a point is decoded it is moved to
the middle of its cell (``snap``): the optimizer then learns from the point that was truly evaluated, and the flat steps
that rounding would make of the objective do not exist for it. ``floor`` keeps enough spread in those coordinates for the
neighbouring cell to stay in reach (as in Hamano et al. 2022, "CMA-ES with Margin", doi 10.1145/3512290.3528827).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ertedge.errors import ConfigurationError
from tools.dandelion.landscapes import Float64Array

Value = float | int | str
Parameters = dict[str, Value]

CELL_FLOOR = 0.35
"""Least standard deviation of an integer's coordinate, in cells: about one draw in seven leaves the cell."""
CHOICE_FLOOR = 0.2
"""Least standard deviation of a category's coordinates: about one draw in ten changes between two choices."""
ACTIVE, INACTIVE = 0.75, 0.25
"""Where the coordinates of a category stand after decoding."""


@dataclass(frozen=True, slots=True)
class Real:
    """A number from ``low`` to ``high``; ``log`` spreads it evenly over orders of magnitude."""

    low: float
    high: float
    log: bool = False

    @property
    def width(self) -> int:
        """How many coordinates it takes."""
        return 1

    @property
    def floor(self) -> float:
        """Least standard deviation of its coordinates."""
        return 0.0

    def faults(self) -> list[str]:
        """What is wrong with the limits."""
        if not (math.isfinite(self.low) and math.isfinite(self.high)) or self.low >= self.high:
            return [f"low must be less than high, got {self.low} and {self.high}"]
        return ["a logarithmic scale needs limits above 0"] if self.log and self.low <= 0 else []

    def decode(self, unit: Float64Array) -> float:
        """The value at a coordinate in [0, 1]."""
        share = float(unit[0])
        if self.log:
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        return min(max(value, self.low), self.high)

    def encode(self, value: Value) -> list[float]:
        """The coordinate of a value."""
        number = float(value)
        if self.log:
            return [(math.log(number) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))]
        return [(number - self.low) / (self.high - self.low)]


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number from ``low`` to ``high``, both included; ``log`` makes the steps of a logarithmic scale."""

    low: int
    high: int
    log: bool = False

    @property
    def width(self) -> int:
        """How many coordinates it takes."""
        return 1

    @property
    def floor(self) -> float:
        """Least standard deviation of its coordinate: a share of the narrowest cell."""
        edges = self._edges()
        return CELL_FLOOR * float(np.diff(edges).min()) if self.high > self.low else 0.0

    def faults(self) -> list[str]:
        """What is wrong with the limits."""
        if self.low > self.high:
            return [f"low must not exceed high, got {self.low} and {self.high}"]
        return ["a logarithmic scale needs limits above 0"] if self.log and self.low <= 0 else []

    def decode(self, unit: Float64Array) -> int:
        """The value in whose cell the coordinate lies."""
        cell = int(np.searchsorted(self._edges()[1:-1], float(unit[0]), side="right"))
        return self.low + cell

    def encode(self, value: Value) -> list[float]:
        """The middle of the value's cell."""
        cell = int(value) - self.low
        edges = self._edges()
        return [float(edges[cell] + edges[cell + 1]) / 2.0]

    def _edges(self) -> Float64Array:
        """Borders of the cells in [0, 1]. A logarithmic scale runs from half below the least to half above the greatest."""
        borders = np.arange(self.low, self.high + 2) - 0.5
        if self.log:
            borders = np.log(borders)
        return np.asarray((borders - borders[0]) / (borders[-1] - borders[0]), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Category:
    """One of ``choices``, which have no order."""

    choices: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many coordinates it takes: one a choice."""
        return len(self.choices)

    @property
    def floor(self) -> float:
        """Least standard deviation of its coordinates."""
        return CHOICE_FLOOR

    def faults(self) -> list[str]:
        """What is wrong with the choices."""
        if len(set(self.choices)) != len(self.choices) or len(self.choices) < 2:
            return ["choices must be at least two different ones"]
        return []

    def decode(self, unit: Float64Array) -> str:
        """The active choice: that of the highest coordinate."""
        return self.choices[int(unit.argmax())]

    def encode(self, value: Value) -> list[float]:
        """The active coordinate high, the others low."""
        return [ACTIVE if choice == value else INACTIVE for choice in self.choices]


Parameter = Real | Integer | Category


class Space:
    """Named parameters as a box. Raises ``ConfigurationError`` with every fault of every parameter."""

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        if not parameters:
            raise ConfigurationError(["a search space needs at least one parameter"])
        faults = [f"{name}: {fault}" for name, parameter in parameters.items() for fault in parameter.faults()]
        if faults:
            raise ConfigurationError(faults, "search space")
        self.parameters = dict(parameters)
        self.floor = np.concatenate([np.full(p.width, p.floor) for p in parameters.values()])
        """Least standard deviation of each coordinate, (dimensions,)."""
        self.continuous = all(isinstance(parameter, Real) for parameter in parameters.values())

    @classmethod
    def box(cls, low: Float64Array, high: Float64Array) -> Space:
        """A space of real parameters x000, x001 ... between ``low`` and ``high``, (dimensions,)."""
        limits = zip(low.tolist(), high.tolist(), strict=True)
        return cls({f"x{i:03d}": Real(least, most) for i, (least, most) in enumerate(limits)})

    @property
    def dimensions(self) -> int:
        """How many coordinates a point of the unit cube has."""
        return len(self.floor)

    @property
    def origin(self) -> Float64Array:
        """Where 0 lies in the unit cube, (dimensions,), inside the box; the middle for what is no number."""
        units = []
        for parameter in self.parameters.values():
            if isinstance(parameter, Real) and not parameter.log:
                units.append(min(max(-parameter.low / (parameter.high - parameter.low), 0.0), 1.0))
            else:
                units.extend([0.5] * parameter.width)
        return np.array(units)

    def decode(self, point: Float64Array) -> Parameters:
        """The parameters at a point of the unit cube, (dimensions,)."""
        values: Parameters = {}
        start = 0
        for name, parameter in self.parameters.items():
            values[name] = parameter.decode(point[start : start + parameter.width])
            start += parameter.width
        return values

    def encode(self, values: Mapping[str, Value]) -> Float64Array:
        """The point of the parameters. Raises ``ConfigurationError`` for a missing or unknown one or one out of range."""
        if set(values) != set(self.parameters):
            raise ConfigurationError([f"parameters must be {', '.join(self.parameters)}, got {', '.join(values)}"])
        faults = [f"{n}: {v!r} is not allowed" for n, v in values.items() if not _allowed(self.parameters[n], v)]
        if faults:
            raise ConfigurationError(faults, "search space")
        units: list[float] = []
        for name, parameter in self.parameters.items():
            units.extend(parameter.encode(values[name]))
        return np.array(units)

    def snap(self, point: Float64Array) -> Float64Array:
        """The point moved to the middle of the cells that it decodes to; real coordinates stay."""
        if self.continuous:
            return point
        units: list[float] = []
        start = 0
        for parameter in self.parameters.values():
            part = point[start : start + parameter.width]
            start += parameter.width
            units.extend(part if isinstance(parameter, Real) else parameter.encode(parameter.decode(part)))
        return np.array(units)

    def names(self) -> Sequence[str]:
        """The parameters' names in order."""
        return tuple(self.parameters)


def _allowed(parameter: Parameter, value: Value) -> bool:
    if isinstance(parameter, Category):
        return value in parameter.choices
    return not isinstance(value, str) and parameter.low <= value <= parameter.high
