"""The commands against a real daemon, and how they fail without one."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ertedge.types import EMOTIONS
from tests.ctl.conftest import RunningDaemon, ctl

COMMANDS = (
    ("status",),
    ("watch", "--seconds", "1"),
    ("history",),
    ("models",),
    ("privacy",),
    ("sensors", "list"),
    ("sensors", "mute", "camera"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("as_json", [False, True])
def test_without_a_daemon_one_line_says_what_to_do(command: tuple[str, ...], as_json: bool, short_path: Path) -> None:
    options = ["--json"] if as_json else []
    answer = ctl("--data-dir", str(short_path), *options, *command)
    assert answer.status == 1
    assert answer.out == ""
    assert answer.err.count("\n") == 1
    assert f"no daemon answers at unix:{short_path}/ertedged.sock" in answer.err
    assert "`ertedged`" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--no-such-option", "status"),
        ("no-such-command",),
        ("sensors", "mute", "nose"),
        ("watch", "--seconds", "0"),
        ("watch", "--seconds", "soon"),
        ("history", "--limit", "0"),
        ("history", "--since", "yesterday"),
        ("history", "--resolution", "-1m"),
    ],
    ids=" ".join,
)
def test_wrong_usage(arguments: tuple[str, ...], short_path: Path) -> None:
    answer = ctl("--data-dir", str(short_path), *arguments)
    assert answer.status == 2
    assert answer.out == ""
    assert answer.err.strip()


def test_a_wrong_length_of_time_says_how_to_write_one(short_path: Path) -> None:
    answer = ctl("--data-dir", str(short_path), "history", "--since", "yesterday")
    assert answer.err == "'yesterday' is no length of time; write it as 90s, 15m, 2h or 7d\n"


def test_a_wrong_configuration_names_every_fault_on_one_line(tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text('sorce = "demo"\n[camera]\nwidth_px = "wide"\n')
    answer = ctl("--config", str(path), "status")
    assert answer.status == 2
    assert answer.err.count("\n") == 1
    assert "did you mean source?" in answer.err
    assert "camera.width_px" in answer.err


@pytest.mark.parametrize("address", ["somewhere", "192.0.2.1:5000", "unix:"])
def test_an_address_that_is_not_allowed(address: str) -> None:
    answer = ctl("--address", address, "status")
    assert answer.status == 1
    assert answer.err.count("\n") == 1
    assert "unix:PATH" in answer.err


def test_help_names_every_command() -> None:
    answer = ctl("--help")
    assert answer.status == 0
    assert "Watch and steer the ertedge daemon." in answer.out
    alone = ("status", "watch", "history", "models", "privacy", "doctor", "suggest", "guide")
    for command in (*alone, "sensors", "suggestions", "activities", "safety"):
        assert f" {command} " in answer.out
    for command in ("list", "mute", "unmute"):
        assert f" {command} " in ctl("sensors", "--help").out


def test_a_stale_socket_is_named(short_path: Path) -> None:
    import socket

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(short_path / "ertedged.sock"))
    answer = ctl("--data-dir", str(short_path), "status")
    assert answer.status == 1
    assert "though its socket is there" in answer.err


def test_status_tells_the_device(daemon: RunningDaemon) -> None:
    answer = daemon.ctl("status")
    assert (answer.status, answer.err) == (0, "")
    for text in ("simulate:day", "not", "real person", "connected", "states", "camera", "microphone", "core", "MB"):
        assert text in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80


def test_status_as_json(daemon: RunningDaemon) -> None:
    answer = daemon.ctl("--json", "status")
    (line,) = answer.out.splitlines()
    found = json.loads(line)
    assert found["synthetic"] is True
    assert found["source"] == "simulate:day"
    assert [sensor["sensor"] for sensor in found["sensors"]] == ["camera", "microphone"]
    assert found["last_sequence"] > 0


def test_watch_prints_a_line_a_state_where_there_is_no_terminal(daemon: RunningDaemon) -> None:
    answer = daemon.ctl("watch", "--seconds", "3")
    assert (answer.status, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert len(lines) >= 3
    for line in lines:
        assert re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \[simulate\] (seems \w+ \(>?\d+%\)|not sure: .+)", line
        )


def test_watch_as_json_counts_up(daemon: RunningDaemon) -> None:
    answer = daemon.ctl("--json", "watch", "--seconds", "3")
    events = [json.loads(line) for line in answer.out.splitlines()]
    states = [event for event in events if not event.get("heartbeat")]
    assert len(states) >= 3
    assert [state["sequence"] for state in states] == list(
        range(states[0]["sequence"], states[0]["sequence"] + len(states))
    )
    for state in states:
        assert state["synthetic"] is True
        assert set(state["probabilities"]) == set(EMOTIONS)
        assert {share["modality"] for share in state["shares"]} == {"face", "voice"}


def test_history_shows_what_was_stored(daemon: RunningDaemon) -> None:
    answer = daemon.ctl("history", "--since", "10m", "--resolution", "0", "--limit", "5")
    assert (answer.status, answer.err) == (0, "")
    assert 1 <= len(re.findall(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ", answer.out, re.MULTILINE)) <= 5
    assert "not about a real person" in answer.out
    assert "valence" in answer.out


def test_history_as_json_is_newest_first_and_limited(daemon: RunningDaemon) -> None:
    answer = daemon.ctl("--json", "history", "--resolution", "0", "--limit", "3")
    states = [json.loads(line) for line in answer.out.splitlines()]
    assert 1 <= len(states) <= 3
    times = [state["time"] for state in states]
    assert times == sorted(times, reverse=True)


def test_mute_and_unmute_and_the_ledger(daemon: RunningDaemon) -> None:
    muted = daemon.ctl("sensors", "mute", "camera")
    try:
        assert (muted.status, muted.err) == (0, "")
        assert muted.out.startswith("The camera is closed and stays closed")
        conditions = {
            sensor["sensor"]: sensor["condition"]
            for sensor in map(json.loads, daemon.ctl("--json", "sensors", "list").out.splitlines())
        }
        assert conditions["camera"] == "muted"
        assert conditions["microphone"] != "muted"
        assert "muted" in daemon.ctl("sensors", "list").out
    finally:
        unmuted = daemon.ctl("--json", "sensors", "unmute", "all")
    assert [json.loads(line)["sensor"] for line in unmuted.out.splitlines()] == ["camera", "microphone"]
    assert all(json.loads(line)["condition"] != "muted" for line in unmuted.out.splitlines())
    entries = [json.loads(line) for line in daemon.ctl("--json", "privacy").out.splitlines()]
    events = [entry["event"] for entry in entries]
    assert events.index("SENSOR_UNMUTED") < events.index("SENSOR_MUTED")  # newest first
    assert "was muted by" in daemon.ctl("privacy").out
    assert len(daemon.ctl("--json", "privacy", "--limit", "1").out.splitlines()) == 1


def test_models_of_a_simulation(daemon: RunningDaemon) -> None:
    """A simulation perceives nothing, so that only the core's own model is in use."""
    assert "recommender" in daemon.ctl("models").out
    assert json.loads(daemon.ctl("--json", "models").out)["name"] == "recommender"


