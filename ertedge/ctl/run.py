"""``make run``: a daemon of one's own and its live state, in one terminal, until Ctrl-C or ``--seconds``. Floor 4.

Starts ``ertedged`` as a child, or watches the one that already serves the data directory. The daemon's log goes to a file;
its last line is shown if the daemon fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ertedge import config
from ertedge.ctl.keys import interruptible
from ertedge.ctl.watch import watch
from ertedge.errors import ConfigurationError, ErtedgeError, ServerUnavailableError
from ertedge.rpc.client import Client

START_SECONDS = 30.0
STOP_SECONDS = 10.0
LOOK_SECONDS = 0.2
LAST_LINES = 2
INTERRUPTIONS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
EVERYDAY = re.compile(r"^\S+ \S+ (DEBUG|INFO) ")


def run(
    *,
    seconds: Annotated[float | None, typer.Option(min=1, help="Stop after this long, with exit status 0.")] = None,
    source: Annotated[str, typer.Option(help="auto, demo, camera, replay:PATH or simulate:FILE.")] = "auto",
    data_dir: Annotated[Path | None, typer.Option(help="Where the store lives.")] = None,
) -> None:
    """Start the daemon and show what it sees."""
    interruptible()
    try:
        settings = config.load(None, {"source": source} | ({"data_dir": str(data_dir)} if data_dir else {}))
        _run(settings, Console(), seconds)
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    except ErtedgeError as error:
        typer.echo(" ".join(str(error).split()), err=True)
        raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from None
    except OSError as error:
        typer.echo(f"{error}; choose another --data-dir", err=True)
        raise typer.Exit(1) from None


def _run(settings: config.Config, console: Console, seconds: float | None) -> None:
    address = settings.listen_addresses[0]
    if asyncio.run(_serves(address)):
        console.print(f"A daemon already serves {address}; showing that one.", highlight=False)
        asyncio.run(_show(address, console, seconds))
        return
    settings.data_path.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = settings.data_path / "ertedged.log"
    daemon = None
    try:
        with _interruptions_deferred():
            daemon = start_daemon(settings, log)
        with console.status("starting the daemon") if console.is_terminal else contextlib.nullcontext():
            wait_until_served(daemon, address, log)
        asyncio.run(_show_child(daemon, address, console, seconds, log))
    finally:
        if daemon is not None:
            stop_daemon(daemon)
    console.print(f"Stopped. The daemon's log is {log}", highlight=False, soft_wrap=True)


@contextlib.contextmanager
def _interruptions_deferred() -> Iterator[None]:
    """An interruption between the start of the child and its being known here would leave it behind: it waits till then."""
    waiting: list[int] = []
    before = {number: signal.signal(number, lambda number, _: waiting.append(number)) for number in INTERRUPTIONS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if waiting:
        raise KeyboardInterrupt


def start_daemon(settings: config.Config, log: Path) -> subprocess.Popen[bytes]:
    """Start ``ertedged`` for the source and the data directory of ``settings``, its output in ``log``."""
    command = [sys.executable, "-m", "ertedge.daemon"]
    command += ["--source", settings.source, "--data-dir", str(settings.data_path)]
    with log.open("wb") as output:
        # In a group of its own, so that Ctrl-C reaches this process alone, which then stops the daemon in order.
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)


async def _show_child(
    daemon: subprocess.Popen[bytes], address: str, console: Console, seconds: float | None, log: Path
) -> None:
    """Show states as long as the daemon lives: this one is ours, so nobody would start it again."""
    showing = asyncio.create_task(_show(address, console, seconds))
    try:
        while not showing.done() and daemon.poll() is None:
            await asyncio.wait([showing], timeout=LOOK_SECONDS)
        if not showing.done():
            raise _ended(daemon, log)
        await showing
    finally:
        showing.cancel()
        with contextlib.suppress(asyncio.CancelledError, ErtedgeError):
            await showing


async def _show(address: str, console: Console, seconds: float | None) -> None:
    async with Client(address) as client:
        await watch(client, console, seconds=seconds, as_json=False)


def wait_until_served(daemon: subprocess.Popen[bytes], address: str, log: Path) -> None:
    """Return once it answers. Raises ServerUnavailableError with the reason from ``log`` if it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if daemon.poll() is not None:
            raise _ended(daemon, log)
        if asyncio.run(_serves(address)):
            return
        time.sleep(LOOK_SECONDS)
    raise ServerUnavailableError(f"the daemon did not start within {START_SECONDS:.0f} s; its log is {log}")


async def _serves(address: str) -> bool:
    async with Client(address, timeout_seconds=2.0) as client:
        try:
            await client.device_status()
        except ErtedgeError:
            return False
    return True


def _ended(daemon: subprocess.Popen[bytes], log: Path) -> ServerUnavailableError:
    return ServerUnavailableError(f"the daemon ended with status {daemon.returncode}: {last_words(log)} (log: {log})")


def last_words(log: Path) -> str:
    """The last lines that are more than the log's everyday news, on one line."""
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    weighty = [line for line in lines if not EVERYDAY.search(line)] or lines or ["it said nothing"]
    return "; ".join(weighty[-LAST_LINES:])


def stop_daemon(daemon: subprocess.Popen[bytes]) -> None:
    """Stop it in order, or after ``STOP_SECONDS`` in disorder."""
    if daemon.poll() is None:
        daemon.terminate()
    try:
        daemon.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        daemon.kill()
        daemon.wait()


if __name__ == "__main__":
    typer.run(run)
