"""The Python client of the daemon: typed, asynchronous, speaking in the project's records and errors. Floor 3.

``ertedge-ctl`` and the kiosk are built on it; ``suggestions``, ``safety``, ``profiles`` and ``assessments`` are its parts
for SuggestionService, SafetyService, ProfileService and AssessmentService. Calls raise the errors of ``ertedge.errors`` as
the daemon raised them; ``ServerUnavailableError`` when nobody answers. ``watch`` comes back by itself after the daemon was
away and resumes where it was. Imports neither the store nor the sensor nor any model.

    async with Client("unix:/run/ertedge/ertedged.sock") as client:
        async for event in client.watch():
            ...
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

from google.protobuf.message import Message
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ertedge import config
from ertedge.core.records import (
    DeviceStatus,
    LedgerEntry,
    LedgerPage,
    ProcessUsage,
    StatesPage,
    StoreHealth,
    WatchEvent,
)
from ertedge.errors import ErtedgeError, NotFoundError
from ertedge.rpc import convert
from ertedge.rpc.assessments_client import AssessmentsClient
from ertedge.rpc.calibration_client import CalibrationClient
from ertedge.rpc.connection import Connection
from ertedge.rpc.enrolment_client import EnrolmentClient
from ertedge.rpc.profiles_client import ProfilesClient
from ertedge.rpc.safety_client import SafetyClient
from ertedge.rpc.study_client import StudyClient
from ertedge.rpc.suggestions_client import SuggestionsClient, requested_profile
from ertedge.types import EmotionState, ModelInfo, SensorName, SensorStatus
from ertedge.v1 import device_service_pb2 as device
from ertedge.v1 import device_service_pb2_grpc as device_grpc
from ertedge.v1 import emotion_service_pb2 as emotion
from ertedge.v1 import emotion_service_pb2_grpc as emotion_grpc

__all__ = [
    "Client",
    "DeviceStatus",
    "LedgerEntry",
    "LedgerPage",
    "ProcessUsage",
    "StatesPage",
    "StoreHealth",
    "WatchEvent",
    "default_address",
]

ADDRESS_VARIABLE = "ERTEDGE_ADDRESS"

Answer = TypeVar("Answer")


def default_address(settings: config.Config | None = None) -> str:
    """Where the daemon is expected: ``$ERTEDGE_ADDRESS``, or the first address that ``settings`` listen on."""
    if given := os.environ.get(ADDRESS_VARIABLE):
        return given
    return (settings or config.Config()).listen_addresses[0]


class Client:
    """A connection to one daemon. Opens when first used; close it, or use it as an asynchronous context manager.

    ``address`` is ``unix:PATH`` or ``HOST:PORT`` (``ListenError`` if it is neither or not on this machine), by default
    ``default_address()``; ``timeout_seconds`` bounds every call but the watch. ``profile_id`` is whose suggestions, safety
    and stored states are meant; None: those of whoever is in front of the device, and everybody's states.
    """

    def __init__(
        self, address: str | None = None, *, timeout_seconds: float = 10.0, profile_id: int | None = None
    ) -> None:
        self.address = address or default_address()
        self._connection = Connection(self.address, timeout_seconds)
        self._profile_id = profile_id
        self._channel = self._connection.channel
        self.suggestions = SuggestionsClient(self._connection, profile_id)
        self.safety = SafetyClient(self._connection, profile_id)
        self.profiles = ProfilesClient(self._connection)
        self.enrolment = EnrolmentClient(self._connection, profile_id)
        self.calibration = CalibrationClient(self._connection, profile_id)
        self.assessments = AssessmentsClient(self._connection, profile_id)
        self.study = StudyClient(self._connection)
        self._emotions = emotion_grpc.EmotionServiceStub(self._channel)
        self._device = device_grpc.DeviceServiceStub(self._channel)
        self._health = health_pb2_grpc.HealthStub(self._channel)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends every call and the connection."""
        await self._connection.close()

    def watch(
        self,
        since_sequence: int = 0,
        *,
        reconnect: bool = True,
        on_lost: Callable[[ErtedgeError], None] | None = None,
    ) -> AsyncIterator[WatchEvent]:
        """The current state and every one after it, with heartbeats between; resumes after ``since_sequence`` if given.

        With ``reconnect`` it survives the daemon's absence: ``on_lost`` hears of each loss, and ``dropped_count`` goes on
        counting over all of its streams. Other errors (LimitReachedError, for one) are raised.
        """
        return self._connection.follow(
            lambda sequence: self._emotions.WatchEmotionStates(
                emotion.WatchEmotionStatesRequest(since_sequence=sequence)
            ),
            convert.watch_record,
            since_sequence=since_sequence,
            reconnect=reconnect,
            on_lost=on_lost,
        )

    async def state(self, sequence: int | None = None) -> EmotionState:
        """One state, or the current one. Raises ``NotFoundError``."""
        name = f"emotionStates/{'current' if sequence is None else sequence}"
        message = await self._call(self._emotions.GetEmotionState, emotion.GetEmotionStateRequest(name=name))
        return convert.state_record(message)

    async def list_states(
        self,
        *,
        start_wall_time_ns: int | None = None,
        end_wall_time_ns: int | None = None,
        resolution_ns: int = 0,
        page_size: int = 0,
        page_token: str = "",
    ) -> StatesPage:
        """One page of stored states, newest first, from the start (inclusive) to the end (exclusive) if they are given.

        With a ``resolution_ns`` each state is the mean of that span. A ``page_token`` belongs to the same other arguments.
        Those of the client's person; of everybody where it was made for none.
        """
        request = emotion.ListEmotionStatesRequest(
            page_size=page_size, page_token=page_token, profile=requested_profile(self._profile_id)
        )
        if start_wall_time_ns is not None:
            request.start_time.CopyFrom(convert.timestamp_message(start_wall_time_ns))
        if end_wall_time_ns is not None:
            request.end_time.CopyFrom(convert.timestamp_message(end_wall_time_ns))
        if resolution_ns:
            request.resolution.CopyFrom(convert.duration_message(resolution_ns))
        page = await self._call(self._emotions.ListEmotionStates, request)
        return StatesPage(tuple(convert.state_record(state) for state in page.emotion_states), page.next_page_token)

    async def states(
        self,
        *,
        start_wall_time_ns: int | None = None,
        end_wall_time_ns: int | None = None,
        resolution_ns: int = 0,
        page_size: int = 0,
    ) -> AsyncIterator[EmotionState]:
        """All pages of ``list_states``, one state after the other."""
        page_token = ""
        while True:
            page = await self.list_states(
                start_wall_time_ns=start_wall_time_ns,
                end_wall_time_ns=end_wall_time_ns,
                resolution_ns=resolution_ns,
                page_size=page_size,
                page_token=page_token,
            )
            for state in page.states:
                yield state
            if not (page_token := page.next_page_token):
                return

    async def device_status(self) -> DeviceStatus:
        """The whole device as it is now."""
        return convert.status_record(await self._call(self._device.GetDeviceStatus, device.GetDeviceStatusRequest()))

    async def sensors(self) -> tuple[SensorStatus, ...]:
        """Every sensor, camera first."""
        page = await self._call(self._device.ListSensors, device.ListSensorsRequest())
        return tuple(convert.sensor_record(sensor) for sensor in page.sensors)

    async def sensor(self, name: SensorName) -> SensorStatus:
        """One sensor."""
        request = device.GetSensorRequest(name=f"sensors/{name.value}")
        return convert.sensor_record(await self._call(self._device.GetSensor, request))

    async def mute(self, name: SensorName) -> SensorStatus:
        """Stop a sensor's capture until it is unmuted. ``SensorUnavailableError``: the mute did not take effect."""
        request = device.MuteSensorRequest(name=f"sensors/{name.value}")
        return convert.sensor_record((await self._call(self._device.MuteSensor, request)).sensor)

    async def unmute(self, name: SensorName) -> SensorStatus:
        """Let a sensor capture again."""
        request = device.UnmuteSensorRequest(name=f"sensors/{name.value}")
        return convert.sensor_record((await self._call(self._device.UnmuteSensor, request)).sensor)

    async def models(self) -> tuple[ModelInfo, ...]:
        """The models that the device runs."""
        page = await self._call(self._device.ListModels, device.ListModelsRequest())
        return tuple(convert.model_record(model) for model in page.models)

    async def list_ledger(self, *, page_size: int = 0, page_token: str = "") -> LedgerPage:
        """One page of the privacy ledger, newest first."""
        request = device.ListPrivacyLedgerEntriesRequest(page_size=page_size, page_token=page_token)
        page = await self._call(self._device.ListPrivacyLedgerEntries, request)
        return LedgerPage(
            tuple(convert.ledger_record(entry) for entry in page.privacy_ledger_entries), page.next_page_token
        )

    async def is_serving(self, service: str = "") -> bool:
        """Whether a service (``ertedge.v1.EmotionService``, or the whole server) is ready. Raises if nobody answers."""
        try:
            answer = await self._call(self._health.Check, health_pb2.HealthCheckRequest(service=service))
        except NotFoundError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    async def _call(self, method: Callable[..., Awaitable[Answer]], request: Message) -> Answer:
        return await self._connection.call(method, request)
