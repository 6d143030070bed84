"""SafetyService on a Unix socket, with the real core, recorder and database behind it, and a client of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import grpc.aio
import numpy as np

from ertedge.config import SafetySettings, ServerSettings, StoreSettings, SuggestionSettings
from ertedge.core.clock import SystemClock
from ertedge.core.household import Household, PersonalParts
from ertedge.core.people.consent_texts import load_consent_texts
from ertedge.core.people.people import People
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.safety.safety import Safety
from ertedge.core.suggestions.activities import Activities
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.core.suggestions.suggestions import Suggestions
from ertedge.recommend.catalogue import Catalogue
from ertedge.recommend.helplines import load_helplines
from ertedge.rpc.access import AccessLog
from ertedge.rpc.client import Client
from ertedge.rpc.errors import ErrorInterceptor
from ertedge.rpc.safety_service import SafetyService
from ertedge.store.store import Store
from ertedge.types import SafetyNotice, Suggestion
from ertedge.v1 import safety_service_pb2_grpc as services
from tests.core.suggestion_fakes import ACTIVITIES


class SafetyHouse:
    """The parts, for a test to reach into."""

    def __init__(self, folder: Path, server: ServerSettings, *, region: str = "GB", language: str = "en") -> None:
        self.address = f"unix:{folder / 'ertedged.sock'}"
        self.database = folder / "ertedge.db"
        clock = SystemClock()
        self.recorder = Recorder(lambda: Store.open(self.database, StoreSettings(free_bytes_least=0)), clock)
        self._settings, self._clock, self._safety_settings = server, clock, SafetySettings(region=region)
        self._language = language
        self.parts: dict[int, PersonalParts] = {}
        people = People(self.recorder, clock, load_consent_texts())
        self.household = Household(people=people, make=self._make, clock=clock, server=server)
        self.service = SafetyService(self.household, AccessLog(self.recorder))
        self.server = grpc.aio.server(interceptors=(ErrorInterceptor(),))
        services.add_SafetyServiceServicer_to_server(self.service, self.server)
        self.server.add_insecure_port(self.address)

    @property
    def safety(self) -> Safety:
        """Nobody's."""
        return self.parts[0].safety

    def _make(
        self,
        profile_id: int,
        *,
        suggested: Callable[[Suggestion], None],
        noticed: Callable[[SafetyNotice], None],
    ) -> PersonalParts:
        recorder = PersonalRecorder(self.recorder, profile_id)
        safety = Safety(
            settings=self._safety_settings,
            server=self._settings,
            clock=self._clock,
            recorder=recorder,
            helplines=load_helplines(),
            language=lambda: self._language,
            told=noticed,
        )
        suggestions = Suggestions(
            settings=SuggestionSettings(),
            server=self._settings,
            clock=self._clock,
            log=SuggestionLog(recorder, self._clock),
            activities=Activities(Catalogue(ACTIVITIES), self.recorder, self._clock, "en"),
            safety=safety,
            learner=None,
            source=lambda: "camera",
            generator=np.random.default_rng(1),
            off_detail="nothing is suggested here",
            told=suggested,
        )
        self.parts[profile_id] = PersonalParts(suggestions, safety)
        return self.parts[profile_id]


@asynccontextmanager
async def safety_at(
    folder: Path, server: ServerSettings | None = None, *, region: str = "GB", language: str = "en"
) -> AsyncIterator[tuple[SafetyHouse, Client]]:
    """A house that serves, and a client of it. On the same folder again, it goes on where it ended."""
    house = SafetyHouse(folder, server or ServerSettings(heartbeat_seconds=60.0), region=region, language=language)
    await house.recorder.start()
    await house.household.start()
    await house.server.start()
    try:
        async with asyncio.timeout(20), Client(house.address) as client:
            yield house, client
    finally:
        house.service.end_streams()
        await house.server.stop(0.5)
        house.household.stop()
        await house.recorder.stop()
