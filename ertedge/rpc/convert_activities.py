"""Between the activities of the catalogue and the messages of ``ertedge.v1``, both ways. Floor 3.

An enum's number that this version does not know, from a newer device, becomes the plainest word there is: a family reads as
relaxation, a step as reading; an emotion or a condition is left out.
"""

from __future__ import annotations

from ertedge.core.suggestions.records import GuideEvent
from ertedge.errors import InvalidRequestError
from ertedge.rpc.convert import (
    EMOTION_NUMBER,
    EMOTION_OF_NUMBER,
    SECOND_NS,
    duration_message,
    duration_ns,
    numbers,
    timestamp_message,
    timestamp_ns,
)
from ertedge.types import (
    Activity,
    ActivityFamily,
    ActivityReview,
    ActivityStep,
    ArousalEffect,
    Evidence,
    HealthCondition,
    StepKind,
)
from ertedge.v1 import activity_pb2 as messages
from ertedge.v1 import suggestion_service_pb2 as service

COLLECTION = "activities/"
MINUTE_NS = 60 * SECOND_NS

_FAMILY = numbers(ActivityFamily, messages.ActivityFamily, "ACTIVITY_FAMILY")
_CONDITION = numbers(HealthCondition, messages.HealthCondition, "HEALTH_CONDITION")
_EFFECT = numbers(ArousalEffect, messages.ArousalEffect, "AROUSAL_EFFECT")
_STEP = numbers(StepKind, messages.StepKind, "STEP_KIND")
_FAMILY_OF_NUMBER = {number: word for word, number in _FAMILY.items()}
_CONDITION_OF_NUMBER = {number: word for word, number in _CONDITION.items()}
_EFFECT_OF_NUMBER = {number: word for word, number in _EFFECT.items()}
_STEP_OF_NUMBER = {number: word for word, number in _STEP.items()}


def nanoseconds(seconds: float) -> int:
    """Seconds as whole nanoseconds."""
    return round(seconds * SECOND_NS)


def family_number(family: ActivityFamily | None) -> int:
    """A family as its number, 0 for none."""
    return 0 if family is None else _FAMILY[family]


def family_of_request(number: int) -> ActivityFamily | None:
    """The family that a request asks for, None where it is unset. Raises InvalidRequestError."""
    if number and number not in _FAMILY_OF_NUMBER:
        raise InvalidRequestError([("family", f"is {number}, which names no family")])
    return _FAMILY_OF_NUMBER.get(number)


def conditions_message(conditions: tuple[HealthCondition, ...]) -> list[int]:
    """Health conditions as their numbers."""
    return [_CONDITION[condition] for condition in conditions]


def conditions_record(given: list[int]) -> tuple[HealthCondition, ...]:
    """Health conditions from their numbers, without those that are not known."""
    return tuple(_CONDITION_OF_NUMBER[number] for number in given if number in _CONDITION_OF_NUMBER)


def activity_message(activity: Activity) -> messages.Activity:
    """An activity as it goes out."""
    return messages.Activity(
        name=f"{COLLECTION}{activity.activity_id}",
        version=activity.version,
        language_code=activity.language,
        family=_FAMILY[activity.family],  # type: ignore[arg-type]
        title=activity.title,
        purpose=activity.purpose,
        emotions=[EMOTION_NUMBER[emotion] for emotion in activity.emotions],  # type: ignore[misc]
        arousal_least=activity.arousal_least,
        arousal_most=activity.arousal_most,
        arousal_effect=_EFFECT[activity.arousal_effect],  # type: ignore[arg-type]
        duration=duration_message(round(activity.minutes * MINUTE_NS)),
        steps=[step_message(step) for step in activity.steps],
        journaling_prompt=activity.journaling_prompt,
        contraindications=conditions_message(activity.contraindications),  # type: ignore[arg-type]
        evidence=messages.Evidence(
            note=activity.evidence.note,
            citation=activity.evidence.citation,
            source=activity.evidence.source,
            effect_size=activity.evidence.effect_size,
        ),
        machine_drafted=activity.machine_drafted,
        reviews=[_review_message(review) for review in activity.reviews],
        digest=activity.digest,
    )


def activity_record(message: messages.Activity) -> Activity:
    """An activity as it came in."""
    activity_id = message.name.removeprefix(COLLECTION)
    evidence = message.evidence
    return Activity(
        activity_id=activity_id,
        version=message.version,
        language=message.language_code,
        family=_FAMILY_OF_NUMBER.get(message.family, ActivityFamily.RELAXATION),
        title=message.title,
        purpose=message.purpose,
        emotions=tuple(EMOTION_OF_NUMBER[number] for number in message.emotions if number in EMOTION_OF_NUMBER),
        arousal_least=message.arousal_least,
        arousal_most=message.arousal_most,
        arousal_effect=_EFFECT_OF_NUMBER.get(message.arousal_effect, ArousalEffect.KEEPS),
        minutes=duration_ns(message.duration) / MINUTE_NS,
        steps=tuple(step_record(step) for step in message.steps),
        evidence=Evidence(
            evidence.note,
            evidence.citation,
            evidence.source,
            evidence.effect_size if evidence.HasField("effect_size") else None,
        ),
        digest=message.digest,
        journaling_prompt=message.journaling_prompt,
        contraindications=conditions_record(list(message.contraindications)),
        machine_drafted=message.machine_drafted,
        reviews=tuple(_review_record(review, activity_id, message) for review in message.reviews),
    )


def step_message(step: ActivityStep) -> messages.ActivityStep:
    """A step as it goes out."""
    return messages.ActivityStep(
        kind=_STEP[step.kind],  # type: ignore[arg-type]
        show=step.show,
        say=step.say,
        duration=duration_message(nanoseconds(step.seconds)),
    )


def step_record(message: messages.ActivityStep) -> ActivityStep:
    """A step as it came in."""
    kind = _STEP_OF_NUMBER.get(message.kind, StepKind.READ)
    return ActivityStep(kind, message.show, message.say, duration_ns(message.duration) / SECOND_NS)


def guide_message(event: GuideEvent) -> service.GuideActivityResponse:
    """A step that is due as it goes out."""
    return service.GuideActivityResponse(
        step=None if event.step is None else step_message(event.step),
        step_index=event.step_index,
        step_count=event.step_count,
        position=duration_message(nanoseconds(event.position_seconds)),
        remaining_duration=duration_message(nanoseconds(event.remaining_seconds)),
        total_duration=duration_message(nanoseconds(event.total_seconds)),
    )


def guide_record(message: service.GuideActivityResponse) -> GuideEvent:
    """A step that is due as it came in."""
    return GuideEvent(
        step=step_record(message.step) if message.HasField("step") else None,
        step_index=message.step_index,
        step_count=message.step_count,
        position_seconds=duration_ns(message.position) / SECOND_NS,
        remaining_seconds=duration_ns(message.remaining_duration) / SECOND_NS,
        total_seconds=duration_ns(message.total_duration) / SECOND_NS,
    )


def _review_message(review: ActivityReview) -> messages.ActivityReview:
    return messages.ActivityReview(
        reviewer=review.reviewer,
        role=review.role,
        activity_version=review.activity_version,
        time=timestamp_message(review.wall_time_ns),
    )


def _review_record(message: messages.ActivityReview, activity_id: str, of: messages.Activity) -> ActivityReview:
    return ActivityReview(
        activity_id=activity_id,
        language=of.language_code,
        activity_version=message.activity_version,
        digest=of.digest,
        reviewer=message.reviewer,
        role=message.role,
        wall_time_ns=timestamp_ns(message.time),
    )
