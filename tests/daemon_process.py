"""``ertedged`` as a program, for tests: started in a folder of its own, and ended whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from ertedge.core.records import WatchEvent
from ertedge.types import Emotion, EmotionState

ROOT = Path(__file__).resolve().parent.parent


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ertedge.daemon", *arguments]


@contextlib.contextmanager
def daemon(folder: Path, *arguments: str, source: str = "simulate:day", config: str = "") -> Iterator[Daemon]:
    """A running daemon with ``folder`` for its data; it is ended, and its sensor process with it, whatever happens."""
    file = folder / "ertedge.toml"
    file.write_text(config, encoding="utf-8")
    log = folder / "log.txt"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command("--config", str(file), "--source", source, "--data-dir", str(folder), *arguments),
            cwd=ROOT,
            stderr=output,
            stdout=output,
        )
    try:
        yield Daemon(process, folder, log)
    finally:
        process.kill()
        process.wait()


class Daemon:
    """A daemon that was started."""

    def __init__(self, process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
        self.process = process
        self.address = f"unix:{folder / 'ertedged.sock'}"
        self._log = log

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def sensor_pid(self) -> int:
        """The sensor process, its only child."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        (pid,) = children.split()
        return int(pid)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15)


async def state_that(events: AsyncIterator[WatchEvent], emotion_known: bool = True) -> EmotionState:
    """The next state that is known, or unknown."""
    async with asyncio.timeout(20):
        async for event in events:
            if event.state and (event.state.emotion is not Emotion.UNKNOWN) == emotion_known:
                return event.state
    raise AssertionError("the stream ended")


def fails(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*arguments), cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
