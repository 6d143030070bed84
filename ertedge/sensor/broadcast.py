"""One writer, several watchers, and nobody waits for anybody. Floor 2.

Threads publish; each watcher, in the event loop of the server, has a buffer of its own that never grows: what is newest wins
and what was lost is counted. So a watcher that never reads costs a few kilobytes and no time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import CancelledError
from typing import Generic, TypeVar

Event = TypeVar("Event")


class Broadcast(Generic[Event]):
    """Hands every published event to every watcher.

    ``greeting`` makes the first event of a watcher, so that it starts with the current value. ``buffer`` is how many events
    wait for a slow watcher. Made and watched in one event loop; ``publish`` may be called from any thread.
    """

    def __init__(self, greeting: Callable[[], Event], buffer: int = 64) -> None:
        self._loop = asyncio.get_running_loop()
        self._greeting = greeting
        self._buffer = buffer
        self._watchers: set[_Watcher[Event]] = set()
        self._closed = False
        self._room = asyncio.Event()

    @property
    def watchers(self) -> int:
        """How many watch now."""
        return len(self._watchers)

    def publish(self, event: Event) -> None:
        """Hand ``event`` to every watcher; from any thread, without waiting. After ``close`` it goes nowhere."""
        if not self._closed:
            try:
                self._loop.call_soon_threadsafe(self._deliver, event)
            except RuntimeError:  # The loop was closed between the two lines: the process is ending.
                self._closed = True

    def offer(self, event: Event, timeout_seconds: float) -> bool:
        """Hand ``event`` over without loss: waits until somebody watches and every watcher has room.

        From any thread but the event loop's. False when there was no room within the timeout; then nobody got the event.
        """
        if self._closed:
            return False
        waiting = self._put_when_room(event, timeout_seconds)
        try:
            return asyncio.run_coroutine_threadsafe(waiting, self._loop).result(timeout_seconds + 1.0)
        except (RuntimeError, TimeoutError, CancelledError):  # The loop has ended meanwhile.
            waiting.close()
            return False

    def close(self) -> None:
        """End every watcher's stream after what waits in its buffer."""
        self._closed = True
        for watcher in self._watchers:
            watcher.end()

    async def watch(self) -> AsyncIterator[Event]:
        """The greeting, then every event from now on, until ``close``; events lost to slowness are left out."""
        watcher = _Watcher[Event](self._buffer)
        watcher.put(self._greeting())
        if self._closed:
            watcher.end()
        self._watchers.add(watcher)
        self._room.set()
        try:
            while (event := await watcher.get()) is not None:
                self._room.set()
                yield event
        finally:
            self._watchers.discard(watcher)
            self._room.set()

    async def _put_when_room(self, event: Event, timeout_seconds: float) -> bool:
        try:
            async with asyncio.timeout(timeout_seconds):
                while not self._watchers or any(watcher.waiting > self._buffer // 2 for watcher in self._watchers):
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            return False
        self._deliver(event)
        return True

    def _deliver(self, event: Event) -> None:
        for watcher in self._watchers:
            watcher.put(event)


class _Watcher(Generic[Event]):
    """One watcher's buffer; belongs to the event loop."""

    def __init__(self, buffer: int) -> None:
        self._events: deque[Event] = deque(maxlen=buffer)
        self._ended = False
        self._changed = asyncio.Event()

    @property
    def waiting(self) -> int:
        """How many events wait to be read."""
        return len(self._events)

    def put(self, event: Event) -> None:
        """Append, at the cost of the oldest when full."""
        self._events.append(event)
        self._changed.set()

    def end(self) -> None:
        """Nothing more comes."""
        self._ended = True
        self._changed.set()

    async def get(self) -> Event | None:
        """The oldest event that waits, or None when there will be no more."""
        while not self._events:
            if self._ended:
                return None
            self._changed.clear()
            await self._changed.wait()
        return self._events.popleft()
