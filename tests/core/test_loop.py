"""The whole flow of the core on stand-ins: predictions in, states out, paced; a sensor that is away becomes a reason."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ertedge.affect.confidence import AS_IT_COMES
from ertedge.affect.drift import Reference
from ertedge.affect.fusion import Fusion
from ertedge.affect.reliability import Reliabilities
from ertedge.config import DriftSettings, FusionSettings, ServerSettings, TrackerSettings
from ertedge.core import watch_sensor
from ertedge.core.clock import SystemClock
from ertedge.core.device import Device
from ertedge.core.drift import DriftWatch
from ertedge.core.emotions import Emotions
from ertedge.core.front.records import CalibrationPhase
from ertedge.core.loop import CoreLoop
from ertedge.core.recorder import Recorder
from ertedge.core.watch_sensor import SensorWatcher
from ertedge.types import (
    DriftCondition,
    DriftSign,
    Emotion,
    EmotionState,
    Float32Array,
    Modality,
    ModelInfo,
    Prediction,
    Presence,
    PresenceKind,
    Purpose,
    Reason,
)
from tests.affect.drift_samples import SHA256, reading, reference
from tests.core.fakes import SECOND_NS, FakeLedger, FakeSensor, FakeStore, prediction, report
from tests.core.front_fakes import (
    ANN,
    STRANGER,
    FakeHousehold,
    FakePeople,
    frame,
    gallery,
    label_of,
    make_front,
    nothing,
    window,
)

EVEN = np.full(7, 0.7, np.float32)


class House:
    """A core made of the real parts around a fake sensor and a fake store."""

    def __init__(
        self,
        people: FakePeople | None = None,
        enrolled: Mapping[int, Float32Array] | None = None,
        references: Mapping[Modality, Reference] | None = None,
    ) -> None:
        self.people = people or FakePeople()
        self.clock, self.sensor, self.store = SystemClock(), FakeSensor(), FakeStore()
        settings = TrackerSettings(silence_seconds=0.2, states_per_second=10.0)
        self.recorder = Recorder(lambda: self.store, self.clock)
        self.emotions = Emotions(self.clock, ServerSettings())
        self.drift = DriftWatch(references or {}, DriftSettings(enabled=references is not None), self.clock)
        self.device = Device(
            port=self.sensor,
            ledger=FakeLedger(),
            emotions=self.emotions,
            clock=self.clock,
            source="camera",
            drift=self.drift,
        )
        self.household = FakeHousehold()
        self.front = make_front(self.people, self.recorder, self.clock)
        self.front.presence.set_galleries(enrolled or {})
        self.watcher = SensorWatcher(self.sensor, self.clock, watchdog_seconds=5.0)
        self.loop = CoreLoop(
            sensor=self.watcher,
            people=self.people,
            front=self.front,
            fusion=Fusion(Reliabilities(EVEN, EVEN, 0.5), FusionSettings()),
            confidence=AS_IT_COMES,
            emotions=self.emotions,
            recorder=self.recorder,
            household=self.household,
            device=self.device,
            drift=self.drift,
            clock=self.clock,
            settings=settings,
        )

    @property
    def considered(self) -> list[EmotionState]:
        return self.household.considered

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


def test_a_face_that_drifts_counts_half_says_so_in_the_states_and_warns_in_the_device_status() -> None:
    async def scenario() -> None:
        house = House(references=dict.fromkeys(Modality, reference()))
        running = [asyncio.create_task(house.watcher.run()), asyncio.create_task(house.loop.run())]
        house.sensor.send(report(models=(ModelInfo("facenet", "1.0", "facenet.tflite", SHA256, "litert", 1, ""),)))
        begin_ns, random = house.clock.monotonic_ns(), np.random.default_rng(0)
        states = house.emotions.watch()
        for second in range(120):
            house.sensor.send(reading(begin_ns / SECOND_NS + second, random, spread=1.0 if second < 60 else 5.0))
            state = None
            while state is None or state.timestamp_ns < begin_ns + second * SECOND_NS - SECOND_NS // 100:
                state = (await anext(states)).state
            (share,) = [share for share in state.shares if share.modality is Modality.FACE]
            assert share.probabilities is not None
            if second < 60:
                assert share.reasons == ()
        assert state is not None
        assert share.reasons == (Reason.DRIFTED,)
        assert share.quality == pytest.approx(0.95 / 2)
        assert state.emotion is Emotion.HAPPINESS
        drift = (await house.device.status()).drifts[0]
        assert (drift.condition, drift.signs) == (DriftCondition.DRIFTED, (DriftSign.UNLIKE,))
        await states.aclose()
        for task in running:
            task.cancel()

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


async def played(house: House, *events: Prediction) -> list[EmotionState]:
    """The states that ``events`` become, each at its own time from now on, or from those played before."""
    running = [asyncio.create_task(house.watcher.run()), asyncio.create_task(house.loop.run())]
    house.sensor.send(report())
    begin_ns = max(house.clock.monotonic_ns(), house.front.presence.newest_ns)
    for event in events:
        house.sensor.send(replace(event, timestamp_ns=begin_ns + event.timestamp_ns))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    last_ns = begin_ns + events[-1].timestamp_ns
    for _ in range(1000):
        if house.front.presence.newest_ns >= last_ns:
            break
        await asyncio.sleep(0.005)
    for task in running:
        task.cancel()
    published = map(house.emotions.recent, range(1, house.emotions.last_sequence + 1))
    return [state for state in published if state is not None]


def test_states_belong_to_the_recognised_person_and_a_bystanders_are_kept_by_nobody() -> None:
    async def scenario() -> None:
        house = House(FakePeople.of(4), {4: gallery(ANN)})
        await house.recorder.start()
        states = await played(
            house,
            *(frame(n) for n in range(20)),
            *(nothing(n) for n in range(20, 35)),
            *(each for n in range(35, 70) for each in (frame(n, STRANGER, emotion=Emotion.ANGER), window(n))),
        )
        await house.recorder.stop()
        theirs = [state for state in states if state.profile_id == 4 and state.emotion is Emotion.HAPPINESS]
        assert theirs
        strangers = [state for state in states if Reason.BYSTANDER in state.reasons]
        assert strangers
        for state in strangers:
            assert (state.profile_id, state.emotion, state.shares) == (0, Emotion.UNKNOWN, ())
            assert np.ptp(state.probabilities) == 0.0
        assert Emotion.ANGER not in {state.emotion for state in states}
        assert {state.profile_id for state in house.store.states.values()} == {4}
        assert {state.profile_id for state in house.considered} == {4}
        assert [each.kind for each in house.household.followed] == [
            PresenceKind.PROFILE,
            PresenceKind.BYSTANDER,
        ]

    asyncio.run(scenario())


def test_a_modality_without_consent_is_not_read_and_without_history_nothing_is_kept() -> None:
    async def scenario() -> None:
        house = House(FakePeople({4: {Purpose.SENSE_VOICE}}))
        await house.recorder.start()
        said = (frame(n, emotion=Emotion.ANGER) for n in range(20))
        states = await played(house, *(each for n, shown in enumerate(said) for each in (shown, window(n))))
        await house.recorder.stop()
        assert states[-1].emotion is Emotion.HAPPINESS
        shares = {share.modality: share for share in states[-1].shares}
        assert shares[Modality.FACE].reasons == (Reason.NO_CONSENT,)
        assert shares[Modality.FACE].probabilities is None
        assert house.store.states == {}
        assert {state.profile_id for state in house.considered} == {4}

    asyncio.run(scenario())


def test_what_is_withdrawn_is_out_of_the_very_next_state() -> None:
    async def scenario() -> None:
        house = House(FakePeople.of(4))
        await house.recorder.start()
        before = await played(house, *(frame(n) for n in range(10)))
        assert before[-1].emotion is Emotion.HAPPINESS
        house.people.withdraw(4, Purpose.SENSE_FACE)
        after = await played(house, *(frame(n) for n in range(10)))
        await house.recorder.stop()
        new = [state for state in after if state.sequence > before[-1].sequence]
        assert {state.emotion for state in new} == {Emotion.UNKNOWN}
        assert all(Reason.NO_CONSENT in state.reasons for state in new)

    asyncio.run(scenario())


def test_what_is_played_in_a_session_is_watched_and_neither_kept_nor_acted_upon() -> None:
    async def scenario() -> None:
        house = House(FakePeople.of(4))
        await house.recorder.start()
        house.front.in_front.follow(Presence(0, PresenceKind.ASSUMED, 4))
        session = house.front.sessions.run(4, house.front.words(4))
        first = await anext(session)
        assert first.phase is CalibrationPhase.PREPARE
        states = await played(house, *(frame(n, emotion=Emotion.SADNESS) for n in range(10)))
        assert states[-1].emotion is Emotion.SADNESS
        assert house.considered == []
        await session.aclose()
        await played(house, *(frame(n) for n in range(10)))
        await house.recorder.stop()
        assert {state.emotion for state in house.considered} <= {Emotion.HAPPINESS, Emotion.SADNESS, Emotion.UNKNOWN}
        assert house.considered
        assert min(house.store.states) > states[-1].sequence

    asyncio.run(scenario())


def test_two_people_pause_the_only_profiles_states() -> None:
    async def scenario() -> None:
        house = House(FakePeople.of(4))
        await house.recorder.start()
        two = (Reason.TWO_PEOPLE,)
        states = await played(
            house,
            *(frame(n) for n in range(10)),
            *(each for n in range(10, 30) for each in (frame(n, reasons=two, faces=2), window(n, Emotion.ANGER))),
        )
        await house.recorder.stop()
        assert states[-1].reasons == two
        assert states[-1].profile_id == 0
        stored = house.store.states.values()
        assert {state.profile_id for state in stored} == {4}
        assert max(state.sequence for state in stored) < states[-1].sequence

    asyncio.run(scenario())


def test_a_calibration_counts_for_its_persons_states_at_once() -> None:
    """The face was wrong about this person twenty times and the voice right: the voice wins from then on."""

    async def scenario() -> None:
        house = House(FakePeople.of(4))
        await house.recorder.start()
        disagreeing = [
            each for n in range(20) for each in (frame(n, emotion=Emotion.HAPPINESS), window(n, Emotion.SADNESS))
        ]
        before = (await played(house, *disagreeing))[-1]
        for number in range(20):
            await house.front.calibrations.add(label_of(4, number, face=Emotion.HAPPINESS, voice=Emotion.SADNESS))
        assert (await house.front.calibrations.summary(4)).labels == 20
        after = (await played(house, *disagreeing))[-1]
        await house.recorder.stop()
        assert before.emotion is not Emotion.SADNESS
        assert after.emotion is Emotion.SADNESS

    asyncio.run(scenario())


def test_the_flow_fits_one_screen() -> None:
    source = Path(CoreLoop.run.__code__.co_filename).read_text(encoding="utf-8")
    assert len(source.splitlines()) < 120
