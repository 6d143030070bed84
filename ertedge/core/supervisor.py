"""The sensor process as a child: started, watched, and started again when it dies or makes no progress. Floor 2.

For a daemon that is started by hand; under systemd the sensor is a unit of its own, which systemd watches. Imports little,
so that the child can be started before anything heavy is loaded here: its models are what the first state waits for.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import NoReturn

from ertedge.errors import ConfigurationError, SensorUnavailableError

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.2
START_SECONDS = 30.0
"""How long a new process may take until its first report: on a small device it loads its models from a slow card."""
RESTART_FIRST_SECONDS = 0.2
RESTART_MOST_SECONDS = 30.0
HEALTHY_SECONDS = 30.0
"""A process that lived for this long did not fail at its start, so the next pause is short again."""
STOP_SECONDS = 4.0
USAGE_STATUS = 2
"""The exit status of a wrong configuration, which no restart mends."""


class SensorProcess:
    """One child at a time, made by ``command``. It inherits standard error and lives in a process group of its own, so that
    Ctrl-C reaches only the core, which then ends it in order."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._child: subprocess.Popen[bytes] | None = None
        self.started_ns = 0

    def start(self) -> None:
        """Start the child. Raises SensorUnavailableError if the program cannot be run."""
        # systemd's socket is for this process: what the child told it would be taken for word of the daemon.
        environment = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
        try:
            self._child = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, process_group=0, env=environment)
        except OSError as error:
            raise SensorUnavailableError(f"the sensor process cannot be started: {error}") from error
        self.started_ns = time.monotonic_ns()

    @property
    def pid(self) -> int | None:
        """The child's process id; None before the first start."""
        return self._child.pid if self._child else None

    def exit_status(self) -> int | None:
        """The exit status of a child that has ended (negative: the signal), None while it runs."""
        return self._child.poll() if self._child else None

    def kill(self) -> None:
        """End a child that may not be able to end itself."""
        if self._child:
            self._child.kill()

    async def stop(self) -> None:
        """Ask the child to end, and end it when it does not."""
        if self._child is None:
            return
        self._child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        while self._child.poll() is None:
            if time.monotonic() > deadline:
                logger.warning("the sensor process did not end within %g s and is killed", STOP_SECONDS)
                self._child.kill()
                self._child.wait()
            await asyncio.sleep(0.02)


class Supervisor:
    """Keeps ``process`` alive. ``last_report_ns`` tells when (monotonic) a sensor process last reported; 0: never."""

    def __init__(self, process: SensorProcess, last_report_ns: Callable[[], int], watchdog_seconds: float) -> None:
        self._process = process
        self._last_report_ns = last_report_ns
        self._watchdog_seconds = watchdog_seconds
        self._pause_seconds = RESTART_FIRST_SECONDS
        self.restart_count = 0

    async def run(self) -> NoReturn:
        """Watch the child, for ever. Raises ConfigurationError when it refuses its configuration."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            status = self._process.exit_status()
            if status is not None:
                await self._restart(status)
            elif self._makes_no_progress():
                logger.warning("the sensor process makes no progress and is killed")
                self._process.kill()

    def _makes_no_progress(self) -> bool:
        started_ns, reported_ns = self._process.started_ns, self._last_report_ns()
        allowed_seconds = self._watchdog_seconds if reported_ns > started_ns else START_SECONDS
        return time.monotonic_ns() - max(started_ns, reported_ns) > allowed_seconds * 1e9

    async def _restart(self, status: int) -> None:
        if status == USAGE_STATUS:
            raise ConfigurationError(["the sensor process refuses it; the lines above say why"])
        if time.monotonic_ns() - self._process.started_ns > HEALTHY_SECONDS * 1e9:
            self._pause_seconds = RESTART_FIRST_SECONDS
        how = f"was ended by {signal_name(-status)}" if status < 0 else f"ended with status {status}"
        logger.warning("the sensor process %s; starting it again in %g s", how, self._pause_seconds)
        await asyncio.sleep(self._pause_seconds)
        self._pause_seconds = min(2 * self._pause_seconds, RESTART_MOST_SECONDS)
        self.restart_count += 1
        self._process.start()


def signal_name(number: int) -> str:
    """A signal's name, or its number if it has none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
