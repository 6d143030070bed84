"""The numbers that a table has given. Floor 1."""

from __future__ import annotations

from sqlite_utils import Database


def last_number(database: Database, table: str) -> int:
    """The greatest that was ever given in an AUTOINCREMENT ``table``, also to a row that is gone; 0 before the first."""
    row = database.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
    return int(row[0]) if row else 0
