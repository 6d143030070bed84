"""What is learnt and listed over restarts, other models and stores that fail; a demonstration keeps to itself."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from ertedge.config import SuggestionSettings
from ertedge.errors import StoreReadOnlyError
from ertedge.store.store import Store
from ertedge.types import Emotion, ResponseKind, SuggestionStatus
from tests.core.fakes import SECOND_NS, FakeClock, FakeStore
from tests.core.suggestion_fakes import NOON_NS, FakeRecommender, SuggestionHouse
from tests.core.suggestions.scene import MINUTE, ONCE, house_of, run, sad_until_offered


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
