"""From states to suggestions: offered with a reason, told, asked for, held back by safety."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ertedge.core.suggestions import suggestions as module
from ertedge.errors import LimitReachedError, ModelError, NothingFitsError, SafetyFirstError, SuggestionsOffError
from ertedge.store.records import LearningState
from ertedge.store.store import Store
from ertedge.types import Emotion, HealthCondition, ResponseKind, SilenceReason, SuggestionStatus, Trigger
from tests.core.fakes import SECOND_NS, FakeClock
from tests.core.suggestion_fakes import ALWAYS, NOON_NS, SuggestionHouse
from tests.core.suggestions.scene import ONCE, house_of, run, sad_until_offered


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
