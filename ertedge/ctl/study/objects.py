"""Studies, participants, what is due and adverse events as JSON objects, one a line. Floor 4; field names as in the API."""

from __future__ import annotations

from dataclasses import asdict

from ertedge.ctl.objects import Json, time_text
from ertedge.rpc.study_client import ParticipantView, StudyInfo
from ertedge.types.study import Adherence, AdverseEvent, AllocationCheck, DueAssessment


def study_object(study: StudyInfo) -> dict[str, Json]:
    """A study, without the text of its protocol."""
    return {
        "record": "study",
        "id": study.study_id,
        "title": study.title,
        "version": study.version,
        "protocol_digest": study.protocol_digest,
        "commitment": study.commitment,
        "arms": [
            {"name": arm.name, "title": arm.title, "kind": str(arm.kind), "ratio": arm.ratio} for arm in study.arms
        ],
        "time_points": [{"name": each.name, "day": each.day} for each in study.time_points],
        "primary_outcome": study.primary_outcome,
        "primary_time_point": study.primary_time_point,
        "duration_days": study.duration_days,
        "disclosure": str(study.disclosure),
        "participant_count": study.participant_count,
        "create_time": time_text(study.create_wall_time_ns),
        "end_time": _time_or_none(study.end_wall_time_ns),
        "synthetic": study.synthetic,
    }


def participant_object(one: ParticipantView) -> dict[str, Json]:
    """A participant; ``arm`` is null while it may not be read."""
    return {
        "record": "participant",
        "study": one.study_id,
        "id": one.participant_id,
        "profile": f"profiles/{one.profile_id}",
        "stratum": one.stratum,
        "arm": one.arm or None,
        "status": str(one.status),
        "enrol_time": time_text(one.enrol_wall_time_ns),
        "end_time": time_text(one.end_wall_time_ns),
        "withdraw_time": _time_or_none(one.withdraw_wall_time_ns),
        "characteristics": {each.characteristic_id: each.value for each in one.characteristics},
    }


def erased_object(study_id: str, participant_id: int) -> dict[str, Json]:
    """A participant who left, and whose data were erased."""
    return {"record": "participant", "study": study_id, "id": participant_id, "erased": True}


def due_object(due: DueAssessment) -> dict[str, Json]:
    """A questionnaire at a time point."""
    return {
        "record": "due_assessment",
        "time_point": due.time_point,
        "questionnaire": due.questionnaire_id,
        "status": str(due.status),
        "open_time": time_text(due.open_wall_time_ns),
        "due_time": time_text(due.due_wall_time_ns),
        "close_time": time_text(due.close_wall_time_ns),
        "done_time": _time_or_none(due.done_wall_time_ns),
    }


def adherence_object(adherence: Adherence) -> dict[str, Json]:
    """What somebody did with what they were offered."""
    return {"record": "adherence", **asdict(adherence)}


def event_object(event: AdverseEvent) -> dict[str, Json]:
    """An adverse event."""
    return {
        "record": "adverse_event",
        "participant": event.participant_id,
        "id": event.event_id,
        "onset_time": time_text(event.onset_wall_time_ns),
        "category": str(event.category),
        "seriousness": str(event.seriousness),
        "severity": str(event.severity),
        "relatedness": str(event.relatedness),
        "outcome": str(event.outcome),
        "description": event.description,
        "create_time": time_text(event.record_wall_time_ns),
        "update_time": time_text(event.update_wall_time_ns),
    }


def check_object(check: AllocationCheck) -> dict[str, Json]:
    """What an opened seal says."""
    return {"record": "allocation_check", **asdict(check), "faults": list(check.faults)}


def _time_or_none(wall_time_ns: int) -> str | None:
    return time_text(wall_time_ns) if wall_time_ns else None
