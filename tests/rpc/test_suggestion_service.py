"""SuggestionService over a real connection, from the offer to the rating; guidance, sign-offs; and a hostile client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from ertedge.config import ServerSettings
from ertedge.core.suggestions.suggestions import REQUESTS_AN_HOUR_MOST
from ertedge.errors import (
    ContentChangedError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    PreconditionError,
    SafetyFirstError,
    StoreFullError,
    SuggestionsOffError,
)
from ertedge.rpc.client import Client
from ertedge.types import ActivityFamily, RedFlag, ResponseKind, SuggestionStatus, Trigger
from ertedge.v1 import suggestion_service_pb2 as messages
from tests.core.suggestion_fakes import ACTIVITIES, activity
from tests.rpc.house import House, house_at


def run(folder: Path, scenario: Callable[[House, Client], Awaitable[None]], **parts: Any) -> None:
    async def inside() -> None:
        async with house_at(folder, **parts) as (house, client):
            await scenario(house, client)

    asyncio.run(inside())


def test_a_suggestion_from_the_request_to_its_rating(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        made = await client.suggestions.request("a")
        assert (made.status, made.trigger) == (SuggestionStatus.OFFERED, Trigger.REQUEST)
        assert made.reason
        assert await client.suggestions.request("a") == made
        assert await client.suggestions.suggestion() == made
        assert await client.suggestions.suggestion(made.suggestion_id) == made
        for kind, status in (
            (ResponseKind.ACCEPT, SuggestionStatus.ACCEPTED),
            (ResponseKind.START, SuggestionStatus.STARTED),
            (ResponseKind.COMPLETE, SuggestionStatus.COMPLETED),
        ):
            assert (await client.suggestions.respond(made.suggestion_id, kind)).status is status
        rated = await client.suggestions.respond(made.suggestion_id, ResponseKind.RATE, rating=5)
        assert rated.helpfulness == 5
        assert [each async for each in client.suggestions.suggestions()] == [rated]
        assert house.recommender.taught == {made.suggestion_id: (made.activity_id, 5)}
        with pytest.raises(NotFoundError, match="ask for one"):
            await client.suggestions.suggestion()

    run(tmp_path, scenario)


def test_watching_begins_with_the_open_one_and_follows(tmp_path: Path) -> None:
    async def scenario(_house: House, client: Client) -> None:
        made = await client.suggestions.request()
        events = client.suggestions.watch()
        first = await anext(events)
        assert first.suggestion == made
        await client.suggestions.respond(made.suggestion_id, ResponseKind.DISMISS)
        second = await anext(events)
        assert second.suggestion is not None
        assert (second.suggestion.status, second.dropped_count) == (SuggestionStatus.DISMISSED, 0)
        resumed = client.suggestions.watch(first.sequence)
        assert (await anext(resumed)).sequence == second.sequence

    run(tmp_path, scenario)


def test_a_watch_survives_the_daemon(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        events = client.suggestions.watch()
        assert (await anext(events)).suggestion is None
        await house.server.stop()
        house.server = house.make_server()
        await house.server.start((house.address,))
        made = await client.suggestions.request()
        while (event := await anext(events)).suggestion is None:
            pass
        assert event.suggestion == made

    run(tmp_path, scenario)


def test_while_a_safety_notice_is_open_nothing_is_suggested(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        made = await client.suggestions.request()
        house.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS)
        house.suggestions.tick()
        assert (await client.suggestions.suggestion(made.suggestion_id)).status is SuggestionStatus.EXPIRED
        with pytest.raises(SafetyFirstError):
            await client.suggestions.request()

    run(tmp_path, scenario)


def test_pages_meet_and_their_tokens_hold_only_for_their_request(tmp_path: Path) -> None:
    async def scenario(_house: House, client: Client) -> None:
        made = [(await client.suggestions.request()).suggestion_id for _ in range(7)]
        found = [each.suggestion_id async for each in client.suggestions.suggestions(page_size=3)]
        assert found == made[::-1]
        with pytest.raises(InvalidRequestError, match="page_size"):
            await client.suggestions.list_suggestions(page_size=-1)
        with pytest.raises(InvalidRequestError, match="page_token"):
            await client.suggestions.list_suggestions(page_token="abc")

    run(tmp_path, scenario)


def test_a_person_is_spoken_to_in_their_own_language(tmp_path: Path) -> None:
    catalogue = (*ACTIVITIES, *(activity(each.activity_id, each.family, "de") for each in ACTIVITIES))

    async def scenario(house: House, client: Client) -> None:
        english = await client.suggestions.request()
        assert english.title == f"{english.activity_id} (en)"
        ann = (await client.profiles.create("Ann", "de")).profile
        made = await client.suggestions.request()  # the only profile's: whoever is in front
        assert made.title == f"{made.activity_id} (de)"
        assert (await client.suggestions.activity(made.activity_id)).language == "de"
        assert (await client.suggestions.activity(made.activity_id, "en")).language == "en"
        theirs = (await house.household.of(ann.profile_id)).safety
        german = (await theirs.ask_for_help()).notice
        await client.profiles.update(replace(ann, language="en"))
        assert (await client.suggestions.activity(made.activity_id)).language == "en"
        english_notice = (await house.safety.ask_for_help()).notice
        assert german.message != english_notice.message

    run(tmp_path, scenario, catalogue=catalogue)


def test_the_catalogue_by_family_and_language(tmp_path: Path) -> None:
    catalogue = (*ACTIVITIES, activity("walk", ActivityFamily.ACTIVATION, "de"))

    async def scenario(_house: House, client: Client) -> None:
        assert await client.suggestions.activities() == ACTIVITIES
        (walk,) = await client.suggestions.activities(ActivityFamily.ACTIVATION, "de")
        assert walk.title == "walk (de)"
        assert (await client.suggestions.activity("breathing", "de")).language == "en"
        with pytest.raises(NotFoundError, match="did you mean breathing"):
            await client.suggestions.activity("breathin")
        small = await client._call(client.suggestions._stub.ListActivities, messages.ListActivitiesRequest(page_size=2))
        assert len(small.activities) == 2
        rest = await client._call(
            client.suggestions._stub.ListActivities,
            messages.ListActivitiesRequest(page_token=small.next_page_token),
        )
        assert [each.name for each in rest.activities] == ["activities/walk"]

    run(tmp_path, scenario, catalogue=catalogue)


def test_a_sign_off_holds_for_the_content_that_was_read(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        read = await client.suggestions.activity("walk")
        with pytest.raises(ContentChangedError, match="read it again"):
            await client.suggestions.review("walk", reviewer="A", role="B", digest="0" * 63 + "1")
        for _ in range(2):
            signed = await client.suggestions.review(
                "walk", reviewer="Dr.  Maria Weiß ", role="psychotherapist", digest=read.digest
            )
        (review,) = signed.reviews
        assert (review.reviewer, review.role, review.digest) == ("Dr. Maria Weiß", "psychotherapist", read.digest)
        assert len(house.store.signed) == 1
        house.store.trouble = StoreFullError("free some space")
        with pytest.raises(StoreFullError):
            await client.suggestions.review("breathing", reviewer="A", role="B")
        assert (await client.suggestions.activity("breathing")).reviews == ()

    run(tmp_path, scenario)


def test_guidance_from_the_middle_of_a_step_to_the_end(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        steps = [event async for event in client.suggestions.guide("breathing", 11.9)]
        assert [event.step and event.step.show for event in steps] == ["Breathe out", None]
        assert steps[0].remaining_seconds == pytest.approx(0.1, abs=1e-6)
        assert house.guide.guided_count == 0
        with pytest.raises(InvalidRequestError, match="lasts 12 s"):
            await anext(client.suggestions.guide("breathing", 13.0))
        with pytest.raises(NotFoundError):
            await anext(client.suggestions.guide("nothing"))
        paused = client.suggestions.guide("breathing")
        assert (await anext(paused)).step_index == 0
        await house.server.stop()
        with pytest.raises(StopAsyncIteration):
            await anext(paused)
        house.server = house.make_server()
        await house.server.start((house.address,))

    run(tmp_path, scenario)


def test_estimates_and_forgetting(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        for rating in (5, 4):
            made = await client.suggestions.request()
            await client.suggestions.respond(made.suggestion_id, ResponseKind.COMPLETE, rating=rating)
        found = await client.suggestions.evaluate()
        assert (found.decision_count, found.offer_count, found.completed_count) == (2, 2, 2)
        assert "too short" in found.note
        assert (await client.suggestions.evaluate(2**62)).decision_count == 0
        await client.suggestions.forget()
        assert house.recommender.taught == {}
        assert len([each async for each in client.suggestions.suggestions()]) == 2

    run(tmp_path, scenario)


def test_without_a_recommender_the_rest_answers_and_health_says_so(tmp_path: Path) -> None:
    async def scenario(_house: House, client: Client) -> None:
        assert not await client.is_serving("ertedge.v1.SuggestionService")
        assert await client.is_serving("ertedge.v1.SafetyService")
        with pytest.raises(SuggestionsOffError, match=r"recommender\.onnx is missing"):
            await client.suggestions.request()
        assert len(await client.suggestions.activities()) == len(ACTIVITIES)
        assert (await anext(client.suggestions.watch())).suggestion is None
        assert (await client.suggestions.list_suggestions()).suggestions == ()

    run(tmp_path, scenario, suggests=False)


def test_the_ledger_says_who_read_what_the_person_was_offered(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        await anext(client.suggestions.watch())
        await client.suggestions.list_suggestions()
        await client.suggestions.forget()
        entries = (await client.list_ledger()).entries
        assert {entry.event for entry in entries} == {"SUGGESTIONS_WATCHED", "SUGGESTIONS_READ", "LEARNING_FORGOTTEN"}
        assert {entry.subject for entry in entries} == {"the local socket"}
        assert house.store.entries

    run(tmp_path, scenario)


@pytest.mark.parametrize(
    ("method", "request_message"),
    [
        ("GetSuggestion", messages.GetSuggestionRequest(name="suggestions/")),
        ("GetSuggestion", messages.GetSuggestionRequest(name="suggestions/-1")),
        ("GetSuggestion", messages.GetSuggestionRequest(name=f"suggestions/{2**63}")),
        ("GetSuggestion", messages.GetSuggestionRequest(name="suggestions/" + "9" * 5000)),
        ("GetSuggestion", messages.GetSuggestionRequest(name="x" * 60_000)),
        ("RespondToSuggestion", messages.RespondToSuggestionRequest(name="suggestions/1")),
        ("RequestSuggestion", messages.RequestSuggestionRequest(request_id="x" * 129)),
        ("RequestSuggestion", messages.RequestSuggestionRequest(request_id="a\x00b")),
        ("GetActivity", messages.GetActivityRequest(name="activities/../../etc/passwd")),
        ("GetActivity", messages.GetActivityRequest(name="walk")),
        ("GetActivity", messages.GetActivityRequest(name="activities/walk", language_code="english")),
        ("ListActivities", messages.ListActivitiesRequest(family=77)),  # type: ignore[arg-type]
        ("ListActivities", messages.ListActivitiesRequest(page_size=-7)),
        ("ReviewActivity", messages.ReviewActivityRequest(name="activities/walk", role="B")),
        ("ReviewActivity", messages.ReviewActivityRequest(name="activities/walk", reviewer="A", role=" \n ")),
        ("ReviewActivity", messages.ReviewActivityRequest(name="activities/walk", reviewer="A" * 201, role="B")),
        (
            "ReviewActivity",
            messages.ReviewActivityRequest(name="activities/walk", reviewer="A", role="B", digest="it was fine"),
        ),
    ],
)
def test_a_hostile_client_is_told_which_field_is_wrong(
    tmp_path: Path, method: str, request_message: messages.GetSuggestionRequest
) -> None:
    async def scenario(house: House, client: Client) -> None:
        with pytest.raises(InvalidRequestError):
            await client._call(getattr(client.suggestions._stub, method), request_message)
        assert (house.log.history(synthetic=False), house.store.signed) == ((), [])

    run(tmp_path, scenario)


@pytest.mark.parametrize("seconds", [-1, 2**62])
def test_an_absurd_position_or_start_is_refused(tmp_path: Path, seconds: int) -> None:
    async def scenario(_house: House, client: Client) -> None:
        guide = messages.GuideActivityRequest(name="activities/walk")
        guide.position.seconds = seconds
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await client.suggestions._stub.GuideActivity(guide).read()
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        evaluate = messages.EvaluateSuggestionsRequest()
        evaluate.start_time.seconds = seconds
        with pytest.raises(InvalidRequestError, match="start_time"):
            await client._call(client.suggestions._stub.EvaluateSuggestions, evaluate)

    run(tmp_path, scenario)


def test_a_request_id_is_for_one_answer_and_what_is_over_stays_over(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        first, second = await client.suggestions.request(), await client.suggestions.request()
        with pytest.raises(PreconditionError, match="ask for a new one"):
            await client.suggestions.respond(first.suggestion_id, ResponseKind.START)
        with pytest.raises(NotFoundError):
            await client.suggestions.respond(10**12, ResponseKind.START)
        answers = await asyncio.gather(
            *(
                client.suggestions.respond(second.suggestion_id, ResponseKind.COMPLETE, rating=5, request_id="same")
                for _ in range(30)
            )
        )
        assert {each.helpfulness for each in answers} == {5}
        with pytest.raises(InvalidRequestError, match="request_id"):
            await client.suggestions.respond(second.suggestion_id, ResponseKind.RATE, rating=1, request_id="same")
        await house.recorder.flush()
        assert len(house.store.responses) == 1

    run(tmp_path, scenario)


def test_a_flood_of_requests_fills_no_disk(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        made = await asyncio.gather(
            *(client.suggestions.request() for _ in range(REQUESTS_AN_HOUR_MOST + 30)), return_exceptions=True
        )
        refused = [each for each in made if isinstance(each, LimitReachedError)]
        assert len(refused) == 30
        await house.recorder.flush()
        assert len(house.store.suggestions) == REQUESTS_AN_HOUR_MOST

    run(tmp_path, scenario)


def test_a_thousand_watchers_get_what_is_allowed_and_the_rest_are_told_why(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        streams = [client.suggestions.watch(reconnect=False) for _ in range(1000)]
        heard = await asyncio.gather(*(anext(stream) for stream in streams), return_exceptions=True)
        refused = [each for each in heard if isinstance(each, BaseException)]
        assert len(heard) - len(refused) == 40
        assert any(isinstance(each, LimitReachedError) and "watchers_most" in str(each) for each in refused)
        async with Client(house.address) as other:
            assert (await other.suggestions.request()).suggestion_id == 1
            assert (await anext(other.safety.watch())).notice is None

    run(tmp_path, scenario, settings=ServerSettings(heartbeat_seconds=60.0, watchers_most=40))
