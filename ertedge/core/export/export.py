"""Everything about a person as one archive, made while it is sent, so that its size does not matter. Floor 2.

The store is asked for a page of rows at a time, and what is written into the archive leaves it at once: a year's states take
no more memory than a minute's. Other work goes on in between. The archive is a ZIP file as any computer opens it.
"""

from __future__ import annotations

import asyncio
import json
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Protocol, TypeVar

from ertedge.core.clock import Clock
from ertedge.core.export import fhir as fhir_export
from ertedge.core.export.readme import readme
from ertedge.core.store_port import StateStore
from ertedge.errors import LimitReachedError, NotFoundError
from ertedge.store.data_dictionary import EXPORTED
from ertedge.store.export import time_text
from ertedge.types import Profile

ROWS_A_PAGE = 500
DAYS_A_PAGE = 20
CHUNK_BYTES = 64 * 1024
BASE_URL = "https://ertedge.invalid/fhir/"
"""No server: references within a bundle are resolved against it (hl7.org/fhir/R4/bundle.html#references)."""
EXPORTS_MOST = 2
"""Made at a time: each reads the whole of a person's store."""

Answer = TypeVar("Answer")
Row = Mapping[str, Any]


class ExportRecorder(Protocol):
    """``core.recorder.Recorder``."""

    async def read(self, question: Callable[[StateStore], Answer]) -> Answer: ...


class PeoplePort(Protocol):
    """``core.people.people.People``."""

    def has(self, profile_id: int) -> bool: ...
    def profile(self, profile_id: int) -> Profile:
        """Raises NotFoundError."""


class Export:
    """Belongs to one event loop."""

    def __init__(self, recorder: ExportRecorder, people: PeoplePort, clock: Clock) -> None:
        self._recorder = recorder
        self._people = people
        self._clock = clock
        self._being_made = 0

    async def archive(self, profile_id: int) -> AsyncGenerator[bytes, None]:
        """The archive, in chunks of at most ``CHUNK_BYTES``.

        Raises NotFoundError, also where the person is erased meanwhile, LimitReachedError, and StoreError.
        """
        self._people.profile(profile_id)
        if self._being_made >= EXPORTS_MOST:
            raise LimitReachedError(f"{self._being_made} exports are being made already; wait for one of them to end")
        self._being_made += 1
        try:
            sink = _Sink()
            with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
                # Closed before the archive is, so that a client that goes in the middle leaves no entry open.
                async with aclosing(self._write(archive, profile_id)) as written:
                    async for _ in written:
                        while sink.size >= CHUNK_BYTES:
                            yield sink.take()
            while sink.size:
                yield sink.take()
        finally:
            self._being_made -= 1

    async def _write(self, archive: zipfile.ZipFile, profile_id: int) -> AsyncGenerator[None, None]:
        """Write the archive; comes back after each page, so that what is written can be sent."""
        made = self._clock.wall_ns()
        counts: dict[str, int] = {}
        for exported in EXPORTED:
            counts[exported.table] = 0
            with archive.open(_entry(f"{exported.file}.jsonl"), "w", force_zip64=True) as file:
                async for rows in self._pages(profile_id, exported.table):
                    counts[exported.table] += len(rows)
                    await asyncio.to_thread(file.write, _lines(rows))
                    yield
        with archive.open(_entry("fhir/bundle.json"), "w", force_zip64=True) as file:
            file.write(_json({"resourceType": "Bundle", "type": "collection", "timestamp": time_text(made)})[:-1])
            begin = b',"entry":['
            async for resources in self._resources(profile_id):
                for resource in resources:
                    url = f"{BASE_URL}{resource['resourceType']}/{resource['id']}"
                    file.write(begin + _json({"fullUrl": url, "resource": resource}))
                    begin = b",\n"
                yield
            file.write(b"]}\n")
        archive.writestr(_entry("README.md"), readme(profile_id, time_text(made), counts))
        yield

    async def _resources(self, profile_id: int) -> AsyncIterator[Sequence[fhir_export.Resource]]:
        async for rows in self._pages(profile_id, "profiles"):
            yield [fhir_export.patient(row) for row in rows]
        newest = {
            row["purpose"]: row["receipt_id"]
            async for rows in self._pages(profile_id, "consent_receipts")
            for row in rows
        }
        async for rows in self._pages(profile_id, "consent_receipts"):
            yield [fhir_export.consent(row, is_newest=newest[row["purpose"]] == row["receipt_id"]) for row in rows]
        async for rows in self._pages(profile_id, "assessments"):
            found = (fhir_export.questionnaire_response(row) for row in rows)
            yield [resource for resource in found if resource is not None]
        before: int | None = None
        while True:
            page = await self._read(
                profile_id,
                lambda store, before=before: store.list_states(  # type: ignore[misc]
                    start_ns=None,
                    end_ns=None,
                    resolution_ns=fhir_export.DAY_NS,
                    limit=DAYS_A_PAGE,
                    before=before,
                    profile_id=profile_id,
                ),
            )
            yield [fhir_export.observation(state) for state in page.states if not state.synthetic]
            if (before := page.next_cursor) is None:
                return

    async def _pages(self, profile_id: int, table: str) -> AsyncIterator[Sequence[Row]]:
        after: int | None = -1
        while after is not None:
            page = await self._read(
                profile_id,
                lambda store, after=after: store.export_page(  # type: ignore[misc]
                    profile_id, table, after=after, limit=ROWS_A_PAGE
                ),
            )
            yield page.rows
            after = page.next_cursor

    async def _read(self, profile_id: int, question: Callable[[StateStore], Answer]) -> Answer:
        answer = await self._recorder.read(question)
        if not self._people.has(profile_id):
            raise NotFoundError(f"profile {profile_id} was erased meanwhile, and so was what is exported of it")
        return answer


class _Sink:
    """What ``zipfile`` writes into: bytes that wait to be sent. It cannot be sought in, which ``zipfile`` allows for."""

    def __init__(self) -> None:
        self._waiting = bytearray()

    @property
    def size(self) -> int:
        """How many bytes wait."""
        return len(self._waiting)

    def write(self, content: bytes) -> int:
        self._waiting += content
        return len(content)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        """At most ``CHUNK_BYTES`` of what waits."""
        taken = bytes(self._waiting[:CHUNK_BYTES])
        del self._waiting[:CHUNK_BYTES]
        return taken


def _entry(name: str) -> zipfile.ZipInfo:
    """An entry that its owner alone may read, and that does not tell when it was made: the README does."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _lines(rows: Sequence[Row]) -> bytes:
    return b"".join(_json(row) + b"\n" for row in rows)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
