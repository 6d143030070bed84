"""Writes what is to be kept to the store, off the event loop, and reads it back. Floor 2.

One thread owns the store. States wait in a buffer that never grows and are written together about once a second; so do other
changes (``keep``), in their order. A disk that is full, gone or read-only stops nothing but the writing: what waits is tried
again with back-off, what the buffers cannot hold is counted as lost, and the health says what to do. What is already stored
stays.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from ertedge.core.clock import Clock, SteadyWall
from ertedge.core.records import LedgerEntry, StoreHealth
from ertedge.core.store_port import CoreStore
from ertedge.errors import StoreError, StoreFullError
from ertedge.store.records import StatePage
from ertedge.types import EmotionState

logger = logging.getLogger(__name__)

WRITE_SECONDS = 1.0
RETRY_MOST_SECONDS = 60.0
WAITING_STATES = 4096
"""More than half an hour at two states a second."""
WAITING_ENTRIES = 1024
WAITING_CHANGES = 1024
"""More than a week's suggestions and answers, with every decision to stay silent."""
HEALTH_SECONDS = 2.0
DOWNSAMPLE_FIRST_SECONDS = 60.0
DOWNSAMPLE_SECONDS = 900.0
DOWNSAMPLE_AGAIN_SECONDS = 10.0

Answer = TypeVar("Answer")
Change = Callable[[CoreStore], None]


@dataclass(frozen=True, slots=True)
class _Entry:
    event: str
    subject: str
    detail: str
    wall_time_ns: int
    profile_id: int


