"""Opens the database file: nothing that is not ours is touched, and what is ours is brought up to date. Floor 1.

WAL mode with ``synchronous=NORMAL`` never leaves a damaged file after a kill or a power cut; at most the last transactions
are missing. ``secure_delete`` overwrites what is removed.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlite_utils import Database

from ertedge.errors import StoreError
from ertedge.store import erasure
from ertedge.store.connection import check_kind, connect
from ertedge.store.faults import corrupt, reported_as_store_errors
from ertedge.store.header import APPLICATION_ID, FileKind, kind_of
from ertedge.store.keys import StoreKey
from ertedge.store.migrations import steps

JOURNAL_BYTES_MOST = 4_000_000
"""The write-ahead log is cut back to this when it has been emptied."""

TREES: dict[str, tuple[tuple[str, str], ...]] = {
    "0001_states_and_ledger": (("states", "sequence"), ("states", "wall_time_ns"), ("ledger", "entry_id")),
    "0002_suggestions": (
        ("decisions", "decision_id"),
        ("decisions", "wall_time_ns"),
        ("suggestions", "suggestion_id"),
        ("suggestions", "wall_time_ns"),
        ("responses", "response_id"),
        ("reviews", "review_id"),
    ),
    "0003_safety": (("safety_notices", "notice_id"), ("safety_answers", "answer_id")),
    "0004_profiles": (
        ("states", "profile_id, wall_time_ns"),
        ("states", "profile_id"),
        ("decisions", "profile_id, wall_time_ns"),
        ("suggestions", "profile_id"),
        ("responses", "profile_id, request_id"),
        ("requests", "profile_id, request_id"),
        ("learning", "profile_id, synthetic"),
        ("safety_notices", "profile_id"),
        ("safety_watch", "profile_id"),
        ("safety_plan", "profile_id"),
    ),
    "0005_people": (
        ("profiles", "profile_id"),
        ("profiles", "request_id"),
        ("consent_receipts", "receipt_id"),
        ("consent_receipts", "profile_id, purpose"),
    ),
    "0006_assessments": (
        ("assessments", "assessment_id"),
        ("assessments", "profile_id, questionnaire, complete_wall_time_ns"),
        ("assessment_amendments", "amendment_id"),
        ("assessment_requests", "profile_id, request_id"),
        ("assessment_reminders", "profile_id, questionnaire"),
    ),
    "0009_state_hours": (("state_hours", "profile_id, hour"),),
    "0010_face_network": (("face_network", "one"),),
    "0007_faces_and_calibration": (
        ("enrolled_faces", "face_id"),
        ("enrolled_faces", "profile_id"),
        ("calibration_labels", "label_id"),
        ("calibration_labels", "profile_id, wall_time_ns"),
        ("calibration_labels", "profile_id, request_id"),
        ("calibration_sessions", "session_id"),
        ("calibration_sessions", "profile_id"),
    ),
}
"""The tables and indexes that each step made, by table and ordering columns."""


def open_database(path: Path, key: StoreKey | None = None) -> Database:
    """The database at ``path`` with every migration applied, made if it is not there (mode 0600, a new directory 0700),
    encrypted with ``key`` if there is one.

    Raises ``StoreCorruptError`` (no database of ours, damaged, or from a newer version; the file is left as it was),
    ``StoreKeyError`` (the key does not fit the file, which was left as it was), ``StoreReadOnlyError``, ``StoreFullError``
    or another ``StoreError``.
    """
    with reported_as_store_errors(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        kind = kind_of(path)
        check_kind(path, kind, key)
        if kind is not FileKind.ABSENT:
            _check_contents(path, key)
        connection = connect(_make_private(path), key)
        try:
            database = Database(connection)
            _prepare(database, fresh=kind is FileKind.ABSENT)
            return database
        except BaseException:
            connection.close()
            raise


def _check_contents(path: Path, key: StoreKey | None) -> None:
    """Read, through a connection that cannot write, what shows damage soonest: the record of migrations and both ends of
    every tree. A full check of a year's states would take longer than a start may."""
    connection = connect(path, key, read_only=True)
    try:
        database = Database(connection)
        known = _step_names()
        applied = [step.name for step in steps.applied(database)]
        if not known.issuperset(applied):
            raise corrupt(path, f"is from a newer version of ertedge ({applied[-1]}): install that version, or else")
        if not applied:
            return
        for table, columns in (tree for step in applied for tree in TREES.get(step, ())):
            for order in ("ASC", "DESC"):
                by = ", ".join(f"{column} {order}" for column in columns.split(", "))
                database.execute(f"SELECT * FROM {table} ORDER BY {by} LIMIT 1").fetchall()
    finally:
        connection.close()


def _step_names() -> set[str]:
    with_nothing_applied = Database(memory=True)
    try:
        return {step.name for step in steps.pending(with_nothing_applied)}
    finally:
        with_nothing_applied.close()


def _make_private(path: Path) -> Path:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)
    return path


def _prepare(database: Database, *, fresh: bool) -> None:
    if fresh:
        # Before WAL mode, so that the mark is in the file itself from its first page on.
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")
        database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    if database.execute("PRAGMA journal_mode = WAL").fetchone()[0] != "wal":
        raise StoreError("the disk of the data directory supports no shared memory; choose another with --data-dir")
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA secure_delete = ON").fetchall()
    database.execute(f"PRAGMA journal_size_limit = {JOURNAL_BYTES_MOST}").fetchall()
    database.execute("PRAGMA temp_store = MEMORY")
    steps.apply(database)
    erasure.finish(database)
