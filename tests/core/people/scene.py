"""People over a store in memory, and what was told of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

from ertedge.core.people.consent_texts import texts_of
from ertedge.core.people.people import People
from ertedge.core.people.records import Consent
from ertedge.core.recorder import Recorder
from ertedge.errors import StoreFullError
from ertedge.types import ConsentReceipt, Purpose
from tests.core.fakes import FakeClock, FakeStore
from tests.core.people.test_consent_texts import file_of

TEXTS = texts_of([("de.toml", file_of("de")), ("en.toml", file_of("en"))])
NEWER = texts_of([("en.toml", file_of("en", {"sense_face": 2}))])
FACE, VOICE, HISTORY = Purpose.SENSE_FACE, Purpose.SENSE_VOICE, Purpose.KEEP_HISTORY
FULL = StoreFullError("the disk is full; make room")


class Scene:
    """People over a fake store, and what was told of them."""

    def __init__(self, store: FakeStore | None = None) -> None:
        self.store, self.clock = store or FakeStore(), FakeClock()
        self.recorder = Recorder(lambda: self.store, self.clock)
        self.told: list[tuple[int, Purpose, bool]] = []
        self.erased: list[int] = []
        self.people = self.opened()

    def opened(self, texts: object = TEXTS) -> People:
        """People as a new start of the daemon would have them."""
        people = People(self.recorder, self.clock, texts)  # type: ignore[arg-type]
        people.subscribe(lambda profile, purpose, given: self.told.append((profile, purpose, given)))
        people.on_erased(self.erased.append)
        return people

    async def agree(self, profile_id: int, purpose: Purpose, people: People | None = None) -> Consent:
        people = people or self.people
        text = people.text(purpose, profile_id)
        return await people.give(
            profile_id, purpose, version=text.version, language=text.language, digest=text.digest, by="a test"
        )

    async def events(self) -> list[str]:
        await self.recorder.flush()
        return [entry.event for entry in self.store.entries]


def play(scenario: Callable[[Scene], Awaitable[None]], store: FakeStore | None = None) -> None:
    async def run() -> None:
        scene = Scene(store)
        await scene.people.start()
        async with asyncio.timeout(20):
            await scenario(scene)
        await scene.recorder.stop()

    asyncio.run(run())


class SlowTable:
    """Holds the writing of the next receipt up until it is let go."""

    def __init__(self, store: FakeStore) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self._write = store.people.add_receipt
        store.people.add_receipt = self.add_receipt  # type: ignore[method-assign]

    def add_receipt(self, receipt: ConsentReceipt) -> None:
        self.begun.set()
        assert self.go.wait(10)
        self._write(receipt)
