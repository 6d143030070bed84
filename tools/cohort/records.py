"""A log of decisions and what came of them, and who decides: the seam of simulation, training and evaluation. Host side.

The context and the suggestion of a logged decision are the device's own records, so that a model learns from a simulated log
through the same encoding that it uses on the device, and a log that a device exported takes the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import Activity, DecisionContext, Suggestion


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """One activity offered at a decision point.

    ``history_length`` counts how many of the person's suggestions were known by then: the history at this decision is
    ``PersonLog.suggestions[:history_length]``. ``suggestion`` carries its outcome. ``true_helpfulness`` in [-1, 1] is what
    the simulator knows of the activity's expected effect on this person at this moment if it is done; NaN in the log of a
    device. ``eligible`` are the ids of the activities that could have been offered, sorted.
    """

    context: DecisionContext
    history_length: int
    suggestion: Suggestion
    true_helpfulness: float
    eligible: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PersonLog:
    """All that one person was offered, in the order of time. Every decision's suggestion is among ``suggestions``."""

    person: str
    suggestions: tuple[Suggestion, ...]
    decisions: tuple[LoggedDecision, ...]


class Chooser(Protocol):
    """Whoever picks an activity: a baseline, or the device's recommender. It serves a whole cohort, one person at a time or
    in turn; ``person`` is a number from 0."""

    name: str

    def begin(self, people: int, seed: int) -> None:
        """Forget everybody: a new cohort of so many begins. The same seed makes the same choices."""

    def choose(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], eligible: Sequence[Activity]
    ) -> tuple[int, float]:
        """The index into ``eligible`` (never empty) of what is offered, and the probability with which it was picked."""

    def learn(
        self, person: int, context: DecisionContext, history_before: Sequence[Suggestion], suggestion: Suggestion
    ) -> None:
        """Take in what became of ``suggestion``, which was chosen at ``context`` after ``history_before``."""


@runtime_checkable
class Ranks(Protocol):
    """A chooser that can also put activities in order, without exploring; what recall and nDCG are measured of."""

    def scores(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], activities: Sequence[Activity]
    ) -> NDArray[np.float64]:
        """(A,) the higher, the rather it would offer that activity; what it has learnt of ``person`` counts."""


class HelpfulnessForecast(Protocol):
    """(A,) expected helpfulness in [-1, 1] of each activity if it is done, and (A,) ``sd``, the standard deviation of
    what is not known of that expectation (without the noise of a single rating). The device's ``Forecast`` is one."""

    @property
    def helpfulness(self) -> NDArray[np.float64]:
        """(A,)."""

    @property
    def sd(self) -> NDArray[np.float64]:
        """(A,)."""


@runtime_checkable
class Forecasts(Protocol):
    """A chooser that also says how much an activity would help; what calibration is measured of."""

    def forecast(
        self, person: int, context: DecisionContext, history: Sequence[Suggestion], activities: Sequence[Activity]
    ) -> HelpfulnessForecast:
        """Of each of ``activities``."""


def save_logs(path: Path, logs: Sequence[PersonLog]) -> None:
    """Write ``logs`` as one compressed file of columns (``.npz``).

    Raises ``ConfigurationError`` when it cannot be written.
    """
    from tools.cohort import columns

    columns.write(path, logs)


def load_logs(path: Path) -> list[PersonLog]:
    """The logs of a file that ``save_logs`` wrote (``.npz``), or of devices' exports (``.jsonl``, see
    ``tools.cohort.exports``).

    Raises ``ConfigurationError`` when it cannot be read, with the line and what is wrong with it.
    """
    from tools.cohort import columns, exports

    if not path.is_file():
        raise ConfigurationError([f"no log at {path}; make one with python -m tools.cohort simulate"])
    if path.suffix == ".npz":
        return columns.read(path)
    if path.suffix in (".jsonl", ".json", ".gz"):
        return exports.read(path)
    raise ConfigurationError([f"{path.name} is neither .npz nor .jsonl"], str(path.parent))
