"""A group changes which activity is offered, or that none is, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from ertedge.core.study.arms import ORDER_POLICY, ArmPort, AsBuilt, FixedOrder, NoForecast, Waiting
from ertedge.core.suggestions.suggestions import Suggestions
from ertedge.errors import SafetyFirstError, SuggestionsOffError
from ertedge.types import Emotion, ResponseKind
from tests.core.fakes import FakeStore
from tests.core.suggestion_fakes import ACTIVITIES, ALWAYS, NOON_NS, SuggestionHouse

ORDER = ("walk", "breathing", "gratitude")


def in_group(arm: ArmPort, work: Callable[[SuggestionHouse], Awaitable[None]]) -> None:
    async def run() -> None:
        store = FakeStore()
        house = SuggestionHouse(lambda: store)
        house.suggestions = Suggestions(
            settings=ALWAYS,
            server=house.server_settings,
            clock=house.clock,
            log=house.log,
            activities=house.activities,
            safety=house.safety,
            learner=house.learner,
            source=lambda: house.source,
            generator=np.random.default_rng(1),
            arm=lambda: arm,
        )
        await house.start()
        await work(house)
        await house.recorder.stop()

    asyncio.run(run())


def test_a_fixed_order_is_offered_whatever_the_person_feels_and_says() -> None:
    async def work(house: SuggestionHouse) -> None:
        offered = []
        for emotion in (Emotion.SADNESS, Emotion.HAPPINESS, Emotion.ANGER, Emotion.SADNESS):
            house.feel(emotion, 60)
            made = await house.suggestions.request()
            await house.respond(made, ResponseKind.COMPLETE, rating=1 if made.activity_id == "walk" else 5)
            offered.append(made.activity_id)
            assert made.propensity == 1.0
            assert "helped" not in made.reason
        assert offered == ["walk", "breathing", "gratitude", "walk"]
        decisions = [each for each in house.log.decisions(synthetic=False) if each.chosen]
        assert {(each.policy, each.model) for each in decisions} == {(ORDER_POLICY, "")}
        assert all(len(each.candidates) == 1 for each in decisions)
        assert house.recommender.histories == []  # nobody forecast anything

    in_group(FixedOrder(ORDER, 0), work)


def test_an_offer_that_was_taken_back_comes_again() -> None:
    async def work(house: SuggestionHouse) -> None:
        house.feel(Emotion.SADNESS, 60)
        first, second = await house.suggestions.request(), await house.suggestions.request()
        await house.respond(second, ResponseKind.DISMISS)
        third = await house.suggestions.request()
        assert [each.activity_id for each in (first, second, third)] == ["walk", "breathing", "walk"]

    in_group(FixedOrder(ORDER, 0), work)


def test_what_was_offered_before_the_enrolment_is_no_part_of_the_order() -> None:
    async def work(house: SuggestionHouse) -> None:
        house.feel(Emotion.SADNESS, 60)
        first = await house.suggestions.request()
        await house.respond(first, ResponseKind.DISMISS)
        house.wait(7200)
        assert (first.activity_id, (await house.suggestions.request()).activity_id) == ("walk", "walk")

    in_group(FixedOrder(ORDER, NOON_NS + 3600 * 10**9), work)


def test_offers_come_unasked_in_a_fixed_order_too() -> None:
    async def work(house: SuggestionHouse) -> None:
        house.feel(Emotion.SADNESS, 3600, every=5)
        offered = [each.activity_id for each in house.log.history(synthetic=False)]
        assert offered[:2] == ["walk", "breathing"]

    in_group(FixedOrder(ORDER, 0), work)


def test_safety_comes_before_every_group() -> None:
    async def work(house: SuggestionHouse) -> None:
        house.feel(Emotion.SADNESS, 60)
        house.safety.is_open = True
        with pytest.raises(SafetyFirstError):
            await house.suggestions.request()

    in_group(FixedOrder(ORDER, 0), work)


def test_who_waits_is_offered_nothing_and_told_why() -> None:
    async def work(house: SuggestionHouse) -> None:
        house.feel(Emotion.SADNESS, 3600, every=5)
        assert house.suggestions.current is None
        assert not house.log.decisions(synthetic=False)
        assert house.safety.seen  # safety goes on
        with pytest.raises(SuggestionsOffError, match="begin for you in 9 days"):
            await house.suggestions.request()

    in_group(Waiting("activities begin for you in 9 days"), work)


def test_who_waits_may_ask_where_the_protocol_lets_them() -> None:
    async def work(house: SuggestionHouse) -> None:
        house.feel(Emotion.SADNESS, 600, every=5)
        assert house.suggestions.current is None
        assert (await house.suggestions.request()).activity_id in {each.activity_id for each in ACTIVITIES}
        assert house.recommender.histories

    in_group(Waiting(""), work)


def test_the_experimental_group_is_as_built() -> None:
    assert AsBuilt().choice(ACTIVITIES, ()) is None
    assert not AsBuilt().is_silent
    assert AsBuilt().refusal == ""


def test_a_forecast_of_nobody_is_zero() -> None:
    found = NoForecast.of(ACTIVITIES)
    assert found.activity_ids == tuple(each.activity_id for each in ACTIVITIES)
    assert found.draws(np.random.default_rng(1), 4).shape == (4, 3)
    assert not found.helpfulness.any() and not found.sd.any() and not found.uptake.any()
