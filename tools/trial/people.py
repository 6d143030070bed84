"""The people of a simulated trial: moods and tastes of the cohort's simulator, and how ill they are. Host side only.

A person is a ``MoodPerson`` of ``tools.cohort`` whose every slot of every day is a moment, so that the device's own policy
and not the simulator decides when something is offered. Beside it goes their **severity** in standard deviations of the
population, from which each filled-in DASS-21 is drawn, item by item::

    severity(t) = trait + (natural_change + drift) t / 8 weeks - effect_most (1 - exp(-gain / effect_gain))

where ``gain`` is the true helpfulness of the activities done so far. That last term is the simulated effect: an assumption.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Activity, Trigger
from tools.cohort.effects import draw_person_effects, draw_world_effects
from tools.cohort.figures import Figures, load_figures
from tools.cohort.mood import MoodPerson, draw_sliders
from tools.cohort.parameters import Draw, GeneratorName, draw_world
from tools.cohort.people import ActivityArrays, anxiety_score
from tools.cohort.perception import Perception
from tools.cohort.schedule import FIRST_HOUR, SLOT_HOURS, SLOTS, Moment
from tools.cohort.uptake import draw_person_uptake, inclination_of
from tools.trial.assumptions import Assumptions

Array = NDArray[np.float64]

SCALES = ("depression", "anxiety", "stress")
ITEMS, ITEM_MOST = 7, 3
EIGHT_WEEKS_DAYS = 56.0
SESSION_HOURS = 0.15
"""Room for the six minutes at the device, and an activity's beginning, before the next slot."""
SEVERITY_TOGETHER = 0.6
"""Correlation of the three severities; assumed, between the two ends of ``severity_correlation`` of the cohort."""


@dataclass(slots=True)
class Severity:
    """One person's depression, anxiety and stress over time; ``trait`` (3,) is where they began, ``drift`` (3,) what else
    changes over eight weeks. ``gained`` is the helpfulness gained so far."""

    trait: Array
    drift: Array
    assumed: Assumptions
    gained: float = field(default=0.0)

    def at(self, day: float) -> Array:
        """(3,) on a day of the study, in standard deviations."""
        own = (self.assumed.natural_change + self.drift) * day / EIGHT_WEEKS_DAYS
        helped = self.assumed.effect_most * (1 - math.exp(-max(0.0, self.gained) / self.assumed.effect_gain))
        return self.trait + own - helped

    def raw_scores(self, day: float, rng: np.random.Generator, figures: Figures) -> NDArray[np.int64]:
        """(3,) sums of seven answers of 0 to 3 each, as they are given on that day."""
        retest = self.assumed.retest
        told = retest * self.at(day) + math.sqrt(1 - retest**2) * rng.standard_normal(3)
        return np.asarray(anxiety_score(told, figures) / 2, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class TrialPerson:
    """``mood`` over every slot, ``hours`` (days, SLOTS) when each begins, ``present`` and ``asks`` (days, SLOTS) whether
    they are at the device then, and would ask. ``chance`` is for everything else."""

    mood: MoodPerson
    severity: Severity
    hours: Array
    present: NDArray[np.bool_]
    asks: NDArray[np.bool_]
    figures: Figures
    chance: np.random.Generator


def draw_severity(assumed: Assumptions, rng: np.random.Generator) -> Severity:
    """Of somebody who is asked whether they want to take part."""
    common = rng.standard_normal()
    trait = math.sqrt(SEVERITY_TOGETHER) * common + math.sqrt(1 - SEVERITY_TOGETHER) * rng.standard_normal(3)
    return Severity(np.asarray(trait), np.full(3, assumed.drift * rng.standard_normal()), assumed)


def draw_person(
    severity: Severity, days: int, activities: tuple[Activity, ...], rng: np.random.Generator
) -> TrialPerson:
    """The moods and tastes of somebody of that severity, of a world of their own."""
    figures, arrays = load_figures(), ActivityArrays.of(activities)
    world = draw_world(GeneratorName.MOOD, Draw.TRAINING, rng)
    traits = severity.trait[None, :]
    common = draw_world_effects(world, arrays, rng)
    sliders = draw_sliders(traits, days, world, figures, rng)[0]
    effects = draw_person_effects(world, arrays, common, severity.trait, rng)
    hours = FIRST_HOUR + SLOT_HOURS * np.arange(SLOTS) + rng.uniform(0.0, SLOT_HOURS - SESSION_HOURS, (days, SLOTS))
    present = rng.random((days, SLOTS)) < severity.assumed.at_device
    asks = present & (rng.random((days, SLOTS)) < severity.assumed.asks_a_day / (SLOTS * severity.assumed.at_device))
    moments = [
        Moment(day, slot, float(hours[day, slot]), Trigger.REQUEST if asks[day, slot] else Trigger.SUSTAINED_STATE)
        for day in range(days)
        for slot in range(SLOTS)
    ]
    mood = MoodPerson(
        world=world,
        arrays=arrays,
        moments=moments,
        sliders=sliders,
        scores=None,
        perception=Perception.seeing(world["seen_right"], world["seen_noise"]),
        effects=effects,
        uptake=draw_person_uptake(
            world, figures, inclination_of(world, arrays.minutes, effects.liking), len(moments), rng
        ),
        rng=rng,
    )
    return TrialPerson(mood, severity, hours, present, asks, figures, rng)


def answers(raw: NDArray[np.int64], rng: np.random.Generator) -> Array:
    """(3, ITEMS) answers of 0 to 3 whose sums are ``raw`` (3,): points are dealt out one by one to items that have room."""
    found = np.zeros((len(SCALES), ITEMS))
    for row, points in zip(found, raw, strict=True):
        for _ in range(int(points)):
            row[rng.choice(np.flatnonzero(row < ITEM_MOST))] += 1
    return found
