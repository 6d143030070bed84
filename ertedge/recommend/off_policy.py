"""How well the suggestions do, and how another policy would have done, from this device's own log. Floor 1.

Every decision was logged with the probability of what was done, silence included, so the log can speak for policies that
were never followed: what they would have done often counts more, what they would seldom have done counts less. For n
decisions with reward r, logged propensity e of what was done, and pi what the other policy would have done it with, the
weight is w = pi / e (at most ``WEIGHT_MOST``), and

- ``mean`` is the mean reward, for the policy as logged;
- ``ips`` is the self-normalised inverse propensity estimate, sum(w r) / sum(w) (Swaminathan & Joachims 2015, "The
  self-normalized estimator for counterfactual learning");
- ``doubly robust`` is the mean of q(pi) + w (r - q(a)), where q is the reward that the model expected before it was known
  (Dudik, Langford & Li 2011, "Doubly robust policy evaluation and learning"): unbiased by the propensities alone, and less
  noisy the better the model expected. Since q was logged before the reward, no part of the data need be held out.

Intervals are 95% by Student's t on the influence values, with one less than the effective count (Kish 1965: sum(w)^2 /
sum(w^2)) for degrees of freedom. The reward of a decision is the rated helpfulness in [-1, 1] of what was done, and 0 where
nothing was offered or it was not done. What was done and not rated has no known reward and is left out, and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ertedge.types import Decision, Suggestion, SuggestionStatus, helpfulness_of_rating

Float64Array = NDArray[np.float64]

WEIGHT_MOST = 20.0
"""One decision speaks for no more than so many. The policy's own bounds keep nearly every weight below it."""
DECISIONS_LEAST = 10
"""Decisions with a known reward under which nothing is estimated."""
DECISIONS_FEW = 100
EFFECTIVE_FEW = 10.0

AS_LOGGED, OFFER_ALWAYS, STAY_SILENT, UNIFORM, GREEDY = (
    "as logged",
    "offer always",
    "stay silent",
    "uniform",
    "greedy",
)
MEAN, IPS, DOUBLY_ROBUST = "mean", "ips", "doubly robust"


