"""The second simulator, built otherwise: moods that switch, people of kinds, effects that wear and recover. Host side only.

It exists so that no model can win by knowing the first one, and nothing is trained on it. **Mood**: a semi-Markov chain of
five regimes with log-normal stays (``regimes.py``); within a regime an Ornstein-Uhlenbeck process in continuous time, with a
circadian swing. **Effect**: latent classes of people with their own (Laplace) tastes for families, overall and in each
regime; a heavy-tailed personal part for each activity; a common effect that owes nothing to the evidence notes; all of it
multiplied by a freshness that each use wears and time restores. **Experience**: Student t noise, and a rating style for each
person. **Uptake**: a will that must exceed a threshold, drained by every offer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ertedge.types import EMOTIONS, Activity, DecisionContext, QuestionnaireScores
from tools.cohort.figures import load_figures
from tools.cohort.parameters import World
from tools.cohort.people import (
    FAMILIES,
    ActivityArrays,
    Outcome,
    SimulatedPerson,
    Truth,
    anxiety_score,
    is_request,
    told_at_start,
)
from tools.cohort.perception import CIRCUMPLEX, Glances, Perception, emotion_probabilities, summary_of
from tools.cohort.regimes import REGIMES, MoodPath, draw_path
from tools.cohort.schedule import Moment, draw_moments, slot_hours

Array = NDArray[np.float64]

CALM_PULL = 0.6
"""Share of the way to the calm regime that an activity of helpfulness 1 takes the mood; assumed."""
_EMOTION = np.array([[regime.emotion is emotion for emotion in EMOTIONS] for regime in REGIMES], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class ClassTastes:
    """``common`` (A,) effect of an activity on anyone; ``family`` (classes, families) what a class has beyond it, and
    ``regime`` (classes, regimes, families) in a regime; ``share`` (classes,) of people; ``mood`` (classes, regimes) the
    log-weights of their regimes."""

    common: Array
    family: Array
    regime: Array
    share: Array
    mood: Array


@dataclass(frozen=True, slots=True)
class SwitchingGenerator:
    """People of one world."""

    world: World

    def people(
        self, count: int, weeks: int, activities: Sequence[Activity], rng: np.random.Generator
    ) -> list[SimulatedPerson]:
        """See ``tools.cohort.people.Generator``."""
        arrays = ActivityArrays.of(activities)
        tastes = draw_tastes(self.world, len(arrays), rng)
        return [self._person(weeks * 7, arrays, tastes, person_rng) for person_rng in rng.spawn(count)]

    def _person(
        self, days: int, arrays: ActivityArrays, tastes: ClassTastes, rng: np.random.Generator
    ) -> SwitchingPerson:
        world = self.world
        kind = int(rng.choice(len(tastes.share), p=tastes.share))
        trait = float(rng.standard_normal())
        hours = slot_hours(days, rng)
        path = draw_path(hours, tastes.mood[kind], trait, world, rng)
        moments = draw_moments(hours, path.badness, rng)
        scores: QuestionnaireScores | None = None
        if rng.random() < world["scores_share"]:
            told = anxiety_score(0.7 * trait + 0.7 * rng.standard_normal(3), load_figures()).astype(np.int64)
            scores = told_at_start(told, moments)
        return SwitchingPerson(
            world=world, arrays=arrays, moments=moments, path=path, tastes=tastes, kind=kind, scores=scores, rng=rng
        )


class SwitchingPerson:
    """See ``tools.cohort.people.SimulatedPerson``. ``path`` is the mood but for what activities do to it, ``freshness`` (A,)
    what is left of each activity's effect by now."""

    def __init__(
        self,
        *,
        world: World,
        arrays: ActivityArrays,
        moments: Sequence[Moment],
        path: MoodPath,
        tastes: ClassTastes,
        kind: int,
        scores: QuestionnaireScores | None,
        rng: np.random.Generator,
    ) -> None:
        self.moments = moments
        self._world, self._arrays, self.path, self._scores = world, arrays, path, scores
        count = len(moments)
        personal = world["personal_scale"] * rng.standard_t(4, len(arrays))
        self._liking = tastes.common + tastes.family[kind][arrays.family] + personal
        bonus = world["target_bonus"] * (_EMOTION @ arrays.targets.T)
        self._in_regime = self._liking + tastes.regime[kind][:, arrays.family] + bonus
        self._expressive = float(np.exp(world["expressiveness_sd"] * rng.standard_normal()))
        self._perception = Perception.seeing(world["seen_right"], world["seen_noise"])
        self._will = float(world["will_mean"] + world["will_sd"] * rng.standard_normal())
        self._seen = float(rng.beta(6, 2))
        self._style = world["style_sd"] * rng.standard_normal(2)
        self._glances = Glances.draw(count, rng)
        self._chance = rng.random((count, 2))
        self._surprise = world["noise_scale"] * rng.standard_t(3, count)
        self._rated = rng.random(count) < world["rated_share"]
        self._after = 0.12 * rng.standard_normal((count, 2))
        self.freshness = np.ones(len(arrays))
        self._fatigue = 0.0
        self._pull = np.zeros(path.sliders.shape[-1])
        self._hours = 0.0

    def context(self, number: int) -> DecisionContext:
        """What the device knows."""
        moment = self.moments[number]
        self._pass_time(moment)
        before = emotion_probabilities(self.path.sliders[moment.day, max(moment.slot - 1, 0)], self._expressive)
        shown = emotion_probabilities(self._mood(moment), self._expressive)
        affect = summary_of(shown, before, self._perception, self._glances, number)
        return DecisionContext(moment.wall_time_ns, moment.ordinal, moment.hour, moment.weekday, affect, self._scores)

    def truth(self, number: int) -> Truth:
        """What is true."""
        moment = self.moments[number]
        self._pass_time(moment)
        effect = self._in_regime[self.path.regime[moment.day, moment.slot]]
        # What does harm goes on doing harm; only what is good wears off.
        helpfulness = np.clip(np.where(effect > 0, effect * self.freshness, effect), -1, 1)
        return Truth(helpfulness, self._uptake(moment))

    def respond(self, number: int, activity: int) -> Outcome:
        """Offer an activity."""
        truth, moment = self.truth(number), self.moments[number]
        probability = float(truth.uptake[activity])
        finished = bool(self._chance[number, 0] < probability)
        begun = finished or bool(self._chance[number, 0] < probability / self._world["finish_share"])
        self._fatigue += self._world["fatigue"]
        if not finished:
            seen = is_request(moment) or bool(self._chance[number, 1] < self._seen)
            return Outcome(begun, False, seen and not begun, 0, None, None)
        helpfulness = float(truth.helpfulness[activity])
        self.freshness[activity] *= 1 - self._world["wear"]
        self._pull = CALM_PULL * helpfulness * (REGIMES[0].sliders - self._mood(moment))
        felt = helpfulness + self._surprise[number]
        scale = 3 + self._style[0] + 2 * np.exp(self._style[1]) * felt
        rating = min(max(round(float(scale)), 1), 5) if self._rated[number] else 0
        after = emotion_probabilities(self._mood(moment), self._expressive) @ self._perception.confusion @ CIRCUMPLEX
        valence, arousal = np.clip(after + self._after[number], -1, 1)
        return Outcome(True, True, False, rating, float(valence), float(arousal))

    def _mood(self, moment: Moment) -> Array:
        return self.path.sliders[moment.day, moment.slot] + self._pull

    def _uptake(self, moment: Moment) -> Array:
        world = self._world
        asked = is_request(moment)
        will = self._will + world["request_will"] * asked - self._fatigue + world["liking"] * self._liking
        begins = ndtr(will - world["effort"] * self._arrays.minutes / 10)
        return np.asarray((1.0 if asked else self._seen) * begins * world["finish_share"])

    def _pass_time(self, moment: Moment) -> None:
        """Recover from wear, fatigue and the pull of the last activity up to ``moment``."""
        hours = moment.day * 24 + moment.hour
        passed = hours - self._hours
        if passed > 0:
            self.freshness = 1 - (1 - self.freshness) * np.exp(-passed / 24 / self._world["recovery_days"])
            self._fatigue *= float(np.exp(-passed / self._world["fatigue_hours"]))
            self._pull = self._pull * np.exp(-passed / self._world["pull_hours"])
            self._hours = hours


def draw_tastes(world: World, activities: int, rng: np.random.Generator) -> ClassTastes:
    """The classes of a world."""
    classes = max(2, round(world["class_count"]))
    low, peak = world["base_mean"] - world["base_spread"], world["base_mean"]
    return ClassTastes(
        common=rng.triangular(low, peak, peak + 2 * world["base_spread"], activities),
        family=rng.laplace(0, world["class_scale"], (classes, len(FAMILIES))),
        regime=rng.laplace(0, world["regime_scale"], (classes, len(REGIMES), len(FAMILIES))),
        share=rng.dirichlet(np.full(classes, 3.0)),
        mood=0.5 * rng.standard_normal((classes, len(REGIMES))),
    )
