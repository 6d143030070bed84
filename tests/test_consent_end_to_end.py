"""No device is opened before somebody agreed, whatever starts first and whatever is restarted; and taking it back closes it.

The real daemon, its real sensor process and models, and a camera on the network that sees whether it is looked through.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ertedge.errors import ErtedgeError, SensorUnavailableError
from ertedge.rpc.client import Client
from ertedge.sensor.client import SensorClient
from ertedge.sensor.permits import PermitFile
from ertedge.types import ConsentText, Modality, Purpose, Reason, SensorCondition, SensorName, SensorReport
from tests.daemon_process import Daemon, daemon
from tests.network_camera import FaceCamera, face_camera

WAIT_SECONDS = 60.0
AT_ONCE_SECONDS = 5.0
"""Far more than the second that it may take, since the machine may be busy; the test prints what it took."""
CAMERA = frozenset({SensorName.CAMERA})


def config_of(camera: FaceCamera) -> str:
    return f'[camera]\ndevice = "{camera.url}"\n[sensor]\nreopen_first_seconds = 0.1\nreopen_most_seconds = 0.2\n'


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = WAIT_SECONDS) -> float:
    """Wait for ``condition``; returns how many seconds that took."""
    began = time.monotonic()
    while not await condition():
        assert time.monotonic() - began < seconds, "it did not come to pass"
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def camera_is(client: Client, condition: SensorCondition) -> bool:
    return (await client.sensor(SensorName.CAMERA)).condition is condition


async def face_speaks(client: Client) -> bool:
    state = await client.state()
    return any(share.modality is Modality.FACE and share.probabilities is not None for share in state.shares)


async def nobody_agreed(client: Client) -> bool:
    """Whether that is why nothing is known, of either modality."""
    state = await client.state()
    return state.reasons == (Reason.NO_CONSENT,) and {share.reasons for share in state.shares} <= {(Reason.NO_CONSENT,)}


async def texts_of(client: Client, profile_id: int) -> dict[Purpose, ConsentText]:
    return {text.purpose: text for text in await client.profiles.texts(profile_id=profile_id)}


def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("c")


def test_no_device_before_consent_and_none_within_a_second_of_its_end(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = short(tmp_path_factory)

    async def run(running: Daemon, camera: FaceCamera) -> None:
        async with Client(running.address) as client:
            await until(lambda: camera_is(client, SensorCondition.NOT_PERMITTED))
            assert "ertedge-ctl consent give sense_face" in (await client.sensor(SensorName.CAMERA)).detail
            await until(lambda: nobody_agreed(client))
            assert camera.opened == 0

            person = await client.profiles.create("Anna")
            number = person.profile.profile_id
            texts = await texts_of(client, number)
            await asyncio.sleep(1.5)
            assert camera.opened == 0
            await client.profiles.give(number, texts[Purpose.SENSE_FACE])
            await until(lambda: camera_is(client, SensorCondition.RUNNING))
            await until(lambda: face_speaks(client))
            assert camera.open == 1
            assert await camera_is(client, SensorCondition.RUNNING)
            assert (await client.sensor(SensorName.MICROPHONE)).condition is SensorCondition.NOT_PERMITTED
            kept = (await client.list_states()).states
            assert not [state for state in kept if state.profile_id or any(share.weight for share in state.shares)]

            os.kill(running.sensor_pid(), signal.SIGKILL)
            await until(lambda: _opened(camera, 2))
            await until(lambda: camera_is(client, SensorCondition.RUNNING))

            began = time.monotonic()
            await client.profiles.withdraw(number, Purpose.SENSE_FACE)
            answered_seconds = time.monotonic() - began
            assert not await face_speaks(client) or await until(lambda: _silent(client), AT_ONCE_SECONDS)
            await until(lambda: camera_is(client, SensorCondition.NOT_PERMITTED), AT_ONCE_SECONDS)
            await until(lambda: _closed(camera), AT_ONCE_SECONDS)
            closed_seconds = time.monotonic() - began
            with capsys.disabled():
                sys.stdout.write(f" [answered after {answered_seconds:.2f} s, all closed after {closed_seconds:.2f} s]")
            assert PermitFile(folder).permitted == frozenset()

            opened = camera.opened
            os.kill(running.sensor_pid(), signal.SIGKILL)
            await asyncio.sleep(0.5)
            await until(lambda: _connected(client))
            await until(lambda: camera_is(client, SensorCondition.NOT_PERMITTED))
            await asyncio.sleep(1.0)
            assert camera.opened == opened
            events = [entry.event for entry in (await client.list_ledger()).entries]
            for event in ("PROFILE_CREATED", "CONSENT_GIVEN", "CAMERA_OPENED", "CONSENT_WITHDRAWN", "CAMERA_CLOSED"):
                assert event in events

    with face_camera() as camera, daemon(folder, source="camera", config=config_of(camera)) as running:
        asyncio.run(_when_served(running, lambda: run(running, camera)))


def test_consent_is_remembered_over_a_restart_of_everything(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = short(tmp_path_factory)

    async def agree(running: Daemon) -> None:
        async with Client(running.address) as client:
            person = await client.profiles.create("Anna")
            texts = await texts_of(client, person.profile.profile_id)
            await client.profiles.give(person.profile.profile_id, texts[Purpose.SENSE_FACE])
            await until(lambda: camera_is(client, SensorCondition.RUNNING))

    async def look(running: Daemon) -> None:
        async with Client(running.address) as client:
            await until(lambda: camera_is(client, SensorCondition.RUNNING))
            (person,) = await client.profiles.profiles()
            assert person.has_agreed_to(Purpose.SENSE_FACE)
            # All that is left is erased, and with it the permission.
            await client.profiles.delete(person.profile.profile_id)
            await until(lambda: camera_is(client, SensorCondition.NOT_PERMITTED), AT_ONCE_SECONDS)
            await until(lambda: _closed(camera), AT_ONCE_SECONDS)

    with face_camera() as camera:
        for scene in (agree, look):
            with daemon(folder, source="camera", config=config_of(camera)) as running:
                asyncio.run(_when_served(running, lambda scene=scene: scene(running)))  # type: ignore[misc]
                assert running.stop() == 0
        assert camera.opened == 2


def test_a_sensor_process_without_a_core_opens_what_it_was_told_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = short(tmp_path_factory)
    client = SensorClient(folder / "sensor.sock")

    async def condition() -> SensorCondition | None:
        try:
            async for event in client.watch():
                if isinstance(event, SensorReport):
                    return event.sensors[0].condition
        except SensorUnavailableError:
            return None
        return None

    async def reaches(wanted: SensorCondition) -> None:
        await until(lambda: _is(condition, wanted))

    with face_camera() as camera:
        file = folder / "ertedge.toml"
        file.write_text(config_of(camera), encoding="utf-8")
        for permitted, wanted in ((None, SensorCondition.NOT_PERMITTED), (CAMERA, SensorCondition.RUNNING)):
            if permitted:
                PermitFile(folder).permit(permitted)
            command = [sys.executable, "-m", "ertedge.sensor.process", "--config", str(file), "--data-dir", str(folder)]
            with subprocess.Popen([*command, "--source", "camera"], stderr=subprocess.DEVNULL) as process:
                try:
                    asyncio.run(reaches(wanted))
                    assert camera.opened == (1 if permitted else 0)
                    if permitted:
                        asyncio.run(_take_back(client))
                        asyncio.run(until(lambda: _closed(camera), AT_ONCE_SECONDS))
                finally:
                    process.kill()
        assert PermitFile(folder).permitted == frozenset()


async def _take_back(client: SensorClient) -> None:
    statuses = await client.permit(frozenset())
    assert statuses[0].condition is SensorCondition.NOT_PERMITTED


async def _is(condition: Callable[[], Awaitable[SensorCondition | None]], wanted: SensorCondition) -> bool:
    return await condition() is wanted


async def _closed(camera: FaceCamera) -> bool:
    return camera.open == 0


async def _opened(camera: FaceCamera, count: int) -> bool:
    return camera.opened >= count


async def _silent(client: Client) -> bool:
    return not await face_speaks(client)


async def _connected(client: Client) -> bool:
    return (await client.device_status()).sensor_connected


async def _when_served(running: Daemon, scene: Callable[[], Awaitable[None]]) -> None:
    """Run ``scene`` once the daemon has a state to give."""

    async def has_state() -> bool:
        assert running.process.poll() is None, running.log
        async with Client(running.address, timeout_seconds=2.0) as client:
            try:
                return await client.is_serving()
            except ErtedgeError:
                return False

    await until(has_state)
    await scene()
