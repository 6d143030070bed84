"""A child that dies or stops reporting is started again; one that refuses its configuration is not."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from ertedge.core import supervisor as module
from ertedge.core.supervisor import SensorProcess, Supervisor, signal_name
from ertedge.errors import ConfigurationError, SensorUnavailableError

SLEEPER = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(module, "RESTART_FIRST_SECONDS", 0.01)


async def until_restarted(supervisor: Supervisor, process: SensorProcess) -> None:
    running = asyncio.create_task(supervisor.run())
    try:
        for _ in range(500):
            await asyncio.sleep(0.01)
            if supervisor.restart_count or running.done():
                break
        if running.done():
            running.result()
    finally:
        running.cancel()
        await process.stop()


def test_a_killed_child_is_started_again() -> None:
    async def scenario() -> None:
        process = SensorProcess(SLEEPER)
        process.start()
        first = process.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        supervisor = Supervisor(process, lambda: 0, watchdog_seconds=60.0)
        await until_restarted(supervisor, process)
        assert supervisor.restart_count == 1
        assert process.pid != first
        assert process.exit_status() == -signal.SIGTERM

    asyncio.run(scenario())


def test_a_child_that_reported_and_went_silent_is_killed_and_started_again() -> None:
    async def scenario() -> None:
        process = SensorProcess(SLEEPER)
        process.start()
        reported_ns = time.monotonic_ns()
        supervisor = Supervisor(process, lambda: reported_ns, watchdog_seconds=0.1)
        await until_restarted(supervisor, process)
        assert supervisor.restart_count == 1
        assert process.started_ns - reported_ns > 0.1e9

    asyncio.run(scenario())


def test_a_child_that_has_not_reported_yet_gets_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario() -> None:
        process = SensorProcess(SLEEPER)
        process.start()
        supervisor = Supervisor(process, lambda: 0, watchdog_seconds=0.01)
        running = asyncio.create_task(supervisor.run())
        await asyncio.sleep(0.2)
        assert process.exit_status() is None
        monkeypatch.setattr(module, "START_SECONDS", 0.01)
        await asyncio.sleep(0.2)
        assert supervisor.restart_count >= 1
        running.cancel()
        await process.stop()

    asyncio.run(scenario())


def test_a_refused_configuration_is_final() -> None:
    async def scenario() -> None:
        process = SensorProcess([sys.executable, "-S", "-c", "raise SystemExit(2)"])
        process.start()
        with pytest.raises(ConfigurationError, match="lines above"):
            await until_restarted(Supervisor(process, lambda: 0, 60.0), process)

    asyncio.run(scenario())


def test_a_child_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "STOP_SECONDS", 0.1)

    async def scenario() -> None:
        ready = tmp_path / "ready"
        process = SensorProcess(["/bin/sh", "-c", f"trap '' TERM; : > '{ready}'; while :; do sleep 1; done"])
        process.start()
        for _ in range(500):
            if ready.exists():
                break
            await asyncio.sleep(0.01)
        await asyncio.wait_for(process.stop(), 2)
        assert process.exit_status() == -signal.SIGKILL

    asyncio.run(scenario())


def test_a_child_does_not_speak_to_systemd_for_the_daemon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", "/nowhere")
    process = SensorProcess([sys.executable, "-S", "-c", "import os; raise SystemExit('NOTIFY_SOCKET' in os.environ)"])
    process.start()
    for _ in range(500):
        if process.exit_status() is not None:
            break
        time.sleep(0.01)
    assert process.exit_status() == 0


def test_a_program_that_is_not_there_says_so() -> None:
    with pytest.raises(SensorUnavailableError, match="cannot be started"):
        SensorProcess(["/nonexistent/python"]).start()


def test_signals_have_names() -> None:
    assert signal_name(9) == "SIGKILL"
    assert signal_name(999) == "signal 999"
