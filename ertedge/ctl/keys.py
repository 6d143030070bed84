"""Single keys as a person presses them, without Enter, in a terminal that is left as it was found. Floor 4.

Inside ``pressed_keys`` the terminal gives each key at once and does not show it (cbreak mode: Ctrl-C still interrupts). It
is put back however that ends: in order, by an exception, or by SIGTERM or SIGHUP, which ``interruptible`` makes Ctrl-C.
Where standard input is no terminal, or this process is in its background, nothing is read and no key ever comes.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
import termios
import tty
from collections.abc import AsyncIterator, Iterable, Iterator

ESCAPE = "\x1b"
UP, DOWN, RIGHT, LEFT = "up", "down", "right", "left"
"""The arrows, as the keys of whoever asks for them."""
READ_BYTES = 256
_SEQUENCE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|O.|.)")
"""Control sequences of ECMA-48, the keys of the application mode, and a key with Alt."""
_ARROWS = {
    f"{ESCAPE}{mode}{end}": key for mode in "[O" for end, key in zip("ABCD", (UP, DOWN, RIGHT, LEFT), strict=True)
}


class Keys:
    """The keys pressed so far, oldest first, in lower case. ``live`` is whether any can come; ``arrows``, whether the arrows
    are keys too."""

    def __init__(self, live: bool, *, arrows: bool = False) -> None:
        self.live = live
        self._arrows = _ARROWS if arrows else {}
        self._pressed: asyncio.Queue[str] = asyncio.Queue()

    async def next(self) -> str:
        """The next key; for ever, where none comes."""
        return await self._pressed.get()

    async def next_within(self, seconds: float) -> str:
        """The next key, or nothing when none is pressed in time."""
        try:
            async with asyncio.timeout(seconds):
                return await self.next()
        except TimeoutError:
            return ""

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            yield await self.next()

    def take(self, typed: bytes) -> None:
        """Take in what the terminal gave. A function key, a sequence that begins with Escape, is none, and nor is an arrow
        where nobody asked for them."""
        text, begin = typed.decode("utf-8", errors="ignore"), 0
        for found in _SEQUENCE.finditer(text):
            self._put(text[begin : found.start()].lower())
            self._put([self._arrows[found[0]]] if found[0] in self._arrows else ())
            begin = found.end()
        self._put(text[begin:].lower())

    def _put(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._pressed.put_nowait(key)

    def forget(self) -> None:
        """Drop what was pressed before: an answer must not be older than its question."""
        while not self._pressed.empty():
            self._pressed.get_nowait()


@contextlib.contextmanager
def pressed_keys(descriptor: int | None = None, *, arrows: bool = False) -> Iterator[Keys]:
    """The keys of ``descriptor``, by default standard input, as long as this lasts; within a running event loop."""
    source = _standard_input() if descriptor is None else descriptor
    if not _is_ours(source):
        yield Keys(live=False)
        return
    loop = asyncio.get_running_loop()
    keys = Keys(live=True, arrows=arrows)

    def read() -> None:
        with contextlib.suppress(BlockingIOError, InterruptedError):
            try:
                typed = os.read(source, READ_BYTES)
            except OSError:
                typed = b""
            if not typed:  # The terminal has gone; to go on asking would keep a processor busy.
                loop.remove_reader(source)
            keys.take(typed)

    before = termios.tcgetattr(source)
    tty.setcbreak(source, termios.TCSANOW)
    loop.add_reader(source, read)
    # After Ctrl-Z and `fg` the shell has given the terminal its own mode.
    loop.add_signal_handler(signal.SIGCONT, lambda: tty.setcbreak(source, termios.TCSANOW))
    try:
        yield keys
    finally:
        loop.remove_signal_handler(signal.SIGCONT)
        loop.remove_reader(source)
        with contextlib.suppress(termios.error):
            termios.tcsetattr(source, termios.TCSADRAIN, before)


def interruptible() -> None:
    """Let being told to end, or losing the terminal, be as good as Ctrl-C: what was changed is put back."""
    # A script's shell has what it starts with & ignore Ctrl-C, and nothing would end a program that ignores it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        # raise_signal reaches the handler that asyncio makes its own while it runs.
        signal.signal(ending, lambda _number, _frame: signal.raise_signal(signal.SIGINT))


def _standard_input() -> int:
    """Its descriptor, or -1 where there is none to speak of (closed, or replaced by an object)."""
    try:
        return sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        return -1


def _is_ours(descriptor: int) -> bool:
    """Whether it is a terminal that this process may change; a background process that tries is stopped."""
    try:
        return descriptor >= 0 and os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return False
