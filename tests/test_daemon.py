"""``ertedged`` as a program: it starts, survives its sensor process, and stops when told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from ertedge.core.records import DeviceStatus
from ertedge.errors import SuggestionsOffError
from ertedge.rpc.client import Client
from ertedge.types import (
    Emotion,
    EmotionState,
    Reason,
    ResponseKind,
    SensorCondition,
    SensorName,
    Suggestion,
    Trigger,
)
from tests.daemon_process import ROOT, Daemon, daemon, state_that

CORE_MEMORY_BYTES = 200_000_000
"""Of which the recommender takes some 60 million: ONNX Runtime and the linear algebra of what it learns."""
FORBIDDEN_IN_CORE = ("/cv2/", "/sounddevice", "/picamera2/", "/av/", "litert", "/torch/")
SAD = """
title = "a long sad day"
repeat = true
speed = 300
face = { frames_per_second = 0.2 }
segments = [{ emotion = "sadness", seconds = 3600, intensity = 0.8 }]
"""
OFTEN = """
[suggestions]
timezone = "UTC"
quiet_from = "00:00"
quiet_until = "00:00"
gap_minutes = 0.0
daily_most = 20
daily_mean_most = 20.0
expire_minutes = 1440.0
[safety]
severe_minutes = 1440.0
"""


async def status_when_restarted(client: Client) -> DeviceStatus:
    for _ in range(200):
        status = await client.device_status()
        if status.sensor_restart_count and status.sensor_connected:
            return status
        await asyncio.sleep(0.1)
    raise AssertionError("the sensor process did not come back")


def test_it_streams_stops_when_told_and_goes_on_counting(tmp_path: Path) -> None:
    async def first_state(address: str) -> EmotionState:
        async with Client(address) as client:
            state = await state_that(client.watch())
            usage = (await client.device_status()).processes[0]
            assert usage.resident_bytes < CORE_MEMORY_BYTES
            return state

    with daemon(tmp_path) as running:
        state = asyncio.run(first_state(running.address))
        assert state.synthetic
        maps = Path(f"/proc/{running.process.pid}/maps").read_text(encoding="utf-8")
        assert not [name for name in FORBIDDEN_IN_CORE if name in maps]
        handed_on = Path(f"/proc/{running.sensor_pid()}/environ").read_bytes().split(b"\0")
        assert b"OPENBLAS_NUM_THREADS=1" in handed_on
        assert running.stop() == 0
        assert "Traceback" not in running.log
    assert not (tmp_path / "ertedged.sock").exists()
    with daemon(tmp_path) as running:
        again = asyncio.run(first_state(running.address))
        assert state.sequence < again.sequence < state.sequence + 10
        assert again.wall_time_ns > state.wall_time_ns


def test_a_killed_sensor_process_comes_back_and_no_stream_ends(tmp_path: Path) -> None:
    async def scenario(running: Daemon) -> None:
        async with Client(running.address) as client:
            await state_that(client.watch())  # waits for the daemon
            events = client.watch(reconnect=False)
            before = await state_that(events)
            killed = running.sensor_pid()
            os.kill(killed, signal.SIGKILL)
            status = await status_when_restarted(client)
            after = await state_that(events)
            while after.sequence <= status.last_sequence:
                after = await state_that(events)
            assert after.sequence > before.sequence
            assert running.sensor_pid() != killed

    with daemon(tmp_path) as running:
        asyncio.run(scenario(running))
        assert "was ended by SIGKILL" in running.log


def test_a_hanging_sensor_process_becomes_a_reason_and_is_replaced(tmp_path: Path) -> None:
    async def scenario(running: Daemon) -> None:
        async with Client(running.address) as client:
            await state_that(client.watch())
            events = client.watch(reconnect=False)
            before = await state_that(events)
            os.kill(running.sensor_pid(), signal.SIGSTOP)
            unknown = await state_that(events, emotion_known=False)
            assert unknown.reasons == (Reason.NO_SENSOR,)
            assert unknown.wall_time_ns - before.wall_time_ns < 4e9
            assert (await status_when_restarted(client)).sensor_restart_count == 1
            assert (await state_that(events)).sequence > unknown.sequence

    with daemon(tmp_path, config="[sensor]\nwatchdog_seconds = 3.0\n[tracker]\nsilence_seconds = 1.0\n") as running:
        asyncio.run(scenario(running))
        assert "makes no progress" in running.log


def test_a_mute_survives_both_processes(tmp_path: Path) -> None:
    async def mute(address: str) -> None:
        async with Client(address) as client:
            await state_that(client.watch())
            assert (await client.mute(SensorName.CAMERA)).condition is SensorCondition.MUTED

    async def look(address: str) -> SensorCondition:
        async with Client(address) as client:
            await state_that(client.watch())
            return (await client.sensor(SensorName.CAMERA)).condition

    with daemon(tmp_path) as running:
        asyncio.run(mute(running.address))
        running.process.kill()  # neither process gets a chance to say goodbye
    with daemon(tmp_path) as running:
        assert asyncio.run(look(running.address)) is SensorCondition.MUTED


def test_the_sensor_process_does_not_outlive_a_killed_daemon(tmp_path: Path) -> None:
    async def wait(address: str) -> None:
        async with Client(address) as client:
            await state_that(client.watch())

    with daemon(tmp_path) as running:
        asyncio.run(wait(running.address))
        sensor = running.sensor_pid()
        running.process.kill()
        running.process.wait()
        for _ in range(100):
            with contextlib.suppress(FileNotFoundError):
                if Path(f"/proc/{sensor}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] == "Z":
                    break
                time.sleep(0.05)
                continue
            break
        else:
            pytest.fail("the sensor process lives on")


def test_an_external_sensor_process_is_waited_for_and_connected_to(tmp_path: Path) -> None:
    async def scenario(running: Daemon) -> None:
        async with Client(running.address) as client:
            events = client.watch()
            unknown = await state_that(events, emotion_known=False)
            assert unknown.reasons == (Reason.NO_SENSOR,)
            arguments = ("-m", "ertedge.sensor.process", "--source", "simulate:day", "--data-dir", str(tmp_path))
            sensor = await asyncio.create_subprocess_exec(sys.executable, *arguments, cwd=ROOT)
            try:
                await state_that(events)
                assert (await client.device_status()).sensor_restart_count == 0
            finally:
                sensor.kill()
                await sensor.wait()

    with daemon(tmp_path, "--sensor", "external") as running:
        asyncio.run(scenario(running))
        assert running.stop() == 0


def test_a_full_disk_stops_the_storing_and_nothing_else(tmp_path: Path) -> None:
    async def scenario(address: str) -> None:
        async with Client(address) as client:
            events = client.watch()
            first = await state_that(events)
            for _ in range(100):
                store = (await client.device_status()).store
                if not store.writing:
                    break
                await asyncio.sleep(0.1)
            assert not store.writing
            assert "free" in store.detail
            assert (await state_that(events)).sequence > first.sequence

    with daemon(tmp_path, config="[store]\nfree_bytes_least = 1_000_000_000_000_000\n") as running:
        asyncio.run(scenario(running.address))
        assert running.stop() == 0
        assert running.log.count("states are not being stored") == 1


def test_a_person_who_stays_sad_is_offered_something_and_what_they_say_of_it_outlives_the_daemon(
    tmp_path: Path,
) -> None:
    scenario_file = tmp_path / "sad.toml"
    scenario_file.write_text(SAD, encoding="utf-8")

    async def take_up(address: str) -> Suggestion:
        async with Client(address) as client, asyncio.timeout(60):
            async for event in client.suggestions.watch():
                if event.suggestion is not None:
                    offered = event.suggestion
                    break
            assert (offered.emotion, offered.trigger) == (Emotion.SADNESS, Trigger.SUSTAINED_STATE)
            assert "sad" in offered.reason
            steps = client.suggestions.guide(offered.activity_id)
            assert (await anext(steps)).step is not None
            await client.suggestions.respond(offered.suggestion_id, ResponseKind.START)
            return await client.suggestions.respond(offered.suggestion_id, ResponseKind.COMPLETE, rating=5)

    async def look(address: str) -> Suggestion:
        async with Client(address) as client:
            await state_that(client.watch())
            names = [model.name for model in await client.models()]
            assert "recommender" in names
            return [each async for each in client.suggestions.suggestions()][-1]

    source = f"simulate:{scenario_file}"
    with daemon(tmp_path, source=source, config=OFTEN) as running:
        done = asyncio.run(take_up(running.address))
        assert running.stop() == 0
        assert "Traceback" not in running.log
    with contextlib.closing(sqlite3.connect(tmp_path / "ertedge.db")) as database:
        (learnt,) = database.execute("SELECT LENGTH(state) FROM learning WHERE synthetic = 1").fetchall()
        assert learnt[0] > 100
    with daemon(tmp_path, config=OFTEN) as running:
        again = asyncio.run(look(running.address))
        assert running.stop() == 0
    assert (again.suggestion_id, again.status, again.helpfulness) == (done.suggestion_id, done.status, 5)
    assert again.reason == done.reason


@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_without_its_recommender_it_perceives_and_says_that_nothing_will_be_suggested(
    tmp_path: Path, damage: str
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    for name in ("manifest.toml", "fusion.toml", "confidence.toml", "recognition.toml"):
        shutil.copy(ROOT / "models" / name, models)
    if damage == "damaged":
        (models / "recommender.onnx").write_bytes(b"no network at all")

    async def scenario(address: str) -> None:
        async with Client(address) as client:
            await state_that(client.watch())
            assert await client.is_serving("ertedge.v1.SafetyService")
            assert not await client.is_serving("ertedge.v1.SuggestionService")
            with pytest.raises(SuggestionsOffError, match="recommender"):
                await client.suggestions.request()
            assert len(await client.suggestions.activities()) >= 48

    with daemon(tmp_path, config=f'models_dir = "{models}"\n') as running:
        asyncio.run(scenario(running.address))
        assert running.stop() == 0
        assert running.log.count("nothing will be suggested") == 1
        assert "Traceback" not in running.log


def test_it_listens_on_loopback_when_told_to(tmp_path: Path) -> None:
    async def scenario(address: str) -> None:
        async with Client(address) as client:
            await state_that(client.watch())

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with daemon(tmp_path, "--listen", f"127.0.0.1:{port}", "--listen", f"unix:{tmp_path}/other.sock") as running:
        asyncio.run(scenario(f"127.0.0.1:{port}"))
        asyncio.run(scenario(f"unix:{tmp_path}/other.sock"))
        assert running.stop() == 0
