"""The database's form, as numbered steps. Floor 1.

Each step is applied with its record in one transaction, so a power cut leaves the form before or after it, never between.
A step that has shipped is never changed; a new form is a new step.
"""

from __future__ import annotations

import sqlite3

from ertedge.errors import StoreCorruptError

APPLICATION_ID = 0x45525445
"""``ERTE``: SQLite's header field by which a file is known to be ours."""

_STEPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "emotion states and the privacy ledger",
        (
            # span_ns is 0 for a state as it was published and the bucket's length for the mean of several.
            """CREATE TABLE emotion_states (
                sequence INTEGER PRIMARY KEY,
                wall_time_ns INTEGER NOT NULL,
                span_ns INTEGER NOT NULL DEFAULT 0,
                state_count INTEGER NOT NULL DEFAULT 1,
                emotion INTEGER NOT NULL,
                age_ns INTEGER NOT NULL,
                valence REAL NOT NULL,
                arousal REAL NOT NULL,
                confidence REAL NOT NULL,
                probabilities BLOB NOT NULL,
                face BLOB,
                voice BLOB,
                reasons TEXT NOT NULL DEFAULT '',
                synthetic INTEGER NOT NULL DEFAULT 0
            ) STRICT""",
            "CREATE INDEX emotion_states_by_time ON emotion_states (wall_time_ns)",
            """CREATE TABLE privacy_ledger (
                entry_id INTEGER PRIMARY KEY AUTOINCREMENT,
                wall_time_ns INTEGER NOT NULL,
                event TEXT NOT NULL,
                subject TEXT NOT NULL,
                detail TEXT NOT NULL
            ) STRICT""",
            # Outlives the states themselves, so that a sequence number is never given twice, whatever was erased.
            "CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT",
            "INSERT INTO counters (name, value) VALUES ('last_sequence', 0)",
        ),
    ),
)

NEWEST = len(_STEPS)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the newest form. ``connection`` is in autocommit mode.

    Raises ``StoreCorruptError`` when the file belongs to another program or to a newer version of ertedge; it is then
    not touched.
    """
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise StoreCorruptError("the file is another program's database; move it away or choose another data_dir")
    if version > NEWEST:
        raise StoreCorruptError(
            f"the database was written by a newer ertedge (form {version}, this one knows {NEWEST}); install that one"
        )
    for number, (what, statements) in enumerate(_STEPS[version:], start=version + 1):
        _apply(connection, number, what, statements)


def _apply(connection: sqlite3.Connection, number: int, what: str, statements: tuple[str, ...]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, what TEXT NOT NULL, wall_time TEXT NOT NULL)"
        )
        for statement in statements:
            connection.execute(statement)
        connection.execute("INSERT INTO migrations VALUES (?, ?, datetime('now'))", (number, what))
        # Both are header fields, written in the same transaction.
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
