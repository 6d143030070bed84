"""What a study's group changes of the choice of activities: the port that the decision maker asks. Floor 2; pure.

A study compares the recommender with a control, and all else is to be the same in both: when something is offered and how
often, what safety forbids, how it is worded and answered. So a group changes one thing at most: **which** activity it is
(the next of a fixed order instead of the recommender's), or that nothing is offered (the waiting list).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ertedge.core.suggestions.responses import was_withdrawn
from ertedge.types import Activity, Suggestion
from ertedge.wellbeing.study.order import next_in_order

ORDER_POLICY = "fixed-order-1"
"""The name of the policy in the decisions of a group with a fixed order."""

BEHIND_NS = 60 * 1_000_000_000
"""Suggestions are told by the states' time, which may be some seconds behind the clock that tells the enrolment."""

Float64Array = NDArray[np.float64]


class ArmPort(Protocol):
    """What a group changes."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing is offered unasked."""

    @property
    def refusal(self) -> str:
        """Why nothing is offered on request either, in words for the person; empty: it is."""

    def choice(self, eligible: Sequence[Activity], offered: Sequence[Suggestion]) -> tuple[Activity, ...] | None:
        """What is left to choose from of the ``eligible``, after all that was ``offered``; None: the recommender chooses
        among all of them."""


@dataclass(frozen=True, slots=True)
class AsBuilt:
    """The recommender chooses: the experimental group, and everybody who is in no study."""

    @property
    def is_silent(self) -> bool:
        """No."""
        return False

    @property
    def refusal(self) -> str:
        """None."""
        return ""

    def choice(self, _eligible: Sequence[Activity], _offered: Sequence[Suggestion]) -> tuple[Activity, ...] | None:
        """The recommender's."""
        return None


@dataclass(frozen=True, slots=True)
class FixedOrder:
    """The catalogue in the protocol's ``order`` (activity ids; empty: by id), from ``since_wall_ns`` on, when the person was
    enrolled."""

    order: tuple[str, ...]
    since_wall_ns: int

    @property
    def is_silent(self) -> bool:
        """No: offers come as often as in the other group."""
        return False

    @property
    def refusal(self) -> str:
        """None."""
        return ""

    def choice(self, eligible: Sequence[Activity], offered: Sequence[Suggestion]) -> tuple[Activity, ...] | None:
        """The next one of the order, whoever the person is and however they feel. One that was taken back does not count."""
        since = [each for each in offered if each.wall_time_ns >= self.since_wall_ns - BEHIND_NS]
        ids = [each.activity_id for each in since if not was_withdrawn(each)]
        found = next_in_order(self.order, [activity.activity_id for activity in eligible], ids)
        return tuple(activity for activity in eligible if activity.activity_id == found)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is offered unasked; on request neither where ``refusal`` says why. Safety and the questionnaires go on."""

    refusal: str

    @property
    def is_silent(self) -> bool:
        """Yes."""
        return True

    def choice(self, _eligible: Sequence[Activity], _offered: Sequence[Suggestion]) -> tuple[Activity, ...] | None:
        """The recommender's, for one who asks where the protocol lets it answer."""
        return None


def outside_study() -> ArmPort:
    """What holds for whoever takes part in no study."""
    return AsBuilt()


@dataclass(frozen=True, slots=True)
class NoForecast:
    """The forecast of a group for which nobody forecasts: zeros, which are logged as such. See ``exploration.Forecast``."""

    activity_ids: tuple[str, ...]

    @classmethod
    def of(cls, activities: Sequence[Activity]) -> NoForecast:
        """For ``activities``."""
        return cls(tuple(activity.activity_id for activity in activities))

    @property
    def helpfulness(self) -> Float64Array:
        """(A,) zeros."""
        return np.zeros(len(self.activity_ids))

    @property
    def sd(self) -> Float64Array:
        """(A,) zeros."""
        return np.zeros(len(self.activity_ids))

    @property
    def uptake(self) -> Float64Array:
        """(A,) zeros."""
        return np.zeros(len(self.activity_ids))

    def draws(self, _generator: np.random.Generator, count: int) -> Float64Array:
        """(count, A) zeros."""
        return np.zeros((count, len(self.activity_ids)))
