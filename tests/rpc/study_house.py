"""StudyService on a real server and a Unix socket, with the real studies behind it, and a client of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc.aio

from ertedge.rpc.access import AccessLog
from ertedge.rpc.client import Client
from ertedge.rpc.errors import ErrorInterceptor
from ertedge.rpc.study_service import StudyService
from ertedge.v1 import study_service_pb2_grpc as services
from tests.core.study_fakes import StudyHouse


@asynccontextmanager
async def served_study(folder: Path) -> AsyncIterator[tuple[StudyHouse, Client]]:
    """A house that serves, and a client of it."""
    house = StudyHouse(folder)
    await house.start()
    server = grpc.aio.server(interceptors=(ErrorInterceptor(),))
    service = StudyService(house.studies, house.followup, house.people, AccessLog(house.recorder))  # type: ignore[arg-type]
    services.add_StudyServiceServicer_to_server(service, server)
    address = f"unix:{folder / 'ertedged.sock'}"
    server.add_insecure_port(address)
    await server.start()
    try:
        async with asyncio.timeout(30), Client(address) as client:
            yield house, client
    finally:
        await server.stop(0.1)
        await house.stop()
