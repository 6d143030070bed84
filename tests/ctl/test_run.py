"""``make run``: starts, shows, and leaves nothing behind, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ertedge.ctl.run import last_words
from tests.ctl.served import in_terminal


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", "it said nothing"),
        ("2026-01-01 10:00:00,000 INFO listening\n", "2026-01-01 10:00:00,000 INFO listening"),
        ("wrong: this\n2026-01-01 10:00:00,000 INFO stopped\n\nsee above\n", "wrong: this; see above"),
    ],
)
def test_the_last_words_of_a_log(log: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(log)
    assert last_words(tmp_path / "log") == words


def start(data_dir: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ertedge.ctl.run", "--source", "simulate:day", "--data-dir", str(data_dir)]
    return subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    return process.returncode, out, err


def wait_for_states(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert "[simulate]" in process.stdout.readline()


def is_served(data_dir: Path) -> bool:
    return (data_dir / "ertedged.sock").exists()


def test_it_ends_by_itself_and_stops_the_daemon(short_path: Path) -> None:
    status, out, err = end(start(short_path, "--seconds", "3"))
    assert (status, err) == (0, "")
    assert "[simulate] " in out
    assert out.splitlines()[-1] == f"Stopped. The daemon's log is {short_path}/ertedged.log"
    assert not is_served(short_path)
    assert "stopped" in (short_path / "ertedged.log").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_signal_ends_it_in_order(number: signal.Signals, short_path: Path) -> None:
    process = start(short_path)
    try:
        wait_for_states(process)
        process.send_signal(number)
    finally:
        status, _, err = end(process)
    assert (status, err) == (0, "")
    assert not is_served(short_path)


def test_a_signal_while_the_daemon_starts(short_path: Path) -> None:
    process = start(short_path)
    deadline = time.monotonic() + 20
    while not (short_path / "ertedged.log").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    status, _, err = end(process)
    assert (status, err) == (0, "")
    assert not is_served(short_path)


def test_a_daemon_that_cannot_start_is_one_line(short_path: Path) -> None:
    status, out, err = end(start(short_path, "--source", "simulate:no-such-scenario"))
    assert status == 1
    assert out == ""
    assert err.count("\n") == 1
    assert "no-such-scenario: there is no such scenario" in err
    assert f"{short_path}/ertedged.log" in err


def test_a_daemon_that_dies_is_one_line(short_path: Path) -> None:
    process = start(short_path)
    try:
        wait_for_states(process)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        assert len(children) == 1
        os.kill(int(children[0]), signal.SIGKILL)
    finally:
        status, _, err = end(process)
    assert status == 1
    assert err.count("\n") == 1
    assert "ended with status -9" in err


def test_wrong_usage(short_path: Path) -> None:
    status, _, err = end(start(short_path, "--source", "crystal-ball"))
    assert status == 2
    assert "crystal-ball" in err
    assert end(start(short_path, "--seconds", "never"))[0] == 2


def test_a_place_that_cannot_be_used_is_one_line(short_path: Path) -> None:
    (short_path / "file").touch()
    status, _, err = end(start(short_path / "file" / "data"))
    assert status == 1
    assert err.count("\n") == 1
    assert "--data-dir" in err


def test_a_second_one_shows_the_daemon_of_the_first(short_path: Path) -> None:
    first = start(short_path)
    try:
        wait_for_states(first)
        status, out, err = end(start(short_path, "--seconds", "2"))
        assert (status, err) == (0, "")
        assert out.startswith("A daemon already serves")
        assert "[simulate] " in out
        assert first.poll() is None
    finally:
        first.send_signal(signal.SIGINT)
        assert end(first)[0] == 0


def test_in_a_terminal_q_ends_it_and_the_daemon(short_path: Path) -> None:
    command = ("-m", "ertedge.ctl.run", "--source", "simulate:day", "--data-dir", str(short_path))
    with in_terminal(*command) as terminal:
        terminal.wait_for("SIMULATION: nothing here is about a real person", 60.0)
        terminal.press("h")
        terminal.wait_for("People who listen")
        terminal.press("qq")
        assert terminal.end() == 0
        assert "Stopped." in terminal.shown()
        assert terminal.modes == terminal.modes_before
    assert not is_served(short_path)
