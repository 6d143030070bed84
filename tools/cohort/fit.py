"""How affect moves within a person and differs between people, fitted to experience sampling. Host side only.

Seven sliders from 0 to 100, ten beeps a day. Within a person: a first-order vector autoregression (VAR(1)) of deviations
from the person's own mean, over pairs of neighbouring beeps of one day that were both answered, so that nothing is carried
over a night; one transition matrix for all people, since 18 people with some 50 pairs each allow no more. A slider's own
inertia is fitted for each person as well, and the spread between people is what is left of it after the sampling error
(the method of moments of DerSimonian and Laird 1986, doi 10.1016/0197-2456(86)90046-2). Centring on the estimated mean
pulls an autoregression down by about (1 + 3 a) / T (Marriott and Pope 1954, doi 10.1093/biomet/41.3-4.390); that is
added back.

Responses: the share of beeps that were answered and how long it took, by time of day, with the spread between people, and
the same after a beep that found the person alone or in company.

Every interval is the middle 95% of a bootstrap over people.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ConfigurationError
from tools.data.mpath_esm import Beeps

Array = NDArray[np.float64]

BLOCK_EDGES = (7.0, 10.0, 13.0, 16.0, 19.0, 22.5)
"""Local hours that bound the five parts of the day for which responses are counted."""
PAIRS_LEAST = 20
"""Pairs of neighbouring beeps that a person must have for an inertia of their own."""
LEVELS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Dynamics:
    """What the beeps say. Sliders (7) in the order of ``SLIDERS``, in points of 0 to 100; blocks (5) of ``BLOCK_EDGES``.

    ``mean`` and ``between_covariance`` are over people's means; ``within_sd`` of a person's beeps (root mean square over
    people). ``transition`` (7, 7) takes a deviation at one beep (about 90 minutes) to the expected one at the next;
    ``innovation_covariance`` is of what comes on top. ``inertia`` is the mean over people of each slider's own
    autoregression and ``inertia_sd`` its spread between people; ``scale_sd`` is the spread between people of the logarithm
    of the size of innovations. ``day_share`` is the share of the variance within people that lies between days.

    ``answered`` is the share of beeps answered, ``delay_minutes`` the median time to the answer, ``alone`` the share of
    answers given alone, each by block; ``delay_log_sd`` the spread of the logarithm of the delay; ``answered_sd`` the spread
    between people of the logit of the share. ``answered_alone`` and ``answered_company`` are the shares of beeps answered
    after one answered alone and in company, ``delay_alone`` and ``delay_company`` the median delays then.
    """

    mean: Array
    between_covariance: Array
    within_sd: Array
    transition: Array
    innovation_covariance: Array
    inertia: Array
    inertia_sd: Array
    scale_sd: Array
    day_share: Array
    answered: Array
    delay_minutes: Array
    delay_log_sd: Array
    alone: Array
    answered_sd: Array
    answered_alone: Array
    answered_company: Array
    delay_alone: Array
    delay_company: Array


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit with the ends of its 95% intervals, and how many people, answers and pairs of neighbours it rests on."""

    value: Dynamics
    low: Dynamics
    high: Dynamics
    people: int
    answers: int
    pairs: int


def fit(beeps: Beeps, *, seed: int = 0, resamples: int = 300) -> Fit:
    """Fit all of it. Raises ``ConfigurationError`` when there are fewer than three people with enough answers."""
    parts = [person_beeps(beeps, number) for number in range(beeps.people)]
    parts = [part for part in parts if len(part.before) >= PAIRS_LEAST]
    if len(parts) < 3:
        raise ConfigurationError(
            [f"{len(parts)} people with {PAIRS_LEAST} pairs of neighbouring answers; 3 are needed"]
        )
    rng = np.random.default_rng(seed)
    draws = [estimate([parts[i] for i in rng.integers(len(parts), size=len(parts))]) for _ in range(resamples)]
    low, high = (_quantile(draws, level) for level in LEVELS)
    answers = sum(len(part.sliders) for part in parts)
    return Fit(estimate(parts), low, high, len(parts), answers, sum(len(part.before) for part in parts))


