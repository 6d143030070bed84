"""Everybody's calibration: read when it is needed, apart for simulations, dropped when it is taken back, whatever the disk
does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import pytest

from ertedge.affect.calibration import PersonalCalibration
from ertedge.core.clock import SystemClock
from ertedge.core.front.calibrations import AGAIN_NS, Calibrations
from ertedge.core.recorder import Recorder
from ertedge.errors import PreconditionError, StoreError, StoreFullError
from ertedge.store.calibrations import CalibrationTable
from ertedge.types import CalibrationLabel, Emotion, Purpose
from tests.affect.people import population
from tests.core.fakes import FakeStore
from tests.core.front_fakes import FakePeople, label_of


class BrokenStore(FakeStore):
    """A store whose calibrations cannot be reached while it is ``broken``."""

    broken = True

    @property
    def calibrations(self) -> CalibrationTable:
        if self.broken:
            raise StoreFullError("the disk is full")
        return super().calibrations


@dataclass
class Scene:
    store: FakeStore = field(default_factory=FakeStore)
    people: FakePeople = field(default_factory=lambda: FakePeople.of(4, 5))
    synthetic: bool = False

    def __post_init__(self) -> None:
        self.clock = clock = SystemClock()
        self.recorder = Recorder(lambda: self.store, clock)
        self.calibrations = Calibrations(population(), self.people, self.recorder, clock, lambda: self.synthetic)

    async def say(self, profile_id: int = 4, request_id: str = "") -> int:
        label = label_of(profile_id, 0, face=Emotion.SADNESS, voice=Emotion.ANGER)
        return (await self.calibrations.add(label, request_id)).label_id

    async def known(self, profile_id: int = 4) -> int:
        return (await self.calibrations.summary(profile_id)).labels


def play(acts: Callable[[Scene], Awaitable[None]], scene: Scene | None = None) -> None:
    async def run() -> None:
        made = scene or Scene()
        await made.recorder.start()
        await acts(made)
        await made.recorder.stop()

    asyncio.run(run())


def test_until_it_is_read_a_person_is_read_as_everybody_is() -> None:
    async def acts(scene: Scene) -> None:
        await scene.say()
        again = Scene(store=scene.store)
        await again.recorder.start()
        assert again.calibrations.of(4).labels == ()
        for _ in range(100):
            if again.calibrations.of(4).labels:
                break
            await asyncio.sleep(0.01)
        assert len(again.calibrations.of(4).labels) == 1
        assert again.calibrations.of(4).fusion is not None
        assert again.calibrations.of(0).labels == ()
        await again.recorder.stop()

    play(acts)


def test_numbers_are_never_given_twice_and_a_repeated_request_adds_nothing() -> None:
    async def acts(scene: Scene) -> None:
        given = [await scene.say(*each) for each in ((4, "a"), (4, "a"), (5, "a"), (4, ""))]
        assert given == [1, 1, 2, 3]
        await scene.calibrations.forget(4)
        assert (await scene.known(4), await scene.known(5)) == (0, 1)
        assert await scene.say() == 4

    play(acts)


def test_a_simulated_persons_labels_say_nothing_of_a_real_one() -> None:
    async def acts(scene: Scene) -> None:
        scene.synthetic = True
        await scene.say()
        assert await scene.known() == 1
        scene.synthetic = False
        assert await scene.known() == 0

    play(acts)


def test_what_is_taken_back_teaches_nothing_any_more() -> None:
    async def acts(scene: Scene) -> None:
        await scene.say()
        scene.people.withdraw(4, Purpose.SENSE_FACE)
        face, voice = (await scene.calibrations.summary(4)).reliabilities
        assert (face.labels, voice.labels) == (0, 1)
        scene.people.withdraw(4, Purpose.SENSE_VOICE)
        assert await scene.known() == 0
        scene.people.withdraw(4, Purpose.KEEP_HISTORY)
        with pytest.raises(PreconditionError, match="keep_history"):
            await scene.say()
        await scene.say(5)
        scene.people.erase(5)
        assert scene.calibrations.of(5).labels == ()

    play(acts)


def test_without_the_store_a_person_is_read_all_the_same_and_a_label_is_refused() -> None:
    async def acts(scene: Scene) -> None:
        scene.calibrations.of(4)
        for _ in range(100):
            await asyncio.sleep(0.01)
        assert scene.calibrations.of(4).labels == ()
        with pytest.raises(StoreError, match="full"):
            await scene.say()

    play(acts, Scene(store=BrokenStore()))


def test_it_is_worked_out_anew_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    async def acts(scene: Scene) -> None:
        await scene.say()
        assert await scene.known() == 1
        before = scene.calibrations.of(4)
        assert scene.calibrations.of(4) is before
        later_ns = scene.clock.wall_ns() + AGAIN_NS + 1
        monkeypatch.setattr(SystemClock, "wall_ns", lambda _: later_ns)
        assert scene.calibrations.of(4) is before
        assert await scene.known() == 1
        after = scene.calibrations.of(4)
        assert after is not before
        assert after.labels == before.labels
        assert scene.calibrations.of(4) is after

    play(acts)


def test_a_long_calculation_holds_nobody_up_and_labels_that_come_meanwhile_are_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def acts(scene: Scene) -> None:
        await scene.say()
        assert await scene.known() == 1
        held, worked = threading.Event(), []
        whole = PersonalCalibration.replace

        def slowly(self: PersonalCalibration, labels: Sequence[CalibrationLabel], now_wall_ns: int) -> None:
            held.wait(10)
            worked.append(len(labels))
            whole(self, labels, now_wall_ns)

        monkeypatch.setattr(PersonalCalibration, "replace", slowly)
        monkeypatch.setattr("ertedge.core.front.calibrations.WAIT_SECONDS", 0.05)
        for _ in range(3):
            await scene.say()
        assert await scene.known() == 1
        assert len(await scene.calibrations.labels(4)) == 4
        monkeypatch.setattr("ertedge.core.front.calibrations.WAIT_SECONDS", 10.0)
        held.set()
        assert await scene.known() == 4
        assert worked == [2, 4]

    play(acts)


def test_what_fails_in_the_background_is_told_once_and_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def acts(scene: Scene) -> None:
        def fail(*_: object) -> None:
            raise ValueError("singular")

        await scene.say()
        assert await scene.known() == 1
        monkeypatch.setattr(PersonalCalibration, "replace", fail)
        await scene.say()
        assert await scene.known() == 1
        assert "singular" in caplog.text

    play(acts)
