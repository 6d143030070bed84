"""The device tells how its sensors are, with the sensor process and without it, and the ledger keeps what was open."""

from __future__ import annotations

import asyncio

import pytest

from ertedge.config import DriftSettings, ServerSettings
from ertedge.core.device import Device
from ertedge.core.drift import DriftWatch
from ertedge.core.emotions import Emotions
from ertedge.core.watch_sensor import SensorSilence
from ertedge.errors import SensorUnavailableError
from ertedge.types import ModelInfo, SensorCondition, SensorName
from tests.core.fakes import FakeClock, FakeLedger, FakeSensor, report

LOST = SensorSilence(0, connected=False, detail="the sensor process was killed")


def make(port: FakeSensor, ledger: FakeLedger) -> Device:
    clock = FakeClock()
    return Device(
        port=port,
        ledger=ledger,
        emotions=Emotions(clock, ServerSettings(), last_sequence=5),
        clock=clock,
        drift=DriftWatch({}, DriftSettings(enabled=False), clock),
        source="camera",
        restart_count=lambda: 3,
    )


def conditions(device: Device) -> list[SensorCondition]:
    return [status.condition for status in device.sensors()]


def test_the_ledger_has_every_opening_and_closing_once() -> None:
    async def scenario() -> None:
        ledger = FakeLedger()
        device = make(FakeSensor(), ledger)
        device.take_report(report(camera=SensorCondition.STARTING))
        device.take_report(report())
        device.take_report(report())
        device.take_silence(LOST)
        device.take_silence(LOST)
        device.take_report(report(microphone=SensorCondition.MISSING))
        device.stop()
        device.stop()
        assert ledger.entries == [
            ("MICROPHONE_OPENED", "microphone"),
            ("CAMERA_OPENED", "camera"),
            ("CAMERA_CLOSED", "camera"),
            ("MICROPHONE_CLOSED", "microphone"),
            ("CAMERA_OPENED", "camera"),
            ("CAMERA_CLOSED", "camera"),
        ]
        assert ledger.details[-1] == "The camera was closed: the daemon stopped."

    asyncio.run(scenario())


def test_a_device_that_closes_for_want_of_consent_stays_so_without_its_process_and_the_ledger_says_why() -> None:
    async def scenario() -> None:
        ledger = FakeLedger()
        device = make(FakeSensor(), ledger)
        device.take_report(report())
        device.take_report(report(camera=SensorCondition.NOT_PERMITTED))
        assert ledger.details[-1] == "The camera was closed: nobody agrees to it any longer."
        device.take_silence(LOST)
        assert conditions(device) == [SensorCondition.NOT_PERMITTED, SensorCondition.FAILED]

    asyncio.run(scenario())


def test_a_simulation_opens_nothing() -> None:
    async def scenario() -> None:
        ledger = FakeLedger()
        device = make(FakeSensor(), ledger)
        device.take_report(report(synthetic=True))
        device.stop()
        assert device.synthetic
        assert ledger.entries == []

    asyncio.run(scenario())


def test_without_the_sensor_process_nothing_pretends_to_run_and_a_mute_stays_a_mute() -> None:
    async def scenario() -> None:
        device = make(FakeSensor(), FakeLedger())
        assert conditions(device) == [SensorCondition.STARTING] * 2
        device.take_report(report(microphone=SensorCondition.MUTED))
        assert conditions(device) == [SensorCondition.RUNNING, SensorCondition.MUTED]
        device.take_silence(SensorSilence(0, connected=True))
        assert conditions(device) == [SensorCondition.RUNNING, SensorCondition.MUTED]
        device.take_silence(LOST)
        assert conditions(device) == [SensorCondition.FAILED, SensorCondition.MUTED]
        assert device.sensors()[0].detail == LOST.detail

    asyncio.run(scenario())


def test_a_mute_shows_at_once_and_is_written_down_with_who_did_it() -> None:
    async def scenario() -> None:
        port, ledger = FakeSensor(), FakeLedger()
        device = make(port, ledger)
        device.take_report(report())
        ledger.entries.clear()
        status = await device.mute(SensorName.CAMERA, "the local socket")
        assert status.condition is SensorCondition.MUTED
        assert port.muted == [SensorName.CAMERA]
        assert conditions(device) == [SensorCondition.MUTED, SensorCondition.RUNNING]
        await device.unmute(SensorName.CAMERA, "the local socket")
        assert [event for event, _ in ledger.entries] == ["SENSOR_MUTED", "CAMERA_CLOSED", "SENSOR_UNMUTED"]
        assert "by the local socket" in ledger.details[-1]

    asyncio.run(scenario())


def test_a_mute_that_did_not_take_effect_is_not_written_down() -> None:
    async def scenario() -> None:
        port, ledger = FakeSensor(), FakeLedger()
        port.unavailable = True
        with pytest.raises(SensorUnavailableError):
            await make(port, ledger).mute(SensorName.CAMERA, "the local socket")
        assert ledger.entries == []

    asyncio.run(scenario())


def test_the_status_is_whole() -> None:
    async def scenario() -> None:
        device = make(FakeSensor(), FakeLedger())
        models = tuple(ModelInfo(name, "1", f"{name}.tflite", "0" * 64, "litert", 1, "") for name in ("voice", "face"))
        device.take_report(report(models=models, resident_bytes=5, cpu_seconds=0.5))
        device.take_report(report(resident_bytes=6))
        status = await device.status()
        assert [model.name for model in status.models] == ["face", "voice"]
        assert (status.sensor_connected, status.sensor_restart_count, status.last_sequence) == (True, 3, 5)
        core, sensor = status.processes
        assert core.process == "core"
        assert core.resident_bytes > 1_000_000
        assert (sensor.process, sensor.resident_bytes) == ("sensor", 6)
        device.take_silence(LOST)
        assert [usage.process for usage in (await device.status()).processes] == ["core"]

    asyncio.run(scenario())