def _quantile(draws: list[Dynamics], level: float) -> Dynamics:
    names = [field.name for field in fields(Dynamics)]
    return Dynamics(*(np.quantile([getattr(draw, name) for draw in draws], level, axis=0) for name in names))


@dataclass(frozen=True, slots=True)
class PersonBeeps:
    """One person's beeps as the estimate needs them: ``sliders`` (n, 7) and ``day`` (n,) of the answers, ``before`` and
    ``after`` (pairs, 7) of neighbours, and of all beeps ``block``, ``answered``, ``delay``, ``alone``, and whether the beep
    ``before_alone`` it found the person alone (1), in company (0) or is not known (NaN)."""

    sliders: Array
    day: NDArray[np.int64]
    before: Array
    after: Array
    block: NDArray[np.int64]
    answered: NDArray[np.bool_]
    delay: Array
    alone: Array
    before_alone: Array


def person_beeps(beeps: Beeps, number: int) -> PersonBeeps:
    """Person ``number``'s part."""
    mine = beeps.person == number
    answered, day, beep = beeps.answered[mine], beeps.day[mine], beeps.number[mine]
    sliders, alone = beeps.sliders[mine], beeps.alone[mine]
    neighbours = (day[1:] == day[:-1]) & (beep[1:] == beep[:-1] + 1)
    pairs = np.flatnonzero(neighbours & answered[1:] & answered[:-1])
    before_alone = np.full(len(answered), np.nan)
    before_alone[1:][neighbours] = alone[:-1][neighbours]
    return PersonBeeps(
        sliders=sliders[answered],
        day=day[answered],
        before=sliders[pairs],
        after=sliders[pairs + 1],
        block=np.clip(np.digitize(beeps.hour[mine], BLOCK_EDGES) - 1, 0, len(BLOCK_EDGES) - 2),
        answered=answered,
        delay=beeps.delay_minutes[mine],
        alone=alone,
        before_alone=before_alone,
    )


def estimate(parts: list[PersonBeeps]) -> Dynamics:
    """The estimates without their intervals, over people who each count by their beeps."""
    centres = np.stack([part.sliders.mean(axis=0) for part in parts])
    deviations = [part.sliders - centre for part, centre in zip(parts, centres, strict=True)]
    within = np.concatenate(deviations)
    freedom = len(within) - len(parts)
    before = np.concatenate([part.before - centre for part, centre in zip(parts, centres, strict=True)])
    after = np.concatenate([part.after - centre for part, centre in zip(parts, centres, strict=True)])
    transition = np.linalg.solve(before.T @ before, before.T @ after).T
    transition = transition + np.diag(1 + 3 * np.diag(transition)) / np.mean([len(d) for d in deviations])
    residual = after - before @ transition.T
    # What the errors of the means add to the covariance of the means is taken off its diagonal.
    error = np.mean([(d**2).sum(axis=0) / (len(d) - 1) / len(d) for d in deviations], axis=0)
    between = np.cov(centres.T) - np.diag(error)
    inertia, inertia_sd = _inertia(parts, centres)
    return Dynamics(
        mean=centres.mean(axis=0),
        between_covariance=_positive(between),
        within_sd=np.sqrt((within**2).sum(axis=0) / freedom),
        transition=transition,
        innovation_covariance=residual.T @ residual / (len(residual) - len(transition)),
        inertia=inertia,
        inertia_sd=inertia_sd,
        scale_sd=_scale_spread(parts, centres, transition),
        day_share=_day_share(parts, deviations),
        **_responses(parts),
    )


