"""The part of the store in memory that keeps assessments."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ertedge.errors import NotFoundError
from ertedge.store.assessment_records import AssessmentPage, AssessmentRequest, StoredAssessment
from ertedge.types.assessments import AssessmentReminder


class FakeAssessmentTable:
    """``check`` raises while the store is in trouble."""

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self.rows: dict[int, StoredAssessment] = {}
        self.requests: dict[tuple[int, str], AssessmentRequest] = {}
        self.given: dict[tuple[int, str], AssessmentReminder] = {}
        self.saves = 0

    def save(self, assessment: StoredAssessment, request: AssessmentRequest | None = None) -> None:
        self._check()
        before = self.rows.get(assessment.assessment_id)
        amendments = (*(before.amendments if before else ()), *assessment.amendments)
        self.rows[assessment.assessment_id] = replace(assessment, amendments=tuple(dict.fromkeys(amendments)))
        self.saves += 1
        if request is not None:
            self.requests.setdefault((request.profile_id, request.request_id), request)

    def get(self, assessment_id: int) -> StoredAssessment:
        self._check()
        if assessment_id not in self.rows:
            raise NotFoundError(f"there is no assessment {assessment_id}")
        return self.rows[assessment_id]

    def page(self, profile_id: int, questionnaire_id: str, *, limit: int, before: int | None) -> AssessmentPage:
        chosen = [
            each
            for number, each in sorted(self.rows.items(), reverse=True)
            if (before is None or number < before) and self._is(each, profile_id, questionnaire_id)
        ]
        return AssessmentPage(tuple(chosen[:limit]), chosen[limit - 1].assessment_id if len(chosen) > limit else None)

    def completed(
        self, profile_id: int, questionnaire_id: str, *, start_ns: int, end_ns: int, limit: int
    ) -> tuple[StoredAssessment, ...]:
        chosen = (each for each in self.rows.values() if self._is(each, profile_id, questionnaire_id))
        return _by_completion(each for each in chosen if start_ns <= each.complete_wall_time_ns <= end_ns)[-limit:]

    def newest_completed(self, questionnaire_id: str) -> tuple[StoredAssessment, ...]:
        people = dict.fromkeys(each.profile_id for each in self.rows.values())
        found = (
            self.completed(profile_id, questionnaire_id, start_ns=0, end_ns=2**63, limit=1) for profile_id in people
        )
        return tuple(each[-1] for each in found if each)

    def open_one(self, profile_id: int, questionnaire_id: str) -> StoredAssessment | None:
        self._check()
        found = self.page(profile_id, questionnaire_id, limit=1_000, before=None).assessments
        return next((each for each in found if not each.complete_wall_time_ns), None)

    def last_id(self) -> int:
        self._check()
        return max(self.rows, default=0)

    def request(self, profile_id: int, request_id: str) -> AssessmentRequest | None:
        self._check()
        return self.requests.get((profile_id, request_id))

    def save_reminder(self, reminder: AssessmentReminder) -> None:
        self._check()
        self.given[reminder.profile_id, reminder.questionnaire_id] = reminder

    def reminders(self) -> tuple[AssessmentReminder, ...]:
        return tuple(self.given.values())

    def erase(self, profile_id: int) -> None:
        self.rows = {number: each for number, each in self.rows.items() if each.profile_id != profile_id}
        self.requests = {key: each for key, each in self.requests.items() if each.profile_id != profile_id}
        self.given = {key: each for key, each in self.given.items() if each.profile_id != profile_id}

    def _is(self, each: StoredAssessment, profile_id: int, questionnaire_id: str) -> bool:
        self._check()
        return each.profile_id == profile_id and questionnaire_id in ("", each.questionnaire_id)


def _by_completion(found: Iterable[StoredAssessment]) -> tuple[StoredAssessment, ...]:
    done = (each for each in found if each.complete_wall_time_ns)
    return tuple(sorted(done, key=lambda each: (each.complete_wall_time_ns, each.assessment_id)))
