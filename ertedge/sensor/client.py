"""The core process's end of the sensor service. Floor 2; loads neither device libraries nor models.

Reconnecting is the caller's job: every call that fails because the sensor process does not answer raises
``SensorUnavailableError``, and the next call tries a connection of its own at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import grpc

from ertedge.errors import ErtedgeError, InvalidRequestError, SensorUnavailableError, StoreError
from ertedge.sensor import wire
from ertedge.sensor.v1 import sensor_service_pb2 as messages
from ertedge.sensor.v1 import sensor_service_pb2_grpc as services
from ertedge.types import Emotion, SensorName, SensorStatus

CALL_SECONDS = 3.0
"""A mute takes effect within a second; a sensor process that is silent for three does not answer."""

_OPTIONS: tuple[tuple[str, Any], ...] = (
    # A pool of its own: otherwise a new channel inherits the back-off of the last one and fails without having tried.
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
)

_Changed = messages.MuteSensorResponse | messages.UnmuteSensorResponse


class SensorClient:
    """Talks to the sensor process that serves the Unix socket ``socket``. Opens nothing until it is used."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def watch(self) -> AsyncIterator[wire.SensorEvent]:
        """Predictions and reports as they are made, beginning with a report, then a report about once a second.

        Reports are the heartbeat: a sensor process that makes no progress goes on sending the predictions that it still
        can, but no report. Never ends by itself: raises SensorUnavailableError when the process cannot be reached, goes
        away, or is of another version.
        """
        async with self._channel() as channel:
            stub = services.SensorServiceStub(channel)
            try:
                async for message in stub.WatchPredictions(messages.WatchPredictionsRequest()):
                    yield wire.event_record(message)
            except grpc.aio.AioRpcError as error:
                raise self._error(error) from error
        raise SensorUnavailableError(f"the sensor process at {self._socket} has stopped")

    async def mute(self, sensor: SensorName) -> SensorStatus:
        """Close ``sensor`` and keep it closed over restarts; returns its status once it is closed.

        A status with a detail says what is less than perfect, such as a mute that could not be written down. Raises
        SensorUnavailableError when the process does not answer or has to end itself to close the device.
        """

        request = messages.MuteSensorRequest(sensor=sensor.value)
        return await self._change(lambda stub: stub.MuteSensor(request, timeout=CALL_SECONDS))

    async def unmute(self, sensor: SensorName) -> SensorStatus:
        """Let ``sensor`` be opened again; returns its status, which may still be starting.

        Raises SensorUnavailableError when the process does not answer, and StoreError when the change cannot be written
        down; then the sensor stays muted.
        """

        request = messages.UnmuteSensorRequest(sensor=sensor.value)
        return await self._change(lambda stub: stub.UnmuteSensor(request, timeout=CALL_SECONDS))

    async def permit(self, permitted: frozenset[SensorName]) -> tuple[SensorStatus, ...]:
        """Let the devices of ``permitted`` be opened and no others; returns all statuses once the others are closed.

        Raises SensorUnavailableError when the process does not answer or has to end itself to close a device, and StoreError
        when something that is permitted now cannot be written down; then only what was permitted before still is.
        """
        request = messages.PermitSensorsRequest(sensors=sorted(sensor.value for sensor in permitted))
        async with self._channel() as channel:
            try:
                answer = await services.SensorServiceStub(channel).PermitSensors(request, timeout=CALL_SECONDS)
                return tuple(wire.status_record(status) for status in answer.statuses)
            except grpc.aio.AioRpcError as error:
                raise self._error(error) from error

    async def prompt(self, emotion: Emotion | None) -> None:
        """Ask a simulated person to show ``emotion``; None: what the scenario says. Raises SensorUnavailableError when the
        process does not answer."""
        request = messages.PromptPersonRequest(emotion=wire.emotion_number(emotion))  # type: ignore[arg-type]
        async with self._channel() as channel:
            try:
                await services.SensorServiceStub(channel).PromptPerson(request, timeout=CALL_SECONDS)
            except grpc.aio.AioRpcError as error:
                raise self._error(error) from error

    async def _change(self, call: Callable[[services.SensorServiceAsyncStub], Awaitable[_Changed]]) -> SensorStatus:
        async with self._channel() as channel:
            try:
                return wire.status_record((await call(services.SensorServiceStub(channel))).status)
            except grpc.aio.AioRpcError as error:
                raise self._error(error) from error

    def _channel(self) -> grpc.aio.Channel:
        return grpc.aio.insecure_channel(f"unix:{self._socket}", options=_OPTIONS)

    def _error(self, error: grpc.aio.AioRpcError) -> ErtedgeError:
        details = error.details() or ""
        match error.code():
            case grpc.StatusCode.INVALID_ARGUMENT:
                return InvalidRequestError([("sensor", details)])
            case grpc.StatusCode.FAILED_PRECONDITION:
                return StoreError(details)
            case code:
                return SensorUnavailableError(
                    f"the sensor process at {self._socket} does not answer ({code.name}: {details}); is it running?"
                )
