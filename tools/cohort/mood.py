"""The first simulator: moods that wander, and effects that add up. Host side only.

**Mood.** Each person has a mean of seven sliders, and within a day their deviations follow the fitted VAR(1) from one slot
to the next, with the person's own inertia and size of innovations; over a night nothing is carried, and each day has a level
of its own. DASS-21 scores are drawn from the fitted distribution of anxiety (depression and stress: the same distribution,
assumed) and move the means of the sliders that speak of the same.

**Effect.** ``effects.py``. **Uptake.** ``uptake.py``. What an activity does to the mood shifts the sliders, and decays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Activity, DecisionContext, QuestionnaireScores
from tools.cohort.effects import PersonEffects, WorldEffects, draw_person_effects, draw_world_effects
from tools.cohort.figures import Figures, load_figures
from tools.cohort.parameters import World
from tools.cohort.people import ActivityArrays, Outcome, SimulatedPerson, Truth, anxiety_score, told_at_start
from tools.cohort.perception import CIRCUMPLEX, Glances, Perception, emotion_probabilities, summary_of
from tools.cohort.schedule import SLOTS, Moment, draw_moments, slot_hours
from tools.cohort.uptake import PersonUptake, draw_person_uptake, inclination_of
from tools.data.mpath_esm import SLIDERS

Array = NDArray[np.float64]

BADNESS = np.array([-0.3, 0.4, 0.3, -0.3, 0.4, 0.0, 0.1])
"""How much each standardised slider makes a mood bad; assumed."""
SEVERITY_SLIDERS = np.array(
    [
        [-0.8, 1.0, 0.3, -0.3, 0.4, -0.5, 0.5],
        [-0.2, 0.3, 0.3, -0.6, 1.0, 0.0, 0.2],
        [-0.3, 0.3, 0.8, -1.0, 0.6, 0.0, 0.4],
    ]
)
"""Which sliders' means depression, anxiety and stress move, as a share of their correlation with them; assumed."""
HELPED_SLIDERS = np.array([0.6, -0.6, -0.5, 0.8, -0.7, 0.1, -0.1])
"""Where helpfulness moves the sliders; assumed."""
AROUSAL_SLIDERS = np.array([0.0, 0.0, 0.0, -0.4, 0.0, 0.5, -0.4])
"""Where an activity moves them that raises arousal; assumed."""


@dataclass(frozen=True, slots=True)
class MoodGenerator:
    """People of one world."""

    world: World

    def people(
        self, count: int, weeks: int, activities: Sequence[Activity], rng: np.random.Generator
    ) -> list[SimulatedPerson]:
        """See ``tools.cohort.people.Generator``."""
        figures = load_figures()
        arrays = ActivityArrays.of(activities)
        common = draw_world_effects(self.world, arrays, rng)
        perception = Perception.seeing(self.world["seen_right"], self.world["seen_noise"])
        traits, scores = draw_severity(count, self.world, figures, rng)
        sliders = draw_sliders(traits, weeks * 7, self.world, figures, rng)
        return [
            self._person(
                sliders=sliders[i],
                traits=traits[i],
                scores=scores[i],
                arrays=arrays,
                common=common,
                figures=figures,
                perception=perception,
                rng=person_rng,
            )
            for i, person_rng in enumerate(rng.spawn(count))
        ]

    def _person(
        self,
        *,
        sliders: Array,
        traits: Array,
        scores: NDArray[np.int64],
        arrays: ActivityArrays,
        common: WorldEffects,
        figures: Figures,
        perception: Perception,
        rng: np.random.Generator,
    ) -> MoodPerson:
        hours = slot_hours(len(sliders), rng)
        moments = draw_moments(hours, sliders @ BADNESS, rng)
        effects = draw_person_effects(self.world, arrays, common, traits, rng)
        inclination = inclination_of(self.world, arrays.minutes, effects.liking)
        return MoodPerson(
            world=self.world,
            arrays=arrays,
            moments=moments,
            sliders=sliders,
            scores=told_at_start(scores, moments) if rng.random() < self.world["scores_share"] else None,
            perception=perception,
            effects=effects,
            uptake=draw_person_uptake(self.world, figures, inclination, len(moments), rng),
            rng=rng,
        )


