"""The queries on the privacy ledger: what the device did that touches privacy, in the order it happened. Floor 1."""

from __future__ import annotations

from sqlite_utils import Database

from ertedge.store.records import LedgerEntry, LedgerPage


def append(
    database: Database, event: str, subject: str, detail: str, wall_time_ns: int, *, profile_id: int = 0
) -> None:
    """Write one entry; one that is about a person goes when they are erased."""
    database.execute(
        "INSERT INTO ledger (event, subject, detail, wall_time_ns, profile_id) VALUES (?, ?, ?, ?, ?)",
        [event, subject, detail, wall_time_ns, profile_id],
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
