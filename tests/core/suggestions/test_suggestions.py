"""From states to suggestions to answers to what is learnt: offered, told, stored, answered once, held back by safety."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ertedge.config import StoreSettings, SuggestionSettings
from ertedge.core.suggestions import suggestions as module
from ertedge.core.suggestions.records import SuggestionEvent
from ertedge.errors import (
    InvalidRequestError,
    LimitReachedError,
    ModelError,
    NotFoundError,
    NothingFitsError,
    PreconditionError,
    SafetyFirstError,
    StoreReadOnlyError,
    SuggestionsOffError,
)
from ertedge.store.records import LearningState
from ertedge.store.store import Store
from ertedge.types import (
    Emotion,
    HealthCondition,
    ResponseKind,
    SilenceReason,
    Suggestion,
    SuggestionStatus,
    Trigger,
)
from tests.core.fakes import SECOND_NS, FakeClock, FakeStore
from tests.core.suggestion_fakes import ALWAYS, NOON_NS, FakeRecommender, SuggestionHouse

MINUTE = 60.0
ONCE = StoreSettings(free_bytes_least=0)


@asynccontextmanager
async def house_of(**parts: object) -> AsyncIterator[tuple[SuggestionHouse, FakeStore]]:
    """A house on a store in memory."""
    store = FakeStore()
    house = SuggestionHouse(lambda: store, **parts)  # type: ignore[arg-type]
    await house.start()
    try:
        yield house, store
    finally:
        await house.recorder.stop()


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(20):
            await scenario()

    asyncio.run(bounded())


def sad_until_offered(house: SuggestionHouse, minutes: float = 60.0) -> Suggestion:
    """Be sad until something is offered unasked: a draw decides, so it may take more than one stretch."""
    for _ in range(int(minutes)):
        house.feel(Emotion.SADNESS, 60)
        if (current := house.suggestions.current) is not None:
            return current
    raise AssertionError("nothing was offered")


def test_a_state_that_lasts_is_answered_with_an_activity_its_reason_and_its_propensity() -> None:
    async def scenario() -> None:
        async with house_of() as (house, store):
            house.feel(Emotion.SADNESS, 100)
            assert house.suggestions.current is None
            offered = sad_until_offered(house)
            assert (offered.trigger, offered.emotion) == (Trigger.SUSTAINED_STATE, Emotion.SADNESS)
            assert offered.wall_time_ns == pytest.approx(house.clock.wall_ns(), abs=60 * SECOND_NS)
            assert "sad" in offered.reason
            assert 0 < offered.propensity < 1
            assert offered.valence_before == pytest.approx(-0.6, abs=0.01)
            assert not offered.synthetic
            await house.recorder.flush()
            assert store.suggestions == {offered.suggestion_id: offered}
            decision = store.decisions[offered.decision_id]
            assert (decision.chosen, decision.model) == (offered.activity_id, "fake 1")
            chosen = next(each for each in decision.candidates if each.activity_id == decision.chosen)
            assert offered.propensity == pytest.approx(decision.offer_propensity * chosen.propensity)
            assert decision.context.hour == pytest.approx(12, abs=1.1)

    run(scenario)


def test_decision_points_are_kept_silent_ones_too_and_not_every_state() -> None:
    async def scenario() -> None:
        async with house_of() as (house, store):
            sad_until_offered(house)
            house.feel(Emotion.SADNESS, 20 * 60)
            await house.recorder.flush()
            silences = [each.silence for each in store.decisions.values() if not each.chosen]
            assert SilenceReason.PENDING_OFFER in silences
            assert len(store.decisions) < 30

    run(scenario)


def test_nobody_who_is_well_is_disturbed() -> None:
    async def scenario() -> None:
        quiet = ALWAYS.model_copy(update={"check_in_times": ()})
        async with house_of(settings=quiet) as (house, store):
            house.feel(Emotion.HAPPINESS, 1800, valence=0.7)
            await house.recorder.flush()
            assert (store.decisions, store.suggestions) == ({}, {})

    run(scenario)


def test_safety_is_asked_of_every_state_and_silences_and_takes_back_what_was_offered() -> None:
    async def scenario() -> None:
        async with house_of() as (house, store):
            offered = sad_until_offered(house)
            seen = len(house.safety.seen)
            house.safety.is_open = True
            house.feel(Emotion.SADNESS, 600)
            assert len(house.safety.seen) == seen + 600
            assert any(summary is not None for _, summary in house.safety.seen)
            taken = await house.suggestions.suggestion(offered.suggestion_id)
            assert taken.status is SuggestionStatus.EXPIRED
            assert house.recommender.taught == {}, "that says nothing of what the person wanted"
            with pytest.raises(SafetyFirstError, match="help comes first"):
                await house.suggestions.request("a")
            await house.recorder.flush()
            assert {each.silence for each in store.decisions.values() if each.decision_id > offered.decision_id} == {
                SilenceReason.SAFETY
            }
            house.safety.is_open = False
            assert (await house.suggestions.request("b")).status is SuggestionStatus.OFFERED

    run(scenario)


def test_a_safety_watch_that_fails_lets_nothing_be_offered_and_perception_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scenario() -> None:
        async with house_of() as (house, _):
            house.safety.trouble = ZeroDivisionError("broken")
            house.feel(Emotion.SADNESS, 1800)
            assert house.suggestions.current is None

    run(scenario)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == [
        "suggestions have a fault"
    ]


def test_a_model_that_fails_is_logged_once_and_perception_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with house_of() as (house, _):
            house.recommender.trouble = ModelError("the network cannot be run")
            house.feel(Emotion.SADNESS, 600)
            with pytest.raises(ModelError):
                await house.suggestions.request()
            house.recommender.trouble = None
            assert sad_until_offered(house)

    run(scenario)
    assert len([record for record in caplog.records if record.levelno >= logging.ERROR]) == 1


def test_without_a_recommender_nothing_is_suggested_and_safety_watches_on() -> None:
    async def scenario() -> None:
        async with house_of(off_detail="recommender.onnx is missing") as (house, store):
            house.feel(Emotion.SADNESS, 600)
            assert len(house.safety.seen) == 600
            assert house.suggestions.off_detail == "recommender.onnx is missing"
            with pytest.raises(SuggestionsOffError, match=r"recommender\.onnx is missing"):
                await house.suggestions.request()
            await house.recorder.flush()
            assert store.decisions == {}

    run(scenario)


def test_what_was_learnt_is_erased_also_where_the_recommender_cannot_be_used() -> None:
    async def scenario() -> None:
        async with house_of(off_detail="recommender.onnx is missing") as (house, store):
            store.save_learning(LearningState(False, 1, "an old model", b"what a person likes", 0))
            await house.suggestions.forget()
            kept = store.learning(synthetic=False)
            assert kept is not None
            assert kept.state == b""

    run(scenario)


def test_a_request_is_answered_once_also_after_a_restart(tmp_path: Path) -> None:
    async def scenario() -> None:
        def make(clock: FakeClock) -> SuggestionHouse:
            return SuggestionHouse(lambda: Store.open(tmp_path / "e.db", ONCE), clock=clock)

        clock = FakeClock(wall_offset_ns=NOON_NS)
        house = make(clock)
        await house.start()
        first = await house.suggestions.request("a")
        assert (first.trigger, first.propensity <= 1) == (Trigger.REQUEST, True)
        assert await house.suggestions.request("a") == first
        second = await house.suggestions.request("b")
        assert second.suggestion_id == first.suggestion_id + 1
        superseded = await house.suggestions.suggestion(first.suggestion_id)
        assert superseded.status is SuggestionStatus.EXPIRED
        await house.respond(second, ResponseKind.ACCEPT, request_id="yes")
        await house.recorder.stop()
        again = make(clock)
        await again.start()
        assert (await again.suggestions.request("a")).suggestion_id == first.suggestion_id
        assert (await again.suggestions.request("b")).status is SuggestionStatus.ACCEPTED
        repeated = await again.respond(second, ResponseKind.ACCEPT, request_id="yes")
        assert repeated.status is SuggestionStatus.ACCEPTED
        assert again.suggestions.current is not None
        assert again.suggestions.current.suggestion_id == second.suggestion_id
        assert (await again.suggestions.request("c")).suggestion_id == second.suggestion_id + 1
        await again.recorder.stop()

    run(scenario)


def test_conditions_of_the_person_rule_activities_out_and_where_nothing_fits_that_is_said() -> None:
    async def scenario() -> None:
        async with house_of() as (house, _):
            house.safety.conditions = frozenset({HealthCondition.RESPIRATORY})
            asked = [(await house.suggestions.request()).activity_id for _ in range(20)]
            assert "breathing" not in asked
        async with house_of(settings=ALWAYS.model_copy(update={"reviewed_only": True})) as (house, store):
            with pytest.raises(NothingFitsError):
                await house.suggestions.request("a")
            await house.activities.review("walk", reviewer="A", role="B", language="", digest="")
            assert (await house.suggestions.request("a")).activity_id == "walk"
            assert len(store.signed) == 1

    run(scenario)


def test_somebody_who_asks_all_the_time_is_refused_for_an_hour() -> None:
    async def scenario() -> None:
        async with house_of() as (house, _):
            for _ in range(module.REQUESTS_AN_HOUR_MOST):
                await house.suggestions.request()
            with pytest.raises(LimitReachedError):
                await house.suggestions.request()
            house.wait(3601)
            assert await house.suggestions.request()

    run(scenario)


def test_a_client_that_answers_without_end_is_refused_for_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWERS_AN_HOUR_MOST", 20)

    async def scenario() -> None:
        async with house_of() as (house, store):
            offered = await house.suggestions.request()
            for _ in range(20):
                await house.respond(offered, ResponseKind.SNOOZE, snooze_seconds=3600.0)
            with pytest.raises(LimitReachedError):
                await house.respond(offered, ResponseKind.SNOOZE, snooze_seconds=3600.0)
            house.wait(3601)
            await house.respond(offered, ResponseKind.DISMISS)
            await house.recorder.flush()
            assert len(store.responses) == 21

    run(scenario)


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


def test_it_works_with_a_store_that_takes_and_gives_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        def broken() -> FakeStore:
            raise StoreReadOnlyError("cannot be written; chown it")

        house = SuggestionHouse(broken)
        await house.start()
        offered = sad_until_offered(house)
        done = await house.respond(offered, ResponseKind.COMPLETE, rating=5, request_id="1")
        assert await house.respond(offered, ResponseKind.COMPLETE, rating=5, request_id="1") == done
        assert house.recommender.taught
        page = await house.suggestions.page(limit=10, before=None)
        assert page.suggestions == (done,)
        assert (await house.suggestions.evaluate()).offer_count == 1
        with pytest.raises(StoreReadOnlyError):
            await house.suggestions.forget()
        assert house.recommender.taught == {}
        await house.recorder.stop()

    run(scenario)
    assert any("were never stored" in record.getMessage() for record in caplog.records)


def test_what_was_learnt_is_there_after_a_restart_and_another_model_learns_it_again(tmp_path: Path) -> None:
    async def scenario() -> None:
        clock = FakeClock(wall_offset_ns=NOON_NS)

        def make(version: str) -> SuggestionHouse:
            return SuggestionHouse(
                lambda: Store.open(tmp_path / "e.db", ONCE), clock=clock, recommender=FakeRecommender(version)
            )

        house = make("fake 1")
        await house.start()
        for rating in (1, 5, 3):
            offered = await house.suggestions.request()
            await house.respond(offered, ResponseKind.COMPLETE, rating=rating)
        taught = dict(house.recommender.taught)
        assert [rating for _, rating in taught.values()] == [1, 5, 3]
        await house.recorder.stop()
        for version in ("fake 1", "fake 2"):
            again = make(version)
            await again.start()
            assert again.recommender.taught == taught
            await again.recorder.stop()

    run(scenario)


def test_forgetting_holds_over_restarts_and_other_models_and_leaves_the_list(tmp_path: Path) -> None:
    async def scenario() -> None:
        clock = FakeClock(wall_offset_ns=NOON_NS)

        def make(version: str) -> SuggestionHouse:
            return SuggestionHouse(
                lambda: Store.open(tmp_path / "e.db", ONCE), clock=clock, recommender=FakeRecommender(version)
            )

        house = make("fake 1")
        await house.start()
        first = await house.suggestions.request()
        await house.respond(first, ResponseKind.COMPLETE, rating=1)
        await house.suggestions.forget()
        assert house.recommender.taught == {}
        second = await house.suggestions.request()
        assert house.recommender.histories[-1] == (), "nothing is concluded from what was forgotten"
        await house.respond(first, ResponseKind.RATE, rating=5)
        assert house.recommender.taught == {}
        await house.recorder.stop()
        again = make("fake 2")
        await again.start()
        assert again.recommender.taught == {}
        await again.respond(second, ResponseKind.COMPLETE, rating=4)
        assert list(again.recommender.taught) == [second.suggestion_id]
        page = await again.suggestions.page(limit=10, before=None)
        assert [each.helpfulness for each in page.suggestions] == [4, 5]
        await again.recorder.stop()

    run(scenario)


def test_the_demo_learns_for_itself_and_its_pace_is_that_of_a_demonstration() -> None:
    async def scenario() -> None:
        settings = SuggestionSettings(timezone="UTC", quiet_from="00:00", quiet_until="23:59", daily_most=0)
        async with house_of(source="auto", settings=settings) as (house, store):
            mine = await house.suggestions.request()
            await house.respond(mine, ResponseKind.COMPLETE, rating=1)
            house.source = "demo"
            for _ in range(20):
                house.feel(Emotion.SADNESS, 30, synthetic=True)
                if house.suggestions.current:
                    break
            offered = house.suggestions.current
            assert offered is not None
            assert offered.synthetic
            assert house.recommender.histories[-1] == ()
            await house.respond(offered, ResponseKind.COMPLETE, rating=5)
            assert list(house.recommender.taught) == [offered.suggestion_id]
            left = await house.suggestions.request()
            await house.respond(left, ResponseKind.START)
            house.wait(5 * MINUTE + 3 * MINUTE)
            left = await house.suggestions.suggestion(left.suggestion_id)
            assert left.status is SuggestionStatus.EXPIRED, "the demonstration goes on"
            await house.recorder.flush()
            assert sorted(store.learnt) == [False, True]
            house.source = "camera"
            house.feel(Emotion.HAPPINESS, 5, valence=0.5)
            await house.learner.settled()
            assert list(house.recommender.taught) == [mine.suggestion_id]

    run(scenario)


def test_a_simulation_that_plays_faster_than_time_has_a_days_suggestions_in_a_moment() -> None:
    async def scenario() -> None:
        settings = SuggestionSettings(timezone="UTC")
        async with house_of(source="simulate:week", settings=settings) as (house, store):
            for _ in range(2 * 48):  # two days in half hours: ten minutes sad, twenty happy
                house.feel(Emotion.SADNESS, 600, synthetic=True, every=25)
                house.feel(Emotion.HAPPINESS, 1200, synthetic=True, valence=0.6, every=25)
            await house.recorder.flush()
            offered = list(store.suggestions.values())
            assert 2 <= len(offered) <= 6
            for each in offered:
                hour = store.decisions[each.decision_id].context.hour
                assert 7 <= hour < 22
            assert {each.status for each in offered[:-1]} == {SuggestionStatus.EXPIRED}
            gaps = [b.wall_time_ns - a.wall_time_ns for a, b in itertools.pairwise(offered)]
            assert min(gaps) >= 90 * 60 * SECOND_NS
            assert len(store.decisions) < 200

    run(scenario)


def test_the_same_simulated_day_can_be_played_again() -> None:
    async def scenario() -> None:
        settings = SuggestionSettings(timezone="UTC", daily_most=1)
        store = FakeStore()
        counts = []
        for run_number in range(2):
            house = SuggestionHouse(
                lambda: store,
                settings=settings,
                clock=FakeClock(wall_offset_ns=NOON_NS),
                source="simulate:day",
                seed=run_number,
            )
            await house.start()
            for _ in range(16):
                house.feel(Emotion.SADNESS, 900, synthetic=True, every=25)
                house.feel(Emotion.HAPPINESS, 900, synthetic=True, valence=0.6, every=25)
            await house.recorder.stop()
            counts.append(len(store.suggestions))
        assert counts[0] >= 1
        assert counts[1] > counts[0]

    run(scenario)
