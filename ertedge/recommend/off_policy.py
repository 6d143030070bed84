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

Intervals are 95% by Student's t on the influence values, with one less than the effective count for degrees of freedom:
Kish's sum(w)^2 / sum(w^2) (1965) over the offers, since what silence gains is known to be nothing. Where the log holds fewer
heavy weights than its propensities promise, sum(w^2) and the variance are scaled up to the promise: else a log that lacks
them by luck would look surer than one that has them.

The reward of a decision is the rated helpfulness in [-1, 1] of what was done, and 0 where nothing was offered or it was not
done. What was done and not rated has no known reward and is left out, and counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Decision, Suggestion, SuggestionStatus, helpfulness_of_rating

Float64Array = NDArray[np.float64]
Int64Array = NDArray[np.int64]

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

    ``decision_count`` decisions went into it, whose offers are worth ``effective_count`` of this policy's own;
    ``clipped_count`` weights were cut to ``WEIGHT_MOST``.
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
    values = _estimate(_arrays(known)) if len(known) >= DECISIONS_LEAST else ()
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
class _Log:
    """n decisions as arrays, their m candidates one after the other. (n,): ``reward``, the logged ``offer`` propensity,
    ``start`` and ``count`` of the candidates, and ``taken``, where in them is what was offered (-1: nothing was).
    (m,): each candidate's ``propensity`` given an offer, and the reward ``expected`` of it."""

    reward: Float64Array
    offer: Float64Array
    start: Int64Array
    count: Int64Array
    taken: Int64Array
    propensity: Float64Array
    expected: Float64Array

    def each(self, values: Float64Array) -> Float64Array:
        """A decision's value for each of its candidates: (n,) to (m,)."""
        return values.repeat(self.count)

    def total(self, values: Float64Array) -> Float64Array:
        """The sum over a decision's candidates: (m,) to (n,)."""
        return np.add.reduceat(values, self.start)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A policy as the log speaks of it. (n,): the ``weights`` of what was done, before they are cut, whether that was an
    offer, and the reward that the model ``expected`` of the policy. ``promised``: the expected sum of the squared weights of
    all offers."""

    weights: Float64Array
    offered: NDArray[np.bool_]
    expected: Float64Array
    promised: float


def _arrays(known: Sequence[tuple[Decision, float]]) -> _Log:
    count = np.array([len(decision.candidates) for decision, _ in known], dtype=np.int64)
    start = np.cumsum(count) - count
    candidates = [each for decision, _ in known for each in decision.candidates]
    return _Log(
        reward=np.array([reward for _, reward in known], dtype=np.float64),
        offer=np.array([decision.offer_propensity for decision, _ in known], dtype=np.float64),
        start=start,
        count=count,
        taken=np.array([_place(d, int(at)) for (d, _), at in zip(known, start, strict=True)], dtype=np.int64),
        propensity=np.array([each.propensity for each in candidates], dtype=np.float64),
        expected=np.array([each.expected_uptake * each.expected_helpfulness for each in candidates], dtype=np.float64),
    )


def _place(decision: Decision, start: int) -> int:
    places = [at for at, each in enumerate(decision.candidates, start) if each.activity_id == decision.chosen]
    if not decision.candidates or (decision.chosen and not places):
        what = f"offered {decision.chosen}, which is" if decision.chosen else "might have offered something"
        raise ValueError(f"decision {decision.decision_id} {what} not among its candidates")
    return places[0] if decision.chosen else -1


def _policies(log: _Log) -> dict[str, tuple[Float64Array, Float64Array]]:
    """For each other policy the probability of an offer (n,) and those of the candidates, given an offer (m,)."""
    always = np.ones_like(log.offer)
    best = log.expected == log.each(np.maximum.reduceat(log.expected, log.start))
    return {
        OFFER_ALWAYS: (always, log.propensity),
        STAY_SILENT: (0.0 * always, log.propensity),
        UNIFORM: (log.offer, log.each(1.0 / log.count)),
        GREEDY: (log.offer, best / log.each(log.total(best.astype(np.float64)))),
    }


def _seen(log: _Log, offer: Float64Array, choice: Float64Array) -> _Seen:
    logged, wanted = log.each(log.offer) * log.propensity, log.each(offer) * choice
    of_each = np.divide(wanted, logged, out=np.zeros_like(wanted), where=logged > 0.0)
    of_silence = np.divide(1.0 - offer, 1.0 - log.offer, out=np.zeros_like(offer), where=log.offer < 1.0)
    return _Seen(
        weights=np.where(log.taken >= 0, of_each[log.taken], of_silence),
        offered=log.taken >= 0,
        expected=log.total(wanted * log.expected),
        promised=float(logged @ _cut(of_each) ** 2),
    )


def _estimate(log: _Log) -> tuple[PolicyValue, ...]:
    offered, reward = log.taken >= 0, log.reward
    expected = np.where(offered, log.expected[log.taken], 0.0)
    mean = float(reward.mean())
    as_logged = _seen(log, log.offer, log.propensity)
    values = [_value(AS_LOGGED, MEAN, mean, reward - mean, as_logged)]
    for policy, (offer, choice) in _policies(log).items():
        seen = _seen(log, offer, choice)
        cut = _cut(seen.weights)
        if seen.promised > 0.0 and not cut[offered].any():
            continue  # it would have offered what was never offered, so that nothing is known of it
        if cut.any():
            ratio = float(cut @ reward / cut.sum())
            values.append(_value(policy, IPS, ratio, cut * (reward - ratio) / cut.mean(), seen))
        robust = seen.expected + cut * (reward - expected)
        values.append(_value(policy, DOUBLY_ROBUST, float(robust.mean()), robust - robust.mean(), seen))
    return tuple(values)


def _value(policy: str, method: str, value: float, influence: Float64Array, seen: _Seen) -> PolicyValue:
    """``influence`` (n,) is n times what each decision moves the estimate by; its mean is 0."""
    from scipy.special import stdtrit  # 26 MB, which a device needs only when somebody asks for estimates

    count, offered = len(influence), seen.offered
    cut = _cut(seen.weights)[offered]
    squares = float(cut @ cut)
    # Heavy weights are rare, and a log without one seems surer than it is. How heavy they should be is known from the
    # propensities, and the variance is scaled to that.
    scale = max(seen.promised / squares, 1.0) if squares > 0.0 else 1.0
    effective = float(cut.sum()) ** 2 / (scale * squares) if squares > 0.0 else 0.0
    total = scale * float(influence[offered] @ influence[offered]) + float(influence[~offered] @ influence[~offered])
    error = float(np.sqrt(total / (count - 1) / count))
    reach = error * float(stdtrit(max(effective - 1.0, 1.0), 0.975)) if error > 0.0 else 0.0
    return PolicyValue(
        policy=policy,
        method=method,
        value=value,
        low=max(value - reach, -1.0),
        high=min(value + reach, 1.0),
        decision_count=count,
        effective_count=effective,
        clipped_count=int((seen.weights > WEIGHT_MOST).sum()),
    )


def _cut(weights: Float64Array) -> Float64Array:
    return np.minimum(weights, WEIGHT_MOST)


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
    enough = {each.policy for each in values if each.effective_count >= EFFECTIVE_FEW}
    if weak := [policy for policy in (OFFER_ALWAYS, UNIFORM, GREEDY) if policy not in enough]:
        sentences.append(f"Hardly any offer speaks for: {', '.join(weak)}.")
    if clipped := max(each.clipped_count for each in values):
        sentences.append(f"Weights cut to {WEIGHT_MOST:g}, which biases an estimate a little: {clipped} at most.")
    return " ".join([*sentences, *left_out])


def _times(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
