"""A real daemon on a simulated day, for the commands to talk to."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ertedge.ctl.main import app

START_SECONDS = 40.0


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended."""

    status: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class RunningDaemon:
    """A daemon that serves ``data_dir``."""

    data_dir: Path

    @property
    def address(self) -> str:
        return f"unix:{self.data_dir}/ertedged.sock"

    def ctl(self, *arguments: str) -> Answer:
        return ctl("--data-dir", str(self.data_dir), *arguments)


def ctl(*arguments: str) -> Answer:
    """Run ``ertedge-ctl`` in this process."""
    result = CliRunner().invoke(app, list(arguments), env={"ERTEDGE_ADDRESS": None, "COLUMNS": "80"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Answer(result.exit_code, result.stdout, result.stderr)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose name leaves room for a Unix socket's path (107 bytes)."""
    path = Path(tempfile.mkdtemp(prefix="ertedge-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="package")
def daemon() -> Iterator[RunningDaemon]:
    data_dir = Path(tempfile.mkdtemp(prefix="ertedge-"))
    log = data_dir / "log"
    command = [sys.executable, "-m", "ertedge.daemon", "--source", "simulate:day", "--data-dir", str(data_dir)]
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        running = RunningDaemon(data_dir)
        deadline = time.monotonic() + START_SECONDS
        while not _has_state(running):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"the daemon did not start: {log.read_text()}")
            time.sleep(0.2)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(15)
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(data_dir, ignore_errors=True)


def _has_state(running: RunningDaemon) -> bool:
    return bool(running.ctl("--json", "history", "--resolution", "0", "--limit", "1").out)
