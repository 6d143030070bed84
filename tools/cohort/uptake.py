"""Whether an offer is seen, begun and finished, in the first simulator. Host side only.

An offer is **seen** as a beep of the experience sampling is answered: by the fitted share of the time of day with the
person's own logit on top, and only if the fitted delay is shorter than the half hour for which an offer stands. Somebody
who asked for it sees it. Once seen it is **begun** by a logistic model of its minutes, the person's liking, company, and
weariness of what they were offered lately (``parameters.toml``).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tools.cohort.figures import Figures
from tools.cohort.fit import BLOCK_EDGES
from tools.cohort.parameters import World
from tools.cohort.people import is_request
from tools.cohort.schedule import Moment

Array = NDArray[np.float64]

EXPIRE_MINUTES = 30.0
WEARY_DAYS = 2.0
USUAL_MINUTES = 5.0


class PersonUptake:
    """One person's habit of answering. ``minutes`` (A,) of the activities."""

    def __init__(
        self, world: World, figures: Figures, minutes: Array, *, own: tuple[float, float], chance: Array, alone: Array
    ) -> None:
        self._world, self._fitted, self._minutes = world, figures.dynamics, minutes
        self._sees_own, self._begins_own = own
        self._chance, self._alone = chance, alone
        self._ignored: list[float] = []

    def probability(self, number: int, moment: Moment, liking: Array) -> Array:
        """(A,) that each activity is done to its end if offered at decision point ``number``."""
        return np.asarray(self._seen(moment) * self._begun(number, moment, liking) * self._world["finish_share"])

    def answer(self, number: int, probability: float) -> tuple[bool, bool]:
        """Whether an activity of this ``probability`` is begun and finished. One draw decides both, so that what is likelier
        to be finished is finished whenever the less likely would have been."""
        finished = bool(self._chance[number, 0] < probability)
        begun = finished or bool(self._chance[number, 0] < probability / self._world["finish_share"])
        return begun, finished

    def sees(self, number: int, moment: Moment) -> bool:
        """Whether an offer that was not begun was at least seen."""
        return bool(self._chance[number, 1] < self._seen(moment))

    def remember(self, moment: Moment, *, begun: bool) -> None:
        """An offer that was not begun wearies."""
        if not begun:
            self._ignored = [*self._ignored[-20:], moment.day + moment.hour / 24]

    def _seen(self, moment: Moment) -> float:
        if is_request(moment):
            return 1.0
        block = int(np.clip(np.digitize(moment.hour, BLOCK_EDGES) - 1, 0, len(BLOCK_EDGES) - 2))
        share = self._fitted.answered[block]
        logit = np.log(share / (1 - share)) + self._sees_own
        # The delay is log-normal around its median; it has to be shorter than the offer stands.
        return float(_logistic(logit) * _in_time(self._fitted.delay_minutes[block], self._fitted.delay_log_sd[0]))

    def _begun(self, number: int, moment: Moment, liking: Array) -> Array:
        world = self._world
        now = moment.day + moment.hour / 24
        weary = sum(now - day < WEARY_DAYS for day in self._ignored)
        block = int(np.clip(np.digitize(moment.hour, BLOCK_EDGES) - 1, 0, len(BLOCK_EDGES) - 2))
        in_company = self._alone[number] > self._fitted.alone[block]
        logit = (
            world["uptake_level"]
            + self._begins_own
            + world["uptake_minutes"] * (self._minutes - USUAL_MINUTES) / 5
            + world["uptake_liking"] * (liking - 0.2)
            + world["uptake_weary"] * weary
            + world["uptake_company"] * in_company
            + world["uptake_request"] * is_request(moment)
        )
        return _logistic(logit)


def draw_person_uptake(
    world: World, figures: Figures, minutes: Array, count: int, rng: np.random.Generator
) -> PersonUptake:
    """One person over ``count`` decision points."""
    own = (
        float(figures.dynamics.answered_sd[0] * rng.standard_normal()),
        float(world["uptake_sd"] * rng.standard_normal()),
    )
    chance, alone = rng.random((count, 2)), rng.random(count)
    return PersonUptake(world, figures, minutes, own=own, chance=chance, alone=alone)


def _logistic(value: Array | float) -> Array:
    return np.asarray(1 / (1 + np.exp(-np.asarray(value))))


def _in_time(median_minutes: float, log_sd: float) -> float:
    from scipy.special import ndtr

    return float(ndtr(np.log(EXPIRE_MINUTES / median_minutes) / log_sd))
