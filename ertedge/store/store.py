"""The store as the rest of the program sees it: open, append, read, let age, close. Floor 1; imports words and errors.

Synchronous, and one thread owns it: open and use it on the same thread. Every method may raise a ``StoreError``; after one,
whatever was committed before is still there, and the call that failed has left nothing behind.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from ertedge.config import StoreSettings
from ertedge.errors import StoreFullError
from ertedge.store import decisions, learning, ledger, retention, safety, states, suggestions
from ertedge.store.database import open_database
from ertedge.store.faults import reported_as_store_errors
from ertedge.store.records import Downsampled, LearningState, LedgerPage, StatePage, StoreStatus, SuggestionPage
from ertedge.store.safety_records import NoticePage, SafetyAnswer, StoredSafety
from ertedge.types import (
    ActivityReview,
    Decision,
    DecisionContext,
    EmotionState,
    SafetyNotice,
    SafetyPlan,
    Suggestion,
    SuggestionResponse,
)

MINUTES_MERGED_MOST = 2_000
"""Minutes of old states that one ``downsample`` merges: a day and a third, in about a second on a small board."""


class Store:
    """An open database. ``Store.open`` makes one."""

    def __init__(self, path: Path, settings: StoreSettings, database: Database) -> None:
        self._path = path
        self._settings = settings
        self._database = database

    @classmethod
    def open(cls, path: Path, settings: StoreSettings) -> Store:
        """Open the database at ``path``, or make it, its file for its owner alone, and bring it up to date.

        Raises ``StoreCorruptError`` (not ours, damaged or from a newer version: the file is left untouched),
        ``StoreReadOnlyError`` or ``StoreFullError``.
        """
        return cls(path, settings, open_database(path))

    def append_states(self, batch: Sequence[EmotionState]) -> None:
        """Store the states in one transaction; one that is already stored is left as it is.

        Raises ``StoreFullError`` already while ``free_bytes_least`` are left, since a device needs room to live.
        """
        with self._reporting():
            free, least = _free_bytes(self._path), self._settings.free_bytes_least
            if free < least:
                raise StoreFullError(
                    f"only {free / 1e6:.0f} MB are free where {self._path} is, and {least / 1e6:.0f} MB are to stay free;"
                    " free some space"
                )
            states.append(self._database, batch)

    def state(self, sequence: int) -> EmotionState:
        """The stored state of that sequence number. Raises ``NotFoundError``."""
        with self._reporting():
            return states.get(self._database, sequence)

    def list_states(
        self, *, start_ns: int | None, end_ns: int | None, resolution_ns: int, limit: int, before: int | None
    ) -> StatePage:
        """At most ``limit`` states, newest first, of wall times from ``start_ns`` up to but without ``end_ns``.

        ``resolution_ns`` 0: states as they are stored, in the order of their numbers. More: one state a span of that
        length, merged as ``merging`` says. ``before``: the ``next_cursor`` of the page before, other arguments unchanged.
        """
        with self._reporting():
            if resolution_ns > 0:
                return states.list_merged(
                    self._database, start_ns, end_ns, resolution_ns=resolution_ns, limit=limit, before=before
                )
            return states.list_single(self._database, start_ns, end_ns, limit=limit, before=before)

    def last_sequence(self) -> int:
        """The greatest sequence number ever stored, also of a state that has since been removed; 0 before the first."""
        with self._reporting():
            return states.last_sequence(self._database)

    def append_ledger(self, event: str, subject: str, detail: str, wall_time_ns: int) -> None:
        """Write down what was done that touches privacy."""
        with self._reporting():
            ledger.append(self._database, event, subject, detail, wall_time_ns)

    def list_ledger(self, *, limit: int, before: int | None) -> LedgerPage:
        """At most ``limit`` entries, newest first; ``before`` is the ``next_cursor`` of the page before."""
        with self._reporting():
            return ledger.page(self._database, limit, before)

    def append_decisions(self, batch: Sequence[Decision]) -> None:
        """Store what the policy decided; a decision that is already stored is left as it is."""
        with self._reporting():
            decisions.append(self._database, batch)

    def decisions_since(self, start_ns: int, *, synthetic: bool, most: int) -> tuple[Decision, ...]:
        """The newest ``most`` decisions at or after a moment, oldest first: the person's, or the demo person's."""
        with self._reporting():
            return decisions.list_since(self._database, start_ns, synthetic=synthetic, most=most)

    def decision_contexts(self, decision_ids: Sequence[int]) -> dict[int, DecisionContext]:
        """What the decisions of those numbers were made from, without those that are no longer stored."""
        with self._reporting():
            return decisions.contexts(self._database, decision_ids)

    def last_decision_id(self) -> int:
        """The greatest number ever given to a decision, 0 before the first."""
        with self._reporting():
            return decisions.last_id(self._database)

    def save_suggestion(self, suggestion: Suggestion) -> None:
        """Store a suggestion, or what has become of it."""
        with self._reporting():
            suggestions.upsert(self._database, suggestion)

    def suggestion(self, suggestion_id: int) -> Suggestion:
        """The stored suggestion of that number. Raises ``NotFoundError``."""
        with self._reporting():
            return suggestions.get(self._database, suggestion_id)

    def list_suggestions(self, *, limit: int, before: int | None) -> SuggestionPage:
        """At most ``limit`` suggestions, newest first; ``before`` is the ``next_cursor`` of the page before."""
        with self._reporting():
            return suggestions.page(self._database, limit, before)

    def last_suggestion_id(self) -> int:
        """The greatest number ever given to a suggestion, 0 before the first."""
        with self._reporting():
            return suggestions.last_id(self._database)

    def append_response(self, response: SuggestionResponse) -> None:
        """Store what a person did; a response whose ``request_id`` is already stored is left as it is."""
        with self._reporting():
            suggestions.append_response(self._database, response)

    def response_of(self, request_id: str) -> SuggestionResponse | None:
        """The response that came under that id, if one did."""
        with self._reporting():
            return suggestions.response_of(self._database, request_id)

    def append_request(self, request_id: str, suggestion_id: int, wall_time_ns: int) -> None:
        """Store which suggestion a request got."""
        with self._reporting():
            suggestions.append_request(self._database, request_id, suggestion_id, wall_time_ns)

    def requested_suggestion(self, request_id: str) -> int | None:
        """The number of the suggestion that a request of that id got, if there was one."""
        with self._reporting():
            return suggestions.requested(self._database, request_id)

    def save_learning(self, state: LearningState) -> None:
        """Store what was learnt, in place of what was there; nothing where that has been forgotten since."""
        with self._reporting():
            learning.save(self._database, state)

    def learning(self, *, synthetic: bool) -> LearningState | None:
        """What was learnt about the person, or the demo person; None where nothing was yet."""
        with self._reporting():
            return learning.get(self._database, synthetic=synthetic)

    def forget_learning(self, state: LearningState) -> None:
        """Store ``state``, in which nothing is left of what was learnt, and leave nothing of it in the files either."""
        with self._reporting():
            learning.forget(self._database, state)

    def append_review(self, review: ActivityReview) -> None:
        """Store a sign-off of an activity."""
        with self._reporting():
            learning.append_review(self._database, review)

    def reviews(self) -> tuple[ActivityReview, ...]:
        """Every sign-off ever given, oldest first."""
        with self._reporting():
            return learning.reviews(self._database)

    def save_safety(
        self, watch: str, wall_time_ns: int, notice: SafetyNotice | None, answer: SafetyAnswer | None = None
    ) -> None:
        """Store the safety watch's record (empty: leave what is there), the notice as it is now, and an answer to it, in one
        transaction."""
        with self._reporting():
            safety.save(self._database, watch, wall_time_ns, notice, answer)

    def save_safety_plan(self, plan: SafetyPlan) -> None:
        """Store the safety plan, in place of the one before."""
        with self._reporting():
            safety.save_plan(self._database, plan)

    def safety(self) -> StoredSafety:
        """What the safety watch goes on with after a restart."""
        with self._reporting():
            return safety.load(self._database)

    def safety_notice(self, notice_id: int) -> SafetyNotice:
        """The stored notice of that number. Raises ``NotFoundError``."""
        with self._reporting():
            return safety.get(self._database, notice_id)

    def list_safety_notices(self, *, limit: int, before: int | None, only_open: bool) -> NoticePage:
        """At most ``limit`` notices, newest first; ``before`` is the ``next_cursor`` of the page before."""
        with self._reporting():
            return safety.page(self._database, limit, before, only_open=only_open)

    def downsample(self, now_wall_ns: int, minutes_most: int = MINUTES_MERGED_MOST) -> Downsampled:
        """Merge states older than ``keep_full_days`` into one a minute and remove what is older than ``keep_days``.

        A long history is worked off over several calls: ``unfinished`` says that there is more.
        """
        with self._reporting():
            return retention.downsample(self._database, self._settings, now_wall_ns, minutes_most)

    def status(self) -> StoreStatus:
        """How large the store is and what room it has."""
        with self._reporting():
            count = self._database.execute("SELECT COUNT(*) FROM states").fetchone()[0]
            size = sum(_size_bytes(Path(f"{self._path}{suffix}")) for suffix in ("", "-wal", "-shm"))
            return StoreStatus(size_bytes=size, free_bytes=_free_bytes(self._path), state_count=count)

    def close(self) -> None:
        """Write the log back into the file and let go of it. Closing twice does no harm."""
        self._database.close()

    @contextmanager
    def _reporting(self) -> Iterator[None]:
        with reported_as_store_errors(self._path):
            yield


def _free_bytes(path: Path) -> int:
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