def _positive(matrix: Array) -> Array:
    """The nearest covariance: negative eigenvalues become small."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((vectors * np.maximum(values, 1e-3)) @ vectors.T)


def _inertia(parts: list[PersonBeeps], centres: Array) -> tuple[Array, Array]:
    slopes, errors = [], []
    for part, centre in zip(parts, centres, strict=True):
        x, y = part.before - centre, part.after - centre
        power = np.maximum((x**2).sum(axis=0), 1e-9)
        slope = (x * y).sum(axis=0) / power
        errors.append(((y - slope * x) ** 2).sum(axis=0) / (len(x) - 1) / power)
        slopes.append(slope + (1 + 3 * slope) / len(part.sliders))
    slope, error = np.stack(slopes), np.stack(errors)
    # DerSimonian and Laird, equation 8: the spread beyond what the errors explain.
    weight = 1 / np.maximum(error, 1e-4)
    centre = (weight * slope).sum(axis=0) / weight.sum(axis=0)
    excess = (weight * (slope - centre) ** 2).sum(axis=0) - (len(parts) - 1)
    scale = weight.sum(axis=0) - (weight**2).sum(axis=0) / weight.sum(axis=0)
    return slope.mean(axis=0), np.sqrt(np.maximum(excess, 0) / scale)


def _scale_spread(parts: list[PersonBeeps], centres: Array, transition: Array) -> Array:
    """(1,): spread between people of the log of the innovations' size, less what chance gives."""
    logs, chance = [], []
    for part, centre in zip(parts, centres, strict=True):
        residual = (part.after - centre) - (part.before - centre) @ transition.T
        logs.append(0.5 * np.log((residual**2).mean()))
        chance.append(1 / (2 * residual.size))  # the variance of the log of a standard deviation
    return np.array([np.sqrt(max(np.var(logs, ddof=1) - np.mean(chance), 0.0))])


def _day_share(parts: list[PersonBeeps], deviations: list[Array]) -> Array:
    """(7,): the one-way random-effects variance of days over the whole variance within people."""
    within = total = count = np.zeros(1)
    days = 0
    sizes = 0.0
    for part, deviation in zip(parts, deviations, strict=True):
        for day in np.unique(part.day):
            mine = deviation[part.day == day]
            within = within + ((mine - mine.mean(axis=0)) ** 2).sum(axis=0)
            total = total + len(mine) * mine.mean(axis=0) ** 2
            count = count + len(mine)
            sizes += len(mine) ** 2
            days += 1
    inside = within / (count - days)
    usual = (count - sizes / count) / max(days - len(parts), 1)
    variance = np.maximum(total / (days - len(parts)) - inside, 0) / usual
    return np.asarray(variance / np.maximum(variance + inside, 1e-9))


def _responses(parts: list[PersonBeeps]) -> dict[str, Array]:
    block = np.concatenate([part.block for part in parts])
    answered = np.concatenate([part.answered for part in parts])
    delay = np.concatenate([part.delay for part in parts])
    alone = np.concatenate([part.alone for part in parts])
    before = np.concatenate([part.before_alone for part in parts])
    blocks = range(len(BLOCK_EDGES) - 1)
    known = np.isfinite(delay) & (delay > 0)
    return {
        "answered": np.array([answered[block == b].mean() for b in blocks]),
        "delay_minutes": np.array([np.median(delay[known & (block == b)]) for b in blocks]),
        "delay_log_sd": np.array([np.log(delay[known]).std()]),
        "alone": np.array([np.nanmean(alone[block == b]) for b in blocks]),
        "answered_sd": _logit_spread([part.answered for part in parts]),
        "answered_alone": np.array([answered[before == 1].mean()]),
        "answered_company": np.array([answered[before == 0].mean()]),
        "delay_alone": np.array([np.median(delay[known & (alone == 1)])]),
        "delay_company": np.array([np.median(delay[known & (alone == 0)])]),
    }


def _logit_spread(answers: list[NDArray[np.bool_]]) -> Array:
    """(1,): spread between people of the logit of a share, less what chance gives."""
    shares = np.array([(one.sum() + 0.5) / (len(one) + 1) for one in answers])
    chance = np.mean([1 / (len(one) * share * (1 - share)) for one, share in zip(answers, shares, strict=True)])
    return np.array([np.sqrt(max(np.var(np.log(shares / (1 - shares)), ddof=1) - chance, 0.0))])
