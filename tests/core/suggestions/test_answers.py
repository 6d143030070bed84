"""What becomes of an offer: answered once, snoozed, expired, watched; and how the person was afterwards."""

from __future__ import annotations

import pytest

from ertedge.core.suggestions.records import SuggestionEvent
from ertedge.errors import InvalidRequestError, NotFoundError, PreconditionError
from ertedge.types import Emotion, ResponseKind, Suggestion, SuggestionStatus
from tests.core.suggestions.scene import MINUTE, house_of, run


def test_an_answer_is_taken_once_and_learnt_from_at_once() -> None:
    async def scenario() -> None:
        async with house_of() as (house, store):
            offered = await house.suggestions.request()
            await house.respond(offered, ResponseKind.START, request_id="1")
            done = await house.respond(offered, ResponseKind.COMPLETE, request_id="2")
            assert house.recommender.taught == {offered.suggestion_id: (offered.activity_id, 0)}
            rated = await house.respond(done, ResponseKind.RATE, rating=5, request_id="3")
            again = await house.respond(done, ResponseKind.RATE, rating=5, request_id="3")
            assert again == rated
            assert house.recommender.taught == {offered.suggestion_id: (offered.activity_id, 5)}
            with pytest.raises(InvalidRequestError, match="request_id"):
                await house.respond(done, ResponseKind.RATE, rating=1, request_id="3")
            await house.recorder.flush()
            assert [each.kind for each in store.responses] == [
                ResponseKind.START,
                ResponseKind.COMPLETE,
                ResponseKind.RATE,
            ]
            assert store.learnt[False].state == house.recommender.state()
            assert store.suggestions[offered.suggestion_id] == rated

    run(scenario)


def test_what_helped_is_offered_more_and_a_changed_mind_is_believed() -> None:
    async def scenario() -> None:
        async with house_of() as (house, store):
            for _ in range(12):
                each = await house.suggestions.request()
                await house.respond(each, ResponseKind.COMPLETE, rating=5 if each.activity_id == "walk" else 1)
            house.wait(14 * 86_400)
            last = await house.suggestions.request()
            assert last.activity_id == "walk"
            assert last.expected_helpfulness == 1.0
            before = dict(house.recommender.taught)
            await house.recorder.flush()
            walk = next(each for each in store.suggestions.values() if each.helpfulness == 5)
            await house.respond(walk, ResponseKind.RATE, rating=2)
            await house.learner.settled()
            assert house.recommender.taught == before | {walk.suggestion_id: ("walk", 2)}

    run(scenario)


def test_an_answer_that_does_not_fit_says_what_does_and_changes_nothing() -> None:
    async def scenario() -> None:
        async with house_of() as (house, store):
            offered = await house.suggestions.request()
            with pytest.raises(PreconditionError, match=r"possible now: accept, start"):
                await house.respond(offered, ResponseKind.RATE, rating=5, request_id="1")
            await house.respond(offered, ResponseKind.DISMISS)
            with pytest.raises(PreconditionError, match="ask for a new one"):
                await house.respond(offered, ResponseKind.START)
            with pytest.raises(NotFoundError):
                await house.respond(
                    Suggestion(**{name: getattr(offered, name) for name in offered.__slots__} | {"suggestion_id": 99}),
                    ResponseKind.START,
                )
            await house.recorder.flush()
            assert len(store.responses) == 1

    run(scenario)


def test_an_offer_expires_where_no_state_comes_and_is_learnt_from() -> None:
    async def scenario() -> None:
        async with house_of() as (house, _):
            offered = await house.suggestions.request()
            house.wait(29 * MINUTE)
            assert house.suggestions.current == offered
            house.wait(2 * MINUTE)
            assert house.suggestions.current is None
            assert (await house.suggestions.suggestion(1)).status is SuggestionStatus.EXPIRED
            assert house.recommender.taught == {1: (offered.activity_id, 0)}
            with pytest.raises(PreconditionError):
                await house.respond(offered, ResponseKind.START)

    run(scenario)


def test_a_snoozed_one_comes_back_where_no_state_comes() -> None:
    async def scenario() -> None:
        async with house_of() as (house, _):
            offered = await house.suggestions.request()
            events = house.suggestions.watch()
            assert (await anext(events)).suggestion == offered
            await house.respond(offered, ResponseKind.SNOOZE, snooze_seconds=600.0)
            house.wait(599)
            house.wait(11)
            seen = [(await anext(events)).suggestion for _ in range(2)]
            assert [each.status for each in seen if each] == [SuggestionStatus.SNOOZED, SuggestionStatus.OFFERED]

    run(scenario)


def test_how_an_activity_left_the_person_is_noted_minutes_after() -> None:
    async def scenario() -> None:
        async with house_of() as (house, store):
            house.feel(Emotion.SADNESS, 60)
            offered = await house.suggestions.request()
            await house.respond(offered, ResponseKind.COMPLETE, rating=4)
            house.feel(Emotion.HAPPINESS, 290, valence=0.4)
            assert (await house.suggestions.suggestion(offered.suggestion_id)).valence_after is None
            house.feel(Emotion.HAPPINESS, 30, valence=0.4)
            after = await house.suggestions.suggestion(offered.suggestion_id)
            assert after.valence_after == pytest.approx(0.4, abs=0.1)
            assert after.helpfulness == 4
            await house.recorder.flush()
            assert store.suggestions[offered.suggestion_id] == after

    run(scenario)


def test_watching_begins_with_the_open_one_tells_every_change_and_resumes() -> None:
    async def scenario() -> None:
        async with house_of() as (house, _):
            events = house.suggestions.watch()
            nothing: SuggestionEvent = await anext(events)
            assert nothing.suggestion is None
            offered = await house.suggestions.request()
            await house.respond(offered, ResponseKind.ACCEPT)
            await house.respond(offered, ResponseKind.DISMISS)
            told = [await anext(events) for _ in range(3)]
            assert [each.suggestion and each.suggestion.status for each in told] == [
                SuggestionStatus.OFFERED,
                SuggestionStatus.ACCEPTED,
                SuggestionStatus.DISMISSED,
            ]
            resumed = house.suggestions.watch(told[0].sequence)
            assert (await anext(resumed)).sequence == told[1].sequence
            fresh = house.suggestions.watch()
            assert (await anext(fresh)).suggestion is None

    run(scenario)
