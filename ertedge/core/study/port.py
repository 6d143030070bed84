"""What a study asks of the store, of the people, of their questionnaires and of where its seal lies. Floor 2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from ertedge.store.study_records import StoredStudies, StoredStudy
from ertedge.types import Profile, Purpose
from ertedge.types.assessments import Scale
from ertedge.types.study import Adherence, AdverseEvent, NotEnrolled, OutcomeScale, OutcomeScore, Participant

Answer = TypeVar("Answer")


class StudyRows(Protocol):
    """``store.study.StudyTable``."""

    def load(self) -> StoredStudies: ...
    def add_study(self, study: StoredStudy) -> None: ...
    def end_study(self, study_id: str, wall_time_ns: int) -> None: ...
    def enrol(self, participant: Participant, request_id: str = "") -> None: ...
    def withdraw(self, participant: Participant) -> None: ...
    def erase(self, participant: Participant) -> None: ...
    def add_not_enrolled(self, entry: NotEnrolled) -> None: ...
    def save_event(self, event: AdverseEvent, request_id: str = "") -> None: ...
    def adherence(self, profile_id: int, start_ns: int, end_ns: int, *, synthetic: bool) -> Adherence: ...


class StudyStore(Protocol):
    """The part of the store that keeps studies."""

    @property
    def studies(self) -> StudyRows: ...


class StudyRecorder(Protocol):
    """``core.recorder.Recorder``."""

    def record_ledger(self, event: str, subject: str, detail: str, *, profile_id: int = 0) -> None: ...
    def keep(self, change: Callable[[StudyStore], None]) -> None: ...
    async def keep_now(self, change: Callable[[StudyStore], None]) -> None: ...
    async def read(self, question: Callable[[StudyStore], Answer]) -> Answer: ...


class PeoplePort(Protocol):
    """``core.people.people.People``."""

    def may(self, profile_id: int, purpose: Purpose) -> bool: ...
    def profile(self, profile_id: int) -> Profile: ...


class SealPort(Protocol):
    """``store.seals.SealFolder``; each may raise StoreError, and touches the disk."""

    def has(self, study_id: str) -> bool: ...
    def write(self, study_id: str, seal: bytes) -> None: ...
    def read(self, study_id: str) -> bytes: ...


class OutcomePort(Protocol):
    """The questionnaires, as ``core.study.outcomes`` gives them."""

    def scale(self, outcome: OutcomeScale) -> Scale:
        """A scale's scoring. Raises NotFoundError with what there is."""

    async def completed(self, profile_id: int, questionnaire_ids: Sequence[str]) -> tuple[OutcomeScore, ...]:
        """All that a person has completed of some questionnaires, oldest first. Raises StoreError."""
