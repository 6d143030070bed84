"""Whether an offer is seen, begun and finished, in the first simulator. Host side only.

An offer is **seen** as a beep of the experience sampling is answered: by the fitted share of the time of day with the
person's own logit on top, and only if the fitted delay is shorter than the half hour for which an offer stands. Somebody
who asked for it sees it. Once seen it is **begun** by a logistic model of its minutes, the person's liking, company, and
weariness of what they were offered lately (``parameters.toml``).
"""

from __future__ import annotations

import bisect

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from tools.cohort.figures import Figures
from tools.cohort.fit import BLOCK_EDGES
from tools.cohort.parameters import World
from tools.cohort.people import is_request
from tools.cohort.schedule import Moment

Array = NDArray[np.float64]

EXPIRE_MINUTES = 30.0
WEARY_DAYS = 2.0
USUAL_MINUTES = 5.0
USUAL_LIKING = 0.2


class PersonUptake:
    """One person's habit of answering. ``inclination`` (A,) is the logit of beginning each activity, all else aside."""

    def __init__(
        self, world: World, figures: Figures, inclination: Array, *, sees: float, chance: Array, alone: Array
    ) -> None:
        self._world, self._inclination = world, inclination
        fitted = figures.dynamics
        answers = _logistic(np.log(fitted.answered / (1 - fitted.answered)) + sees)
        # The delay is log-normal around its median; it has to be shorter than the offer stands.
        in_time = ndtr(np.log(EXPIRE_MINUTES / fitted.delay_minutes) / fitted.delay_log_sd)
        self._seen_shares: list[float] = (answers * in_time).tolist()
        self._alone_shares: list[float] = fitted.alone.tolist()
        self._chance, self._alone = chance, alone
        self._ignored: list[float] = []

    def probability(self, number: int, moment: Moment) -> Array:
        """(A,) that each activity is done to its end if offered at decision point ``number``."""
        world = self._world
        now = moment.day + moment.hour / 24
        weary = sum(now - day < WEARY_DAYS for day in self._ignored)
        in_company = self._alone[number] > self._alone_shares[_block(moment)]
        present = (
            world["uptake_weary"] * weary
            + world["uptake_company"] * in_company
            + world["uptake_request"] * is_request(moment)
        )
        return self._seen(moment) * world["finish_share"] * _logistic(self._inclination + present)

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
        return 1.0 if is_request(moment) else self._seen_shares[_block(moment)]


def draw_person_uptake(
    world: World, figures: Figures, inclination: Array, count: int, rng: np.random.Generator
) -> PersonUptake:
    """One person over ``count`` decision points. ``inclination`` is the average person's (``inclination_of``)."""
    sees = float(figures.dynamics.answered_sd[0] * rng.standard_normal())
    own = inclination + world["uptake_sd"] * rng.standard_normal()
    return PersonUptake(world, figures, own, sees=sees, chance=rng.random((count, 2)), alone=rng.random(count))


def inclination_of(world: World, minutes: Array, liking: Array) -> Array:
    """(A,) logit of beginning activities of so many ``minutes`` that somebody likes so much, once an offer is seen."""
    longer = (minutes - USUAL_MINUTES) / 5
    liked = liking - USUAL_LIKING
    return world["uptake_level"] + world["uptake_minutes"] * longer + world["uptake_liking"] * liked


def _block(moment: Moment) -> int:
    """The part of the day, by ``BLOCK_EDGES``."""
    return min(max(bisect.bisect_right(BLOCK_EDGES, moment.hour) - 1, 0), len(BLOCK_EDGES) - 2)


def _logistic(value: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-value)))
