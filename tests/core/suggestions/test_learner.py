"""Learning is saved, restored, begun again for another model or after damage, and never stands in the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.suggestions.learner import Learner
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.core.suggestions.responses import withdrawn
from ertedge.store.records import LearningState
from ertedge.types import DecisionContext, Suggestion, SuggestionStatus
from tests.core.fakes import SECOND_NS, FakeClock, FakeStore
from tests.core.suggestion_fakes import FakeRecommender
from tests.store.samples import DAY_NS, START_NS
from tests.store.suggestion_samples import decision, suggestion

CLOCK = FakeClock(wall_offset_ns=START_NS + DAY_NS - 100 * SECOND_NS)


def done(number: int, rating: int, *, synthetic: bool = False) -> Suggestion:
    return replace(suggestion(number, synthetic=synthetic), status=SuggestionStatus.COMPLETED, helpfulness=rating)


def filled() -> FakeStore:
    """Three of the person, one of these taken back, and one of the demo person."""
    store = FakeStore()
    taken = withdrawn(suggestion(2), START_NS)
    for each in (done(1, 5), taken, done(3, 2), done(4, 1, synthetic=True), suggestion(5)):
        store.suggestions[each.suggestion_id] = each
        store.decisions[each.suggestion_id] = decision(each.suggestion_id, synthetic=each.synthetic)
    return store


def run(
    store: FakeStore,
    scenario: Callable[[Learner, FakeRecommender], Awaitable[None]],
    recommender: FakeRecommender | None = None,
) -> None:
    async def inside() -> None:
        recorder = Recorder(lambda: store, CLOCK)
        log = SuggestionLog(PersonalRecorder(recorder, 0), CLOCK)
        used = recommender or FakeRecommender()
        learner = Learner(used, log, PersonalRecorder(recorder, 0), CLOCK)
        await recorder.start()
        await log.start()
        await learner.start()
        learner.begin(synthetic=False)
        await learner.settled()
        await scenario(learner, used)
        await recorder.stop()

    asyncio.run(inside())


LEARNT = {1: ("breathing", 5), 3: ("breathing", 2)}


def test_without_anything_saved_it_learns_from_what_is_stored_each_person_for_themselves() -> None:
    async def scenario(learner: Learner, recommender: FakeRecommender) -> None:
        assert recommender.taught == LEARNT
        learner.begin(synthetic=True)
        await learner.settled()
        assert recommender.taught == {4: ("breathing", 1)}
        learner.learn(done(3, 2))
        assert recommender.taught == {4: ("breathing", 1)}
        learner.begin(synthetic=False)
        assert recommender.taught == LEARNT, "saved after it had been learnt again"

    run(filled(), scenario)


def test_forgetting_ends_what_is_being_learnt_again() -> None:
    async def scenario(learner: Learner, recommender: FakeRecommender) -> None:
        learner.learn_again()
        await asyncio.sleep(0)
        await learner.forget()
        await learner.settled()
        assert recommender.taught == {}

    store = filled()
    run(store, scenario)
    assert store.learnt[False].state == b""


@pytest.mark.parametrize(
    "saved", [LearningState(False, START_NS, "fake 1", b"\x00damaged", 0), LearningState(False, 1, "fake 0", b"x", 0)]
)
def test_what_is_damaged_or_of_another_model_is_learnt_again(saved: LearningState) -> None:
    store = filled()
    store.learnt[False] = saved

    async def scenario(_learner: Learner, recommender: FakeRecommender) -> None:
        assert recommender.taught == LEARNT

    run(store, scenario)


def test_what_was_saved_is_believed_rather_than_learnt_again() -> None:
    store = filled()
    taught = FakeRecommender(taught={1: ("breathing", 3)})
    store.learnt[False] = LearningState(False, START_NS, "fake 1", taught.state(), 0)

    async def scenario(_learner: Learner, recommender: FakeRecommender) -> None:
        assert recommender.taught == taught.taught

    run(store, scenario)


def test_a_suggestion_that_cannot_be_learnt_from_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    class Unteachable(FakeRecommender):
        def learn(self, context: DecisionContext, history_before: object, suggestion: Suggestion) -> None:
            raise ValueError("a response must be finite")

    async def scenario(learner: Learner, _recommender: FakeRecommender) -> None:
        learner.learn(done(3, 2))

    with caplog.at_level(logging.WARNING):
        run(filled(), scenario, Unteachable())
    assert "suggestion 3 taught nothing: a response must be finite" in caplog.text


def test_the_forecast_sees_only_what_has_come_to_an_end() -> None:
    async def scenario(learner: Learner, recommender: FakeRecommender) -> None:
        learner.forecast(decision(9).context, ())
        assert recommender.histories == [(1, 3)]

    run(filled(), scenario)
