"""A house that serves from a thread of its own, for commands that run their own event loop; a terminal to press keys in."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import select
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

from ertedge.types import Activity
from tests.ctl.conftest import Answer, ctl
from tests.rpc.house import House, house_at

Result = TypeVar("Result")

BUSY_SECONDS = 60.0
SERVED_SECONDS = 240.0
"""Programs in terminals take their time to start on a busy machine."""
_ESCAPES = re.compile(r"\x1b(\[[0-9;?]*[a-zA-Z]|[()][AB012]|[=>78])")
# Python itself takes the terminal, since only a new session without one may.
_TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""


class ServedHouse:
    """``inside`` runs a coroutine where the house lives."""

    def __init__(self, house: House, loop: asyncio.AbstractEventLoop) -> None:
        self.house = house
        self._loop = loop

    @property
    def address(self) -> str:
        return self.house.address

    def inside(self, work: Callable[[House], Coroutine[Any, Any, Result]]) -> Result:
        return asyncio.run_coroutine_threadsafe(work(self.house), self._loop).result(BUSY_SECONDS)

    def ctl(self, *arguments: str) -> Answer:
        return ctl("--address", self.address, *arguments)


@contextlib.contextmanager
def served_house(folder: Path, *catalogue: Activity, suggests: bool = True) -> Iterator[ServedHouse]:
    """A house with that catalogue, as long as this lasts."""
    ready: Future[ServedHouse] = Future()

    async def serve() -> None:
        over = asyncio.Event()
        async with house_at(folder, catalogue=catalogue, suggests=suggests, seconds=SERVED_SECONDS) as (house, _):
            loop = asyncio.get_running_loop()
            stops.append(lambda: loop.call_soon_threadsafe(over.set))
            ready.set_result(ServedHouse(house, loop))
            await over.wait()

    stops: list[Callable[[], object]] = []
    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    try:
        yield ready.result(BUSY_SECONDS)
    finally:
        for stop in stops:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                stop()
        thread.join(BUSY_SECONDS)


class Terminal:
    """A program in a terminal of its own."""

    def __init__(self, arguments: list[str], width: int = 80, height: int = 24) -> None:
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.modes_before = termios.tcgetattr(slave)
        self._slave = slave
        environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(width), "LINES": str(height)}
        self.process = subprocess.Popen(
            [sys.executable, "-c", _TAKE_TERMINAL, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env=environment,
        )
        self._shown = ""

    def press(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    @property
    def modes(self) -> list[Any]:
        return termios.tcgetattr(self._slave)

    def shown(self) -> str:
        """All that was written so far, without the escape sequences."""
        while select.select([self._master], [], [], 0)[0]:
            try:
                self._shown += os.read(self._master, 65536).decode(errors="replace")
            except OSError:
                break
        return _ESCAPES.sub("", self._shown)

    @property
    def raw(self) -> str:
        self.shown()
        return self._shown

    def wait_for(self, text: str, seconds: float = BUSY_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.shown():
            assert time.monotonic() < deadline, f"{text!r} was not shown, but {self.shown()[-2000:]!r}"
            assert self.process.poll() is None or text in self.shown(), self.shown()[-2000:]
            time.sleep(0.02)

    def forget(self) -> None:
        self.shown()
        self._shown = ""

    def end(self) -> int:
        """The exit status, once it ends."""
        deadline = time.monotonic() + BUSY_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            self.shown()  # a full terminal would keep it from ending
            time.sleep(0.02)
        return self.process.wait(0.1)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.shown()
        os.close(self._master)
        os.close(self._slave)


@contextlib.contextmanager
def in_terminal(*arguments: str, width: int = 80, height: int = 24) -> Iterator[Terminal]:
    """``python ARGUMENTS`` in a terminal."""
    terminal = Terminal(list(arguments), width, height)
    try:
        yield terminal
    finally:
        terminal.close()
