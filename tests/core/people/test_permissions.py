"""The sensor process hears what people agreed to, whenever it begins to answer and whenever it changes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from ertedge.core.people import permissions as permissions_module
from ertedge.core.people.permissions import Permissions
from ertedge.errors import StoreFullError
from ertedge.types import Purpose, SensorName, SensorStatus
from tests.core.fakes import FakeSensor

CAMERA, MICROPHONE = frozenset({SensorName.CAMERA}), frozenset({SensorName.MICROPHONE})
BOTH, NOTHING = CAMERA | MICROPHONE, frozenset[SensorName]()


class FakeAgreements:
    """What people agreed to, as a test has it."""

    def __init__(self, sensed: frozenset[SensorName]) -> None:
        self.sensed = sensed
        self._listeners: list[Callable[[int, Purpose, bool], None]] = []

    def subscribe(self, listener: Callable[[int, Purpose, bool], None]) -> None:
        self._listeners.append(listener)

    def become(self, sensed: frozenset[SensorName]) -> None:
        self.sensed = sensed
        for listener in self._listeners:
            listener(1, Purpose.SENSE_FACE, bool(sensed))


class FullSensor(FakeSensor):
    """Cannot write down what is permitted while ``is_full``."""

    is_full = True

    async def permit(self, permitted: frozenset[SensorName]) -> tuple[SensorStatus, ...]:
        if self.is_full:
            raise StoreFullError("the disk is full; free some space and try again")
        return await super().permit(permitted)


class Scene:
    def __init__(self, sensed: frozenset[SensorName], sensor: FakeSensor | None = None) -> None:
        self.people = FakeAgreements(sensed)
        self.sensor = sensor or FakeSensor()
        self.revoked: list[frozenset[SensorName]] = []
        """What the sensor process had been told last when its file was removed."""
        self.permissions = Permissions(self.sensor, self.people, self._revoke)

    def _revoke(self) -> bool:
        self.revoked.append(self.sensor.permitted[-1] if self.sensor.permitted else NOTHING)
        return True

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self.permissions.run())
        try:
            async with asyncio.timeout(10):
                yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():  # noqa: ASYNC110 (nothing tells a test of it)
            await asyncio.sleep(0.005)


def test_it_is_told_at_the_start_at_every_change_and_at_every_new_connection() -> None:
    async def run() -> None:
        scene = Scene(BOTH)
        async with scene.telling():
            await scene.until(lambda: scene.sensor.permitted == [BOTH])
            assert scene.revoked == []
            scene.people.become(CAMERA)
            await scene.until(lambda: scene.sensor.permitted == [BOTH, CAMERA])
            scene.permissions.say_again()
            await scene.until(lambda: scene.sensor.permitted == [BOTH, CAMERA, CAMERA])
            scene.people.become(BOTH)
            await scene.until(lambda: scene.sensor.permitted[-1] == BOTH)

    asyncio.run(run())


def test_what_is_taken_back_is_removed_from_the_file_before_the_sensor_process_is_told() -> None:
    async def run() -> None:
        scene = Scene(BOTH)
        async with scene.telling():
            await scene.until(lambda: scene.sensor.permitted == [BOTH])
            scene.people.become(MICROPHONE)
            await scene.until(lambda: scene.sensor.permitted[-1] == MICROPHONE)
            assert scene.revoked == [BOTH]
            scene.permissions.say_again()
            await scene.until(lambda: len(scene.sensor.permitted) == 3)
            assert scene.revoked == [BOTH]

    asyncio.run(run())


def test_a_file_of_an_earlier_run_that_may_say_too_much_is_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions_module, "AGAIN_SECONDS", 0.01)

    async def run() -> None:
        scene = Scene(CAMERA)
        scene.sensor.unavailable = True
        async with scene.telling():
            await scene.until(lambda: scene.revoked == [NOTHING])
            scene.sensor.unavailable = False
            await scene.until(lambda: scene.sensor.permitted == [CAMERA])

    asyncio.run(run())


def test_while_nobody_answers_what_is_taken_back_is_removed_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions_module, "AGAIN_SECONDS", 0.01)

    async def run() -> None:
        scene = Scene(BOTH)
        async with scene.telling():
            await scene.until(lambda: scene.sensor.permitted == [BOTH])
            scene.sensor.unavailable = True
            scene.people.become(NOTHING)
            await scene.until(lambda: scene.revoked == [BOTH])
            scene.sensor.unavailable = False
            scene.permissions.say_again()
            await scene.until(lambda: scene.sensor.permitted[-1] == NOTHING)

    asyncio.run(run())


def test_a_disk_that_is_full_is_tried_again_and_said_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(permissions_module, "AGAIN_SECONDS", 0.01)

    async def run() -> None:
        sensor = FullSensor()
        scene = Scene(CAMERA, sensor)
        async with scene.telling():
            await asyncio.sleep(0.1)
            assert sensor.permitted == []
            sensor.is_full = False
            await scene.until(lambda: sensor.permitted == [CAMERA])

    asyncio.run(run())
    assert len([record for record in caplog.records if "cannot write down" in record.message]) == 1
