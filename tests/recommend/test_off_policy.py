"""Estimates from a log, against the truth of a world that made it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ertedge.recommend.off_policy import (
    AS_LOGGED,
    DECISIONS_LEAST,
    DOUBLY_ROBUST,
    GREEDY,
    IPS,
    MEAN,
    OFFER_ALWAYS,
    STAY_SILENT,
    UNIFORM,
    WEIGHT_MOST,
    Evaluation,
    LoggedOutcome,
    PolicyValue,
    evaluate,
    outcome_of,
    reward_of,
)
from ertedge.types import Candidate, Decision, SilenceReason, SuggestionStatus, Trigger
from tests.recommend.worlds import context_at, suggestion

CONTEXT = context_at(12.0)


class World:
    """Three kinds of moments, equally frequent, and four activities. What is done is rated 5, or else 2.

    (3, 4): the ``propensities`` of the activities given an offer, how often each is done, and how often it then helps.
    """

    def __init__(self, offers: tuple[float, ...], propensities: list[list[float]]) -> None:
        self.offers, self.propensities = np.array(offers), np.array(propensities)
        self.uptake = np.array([[0.8, 0.5, 0.6, 0.3], [0.3, 0.5, 0.7, 0.8], [0.6, 0.7, 0.8, 0.4]])
        self.helps = np.array([[0.9, 0.5, 0.1, 0.3], [0.1, 0.4, 0.6, 0.9], [0.4, 0.8, 0.9, 0.2]])
        self.helpfulness = self.helps * 1.0 + (1.0 - self.helps) * -0.5
        self.expected = self.helpfulness + np.array([0.15, -0.1, 0.05, -0.15])  # the model is near the truth, and wrong
        self.candidates = [
            tuple(
                Candidate(f"a{i}", self.propensities[k, i], self.expected[k, i], 0.1, self.uptake[k, i])
                for i in range(4)
            )
            for k in range(3)
        ]

    def true_values(self) -> dict[str, float]:
        gain = self.uptake * self.helpfulness
        best = (self.uptake * self.expected).argmax(axis=1)
        return {
            AS_LOGGED: float((self.offers * (self.propensities * gain).sum(axis=1)).mean()),
            OFFER_ALWAYS: float((self.propensities * gain).sum(axis=1).mean()),
            STAY_SILENT: 0.0,
            UNIFORM: float((self.offers * gain.mean(axis=1)).mean()),
            GREEDY: float((self.offers * gain[np.arange(3), best]).mean()),
        }

    def log(self, rng: np.random.Generator, count: int) -> list[LoggedOutcome]:
        log = []
        for kind, (offered, which, done, helped) in zip(
            rng.integers(3, size=count), rng.random((count, 4)), strict=True
        ):
            choice = int(np.searchsorted(np.cumsum(self.propensities[kind]), which))
            chosen = f"a{choice}" if offered < self.offers[kind] else ""
            reward = 0.0
            if chosen and done < self.uptake[kind, choice]:
                reward = 1.0 if helped < self.helps[kind, choice] else -0.5
            log.append(LoggedOutcome(decision(self.offers[kind], self.candidates[kind], chosen), reward))
        return log


EVEN = World((0.2, 0.6, 0.9), [[0.55, 0.25, 0.1, 0.1], [0.1, 0.1, 0.3, 0.5], [0.25, 0.25, 0.4, 0.1]])
RARE = World((0.1, 0.3, 0.6), [[0.05, 0.6, 0.3, 0.05], [0.1, 0.1, 0.7, 0.1], [0.25, 0.35, 0.06, 0.34]])
"""What is expected to be best is seldom offered, as when it was offered just before."""
CANDIDATES = EVEN.candidates


def decision(offer: float, candidates: tuple[Candidate, ...], chosen: str) -> Decision:
    silence = None if chosen else SilenceReason.CHANCE
    return Decision(1, CONTEXT, Trigger.CHECK_IN, offer, candidates, chosen, silence, "", "")


def value(evaluation: Evaluation, policy: str, method: str) -> PolicyValue:
    return next(each for each in evaluation.values if (each.policy, each.method) == (policy, method))


@pytest.fixture(scope="module")
def evaluations() -> dict[str, list[Evaluation]]:
    rng = np.random.default_rng(3)
    return {
        name: [evaluate(world.log(rng, count)) for _ in range(160)]
        for name, (world, count) in {"even": (EVEN, 200), "rare": (RARE, 300)}.items()
    }


PAIRS = [(AS_LOGGED, MEAN)] + [(p, m) for p in (OFFER_ALWAYS, UNIFORM, GREEDY) for m in (IPS, DOUBLY_ROBUST)]


@pytest.mark.parametrize(("policy", "method"), PAIRS)
@pytest.mark.parametrize(("name", "world"), [("even", EVEN), ("rare", RARE)])
def test_the_intervals_cover_the_truth_as_often_as_they_say(
    evaluations: dict[str, list[Evaluation]], name: str, world: World, policy: str, method: str
) -> None:
    truth = world.true_values()[policy]
    found = [value(each, policy, method) for each in evaluations[name]]
    covered = np.mean([each.low <= truth <= each.high for each in found])
    assert 0.90 <= covered <= 0.99
    if name == "even":
        estimates = np.array([each.value for each in found])
        assert abs(estimates.mean() - truth) < 4.0 * estimates.std() / np.sqrt(len(estimates)) + 0.003


@pytest.mark.parametrize("policy", [OFFER_ALWAYS, UNIFORM, GREEDY])
@pytest.mark.parametrize("name", ["even", "rare"])
def test_doubly_robust_varies_less_than_inverse_propensity(
    evaluations: dict[str, list[Evaluation]], name: str, policy: str
) -> None:
    spread = {m: np.std([value(each, policy, m).value for each in evaluations[name]]) for m in (IPS, DOUBLY_ROBUST)}
    assert spread[DOUBLY_ROBUST] < spread[IPS]


def test_staying_silent_gains_nothing_for_certain(evaluations: dict[str, list[Evaluation]]) -> None:
    for method in (IPS, DOUBLY_ROBUST):
        found = value(evaluations["even"][0], STAY_SILENT, method)
        assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_a_wrong_model_does_not_bias_the_doubly_robust_estimate() -> None:
    rng = np.random.default_rng(8)
    log = EVEN.log(rng, 6_000)
    wrong = [
        LoggedOutcome(
            replace(
                each.decision,
                candidates=tuple(replace(c, expected_helpfulness=0.9) for c in each.decision.candidates),
            ),
            each.reward,
        )
        for each in log
    ]
    found = value(evaluate(wrong), OFFER_ALWAYS, DOUBLY_ROBUST)
    assert found.value == pytest.approx(EVEN.true_values()[OFFER_ALWAYS], abs=0.05)


def test_the_estimates_by_hand() -> None:
    """Ten decisions, as few as are estimated from: five offers of two activities, five silences."""
    two = (Candidate("a", 0.8, 0.5, 0.1, 1.0), Candidate("b", 0.2, 0.25, 0.1, 0.8))
    chosen = ["a", "a", "a", "a", "b", "", "", "", "", ""]
    rewards = [1.0, 0.5, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    log = [LoggedOutcome(decision(0.5, two, c), r) for c, r in zip(chosen, rewards, strict=True)]
    found = evaluate(log)
    assert value(found, AS_LOGGED, MEAN).value == pytest.approx(0.25)
    assert value(found, OFFER_ALWAYS, IPS).value == pytest.approx(0.5)
    # q(pi) = 0.8 * 0.5 + 0.2 * 0.2 = 0.44 each; corrections 2 * (0.5 + 0 - 0.5 - 0.5 + 0.8).
    assert value(found, OFFER_ALWAYS, DOUBLY_ROBUST).value == pytest.approx(0.44 + 2.0 * 0.3 / 10)
    # Weights 0.625 for a, 2.5 for b, 1 for silence.
    assert value(found, UNIFORM, IPS).value == pytest.approx((0.625 * 1.5 + 2.5) / (4 * 0.625 + 2.5 + 5))
    # Of ten decisions 4 were to offer a and 1 b, as happened, so the squared weights are those promised.
    assert value(found, UNIFORM, IPS).effective_count == pytest.approx(5.0**2 / (4 * 0.625**2 + 2.5**2))
    assert value(found, OFFER_ALWAYS, IPS).effective_count == pytest.approx(5.0)
    assert value(found, GREEDY, IPS).value == pytest.approx(1.25 * 1.5 / (4 * 1.25 + 5))
    assert value(found, GREEDY, DOUBLY_ROBUST).value == pytest.approx(0.5 * 0.5 + 1.25 * (1.5 - 4 * 0.5) / 10)


def test_a_log_without_its_heavy_weights_is_not_surer_for_that() -> None:
    """An activity was to come once in fifty offers and has not come at all, or once: the interval is about as wide."""
    rare = (Candidate("a", 0.95, 0.4, 0.1, 1.0), Candidate("b", 0.05, 0.3, 0.1, 1.0))
    width = {}
    for times in (0, 1, 2):
        log = [
            LoggedOutcome(decision(0.9, rare, "b" if i < times else "a" if i % 10 else ""), (i % 3) / 2 * (i % 10 > 0))
            for i in range(40)
        ]
        found = value(evaluate(log), UNIFORM, DOUBLY_ROBUST)
        width[times] = found.high - found.low
    assert width[0] > 0.8 * width[2]


def test_a_policy_of_which_nothing_was_seen_is_left_out() -> None:
    rare = (Candidate("a", 0.95, 0.1, 0.1, 1.0), Candidate("b", 0.05, 0.9, 0.1, 1.0))
    log = [LoggedOutcome(decision(0.9, rare, "a" if i % 10 else ""), 0.5 * (i % 10 > 0)) for i in range(40)]
    found = evaluate(log)
    assert GREEDY not in {each.policy for each in found.values}
    assert UNIFORM in {each.policy for each in found.values}
    assert "Hardly any offer speaks for: uniform, greedy." in found.note


def test_weights_are_cut_and_counted() -> None:
    rare = (Candidate("a", 0.99, 0.1, 0.1, 1.0), Candidate("b", 0.01, 0.9, 0.1, 1.0))
    log = [LoggedOutcome(decision(0.9, rare, "b" if i == 0 else "a"), 0.5) for i in range(30)]
    found = value(evaluate(log), GREEDY, DOUBLY_ROBUST)
    assert found.clipped_count == 1
    assert found.value == pytest.approx(0.9 * 0.9 + WEIGHT_MOST * (0.5 - 0.9) / 30)
    assert "Weights cut to 20, which biases an estimate a little: 1 at most." in evaluate(log).note


def test_a_short_log_says_so_and_estimates_nothing() -> None:
    log = EVEN.log(np.random.default_rng(0), DECISIONS_LEAST - 1)
    found = evaluate(log)
    assert found.values == ()
    assert found.note.startswith("The log is too short: 9 decisions")
    assert evaluate([]).note.startswith("The log is too short: 0 decisions")
    nothing = [LoggedOutcome(decision(0.5, CANDIDATES[0], "a0"), 0.0)] * 20
    assert "Nothing has helped or harmed so far" in evaluate(nothing).note
    assert "first impressions" in evaluate(EVEN.log(np.random.default_rng(0), 30)).note


def test_what_was_done_and_not_rated_is_left_out_and_counted() -> None:
    log = EVEN.log(np.random.default_rng(0), 50)
    unrated = LoggedOutcome(decision(0.9, CANDIDATES[0], "a1"), None)
    forbidden = LoggedOutcome(replace(decision(0.0, (), ""), silence=SilenceReason.QUIET_HOURS), 0.0)
    plain, with_both = evaluate(log), evaluate([*log, unrated, forbidden])
    assert with_both.values == plain.values
    assert (with_both.unknown_count, with_both.forbidden_count, with_both.decision_count) == (1, 1, 52)
    assert with_both.offer_count == plain.offer_count + 1
    assert "Left out: 1 offer not rated or not over." in with_both.note


def test_a_request_counts_for_what_is_chosen() -> None:
    """It is answered for certain, so nothing speaks for silence."""
    log = [
        LoggedOutcome(replace(decision(1.0, CANDIDATES[0], f"a{i % 2}"), trigger=Trigger.REQUEST), 0.5)
        for i in range(20)
    ]
    found = evaluate(log)
    assert value(found, OFFER_ALWAYS, IPS).value == pytest.approx(0.5)
    assert not [each for each in found.values if (each.policy, each.method) == (STAY_SILENT, IPS)]
    assert "Hardly any offer speaks for: uniform, greedy." in found.note


@pytest.mark.parametrize(
    ("status", "rating", "reward"),
    [
        (SuggestionStatus.COMPLETED, 5, 1.0),
        (SuggestionStatus.COMPLETED, 2, -0.5),
        (SuggestionStatus.COMPLETED, 0, None),
        (SuggestionStatus.DISMISSED, 0, 0.0),
        (SuggestionStatus.EXPIRED, 0, 0.0),
        (SuggestionStatus.OFFERED, 0, None),
        (SuggestionStatus.STARTED, 0, None),
        (SuggestionStatus.SNOOZED, 0, None),
    ],
)
def test_the_reward_of_what_became_of_a_suggestion(status: SuggestionStatus, rating: int, reward: float | None) -> None:
    made = suggestion(1, 12.0, status=status, helpfulness=rating)
    assert reward_of(made) == reward
    assert outcome_of(decision(0.5, CANDIDATES[0], "a0"), made).reward == reward


def test_a_log_that_contradicts_itself_is_refused() -> None:
    stranger = LoggedOutcome(decision(0.5, CANDIDATES[0], "stranger"), 0.0)
    with pytest.raises(ValueError, match="not among its candidates"):
        evaluate([stranger] * DECISIONS_LEAST)
    with pytest.raises(ValueError, match="its suggestion is missing"):
        outcome_of(decision(0.5, CANDIDATES[0], "a0"), None)
    assert outcome_of(decision(0.5, CANDIDATES[0], ""), None).reward == 0.0
