"""SafetyService on a Unix socket, with the real core, recorder and database behind it, and a client of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc.aio

from ertedge.config import SafetySettings, ServerSettings, StoreSettings
from ertedge.core.clock import SystemClock
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.safety import Safety
from ertedge.recommend.helplines import load_helplines
from ertedge.rpc.access import AccessLog
from ertedge.rpc.client import Client
from ertedge.rpc.errors import ErrorInterceptor
from ertedge.rpc.safety_service import SafetyService
from ertedge.store.store import Store
from ertedge.v1 import safety_service_pb2_grpc as services


class SafetyHouse:
    """The parts, for a test to reach into."""

    def __init__(self, folder: Path, server: ServerSettings, *, region: str = "GB", language: str = "en") -> None:
        self.address = f"unix:{folder / 'ertedged.sock'}"
        self.database = folder / "ertedge.db"
        clock = SystemClock()
        self.recorder = Recorder(lambda: Store.open(self.database, StoreSettings(free_bytes_least=0)), clock)
        self.safety = Safety(
            settings=SafetySettings(region=region),
            server=server,
            clock=clock,
            recorder=PersonalRecorder(self.recorder, 0),
            helplines=load_helplines(),
            language=language,
        )
        self.service = SafetyService(self.safety, AccessLog(self.recorder))
        self.server = grpc.aio.server(interceptors=(ErrorInterceptor(),))
        services.add_SafetyServiceServicer_to_server(self.service, self.server)
        self.server.add_insecure_port(self.address)


@asynccontextmanager
async def safety_at(
    folder: Path, server: ServerSettings | None = None, *, region: str = "GB", language: str = "en"
) -> AsyncIterator[tuple[SafetyHouse, Client]]:
    """A house that serves, and a client of it. On the same folder again, it goes on where it ended."""
    house = SafetyHouse(folder, server or ServerSettings(heartbeat_seconds=60.0), region=region, language=language)
    await house.recorder.start()
    await house.safety.start()
    await house.server.start()
    try:
        async with asyncio.timeout(20), Client(house.address) as client:
            yield house, client
    finally:
        house.service.end_streams()
        await house.server.stop(0.5)
        house.safety.stop()
        await house.recorder.stop()
