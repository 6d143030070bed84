"""The queries on the ``states`` table: append, read one, page through them as they are or merged by spans. Floor 1.

Order is by sequence number, which no clock can disturb; the time asked for is wall time. With a resolution the order is that
of the spans.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlite_utils import Database

from ertedge.errors import NotFoundError
from ertedge.store import hours
from ertedge.store.merging import merge
from ertedge.store.numbers import last_number
from ertedge.store.records import StatePage
from ertedge.store.rows import COLUMNS, row_of, state_of
from ertedge.types import EmotionState

INTEGER_MOST = 2**63 - 1
ROWS_A_PAGE = 2_000
"""States that a page of spans is merged from, but for those of its last span."""
ROWS_A_SPAN, ROWS_AN_HOUR = 15, 3
"""A span by itself, and an hour that is summed up, take as long as so many states."""
_INSERT = f"INTO states ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM states"
_IN_SPAN = "wall_time_ns >= ? AND wall_time_ns < ? AND sequence < ?"


def append(database: Database, states: Sequence[EmotionState]) -> None:
    """Write ``states`` in one transaction. One that is already there is left as it is, so a repeated call does no harm."""
    with database.atomic():
        database.conn.executemany(f"INSERT OR IGNORE {_INSERT}", [row_of(state) for state in states])
        hours.make_stale(database, states)


def replace(database: Database, row: Sequence[int | None]) -> None:
    """Write one row, in the order of ``COLUMNS``, in place of the one of its sequence number."""
    database.execute(f"REPLACE {_INSERT}", row)


def get(database: Database, sequence: int) -> EmotionState:
    """The state of that number. Raises ``NotFoundError``."""
    row = database.execute(f"{_SELECT} WHERE sequence = ?", [min(sequence, INTEGER_MOST)]).fetchone()
    if row is None:
        raise NotFoundError(f"no state {sequence} is stored; it may have been merged into a later one with age")
    return state_of(row)


def last_sequence(database: Database) -> int:
    """The greatest sequence number ever stored, 0 before the first."""
    return last_number(database, "states")


def list_single(
    database: Database,
    start_ns: int | None,
    end_ns: int | None,
    *,
    limit: int,
    before: int | None,
    profile_id: int | None = None,
) -> StatePage:
    """A page of states as they are stored; the cursor is the sequence number that the page before ended with."""
    oldest, newest = 0, INTEGER_MOST
    conditions, span = _span(start_ns, end_ns)
    whose, person = ("", []) if profile_id is None else ("profile_id = ? AND ", [profile_id])
    if conditions:
        # The walk along the sequence numbers then neither starts nor ends too far out.
        found = hours.bounds(database, profile_id, max(0, start_ns or 0), INTEGER_MOST if end_ns is None else end_ns)
        if found is None:
            return StatePage((), None)
        oldest, newest = found
    if before is not None:
        newest = min(newest, before - 1)
    # A plus sign keeps a column from choosing an index: rows come in the order of the primary key, or for one person in
    # that of ``states_of_profile``, without sorting.
    in_span = "".join(f" AND +{part}" for part in conditions.split(" AND ") if part)
    rows = database.execute(
        f"{_SELECT} WHERE {whose}sequence BETWEEN ? AND ?{in_span} ORDER BY sequence DESC LIMIT ?",
        [*person, oldest, newest, *span, limit + 1],
    ).fetchall()
    states = tuple(state_of(row) for row in rows[:limit])
    return StatePage(states, states[-1].sequence if len(rows) > limit else None)


def list_merged(
    database: Database,
    start_ns: int | None,
    end_ns: int | None,
    *,
    resolution_ns: int,
    limit: int,
    before: int | None,
    profile_id: int | None = None,
) -> StatePage:
    """A page of spans that hold a state, each merged into one; the cursor is the start of the page's last span.

    A page may hold fewer than ``limit`` where spans are long or full. Spans start at whole multiples of the resolution
    since 1970, cut by the start and the end asked for. Each is found and merged by itself, so that memory stays the same
    whatever the history's length.
    """
    upper = min(value for value in (end_ns, before, INTEGER_MOST) if value is not None)
    lower = max(0, start_ns or 0)
    merged: list[EmotionState] = []
    last_start: int | None = None
    read = 0
    while (newest := _newest_wall_time(database, lower, upper, profile_id)) is not None:
        if len(merged) == limit or read >= ROWS_A_PAGE:
            return StatePage(tuple(merged), last_start)
        last_start = newest // resolution_ns * resolution_ns
        begin = max(lower, last_start)
        read += ROWS_A_SPAN
        if resolution_ns < hours.HOUR_NS:
            read += _count(database, begin, upper, profile_id)
        else:
            read += ROWS_AN_HOUR * (resolution_ns // hours.HOUR_NS)
        row = hours.merged(database, profile_id, begin, upper)
        if row is not None:
            merged.append(state_of(row))
        upper = last_start
    return StatePage(tuple(merged), None)


def merge_span(
    database: Database,
    start_ns: int,
    end_ns: int,
    before_sequence: int = INTEGER_MOST,
    *,
    profile_id: int,
) -> list[int | None] | None:
    """A person's states of a span, numbered less than a bound, as one row in the order of ``COLUMNS``; None where there is
    none."""
    return merge(database, f"profile_id = ? AND {_IN_SPAN}", [profile_id, start_ns, end_ns, before_sequence])


def _count(database: Database, lower: int, upper: int, profile_id: int | None) -> int:
    whose, person = ("", []) if profile_id is None else ("profile_id = ? AND ", [profile_id])
    row = database.execute(
        f"SELECT COUNT(*) FROM states WHERE {whose}wall_time_ns >= ? AND wall_time_ns < ?", [*person, lower, upper]
    ).fetchone()
    return int(row[0])


def _newest_wall_time(database: Database, lower: int, upper: int, profile_id: int | None) -> int | None:
    whose, person = ("", []) if profile_id is None else ("profile_id = ? AND ", [profile_id])
    row = database.execute(
        f"SELECT MAX(wall_time_ns) FROM states WHERE {whose}wall_time_ns >= ? AND wall_time_ns < ?",
        [*person, lower, upper],
    ).fetchone()
    return None if row[0] is None else int(row[0])


def _span(start_ns: int | None, end_ns: int | None) -> tuple[str, list[int]]:
    conditions = [
        *(["wall_time_ns >= ?"] if start_ns is not None else []),
        *(["wall_time_ns < ?"] if end_ns is not None else []),
    ]
    return " AND ".join(conditions), [bound for bound in (start_ns, end_ns) if bound is not None]