class MoodPerson:
    """See ``tools.cohort.people.SimulatedPerson``. ``sliders`` is (days, SLOTS, 7), standardised over the population."""

    def __init__(
        self,
        *,
        world: World,
        arrays: ActivityArrays,
        moments: Sequence[Moment],
        sliders: Array,
        scores: QuestionnaireScores | None,
        perception: Perception,
        effects: PersonEffects,
        uptake: PersonUptake,
        rng: np.random.Generator,
    ) -> None:
        self.moments = moments
        self._world, self._arrays, self._scores, self._perception = world, arrays, scores, perception
        self._effects, self._uptake = effects, uptake
        place = np.array([(moment.day, moment.slot) for moment in moments], dtype=np.int64).reshape(-1, 2)
        self._base = sliders[place[:, 0], place[:, 1]]
        before = sliders[place[:, 0], np.maximum(place[:, 1] - 1, 0)]
        self._before = emotion_probabilities(before)
        self._glances = Glances.draw(len(moments), rng)
        self._after = rng.standard_normal((len(moments), 2)) * 0.12
        self._rating_noise = rng.standard_normal(len(moments))
        self._rated = rng.random(len(moments)) < world["rated_share"]
        self._shift = np.zeros(len(SLIDERS))
        self._shift_hours = 0.0
        self._known: tuple[int, Array, Truth] | None = None

    def context(self, number: int) -> DecisionContext:
        """What the device knows."""
        moment = self.moments[number]
        shown, _ = self._state(number)
        affect = summary_of(shown, self._before[number], self._perception, self._glances, number)
        return DecisionContext(moment.wall_time_ns, moment.ordinal, moment.hour, moment.weekday, affect, self._scores)

    def truth(self, number: int) -> Truth:
        """What is true."""
        return self._state(number)[1]

    def respond(self, number: int, activity: int) -> Outcome:
        """Offer an activity."""
        truth, moment = self.truth(number), self.moments[number]
        begun, finished = self._uptake.answer(number, truth.uptake[activity])
        seen = self._uptake.sees(number, moment)
        self._uptake.remember(moment, begun=begun)
        if not finished:
            return Outcome(begun, False, seen and not begun, 0, None, None)
        helpfulness = float(truth.helpfulness[activity])
        self._effects.remember(activity, moment)
        self._move(moment, helpfulness, float(self._arrays.raises[activity]))
        felt = helpfulness + self._world["rating_sd"] * self._rating_noise[number]
        rating = min(max(round(3 + 2 * felt), 1), 5) if self._rated[number] else 0
        after = emotion_probabilities(self._base[number] + self._shift) @ self._perception.confusion @ CIRCUMPLEX
        valence, arousal = np.clip(after + self._after[number], -1, 1)
        return Outcome(True, True, False, rating, float(valence), float(arousal))

    def _state(self, number: int) -> tuple[Array, Truth]:
        """What is shown, and the truth, at a decision point; worked out once."""
        if self._known is None or self._known[0] != number:
            moment = self.moments[number]
            hours = moment.day * 24 + moment.hour
            shift = self._shift * np.exp(-(hours - self._shift_hours) / self._world["after_hours"])
            shown = emotion_probabilities(self._base[number] + shift)
            helpfulness = self._effects.helpfulness(shown, moment)
            uptake = self._uptake.probability(number, moment)
            self._known = number, shown, Truth(helpfulness, uptake)
        return self._known[1], self._known[2]

    def _move(self, moment: Moment, helpfulness: float, raises: float) -> None:
        hours = moment.day * 24 + moment.hour
        left = self._shift * np.exp(-(hours - self._shift_hours) / self._world["after_hours"])
        own = self._world["after_shift"] * (helpfulness * HELPED_SLIDERS + 0.3 * raises * AROUSAL_SLIDERS)
        self._shift, self._shift_hours = left + own, hours


def draw_severity(
    count: int, world: World, figures: Figures, rng: np.random.Generator
) -> tuple[Array, NDArray[np.int64]]:
    """(count, 3) standard normal depression, anxiety and stress, and the DASS-21 scores that the device is told, which
    are those of the day on which they were asked."""
    common = rng.standard_normal((count, 1))
    share = world["severity_correlation"]
    traits = np.sqrt(share) * common + np.sqrt(1 - share) * rng.standard_normal((count, 3))
    # A score repeats itself with a correlation of about 0.8; assumed.
    told = 0.9 * traits + np.sqrt(1 - 0.81) * rng.standard_normal((count, 3))
    return traits, anxiety_score(told, figures).astype(np.int64)


def draw_sliders(traits: Array, days: int, world: World, figures: Figures, rng: np.random.Generator) -> Array:
    """(people, days, SLOTS, 7) sliders of people with ``traits`` (people, 3), standardised by the mean and deviation of all
    beeps."""
    fitted = figures.dynamics
    count, size = len(traits), len(SLIDERS)
    correlation = world["severity_mood"] * SEVERITY_SLIDERS
    between_sd = np.sqrt(np.diag(fitted.between_covariance))
    explained = traits @ correlation
    rest = np.sqrt(np.maximum(1 - (correlation**2).sum(axis=0), 0.1))
    own = rng.standard_normal((count, size)) @ np.linalg.cholesky(fitted.between_covariance).T
    centre = fitted.mean + own * rest + between_sd * explained
    inertia = np.clip(rng.standard_normal((count, size)) * fitted.inertia_sd, -0.4, 0.4)
    scale = np.exp(fitted.scale_sd * rng.standard_normal((count, 1)))
    innovation = np.linalg.cholesky(fitted.innovation_covariance)
    level_sd = fitted.within_sd * np.sqrt(fitted.day_share) * scale
    whole = np.sqrt(np.diag(fitted.between_covariance) + fitted.within_sd**2)
    found = np.empty((count, days, SLOTS, size))
    for day in range(days):
        level = level_sd * rng.standard_normal((count, size))
        shocks = rng.standard_normal((SLOTS, count, size)) @ innovation.T * scale
        deviation = shocks[0] / np.sqrt(1 - np.clip(fitted.inertia, 0, 0.9) ** 2)
        for slot in range(SLOTS):
            if slot:
                deviation = deviation @ fitted.transition.T + inertia * deviation + shocks[slot]
            found[:, day, slot] = centre + level + deviation
    return np.asarray((np.clip(found, 0, 100) - fitted.mean) / whole)
