"""The whole flow of the core on stand-ins: predictions in, states out, paced; a sensor that is away becomes a reason."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from ertedge.affect.fusion import Fusion
from ertedge.affect.reliability import Reliabilities
from ertedge.config import FusionSettings, ServerSettings, TrackerSettings
from ertedge.core import watch_sensor
from ertedge.core.clock import SystemClock
from ertedge.core.device import Device
from ertedge.core.emotions import Emotions
from ertedge.core.loop import CoreLoop, Pace
from ertedge.core.recorder import Recorder
from ertedge.core.watch_sensor import SensorWatcher
from ertedge.types import Emotion, EmotionState, Modality, Prediction, Reason
from tests.core.fakes import SECOND_NS, FakeLedger, FakeSensor, FakeStore, prediction, report, tracked

EVEN = np.full(7, 0.7, np.float32)


class House:
    """A core made of the real parts around a fake sensor and a fake store."""

    def __init__(self) -> None:
        self.clock, self.sensor, self.store = SystemClock(), FakeSensor(), FakeStore()
        settings = TrackerSettings(silence_seconds=0.2, states_per_second=10.0)
        self.recorder = Recorder(lambda: self.store, self.clock)
        self.emotions = Emotions(self.clock, ServerSettings())
        self.device = Device(
            port=self.sensor, ledger=FakeLedger(), emotions=self.emotions, clock=self.clock, source="camera"
        )
        self.considered: list[EmotionState] = []
        self.watcher = SensorWatcher(self.sensor, self.clock, watchdog_seconds=5.0)
        self.loop = CoreLoop(
            sensor=self.watcher,
            fusion=Fusion(Reliabilities(EVEN, EVEN, 0.5), FusionSettings()),
            emotions=self.emotions,
            recorder=self.recorder,
            suggestions=self,
            device=self.device,
            clock=self.clock,
            settings=settings,
        )

    def consider(self, state: EmotionState) -> None:
        self.considered.append(state)

    async def until(self, wanted: str) -> EmotionState:
        """The first state from now on whose emotion or one of whose reasons is ``wanted``."""
        async with asyncio.timeout(5):
            async for event in self.emotions.watch():
                if event.state and (event.state.emotion == wanted or wanted in event.state.reasons):
                    return event.state
        raise AssertionError(f"no state said {wanted}")

    def send(self, *modalities: Modality, emotion: Emotion = Emotion.HAPPINESS) -> None:
        self.sensor.send(*(prediction(m, self.clock.monotonic_ns(), emotion) for m in modalities))


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_sensor, "SILENCE_SECONDS", 0.1)
    monkeypatch.setattr(watch_sensor, "RETRY_SECONDS", 0.01)


def test_predictions_become_states_that_are_watched_and_stored() -> None:
    async def scenario() -> None:
        house = House()
        running = [asyncio.create_task(house.watcher.run()), asyncio.create_task(house.loop.run())]
        house.sensor.send(report(synthetic=True, clock_offset_ns=3600 * SECOND_NS))
        house.send(Modality.FACE, Modality.VOICE)
        state = await house.until("happiness")
        assert state.synthetic
        assert {share.modality for share in state.shares} == set(Modality)
        assert abs(state.wall_time_ns - house.clock.wall_ns()) < 2 * SECOND_NS
        assert house.clock.wall_offset_ns == 3600 * SECOND_NS
        await house.recorder.start()
        await house.recorder.flush()
        assert state.sequence in house.store.states
        assert house.considered[0].sequence == state.sequence
        for task in running:
            task.cancel()
        await house.recorder.stop()

    asyncio.run(scenario())


def test_a_lost_sensor_process_becomes_unknown_with_its_reason_and_comes_back() -> None:
    async def scenario() -> None:
        house = House()
        running = [asyncio.create_task(house.watcher.run()), asyncio.create_task(house.loop.run())]
        house.sensor.send(report())
        house.send(Modality.FACE)
        before = await house.until("happiness")
        house.sensor.lose()
        lost = await house.until("no_sensor")
        assert lost.emotion is Emotion.UNKNOWN
        # Silence, not the moment of the loss, makes it unknown: within the silence allowed, give or take a tick.
        assert 0.2 * SECOND_NS <= lost.timestamp_ns - before.timestamp_ns < 1.5 * SECOND_NS
        house.sensor.send(report())
        house.send(Modality.FACE, emotion=Emotion.ANGER)
        assert (await house.until("anger")).sequence > lost.sequence
        for task in running:
            task.cancel()

    asyncio.run(scenario())


def test_a_mute_becomes_the_reason() -> None:
    async def scenario() -> None:
        house = House()
        running = [asyncio.create_task(house.watcher.run()), asyncio.create_task(house.loop.run())]
        house.sensor.send(report())
        for _ in range(10):
            for modality in Modality:
                now_ns = house.clock.monotonic_ns()
                house.sensor.send(Prediction(modality, now_ns, None, 0.0, (Reason.MUTED,)))
            await asyncio.sleep(0.03)
        assert (await house.until("muted")).reasons == (Reason.MUTED,)
        for task in running:
            task.cancel()

    asyncio.run(scenario())


def test_a_voice_window_that_ends_before_the_newest_frame_does_not_turn_time_back() -> None:
    async def scenario() -> None:
        house = House()
        running = [asyncio.create_task(house.watcher.run()), asyncio.create_task(house.loop.run())]
        now_ns = house.clock.monotonic_ns()
        house.sensor.send(
            report(), prediction(Modality.FACE, now_ns), prediction(Modality.VOICE, now_ns - SECOND_NS // 2)
        )
        house.sensor.send(prediction(Modality.FACE, now_ns + SECOND_NS, Emotion.ANGER))
        async with asyncio.timeout(5):
            async for event in house.emotions.watch():
                if event.state and event.state.timestamp_ns == now_ns + SECOND_NS:
                    break
        assert not any(task.done() for task in running)
        for task in running:
            task.cancel()

    asyncio.run(scenario())


def test_a_simulation_that_ran_ahead_of_time_may_begin_again() -> None:
    async def scenario() -> None:
        house = House()
        running = [asyncio.create_task(house.watcher.run()), asyncio.create_task(house.loop.run())]
        ahead_ns = house.clock.monotonic_ns() + 3600 * SECOND_NS
        house.sensor.send(report(), prediction(Modality.FACE, ahead_ns))
        await house.until("happiness")
        house.sensor.send(report())
        house.send(Modality.FACE, emotion=Emotion.ANGER)
        state = await house.until("anger")
        assert state.timestamp_ns < ahead_ns
        for task in running:
            task.cancel()

    asyncio.run(scenario())


def test_the_flow_fits_one_screen() -> None:
    source = Path(CoreLoop.run.__code__.co_filename).read_text(encoding="utf-8")
    assert len(source.splitlines()) < 120


def test_the_pace_is_kept_but_a_change_of_emotion_does_not_wait() -> None:
    pace = Pace(states_per_second=2.0)
    published = [
        at_ms
        for at_ms in range(0, 2000, 100)
        if pace.is_due(tracked(at_ms * 1_000_000, Emotion.ANGER if 300 <= at_ms < 1400 else Emotion.HAPPINESS))
    ]
    assert published == [0, 300, 800, 1300, 1400, 1900]


def test_new_reasons_wait_for_their_turn_and_an_empty_room_fills_no_disk() -> None:
    pace = Pace(states_per_second=2.0)
    nobody, dark = (Reason.NO_FACE,), (Reason.TOO_DARK,)
    published = [
        at_ms
        for at_ms in range(0, 12_000, 100)
        if pace.is_due(tracked(at_ms * 1_000_000, Emotion.UNKNOWN, dark if at_ms == 700 else nobody, silent=True))
    ]
    assert published == [0, 700, 1200, 6200, 11_200]


def test_someone_who_cannot_be_read_clearly_is_still_told_of_at_the_full_pace() -> None:
    pace = Pace(states_per_second=2.0)
    unclear = (Reason.LOW_CONFIDENCE,)
    due = [at for at in range(10) if pace.is_due(tracked(at * SECOND_NS // 2, Emotion.UNKNOWN, unclear))]
    assert due == list(range(10))
