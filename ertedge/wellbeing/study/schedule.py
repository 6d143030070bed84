"""What a participant has to answer, when, and whether they did. Floor 1; pure, the clock is passed in.

A day is 24 hours from the enrolment. A questionnaire counts for a time point when it was completed within its window: of the
baseline's the newest before enrolment, of every other the first one, so that nobody can answer again until it pleases.
"""

from __future__ import annotations

from collections.abc import Sequence

from ertedge.types.study import (
    DueAssessment,
    DueStatus,
    OutcomeScore,
    Participant,
    ParticipantStatus,
    StudyProtocol,
    TimePoint,
)

DAY_NS = 24 * 3600 * 1_000_000_000


def window_ns(point: TimePoint, enrol_ns: int) -> tuple[int, int]:
    """From when (inclusive) until when (exclusive) a time point may be answered, UTC nanoseconds."""
    first = enrol_ns + (point.day - point.early_days) * DAY_NS
    after = enrol_ns + 1 if point.day == 0 else enrol_ns + (point.day + point.late_days + 1) * DAY_NS
    return first, after


def outcome_at(
    point: TimePoint, enrol_ns: int, questionnaire_id: str, outcomes: Sequence[OutcomeScore]
) -> OutcomeScore | None:
    """The filling-in that counts for a time point, if there is one. ``outcomes`` are completed ones, in any order."""
    first, after = window_ns(point, enrol_ns)
    within = sorted(
        (each for each in outcomes if each.questionnaire_id == questionnaire_id and first <= each.wall_time_ns < after),
        key=lambda each: each.wall_time_ns,
    )
    if not within:
        return None
    return within[-1] if point.day == 0 else within[0]


def due_assessments(
    protocol: StudyProtocol, participant: Participant, outcomes: Sequence[OutcomeScore], now_ns: int
) -> tuple[DueAssessment, ...]:
    """Every questionnaire at every time point, in the order of time. Of somebody who withdrew, what lies after that is
    missed."""
    ends_ns = participant.withdraw_wall_time_ns
    found: list[DueAssessment] = []
    for point in protocol.time_points:
        first, after = window_ns(point, participant.enrol_wall_time_ns)
        for questionnaire in protocol.questionnaires:
            done = outcome_at(point, participant.enrol_wall_time_ns, questionnaire, outcomes)
            if done is not None and ends_ns and done.wall_time_ns > ends_ns:
                done = None
            found.append(
                DueAssessment(
                    time_point=point.name,
                    questionnaire_id=questionnaire,
                    status=_status(first, after, now_ns, done=done is not None, withdrawn=bool(ends_ns)),
                    open_wall_time_ns=first,
                    due_wall_time_ns=participant.enrol_wall_time_ns + point.day * DAY_NS,
                    close_wall_time_ns=after,
                    done_wall_time_ns=done.wall_time_ns if done else 0,
                )
            )
    return tuple(found)


def status_of(protocol: StudyProtocol, participant: Participant, now_ns: int) -> ParticipantStatus:
    """How far somebody has come."""
    if participant.withdraw_wall_time_ns:
        return ParticipantStatus.WITHDRAWN
    over = now_ns >= end_ns(protocol, participant)
    return ParticipantStatus.COMPLETED if over else ParticipantStatus.ACTIVE


def end_ns(protocol: StudyProtocol, participant: Participant) -> int:
    """When the study is over for somebody: at the end of its duration, or when they withdrew."""
    over = participant.enrol_wall_time_ns + protocol.duration_days * DAY_NS
    return min(over, participant.withdraw_wall_time_ns or over)


def day_of(participant: Participant, wall_time_ns: int) -> int:
    """The day of the study at a moment: whole days since enrolment; negative where it was a whole day before it or more."""
    passed_ns = wall_time_ns - participant.enrol_wall_time_ns
    return passed_ns // DAY_NS if passed_ns >= 0 else -(-passed_ns // DAY_NS)


def _status(first_ns: int, after_ns: int, now_ns: int, *, done: bool, withdrawn: bool) -> DueStatus:
    if done:
        return DueStatus.DONE
    if withdrawn or now_ns >= after_ns:
        return DueStatus.MISSED
    return DueStatus.DUE if now_ns >= first_ns else DueStatus.UPCOMING
