"""What is remembered of suggestions: numbers that go on, two people told apart, earlier runs, a store that is away."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.suggestions import log as module
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.errors import NotFoundError, StoreError, StoreReadOnlyError
from ertedge.types import ResponseKind, SuggestionResponse, SuggestionStatus
from tests.core.fakes import SECOND_NS, FakeClock, FakeStore
from tests.store.samples import DAY_NS, START_NS
from tests.store.suggestion_samples import decision, suggestion

CLOCK = FakeClock(wall_offset_ns=START_NS + DAY_NS - 100 * SECOND_NS)
"""A day after the first of the samples."""


def run(store: FakeStore, scenario: Callable[[SuggestionLog, Recorder], Awaitable[None]]) -> None:
    async def inside() -> None:
        recorder = Recorder(lambda: store, CLOCK)
        log = SuggestionLog(PersonalRecorder(recorder, 0), CLOCK)
        await recorder.start()
        await log.start()
        await scenario(log, recorder)
        await recorder.stop()

    asyncio.run(inside())


def filled() -> FakeStore:
    store = FakeStore()
    for number in range(1, 6):
        store.suggestions[number] = suggestion(number, synthetic=number in (2, 4))
        store.decisions[number] = decision(number, synthetic=number in (2, 4))
    return store


def test_it_goes_on_where_the_last_run_ended_and_tells_the_two_people_apart() -> None:
    async def scenario(log: SuggestionLog, _recorder: Recorder) -> None:
        assert [each.suggestion_id for each in log.history(synthetic=False)] == [1, 3, 5]
        assert [each.suggestion_id for each in log.history(synthetic=True)] == [2, 4]
        assert [each.decision_id for each in log.decisions(synthetic=True)] == [2, 4]
        assert [each.suggestion_id for each in log.open(synthetic=True)] == [2, 4]
        assert (log.next_suggestion_id(), log.next_decision_id()) == (6, 6)
        context = log.context_of(suggestion(3))
        assert context is not None
        assert context.wall_time_ns == decision(3).context.wall_time_ns

    run(filled(), scenario)


def test_what_an_earlier_run_of_a_simulation_left_in_the_future_is_listed_and_is_no_history() -> None:
    async def scenario(log: SuggestionLog, _recorder: Recorder) -> None:
        log.begin_simulation(suggestion(2).wall_time_ns)
        assert [each.suggestion_id for each in log.history(synthetic=True)] == [2]
        assert [each.suggestion_id for each in log.open(synthetic=True)] == [2]
        assert [each.decision_id for each in log.decisions(synthetic=True)] == [2]
        assert [each.suggestion_id for each in log.history(synthetic=False)] == [1, 3, 5]
        log.put(replace(suggestion(4, synthetic=True), helpfulness=1))
        assert [each.suggestion_id for each in log.history(synthetic=True)] == [2]
        assert len((await log.page(limit=10, before=None)).suggestions) == 5

    run(filled(), scenario)


def test_the_oldest_that_are_over_make_room_and_are_read_from_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_SUGGESTIONS", 3)

    async def scenario(log: SuggestionLog, _recorder: Recorder) -> None:
        log.put(suggestion(1))
        for number in range(2, 7):
            log.put(replace(suggestion(number), status=SuggestionStatus.DISMISSED))
        assert [each.suggestion_id for each in log.history(synthetic=False)] == [1, 5, 6]
        assert log.remembered(3) is None
        for _ in range(6):
            log.next_suggestion_id()
        assert (await log.get(3)).status is SuggestionStatus.DISMISSED

    run(FakeStore(), scenario)


def test_numbers_never_given_are_not_found_without_asking_the_store() -> None:
    async def scenario(log: SuggestionLog, _recorder: Recorder) -> None:
        for number in (0, 6, 10**15):
            with pytest.raises(NotFoundError):
                await log.get(number)

    run(filled(), scenario)


def test_without_a_store_numbers_still_grow_and_memory_answers() -> None:
    async def scenario() -> None:
        def broken() -> FakeStore:
            raise StoreReadOnlyError("cannot be written; chown it")

        recorder = Recorder(broken, CLOCK)
        log = SuggestionLog(PersonalRecorder(recorder, 0), CLOCK)
        await recorder.start()
        await log.start()
        first = log.next_suggestion_id()
        assert first > CLOCK.wall_ns() // 1_000_000
        for number in (first, first + 1, first + 2):
            log.put(suggestion(number))
            log.add_decision(decision(number, wall_time_ns=CLOCK.wall_ns()))
        log.add_request("a", suggestion(first))
        log.add_response(SuggestionResponse(first, ResponseKind.DISMISS, 0, request_id="b"))
        assert await log.requested("a") == first
        assert (await log.response_of("b")) is not None
        assert (await log.requested("?"), await log.response_of("?")) == (None, None)
        page = await log.page(limit=2, before=None)
        assert [each.suggestion_id for each in page.suggestions] == [first + 2, first + 1]
        rest = await log.page(limit=2, before=page.next_cursor)
        assert ([each.suggestion_id for each in rest.suggestions], rest.next_cursor) == ([first], None)
        assert len(await log.logged(0, synthetic=False, most=2)) == 2
        with pytest.raises(StoreError):
            await log.get(1)
        await recorder.stop()

    asyncio.run(scenario())


def test_request_ids_that_are_no_longer_in_memory_are_known_by_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_REQUESTS", 2)

    async def scenario(log: SuggestionLog, _recorder: Recorder) -> None:
        for number in range(1, 6):
            log.add_request(f"ask {number}", suggestion(number))
            log.add_response(SuggestionResponse(number, ResponseKind.DISMISS, 0, request_id=f"say {number}"))
        assert (await log.requested("ask 1"), await log.requested("ask 5")) == (1, 5)
        answer = await log.response_of("say 1")
        assert answer is not None
        assert answer.suggestion_id == 1
        assert await log.requested("") is None
        assert await log.response_of("") is None

    run(FakeStore(), scenario)


def test_a_disk_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ASK_SECONDS", 0.05)
    released = threading.Event()

    class Hanging(FakeStore):
        def requested_suggestion(self, request_id: str) -> int | None:
            released.wait(5)
            return None

    async def scenario(log: SuggestionLog, _recorder: Recorder) -> None:
        assert await log.requested("never seen") is None
        released.set()

    run(Hanging(), scenario)
