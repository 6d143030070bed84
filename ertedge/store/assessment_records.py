"""What the store keeps of assessments. Floor 1; imports only types."""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types.assessments import Amendment, AssessmentStatus
from ertedge.types.safety import RedFlag


@dataclass(frozen=True, slots=True)
class StoredAssessment:
    """An assessment as it is kept: its answers as a FHIR R4 ``QuestionnaireResponse`` in JSON (``response``), and beside it
    what is asked for without reading that."""

    assessment_id: int
    profile_id: int
    questionnaire_id: str
    questionnaire_version: str
    language: str
    status: AssessmentStatus
    wall_time_ns: int
    update_wall_time_ns: int
    complete_wall_time_ns: int
    flags: tuple[RedFlag, ...]
    response: str
    amendments: tuple[Amendment, ...] = ()


@dataclass(frozen=True, slots=True)
class AssessmentPage:
    """Assessments, newest first. ``next_cursor`` is where the next page begins; None on the last."""

    assessments: tuple[StoredAssessment, ...]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class AssessmentRequest:
    """That a request of that id did ``what`` to an assessment. ``what`` says all that tells two requests apart."""

    request_id: str
    profile_id: int
    assessment_id: int
    what: str
    wall_time_ns: int
