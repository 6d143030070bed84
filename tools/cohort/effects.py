"""What an activity does for a person of the first simulator, at a moment and after what they did lately. Host side only.

Expected helpfulness of activity a of family f for person i, emotions p, arousal r, hour h::

    s_i (scale g_a + w_a + u_if + v_ia)                     published effect, its error, the person's taste
    + match (m_a(p, r) - 0.4)                               fit to the emotions and the arousal that it is for
    + c_if . p + b_if cos(h - h_if) + evening_a(h)          the person's own moods and hours; sleep in the evening
    - habituation n_ia                                      recent uses, of the family in part

clipped to [-1, 1]. Taste u_if is partly the person's DASS-21 scores times ``TRAIT_FAMILIES`` (assumed: anxiety favours
relaxation and mindfulness, depression activation and connection and suffers from brooding on paper, stress favours problem
solving and sleep), and partly two random directions over the families besides an independent part, so that who likes one
thing tells of others. ``s_i`` is 1, or a small factor for those to whom nothing does much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import EMOTIONS, ActivityFamily
from tools.cohort.parameters import World
from tools.cohort.people import FAMILIES, ActivityArrays
from tools.cohort.perception import CIRCUMPLEX
from tools.cohort.schedule import Moment

Array = NDArray[np.float64]

TRAIT_FAMILIES: dict[ActivityFamily, tuple[float, float, float]] = {
    ActivityFamily.RELAXATION: (-0.3, 0.9, 0.3),
    ActivityFamily.JOURNALING: (-0.6, -0.2, 0.3),
    ActivityFamily.REFRAMING: (0.3, 0.5, 0.0),
    ActivityFamily.ACTIVATION: (0.9, -0.3, 0.0),
    ActivityFamily.PROBLEM_SOLVING: (-0.2, 0.0, 0.9),
    ActivityFamily.MINDFULNESS: (0.0, 0.5, 0.5),
    ActivityFamily.SLEEP: (0.2, 0.2, 0.7),
    ActivityFamily.CONNECTION: (0.8, -0.2, -0.2),
}
"""How depression, anxiety and stress favour a family; assumed."""
_TRAITS = np.array([TRAIT_FAMILIES[family] for family in FAMILIES])
_SLEEP = FAMILIES.index(ActivityFamily.SLEEP)
MATCH_CENTRE = 0.4
AROUSAL_WIDTH = 0.2
"""How far outside its range of arousal an activity's fit has fallen to 1/e."""
EVENING_HOUR = 20.0
MEMORY_USES = 60
"""Uses further back have long faded."""


@dataclass(frozen=True, slots=True)
class WorldEffects:
    """What is common to a world: ``effect`` (A,) of one use for the average person, ``directions`` (families, 2) in which
    tastes go together."""

    effect: Array
    directions: Array


def draw_world_effects(world: World, arrays: ActivityArrays, rng: np.random.Generator) -> WorldEffects:
    """The published effects on the scale of this world, with its own errors."""
    published = np.where(np.isnan(arrays.effect), world["effect_unknown"], arrays.effect)
    errors = world["activity_sd"] * rng.standard_normal(len(arrays))
    directions = rng.standard_normal((len(FAMILIES), 2))
    return WorldEffects(
        world["effect_scale"] * published + errors, directions / np.linalg.norm(directions, axis=1, keepdims=True)
    )


class PersonEffects:
    """One person's effects. ``liking`` (A,) is what each activity does for them on the whole."""

    def __init__(
        self, world: World, arrays: ActivityArrays, *, liking: Array, emotion: Array, swing: Array, peak: Array
    ) -> None:
        self.liking = liking
        self._world, self._arrays = world, arrays
        self._emotion, self._swing, self._peak = emotion[arrays.family], swing[arrays.family], peak[arrays.family]
        self._same = np.where(
            arrays.family[:, None] == arrays.family[None, :], world["habituation_family"], 0.0
        ) + np.eye(len(arrays)) * (1 - world["habituation_family"])
        self._sleep = (arrays.family == _SLEEP).astype(np.float64)
        self._uses: list[tuple[int, float]] = []

    def helpfulness(self, shown: Array, moment: Moment) -> Array:
        """(A,) expected helpfulness in [-1, 1] with emotions ``shown`` (7,)."""
        world, arrays = self._world, self._arrays
        fit = match(arrays, shown)
        hour = np.cos(2 * np.pi * (moment.hour - self._peak) / 24)
        evening = self._sleep * (1.0 if moment.hour >= EVENING_HOUR else -0.3) * world["evening_sleep"]
        own = self._emotion @ shown + self._swing * hour
        value = self.liking + world["match_weight"] * (fit - MATCH_CENTRE) + own + evening
        value = value - world["habituation"] * self.recent_uses(moment)
        return np.asarray(np.minimum(np.maximum(value, -1.0), 1.0))

    def recent_uses(self, moment: Moment) -> Array:
        """(A,) uses of each activity, the older the less they count, and those of its family in part."""
        if not self._uses:
            return np.zeros(len(self._arrays))
        which = np.array([activity for activity, _ in self._uses])
        days = moment.day + moment.hour / 24 - np.array([day for _, day in self._uses])
        return np.asarray(self._same[:, which] @ np.exp(-days / self._world["habituation_days"]))

    def remember(self, activity: int, moment: Moment) -> None:
        """That an activity was done."""
        self._uses = [*self._uses[-MEMORY_USES + 1 :], (activity, moment.day + moment.hour / 24)]


def match(arrays: ActivityArrays, shown: Array) -> Array:
    """(A,) in [0, 1]: how well the emotions ``shown`` (7,) and their arousal are those that each activity is for."""
    emotions = np.minimum(arrays.targets @ shown / 0.6, 1.0)
    arousal = float(shown @ CIRCUMPLEX[:, 1])
    outside = np.maximum(np.maximum(arrays.arousal[:, 0] - arousal, arousal - arrays.arousal[:, 1]), 0)
    return np.asarray(0.6 * emotions + 0.4 * np.exp(-outside / AROUSAL_WIDTH))


def draw_person_effects(
    world: World, arrays: ActivityArrays, common: WorldEffects, traits: Array, rng: np.random.Generator
) -> PersonEffects:
    """One person's taste; ``traits`` (3,) are their standard normal depression, anxiety and stress."""
    share = world["trait_share"]
    predicted = _TRAITS @ traits / np.linalg.norm(_TRAITS, axis=1)
    grouped = common.directions @ rng.standard_normal(2)
    chance = np.sqrt(0.5) * grouped + np.sqrt(0.5) * rng.standard_normal(len(FAMILIES))
    family = world["family_sd"] * (np.sqrt(share) * predicted + np.sqrt(1 - share) * chance)
    own = world["personal_sd"] * rng.standard_normal(len(arrays))
    factor = world["nonresponse_factor"] if rng.random() < world["nonresponse_share"] else 1.0
    emotion = world["emotion_sd"] * rng.standard_normal((len(FAMILIES), len(EMOTIONS)))
    return PersonEffects(
        world,
        arrays,
        liking=factor * (common.effect + family[arrays.family] + own),
        emotion=emotion * factor,
        swing=factor * world["hour_sd"] * np.sqrt(2) * np.abs(rng.standard_normal(len(FAMILIES))),
        peak=rng.uniform(0, 24, len(FAMILIES)),
    )