@dataclass(frozen=True, slots=True)
class LoggedOutcome:
    """A decision and its reward in [-1, 1]; None where that is not known (done but not rated, or not over yet)."""

    decision: Decision
    reward: float | None


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """The mean reward a decision under ``policy``, by ``method``, with its 95% interval.

    ``decision_count`` decisions went into it, worth ``effective_count`` for this policy; ``clipped_count`` of their weights
    were cut to ``WEIGHT_MOST``.
    """

    policy: str
    method: str
    value: float
    low: float
    high: float
    decision_count: int
    effective_count: float
    clipped_count: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All that a log says. ``values`` is empty where it is too short. Of ``decision_count`` decisions, a rule left no choice
    in ``forbidden_count``; ``offer_count`` made an offer; ``unknown_count`` offers have no known reward. ``note`` says in
    plain words what the estimates can and cannot say."""

    values: tuple[PolicyValue, ...]
    decision_count: int
    forbidden_count: int
    offer_count: int
    unknown_count: int
    note: str


def reward_of(suggestion: Suggestion) -> float | None:
    """The reward of a decision that made ``suggestion``; None where it is not known."""
    if suggestion.status is SuggestionStatus.COMPLETED:
        return helpfulness_of_rating(suggestion.helpfulness) if suggestion.helpfulness else None
    return None if suggestion.is_open else 0.0


def outcome_of(decision: Decision, suggestion: Suggestion | None) -> LoggedOutcome:
    """``decision`` with the reward of the suggestion it made; silence has the reward 0.

    Raises ``ValueError`` where the decision made an offer and the suggestion is missing.
    """
    if suggestion is None and decision.chosen:
        raise ValueError(f"decision {decision.decision_id} offered {decision.chosen}, but its suggestion is missing")
    return LoggedOutcome(decision, 0.0 if suggestion is None else reward_of(suggestion))


def evaluate(log: Sequence[LoggedOutcome]) -> Evaluation:
    """Estimate from ``log`` what each policy gains a decision at which there was a choice.

    Raises ``ValueError`` for a decision whose chosen activity is not among its candidates.
    """
    choices = [each for each in log if each.decision.offer_propensity > 0.0]
    known = [(each.decision, each.reward) for each in choices if each.reward is not None]
    values = _estimate(_columns(known)) if len(known) >= DECISIONS_LEAST else ()
    unknown = len(choices) - len(known)
    return Evaluation(
        values=values,
        decision_count=len(log),
        forbidden_count=len(log) - len(choices),
        offer_count=sum(bool(each.decision.chosen) for each in log),
        unknown_count=unknown,
        note=_note(values, [reward for _, reward in known], unknown),
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """The log as arrays (n,): ``reward`` and what the model ``expected`` of what was done; for each other policy its
    ``weights`` before they are cut, and what the model expected of it."""

    reward: Float64Array
    expected: Float64Array
    weights: dict[str, Float64Array]
    expected_of: dict[str, Float64Array]


def _columns(known: Sequence[tuple[Decision, float]]) -> _Columns:
    rows = [_row(decision) for decision, _ in known]
    expected, always, silent, uniform, greedy = (
        np.array([row[part] for row in rows], dtype=np.float64) for part in range(5)
    )
    named = {OFFER_ALWAYS: always, STAY_SILENT: silent, UNIFORM: uniform, GREEDY: greedy}
    return _Columns(
        reward=np.array([reward for _, reward in known], dtype=np.float64),
        expected=expected[:, 0],
        weights={name: column[:, 0] for name, column in named.items()},
        expected_of={name: column[:, 1] for name, column in named.items()},
    )


_Pair = tuple[float, float]


def _row(decision: Decision) -> tuple[_Pair, _Pair, _Pair, _Pair, _Pair]:
    """What was expected of what was done; then for each other policy its weight and what was expected of it."""
    offer = decision.offer_propensity
    propensities = [each.propensity for each in decision.candidates]
    expected = [each.expected_uptake * each.expected_helpfulness for each in decision.candidates]
    count, most = len(expected), max(expected, default=0.0)
    of_logged = sum(p * q for p, q in zip(propensities, expected, strict=True))
    of_uniform = sum(expected) / count if count else 0.0
    if not decision.chosen:
        # Silence is expected to gain nothing; the uniform and the greedy policy are silent as often as the logged one.
        silent = 1.0 / (1.0 - offer) if offer < 1.0 else 0.0
        return (0.0, 0.0), (0.0, of_logged), (silent, 0.0), (1.0, offer * of_uniform), (1.0, offer * most)
    index = next((i for i, each in enumerate(decision.candidates) if each.activity_id == decision.chosen), None)
    if index is None:
        raise ValueError(
            f"decision {decision.decision_id} offered {decision.chosen}, which is not among its candidates"
        )
    logged = propensities[index]
    best = 1.0 / expected.count(most) if expected[index] == most else 0.0
    return (
        (expected[index], 0.0),
        (1.0 / offer, of_logged),
        (0.0, 0.0),
        (1.0 / count / logged, offer * of_uniform),
        (best / logged, offer * most),
    )


def _estimate(columns: _Columns) -> tuple[PolicyValue, ...]:
    reward = columns.reward
    mean = float(reward.mean())
    values = [_value(AS_LOGGED, MEAN, mean, reward - mean, np.ones_like(reward))]
    for policy, weights in columns.weights.items():
        cut = np.minimum(weights, WEIGHT_MOST)
        if cut.sum() > 0.0:
            ratio = float(cut @ reward / cut.sum())
            values.append(_value(policy, IPS, ratio, cut * (reward - ratio) / cut.mean(), weights))
        robust = columns.expected_of[policy] + cut * (reward - columns.expected)
        values.append(_value(policy, DOUBLY_ROBUST, float(robust.mean()), robust - robust.mean(), weights))
    return tuple(values)


def _value(policy: str, method: str, value: float, influence: Float64Array, weights: Float64Array) -> PolicyValue:
    """``influence`` (n,) is n times what each decision moves the estimate by; its mean is 0. ``weights`` are not cut yet."""
    count = len(influence)
    cut = np.minimum(weights, WEIGHT_MOST)
    squares = float(cut @ cut)
    effective = float(cut.sum()) ** 2 / squares if squares > 0.0 else 0.0
    error = float(np.sqrt(influence @ influence / (count - 1) / count))
    reach = error * float(stdtrit(max(effective - 1.0, 1.0), 0.975)) if error > 0.0 else 0.0
    return PolicyValue(
        policy=policy,
        method=method,
        value=value,
        low=max(value - reach, -1.0),
        high=min(value + reach, 1.0),
        decision_count=count,
        effective_count=effective,
        clipped_count=int((weights > WEIGHT_MOST).sum()),
    )


def _note(values: Sequence[PolicyValue], known: Sequence[float], unknown: int) -> str:
    """``known`` are the rewards that went in, ``unknown`` counts those that are missing."""
    count = len(known)
    left_out = [f"Left out: {_times(unknown, 'offer')} not rated or not over."] if unknown else []
    if not values:
        first = (
            f"The log is too short: {_times(count, 'decision')} with a known outcome at which there was a choice, "
            f"and an estimate needs {DECISIONS_LEAST}."
        )
        return " ".join([first, *left_out])
    sentences = [
        f"From {_times(count, 'decision')} at which there was a choice; a value is the mean helpfulness of a decision, "
        "from -1 (made it worse) to 1, and what is not offered or not done counts 0."
    ]
    if not any(known):
        sentences.append("Nothing has helped or harmed so far, so the intervals cannot say how sure that is.")
    elif count < DECISIONS_FEW:
        sentences.append(f"Under {DECISIONS_FEW} decisions these are first impressions: the intervals say how rough.")
    weak = sorted({each.policy for each in values if each.effective_count < EFFECTIVE_FEW})
    if weak:
        sentences.append(f"Hardly any decision speaks for: {', '.join(weak)}.")
    if clipped := max(each.clipped_count for each in values):
        sentences.append(f"Weights cut to {WEIGHT_MOST:g}, which biases an estimate a little: {clipped} at most.")
    return " ".join([*sentences, *left_out])


def _times(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
