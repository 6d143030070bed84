"""The log as the estimates see it: what was withdrawn is not known, and what is missing cuts the log off before it."""

from __future__ import annotations

from dataclasses import replace

from ertedge.core.suggestions.evaluation import evaluation_of
from ertedge.core.suggestions.responses import withdrawn
from ertedge.types import SilenceReason, Suggestion, SuggestionStatus
from tests.store.suggestion_samples import decision, suggestion


def done(number: int, rating: int) -> Suggestion:
    return replace(suggestion(number), status=SuggestionStatus.COMPLETED, helpfulness=rating)


def test_a_log_with_ratings_gives_estimates_of_every_policy() -> None:
    decisions = [decision(number, silence=SilenceReason.CHANCE if number % 4 == 0 else None) for number in range(1, 41)]
    suggestions = [done(number, 4 if number % 3 else 2) for number in range(1, 41) if number % 4]
    found = evaluation_of(decisions, suggestions)
    assert (found.decision_count, found.offer_count, found.completed_count) == (40, 30, 30)
    assert {each.policy for each in found.estimates} == {
        "as logged",
        "offer always",
        "stay silent",
        "uniform",
        "greedy",
    }
    for each in found.estimates:
        assert -1 <= each.low <= each.value <= each.high <= 1
    (logged,) = [each for each in found.estimates if each.policy == "as logged"]
    rewards = [0.5 if number % 3 else -0.5 for number in range(1, 41) if number % 4]
    assert abs(logged.value - sum(rewards) / 40) < 1e-9


def test_what_was_taken_back_has_no_known_reward() -> None:
    decisions = [decision(number) for number in range(1, 13)]
    taken = [withdrawn(suggestion(number), suggestion(number).wall_time_ns) for number in range(1, 7)]
    found = evaluation_of(decisions, [*taken, *(done(number, 5) for number in range(7, 13))])
    assert (found.offer_count, found.completed_count) == (12, 6)
    assert found.estimates == ()
    assert "Left out: 6 offers" in found.note


def test_where_a_suggestion_is_missing_the_log_begins_after_it() -> None:
    decisions = [decision(number) for number in range(1, 6)]
    found = evaluation_of(decisions, [done(number, 5) for number in (1, 2, 4, 5)])
    assert (found.decision_count, found.offer_count) == (2, 2)


def test_an_empty_log_says_so() -> None:
    found = evaluation_of((), ())
    assert (found.estimates, found.decision_count) == ((), 0)
    assert "too short" in found.note
