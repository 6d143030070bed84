"""What a simulated world assumes: every parameter's range, meaning and source, from ``parameters.toml``. Host side only.

A world is a group of people for whom the common parameters are the same. Training draws each world's from wide ranges, so
that a model learns to find out rather than to know. The shifted ranges of the first generator partly lie outside of these.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import numpy as np

from ertedge.errors import ConfigurationError

PARAMETERS = Path(__file__).with_name("parameters.toml")


class GeneratorName(StrEnum):
    """The two simulators: see ``mood.py`` and ``switching.py``."""

    MOOD = "mood"
    SWITCHING = "switching"


class Draw(StrEnum):
    """From which ranges a world's parameters are drawn."""

    TRAINING = "training"
    SHIFTED = "shifted"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One assumption. ``shifted`` is None where the generator has no shifted ranges."""

    name: str
    training: tuple[float, float]
    shifted: tuple[float, float] | None
    meaning: str
    source: str


@dataclass(frozen=True, slots=True)
class World:
    """The parameters of one world by their names."""

    values: MappingProxyType[str, float]

    def __getitem__(self, name: str) -> float:
        return self.values[name]

    @classmethod
    def of(cls, **values: float) -> World:
        """A world with these parameters."""
        return cls(MappingProxyType(dict(values)))

    def but(self, **values: float) -> World:
        """This world with some parameters set. Raises ``KeyError`` for one that it does not have."""
        if unknown := set(values) - set(self.values):
            raise KeyError(f"no parameter {', '.join(sorted(unknown))}")
        return World(MappingProxyType({**self.values, **values}))


def load_parameters(generator: GeneratorName, path: Path = PARAMETERS) -> tuple[Parameter, ...]:
    """The assumptions of a generator. Raises ``ConfigurationError`` with every entry that is wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))[generator]
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"cannot be read: {error!r}"], str(path)) from None
    found: list[Parameter] = []
    faults: list[str] = []
    for name, entry in table.items():
        try:
            shifted = _range(entry["shifted"]) if "shifted" in entry else None
            found.append(Parameter(name, _range(entry["training"]), shifted, entry["meaning"], entry["source"]))
        except (KeyError, ValueError, TypeError) as error:
            faults.append(f"[{generator}.{name}]: {error!r}")
    if faults:
        raise ConfigurationError(faults, str(path))
    return tuple(found)


def _range(ends: list[float]) -> tuple[float, float]:
    low, high = (float(end) for end in ends)
    if not low <= high:
        raise ValueError(f"{low} to {high} is no range")
    return low, high


def draw_world(generator: GeneratorName, draw: Draw, rng: np.random.Generator) -> World:
    """A world whose parameters are drawn evenly from the ranges. Raises ``ConfigurationError`` where there are none."""
    values: dict[str, float] = {}
    for parameter in load_parameters(generator):
        ends = parameter.training if draw is Draw.TRAINING else parameter.shifted
        if ends is None:
            raise ConfigurationError(
                [f"the {generator} generator has no {draw} ranges; it is another structure itself"]
            )
        values[parameter.name] = float(rng.uniform(*ends))
    return World(MappingProxyType(values))
