"""``make run``: a daemon of one's own and its live state, in one terminal, until Ctrl-C or ``--seconds``. Floor 4.

Starts ``ertedged`` as a child, or watches the one that already serves the data directory. The daemon's log goes to a file;
its end is shown if the daemon fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections import deque
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ertedge import config
from ertedge.ctl.watch import watch
from ertedge.errors import ErtedgeError, ServerUnavailableError
from ertedge.rpc.client import Client

START_SECONDS = 30.0
STOP_SECONDS = 10.0
LOG_LINES = 15


def run(
    *,
    seconds: Annotated[float | None, typer.Option(min=1, help="Stop after this long, with exit status 0.")] = None,
    source: Annotated[str, typer.Option(help="auto, demo, camera, replay:PATH or simulate:FILE.")] = "auto",
    data_dir: Annotated[Path | None, typer.Option(help="Where the store lives.")] = None,
) -> None:
    """Start the daemon and show what it sees."""
    try:
        settings = config.load(None, {"source": source} | ({"data_dir": str(data_dir)} if data_dir else {}))
        raise typer.Exit(_run(settings, seconds))
    except ErtedgeError as error:
        typer.echo(" ".join(str(error).split()), err=True)
        raise typer.Exit(1) from None


def _run(settings: config.Config, seconds: float | None) -> int:
    address = settings.listen_addresses[0]
    console = Console()
    if asyncio.run(_serves(address)):
        console.print(f"A daemon already serves {address}; showing that one.")
        return _show(address, console, seconds)
    settings.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = settings.data_path / "ertedged.log"
    command = [
        sys.executable,
        "-m",
        "ertedge.daemon",
        "--source",
        settings.source,
        "--data-dir",
        str(settings.data_path),
    ]
    with log.open("wb") as output:
        # In a group of its own, so that Ctrl-C reaches this process alone, which then stops the daemon in order.
        daemon = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait_until_served(daemon, address, log)
        status = _show(address, console, seconds)
    except KeyboardInterrupt:
        status = 0
    finally:
        _stop(daemon)
    console.print(f"Stopped. The daemon's log is {log}")
    return status


def _show(address: str, console: Console, seconds: float | None) -> int:
    async def connected() -> None:
        async with Client(address) as client:
            await watch(client, console, seconds=seconds, as_json=False)

    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(connected())
    return 0


def _wait_until_served(daemon: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if daemon.poll() is not None:
            raise ServerUnavailableError(f"the daemon ended with status {daemon.returncode}: {_tail(log)}")
        if asyncio.run(_serves(address)):
            return
        time.sleep(0.1)
    raise ServerUnavailableError(f"the daemon did not start within {START_SECONDS:.0f} s: {_tail(log)}")


async def _serves(address: str) -> bool:
    async with Client(address, timeout_seconds=2.0) as client:
        try:
            await client.device_status()
        except ErtedgeError:
            return False
    return True


def _tail(log: Path) -> str:
    with log.open(encoding="utf-8", errors="replace") as file:
        return " | ".join(line.strip() for line in deque(file, LOG_LINES)) or f"see {log}"


def _stop(daemon: subprocess.Popen[bytes]) -> None:
    if daemon.poll() is None:
        daemon.terminate()
    try:
        daemon.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


if __name__ == "__main__":
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
    typer.run(run)
