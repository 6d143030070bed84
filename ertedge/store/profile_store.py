"""The store as one person's suggestions and safety see it: what is theirs, and nothing of anybody else. Floor 1.

Made by ``Store.of`` and used on the store's thread. Numbers of suggestions, decisions and notices are given once for all
people, so that a name such as suggestions/7 means one thing; here only the person's own can be found under them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from ertedge.store import decisions, learning, safety, suggestions
from ertedge.store.faults import reported_as_store_errors
from ertedge.store.records import LearningState, SuggestionPage
from ertedge.store.safety_records import NoticePage, SafetyAnswer, StoredSafety
from ertedge.types import (
    Decision,
    DecisionContext,
    SafetyNotice,
    SafetyPlan,
    Suggestion,
    SuggestionResponse,
)


class ProfileStore:
    """A person's part of an open database. Every method may raise a ``StoreError``, as the store's do."""

    def __init__(self, path: Path, database: Database, profile_id: int) -> None:
        self._path = path
        self._database = database
        self._profile_id = profile_id

    @property
    def profile_id(self) -> int:
        """Whose it is; 0: nobody's."""
        return self._profile_id

    def append_decisions(self, batch: Sequence[Decision]) -> None:
        """Store what the policy decided; a decision that is already stored is left as it is."""
        with self._reporting():
            decisions.append(self._database, self._profile_id, batch)

    def decisions_since(self, start_ns: int, *, synthetic: bool, most: int) -> tuple[Decision, ...]:
        """The newest ``most`` decisions at or after a moment, oldest first: the person's, or the demo person's."""
        with self._reporting():
            return decisions.list_since(self._database, self._profile_id, start_ns, synthetic=synthetic, most=most)

    def decision_contexts(self, decision_ids: Sequence[int]) -> dict[int, DecisionContext]:
        """What the decisions of those numbers were made from, without those that are no longer stored."""
        with self._reporting():
            return decisions.contexts(self._database, self._profile_id, decision_ids)

    def last_decision_id(self) -> int:
        """The greatest number ever given to a decision, 0 before the first."""
        with self._reporting():
            return decisions.last_id(self._database)

    def save_suggestion(self, suggestion: Suggestion) -> None:
        """Store a suggestion, or what has become of it."""
        with self._reporting():
            suggestions.upsert(self._database, self._profile_id, suggestion)

    def suggestion(self, suggestion_id: int) -> Suggestion:
        """The stored suggestion of that number. Raises ``NotFoundError``."""
        with self._reporting():
            return suggestions.get(self._database, self._profile_id, suggestion_id)

    def list_suggestions(self, *, limit: int, before: int | None) -> SuggestionPage:
        """At most ``limit`` suggestions, newest first; ``before`` is the ``next_cursor`` of the page before."""
        with self._reporting():
            return suggestions.page(self._database, self._profile_id, limit, before)

    def last_suggestion_id(self) -> int:
        """The greatest number ever given to a suggestion, 0 before the first."""
        with self._reporting():
            return suggestions.last_id(self._database)

    def append_response(self, response: SuggestionResponse) -> None:
        """Store what a person did; a response whose ``request_id`` is already stored is left as it is."""
        with self._reporting():
            suggestions.append_response(self._database, self._profile_id, response)

    def response_of(self, request_id: str) -> SuggestionResponse | None:
        """The response that came under that id, if one did."""
        with self._reporting():
            return suggestions.response_of(self._database, self._profile_id, request_id)

    def append_request(self, request_id: str, suggestion_id: int, wall_time_ns: int) -> None:
        """Store which suggestion a request got."""
        with self._reporting():
            suggestions.append_request(self._database, self._profile_id, request_id, suggestion_id, wall_time_ns)

    def requested_suggestion(self, request_id: str) -> int | None:
        """The number of the suggestion that a request of that id got, if there was one."""
        with self._reporting():
            return suggestions.requested(self._database, self._profile_id, request_id)

    def save_learning(self, state: LearningState) -> None:
        """Store what was learnt, in place of what was there; nothing where that has been forgotten since."""
        with self._reporting():
            learning.save(self._database, self._profile_id, state)

    def learning(self, *, synthetic: bool) -> LearningState | None:
        """What was learnt about the person, or the demo person; None where nothing was yet."""
        with self._reporting():
            return learning.get(self._database, self._profile_id, synthetic=synthetic)

    def forget_learning(self, state: LearningState) -> None:
        """Store ``state``, in which nothing is left of what was learnt, and leave nothing of it in the files either."""
        with self._reporting():
            learning.forget(self._database, self._profile_id, state)

    def save_safety(
        self, watch: str, wall_time_ns: int, notice: SafetyNotice | None, answer: SafetyAnswer | None = None
    ) -> None:
        """Store the safety watch's record (empty: leave what is there), the notice as it is now, and an answer to it, in one
        transaction."""
        with self._reporting():
            safety.save(self._database, self._profile_id, watch, wall_time_ns, notice=notice, answer=answer)

    def save_safety_plan(self, plan: SafetyPlan) -> None:
        """Store the safety plan, in place of the one before."""
        with self._reporting():
            safety.save_plan(self._database, self._profile_id, plan)

    def safety(self) -> StoredSafety:
        """What the safety watch goes on with after a restart."""
        with self._reporting():
            return safety.load(self._database, self._profile_id)

    def safety_notice(self, notice_id: int) -> SafetyNotice:
        """The stored notice of that number. Raises ``NotFoundError``."""
        with self._reporting():
            return safety.get(self._database, self._profile_id, notice_id)

    def list_safety_notices(self, *, limit: int, before: int | None, only_open: bool) -> NoticePage:
        """At most ``limit`` notices, newest first; ``before`` is the ``next_cursor`` of the page before."""
        with self._reporting():
            return safety.page(self._database, self._profile_id, limit, before, only_open=only_open)

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        with reported_as_store_errors(self._path):
            yield
