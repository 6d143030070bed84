"""What goes over the wire of suggestions, activities and estimates comes back the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ertedge.core.suggestions.records import GuideEvent, PolicyEstimate, SuggestionEvent, SuggestionsEvaluation
from ertedge.errors import InvalidRequestError
from ertedge.rpc import convert_activities, convert_suggestions
from ertedge.types import (
    Activity,
    ActivityFamily,
    ActivityReview,
    ArousalEffect,
    Evidence,
    HealthCondition,
    ResponseKind,
    StepKind,
    Suggestion,
    SuggestionResponse,
    SuggestionStatus,
    Trigger,
)
from ertedge.v1 import activity_pb2 as activities
from ertedge.v1 import suggestion_pb2 as suggestions
from ertedge.v1 import suggestion_service_pb2 as service
from tests.core.suggestion_fakes import activity
from tests.store.samples import START_NS
from tests.store.suggestion_samples import suggestion

PLAIN = replace(suggestion(7), propensity=0.5, expected_helpfulness=0.25, expected_sd=0.125, valence_before=-0.5)
WHOLE = replace(
    PLAIN,
    arousal_before=0.25,
    status=SuggestionStatus.SNOOZED,
    helpfulness=4,
    valence_after=0.0,
    arousal_after=-0.25,
    snooze_until_wall_time_ns=START_NS + 5,
    synthetic=True,
)
ACTIVITY = replace(
    activity("breathing"),
    arousal_least=-0.5,
    arousal_most=0.75,
    journaling_prompt="What happened?",
    contraindications=(HealthCondition.TRAUMA, HealthCondition.EATING_DISORDER),
    evidence=Evidence("It helped.", "A. B. (2020)", "doi:1", 0.5),
    machine_drafted=True,
)
REVIEWED = replace(
    ACTIVITY,
    reviews=(ActivityReview("breathing", "en", 1, ACTIVITY.digest, "Dr. Maria Weiß", "psychotherapist", START_NS),),
)


def over_the_wire(record: Suggestion) -> Suggestion:
    message = convert_suggestions.suggestion_message(record)
    return convert_suggestions.suggestion_record(suggestions.Suggestion.FromString(message.SerializeToString()))


@pytest.mark.parametrize("record", [PLAIN, WHOLE])
def test_a_suggestion(record: Suggestion) -> None:
    rounded = replace(over_the_wire(record), arousal_before=record.arousal_before)
    assert rounded == replace(record, decision_id=0)


@pytest.mark.parametrize("trigger", [*Trigger])
@pytest.mark.parametrize("status", [*SuggestionStatus])
def test_every_trigger_and_status_crosses(trigger: Trigger, status: SuggestionStatus) -> None:
    back = over_the_wire(replace(PLAIN, trigger=trigger, status=status))
    assert (back.trigger, back.status) == (trigger, status)


@pytest.mark.parametrize("record", [ACTIVITY, REVIEWED])
def test_an_activity(record: Activity) -> None:
    message = convert_activities.activity_message(record)
    back = convert_activities.activity_record(activities.Activity.FromString(message.SerializeToString()))
    assert back == record


def test_an_activity_without_an_effect_size_stays_without() -> None:
    plain = replace(ACTIVITY, evidence=Evidence("Nobody has looked.", "", ""))
    assert convert_activities.activity_record(convert_activities.activity_message(plain)) == plain


def test_the_wire_knows_no_word_that_the_records_do_not() -> None:
    for wire, words in (
        (activities.ActivityFamily, ActivityFamily),
        (activities.HealthCondition, HealthCondition),
        (activities.ArousalEffect, ArousalEffect),
        (activities.StepKind, StepKind),
        (suggestions.Trigger, Trigger),
        (suggestions.SuggestionStatus, SuggestionStatus),
        (suggestions.ResponseKind, ResponseKind),
    ):
        assert len(wire.items()) == len(words) + 1


def test_a_word_of_a_newer_daemon_does_not_break_an_older_client() -> None:
    message = convert_suggestions.suggestion_message(PLAIN)
    message.status = 99  # type: ignore[assignment]
    assert convert_suggestions.suggestion_record(message).status is SuggestionStatus.EXPIRED
    entry = convert_activities.activity_message(ACTIVITY)
    entry.contraindications.append(99)  # type: ignore[arg-type]
    entry.steps[0].kind = 99  # type: ignore[assignment]
    back = convert_activities.activity_record(entry)
    assert back.contraindications == ACTIVITY.contraindications
    assert back.steps[0].kind is StepKind.READ


def test_events_guidance_and_estimates() -> None:
    for event in (SuggestionEvent(None, 9, 4, START_NS), SuggestionEvent(over_the_wire(WHOLE), 9, 4, START_NS)):
        assert convert_suggestions.event_record(convert_suggestions.event_message(event)) == event
    for step in (GuideEvent(ACTIVITY.steps[1], 1, 3, 2.5, 3.5, 12.0), GuideEvent(None, 3, 3, 12.0, 0.0, 12.0)):
        assert convert_activities.guide_record(convert_activities.guide_message(step)) == step
    found = SuggestionsEvaluation((PolicyEstimate("greedy", "ips", 0.1, -0.2, 0.4, 30, 12.5),), 40, 30, 12, "Rough.")
    assert convert_suggestions.evaluation_record(convert_suggestions.evaluation_message(found)) == found


@pytest.mark.parametrize(
    "response",
    [
        SuggestionResponse(7, ResponseKind.ACCEPT, 0, request_id="a"),
        SuggestionResponse(7, ResponseKind.RATE, 0, 5),
        SuggestionResponse(7, ResponseKind.COMPLETE, 0, 3),
        SuggestionResponse(7, ResponseKind.COMPLETE, 0),
        SuggestionResponse(7, ResponseKind.SNOOZE, 0, 0, 90.5),
    ],
)
def test_a_response(response: SuggestionResponse) -> None:
    assert convert_suggestions.response_record(convert_suggestions.response_message(response), 7) == response


def test_a_snooze_that_does_not_say_for_how_long_is_half_an_hour() -> None:
    message = convert_suggestions.response_message(SuggestionResponse(7, ResponseKind.SNOOZE, 0))
    assert convert_suggestions.response_record(message, 7).snooze_seconds == 1800


@pytest.mark.parametrize(
    ("kind", "rating", "seconds", "fields"),
    [
        (0, 0, None, ["kind"]),
        (99, 7, None, ["kind"]),
        (suggestions.RESPONSE_KIND_RATE, 0, None, ["helpfulness"]),
        (suggestions.RESPONSE_KIND_RATE, 6, None, ["helpfulness"]),
        (suggestions.RESPONSE_KIND_RATE, -(2**31), 5, ["helpfulness", "snooze_duration"]),
        (suggestions.RESPONSE_KIND_COMPLETE, 6, None, ["helpfulness"]),
        (suggestions.RESPONSE_KIND_START, 3, None, ["helpfulness"]),
        (suggestions.RESPONSE_KIND_SNOOZE, 0, 0, ["snooze_duration"]),
        (suggestions.RESPONSE_KIND_SNOOZE, 0, -5, ["snooze_duration"]),
        (suggestions.RESPONSE_KIND_SNOOZE, 0, 315_576_000_000, ["snooze_duration"]),
    ],
)
def test_a_wrong_response_names_every_field(kind: int, rating: int, seconds: int | None, fields: list[str]) -> None:
    request = service.RespondToSuggestionRequest(kind=kind, helpfulness=rating)  # type: ignore[arg-type]
    if seconds is not None:
        request.snooze_duration.seconds = seconds
        request.snooze_duration.SetInParent()
    with pytest.raises(InvalidRequestError) as caught:
        convert_suggestions.response_record(request, 7)
    assert [name for name, _ in caught.value.violations] == fields
