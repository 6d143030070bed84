"""What a simulator gives: people who can be asked how they are, offered something, and watched for what comes of it.

Host side only. ``SimulatedPerson`` is what ``simulation.py`` drives; the two generators implement it. Whatever is chance is
drawn beforehand, decision point by decision point, so that two policies meet the same people on the same days and their
difference is theirs alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ertedge.types import (
    EMOTIONS,
    Activity,
    ActivityFamily,
    ArousalEffect,
    DecisionContext,
    QuestionnaireScores,
    Trigger,
)
from tools.cohort.figures import Figures
from tools.cohort.schedule import HOUR_NS, Moment

Array = NDArray[np.float64]
FAMILIES = tuple(ActivityFamily)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an offer: whether it was begun and finished, the rating 1 to 5 (0: none), and valence and arousal as
    the device sees them afterwards (None unless finished). ``dismissed`` tells a refusal from an offer never seen."""

    begun: bool
    finished: bool
    dismissed: bool
    rating: int
    valence_after: float | None
    arousal_after: float | None


@dataclass(frozen=True, slots=True)
class Truth:
    """What the simulator knows at a decision point, (A,) each: expected helpfulness in [-1, 1] if the activity is done, and
    the probability that it is done to its end."""

    helpfulness: Array
    uptake: Array

    @property
    def gain(self) -> Array:
        """Expected helpfulness of offering it."""
        return self.helpfulness * self.uptake


class SimulatedPerson(Protocol):
    """One person's weeks. Decision points are asked in order, each at most once."""

    @property
    def moments(self) -> Sequence[Moment]:
        """The decision points."""

    def context(self, number: int) -> DecisionContext:
        """What the device knows at decision point ``number``."""

    def truth(self, number: int) -> Truth:
        """What is true then."""

    def respond(self, number: int, activity: int) -> Outcome:
        """Offer activity ``activity`` of the catalogue; what it does to the person stays with them."""


class Generator(Protocol):
    """Makes people of a world."""

    def people(
        self, count: int, weeks: int, activities: Sequence[Activity], rng: np.random.Generator
    ) -> list[SimulatedPerson]:
        """``count`` people of this world over ``weeks`` weeks."""


@dataclass(frozen=True, slots=True)
class ActivityArrays:
    """The catalogue in columns: ``family`` (A,) in the order of ``FAMILIES``, ``targets`` (A, 7) whether it is for an
    emotion, ``arousal`` (A, 2) the range it suits, ``minutes`` (A,), ``effect`` (A,) Hedges' g, NaN where unknown,
    ``raises`` (A,) -1 lowers arousal, 1 raises it."""

    family: NDArray[np.int64]
    targets: Array
    arousal: Array
    minutes: Array
    effect: Array
    raises: Array

    @classmethod
    def of(cls, activities: Sequence[Activity]) -> ActivityArrays:
        """Of the catalogue in its order."""
        direction = {ArousalEffect.LOWERS: -1.0, ArousalEffect.KEEPS: 0.0, ArousalEffect.RAISES: 1.0}
        sizes = [a.evidence.effect_size for a in activities]
        return cls(
            family=np.array([FAMILIES.index(a.family) for a in activities]),
            targets=np.array([[emotion in a.emotions for emotion in EMOTIONS] for a in activities], dtype=np.float64),
            arousal=np.array([(a.arousal_least, a.arousal_most) for a in activities]),
            minutes=np.array([a.minutes for a in activities]),
            effect=np.array([np.nan if size is None else size for size in sizes]),
            raises=np.array([direction[a.arousal_effect] for a in activities]),
        )

    def __len__(self) -> int:
        return len(self.family)


def anxiety_score(normal: Array, figures: Figures) -> Array:
    """Standard normal draws as DASS-21 scores (0 to 42, even) with the distribution of the figures."""
    levels = np.linspace(0, 1, len(figures.severity))
    return np.asarray(np.round(np.interp(ndtr(normal), levels, figures.severity) / 2) * 2)


def told_at_start(scores: NDArray[np.int64], moments: Sequence[Moment]) -> QuestionnaireScores | None:
    """Scores (3,) that were given half a day before the first decision point."""
    if not moments:
        return None
    depression, anxiety, stress = (int(score) for score in scores)
    return QuestionnaireScores(depression, anxiety, stress, moments[0].wall_time_ns - 12 * HOUR_NS)


def is_request(moment: Moment) -> bool:
    """Whether the person asked."""
    return moment.trigger is Trigger.REQUEST
