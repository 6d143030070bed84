"""The stream from the sensor process never ends: losses, returns and silences are part of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from ertedge.core import watch_sensor
from ertedge.core.watch_sensor import SensorEvent, SensorSilence, SensorWatcher
from ertedge.types import Modality, SensorReport
from tests.core.fakes import FakeClock, FakeSensor, prediction, report


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_sensor, "RETRY_SECONDS", 0.01)
    monkeypatch.setattr(watch_sensor, "SILENCE_SECONDS", 0.05)


async def take(events: AsyncIterator[SensorEvent], count: int) -> list[SensorEvent]:
    return [await asyncio.wait_for(anext(events), 2) for _ in range(count)]


def test_events_come_through_and_a_pause_is_a_silence() -> None:
    async def scenario() -> None:
        sensor = FakeSensor()
        watcher = SensorWatcher(sensor, FakeClock(), watchdog_seconds=5.0)
        running = asyncio.create_task(watcher.run())
        sent = (report(1), prediction(Modality.FACE, 2))
        sensor.send(*sent)
        heard = await take(watcher.events(), 3)
        assert heard[:2] == [*sent]
        assert isinstance(heard[2], SensorSilence)
        assert heard[2].connected
        running.cancel()

    asyncio.run(scenario())


def test_a_loss_is_told_once_at_once_and_the_stream_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        sensor = FakeSensor()
        watcher = SensorWatcher(sensor, FakeClock(), watchdog_seconds=5.0)
        running = asyncio.create_task(watcher.run())
        events = watcher.events()
        sensor.send(report(1))
        await take(events, 1)
        for _ in range(5):
            sensor.lose("it went away")
        (lost,) = await take(events, 1)
        assert isinstance(lost, SensorSilence)
        assert (lost.connected, lost.detail) == (False, "it went away")
        sensor.send(report(2))
        heard = [event for event in await take(events, 3) if isinstance(event, SensorReport)]
        assert heard == [report(2)]
        assert watcher.connected
        running.cancel()

    with caplog.at_level(logging.INFO):
        asyncio.run(scenario())
    assert [r.levelname for r in caplog.records if r.name == watch_sensor.__name__] == ["INFO", "WARNING", "INFO"]


def test_whoever_wants_to_know_hears_of_each_process_that_begins_to_answer() -> None:
    async def scenario() -> None:
        sensor, found = FakeSensor(), []
        watcher = SensorWatcher(sensor, FakeClock(), watchdog_seconds=5.0)
        watcher.on_found(lambda: found.append(watcher.connected))
        running = asyncio.create_task(watcher.run())
        events = watcher.events()
        sensor.send(report(1), report(2))
        await take(events, 2)
        assert found == [True]
        sensor.lose("it went away")
        await take(events, 1)
        sensor.send(report(3))
        while not any(isinstance(event, SensorReport) for event in await take(events, 1)):
            pass  # silences come in between
        assert found == [True, True]
        running.cancel()

    asyncio.run(scenario())


def test_predictions_without_reports_are_no_sign_of_life() -> None:
    async def scenario() -> None:
        sensor = FakeSensor()
        watcher = SensorWatcher(sensor, FakeClock(), watchdog_seconds=0.1)
        running = asyncio.create_task(watcher.run())
        events = watcher.events()
        sensor.send(report(1))
        for step in range(100):
            sensor.send(prediction(Modality.FACE, step))
            event = (await take(events, 1))[0]
            if isinstance(event, SensorSilence) and not event.connected:
                break
            await asyncio.sleep(0.01)
        assert not watcher.connected
        assert sensor.streams >= 1
        running.cancel()

    asyncio.run(scenario())


def test_the_buffer_is_bounded_and_keeps_the_newest() -> None:
    async def scenario() -> None:
        sensor = FakeSensor()
        watcher = SensorWatcher(sensor, FakeClock(), watchdog_seconds=5.0)
        running = asyncio.create_task(watcher.run())
        sensor.send(report(0), *(prediction(Modality.FACE, step) for step in range(1, 1001)))
        for _ in range(100):
            await asyncio.sleep(0.01)
            if sensor.queue.empty():
                break
        heard = await take(watcher.events(), watch_sensor.BUFFER_EVENTS)
        assert [event.timestamp_ns for event in heard] == list(range(1001 - watch_sensor.BUFFER_EVENTS, 1001))
        running.cancel()

    asyncio.run(scenario())
