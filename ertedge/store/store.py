"""The store: one SQLite file in WAL mode, through sqlite-utils. Floor 1. One thread owns a ``Store``.

States are ordered by their sequence number, which only grows; their wall time is what the clock said, jumps included. Every
error of SQLite comes out as one of the ``StoreError`` tree, and says what to do.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlite_utils import Database

from ertedge.config import StoreSettings
from ertedge.errors import NotFoundError, StoreCorruptError, StoreError, StoreFullError, StoreReadOnlyError
from ertedge.store.migrations import migrate
from ertedge.store.rows import COLUMNS, Row, from_row, mean_state, to_row
from ertedge.types import EmotionState

DAY_NS = 86_400_000_000_000
COARSE_SPAN_NS = 60_000_000_000
"""After ``keep_full_days`` one state a minute is left."""
FOREVER_NS = 2**63 - 1
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM emotion_states"
_INSERT = f"INSERT OR REPLACE INTO emotion_states ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"


@dataclass(frozen=True, slots=True)
class StatePage:
    """States, newest first. ``next_before`` is what to pass as ``before`` for the next page; None on the last."""

    states: tuple[EmotionState, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry of the privacy ledger."""

    entry_id: int
    wall_time_ns: int
    event: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries, newest first. ``next_before`` as in ``StatePage``."""

    entries: tuple[StoredEntry, ...]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class StoreStatus:
    """Size of the database with its log, room left on its disk, states in it."""

    size_bytes: int
    free_bytes: int
    state_count: int


class Store:
    """Open one with ``Store.open``; close it, or use it as a context manager."""

    def __init__(self, database: Database, path: Path, settings: StoreSettings) -> None:
        self._database = database
        self._path = path
        self._settings = settings

    @classmethod
    def open(cls, path: Path, settings: StoreSettings) -> Self:
        """Open the database at ``path``, making it (0600, in a folder of 0700) or bringing it to the newest form.

        Raises ``StoreReadOnlyError``, ``StoreFullError`` or ``StoreCorruptError``.
        """
        with _translated(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
            if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
                raise PermissionError(path)
            connection = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
        try:
            with _translated(path):
                migrate(connection)
                connection.execute("PRAGMA journal_mode = WAL")
                # In WAL mode NORMAL survives any crash of a process, and a power cut loses the last moments at most.
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute("PRAGMA secure_delete = ON")
        except BaseException:
            connection.close()
            raise
        return cls(Database(connection), path, settings)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; the log is folded into it."""
        self._database.conn.close()

    def append_states(self, states: Sequence[EmotionState]) -> None:
        """Keep ``states``, all or none. Keeping one again changes nothing.

        Raises ``StoreFullError`` when less than ``free_bytes_least`` would be left on the disk.
        """
        if not states:
            return
        self._require_room()
        newest = max(state.sequence for state in states)
        with self._transaction() as connection:
            connection.executemany(_INSERT, [to_row(state) for state in states])
            connection.execute("UPDATE counters SET value = max(value, ?) WHERE name = 'last_sequence'", (newest,))

    def state(self, sequence: int) -> EmotionState:
        """One state. Raises ``NotFoundError`` when it was never stored, or was folded into a coarser one, or is too old."""
        rows = self._query(f"{_SELECT} WHERE sequence = ?", (sequence,))
        if not rows:
            raise NotFoundError(f"emotionStates/{sequence} is not stored")
        return from_row(rows[0])

    def last_sequence(self) -> int:
        """The highest sequence number ever stored; 0 before the first."""
        with _translated(self._path):
            (value,) = self._database.execute("SELECT value FROM counters WHERE name = 'last_sequence'").fetchone()
        return int(value)

    def list_states(
        self,
        *,
        start_ns: int | None = None,
        end_ns: int | None = None,
        resolution_ns: int = 0,
        limit: int = 100,
        before: int | None = None,
    ) -> StatePage:
        """Up to ``limit`` states (at least 1) from wall time ``start_ns`` (inclusive) to ``end_ns`` (exclusive), newest
        first, with sequence numbers below ``before``.

        With ``resolution_ns`` above zero, one state for each span of that length that has any, spans counted from the
        epoch. A span ends where the clock jumped out of it and begins again when it comes back.
        """
        where = "sequence < ? AND wall_time_ns >= ? AND wall_time_ns < ?"
        arguments = (
            FOREVER_NS if before is None else before,
            -FOREVER_NS if start_ns is None else start_ns,
            FOREVER_NS if end_ns is None else end_ns,
        )
        if resolution_ns <= 0:
            rows = self._query(f"{_SELECT} WHERE {where} ORDER BY sequence DESC LIMIT ?", (*arguments, limit + 1))
            states = tuple(from_row(row) for row in rows[:limit])
            return StatePage(states, states[-1].sequence if len(rows) > limit else None)
        with _translated(self._path):
            cursor = self._database.execute(f"{_SELECT} WHERE {where} ORDER BY sequence DESC", arguments)
            return _coarse_page(cursor, resolution_ns, limit)

    def append_ledger(self, event: str, subject: str, detail: str, wall_time_ns: int) -> None:
        """Write down something that touches privacy."""
        with self._transaction() as connection:
            connection.execute(
                "INSERT INTO privacy_ledger (wall_time_ns, event, subject, detail) VALUES (?, ?, ?, ?)",
                (wall_time_ns, event, subject, detail),
            )

    def list_ledger(self, *, limit: int = 100, before: int | None = None) -> LedgerPage:
        """Up to ``limit`` entries, newest first, with ids below ``before``."""
        with _translated(self._path):
            rows = self._database.execute(
                "SELECT entry_id, wall_time_ns, event, subject, detail FROM privacy_ledger"
                " WHERE entry_id < ? ORDER BY entry_id DESC LIMIT ?",
                (FOREVER_NS if before is None else before, limit + 1),
            ).fetchall()
        entries = tuple(StoredEntry(*row) for row in rows[:limit])
        return LedgerPage(entries, entries[-1].entry_id if len(rows) > limit else None)

    def downsample(self, now_wall_ns: int) -> None:
        """Let what is old grow coarser, then go: one state a minute after ``keep_full_days``, none after ``keep_days``."""
        oldest_ns = now_wall_ns - int(self._settings.keep_days * DAY_NS)
        full_ns = (now_wall_ns - int(self._settings.keep_full_days * DAY_NS)) // COARSE_SPAN_NS * COARSE_SPAN_NS
        with self._transaction() as connection:
            connection.execute("DELETE FROM emotion_states WHERE wall_time_ns < ?", (oldest_ns,))
        for start_ns in self._fine_spans(full_ns):
            self._fold(start_ns)

    def status(self) -> StoreStatus:
        """How large the store is and how much room is left."""
        with _translated(self._path):
            (count,) = self._database.execute("SELECT count(*) FROM emotion_states").fetchone()
            size = sum(file.stat().st_size for file in self._files() if file.exists())
            return StoreStatus(size, shutil.disk_usage(self._path.parent).free, int(count))

    def _files(self) -> tuple[Path, ...]:
        return self._path, Path(f"{self._path}-wal"), Path(f"{self._path}-shm")

    def _fine_spans(self, before_ns: int) -> list[int]:
        """Starts of the minutes before ``before_ns`` that still hold states as they were published."""
        with _translated(self._path):
            rows = self._database.execute(
                "SELECT DISTINCT wall_time_ns / ? FROM emotion_states WHERE wall_time_ns < ? AND span_ns = 0",
                (COARSE_SPAN_NS, before_ns),
            ).fetchall()
        return sorted(int(minute) * COARSE_SPAN_NS for (minute,) in rows)

    def _fold(self, start_ns: int) -> None:
        """Put one state in the place of all of a minute's, in one transaction."""
        span = (start_ns, start_ns + COARSE_SPAN_NS)
        rows = self._query(f"{_SELECT} WHERE wall_time_ns >= ? AND wall_time_ns < ? ORDER BY sequence DESC", span)
        folded = list(to_row(mean_state([from_row(row) for row in rows], start_ns)))
        folded[COLUMNS.index("span_ns")] = COARSE_SPAN_NS
        with self._transaction() as connection:
            connection.execute("DELETE FROM emotion_states WHERE wall_time_ns >= ? AND wall_time_ns < ?", span)
            connection.execute(_INSERT, folded)

    def _query(self, sql: str, arguments: tuple[int, ...]) -> list[Row]:
        with _translated(self._path):
            return list(self._database.execute(sql, arguments).fetchall())

    def _require_room(self) -> None:
        with _translated(self._path):
            free = shutil.disk_usage(self._path.parent).free
        if free < self._settings.free_bytes_least:
            least_mb = self._settings.free_bytes_least // 1_000_000
            raise StoreFullError(
                f"{free // 1_000_000} MB are left on the disk of {self._path}, and {least_mb} MB must stay free; make room,"
                " or lower store.free_bytes_least"
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        connection = self._database.conn
        with _translated(self._path):
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise


def _coarse_page(rows: Iterator[Row], resolution_ns: int, limit: int) -> StatePage:
    """Folds rows (newest first) span by span, holding one span at a time, until ``limit`` spans are full."""
    page: list[EmotionState] = []
    span: list[EmotionState] = []
    start_ns = 0
    for row in rows:
        state = from_row(row)
        state_start_ns = state.wall_time_ns // resolution_ns * resolution_ns
        if span and state_start_ns != start_ns:
            page.append(mean_state(span, start_ns))
            if len(page) == limit:
                return StatePage(tuple(page), span[-1].sequence)
            span = []
        start_ns = state_start_ns
        span.append(state)
    if span:
        page.append(mean_state(span, start_ns))
    return StatePage(tuple(page), None)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """Errors of SQLite and of the file system as the store's own, each saying what to do."""
    try:
        yield
    except PermissionError as error:
        raise StoreReadOnlyError(f"{path} cannot be written; give its folder to the daemon's user") from error
    except OSError as error:
        if error.errno in (28, 122):  # ENOSPC, EDQUOT
            raise StoreFullError(f"the disk of {path} is full; make room") from error
        if error.errno == 30:  # EROFS
            raise StoreReadOnlyError(f"{path} lies on a read-only file system; choose another data_dir") from error
        raise StoreError(f"{path} cannot be used: {error.strerror or error}") from error
    except sqlite3.Error as error:
        raise _of_sqlite(error, path) from error


def _of_sqlite(error: sqlite3.Error, path: Path) -> StoreError:
    primary = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return StoreFullError(f"the disk of {path} is full; make room")
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return StoreReadOnlyError(f"{path} cannot be written; give it and its folder to the daemon's user")
    if primary in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return StoreCorruptError(f"{path} is damaged or no database; move it away, and the daemon starts a new one")
    if primary == sqlite3.SQLITE_IOERR:
        return StoreFullError(f"{path} cannot be written to the disk ({error}); see whether it is full or failing")
    return StoreError(f"{path}: {error}")
