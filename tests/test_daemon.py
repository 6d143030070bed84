"""``ertedged`` as a program: it starts, survives its sensor process, refuses what it must, and stops when told."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ertedge.core.records import DeviceStatus, WatchEvent
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

ROOT = Path(__file__).resolve().parent.parent
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


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ertedge.daemon", *arguments]


@contextlib.contextmanager
def daemon(folder: Path, *arguments: str, source: str = "simulate:day", config: str = "") -> Iterator[Daemon]:
    """A running daemon with ``folder`` for its data; it is ended, and its sensor process with it, whatever happens."""
    file = folder / "ertedge.toml"
    file.write_text(config, encoding="utf-8")
    log = folder / "log.txt"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command("--config", str(file), "--source", source, "--data-dir", str(folder), *arguments),
            cwd=ROOT,
            stderr=output,
            stdout=output,
        )
    try:
        yield Daemon(process, folder, log)
    finally:
        process.kill()
        process.wait()


class Daemon:
    """A daemon that was started."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
        self.process = process
        self.address = f"unix:{folder / 'ertedged.sock'}"
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def sensor_pid(self) -> int:
        """The sensor process, its only child."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        (pid,) = children.split()
        return int(pid)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)


async def state_that(events: AsyncIterator[WatchEvent], emotion_known: bool = True) -> EmotionState:
    """The next state that is known, or unknown."""
    async with asyncio.timeout(20):
        async for event in events:
            if event.state and (event.state.emotion is not Emotion.UNKNOWN) == emotion_known:
                return event.state
    raise AssertionError("the stream ended")


async def status_when_restarted(client: Client) -> DeviceStatus:
    for _ in range(200):
        status = await client.device_status()
        if status.sensor_restart_count and status.sensor_connected:
            return status
        await asyncio.sleep(0.1)
    raise AssertionError("the sensor process did not come back")


def fails(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)


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


def test_every_fault_of_a_clinics_own_activities_is_said_before_it_starts(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "ours.toml").write_text("activty = 1\n", encoding="utf-8")
    file = tmp_path / "ertedge.toml"
    file.write_text(f'[suggestions]\ncatalogue_dir = "{folder}"\n', encoding="utf-8")
    done = fails("--config", str(file), "--source", "simulate:day", "--data-dir", str(tmp_path))
    assert done.returncode == 2
    assert "ours.toml" in done.stderr
    assert "Traceback" not in done.stderr


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


def test_a_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = fails("--source", "simulate:day", "--data-dir", str(tmp_path), "--listen", f"127.0.0.1:{port}")
    assert done.returncode == 1
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("ertedged:")]
    assert "the port is in use" in line
    assert "Traceback" not in done.stderr


def test_an_address_that_others_can_reach_is_refused(tmp_path: Path) -> None:
    done = fails("--data-dir", str(tmp_path), "--listen", "0.0.0.0:50051", "--listen", "here")
    assert done.returncode == 2
    assert "0.0.0.0:50051 is not allowed" in done.stderr
    assert "'here' is no address" in done.stderr
    assert not (tmp_path / "ertedged.lock").exists()


def test_one_daemon_a_data_directory(tmp_path: Path) -> None:
    async def wait(address: str) -> None:
        async with Client(address) as client:
            await state_that(client.watch())

    with daemon(tmp_path) as running:
        asyncio.run(wait(running.address))
        done = fails("--data-dir", str(tmp_path), "--listen", f"unix:{tmp_path}/second.sock")
        assert done.returncode == 1
        assert done.stderr.splitlines() == [
            f"ertedged: another ertedged uses {tmp_path}; stop it, or choose another --data-dir"
        ]
        asyncio.run(wait(running.address))


@pytest.mark.parametrize("folder", ["/proc/ertedge", "/sys/kernel"])
def test_a_data_directory_that_cannot_be_written_is_said_in_one_line(folder: str) -> None:
    done = fails("--source", "simulate:day", "--data-dir", folder)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"ertedged: {folder} cannot be written")
    assert line.endswith("choose another directory with --data-dir")


def test_every_fault_of_the_configuration_at_once(tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(
        'source = "teapot"\n[server]\nlistn = []\nheartbeat_seconds = "often"\n[tracker]\nstates_per_second = -1\n',
        encoding="utf-8",
    )
    done = fails("--config", str(file), "--data-dir", str(tmp_path))
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert len(lines) == 4
    assert all(line.startswith(f"{file}: ") for line in lines)
    for fault in (
        "'teapot' is no source",
        "did you mean listen?",
        "server.heartbeat_seconds",
        "tracker.states_per_second",
    ):
        assert fault in done.stderr


def test_a_scenario_that_is_wrong_ends_the_daemon_too(tmp_path: Path) -> None:
    scenario = tmp_path / "wrong.toml"
    scenario.write_text("tittle = 1\n", encoding="utf-8")
    done = fails("--source", f"simulate:{scenario}", "--data-dir", str(tmp_path))
    assert done.returncode == 2
    assert str(scenario) in done.stderr


def test_usage() -> None:
    assert fails("--no-such-option").returncode == 2
    done = fails("--help")
    assert done.returncode == 0
    assert "--listen ADDRESS" in done.stdout
