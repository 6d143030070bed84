"""A real gRPC server on a Unix socket, with the real core behind it, on a fake sensor process and a fake store."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from ertedge.config import ServerSettings
from ertedge.core.clock import SystemClock
from ertedge.core.device import Device
from ertedge.core.emotions import Emotions
from ertedge.core.recorder import Recorder
from ertedge.rpc.access import AccessLog
from ertedge.rpc.client import Client
from ertedge.rpc.device_service import DeviceService
from ertedge.rpc.emotion_service import EmotionService
from ertedge.rpc.server import Server
from ertedge.types import Emotion, EmotionState
from tests.core.fakes import FakeSensor, FakeStore, tracked


class House:
    """The parts, for a test to reach into. ``address`` is where the server listens."""

    def __init__(self, folder: Path, settings: ServerSettings) -> None:
        self.address = f"unix:{folder / 'ertedged.sock'}"
        self.clock, self.sensor, self.store = SystemClock(), FakeSensor(), FakeStore()
        self.recorder = Recorder(lambda: self.store, self.clock)
        self.emotions = Emotions(self.clock, settings)
        self.device = Device(
            port=self.sensor, ledger=self.recorder, emotions=self.emotions, clock=self.clock, source="camera"
        )
        self.settings = settings
        self.server = self.make_server()

    def make_server(self) -> Server:
        return Server(
            self.settings,
            EmotionService(self.emotions, self.recorder, AccessLog(self.recorder)),
            DeviceService(self.device, self.recorder),
        )

    def publish(self, count: int = 1, emotion: Emotion = Emotion.HAPPINESS) -> EmotionState:
        for _ in range(count):
            state = self.emotions.publish(tracked(self.clock.monotonic_ns(), emotion))
            self.recorder.record(state)
        return state


@asynccontextmanager
async def house_at(folder: Path, settings: ServerSettings | None = None) -> AsyncIterator[tuple[House, Client]]:
    """A house that serves, and a client of it."""
    house = House(folder, settings or ServerSettings(heartbeat_seconds=60.0))
    await house.recorder.start()
    await house.server.start((house.address,))
    try:
        async with asyncio.timeout(20), Client(house.address) as client:
            yield house, client
    finally:
        await house.server.stop()
        await house.recorder.stop()
