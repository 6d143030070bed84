"""The recorder writes what waits, waits where it cannot write, and says so; nothing stored is lost, and nobody waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ertedge.config import ServerSettings, StoreSettings
from ertedge.core import recorder as module
from ertedge.core.emotions import Emotions
from ertedge.core.recorder import Recorder
from ertedge.errors import NotFoundError, StoreCorruptError, StoreError, StoreFullError, StoreReadOnlyError
from ertedge.store.store import Store
from ertedge.types import EmotionState
from tests.core.fakes import SECOND_NS, FakeClock, FakeStore, state, tracked
from tests.store.suggestion_samples import suggestion


def test_states_and_entries_are_written_and_read_back() -> None:
    async def scenario() -> None:
        store = FakeStore(states={7: state(7)})
        recorder = Recorder(lambda: store, FakeClock())
        assert await recorder.start() == 7
        recorder.record(state(8))
        recorder.record_ledger("CAMERA_OPENED", "camera", "The camera was opened.")
        page = await recorder.list_states(start_ns=None, end_ns=None, resolution_ns=0, limit=1, before=None)
        assert [each.sequence for each in page.states] == [8]
        assert page.next_cursor == 8
        entries, cursor = await recorder.list_ledger(limit=10, before=None)
        assert ([entry.event for entry in entries], cursor) == (["CAMERA_OPENED"], None)
        assert (await recorder.state(7)).sequence == 7
        with pytest.raises(NotFoundError):
            await recorder.state(99)
        health = await recorder.health()
        assert (health.writing, health.detail, health.state_count, health.lost_count) == (True, "", 2, 0)
        await recorder.stop()
        assert store.closed

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "error", [StoreFullError("the disk is full; make room"), StoreReadOnlyError("cannot be written; chown it")]
)
def test_trouble_loses_nothing_and_says_what_to_do(error: StoreError) -> None:
    async def scenario() -> None:
        store = FakeStore(states={1: state(1)}, trouble=error)
        recorder = Recorder(lambda: store, FakeClock())
        await recorder.start()
        recorder.record(state(2))
        recorder.record_ledger("SENSOR_MUTED", "camera", "The camera was muted.")
        await recorder.flush()
        health = await recorder.health()
        assert (health.writing, health.detail, health.lost_count) == (False, str(error), 0)
        assert (await recorder.state(1)).sequence == 1  # reading goes on
        store.trouble = None
        await recorder.flush()
        assert sorted(store.states) == [1, 2]
        assert [entry.event for entry in store.entries] == ["SENSOR_MUTED"]
        assert (await recorder.health()).writing
        await recorder.stop()

    asyncio.run(scenario())


def test_changes_are_made_in_their_order_and_read_back_and_wait_where_the_disk_does_not_take_them() -> None:
    async def scenario() -> None:
        store = FakeStore()
        recorder = Recorder(lambda: store, FakeClock())
        await recorder.start()
        for rating in (3, 5):
            done = replace(suggestion(1), helpfulness=rating)
            recorder.keep(lambda kept, done=done: kept.of(0).save_suggestion(done))  # type: ignore[misc]
        assert (await recorder.read(lambda kept: kept.of(0).suggestion(1))).helpfulness == 5
        store.trouble = StoreReadOnlyError("cannot be written; chown it")
        recorder.keep(lambda kept: kept.of(0).save_suggestion(suggestion(2)))
        assert (await recorder.read(lambda kept: kept.of(0).suggestion(1))).helpfulness == 5
        with pytest.raises(StoreReadOnlyError):
            await recorder.keep_now(lambda kept: kept.of(0).save_suggestion(suggestion(3)))
        with pytest.raises(NotFoundError):
            await recorder.read(lambda kept: kept.of(0).suggestion(2))
        store.trouble = None
        await recorder.keep_now(lambda kept: kept.of(0).save_suggestion(suggestion(4)))
        assert sorted(store.suggestions) == [1, 2, 4]
        await recorder.stop()

    asyncio.run(scenario())


def test_where_there_is_no_room_for_states_an_answer_is_still_written(caplog: pytest.LogCaptureFixture) -> None:
    class NoRoomForStates(FakeStore):
        def append_states(self, states: object) -> None:
            raise StoreFullError("only 1 MB are free; free some space")

    async def scenario() -> None:
        store = NoRoomForStates()
        recorder = Recorder(lambda: store, FakeClock())
        await recorder.start()
        for number in range(1, 4):
            recorder.record(state(number))
            recorder.record_ledger("SENSOR_MUTED", "camera", "The camera was muted.")
            recorder.keep(lambda kept, number=number: kept.save_suggestion(suggestion(number)))  # type: ignore[misc]
            await recorder.flush()
        assert sorted(store.suggestions) == [1, 2, 3]
        assert len(store.entries) == 3
        assert not (await recorder.health()).writing
        await recorder.stop()

    asyncio.run(scenario())
    assert [record.getMessage() for record in caplog.records if "not being stored" in record.getMessage()] == [
        "states are not being stored: only 1 MB are free; free some space"
    ]


def test_changes_that_the_buffer_cannot_hold_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WAITING_CHANGES", 2)

    async def scenario() -> None:
        store = FakeStore(trouble=StoreFullError("full"))
        recorder = Recorder(lambda: store, FakeClock())
        await recorder.start()
        for number in range(1, 6):
            recorder.keep(lambda kept, number=number: kept.save_suggestion(suggestion(number)))  # type: ignore[misc]
        assert (await recorder.health()).lost_count == 3
        store.trouble = None
        await recorder.flush()
        assert sorted(store.suggestions) == [4, 5]
        await recorder.stop()

    asyncio.run(scenario())


def test_what_the_buffer_cannot_hold_is_counted_and_the_newest_survive() -> None:
    async def scenario() -> None:
        store = FakeStore(trouble=StoreFullError("full"))
        recorder = Recorder(lambda: store, FakeClock(), waiting_states=3)
        await recorder.start()
        for sequence in range(1, 11):
            recorder.record(state(sequence))
        await recorder.flush()
        assert (await recorder.health()).lost_count == 7
        store.trouble = None
        await recorder.flush()
        assert sorted(store.states) == [8, 9, 10]
        await recorder.stop()

    asyncio.run(scenario())


def test_a_store_that_cannot_be_opened_is_tried_again_and_numbers_still_grow() -> None:
    async def scenario() -> None:
        store, clock = FakeStore(), FakeClock()
        tries: list[int] = []

        def open_store() -> FakeStore:
            tries.append(1)
            if len(tries) < 3:
                raise StoreCorruptError("is no database; move it away")
            return store

        recorder = Recorder(open_store, clock)
        first = await recorder.start()
        assert first == clock.wall_ns() // 1_000_000
        recorder.record(state(first + 1))
        await recorder.flush()
        assert not store.states
        await recorder.flush()
        assert sorted(store.states) == [first + 1]
        await recorder.stop()

    asyncio.run(scenario())


def test_a_failed_store_is_opened_anew_but_a_full_one_is_kept() -> None:
    async def scenario(error: StoreError) -> int:
        opened: list[FakeStore] = []

        def open_store() -> FakeStore:
            opened.append(FakeStore(trouble=error if not opened else None))
            return opened[-1]

        recorder = Recorder(open_store, FakeClock())
        await recorder.start()
        recorder.record(state(1))
        await recorder.flush()
        await recorder.flush()
        await recorder.stop()
        return len(opened)

    assert asyncio.run(scenario(StoreReadOnlyError("read-only"))) == 2
    assert asyncio.run(scenario(StoreFullError("full"))) == 1


def test_a_hanging_disk_holds_up_nobody_who_publishes_or_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HEALTH_SECONDS", 0.1)

    async def scenario() -> None:
        released = threading.Event()

        class Hanging(FakeStore):
            def append_states(self, states: object) -> None:
                released.wait(5)

        recorder = Recorder(Hanging, FakeClock(), waiting_states=2)
        await recorder.start()
        recorder.record(state(1))
        writing = asyncio.create_task(recorder.flush())
        await asyncio.sleep(0.05)
        for sequence in range(2, 6):
            recorder.record(state(sequence))
        assert not writing.done()
        health = await recorder.health()
        assert (health.writing, health.lost_count) == (False, 3)
        assert "has not answered" in health.detail
        released.set()
        await asyncio.wait_for(writing, 2)
        await recorder.stop()

    asyncio.run(scenario())


def test_it_writes_by_itself_and_grows_coarser_by_a_clock_that_does_not_jump(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WRITE_SECONDS", 0.01)
    monkeypatch.setattr(module, "DOWNSAMPLE_FIRST_SECONDS", 0.02)

    async def scenario() -> None:
        store, clock = FakeStore(), FakeClock()
        recorder = Recorder(lambda: store, clock)
        await recorder.start()
        start_ns = clock.wall_ns()
        clock.wall_offset_ns *= 100
        recorder.record(state(1))
        running = asyncio.create_task(recorder.run())
        for _ in range(200):
            await asyncio.sleep(0.01)
            if store.downsampled_ns:
                break
        running.cancel()
        assert sorted(store.states) == [1]
        assert store.downsampled_ns == [start_ns]
        await recorder.stop()

    asyncio.run(scenario())


def test_a_buffer_that_fills_is_written_before_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WRITE_SECONDS", 1000.0)

    async def scenario() -> None:
        written = asyncio.Event()
        loop = asyncio.get_running_loop()

        class Telling(FakeStore):
            def append_states(self, states: Sequence[EmotionState]) -> None:
                super().append_states(states)
                loop.call_soon_threadsafe(written.set)

        store = Telling()
        recorder = Recorder(lambda: store, FakeClock(), waiting_states=40)
        await recorder.start()
        running = asyncio.create_task(recorder.run())
        for first in range(1, 101, 20):
            for sequence in range(first, first + 20):
                recorder.record(state(sequence))
            async with asyncio.timeout(5):
                await written.wait()
            written.clear()
        assert sorted(store.states) == list(range(1, 101))
        assert (await recorder.health()).lost_count == 0
        running.cancel()
        await recorder.stop()

    asyncio.run(scenario())


def test_a_clock_that_jumps_loses_and_reorders_nothing_in_the_real_store(tmp_path: Path) -> None:
    """A day forward, then two back, in the middle of a stream: every state is there once, in the order it was published."""

    async def scenario() -> None:
        clock = FakeClock()
        recorder = Recorder(lambda: Store.open(tmp_path / "e.db", StoreSettings(free_bytes_least=0)), clock)
        emotions = Emotions(clock, ServerSettings(), await recorder.start())
        for jump_ns in (0, 86_400 * SECOND_NS, -2 * 86_400 * SECOND_NS):
            clock.wall_offset_ns += jump_ns
            for _ in range(5):
                clock.now_ns += SECOND_NS
                recorder.record(emotions.publish(tracked(clock.now_ns)))
        found: list[int] = []
        before: int | None = None
        for _ in range(10):
            page = await recorder.list_states(start_ns=None, end_ns=None, resolution_ns=0, limit=4, before=before)
            found += [each.sequence for each in page.states]
            before = page.next_cursor
            if before is None:
                break
        assert found == list(range(15, 0, -1))
        await recorder.stop()

    asyncio.run(scenario())


def test_what_was_stored_is_there_after_a_restart(tmp_path: Path) -> None:
    async def scenario() -> None:
        def make() -> Recorder:
            return Recorder(lambda: Store.open(tmp_path / "e.db", StoreSettings(free_bytes_least=0)), FakeClock())

        recorder = make()
        assert await recorder.start() == 0
        recorder.record(state(1, SECOND_NS))
        recorder.record(state(2, 2 * SECOND_NS))
        await recorder.stop()
        again = make()
        assert await again.start() == 2
        assert (await again.state(1)).wall_time_ns == SECOND_NS
        await again.stop()

    asyncio.run(scenario())


def test_what_waits_of_a_person_is_dropped_and_of_a_withdrawal_the_states_alone() -> None:
    async def scenario() -> None:
        store = FakeStore()
        recorder = Recorder(lambda: store, FakeClock())
        await recorder.start()
        for person in (1, 2):
            recorder.record(replace(state(person), profile_id=person))
            recorder.record_ledger("CONSENT_WITHDRAWN", f"profiles/{person}", "It was withdrawn.", profile_id=person)
        recorder.drop_states(1)
        recorder.drop(2)
        await recorder.stop()
        assert store.states == {}
        assert [entry.subject for entry in store.entries] == ["profiles/1"]

    asyncio.run(scenario())
