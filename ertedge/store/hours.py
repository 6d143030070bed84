"""A person's states summed up by the hour, so that a page of days or weeks does not read a million states. Floor 1.

An hour's row holds sums of which those of longer spans are made (``merging``), and the least and greatest number in it, by
which a time finds its numbers. Rows are made of hours that are over, in their order, when history is let age; whatever they
do not cover is summed from the states themselves, so that they change how fast an answer is and never what it is. A state
that comes late into an hour that was summed up (a clock that was set back) makes its row stale: it then bounds the numbers
and no more.

Everything here follows from ``states``, and goes where its person's states go.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlite_utils import Database

from ertedge.store.merging import SpanSums, row_of_sums, sums_of, together
from ertedge.store.rows import Row
from ertedge.types import EmotionState

HOUR_NS = 3_600_000_000_000
LATE_NS = 60_000_000_000
"""An hour is summed up once it has been over for so long."""
_IN_SPAN = "profile_id = ? AND wall_time_ns >= ? AND wall_time_ns < ?"


def people(database: Database) -> list[int]:
    """Whose states there are. One look-up each, however many states they have."""
    found: list[int] = []
    last = -1
    while True:
        row = database.execute("SELECT MIN(profile_id) FROM states WHERE profile_id > ?", [last]).fetchone()
        if row[0] is None:
            return found
        last = int(row[0])
        found.append(last)


def sum_up(database: Database, now_wall_ns: int, most: int) -> int:
    """Sum up hours that are over at ``now_wall_ns`` and have not been, at most ``most``. Returns how many it were."""
    made = 0
    end_ns = (now_wall_ns - LATE_NS) // HOUR_NS * HOUR_NS
    for profile_id in people(database):
        begin_ns = _summed_until(database, profile_id)
        while made < most:
            row = database.execute(
                f"SELECT MIN(wall_time_ns) FROM states WHERE {_IN_SPAN}", [profile_id, begin_ns, end_ns]
            ).fetchone()
            if row[0] is None:
                break
            hour = row[0] // HOUR_NS
            begin_ns = (hour + 1) * HOUR_NS
            _save(database, profile_id, hour)
            made += 1
    return made


def make_stale(database: Database, states: Iterable[EmotionState]) -> None:
    """States were stored: the rows of hours that had been summed up without them hold no sums any more."""
    late: dict[tuple[int, int], list[int]] = {}
    for state in states:
        late.setdefault((state.profile_id, state.wall_time_ns // HOUR_NS), []).append(state.sequence)
    for (profile_id, hour), sequences in late.items():
        if hour * HOUR_NS >= _summed_until(database, profile_id):
            continue
        database.execute(
            "INSERT INTO state_hours (profile_id, hour, first_sequence, last_sequence, sums) VALUES (?, ?, ?, ?, NULL)"
            " ON CONFLICT (profile_id, hour) DO UPDATE SET sums = NULL,"
            " first_sequence = MIN(first_sequence, excluded.first_sequence),"
            " last_sequence = MAX(last_sequence, excluded.last_sequence)",
            [profile_id, hour, min(sequences), max(sequences)],
        )


def remove_older(database: Database, moment_ns: int) -> None:
    """States before a moment were removed: an hour of which none is left goes, one of which some are is stale."""
    database.execute(
        "DELETE FROM state_hours WHERE hour <= :hour AND NOT EXISTS (SELECT 1 FROM states"
        " WHERE states.profile_id = state_hours.profile_id"
        " AND wall_time_ns >= state_hours.hour * :span AND wall_time_ns < (state_hours.hour + 1) * :span)",
        {"hour": moment_ns // HOUR_NS, "span": HOUR_NS},
    )
    database.execute("UPDATE state_hours SET sums = NULL WHERE hour <= ?", [moment_ns // HOUR_NS])


def bounds(database: Database, profile_id: int | None, start_ns: int, end_ns: int) -> tuple[int, int] | None:
    """Numbers between which all states of a span are, of a person or of everybody; None where there are none.

    They may lie an hour further out than need be.
    """
    found: list[tuple[int, int]] = []
    for person in people(database) if profile_id is None else [profile_id]:
        summed_until_ns = _summed_until(database, person)
        rows = [
            database.execute(
                "SELECT MIN(first_sequence), MAX(last_sequence) FROM state_hours"
                " WHERE profile_id = ? AND hour BETWEEN ? AND ?",
                [person, start_ns // HOUR_NS, (end_ns - 1) // HOUR_NS],
            ).fetchone(),
            database.execute(
                f"SELECT MIN(sequence), MAX(sequence) FROM states WHERE {_IN_SPAN}",
                [person, max(start_ns, summed_until_ns), end_ns],
            ).fetchone(),
        ]
        found += [(row[0], row[1]) for row in rows if row[0] is not None]
    return (min(first for first, _ in found), max(last for _, last in found)) if found else None


def merged(database: Database, profile_id: int | None, start_ns: int, end_ns: int) -> Row | None:
    """The states of a span, of a person or of everybody, as one row in the order of ``COLUMNS``; None: there is none."""
    parts = [
        part
        for person in (people(database) if profile_id is None else [profile_id])
        for part in _parts(database, person, start_ns, end_ns)
    ]
    return row_of_sums(together(parts)) if parts else None


def _parts(database: Database, profile_id: int, start_ns: int, end_ns: int) -> list[SpanSums]:
    """Sums of which the span is made: of whole hours that are summed up, and of the states of what is left."""
    first_hour, last_hour = -(-start_ns // HOUR_NS), end_ns // HOUR_NS
    summed_until = min(last_hour, _summed_until(database, profile_id) // HOUR_NS)
    if first_hour >= summed_until:
        return _from_states(database, profile_id, [(start_ns, end_ns)])
    rows = database.execute(
        "SELECT hour, sums FROM state_hours WHERE profile_id = ? AND hour >= ? AND hour < ?",
        [profile_id, first_hour, summed_until],
    ).fetchall()
    left = [(start_ns, first_hour * HOUR_NS), (summed_until * HOUR_NS, end_ns)]
    left += [(hour * HOUR_NS, (hour + 1) * HOUR_NS) for hour, sums in rows if sums is None]
    return [*(SpanSums.of_text(sums) for _, sums in rows if sums), *_from_states(database, profile_id, left)]


def _from_states(database: Database, profile_id: int, spans: Sequence[tuple[int, int]]) -> list[SpanSums]:
    found = (
        sums_of(database, _IN_SPAN, [profile_id, start_ns, end_ns]) for start_ns, end_ns in spans if start_ns < end_ns
    )
    return [each for each in found if each is not None]


def _save(database: Database, profile_id: int, hour: int) -> None:
    span = [profile_id, hour * HOUR_NS, (hour + 1) * HOUR_NS]
    with database.atomic():
        summed = sums_of(database, _IN_SPAN, span)
        if summed is None:
            return
        first, last = database.execute(
            f"SELECT MIN(sequence), MAX(sequence) FROM states WHERE {_IN_SPAN}", span
        ).fetchone()
        database.execute(
            "REPLACE INTO state_hours (profile_id, hour, first_sequence, last_sequence, sums) VALUES (?, ?, ?, ?, ?)",
            [profile_id, hour, first, last, summed.to_text()],
        )


def _summed_until(database: Database, profile_id: int) -> int:
    """The moment up to which a person's hours are summed up: what is before it and has no row has no states."""
    row = database.execute("SELECT MAX(hour) FROM state_hours WHERE profile_id = ?", [profile_id]).fetchone()
    return 0 if row[0] is None else (int(row[0]) + 1) * HOUR_NS
