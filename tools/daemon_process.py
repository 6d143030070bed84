"""A daemon of one's own, for tools that look at it from outside as a client does. Host side only."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Daemon:
    """A running daemon: where it listens, and when its process was started (monotonic)."""

    address: str
    started_ns: int


@asynccontextmanager
async def running_daemon(source: str, folder: Path) -> AsyncIterator[Daemon]:
    """``ertedged --source SOURCE`` with its data and its log in ``folder``, for as long as the context lasts."""
    command = ("-m", "ertedge.daemon", "--source", source, "--data-dir", str(folder))
    started_ns = time.monotonic_ns()
    with (folder / "daemon.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=log, stderr=log)
        try:
            yield Daemon(f"unix:{folder / 'ertedged.sock'}", started_ns)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), timeout=10)
            except TimeoutError:
                process.kill()
                await process.wait()
