"""Between notices, the safety plan and helplines and the messages of ``ertedge.v1``, both ways. Floor 3.

A kind or cause that this version does not know, from a newer device, reads as the gravest: help is shown first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ertedge.core.safety.records import PLAN_FIELDS, NoticeEvent, SafetyAnswered
from ertedge.errors import InvalidRequestError
from ertedge.rpc.convert import (
    numbers,
    profile_id,
    profile_name,
    timestamp_message,
    timestamp_ns,
)
from ertedge.types import (
    HealthCondition,
    Helpline,
    NoticeKind,
    NoticeResponse,
    SafetyCause,
    SafetyContact,
    SafetyNotice,
    SafetyPlan,
)
from ertedge.v1 import activity_pb2
from ertedge.v1 import safety_service_pb2 as messages

COLLECTION = "safetyNotices/"
PLAN = "safetyPlan"
ENTRIES_MOST = 50
CHARACTERS_MOST = 500

_KIND = numbers(NoticeKind, messages.NoticeKind, "NOTICE_KIND")
_CAUSE = numbers(SafetyCause, messages.SafetyCause, "SAFETY_CAUSE")
_RESPONSE = numbers(NoticeResponse, messages.NoticeResponse, "NOTICE_RESPONSE")
_CONDITION = numbers(HealthCondition, activity_pb2.HealthCondition, "HEALTH_CONDITION")
_KIND_OF_NUMBER = {number: word for word, number in _KIND.items()}
_CAUSE_OF_NUMBER = {number: word for word, number in _CAUSE.items()}
_RESPONSE_OF_NUMBER = {number: word for word, number in _RESPONSE.items()}
_CONDITION_OF_NUMBER = {number: word for word, number in _CONDITION.items()}
_TEXTS = ("warning_signs", "coping_strategies", "safer_surroundings")
_CONTACTS = ("distractions", "people", "professionals")


def notice_message(notice: SafetyNotice) -> messages.SafetyNotice:
    """A notice as it goes out."""
    asks, answered = notice.ask_wall_time_ns, notice.response_wall_time_ns
    return messages.SafetyNotice(
        name=f"{COLLECTION}{notice.notice_id}",
        time=timestamp_message(notice.wall_time_ns),
        kind=_KIND[notice.kind],  # type: ignore[arg-type]
        cause=_CAUSE[notice.cause],  # type: ignore[arg-type]
        message=notice.message,
        open=notice.open,
        ask_count=notice.ask_count,
        ask_time=timestamp_message(asks) if asks else None,
        response=_RESPONSE[notice.response] if notice.response else 0,  # type: ignore[arg-type]
        response_time=timestamp_message(answered) if answered else None,
        synthetic=notice.synthetic,
    )


def notice_record(message: messages.SafetyNotice) -> SafetyNotice:
    """A notice as it came in."""
    return SafetyNotice(
        notice_id=int(message.name.removeprefix(COLLECTION)),
        wall_time_ns=timestamp_ns(message.time),
        kind=_KIND_OF_NUMBER.get(message.kind, NoticeKind.SUPPORT),
        cause=_CAUSE_OF_NUMBER.get(message.cause, SafetyCause.CRISIS_WORDS),
        message=message.message,
        open=message.open,
        ask_count=message.ask_count,
        ask_wall_time_ns=timestamp_ns(message.ask_time) if message.HasField("ask_time") else 0,
        response=_RESPONSE_OF_NUMBER.get(message.response),
        response_wall_time_ns=timestamp_ns(message.response_time) if message.HasField("response_time") else 0,
        synthetic=message.synthetic,
    )


def event_message(event: NoticeEvent) -> messages.WatchSafetyNoticesResponse:
    """An event of a watch stream as it goes out."""
    return messages.WatchSafetyNoticesResponse(
        safety_notice=None if event.notice is None else notice_message(event.notice),
        sequence=event.sequence,
        dropped_count=event.dropped_count,
        send_time=timestamp_message(event.send_wall_time_ns),
        profile=profile_name(event.profile_id),
    )


def event_record(message: messages.WatchSafetyNoticesResponse) -> NoticeEvent:
    """An event of a watch stream as it came in."""
    return NoticeEvent(
        notice=notice_record(message.safety_notice) if message.HasField("safety_notice") else None,
        sequence=message.sequence,
        dropped_count=message.dropped_count,
        send_wall_time_ns=timestamp_ns(message.send_time),
        profile_id=profile_id(message.profile),
    )


def response_number(response: NoticeResponse) -> int:
    """An answer's number on the wire."""
    return _RESPONSE[response]


def response_record(request: messages.RespondToSafetyNoticeRequest) -> NoticeResponse:
    """The answer in a request. One in words alone is read for its words, and counts as NOT_NOW."""
    response = _RESPONSE_OF_NUMBER.get(request.response)
    if response is None and request.text and not request.response:
        return NoticeResponse.NOT_NOW
    if response is None:
        known = ", ".join(word.value for word in _RESPONSE)
        raise InvalidRequestError([("response", f"is {request.response}; answer one of {known}")])
    return response


