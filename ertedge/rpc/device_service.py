"""DeviceService: how the device is, its sensors and their mutes, its models, and the privacy ledger. Floor 3; thin."""

from __future__ import annotations

from typing import Any

import grpc.aio

from ertedge.core.device import Device
from ertedge.core.recorder import Recorder
from ertedge.errors import NotFoundError
from ertedge.rpc import convert, pages
from ertedge.rpc.access import who
from ertedge.rpc.fields import sensor_name
from ertedge.v1 import device_service_pb2 as messages
from ertedge.v1 import device_service_pb2_grpc as services

STATUS_NAMES = ("", "deviceStatus")

Context = grpc.aio.ServicerContext[Any, Any]


class DeviceService(services.DeviceServiceServicer):
    """Speaks for ``device``; the ledger is read from ``recorder``."""

    def __init__(self, device: Device, recorder: Recorder) -> None:
        self._device = device
        self._recorder = recorder

    async def GetDeviceStatus(  # noqa: N802 (gRPC's name)
        self, request: messages.GetDeviceStatusRequest, _context: Context
    ) -> messages.DeviceStatus:
        """The whole device."""
        if request.name not in STATUS_NAMES:
            raise NotFoundError(f"there is no {request.name!r}; ask for deviceStatus")
        return convert.status_message(await self._device.status())

    async def ListSensors(  # noqa: N802 (gRPC's name)
        self, request: messages.ListSensorsRequest, _context: Context
    ) -> messages.ListSensorsResponse:
        """Every sensor; a page can be smaller than two, so the ordinary pages are kept."""
        chosen, token = pages.slice_of(self._device.sensors(), request)
        return messages.ListSensorsResponse(sensors=map(convert.sensor_message, chosen), next_page_token=token)

    async def GetSensor(self, request: messages.GetSensorRequest, _context: Context) -> messages.Sensor:  # noqa: N802
        """One sensor."""
        name = sensor_name(request.name)
        return convert.sensor_message(next(s for s in self._device.sensors() if s.sensor is name))

    async def MuteSensor(  # noqa: N802 (gRPC's name)
        self, request: messages.MuteSensorRequest, context: Context
    ) -> messages.MuteSensorResponse:
        """Answers once the device is closed."""
        status = await self._device.mute(sensor_name(request.name), who(context.peer()))
        return messages.MuteSensorResponse(sensor=convert.sensor_message(status))

    async def UnmuteSensor(  # noqa: N802 (gRPC's name)
        self, request: messages.UnmuteSensorRequest, context: Context
    ) -> messages.UnmuteSensorResponse:
        """Answers once the device may be opened again."""
        status = await self._device.unmute(sensor_name(request.name), who(context.peer()))
        return messages.UnmuteSensorResponse(sensor=convert.sensor_message(status))

    async def ListModels(  # noqa: N802 (gRPC's name)
        self, request: messages.ListModelsRequest, _context: Context
    ) -> messages.ListModelsResponse:
        """The models by name."""
        chosen, token = pages.slice_of(self._device.models(), request)
        return messages.ListModelsResponse(models=map(convert.model_message, chosen), next_page_token=token)

    async def ListPrivacyLedgerEntries(  # noqa: N802 (gRPC's name)
        self, request: messages.ListPrivacyLedgerEntriesRequest, _context: Context
    ) -> messages.ListPrivacyLedgerEntriesResponse:
        """A page of the privacy ledger."""
        entries, cursor = await self._recorder.list_ledger(
            limit=pages.size_of(request.page_size), before=pages.cursor_of(request, request.page_token)
        )
        return messages.ListPrivacyLedgerEntriesResponse(
            privacy_ledger_entries=map(convert.ledger_message, entries),
            next_page_token=pages.token_after(cursor, request),
        )
