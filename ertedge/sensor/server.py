"""The service inside the device: predictions and reports go out, mutes and permissions come in, over a private Unix socket.

Floor 2. Reports double as heartbeats, and they are honest ones: while the flow admits that it makes no progress, none is
sent, so whoever waits for reports (the core's watchdog, systemd's) finds out, whatever else still runs in this process.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import grpc

from ertedge.errors import ErtedgeError, InvalidRequestError, ListenError, StoreError
from ertedge.sensor import wire
from ertedge.sensor.broadcast import Broadcast
from ertedge.sensor.flow import Flow, PromptedFlow, silences
from ertedge.sensor.mute import MuteFile
from ertedge.sensor.permits import PermitFile
from ertedge.sensor.v1 import sensor_service_pb2 as messages
from ertedge.sensor.v1 import sensor_service_pb2_grpc as services
from ertedge.types import Prediction, SensorCondition, SensorName, SensorReport, SensorStatus

_log = logging.getLogger(__name__)

WATCHERS_MOST = 16
REPORT_SECONDS = 1.0
SILENCE_SECONDS = 0.5
"""How often a silent modality says why; more often than a face prediction grows old."""
CLOSE_GRACE_SECONDS = 0.2

Context = grpc.aio.ServicerContext[Any, Any]


class SensorService(services.SensorServiceServicer):
    """The calls, over a flow that runs. ``drop_process`` ends this process when a driver does not let a device go."""

    def __init__(self, flow: Flow, mutes: MuteFile, permits: PermitFile, drop_process: Callable[[], None]) -> None:
        self._flow = flow
        self._mutes = mutes
        self._permits = permits
        self._drop_process = drop_process
        self._changing = asyncio.Lock()
        self._stall = ""
        self.broadcast: Broadcast[wire.SensorEvent] = Broadcast(self.current_report)

    async def WatchPredictions(  # noqa: N802 (gRPC's name)
        self, _request: messages.WatchPredictionsRequest, context: Context
    ) -> AsyncIterator[messages.WatchPredictionsResponse]:
        """A report, then predictions and reports as they come, the newest first to survive."""
        if self.broadcast.watchers >= WATCHERS_MOST:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, f"{WATCHERS_MOST} watch already; end one of them")
        async for event in self.broadcast.watch():
            yield wire.event_message(event)

    async def MuteSensor(  # noqa: N802 (gRPC's name)
        self, request: messages.MuteSensorRequest, context: Context
    ) -> messages.MuteSensorResponse:
        """Write the mute down, close the device, answer. A mute that cannot be written holds, and its detail says so."""
        try:
            return messages.MuteSensorResponse(status=wire.status_message(await self._mute(request.sensor)))
        except ErtedgeError as error:
            await _abort(context, error)

    async def UnmuteSensor(  # noqa: N802 (gRPC's name)
        self, request: messages.UnmuteSensorRequest, context: Context
    ) -> messages.UnmuteSensorResponse:
        """Write the unmute down, let the device be opened, answer. What cannot be written stays muted."""
        try:
            return messages.UnmuteSensorResponse(status=wire.status_message(await self._unmute(request.sensor)))
        except ErtedgeError as error:
            await _abort(context, error)

    async def PermitSensors(  # noqa: N802 (gRPC's name)
        self, request: messages.PermitSensorsRequest, context: Context
    ) -> messages.PermitSensorsResponse:
        """Close what is no longer permitted, write down what is, let that be opened, answer."""
        try:
            statuses = await self._permit(frozenset(wire.sensor_name(name) for name in request.sensors))
            return messages.PermitSensorsResponse(statuses=[wire.status_message(status) for status in statuses])
        except ErtedgeError as error:
            await _abort(context, error)

    async def PromptPerson(  # noqa: N802 (gRPC's name)
        self, request: messages.PromptPersonRequest, _context: Context
    ) -> messages.PromptPersonResponse:
        """Ask a simulated person to show an emotion; a real one is asked by whoever shows them the prompt."""
        if isinstance(self._flow, PromptedFlow):
            self._flow.prompt(wire.emotion_record(request.emotion))
        return messages.PromptPersonResponse()

    def publish(self, prediction: Prediction) -> None:
        """As ``Outlet.publish``."""
        self.broadcast.publish(prediction)

    def offer(self, prediction: Prediction, timeout_seconds: float) -> bool:
        """As ``Outlet.offer``."""
        return self.broadcast.offer(prediction, timeout_seconds)

    def report(self) -> None:
        """As ``Outlet.report``."""
        self.broadcast.publish(self.current_report())

    def current_report(self) -> SensorReport:
        """How this process is now."""
        return SensorReport(
            timestamp_ns=time.monotonic_ns(),
            sensors=tuple(self._explained(status) for status in self._flow.statuses()),
            models=self._flow.models(),
            source=self._flow.source,
            synthetic=self._flow.synthetic,
            resident_bytes=_resident_bytes(),
            cpu_seconds=time.process_time(),
            clock_offset_ns=self._flow.clock_offset_ns(),
        )

    async def keep_reporting(self, progressed: Callable[[], None]) -> NoReturn:
        """Publish reports and the reasons of silent modalities for ever; calls ``progressed`` with each report."""
        next_report = time.monotonic()
        while True:
            self._publish_silences()
            if time.monotonic() >= next_report and self._progresses():
                self.report()
                progressed()
                next_report = time.monotonic() + REPORT_SECONDS - SILENCE_SECONDS / 2
            await asyncio.sleep(SILENCE_SECONDS)

    async def _mute(self, name: str) -> SensorStatus:
        sensor = wire.sensor_name(name)
        async with self._changing:
            try:
                await asyncio.to_thread(self._mutes.mute, sensor)
            except StoreError as error:
                _log.error("the mute of the %s holds only until the next start: %s", sensor, error)
            if not await asyncio.to_thread(self._flow.mute, sensor):
                self._drop_process()
                raise _DeviceHeldError(
                    f"the {sensor}'s driver does not let go, so the sensor process ends to close it and starts again muted"
                )
            return self._changed(sensor)

    async def _unmute(self, name: str) -> SensorStatus:
        sensor = wire.sensor_name(name)
        async with self._changing:
            await asyncio.to_thread(self._mutes.unmute, sensor)
            await asyncio.to_thread(self._flow.unmute, sensor)
            return self._changed(sensor)

    async def _permit(self, permitted: frozenset[SensorName]) -> tuple[SensorStatus, ...]:
        """Devices are closed before anything is written, and opened after."""
        async with self._changing:
            kept = self._permits.permitted & permitted
            if not await asyncio.to_thread(self._flow.permit, kept):
                # What is closed by the end of this process must not be opened by the next.
                await asyncio.to_thread(self._permits.withdraw, permitted)
                self._drop_process()
                raise _DeviceHeldError("a driver does not let go, so the sensor process ends to close its device")
            await asyncio.to_thread(self._permits.withdraw, permitted)
            await asyncio.to_thread(self._permits.permit, permitted)
            await asyncio.to_thread(self._flow.permit, self._permits.permitted)
            return self._report_changes().sensors

    def _changed(self, sensor: SensorName) -> SensorStatus:
        report = self._report_changes()
        return next(status for status in report.sensors if status.sensor is sensor)

    def _report_changes(self) -> SensorReport:
        self._publish_silences()
        report = self.current_report()
        self.broadcast.publish(report)
        return report

    def _publish_silences(self) -> None:
        for silence in silences(self._flow):
            self.broadcast.publish(silence)

    def _progresses(self) -> bool:
        stall = self._flow.stall()
        if stall and not self._stall:
            _log.error("%s; no more reports until it goes on", stall)
        elif self._stall and not stall:
            _log.info("it goes on: %s is over", self._stall)
        self._stall = stall
        return not stall

    def _explained(self, status: SensorStatus) -> SensorStatus:
        if status.condition is SensorCondition.MUTED and self._mutes.detail:
            return replace(status, detail=self._mutes.detail)
        return status


class SensorServer:
    """Listens on the Unix socket ``path``, which gets permissions 0600. ``start`` raises ListenError."""

    def __init__(self, path: Path, service: SensorService) -> None:
        self._path = path
        self._service = service
        self._server = grpc.aio.server()
        services.add_SensorServiceServicer_to_server(service, self._server)

    async def start(self) -> None:
        """Begin to serve. The caller has made sure that no other process serves this socket."""
        before = os.umask(0o177)
        try:
            self._server.add_insecure_port(f"unix:{self._path}")
        except RuntimeError as error:
            raise ListenError(f"{self._path} cannot be listened on: {error}; is its directory writable?") from error
        finally:
            os.umask(before)
        await self._server.start()

    async def stop(self) -> None:
        """End the streams, then the calls, then the socket."""
        self._service.broadcast.close()
        await self._server.stop(CLOSE_GRACE_SECONDS)
        self._path.unlink(missing_ok=True)


class _DeviceHeldError(ErtedgeError):
    """A driver keeps a device open that was to be closed."""


async def _abort(context: Context, error: ErtedgeError) -> NoReturn:
    code = grpc.StatusCode.INTERNAL
    if isinstance(error, InvalidRequestError):
        code = grpc.StatusCode.INVALID_ARGUMENT
    elif isinstance(error, StoreError):
        code = grpc.StatusCode.FAILED_PRECONDITION
    elif isinstance(error, _DeviceHeldError):
        code = grpc.StatusCode.UNAVAILABLE
    await context.abort(code, str(error))


def _resident_bytes() -> int:
    """Memory resident: the second field of ``/proc/self/statm``, in pages (proc(5))."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