def plan_message(plan: SafetyPlan) -> messages.SafetyPlan:
    """A safety plan as it goes out."""
    updated = plan.update_wall_time_ns
    return messages.SafetyPlan(
        name=PLAN,
        warning_signs=plan.warning_signs,
        coping_strategies=plan.coping_strategies,
        distractions=[_contact_message(contact) for contact in plan.distractions],
        people=[_contact_message(contact) for contact in plan.people],
        professionals=[_contact_message(contact) for contact in plan.professionals],
        safer_surroundings=plan.safer_surroundings,
        conditions=[_CONDITION[condition] for condition in plan.conditions],  # type: ignore[misc]
        update_time=timestamp_message(updated) if updated else None,
    )


def plan_record(message: messages.SafetyPlan) -> SafetyPlan:
    """A safety plan as it came in, without conditions that this version does not know."""
    conditions = (_CONDITION_OF_NUMBER.get(number) for number in message.conditions)
    return SafetyPlan(
        warning_signs=tuple(message.warning_signs),
        coping_strategies=tuple(message.coping_strategies),
        distractions=_contacts(message.distractions),
        people=_contacts(message.people),
        professionals=_contacts(message.professionals),
        safer_surroundings=tuple(message.safer_surroundings),
        conditions=tuple(dict.fromkeys(condition for condition in conditions if condition)),
        update_wall_time_ns=timestamp_ns(message.update_time) if message.HasField("update_time") else 0,
    )


def plan_update(request: messages.UpdateSafetyPlanRequest) -> tuple[SafetyPlan, tuple[str, ...]]:
    """The plan that a request gives, and the fields to replace. Raises InvalidRequestError with every fault."""
    plan, names = request.safety_plan, tuple(request.update_mask.paths)
    faults = []
    if not request.HasField("safety_plan"):
        faults.append(("safety_plan", "must be given; an empty one clears the fields that are named"))
    if plan.name not in ("", PLAN):
        faults.append(("safety_plan.name", f"is {plan.name[:80]!r}; there is only {PLAN}"))
    faults += [
        ("update_mask", f"names {name[:80]!r}; a safety plan has {', '.join(PLAN_FIELDS)}")
        for name in names
        if name not in PLAN_FIELDS
    ]
    for field in _TEXTS:
        faults += _text_faults(f"safety_plan.{field}", getattr(plan, field))
    for field in _CONTACTS:
        contacts = getattr(plan, field)
        faults += _text_faults(f"safety_plan.{field}.display_name", [each.display_name for each in contacts])
        faults += _text_faults(f"safety_plan.{field}.contact", [each.contact for each in contacts], may_be_empty=True)
    if any(number not in _CONDITION_OF_NUMBER for number in plan.conditions):
        known = ", ".join(word.value for word in _CONDITION)
        faults.append(("safety_plan.conditions", f"has one that is not known; there are {known}"))
    if faults:
        raise InvalidRequestError(faults)
    return plan_record(plan), names


def helpline_message(line: Helpline) -> messages.Helpline:
    """A helpline as it goes out."""
    return messages.Helpline(
        region_code=line.region,
        display_name=line.name,
        contact=line.contact,
        channel=line.channel,
        hours=line.hours,
        language_codes=line.languages,
        source=line.source,
        checked_date=line.checked,
        note=line.note,
        emergency=line.emergency,
    )


def helpline_record(message: messages.Helpline) -> Helpline:
    """A helpline as it came in."""
    return Helpline(
        region=message.region_code,
        name=message.display_name,
        contact=message.contact,
        channel=message.channel,
        hours=message.hours,
        languages=tuple(message.language_codes),
        source=message.source,
        checked=message.checked_date,
        note=message.note,
        emergency=message.emergency,
    )


def answered_record(
    message: messages.RespondToSafetyNoticeResponse | messages.AskForHelpResponse,
) -> SafetyAnswered:
    """What the device says to an answer or a cry for help."""
    plan = plan_record(message.safety_plan) if isinstance(message, messages.AskForHelpResponse) else None
    return SafetyAnswered(
        notice_record(message.safety_notice), tuple(helpline_record(line) for line in message.helplines), plan
    )


def _contact_message(contact: SafetyContact) -> messages.SafetyContact:
    return messages.SafetyContact(display_name=contact.name, contact=contact.contact)


def _contacts(given: Any) -> tuple[SafetyContact, ...]:
    return tuple(SafetyContact(contact.display_name, contact.contact) for contact in given)


def _text_faults(field: str, texts: Sequence[str], *, may_be_empty: bool = False) -> list[tuple[str, str]]:
    if len(texts) > ENTRIES_MOST:
        return [(field, f"has {len(texts)} entries; at most {ENTRIES_MOST} fit")]
    wrong = [text for text in texts if len(text) > CHARACTERS_MOST or not text.isprintable()]
    wrong += [text for text in texts if not (may_be_empty or text.strip())]
    return [(field, f"needs entries of 1 to {CHARACTERS_MOST} printable characters")] if wrong else []
