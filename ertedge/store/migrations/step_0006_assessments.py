"""Step 0006: questionnaires. Floor 1; released, so never changed."""

from __future__ import annotations

from sqlite_utils import Database


def create_assessments(db: Database) -> None:
    """``response`` is a FHIR R4 QuestionnaireResponse, read as a whole. An assessment is completed where its time of
    completion is not 0. An amendment is never changed, which a trigger sees to; ``assessment_requests`` knows a repeated
    request by its id, also after a restart."""
    db.execute(
        """
        CREATE TABLE assessments (
            assessment_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            questionnaire TEXT NOT NULL,
            version TEXT NOT NULL,
            language TEXT NOT NULL,
            status TEXT NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            update_wall_time_ns INTEGER NOT NULL,
            complete_wall_time_ns INTEGER NOT NULL,
            flags TEXT NOT NULL,
            response TEXT NOT NULL
        )
        """
    )
    db.execute(
        "CREATE INDEX assessments_by_completion ON assessments (profile_id, questionnaire, complete_wall_time_ns)"
    )
    db.execute(
        """
        CREATE TABLE assessment_amendments (
            amendment_id INTEGER PRIMARY KEY AUTOINCREMENT,
            profile_id INTEGER NOT NULL,
            assessment_id INTEGER NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            link_id TEXT NOT NULL,
            code_before TEXT NOT NULL,
            code_after TEXT NOT NULL,
            reason TEXT NOT NULL,
            UNIQUE (assessment_id, wall_time_ns, link_id)
        )
        """
    )
    db.execute(
        "CREATE TRIGGER amendments_stay BEFORE UPDATE ON assessment_amendments"
        " BEGIN SELECT RAISE(ABORT, 'an amendment is never changed'); END"
    )
    db.execute(
        """
        CREATE TABLE assessment_requests (
            profile_id INTEGER NOT NULL,
            request_id TEXT NOT NULL,
            assessment_id INTEGER NOT NULL,
            what TEXT NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            PRIMARY KEY (profile_id, request_id)
        )
        """
    )
    db.execute(
        """
        CREATE TABLE assessment_reminders (
            profile_id INTEGER NOT NULL,
            questionnaire TEXT NOT NULL,
            wall_time_ns INTEGER NOT NULL,
            expire_wall_time_ns INTEGER NOT NULL,
            dismissed INTEGER NOT NULL,
            PRIMARY KEY (profile_id, questionnaire)
        )
        """
    )
