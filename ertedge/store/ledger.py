"""The queries on the privacy ledger: what the device did that touches privacy, in the order it happened. Floor 1."""

from __future__ import annotations

from sqlite_utils import Database

from ertedge.store.records import LedgerEntry, LedgerPage


def append(database: Database, event: str, subject: str, detail: str, wall_time_ns: int) -> None:
    """Write one entry."""
    database.execute(
        "INSERT INTO ledger (event, subject, detail, wall_time_ns) VALUES (?, ?, ?, ?)",
        [event, subject, detail, wall_time_ns],
    )


def page(database: Database, limit: int, before: int | None) -> LedgerPage:
    """A page, newest first; the cursor is the id that the page before ended with."""
    older = "" if before is None else "WHERE entry_id < ? "
    rows = database.execute(
        f"SELECT entry_id, wall_time_ns, event, subject, detail FROM ledger {older}ORDER BY entry_id DESC LIMIT ?",
        [*([] if before is None else [before]), limit + 1],
    ).fetchall()
    entries = tuple(LedgerEntry(*row) for row in rows[:limit])
    return LedgerPage(entries, entries[-1].entry_id if len(rows) > limit else None)
