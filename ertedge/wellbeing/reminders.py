"""When to remind somebody of a questionnaire, and when not. Floor 1; the time is passed in.

Somebody who has filled one in is asked again once a period has passed, at most once a period, and whatever they do with it:
answered, dismissed or not seen, the next comes no sooner than a period later. Nobody is reminded of what they never began.
A reminder stands for a day and then goes by itself. Whether the hour is quiet and whether a safety notice is open, the core
knows, and then asks nothing.
"""

from __future__ import annotations

from ertedge.types.assessments import AssessmentReminder

DAY_NS = 86_400 * 1_000_000_000
STANDS_NS = DAY_NS


def is_due(now_ns: int, completed_wall_time_ns: int | None, last: AssessmentReminder | None, period_ns: int) -> bool:
    """Whether a reminder is to be given now. ``completed_wall_time_ns`` is when the questionnaire was completed last, None
    where it never was; ``last`` is the newest reminder of it."""
    if completed_wall_time_ns is None or now_ns < completed_wall_time_ns + period_ns:
        return False
    return last is None or now_ns >= last.wall_time_ns + period_ns


def reminder_at(now_ns: int, profile_id: int, questionnaire_id: str) -> AssessmentReminder:
    """A reminder that is given now."""
    return AssessmentReminder(profile_id, questionnaire_id, now_ns, now_ns + STANDS_NS)


def stands(reminder: AssessmentReminder, now_ns: int, completed_wall_time_ns: int | None) -> bool:
    """Whether it is still to be shown: neither dismissed nor answered nor a day old."""
    answered = completed_wall_time_ns is not None and completed_wall_time_ns >= reminder.wall_time_ns
    return not reminder.dismissed and not answered and reminder.wall_time_ns <= now_ns < reminder.expire_wall_time_ns
