"""The device: its sensors, their mutes, its models, how all of it is, and the ledger of what that did to privacy. Floor 2.

The sensor process reports; this keeps the newest report, tells what it means while there is none, and writes every opening
and closing of the camera and the microphone into the privacy ledger.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from ertedge import __version__
from ertedge.core.clock import Clock
from ertedge.core.drift import DriftWatch
from ertedge.core.emotions import Emotions
from ertedge.core.records import DeviceStatus, ProcessUsage, StoreHealth
from ertedge.core.watch_sensor import SensorPort, SensorSilence
from ertedge.types import ModelInfo, SensorCondition, SensorName, SensorReport, SensorStatus


class Ledger(Protocol):
    """Where what touches privacy is written down, and where the store's health is known."""

    def record_ledger(self, event: str, subject: str, detail: str) -> None:
        """Write an entry. Never waits, never raises."""

    async def health(self) -> StoreHealth:
        """How the store is."""


class Device:
    """One for the core. Belongs to the event loop. ``source`` is what was asked for, until the sensor process says more;
    ``restart_count`` tells how often it was started again; ``own_models`` are those that the core itself loaded."""

    def __init__(
        self,
        *,
        port: SensorPort,
        ledger: Ledger,
        emotions: Emotions,
        clock: Clock,
        drift: DriftWatch,
        source: str,
        restart_count: Callable[[], int] = lambda: 0,
        own_models: tuple[ModelInfo, ...] = (),
    ) -> None:
        self._port = port
        self._ledger = ledger
        self._emotions = emotions
        self._clock = clock
        self._drift = drift
        self._restart_count = restart_count
        self._own_models = own_models
        self._start_wall_ns = clock.wall_ns()
        self._connected = False
        self._lost_detail = "the sensor process is starting"
        self._report = SensorReport(0, (), source=source)

    @property
    def synthetic(self) -> bool:
        """Whether what the sensor process sends comes from the demo or a simulation."""
        return self._report.synthetic

    @property
    def source(self) -> str:
        """What the sensor process reads from, or what it was asked to while it has not said."""
        return self._report.source

    def take_report(self, report: SensorReport) -> None:
        """Keep ``report`` and write down what was opened or closed since the one before."""
        before = self._open_sensors()
        self._connected = True
        models = report.models or self._report.models
        self._report = replace(report, models=models)
        self._note_changes(before, self._open_sensors())

    def take_silence(self, silence: SensorSilence) -> None:
        """Note that the sensor process is lost, if it is: then neither device is open."""
        if silence.connected:
            return
        before = self._open_sensors()
        self._connected = False
        self._lost_detail = silence.detail
        self._note_changes(before, frozenset(), "the sensor process is gone")

    def stop(self) -> None:
        """Write down that everything is closed, since the daemon stops."""
        before = self._open_sensors()
        self._connected = False
        self._note_changes(before, frozenset(), "the daemon stopped")

    async def mute(self, sensor: SensorName, by: str) -> SensorStatus:
        """Close ``sensor`` until it is unmuted. Raises SensorUnavailableError: then the mute did not take effect."""
        status = await self._port.mute(sensor)
        self._ledger.record_ledger("SENSOR_MUTED", sensor.value, f"The {sensor} was muted by {by}.")
        self._replace_sensor(status)
        return status

    async def unmute(self, sensor: SensorName, by: str) -> SensorStatus:
        """Let ``sensor`` be opened again. Raises SensorUnavailableError, or StoreError if the mute cannot be lifted."""
        status = await self._port.unmute(sensor)
        self._ledger.record_ledger("SENSOR_UNMUTED", sensor.value, f"The {sensor} was unmuted by {by}.")
        self._replace_sensor(status)
        return status

    def sensors(self) -> tuple[SensorStatus, ...]:
        """Every sensor as it is now, camera first."""
        known = {status.sensor: status for status in self._report.sensors}
        return tuple(self._sensor(name, known.get(name)) for name in SensorName)

    def models(self) -> tuple[ModelInfo, ...]:
        """The models that are loaded, by name."""
        return tuple(sorted((*self._report.models, *self._own_models), key=lambda model: model.name))

    async def status(self) -> DeviceStatus:
        """The whole device."""
        usage = [ProcessUsage("core", resident_bytes(), time.process_time())]
        if self._connected:
            usage.append(ProcessUsage("sensor", self._report.resident_bytes, self._report.cpu_seconds))
        return DeviceStatus(
            version=__version__,
            wall_time_ns=self._clock.wall_ns(),
            start_wall_time_ns=self._start_wall_ns,
            source=self._report.source,
            synthetic=self._report.synthetic,
            sensor_connected=self._connected,
            sensor_restart_count=self._restart_count(),
            sensors=self.sensors(),
            models=self.models(),
            processes=tuple(usage),
            store=await self._ledger.health(),
            watcher_count=self._emotions.watcher_count,
            last_sequence=self._emotions.last_sequence,
            drifts=self._drift.statuses(),
        )

    def _sensor(self, name: SensorName, known: SensorStatus | None) -> SensorStatus:
        if self._connected and known is not None:
            return known
        if known is None:
            return SensorStatus(name, SensorCondition.STARTING, "", self._lost_detail)
        if known.condition in (SensorCondition.MUTED, SensorCondition.NOT_PERMITTED, SensorCondition.OFF):
            return replace(known, rate_hz=0.0)  # what a person decided outlives the process that carries it out
        return replace(known, condition=SensorCondition.FAILED, detail=self._lost_detail, rate_hz=0.0)

    def _replace_sensor(self, status: SensorStatus) -> None:
        sensors = tuple(status if known.sensor is status.sensor else known for known in self._report.sensors)
        self.take_report(replace(self._report, sensors=sensors))

    def _open_sensors(self) -> frozenset[SensorName]:
        if not self._connected:
            return frozenset()
        return frozenset(s.sensor for s in self._report.sensors if s.condition is SensorCondition.RUNNING)

    def _note_changes(self, before: frozenset[SensorName], after: frozenset[SensorName], why: str = "") -> None:
        if self._report.synthetic:
            return  # nobody is seen or heard
        statuses = {status.sensor: status for status in self._report.sensors}
        for sensor in sorted(after - before):
            device = statuses[sensor].device or "the default device"
            self._ledger.record_ledger(f"{sensor.name}_OPENED", sensor.value, f"The {sensor} was opened: {device}.")
        for sensor in sorted(before - after):
            reason = why or _why_closed(statuses[sensor])
            self._ledger.record_ledger(f"{sensor.name}_CLOSED", sensor.value, f"The {sensor} was closed: {reason}.")


def _why_closed(status: SensorStatus) -> str:
    if status.condition is SensorCondition.NOT_PERMITTED:
        return "nobody agrees to it any longer"
    return status.detail or status.condition.value


def resident_bytes() -> int:
    """Memory resident in this process: the second field of ``/proc/self/statm``, in pages (proc(5))."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")
