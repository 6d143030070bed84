"""What a simulated trial assumes, each with its meaning and where it comes from. Host side only.

The effect of activities on DASS-21 is one of these assumptions. A report of a simulated trial lists them all.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path

from ertedge.errors import ConfigurationError

FILE = Path(__file__).with_name("assumptions.toml")


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The values of ``assumptions.toml``, which says what each means."""

    effect_most: float
    effect_gain: float
    natural_change: float
    retest: float
    drift: float
    at_device: float
    asks_a_day: float
    missing_post: float
    missing_severity: float
    missing_activity: float
    withdraw_week: float
    erase_week: float
    declines: float
    excluded: float
    event_week: float
    distress: float

    def with_effect(self, factor: float) -> Assumptions:
        """The same with ``effect_most`` times ``factor``; 0 is the null scenario."""
        return replace(self, effect_most=factor * self.effect_most)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One of them, to be shown."""

    name: str
    value: float
    meaning: str
    source: str


def load_assumptions(path: Path = FILE) -> tuple[Assumptions, tuple[Assumption, ...]]:
    """The values, and what they mean. Raises ``ConfigurationError`` with everything that is missing or unknown."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"cannot be read: {error}"], str(path)) from None
    names = [field.name for field in fields(Assumptions)]
    faults = [f"[{name}] is missing" for name in names if name not in document]
    faults += [f"[{name}] is not known" for name in document if name not in names]
    found: dict[str, Assumption] = {}
    for name, entry in document.items():
        try:
            found[name] = Assumption(name, float(entry["value"]), entry["meaning"], entry["source"])
        except (KeyError, TypeError, ValueError) as error:
            faults.append(f"[{name}]: {error!r}")
    if faults:
        raise ConfigurationError(faults, str(path))
    values = Assumptions(**{name: found[name].value for name in names})
    return values, tuple(found[name] for name in names)
