"""How suggestions and activities are said to a person. Floor 4. Plain, kind, and honest about what nobody has reviewed."""

from __future__ import annotations

import time

from ertedge.ctl.words import span
from ertedge.types import (
    HELPFULNESS_MOST,
    Activity,
    ActivityFamily,
    HealthCondition,
    ResponseKind,
    Suggestion,
    SuggestionStatus,
)

STATUS: dict[SuggestionStatus, str] = {
    SuggestionStatus.OFFERED: "offered",
    SuggestionStatus.SNOOZED: "for later",
    SuggestionStatus.ACCEPTED: "wanted",
    SuggestionStatus.STARTED: "under way",
    SuggestionStatus.COMPLETED: "done",
    SuggestionStatus.DISMISSED: "not wanted",
    SuggestionStatus.EXPIRED: "not answered",
}

FAMILY: dict[ActivityFamily, str] = {
    ActivityFamily.RELAXATION: "relaxation",
    ActivityFamily.JOURNALING: "journaling",
    ActivityFamily.REFRAMING: "reframing",
    ActivityFamily.ACTIVATION: "activation",
    ActivityFamily.PROBLEM_SOLVING: "problem solving",
    ActivityFamily.MINDFULNESS: "mindfulness",
    ActivityFamily.SLEEP: "sleep",
    ActivityFamily.CONNECTION: "connection",
}

CONDITION: dict[HealthCondition, str] = {
    HealthCondition.RESPIRATORY: "asthma, COPD and the like",
    HealthCondition.CARDIOVASCULAR: "a disease of the heart or the circulation",
    HealthCondition.EPILEPSY: "epilepsy",
    HealthCondition.PREGNANCY: "pregnancy",
    HealthCondition.MUSCULOSKELETAL: "pain or injury of muscles and joints",
    HealthCondition.DIZZINESS: "dizziness or fainting",
    HealthCondition.TRAUMA: "after-effects of trauma",
    HealthCondition.DISSOCIATION: "dissociation",
    HealthCondition.PSYCHOSIS: "psychosis",
    HealthCondition.BIPOLAR: "bipolar disorder",
    HealthCondition.EATING_DISORDER: "an eating disorder",
    HealthCondition.BEREAVEMENT: "a recent loss",
}

DONE: dict[ResponseKind, str] = {
    ResponseKind.ACCEPT: "Noted: you want to do it.",
    ResponseKind.DISMISS: "Noted: not this one.",
    ResponseKind.SNOOZE: "It will be offered again",
    ResponseKind.START: "Noted: you have begun.",
    ResponseKind.COMPLETE: "Noted: it is done.",
    ResponseKind.RATE: "Thank you. The next suggestions take it into account.",
}


def status_text(suggestion: Suggestion) -> str:
    """What has become of it, and how it was rated."""
    # What ended before its time was taken back: for a newer one, or because help came first.
    taken_back = suggestion.status is SuggestionStatus.EXPIRED and (
        suggestion.update_wall_time_ns < suggestion.expire_wall_time_ns
    )
    status = "taken back" if taken_back else STATUS[suggestion.status]
    return f"{status}, helped {suggestion.helpfulness} of {HELPFULNESS_MOST}" if suggestion.helpfulness else status


def minutes_text(minutes: float) -> str:
    """``5 min``, ``2.5 min``; under one, in seconds."""
    return f"{minutes * 60:.0f} s" if minutes < 1 else f"{minutes:g} min"


def suggestion_line(suggestion: Suggestion) -> str:
    """``suggestion 3: Box breathing (5 min): you have ...``, or what became of it."""
    name = f"suggestion {suggestion.suggestion_id}: {suggestion.title}"
    if suggestion.status is SuggestionStatus.OFFERED:
        return f"{name} ({minutes_text(suggestion.minutes)}): {suggestion.reason}"
    return f"{name}: {status_text(suggestion)}"


def reviewed_text(activity: Activity) -> str:
    """Who has reviewed this content, or that nobody has."""
    drafted = "; drafted by a machine, and gone over by nobody" if activity.machine_drafted else ""
    if not activity.reviews:
        return f"not yet reviewed by a clinician{drafted}"
    return f"reviewed by {', '.join(f'{review.reviewer} ({review.role})' for review in activity.reviews)}{drafted}"


def until_text(wall_time_ns: int, now_wall_time_ns: int) -> str:
    """``in 30 min``; ``now`` when it has passed."""
    seconds = (wall_time_ns - now_wall_time_ns) / 1e9
    return f"in {span(seconds)}" if seconds > 0 else "now"


def response_text(suggestion: Suggestion, kind: ResponseKind) -> str:
    """What an answer has done."""
    if kind is ResponseKind.SNOOZE:
        return f"{DONE[kind]} {until_text(suggestion.snooze_until_wall_time_ns, time.time_ns())}."
    return DONE[kind]
