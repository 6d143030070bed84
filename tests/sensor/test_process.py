"""The real process: started, watched, muted, stopped, and never left behind."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from ertedge import config
from ertedge.errors import SensorUnavailableError
from ertedge.sensor import process
from ertedge.sensor.client import SensorClient
from ertedge.sensor.mute import MuteFile
from ertedge.types import Modality, Prediction, Reason, SensorCondition, SensorName, SensorReport
from tests.sensor.fakes import children_of, until

STARTED_SECONDS = 20.0
SCENARIO = """
title = "two moods"
repeat = true
[[segments]]
emotion = "happiness"
seconds = 20
[[segments]]
emotion = "sadness"
seconds = 20
"""


@contextlib.contextmanager
def running(directory: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "ertedge.sensor.process", "--data-dir", str(directory), *options]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        try:
            yield child
        finally:
            child.kill()


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    path = tmp_path / "moods.toml"
    path.write_text(SCENARIO, encoding="utf-8")
    return f"simulate:{path}"


async def first_events(client: SensorClient, count: int) -> Sequence[Prediction | SensorReport]:
    """The first ``count`` events, tried until the process answers."""
    end = time.monotonic() + STARTED_SECONDS
    while True:
        try:
            events = client.watch()
            return [await anext(events) for _ in range(count)]
        except SensorUnavailableError:
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)


def test_a_simulation_streams_and_sigterm_ends_it_in_order(tmp_path: Path, scenario: str) -> None:
    with running(tmp_path / "data", "--source", scenario) as child:
        client = SensorClient(tmp_path / "data" / "sensor.sock")
        report, *rest = asyncio.run(first_events(client, 20))
        assert isinstance(report, SensorReport)
        assert report.synthetic
        assert report.source == scenario
        assert [status.condition for status in report.sensors] == [SensorCondition.RUNNING] * 2
        faces = [event for event in rest if isinstance(event, Prediction)]
        assert len(faces) > 10
        assert {event.modality for event in faces} == {Modality.FACE}
        child.send_signal(signal.SIGTERM)
        assert child.wait(5) == 0
        assert child.stderr is not None
        assert "Traceback" not in child.stderr.read()
    assert not (tmp_path / "data" / "sensor.sock").exists()


def test_a_mute_is_read_before_anything_is_opened(tmp_path: Path, scenario: str) -> None:
    data = tmp_path / "data"
    client = SensorClient(data / "sensor.sock")
    with running(data, "--source", scenario) as child:
        asyncio.run(first_events(client, 1))
        status = asyncio.run(client.mute(SensorName.CAMERA))
        assert status.condition is SensorCondition.MUTED
        child.kill()
        child.wait()
    assert MuteFile(data).muted == {SensorName.CAMERA}
    with running(data, "--source", scenario):
        report, *rest = asyncio.run(first_events(client, 8))
        assert isinstance(report, SensorReport)
        assert report.sensors[0].condition is SensorCondition.MUTED
        assert report.sensors[0].records == 0
        silences = [event for event in rest if isinstance(event, Prediction) and event.modality is Modality.FACE]
        assert {event.reasons for event in silences} == {(Reason.MUTED,)}


def test_it_cannot_open_a_network_socket(tmp_path: Path, scenario: str) -> None:
    with running(tmp_path / "data", "--source", scenario) as child:
        asyncio.run(first_events(SensorClient(tmp_path / "data" / "sensor.sock"), 1))
        fields = dict(
            line.split(":\t", 1)
            for line in Path(f"/proc/{child.pid}/status").read_text(encoding="utf-8").splitlines()
            if line.startswith(("Seccomp:", "NoNewPrivs:"))
        )
        assert fields == {"Seccomp": "2", "NoNewPrivs": "1"}
        for thread in Path(f"/proc/{child.pid}/task").iterdir():
            assert "Seccomp:\t2" in (thread / "status").read_text(encoding="utf-8"), "a thread kept the network"


def test_a_second_process_in_the_same_directory_is_refused(tmp_path: Path, scenario: str) -> None:
    with running(tmp_path / "data", "--source", scenario):
        client = SensorClient(tmp_path / "data" / "sensor.sock")
        asyncio.run(first_events(client, 1))
        with running(tmp_path / "data", "--source", scenario) as second:
            assert second.wait(STARTED_SECONDS) == 1
            assert second.stderr is not None
            assert "another sensor process uses" in second.stderr.read()
        asyncio.run(first_events(client, 1))


def test_a_killed_process_leaves_nothing_that_hinders_the_next(tmp_path: Path, scenario: str) -> None:
    client = SensorClient(tmp_path / "data" / "sensor.sock")
    for _ in range(2):
        with running(tmp_path / "data", "--source", scenario) as child:
            asyncio.run(first_events(client, 2))
            child.kill()


def test_systemd_is_told_that_it_is_ready_alive_and_stopping(
    tmp_path: Path, scenario: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(STARTED_SECONDS)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with running(tmp_path / "data", "--source", scenario) as child:
            assert [systemd.recv(64) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            child.terminate()
            told = systemd.recv(64)
            while told == b"WATCHDOG=1":
                told = systemd.recv(64)
            assert told == b"STOPPING=1"


_PARENT = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-m", "ertedge.sensor.process", "--parent", str(os.getpid()), *sys.argv[1:]])
print(child.pid, flush=True)
time.sleep(60)
"""


def test_it_dies_with_its_parent_however_that_dies(tmp_path: Path, scenario: str) -> None:
    options = ["--data-dir", str(tmp_path / "data"), "--source", scenario]
    command = [sys.executable, "-c", _PARENT, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        asyncio.run(first_events(SensorClient(tmp_path / "data" / "sensor.sock"), 1))
        assert children_of(parent.pid) == [pid]
        parent.send_signal(signal.SIGKILL)
    assert until(lambda: not _lives(pid))


def _lives(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return "State:\tZ" not in status


def test_the_wrong_parent_is_no_parent(tmp_path: Path, scenario: str) -> None:
    with running(tmp_path / "data", "--source", scenario, "--parent", "1") as child:
        assert child.wait(STARTED_SECONDS) == 1


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--source", "simulate:nowhere.toml"], "there is no such scenario"),
        (["--source", "telepathy"], "'telepathy' is no source"),
        (["--config", "nowhere.toml"], "there is no such file"),
        (["--source", "replay:nowhere.mp4"], "nowhere.mp4"),
    ],
)
def test_what_is_wrong_is_said_in_a_line_with_status_two(tmp_path: Path, options: list[str], told: str) -> None:
    with running(tmp_path / "data", *options) as child:
        assert child.wait(STARTED_SECONDS) == 2
        assert child.stderr is not None
        error = child.stderr.read()
        assert told in error
        assert len(error.splitlines()) == 1


def test_a_data_directory_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with running(tmp_path / "file" / "data", "--source", "simulate:day") as child:
        assert child.wait(STARTED_SECONDS) == 1
        assert child.stderr is not None
        assert "choose another directory with --data-dir" in child.stderr.read()


def test_a_network_camera_keeps_the_network_and_says_so(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[bool] = []
    monkeypatch.setattr(process, "refuse_network", lambda: called.append(True))
    network_camera = {"source": "camera", "camera": {"device": "rtsp://camera.local/1"}}
    process._give_up_network(config.load(None, network_camera))
    assert not called
    assert "is on the network" in caplog.text
    process._give_up_network(config.load(None, {**network_camera, "source": "demo"}))
    assert called
