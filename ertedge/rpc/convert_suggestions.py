"""Between suggestions, responses and estimates and the messages of ``ertedge.v1``, both ways. Floor 3.

What the wire does not carry of a suggestion, the number of the decision that it came from, is 0 on the client's side. A
status that this version does not know, from a newer device, reads as expired: nothing more can be done with it here.
"""

from __future__ import annotations

from ertedge.core.suggestions.records import PolicyEstimate, SuggestionEvent, SuggestionsEvaluation
from ertedge.errors import InvalidRequestError
from ertedge.rpc.convert import (
    EMOTION_NUMBER,
    EMOTION_OF_NUMBER,
    SECOND_NS,
    duration_message,
    duration_ns,
    numbers,
    profile_id,
    profile_name,
    timestamp_message,
    timestamp_ns,
)
from ertedge.rpc.convert_activities import COLLECTION as ACTIVITIES
from ertedge.rpc.convert_activities import MINUTE_NS
from ertedge.types import (
    HELPFULNESS_MOST,
    Emotion,
    ResponseKind,
    Suggestion,
    SuggestionResponse,
    SuggestionStatus,
    Trigger,
)
from ertedge.v1 import suggestion_pb2 as messages
from ertedge.v1 import suggestion_service_pb2 as service

COLLECTION = "suggestions/"
SNOOZE_SECONDS = 30 * 60.0
"""For how long a suggestion is snoozed if the client does not say."""
SNOOZE_SECONDS_MOST = 7 * 86_400.0

_TRIGGER = numbers(Trigger, messages.Trigger, "TRIGGER")
_STATUS = numbers(SuggestionStatus, messages.SuggestionStatus, "SUGGESTION_STATUS")
_KIND = numbers(ResponseKind, messages.ResponseKind, "RESPONSE_KIND")
_TRIGGER_OF_NUMBER = {number: word for word, number in _TRIGGER.items()}
_STATUS_OF_NUMBER = {number: word for word, number in _STATUS.items()}
_KIND_OF_NUMBER = {number: word for word, number in _KIND.items()}


def suggestion_message(suggestion: Suggestion) -> messages.Suggestion:
    """A suggestion as it goes out."""
    snoozed_ns = suggestion.snooze_until_wall_time_ns
    return messages.Suggestion(
        name=f"{COLLECTION}{suggestion.suggestion_id}",
        time=timestamp_message(suggestion.wall_time_ns),
        expire_time=timestamp_message(suggestion.expire_wall_time_ns),
        activity=f"{ACTIVITIES}{suggestion.activity_id}",
        activity_version=suggestion.activity_version,
        title=suggestion.title,
        duration=duration_message(round(suggestion.minutes * MINUTE_NS)),
        reason=suggestion.reason,
        trigger=_TRIGGER[suggestion.trigger],  # type: ignore[arg-type]
        propensity=suggestion.propensity,
        expected_helpfulness=suggestion.expected_helpfulness,
        expected_helpfulness_sd=suggestion.expected_sd,
        emotion=EMOTION_NUMBER[suggestion.emotion],  # type: ignore[arg-type]
        valence_before=suggestion.valence_before,
        arousal_before=suggestion.arousal_before,
        status=_STATUS[suggestion.status],  # type: ignore[arg-type]
        helpfulness=suggestion.helpfulness,
        valence_after=suggestion.valence_after,
        arousal_after=suggestion.arousal_after,
        snooze_until_time=timestamp_message(snoozed_ns) if snoozed_ns else None,
        update_time=timestamp_message(suggestion.update_wall_time_ns),
        synthetic=suggestion.synthetic,
    )


def suggestion_record(message: messages.Suggestion) -> Suggestion:
    """A suggestion as it came in."""
    return Suggestion(
        suggestion_id=int(message.name.removeprefix(COLLECTION)),
        decision_id=0,
        wall_time_ns=timestamp_ns(message.time),
        expire_wall_time_ns=timestamp_ns(message.expire_time),
        activity_id=message.activity.removeprefix(ACTIVITIES),
        activity_version=message.activity_version,
        title=message.title,
        minutes=duration_ns(message.duration) / MINUTE_NS,
        reason=message.reason,
        trigger=_TRIGGER_OF_NUMBER.get(message.trigger, Trigger.SUSTAINED_STATE),
        propensity=message.propensity,
        expected_helpfulness=message.expected_helpfulness,
        expected_sd=message.expected_helpfulness_sd,
        emotion=EMOTION_OF_NUMBER.get(message.emotion, Emotion.UNKNOWN),
        valence_before=message.valence_before,
        arousal_before=message.arousal_before,
        status=_STATUS_OF_NUMBER.get(message.status, SuggestionStatus.EXPIRED),
        helpfulness=message.helpfulness,
        valence_after=message.valence_after if message.HasField("valence_after") else None,
        arousal_after=message.arousal_after if message.HasField("arousal_after") else None,
        snooze_until_wall_time_ns=timestamp_ns(message.snooze_until_time)
        if message.HasField("snooze_until_time")
        else 0,
        update_wall_time_ns=timestamp_ns(message.update_time),
        synthetic=message.synthetic,
    )


