"""The part of the store in memory that keeps suggestions; ``tests.core.fakes.FakeStore`` is the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ertedge.errors import ErtedgeError, NotFoundError
from ertedge.store.records import LearningState, SuggestionPage
from ertedge.types import ActivityReview, Decision, DecisionContext, Suggestion, SuggestionResponse


@dataclass
class FakeSuggestionStore:
    """While ``trouble`` is set, writing raises it."""

    decisions: dict[int, Decision] = field(default_factory=dict)
    suggestions: dict[int, Suggestion] = field(default_factory=dict)
    responses: list[SuggestionResponse] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    learnt: dict[bool, LearningState] = field(default_factory=dict)
    signed: list[ActivityReview] = field(default_factory=list)
    trouble: ErtedgeError | None = None

    def _check(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def append_decisions(self, batch: Sequence[Decision]) -> None:
        self._check()
        self.decisions = {each.decision_id: each for each in batch} | self.decisions

    def decisions_since(self, start_ns: int, *, synthetic: bool, most: int) -> tuple[Decision, ...]:
        chosen = [
            each
            for _, each in sorted(self.decisions.items())
            if each.context.wall_time_ns >= start_ns and each.context.affect.synthetic == synthetic
        ]
        return tuple(chosen[-most:])

    def decision_contexts(self, decision_ids: Sequence[int]) -> dict[int, DecisionContext]:
        return {each: self.decisions[each].context for each in decision_ids if each in self.decisions}

    def last_decision_id(self) -> int:
        return max(self.decisions, default=0)

    def save_suggestion(self, suggestion: Suggestion) -> None:
        self._check()
        self.suggestions[suggestion.suggestion_id] = suggestion

    def suggestion(self, suggestion_id: int) -> Suggestion:
        if suggestion_id not in self.suggestions:
            raise NotFoundError(f"there is no suggestion {suggestion_id}")
        return self.suggestions[suggestion_id]

    def list_suggestions(self, *, limit: int, before: int | None) -> SuggestionPage:
        chosen = [each for number, each in sorted(self.suggestions.items()) if before is None or number < before][::-1]
        return SuggestionPage(tuple(chosen[:limit]), chosen[limit - 1].suggestion_id if len(chosen) > limit else None)

    def last_suggestion_id(self) -> int:
        return max(self.suggestions, default=0)

    def append_response(self, response: SuggestionResponse) -> None:
        self._check()
        if not response.request_id or self.response_of(response.request_id) is None:
            self.responses.append(response)

    def response_of(self, request_id: str) -> SuggestionResponse | None:
        return next((each for each in self.responses if each.request_id == request_id), None)

    def append_request(self, request_id: str, suggestion_id: int, wall_time_ns: int) -> None:
        self._check()
        self.requests.setdefault(request_id, suggestion_id)

    def requested_suggestion(self, request_id: str) -> int | None:
        return self.requests.get(request_id)

    def save_learning(self, state: LearningState) -> None:
        self._check()
        if state.forgotten_id >= self.learnt.get(state.synthetic, state).forgotten_id:
            self.learnt[state.synthetic] = state

    def learning(self, *, synthetic: bool) -> LearningState | None:
        return self.learnt.get(synthetic)

    def forget_learning(self, state: LearningState) -> None:
        self.save_learning(state)

    def append_review(self, review: ActivityReview) -> None:
        self._check()
        self.signed.append(review)

    def reviews(self) -> tuple[ActivityReview, ...]:
        return tuple(self.signed)
