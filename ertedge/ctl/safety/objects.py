"""Notices, the safety plan and helplines as JSON objects, one a line. Floor 4; field names as in the API."""

from __future__ import annotations

from dataclasses import asdict

from ertedge.ctl.objects import Json, time_text
from ertedge.types import Helpline, SafetyContact, SafetyNotice, SafetyPlan


def notice_object(notice: SafetyNotice) -> dict[str, Json]:
    """A notice."""
    return {
        "record": "safety_notice",
        "id": notice.notice_id,
        "time": time_text(notice.wall_time_ns),
        "kind": str(notice.kind),
        "cause": str(notice.cause),
        "message": notice.message,
        "open": notice.open,
        "ask_count": notice.ask_count,
        "ask_time": _time_or_none(notice.ask_wall_time_ns),
        "response": None if notice.response is None else str(notice.response),
        "response_time": _time_or_none(notice.response_wall_time_ns),
        "synthetic": notice.synthetic,
    }


def plan_object(plan: SafetyPlan) -> dict[str, Json]:
    """The whole plan."""
    return {
        "record": "safety_plan",
        "warning_signs": list(plan.warning_signs),
        "coping_strategies": list(plan.coping_strategies),
        "distractions": [_contact_object(contact) for contact in plan.distractions],
        "people": [_contact_object(contact) for contact in plan.people],
        "professionals": [_contact_object(contact) for contact in plan.professionals],
        "safer_surroundings": list(plan.safer_surroundings),
        "conditions": [str(condition) for condition in plan.conditions],
        "update_time": _time_or_none(plan.update_wall_time_ns),
    }


def helpline_object(line: Helpline) -> dict[str, Json]:
    """A helpline."""
    return {"record": "helpline", **asdict(line), "languages": list(line.languages)}


def _contact_object(contact: SafetyContact) -> Json:
    return {"name": contact.name, "contact": contact.contact}


def _time_or_none(wall_time_ns: int) -> str | None:
    return time_text(wall_time_ns) if wall_time_ns else None
