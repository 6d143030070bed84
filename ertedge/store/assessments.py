"""The queries on assessments: answers as FHIR, amendments, repeated requests and reminders. Floor 1.

An assessment and the request that changed it are written in one transaction, so that a repeated request finds both or
neither. An amendment is never changed and never removed but with its person.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlite_utils import Database

from ertedge.errors import NotFoundError
from ertedge.store.assessment_records import AssessmentPage, AssessmentRequest, StoredAssessment
from ertedge.store.numbers import last_number
from ertedge.store.states import INTEGER_MOST
from ertedge.types.assessments import Amendment, AssessmentReminder, AssessmentStatus
from ertedge.types.safety import RedFlag

REQUESTS_MOST = 2_000
"""Requests of a person that would be known again: more than anybody repeats."""
_ASSESSMENT = (
    "assessment_id, profile_id, questionnaire, version, language, status, wall_time_ns, update_wall_time_ns,"
    " complete_wall_time_ns, flags, response"
)
_AMENDMENT = "wall_time_ns, link_id, code_before, code_after, reason"


class AssessmentTable:
    """The assessments of ``database``; ``reporting`` turns its errors into StoreErrors, which every method may raise."""

    def __init__(self, database: Database, reporting: Callable[[], AbstractContextManager[None]]) -> None:
        self._database = database
        self._reporting = reporting

    def save(self, assessment: StoredAssessment, request: AssessmentRequest | None = None) -> None:
        """Store an assessment as it is now, with amendments that are not stored yet and the request that changed it."""
        with self._reporting(), self._database.atomic():
            self._database.execute(
                f"REPLACE INTO assessments ({_ASSESSMENT}) VALUES ({', '.join('?' * 11)})", _row(assessment)
            )
            for each in assessment.amendments:
                self._database.execute(
                    f"INSERT OR IGNORE INTO assessment_amendments (assessment_id, profile_id, {_AMENDMENT})"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [
                        assessment.assessment_id,
                        assessment.profile_id,
                        each.wall_time_ns,
                        each.link_id,
                        each.code_before,
                        each.code_after,
                        each.reason,
                    ],
                )
            if request is not None:
                self._save_request(request)

    def get(self, assessment_id: int) -> StoredAssessment:
        """The assessment of that number. Raises ``NotFoundError``."""
        with self._reporting():
            row = self._database.execute(
                f"SELECT {_ASSESSMENT} FROM assessments WHERE assessment_id = ?", [min(assessment_id, INTEGER_MOST)]
            ).fetchone()
            if row is None:
                raise NotFoundError(f"there is no assessment {assessment_id}")
            return self._assessment(row)

    def page(self, profile_id: int, questionnaire_id: str, *, limit: int, before: int | None) -> AssessmentPage:
        """At most ``limit`` of a person's assessments, newest first, of one questionnaire or (empty) of all; ``before`` is
        the ``next_cursor`` of the page before."""
        with self._reporting():
            rows = self._database.execute(
                f"SELECT {_ASSESSMENT} FROM assessments WHERE profile_id = ? AND assessment_id < ?"
                " AND (? = '' OR questionnaire = ?) ORDER BY assessment_id DESC LIMIT ?",
                [
                    profile_id,
                    INTEGER_MOST if before is None else before,
                    questionnaire_id,
                    questionnaire_id,
                    limit + 1,
                ],
            ).fetchall()
            found = tuple(self._assessment(row) for row in rows[:limit])
        return AssessmentPage(found, found[-1].assessment_id if len(rows) > limit else None)

    def completed(
        self, profile_id: int, questionnaire_id: str, *, start_ns: int, end_ns: int, limit: int
    ) -> tuple[StoredAssessment, ...]:
        """The newest ``limit`` that a person completed from a moment up to and with another, oldest first."""
        with self._reporting():
            rows = self._database.execute(
                f"SELECT {_ASSESSMENT} FROM assessments WHERE profile_id = ? AND questionnaire = ?"
                " AND complete_wall_time_ns >= ? AND complete_wall_time_ns <= ?"
                " ORDER BY complete_wall_time_ns DESC, assessment_id DESC LIMIT ?",
                [profile_id, questionnaire_id, max(1, start_ns), min(end_ns, INTEGER_MOST), limit],
            ).fetchall()
            return tuple(self._assessment(row) for row in reversed(rows))

    def newest_completed(self, questionnaire_id: str) -> tuple[StoredAssessment, ...]:
        """Of each person the one that they completed last."""
        with self._reporting():
            rows = self._database.execute(
                # Beside a MAX, SQLite gives the other columns of the row that has it (sqlite.org/lang_select.html).
                f"SELECT {_ASSESSMENT}, MAX(complete_wall_time_ns) FROM assessments WHERE questionnaire = ?"
                " AND complete_wall_time_ns > 0 GROUP BY profile_id",
                [questionnaire_id],
            ).fetchall()
            return tuple(self._assessment(row) for row in rows)

    def open_one(self, profile_id: int, questionnaire_id: str) -> StoredAssessment | None:
        """The newest that a person has begun and not completed."""
        with self._reporting():
            row = self._database.execute(
                f"SELECT {_ASSESSMENT} FROM assessments WHERE profile_id = ? AND questionnaire = ?"
                " AND complete_wall_time_ns = 0 ORDER BY assessment_id DESC LIMIT 1",
                [profile_id, questionnaire_id],
            ).fetchone()
            return None if row is None else self._assessment(row)

    def last_id(self) -> int:
        """The greatest number ever given to an assessment, 0 before the first."""
        with self._reporting():
            return last_number(self._database, "assessments")

    def request(self, profile_id: int, request_id: str) -> AssessmentRequest | None:
        """What a person's request of that id did, if there was one."""
        with self._reporting():
            row = self._database.execute(
                "SELECT request_id, profile_id, assessment_id, what, wall_time_ns FROM assessment_requests"
                " WHERE profile_id = ? AND request_id = ?",
                [profile_id, request_id],
            ).fetchone()
            return None if row is None else AssessmentRequest(*row)

    def save_reminder(self, reminder: AssessmentReminder) -> None:
        """Store the newest reminder of a questionnaire, in place of the one before."""
        with self._reporting():
            self._database.execute(
                "REPLACE INTO assessment_reminders (profile_id, questionnaire, wall_time_ns, expire_wall_time_ns, dismissed)"
                " VALUES (?, ?, ?, ?, ?)",
                [
                    reminder.profile_id,
                    reminder.questionnaire_id,
                    reminder.wall_time_ns,
                    reminder.expire_wall_time_ns,
                    reminder.dismissed,
                ],
            )

    def reminders(self) -> tuple[AssessmentReminder, ...]:
        """The newest reminder of each person and questionnaire."""
        with self._reporting():
            rows = self._database.execute(
                "SELECT profile_id, questionnaire, wall_time_ns, expire_wall_time_ns, dismissed FROM assessment_reminders"
            ).fetchall()
            return tuple(AssessmentReminder(row[0], row[1], row[2], row[3], dismissed=bool(row[4])) for row in rows)

    def _save_request(self, request: AssessmentRequest) -> None:
        self._database.execute(
            "INSERT OR IGNORE INTO assessment_requests (profile_id, request_id, assessment_id, what, wall_time_ns)"
            " VALUES (?, ?, ?, ?, ?)",
            [request.profile_id, request.request_id, request.assessment_id, request.what, request.wall_time_ns],
        )
        self._database.execute(
            "DELETE FROM assessment_requests WHERE profile_id = ? AND rowid NOT IN"
            " (SELECT rowid FROM assessment_requests WHERE profile_id = ? ORDER BY rowid DESC LIMIT ?)",
            [request.profile_id, request.profile_id, REQUESTS_MOST],
        )

    def _assessment(self, row: Any) -> StoredAssessment:
        amendments: list[Any] = []
        status = AssessmentStatus(row[5])
        if status is AssessmentStatus.AMENDED:
            amendments = self._database.execute(
                f"SELECT {_AMENDMENT} FROM assessment_amendments WHERE assessment_id = ? ORDER BY amendment_id",
                [row[0]],
            ).fetchall()
        return StoredAssessment(
            assessment_id=row[0],
            profile_id=row[1],
            questionnaire_id=row[2],
            questionnaire_version=row[3],
            language=row[4],
            status=status,
            wall_time_ns=row[6],
            update_wall_time_ns=row[7],
            complete_wall_time_ns=row[8],
            flags=tuple(RedFlag(word) for word in json.loads(row[9])),
            response=row[10],
            amendments=tuple(Amendment(*each) for each in amendments),
        )


def _row(assessment: StoredAssessment) -> list[Any]:
    return [
        assessment.assessment_id,
        assessment.profile_id,
        assessment.questionnaire_id,
        assessment.questionnaire_version,
        assessment.language,
        assessment.status.value,
        assessment.wall_time_ns,
        assessment.update_wall_time_ns,
        assessment.complete_wall_time_ns,
        json.dumps([flag.value for flag in assessment.flags]),
        assessment.response,
    ]
