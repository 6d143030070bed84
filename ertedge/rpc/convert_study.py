"""Between the records of a study and the messages of ``ertedge.v1``, both ways. Floor 3.

A word that this version does not know, from a newer device, reads as the most careful one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

from ertedge.core.study.records import EVENT_FIELDS, ParticipantView, StudyInfo, StudyView
from ertedge.errors import InvalidRequestError
from ertedge.rpc import fields
from ertedge.rpc.convert import PROFILES, numbers, timestamp_message, timestamp_ns
from ertedge.types.study import (
    Adherence,
    AdverseEvent,
    ArmKind,
    Characteristic,
    CharacteristicKind,
    CharacteristicValue,
    Criterion,
    Disclosure,
    DueAssessment,
    DueStatus,
    EventCategory,
    EventOutcome,
    EventSeverity,
    NotEnrolledReason,
    ParticipantStatus,
    Relatedness,
    Seriousness,
    StudyArm,
    TimePoint,
)
from ertedge.v1 import study_pb2 as records
from ertedge.v1 import study_service_pb2 as messages

STUDIES, PARTICIPANTS, EVENTS = "studies/", "/participants/", "/adverseEvents/"
QUESTIONNAIRES = "questionnaires/"
EVERYBODY = "-"
_NAME = re.compile(
    r"studies/(?P<study>[a-z0-9-]{1,40})(/participants/(?P<participant>[0-9]{1,18}|-)(/adverseEvents/(?P<event>[0-9]{1,18}))?)?"
)

_ARM_KIND = numbers(ArmKind, records.ArmKind, "ARM_KIND")
_DISCLOSURE = numbers(Disclosure, records.Disclosure, "DISCLOSURE")
_STATUS = numbers(ParticipantStatus, records.ParticipantStatus, "PARTICIPANT_STATUS")
_DUE = numbers(DueStatus, records.DueStatus, "DUE_STATUS")
_REASON = numbers(NotEnrolledReason, records.NotEnrolledReason, "NOT_ENROLLED_REASON")
_CATEGORY = numbers(EventCategory, records.EventCategory, "EVENT_CATEGORY")
_SERIOUSNESS = numbers(Seriousness, records.Seriousness, "SERIOUSNESS")
_SEVERITY = numbers(EventSeverity, records.EventSeverity, "EVENT_SEVERITY")
_RELATEDNESS = numbers(Relatedness, records.Relatedness, "RELATEDNESS")
_OUTCOME = numbers(EventOutcome, records.EventOutcome, "EVENT_OUTCOME")
_ARM_KIND_OF_NUMBER = {number: word for word, number in _ARM_KIND.items()}
_DISCLOSURE_OF_NUMBER = {number: word for word, number in _DISCLOSURE.items()}
STATUS_OF_NUMBER = {number: word for word, number in _STATUS.items()}
DUE_OF_NUMBER = {number: word for word, number in _DUE.items()}
REASON_OF_NUMBER = {number: word for word, number in _REASON.items()}
_CATEGORY_OF_NUMBER = {number: word for word, number in _CATEGORY.items()}
_SERIOUSNESS_OF_NUMBER = {number: word for word, number in _SERIOUSNESS.items()}
_SEVERITY_OF_NUMBER = {number: word for word, number in _SEVERITY.items()}
_RELATEDNESS_OF_NUMBER = {number: word for word, number in _RELATEDNESS.items()}
_OUTCOME_OF_NUMBER = {number: word for word, number in _OUTCOME.items()}
_EVENT_WORDS: dict[str, Mapping[int, StrEnum]] = {
    "category": _CATEGORY_OF_NUMBER,
    "seriousness": _SERIOUSNESS_OF_NUMBER,
    "severity": _SEVERITY_OF_NUMBER,
    "relatedness": _RELATEDNESS_OF_NUMBER,
    "outcome": _OUTCOME_OF_NUMBER,
}


def study_name(name: str, field: str = "name") -> str:
    """The id in ``studies/ID``. Raises InvalidRequestError."""
    return _matched(name, field, "studies/STUDY", participant=False, event=False)[0]


def participant_name(name: str, field: str = "name") -> tuple[str, int]:
    """The study and the number in ``studies/ID/participants/NUMBER``. Raises InvalidRequestError."""
    study, participant, _ = _matched(name, field, "studies/STUDY/participants/NUMBER", participant=True, event=False)
    if participant is None:
        raise InvalidRequestError([(field, f"is {name[:80]!r}; name one participant")])
    return study, participant


def participants_name(name: str, field: str) -> tuple[str, int | None]:
    """The same, with None where the number is ``-``, which means everybody."""
    study, participant, _ = _matched(
        name, field, "studies/STUDY/participants/NUMBER, or - for all", participant=True, event=False
    )
    return study, participant


def event_name(name: str, field: str) -> tuple[str, int, int]:
    """The study, the participant and the event of a resource name. Raises InvalidRequestError."""
    shape = "studies/STUDY/participants/NUMBER/adverseEvents/NUMBER"
    study, participant, event = _matched(name, field, shape, participant=True, event=True)
    if participant is None or event is None:
        raise InvalidRequestError([(field, f"is {name[:80]!r}; use {shape}")])
    return study, participant, event


def study_message(view: StudyView) -> records.Study:
    """A study as it goes out."""
    study, protocol = view.study, view.study.protocol
    ended = study.end_wall_time_ns
    return records.Study(
        name=f"{STUDIES}{study.study_id}",
        title=protocol.title,
        version=protocol.version,
        protocol=study.protocol_text,
        protocol_digest=protocol.digest,
        commitment=study.commitment,
        arms=[
            records.StudyArm(name=arm.name, title=arm.title, kind=_ARM_KIND[arm.kind], ratio=arm.ratio)  # type: ignore[arg-type]
            for arm in protocol.arms
        ],
        time_points=[
            records.TimePoint(name=each.name, day=each.day, early_days=each.early_days, late_days=each.late_days)
            for each in protocol.time_points
        ],
        primary_outcome=str(protocol.primary),
        primary_time_point=protocol.primary_time_point,
        duration_days=protocol.duration_days,
        disclosure=_DISCLOSURE[protocol.disclosure],  # type: ignore[arg-type]
        inclusion_criteria=[
            records.Criterion(criterion_id=each.criterion_id, text=each.text) for each in protocol.inclusion
        ],
        exclusion_criteria=[
            records.Criterion(criterion_id=each.criterion_id, text=each.text) for each in protocol.exclusion
        ],
        characteristics=[
            records.Characteristic(
                characteristic_id=each.characteristic_id,
                title=each.title,
                choices=each.choices if each.kind is CharacteristicKind.CHOICE else (),
                least=each.least,
                most=each.most,
            )
            for each in protocol.characteristics
        ],
        participant_count=view.participant_count,
        create_time=timestamp_message(study.create_wall_time_ns),
        end_time=timestamp_message(ended) if ended else None,
        synthetic=study.synthetic,
    )


def study_record(message: records.Study) -> StudyInfo:
    """A study as it came in. A disclosure that this version does not know reads as the later one."""
    return StudyInfo(
        study_id=message.name.removeprefix(STUDIES),
        title=message.title,
        version=message.version,
        protocol_text=message.protocol,
        protocol_digest=message.protocol_digest,
        commitment=message.commitment,
        arms=tuple(
            StudyArm(each.name, each.title, _ARM_KIND_OF_NUMBER.get(each.kind, ArmKind.WAITING_LIST), each.ratio)
            for each in message.arms
        ),
        time_points=tuple(
            TimePoint(each.name, each.day, each.early_days, each.late_days) for each in message.time_points
        ),
        primary_outcome=message.primary_outcome,
        primary_time_point=message.primary_time_point,
        duration_days=message.duration_days,
        disclosure=_DISCLOSURE_OF_NUMBER.get(message.disclosure, Disclosure.AT_END),
        inclusion=tuple(Criterion(each.criterion_id, each.text) for each in message.inclusion_criteria),
        exclusion=tuple(Criterion(each.criterion_id, each.text) for each in message.exclusion_criteria),
        characteristics=tuple(_characteristic(each) for each in message.characteristics),
        participant_count=message.participant_count,
        create_wall_time_ns=timestamp_ns(message.create_time),
        end_wall_time_ns=timestamp_ns(message.end_time) if message.HasField("end_time") else 0,
        synthetic=message.synthetic,
    )


def participant_message(one: ParticipantView) -> records.Participant:
    """A participant as they go out."""
    withdrawn = one.withdraw_wall_time_ns
    return records.Participant(
        name=f"{STUDIES}{one.study_id}{PARTICIPANTS}{one.participant_id}",
        profile=f"{PROFILES}{one.profile_id}",
        stratum=one.stratum,
        arm=one.arm,
        arm_title=one.arm_title,
        status=_STATUS[one.status],  # type: ignore[arg-type]
        enrol_time=timestamp_message(one.enrol_wall_time_ns),
        end_time=timestamp_message(one.end_wall_time_ns),
        withdraw_time=timestamp_message(withdrawn) if withdrawn else None,
        characteristics={each.characteristic_id: each.value for each in one.characteristics},
    )


def participant_record(message: records.Participant) -> ParticipantView:
    """A participant as they came in."""
    study, number = participant_name(message.name)
    return ParticipantView(
        participant_id=number,
        study_id=study,
        profile_id=int(message.profile.removeprefix(PROFILES)),
        stratum=message.stratum,
        arm=message.arm,
        arm_title=message.arm_title,
        status=STATUS_OF_NUMBER.get(message.status, ParticipantStatus.ACTIVE),
        enrol_wall_time_ns=timestamp_ns(message.enrol_time),
        end_wall_time_ns=timestamp_ns(message.end_time),
        withdraw_wall_time_ns=timestamp_ns(message.withdraw_time) if message.HasField("withdraw_time") else 0,
        characteristics=tuple(CharacteristicValue(*each) for each in sorted(message.characteristics.items())),
    )


def due_message(due: DueAssessment) -> records.DueAssessment:
    """What is due, as it goes out."""
    done = due.done_wall_time_ns
    return records.DueAssessment(
        time_point=due.time_point,
        questionnaire=f"{QUESTIONNAIRES}{due.questionnaire_id}",
        status=_DUE[due.status],  # type: ignore[arg-type]
        open_time=timestamp_message(due.open_wall_time_ns),
        due_time=timestamp_message(due.due_wall_time_ns),
        close_time=timestamp_message(due.close_wall_time_ns),
        done_time=timestamp_message(done) if done else None,
    )


def due_record(message: records.DueAssessment) -> DueAssessment:
    """What is due, as it came in."""
    return DueAssessment(
        time_point=message.time_point,
        questionnaire_id=message.questionnaire.removeprefix(QUESTIONNAIRES),
        status=DUE_OF_NUMBER.get(message.status, DueStatus.DUE),
        open_wall_time_ns=timestamp_ns(message.open_time),
        due_wall_time_ns=timestamp_ns(message.due_time),
        close_wall_time_ns=timestamp_ns(message.close_time),
        done_wall_time_ns=timestamp_ns(message.done_time) if message.HasField("done_time") else 0,
    )


def adherence_message(participant: str, adherence: Adherence) -> records.Adherence:
    """Adherence as it goes out."""
    return records.Adherence(
        participant=participant,
        offered_count=adherence.offered,
        unasked_count=adherence.unasked,
        begun_count=adherence.begun,
        completed_count=adherence.completed,
        rated_count=adherence.rated,
        helped_count=adherence.helped,
        active_days=adherence.days_active,
        days=adherence.days,
    )


def adherence_record(message: records.Adherence) -> Adherence:
    """Adherence as it came in."""
    return Adherence(
        message.offered_count,
        message.unasked_count,
        message.begun_count,
        message.completed_count,
        message.rated_count,
        message.helped_count,
        message.active_days,
        message.days,
    )


def event_message(study_id: str, event: AdverseEvent) -> records.AdverseEvent:
    """An adverse event as it goes out."""
    return records.AdverseEvent(
        name=f"{STUDIES}{study_id}{PARTICIPANTS}{event.participant_id}{EVENTS}{event.event_id}",
        onset_time=timestamp_message(event.onset_wall_time_ns),
        category=_CATEGORY[event.category],  # type: ignore[arg-type]
        seriousness=_SERIOUSNESS[event.seriousness],  # type: ignore[arg-type]
        severity=_SEVERITY[event.severity],  # type: ignore[arg-type]
        relatedness=_RELATEDNESS[event.relatedness],  # type: ignore[arg-type]
        outcome=_OUTCOME[event.outcome],  # type: ignore[arg-type]
        description=event.description,
        create_time=timestamp_message(event.record_wall_time_ns),
        update_time=timestamp_message(event.update_wall_time_ns),
    )


def event_record(message: records.AdverseEvent) -> AdverseEvent:
    """An adverse event as it came in from the device."""
    _, participant, number = event_name(message.name, "name")
    return AdverseEvent(
        event_id=number,
        participant_id=participant,
        profile_id=0,
        onset_wall_time_ns=timestamp_ns(message.onset_time),
        category=_CATEGORY_OF_NUMBER.get(message.category, EventCategory.OTHER),
        seriousness=_SERIOUSNESS_OF_NUMBER.get(message.seriousness, Seriousness.IMPORTANT),
        severity=_SEVERITY_OF_NUMBER.get(message.severity, EventSeverity.SEVERE),
        relatedness=_RELATEDNESS_OF_NUMBER.get(message.relatedness, Relatedness.POSSIBLE),
        outcome=_OUTCOME_OF_NUMBER.get(message.outcome, EventOutcome.UNKNOWN),
        description=message.description,
        record_wall_time_ns=timestamp_ns(message.create_time),
        update_wall_time_ns=timestamp_ns(message.update_time),
    )


def given_event(
    message: records.AdverseEvent, participant_id: int, names: tuple[str, ...] = (), event_id: int = 0
) -> AdverseEvent:
    """The event in a request, of which ``names`` (empty: all) must be right. Raises InvalidRequestError with every fault."""
    wanted = names or EVENT_FIELDS
    faults = [
        ("update_mask", f"names {name[:80]!r}; an adverse event has {', '.join(EVENT_FIELDS)}")
        for name in names
        if name not in EVENT_FIELDS
    ]
    for name, words in _EVENT_WORDS.items():
        if name in wanted and getattr(message, name) not in words:
            faults.append((f"adverse_event.{name}", f"must be one of {', '.join(words.values())}"))
    if "onset_time" in wanted and not message.HasField("onset_time"):
        faults.append(("adverse_event.onset_time", "must be given"))
    if faults:
        raise InvalidRequestError(faults)
    return AdverseEvent(
        event_id=event_id,
        participant_id=participant_id,
        profile_id=0,
        onset_wall_time_ns=fields.optional_timestamp_ns(message, "onset_time") or 0,
        category=_CATEGORY_OF_NUMBER.get(message.category, EventCategory.OTHER),
        seriousness=_SERIOUSNESS_OF_NUMBER.get(message.seriousness, Seriousness.NOT_SERIOUS),
        severity=_SEVERITY_OF_NUMBER.get(message.severity, EventSeverity.MILD),
        relatedness=_RELATEDNESS_OF_NUMBER.get(message.relatedness, Relatedness.POSSIBLE),
        outcome=_OUTCOME_OF_NUMBER.get(message.outcome, EventOutcome.UNKNOWN),
        description=message.description,
        record_wall_time_ns=0,
        update_wall_time_ns=0,
    )


def reason_of(request: messages.RecordNotEnrolledRequest) -> NotEnrolledReason:
    """Why somebody does not take part. Raises InvalidRequestError."""
    found = REASON_OF_NUMBER.get(request.reason)
    if found is None:
        raise InvalidRequestError([("reason", f"must be one of {', '.join(REASON_OF_NUMBER.values())}")])
    return found


def reason_number(reason: NotEnrolledReason) -> int:
    """A reason's number on the wire."""
    return _REASON[reason]


def _characteristic(message: records.Characteristic) -> Characteristic:
    kind = CharacteristicKind.CHOICE if message.choices else CharacteristicKind.NUMBER
    return Characteristic(
        message.characteristic_id, message.title, kind, tuple(message.choices), message.least, message.most
    )


def _matched(
    name: str, field: str, shape: str, *, participant: bool, event: bool
) -> tuple[str, int | None, int | None]:
    found = _NAME.fullmatch(name)
    there = found is not None and (found["participant"] is not None) is participant
    if found is None or not there or (found["event"] is not None) is not event:
        raise InvalidRequestError([(field, f"is {name[:80]!r}; use {shape}")])
    number, event_number = found["participant"], found["event"]
    return (
        found["study"],
        None if number in (None, EVERYBODY) else int(number),
        None if event_number is None else int(event_number),
    )
