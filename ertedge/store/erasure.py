"""Removes what is stored of a person, all of it or what one consent covered, and leaves no trace in the files. Floor 1.

Which rows those are stands in ``personal_tables``. What an erasure is about is written down before its first row goes and
struck out after its last trace has gone, so that one which a power cut ended is ended by the next start. Rows go a few
thousand at a time, so that a year's states need no second year's room.

``secure_delete`` overwrites what is removed, but SQLite copies rows when it fills and splits pages, and the copies that it
left behind lie in no row any more. Only writing every page anew (VACUUM) is sure to be rid of them; the log, in which the
old pages lie, is emptied then. ``sqlite_sequence`` is left as it is: no number of the person's is given to somebody else.
"""

from __future__ import annotations

from sqlite_utils import Database

from ertedge.store.personal_tables import PERSONAL_TABLES, PersonalTable
from ertedge.types import Purpose

ROWS_AT_ONCE = 5_000
"""A thousand pages or so of the log."""
IN_MEMORY_BYTES = 64_000_000


def erase_profile(database: Database, profile_id: int) -> int:
    """Remove everything of a person. Returns how many rows it were."""
    return _erase(database, _begun(database, profile_id, None), profile_id, None)


def erase_covered(database: Database, profile_id: int, purpose: Purpose) -> int:
    """Remove what of a person rests on their consent to ``purpose``. Returns how many rows went or lost a part."""
    return _erase(database, _begun(database, profile_id, purpose), profile_id, purpose)


def finish(database: Database) -> int:
    """End every erasure that was begun and did not come to its end. Returns how many there were."""
    begun = database.execute("SELECT erasure_id, profile_id, purpose FROM erasures ORDER BY erasure_id").fetchall()
    for erasure_id, profile_id, purpose in begun:
        _erase(database, erasure_id, profile_id, None if purpose is None else Purpose(purpose), again=True)
    return len(begun)


def _begun(database: Database, profile_id: int, purpose: Purpose | None) -> int:
    row = database.execute(
        "INSERT INTO erasures (profile_id, purpose) VALUES (?, ?) RETURNING erasure_id",
        [profile_id, purpose and purpose.value],
    ).fetchone()
    database.conn.commit()
    # Its first transaction is on the disk before anything goes: ``synchronous`` is NORMAL, which syncs at a checkpoint.
    database.execute("PRAGMA wal_checkpoint(FULL)").fetchall()
    return int(row[0])


def _erase(
    database: Database, erasure_id: int, profile_id: int, purpose: Purpose | None, *, again: bool = False
) -> int:
    changed = 0
    for table in PERSONAL_TABLES:
        if purpose is None:
            changed += _remove(database, table, profile_id, f"{table.profile_column} = :profile_id")
            if table.also_goes:
                changed += _remove(database, table, profile_id, table.also_goes)
        else:
            changed += _remove_covered(database, table, profile_id, purpose)
    if changed or again:
        _rewrite(database)
    database.execute("DELETE FROM erasures WHERE erasure_id = ?", [erasure_id])
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return changed


def _remove_covered(database: Database, table: PersonalTable, profile_id: int, purpose: Purpose) -> int:
    whose = f"{table.profile_column} = :profile_id"
    if purpose in table.covered_by:
        return _remove(database, table, profile_id, whose)
    changed = 0
    for covered in table.columns_covered:
        if covered.purpose is not purpose:
            continue
        if covered.row_goes:
            changed += _remove(database, table, profile_id, f"{whose} AND ({covered.row_goes})")
        if covered.columns:
            changed += database.execute(
                f"UPDATE {table.name} SET {', '.join(f'{column} = NULL' for column in covered.columns)}"
                f" WHERE {whose} AND coalesce({', '.join((*covered.columns, 'NULL'))}) IS NOT NULL",
                {"profile_id": profile_id},
            ).rowcount
    return changed


def _remove(database: Database, table: PersonalTable, profile_id: int, condition: str) -> int:
    named = {"profile_id": profile_id, "name": f"profiles/{profile_id}", "most": ROWS_AT_ONCE}
    removed = 0
    while True:
        count = database.execute(
            f"DELETE FROM {table.name} WHERE rowid IN (SELECT rowid FROM {table.name} WHERE {condition} LIMIT :most)",
            named,
        ).rowcount
        removed += count
        if count < ROWS_AT_ONCE:
            return removed
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _rewrite(database: Database) -> None:
    """Write every page anew, and empty the log.

    For a moment this takes a copy, in which nothing of the person is any more: in memory, or where that would be too large
    for a small device, in the system's folder for temporary files; of an encrypted store the copy is encrypted too.
    """
    pages, size = (int(database.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
    database.execute(f"PRAGMA temp_store = {'MEMORY' if pages * size <= IN_MEMORY_BYTES else 'FILE'}")
    try:
        database.execute("VACUUM")
    finally:
        database.execute("PRAGMA temp_store = MEMORY")
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
