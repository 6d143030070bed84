"""A real gRPC server on a Unix socket, with the real core behind it, on a fake sensor process, store and recommender."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from ertedge.config import AssessmentSettings, Config, DriftSettings, SafetySettings, ServerSettings
from ertedge.core.assessments.questionnaires import make_questionnaires
from ertedge.core.clock import SystemClock
from ertedge.core.device import Device
from ertedge.core.drift import DriftWatch
from ertedge.core.emotions import Emotions
from ertedge.core.export.export import Export
from ertedge.core.front.front import Front, FrontSettings
from ertedge.core.front.words import load_front_words
from ertedge.core.household import Household, PersonalParts
from ertedge.core.numbers import SharedNumbers
from ertedge.core.people.consent_texts import load_consent_texts
from ertedge.core.people.people import People
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.safety.safety import Safety
from ertedge.core.suggestions.activities import Activities
from ertedge.core.suggestions.guide import Guide
from ertedge.core.suggestions.learner import Learner
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.core.suggestions.suggestions import Suggestions
from ertedge.recommend.catalogue import Catalogue
from ertedge.recommend.helplines import load_helplines
from ertedge.rpc.access import AccessLog
from ertedge.rpc.assessment_service import AssessmentService
from ertedge.rpc.client import Client
from ertedge.rpc.device_service import DeviceService
from ertedge.rpc.emotion_service import EmotionService
from ertedge.rpc.profile_service import ProfileService
from ertedge.rpc.safety_service import SafetyService
from ertedge.rpc.server import Server
from ertedge.rpc.suggestion_service import SuggestionService
from ertedge.types import Activity, Emotion, EmotionState, SafetyNotice, Suggestion
from ertedge.wellbeing.library import load_library
from tests.affect.people import population
from tests.core.fakes import FakeSensor, FakeStore, tracked
from tests.core.front_fakes import FACE_NETWORK, LIMITS, QUICK
from tests.core.suggestion_fakes import ACTIVITIES, ALWAYS, FakeRecommender


class House:
    """The parts, for a test to reach into. ``address`` is where the server listens; without ``suggests`` there is no
    recommender."""

    def __init__(
        self,
        folder: Path,
        settings: ServerSettings,
        catalogue: tuple[Activity, ...] = ACTIVITIES,
        *,
        suggests: bool = True,
    ) -> None:
        self.address = f"unix:{folder / 'ertedged.sock'}"
        self.clock, self.sensor, self.store = SystemClock(), FakeSensor(), FakeStore()
        self.recorder = Recorder(lambda: self.store, self.clock)
        self.emotions = Emotions(self.clock, settings)
        self.drift = DriftWatch({}, DriftSettings(enabled=False), self.clock)
        self.device = Device(
            port=self.sensor,
            ledger=self.recorder,
            emotions=self.emotions,
            clock=self.clock,
            source="camera",
            drift=self.drift,
        )
        self.settings = settings
        self.people = People(self.recorder, self.clock, load_consent_texts())
        self.synthetic = False
        self.front = Front(
            FrontSettings(LIMITS, population(), load_front_words(), FACE_NETWORK, QUICK),
            Config(server=settings, suggestions=ALWAYS),
            people=self.people,
            recorder=self.recorder,
            clock=self.clock,
            synthetic=lambda: self.synthetic,
        )
        self.recommender = FakeRecommender()
        self.activities = Activities(Catalogue(catalogue), self.recorder, self.clock, "en")
        self.guide = Guide(self.clock)
        self.off_detail = "" if suggests else "recommender.onnx is missing"
        self.numbers = SharedNumbers()
        self.logs: dict[int, SuggestionLog] = {}
        self.parts: dict[int, PersonalParts] = {}
        self.household = Household(
            people=self.people, make=self.make, clock=self.clock, server=settings, off_detail=self.off_detail
        )
        self.questionnaires = make_questionnaires(
            AssessmentSettings(),
            ALWAYS.model_copy(update={"quiet_from": "00:00", "quiet_until": "00:00"}),
            library=load_library(),
            recorder=self.recorder,
            clock=self.clock,
            people=self.people,
            safety_of=self.safety_of,
        )
        self.server = self.make_server()

    async def safety_of(self, profile_id: int) -> Safety:
        """A person's."""
        return (await self.household.of(profile_id)).safety

    async def start(self) -> None:
        """Everything but the server."""
        await self.recorder.start()
        await self.people.start()
        await self.activities.start()
        await self.household.start()
        await self.front.start()
        await self.questionnaires.start()

    @property
    def safety(self) -> Safety:
        """Nobody's."""
        return self.parts[0].safety

    @property
    def suggestions(self) -> Suggestions:
        """Nobody's."""
        return self.parts[0].suggestions

    @property
    def log(self) -> SuggestionLog:
        """Nobody's."""
        return self.logs[0]

    def make(
        self,
        profile_id: int,
        *,
        suggested: Callable[[Suggestion], None],
        noticed: Callable[[SafetyNotice], None],
    ) -> PersonalParts:
        """What is one person's own; everybody's recommender but nobody's is new."""
        recorder = PersonalRecorder(self.recorder, profile_id, lambda: self.people.has(profile_id))
        safety = Safety(
            settings=SafetySettings(),
            server=self.settings,
            clock=self.clock,
            recorder=recorder,
            helplines=load_helplines(),
            language=lambda: self.people.language_of(profile_id),
            numbers=self.numbers.notices,
            told=noticed,
        )
        log = self.logs[profile_id] = SuggestionLog(recorder, self.clock, self.numbers)
        recommender = FakeRecommender() if profile_id else self.recommender
        suggestions = Suggestions(
            settings=ALWAYS,
            server=self.settings,
            clock=self.clock,
            log=log,
            activities=self.activities,
            safety=safety,
            learner=None if self.off_detail else Learner(recommender, log, recorder, self.clock),
            source=lambda: self.device.source,
            generator=np.random.default_rng(1),
            off_detail=self.off_detail,
            told=suggested,
            scores=lambda: self.questionnaires.assessments.scores(profile_id),
            language=lambda: self.people.language_of(profile_id),
        )
        self.parts[profile_id] = PersonalParts(suggestions, safety)
        return self.parts[profile_id]

    def make_server(self) -> Server:
        access = AccessLog(self.recorder)
        return Server(
            self.settings,
            emotions=EmotionService(self.emotions, self.recorder, access),
            device=DeviceService(self.device, self.recorder),
            suggestions=SuggestionService(self.household, self.activities, self.guide, access),
            safety=SafetyService(self.household, access),
            profiles=ProfileService(self.people, access, self.front, Export(self.recorder, self.people, self.clock)),
            assessments=AssessmentService(
                self.questionnaires.assessments, self.questionnaires.reminders, self.household, access
            ),
        )

    def publish(self, count: int = 1, emotion: Emotion = Emotion.HAPPINESS) -> EmotionState:
        for _ in range(count):
            state = self.emotions.publish(tracked(self.clock.monotonic_ns(), emotion))
            self.recorder.record(state)
        return state


@asynccontextmanager
async def house_at(
    folder: Path,
    settings: ServerSettings | None = None,
    catalogue: tuple[Activity, ...] = ACTIVITIES,
    *,
    suggests: bool = True,
    seconds: float = 20.0,
) -> AsyncIterator[tuple[House, Client]]:
    """A house that serves, for so long at most, and a client of it."""
    house = House(folder, settings or ServerSettings(heartbeat_seconds=60.0), catalogue, suggests=suggests)
    await house.start()
    await house.server.start((house.address,))
    try:
        async with asyncio.timeout(seconds), Client(house.address) as client:
            yield house, client
    finally:
        await house.server.stop()
        await house.recorder.stop()
