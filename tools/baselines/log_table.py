"""A log of decisions as columns over the catalogue: what the baselines learn from. Host side only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from ertedge.types import Activity, ActivityFamily, Suggestion, SuggestionStatus
from tools.cohort.records import PersonLog

Array = NDArray[np.float64]
FAMILIES = tuple(ActivityFamily)


@dataclass(frozen=True, slots=True)
class LogTable:
    """A row a decision: ``person`` (n,) from 0, ``activity`` (n,) in the order of the catalogue, ``done`` (n,), and
    ``helpfulness`` (n,) in [-1, 1], NaN where not rated. ``family`` (A,) is each activity's."""

    person: NDArray[np.int64]
    activity: NDArray[np.int64]
    done: NDArray[np.bool_]
    helpfulness: Array
    family: NDArray[np.int64]
    people: int

    @property
    def rated(self) -> NDArray[np.bool_]:
        """Whether a rating is known."""
        return np.isfinite(self.helpfulness)

    @property
    def activities(self) -> int:
        """How many activities there are."""
        return len(self.family)

    @classmethod
    def of(cls, logs: Sequence[PersonLog], activities: Sequence[Activity]) -> LogTable:
        """Of all people of ``logs``; decisions on activities that the catalogue no longer has are left out.

        Raises ``ConfigurationError`` when nothing is left.
        """
        place = {activity.activity_id: i for i, activity in enumerate(activities)}
        rows = [
            (number, place[decision.suggestion.activity_id], decision.suggestion)
            for number, log in enumerate(logs)
            for decision in log.decisions
            if decision.suggestion.activity_id in place
        ]
        if not rows:
            raise ConfigurationError(["the log holds no decision on an activity of this catalogue; simulate it again"])
        return cls(
            person=np.array([row[0] for row in rows]),
            activity=np.array([row[1] for row in rows]),
            done=np.array([is_done(row[2]) for row in rows]),
            helpfulness=np.array([rated_helpfulness(row[2]) for row in rows]),
            family=family_numbers(activities),
            people=len(logs),
        )


def family_numbers(activities: Sequence[Activity]) -> NDArray[np.int64]:
    """(A,) each activity's family in the order of ``FAMILIES``."""
    return np.array([FAMILIES.index(activity.family) for activity in activities])


def is_done(suggestion: Suggestion) -> bool:
    """Whether it was done to its end."""
    return suggestion.status is SuggestionStatus.COMPLETED


def rated_helpfulness(suggestion: Suggestion) -> float:
    """Its rating in [-1, 1], NaN where there is none."""
    return (suggestion.helpfulness - 3) / 2 if suggestion.helpfulness else float("nan")


def mean_helpfulness(table: LogTable) -> tuple[Array, Array]:
    """(A,) mean helpfulness where rated and (A,) share done where offered, each drawn a little to the mean of all."""
    rated = table.rated
    count = np.bincount(table.activity[rated], minlength=table.activities)
    total = np.bincount(table.activity[rated], weights=table.helpfulness[rated], minlength=table.activities)
    offered = np.bincount(table.activity, minlength=table.activities)
    done = np.bincount(table.activity, weights=table.done, minlength=table.activities)
    overall = float(table.helpfulness[rated].mean()) if rated.any() else 0.0
    return (total + PRIOR * overall) / (count + PRIOR), (done + PRIOR * table.done.mean()) / (offered + PRIOR)


PRIOR = 5.0
"""Observations of the overall mean that each activity starts with."""