class Recorder:
    """The store, as the event loop sees it. ``open_store`` is called on the recorder's own thread, again if it failed.

    ``start`` before anything else, ``stop`` at the end; ``run`` writes in between.
    """

    def __init__(self, open_store: Callable[[], CoreStore], clock: Clock, waiting_states: int = WAITING_STATES) -> None:
        self._open_store = open_store
        self._clock = clock
        self._steady = SteadyWall(clock)
        self._store: CoreStore | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._states: deque[EmotionState] = deque()
        self._waiting_states = waiting_states
        self._entries: deque[_Entry] = deque(maxlen=WAITING_ENTRIES)
        self._changes: deque[Change] = deque()
        self._writing = asyncio.Lock()
        self._filling = asyncio.Event()
        self._trouble = ""
        self._lost_count = 0
        self._pause_seconds = WRITE_SECONDS

    async def start(self) -> int:
        """Open the store. Returns the sequence number after which to go on.

        That is the newest stored state's; where the store cannot be read, milliseconds since 1970, which are more than any
        number that was ever given, so that numbers go on growing and nothing collides when the store is back.
        """
        try:
            return await self._on_thread(lambda store: store.last_sequence())
        except StoreError as error:
            self._note_trouble(error)
            return self._clock.wall_ns() // 1_000_000

    def record(self, state: EmotionState) -> None:
        """Have ``state`` stored soon. Never waits, never raises; when the buffer is full its oldest state is lost."""
        if len(self._states) >= self._waiting_states:
            self._states.popleft()
            self._lost_count += 1
        self._states.append(state)
        if len(self._states) > self._waiting_states // 4:
            self._filling.set()

    def record_ledger(self, event: str, subject: str, detail: str, *, profile_id: int = 0) -> None:
        """Have an entry of the privacy ledger stored soon, about a person or nobody. Never waits, never raises."""
        self._entries.append(_Entry(event, subject, detail, self._clock.wall_ns(), profile_id))

    def keep(self, change: Change) -> None:
        """Have ``change``, one call to the store, made soon and after all that was kept before. Never waits, never raises.

        It may be made again if it failed, so it must do no harm twice. When the buffer is full its oldest change is lost.
        """
        if len(self._changes) >= WAITING_CHANGES:
            self._changes.popleft()
            self._lost_count += 1
        self._changes.append(change)

    async def keep_now(self, change: Callable[[CoreStore], Answer]) -> Answer:
        """Make ``change`` before returning, after all that was kept before. Raises StoreError: then it was not made."""
        await self.flush()
        return await self._on_thread(change)

    async def read(self, question: Callable[[CoreStore], Answer]) -> Answer:
        """What the store answers, once all that was kept before is written if it can be. Raises StoreError, and what the
        question raises."""
        await self.flush()
        return await self._on_thread(question)

    async def run(self) -> NoReturn:
        """Write what waits, and let what is old grow coarser, for ever.

        A simulation that plays a week in half a minute fills the buffer in less than a second; then that is not waited for.
        """
        until_downsample_seconds = DOWNSAMPLE_FIRST_SECONDS
        loop = asyncio.get_running_loop()
        while True:
            began_seconds = loop.time()
            if self._trouble:
                await asyncio.sleep(self._pause_seconds)
            else:
                await _set_within(self._filling, self._pause_seconds)
            self._filling.clear()
            until_downsample_seconds -= loop.time() - began_seconds
            await self.flush()
            if until_downsample_seconds <= 0 and not self._trouble:
                until_downsample_seconds = await self._downsample()

    async def flush(self) -> None:
        """Write what waits now. What cannot be written waits on, and the health says why.

        Each kind is tried for itself: where there is no room for states any more, there may be for an answer.
        """
        async with self._writing:
            failures: list[StoreError] = []
            wrote = False
            for write in (self._write_changes, self._write_entries, self._write_states):
                try:
                    wrote = await write() or wrote
                except StoreError as error:
                    failures.append(error)
            if failures:
                self._note_trouble(failures[0])
            elif wrote:
                self._note_success()

    async def stop(self) -> None:
        """Write what waits and close the store."""
        await self.flush()
        if waiting := len(self._states):
            logger.error("%d states were never stored: %s", waiting, self._trouble)
        if waiting := len(self._changes):
            logger.error("%d changes of suggestions and notices were never stored: %s", waiting, self._trouble)
        await asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        self._thread.shutdown(wait=False)

    async def state(self, sequence: int) -> EmotionState:
        """A stored state. Raises NotFoundError and StoreError."""
        await self.flush()
        return await self._on_thread(lambda store: store.state(sequence))

    async def list_states(
        self,
        *,
        start_ns: int | None,
        end_ns: int | None,
        resolution_ns: int,
        limit: int,
        before: int | None,
        profile_id: int | None = None,
    ) -> StatePage:
        """A page of stored states, newest first, up to the one just published. Arguments as the store's."""
        await self.flush()
        return await self._on_thread(
            lambda store: store.list_states(
                start_ns=start_ns,
                end_ns=end_ns,
                resolution_ns=resolution_ns,
                limit=limit,
                before=before,
                profile_id=profile_id,
            )
        )

    async def list_ledger(self, *, limit: int, before: int | None) -> tuple[tuple[LedgerEntry, ...], int | None]:
        """A page of the privacy ledger, newest first, and where the next begins. Raises StoreError."""
        await self.flush()
        page = await self._on_thread(lambda store: store.list_ledger(limit=limit, before=before))
        entries = tuple(LedgerEntry(e.entry_id, e.wall_time_ns, e.event, e.subject, e.detail) for e in page.entries)
        return entries, page.next_cursor

    def drop_states(self, profile_id: int) -> None:
        """Write none of a person's states that wait, because they have withdrawn a consent. Never waits, never raises."""
        self._states = deque(each for each in self._states if each.profile_id != profile_id)

    def drop(self, profile_id: int) -> None:
        """Write nothing of a person that waits, because they were erased. Never waits, never raises."""
        self.drop_states(profile_id)
        self._entries = deque((each for each in self._entries if each.profile_id != profile_id), WAITING_ENTRIES)

    async def health(self) -> StoreHealth:
        """How the store is, within ``HEALTH_SECONDS``; its figures are zero where it cannot even be read."""
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                figures = await self._on_thread(lambda store: store.status())
        except TimeoutError:
            detail = f"the disk has not answered for {HEALTH_SECONDS:g} s; see whether it is failing"
            return StoreHealth(False, self._trouble or detail, lost_count=self._lost_count)
        except StoreError as error:
            return StoreHealth(False, self._trouble or str(error), lost_count=self._lost_count)
        return StoreHealth(
            writing=not self._trouble,
            detail=self._trouble,
            size_bytes=figures.size_bytes,
            free_bytes=figures.free_bytes,
            state_count=figures.state_count,
            lost_count=self._lost_count,
        )

    async def _write_states(self) -> bool:
        if not (states := tuple(self._states)):
            return False
        await self._on_thread(lambda store: store.append_states(states))
        # The buffer may have lost some of them at its other end in the meantime, and those are stored now after all.
        while self._states and self._states[0].sequence <= states[-1].sequence:
            self._states.popleft()
        return True

    async def _write_entries(self) -> bool:
        waiting = tuple(self._entries)
        for entry in waiting:
            await self._on_thread(
                lambda store, e=entry: store.append_ledger(  # type: ignore[misc]
                    e.event, e.subject, e.detail, e.wall_time_ns, profile_id=e.profile_id
                )
            )
            if self._entries and self._entries[0] is entry:
                self._entries.popleft()
        return bool(waiting)

    async def _write_changes(self) -> bool:
        waiting = tuple(self._changes)
        for change in waiting:
            await self._on_thread(change)
            if self._changes and self._changes[0] is change:
                self._changes.popleft()
        return bool(waiting)

    async def _downsample(self) -> float:
        """Let what is old grow coarser. Returns in how many seconds to go on: soon where there is more to do."""
        now_ns = self._steady.now_ns()
        try:
            done = await self._on_thread(lambda store: store.downsample(now_ns))
        except StoreError as error:
            self._note_trouble(error)
            return DOWNSAMPLE_SECONDS
        return DOWNSAMPLE_AGAIN_SECONDS if done.unfinished else DOWNSAMPLE_SECONDS

    async def _on_thread(self, call: Callable[[CoreStore], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._with_store, call)

    def _with_store(self, call: Callable[[CoreStore], Answer]) -> Answer:
        """On the recorder's thread: open the store if need be. One that failed is opened anew the next time, since a
        connection to a disk that was read-only stays read-only; a full one can still be read."""
        if self._store is None:
            self._store = self._open_store()
        try:
            return call(self._store)
        except StoreFullError:
            raise
        except StoreError:
            self._close()
            raise

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            store.close()

    def _note_trouble(self, error: StoreError) -> None:
        if not self._trouble:
            logger.error("states are not being stored: %s", error)
        self._trouble = str(error)
        self._pause_seconds = min(2 * self._pause_seconds, RETRY_MOST_SECONDS)

    def _note_success(self) -> None:
        if self._trouble:
            logger.info("states are being stored again; %d were lost", self._lost_count)
        self._trouble = ""
        self._pause_seconds = WRITE_SECONDS


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
