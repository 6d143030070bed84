"""What ``ertedged`` refuses to start with, and that it says so in a line that helps."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from ertedge.rpc.client import Client
from tests.daemon_process import daemon, fails, state_that


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
