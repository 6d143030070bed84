"""Enrolled faces in memory: read at the start or as soon as they can be, and gone with the consent or the person."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import numpy as np
import pytest

from ertedge.core.clock import SystemClock
from ertedge.core.front.faces import Faces
from ertedge.core.recorder import Recorder
from ertedge.errors import StoreFullError
from ertedge.store.faces import FaceTable
from ertedge.types import Float32Array, Purpose
from tests.core.fakes import FakeStore
from tests.core.front_fakes import ANN, BEN, FACE_NETWORK, FakePeople, gallery


class AwayStore(FakeStore):
    """A store whose faces cannot be read while it is away."""

    away = False

    @property
    def faces(self) -> FaceTable:
        if self.away:
            raise StoreFullError("the disk is full")
        return super().faces


class Scene:
    def __init__(self) -> None:
        self.store, self.people = AwayStore(), FakePeople.of(4, 5)
        clock = SystemClock()
        self.recorder = Recorder(lambda: self.store, clock)
        self.told: list[list[int]] = []
        self.store.faces.bind(FACE_NETWORK)
        self.faces = Faces(self.people, self.recorder, clock, self.hear, FACE_NETWORK)

    def hear(self, galleries: Mapping[int, Float32Array]) -> None:
        self.told.append(sorted(galleries))

    def stored(self) -> list[int]:
        return sorted(self.store.faces.galleries())


def play(acts: Callable[[Scene], Awaitable[None]]) -> None:
    async def run() -> None:
        scene = Scene()
        await scene.recorder.start()
        await acts(scene)
        await scene.recorder.stop()

    asyncio.run(run())


def test_enrolled_anew_after_a_start_and_told_of_every_change() -> None:
    async def acts(scene: Scene) -> None:
        scene.store.faces.replace_gallery(4, gallery(ANN), 1)
        await scene.faces.start()
        await scene.faces.replace(5, gallery(BEN))
        await scene.faces.forget(4)
        assert scene.told == [[4], [4, 5], [5]]
        assert scene.stored() == [5]
        assert np.array_equal(scene.faces.galleries[5], gallery(BEN))

    play(acts)


def test_who_does_not_agree_any_more_is_not_recognised_after_a_start() -> None:
    async def acts(scene: Scene) -> None:
        scene.store.faces.replace_gallery(4, gallery(ANN), 1)
        scene.people.agreed[4].discard(Purpose.FACE_RECOGNITION)
        await scene.faces.start()
        assert scene.told == [[]]

    play(acts)


def test_a_withdrawal_and_an_erasure_count_at_once() -> None:
    async def acts(scene: Scene) -> None:
        for number, of in ((4, ANN), (5, BEN)):
            await scene.faces.replace(number, gallery(of))
        scene.people.withdraw(4, Purpose.STUDY)
        scene.people.withdraw(4, Purpose.SENSE_FACE)
        scene.people.erase(5)
        assert scene.told == [[4], [4, 5], [5], []]

    play(acts)


def test_what_was_enrolled_while_a_consent_was_taken_back_is_gone_again() -> None:
    async def acts(scene: Scene) -> None:
        writing = asyncio.create_task(scene.faces.replace(4, gallery(ANN)))
        await asyncio.sleep(0)
        scene.people.withdraw(4, Purpose.FACE_RECOGNITION)
        await writing
        await scene.recorder.flush()
        assert dict(scene.faces.galleries) == {}
        assert scene.stored() == []

    play(acts)


def test_faces_that_cannot_be_read_at_the_start_are_read_when_they_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ertedge.core.front.faces.AGAIN_SECONDS", 0.01)

    async def acts(scene: Scene) -> None:
        scene.store.faces.replace_gallery(4, gallery(ANN), 1)
        scene.store.away = True
        await scene.faces.start()
        running = asyncio.create_task(scene.faces.run())
        await asyncio.sleep(0.05)
        assert scene.told == []
        scene.store.away = False
        for _ in range(200):
            if scene.told:
                break
            await asyncio.sleep(0.01)
        running.cancel()
        assert scene.told == [[4]]

    play(acts)


def test_who_was_enrolled_with_another_network_is_forgotten_and_told_once() -> None:
    async def acts(scene: Scene) -> None:
        scene.store.faces.bind("cd" * 32)
        scene.store.faces.replace_gallery(4, gallery(ANN), 1)
        await scene.faces.start()
        await scene.recorder.flush()
        assert scene.told == [[]]
        assert scene.stored() == []
        (said,) = (
            entry for entry in scene.store.list_ledger(limit=9, before=None).entries if entry.subject == "profiles/4"
        )
        assert "another network" in said.detail
        assert "enrol it again" in said.detail
        await scene.faces.replace(4, gallery(ANN))
        await scene.faces.start()
        assert scene.stored() == [4]
        assert scene.told[-1] == [4]

    play(acts)


def test_the_ledger_tells_of_the_forgotten_also_where_the_others_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unreadable(_: FaceTable) -> dict[int, Float32Array]:
        raise StoreFullError("the disk is full")

    async def acts(scene: Scene) -> None:
        scene.store.faces.bind("cd" * 32)
        scene.store.faces.replace_gallery(4, gallery(ANN), 1)
        monkeypatch.setattr(FaceTable, "galleries", unreadable)
        await scene.faces.start()
        await scene.recorder.flush()
        assert scene.told == []
        assert "profiles/4" in {entry.subject for entry in scene.store.list_ledger(limit=9, before=None).entries}

    play(acts)


def test_what_is_stored_stays_where_the_network_is_not_known() -> None:
    async def acts(scene: Scene) -> None:
        scene.store.faces.replace_gallery(4, gallery(ANN), 1)
        await Faces(scene.people, scene.recorder, SystemClock(), scene.hear, None).start()
        assert scene.told == [[4]]

    play(acts)