def event_message(event: SuggestionEvent) -> service.WatchSuggestionsResponse:
    """An event of a watch stream as it goes out."""
    return service.WatchSuggestionsResponse(
        suggestion=None if event.suggestion is None else suggestion_message(event.suggestion),
        sequence=event.sequence,
        dropped_count=event.dropped_count,
        send_time=timestamp_message(event.send_wall_time_ns),
        profile=profile_name(event.profile_id),
    )


def event_record(message: service.WatchSuggestionsResponse) -> SuggestionEvent:
    """An event of a watch stream as it came in."""
    return SuggestionEvent(
        suggestion=suggestion_record(message.suggestion) if message.HasField("suggestion") else None,
        sequence=message.sequence,
        dropped_count=message.dropped_count,
        send_wall_time_ns=timestamp_ns(message.send_time),
        profile_id=profile_id(message.profile),
    )


def response_message(response: SuggestionResponse) -> service.RespondToSuggestionRequest:
    """A response as it goes out, without its time: the device's clock decides that."""
    span_ns = round(response.snooze_seconds * SECOND_NS)
    return service.RespondToSuggestionRequest(
        name=f"{COLLECTION}{response.suggestion_id}",
        kind=_KIND[response.kind],  # type: ignore[arg-type]
        helpfulness=response.rating,
        snooze_duration=duration_message(span_ns) if span_ns else None,
        request_id=response.request_id,
    )


def response_record(request: service.RespondToSuggestionRequest, suggestion_id: int) -> SuggestionResponse:
    """A response as it came in; its time is left for the core to set. Raises InvalidRequestError with every fault."""
    kind = _KIND_OF_NUMBER.get(request.kind)
    snooze_seconds = duration_ns(request.snooze_duration) / SECOND_NS
    faults: list[tuple[str, str]] = []
    if kind is None:
        faults.append(("kind", f"is {request.kind}; say what the person did: {', '.join(k.value for k in _KIND)}"))
    faults += _rating_faults(kind, request.helpfulness)
    if kind is not ResponseKind.SNOOZE and request.HasField("snooze_duration"):
        faults.append(("snooze_duration", "goes with snooze only"))
    if request.HasField("snooze_duration") and not 0 < snooze_seconds <= SNOOZE_SECONDS_MOST:
        faults.append(("snooze_duration", "must be more than nothing and at most a week"))
    if kind is None or faults:
        raise InvalidRequestError(faults)
    if kind is ResponseKind.SNOOZE and not request.HasField("snooze_duration"):
        snooze_seconds = SNOOZE_SECONDS
    return SuggestionResponse(
        suggestion_id=suggestion_id,
        kind=kind,
        wall_time_ns=0,
        rating=request.helpfulness,
        snooze_seconds=snooze_seconds,
        request_id=request.request_id,
    )


def evaluation_message(evaluation: SuggestionsEvaluation) -> service.EvaluateSuggestionsResponse:
    """The estimates as they go out."""
    return service.EvaluateSuggestionsResponse(
        estimates=[
            service.PolicyEstimate(
                policy=estimate.policy,
                method=estimate.method,
                value=estimate.value,
                low=estimate.low,
                high=estimate.high,
                decision_count=estimate.decision_count,
                effective_count=estimate.effective_count,
            )
            for estimate in evaluation.estimates
        ],
        decision_count=evaluation.decision_count,
        offer_count=evaluation.offer_count,
        completed_count=evaluation.completed_count,
        note=evaluation.note,
    )


def evaluation_record(message: service.EvaluateSuggestionsResponse) -> SuggestionsEvaluation:
    """The estimates as they came in."""
    estimates = tuple(
        PolicyEstimate(e.policy, e.method, e.value, e.low, e.high, e.decision_count, e.effective_count)
        for e in message.estimates
    )
    return SuggestionsEvaluation(
        estimates, message.decision_count, message.offer_count, message.completed_count, message.note
    )


def _rating_faults(kind: ResponseKind | None, rating: int) -> list[tuple[str, str]]:
    scale = f"1 (made it worse) to {HELPFULNESS_MOST} (helped a lot)"
    if kind is ResponseKind.RATE and not 1 <= rating <= HELPFULNESS_MOST:
        return [("helpfulness", f"is {rating}; rate from {scale}")]
    if kind is ResponseKind.COMPLETE and not 0 <= rating <= HELPFULNESS_MOST:
        return [("helpfulness", f"is {rating}; leave it out or rate from {scale}")]
    if kind not in (None, ResponseKind.RATE, ResponseKind.COMPLETE) and rating:
        return [("helpfulness", "goes with rate and complete only")]
    return []
