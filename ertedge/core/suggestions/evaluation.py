"""How well the suggestions do, from this device's own log of decisions and of what became of them. Floor 2; pure.

A suggestion that was taken back before its time says nothing of what the person wanted: its reward is not known. Where the
suggestion of a decision is no longer there, that decision and all before it are left out, since leaving out single ones
would favour those that are remembered.
"""

from __future__ import annotations

from collections.abc import Sequence

from ertedge.core.suggestions.records import PolicyEstimate, SuggestionsEvaluation
from ertedge.core.suggestions.responses import was_withdrawn
from ertedge.recommend import off_policy
from ertedge.recommend.off_policy import LoggedOutcome
from ertedge.types import Decision, Suggestion, SuggestionStatus

DECISIONS_MOST = 5_000
"""So many of the newest decisions are looked at: years of them."""


def evaluation_of(decisions: Sequence[Decision], suggestions: Sequence[Suggestion]) -> SuggestionsEvaluation:
    """The estimates from ``decisions``, oldest first, and the suggestions that some of them made."""
    made = {each.decision_id: each for each in suggestions}
    outcomes: list[LoggedOutcome] = []
    for decision in decisions:
        if decision.chosen and decision.decision_id not in made:
            outcomes.clear()
        else:
            outcomes.append(_outcome(decision, made.get(decision.decision_id)))
    found = off_policy.evaluate(outcomes)
    offered = [made[each.decision.decision_id] for each in outcomes if each.decision.chosen]
    return SuggestionsEvaluation(
        estimates=tuple(
            PolicyEstimate(
                policy=value.policy,
                method=value.method,
                value=value.value,
                low=value.low,
                high=value.high,
                decision_count=value.decision_count,
                effective_count=value.effective_count,
            )
            for value in found.values
        ),
        decision_count=found.decision_count,
        offer_count=found.offer_count,
        completed_count=sum(each.status is SuggestionStatus.COMPLETED for each in offered),
        note=found.note,
    )


def _outcome(decision: Decision, suggestion: Suggestion | None) -> LoggedOutcome:
    if suggestion is not None and was_withdrawn(suggestion):
        return LoggedOutcome(decision, None)
    return off_policy.outcome_of(decision, suggestion)