def test_doctor_finds_the_daemon(daemon: RunningDaemon) -> None:
    answer = daemon.ctl("--json", "doctor")
    checks = {check["name"]: check for check in map(json.loads, answer.out.splitlines())}
    assert checks["daemon"]["verdict"] == "good"
    assert answer.status == (1 if any(check["verdict"] == "broken" for check in checks.values()) else 0)


def test_an_address_can_be_given(daemon: RunningDaemon, short_path: Path) -> None:
    answer = ctl("--data-dir", str(short_path), "--address", daemon.address, "--json", "status")
    assert answer.status == 0
    assert json.loads(answer.out)["version"]


SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
"""An empty HTTP/2 SETTINGS frame (RFC 9113, section 6.5): how a server begins."""
GOAWAY = bytes([0, 0, 8, 7, 0, 0, 0, 0, 0]) + bytes(4) + (2).to_bytes(4, "big")
"""No stream was served, for an internal error (section 6.8)."""


@pytest.fixture
def failing_server(short_path: Path) -> Iterator[Path]:
    """A data directory whose socket lets every client in and sends it away at once."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(short_path / "ertedged.sock"))
    listener.listen()

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client:
                client.sendall(SETTINGS)
                client.recv(4096)
                client.sendall(GOAWAY)

    thread = threading.Thread(target=serve)
    thread.start()
    yield short_path
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(10.0)
    assert not thread.is_alive()


def test_grpc_says_nothing_of_its_own(failing_server: Path) -> None:
    """A server's GOAWAY is a line on stderr by default, even where only errors were asked for after the import."""
    environment = {name: value for name, value in os.environ.items() if name != "GRPC_VERBOSITY"}
    command = [sys.executable, "-m", "ertedge.ctl.main", "--data-dir", str(failing_server), "status"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "no daemon answers" in ended.stderr
