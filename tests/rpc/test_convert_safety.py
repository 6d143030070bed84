"""Notices, the plan, helplines and events go over the wire and come back; what a newer device says reads as the gravest."""

from __future__ import annotations

import itertools

import pytest

from ertedge.core.safety.records import NoticeEvent
from ertedge.rpc import convert_safety
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
from ertedge.v1 import safety_service_pb2 as messages

NOTICE = SafetyNotice(
    notice_id=7,
    wall_time_ns=1_790_000_000_123_456_789,
    kind=NoticeKind.CHECK_IN,
    cause=SafetyCause.SEVERE_STATE,
    message="How are you?",
    ask_count=3,
    ask_wall_time_ns=1_790_000_100_000_000_000,
    response=NoticeResponse.NOT_NOW,
    response_wall_time_ns=1_790_000_050_000_000_000,
    synthetic=True,
)
PLAN = SafetyPlan(
    warning_signs=("a",),
    coping_strategies=("b", "c"),
    distractions=(SafetyContact("d"),),
    people=(SafetyContact("e", "1"),),
    professionals=(SafetyContact("f", "2"),),
    safer_surroundings=("g",),
    conditions=tuple(HealthCondition),
    update_wall_time_ns=5,
)


@pytest.mark.parametrize(
    ("kind", "cause", "response"), list(itertools.product(NoticeKind, SafetyCause, (None, *NoticeResponse)))
)
def test_a_notice_comes_back_as_it_went(kind: NoticeKind, cause: SafetyCause, response: NoticeResponse | None) -> None:
    answered_ns = 0 if response is None else NOTICE.response_wall_time_ns
    notice = SafetyNotice(7, 10, kind, cause, "x", False, 1, 0, response, answered_ns, False)
    assert convert_safety.notice_record(convert_safety.notice_message(notice)) == notice


def test_an_event_comes_back_as_it_went() -> None:
    for event in (NoticeEvent(NOTICE, 12, 3, 99), NoticeEvent(None, 12, 3, 99)):
        assert convert_safety.event_record(convert_safety.event_message(event)) == event


def test_a_plan_and_a_helpline_come_back_as_they_went() -> None:
    line = Helpline("GB", "Samaritans", "116 123", "phone", "always", ("en",), "https://x.org", "2026-11-25", "n", True)
    assert convert_safety.plan_record(convert_safety.plan_message(PLAN)) == PLAN
    assert convert_safety.plan_record(convert_safety.plan_message(SafetyPlan())) == SafetyPlan()
    assert convert_safety.helpline_record(convert_safety.helpline_message(line)) == line


def test_what_is_not_known_here_reads_as_the_gravest() -> None:
    message = convert_safety.notice_message(NOTICE)
    message.kind = 99  # type: ignore[assignment]
    message.cause = 99  # type: ignore[assignment]
    message.response = 99  # type: ignore[assignment]
    notice = convert_safety.notice_record(message)
    assert (notice.kind, notice.cause, notice.response) == (NoticeKind.SUPPORT, SafetyCause.CRISIS_WORDS, None)
    plan = convert_safety.plan_message(PLAN)
    plan.conditions.append(99)  # type: ignore[arg-type]
    assert convert_safety.plan_record(plan).conditions == PLAN.conditions


def test_an_answer_in_words_alone_is_not_now() -> None:
    in_words = messages.RespondToSafetyNoticeRequest(name="safetyNotices/1", text="later")
    assert convert_safety.response_record(in_words) is NoticeResponse.NOT_NOW
    for response in NoticeResponse:
        request = messages.RespondToSafetyNoticeRequest(response=convert_safety.response_number(response))  # type: ignore[arg-type]
        assert convert_safety.response_record(request) is response
