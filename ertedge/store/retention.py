"""Lets history grow coarser with age: one state a minute after some days, nothing after a year. Floor 1.

Each kind of record goes after days of its own. Of the policy's decisions, those that a rule silenced go after the same days
as single states: no estimate rests on them.

What cannot be taken back is done only to what is surely old: a row counts as older than a moment when its wall time is
before that moment and no earlier row is after it. So a state stamped by a clock that had fallen back (a board without a
battery wakes up in the past) is as old as its neighbours, not as old as its stamp. Each span is merged in its own
transaction, so a power cut leaves every state either single or merged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlite_utils import Database

from ertedge.config import StoreSettings
from ertedge.store import hours, states
from ertedge.store.records import Downsampled

MINUTE_NS = 60_000_000_000
DAY_NS = 86_400_000_000_000
PAGES_FREED_MOST = 10_000
"""Pages given back to the disk by a call, so that it stays short."""

HOURS_SUMMED_MOST = 200
"""Hours of states that are summed up by a call; one an hour, but for a person whose sums went with a withdrawal."""


@dataclass(frozen=True, slots=True)
class Ageing:
    """A table whose rows go with age: ``key`` counts them, ``days`` tells for how long they are kept, 0 for ever, and
    ``only`` (SQL) which of them go at all."""

    table: str
    key: str
    days: Callable[[StoreSettings], float]
    only: str = "1"


AGEING = (
    Ageing("states", "sequence", lambda settings: settings.keep_days),
    Ageing("ledger", "entry_id", lambda settings: settings.keep_ledger_days or settings.keep_days),
    Ageing("decisions", "decision_id", lambda settings: settings.keep_suggestions_days or settings.keep_days),
    Ageing("suggestions", "suggestion_id", lambda settings: settings.keep_suggestions_days or settings.keep_days),
    Ageing("responses", "response_id", lambda settings: settings.keep_suggestions_days or settings.keep_days),
    Ageing("requests", "rowid", lambda settings: settings.keep_suggestions_days or settings.keep_days),
    Ageing(
        "safety_notices", "notice_id", lambda settings: settings.keep_notices_days or settings.keep_days, "NOT open"
    ),
    Ageing("safety_answers", "answer_id", lambda settings: settings.keep_notices_days or settings.keep_days),
    Ageing("assessments", "assessment_id", lambda settings: settings.keep_questionnaires_days),
    Ageing("assessment_amendments", "amendment_id", lambda settings: settings.keep_questionnaires_days),
    Ageing("assessment_requests", "rowid", lambda settings: settings.keep_questionnaires_days),
    Ageing("calibration_labels", "label_id", lambda settings: settings.keep_calibration_days),
)
"""What is in none of these stays until it is replaced or its person is erased: profiles, consent receipts, which prove what
was agreed to, the safety plan, what was learnt, enrolled faces, studies."""

# The window walks the index on person and wall time in its order: a minute in which somebody has two rows is one whose
# neighbour is in it too.
_CROWDED_MINUTES = """
    SELECT DISTINCT profile_id, minute FROM (
        SELECT
            profile_id,
            wall_time_ns / :minute_ns AS minute,
            LAG(wall_time_ns / :minute_ns) OVER (PARTITION BY profile_id ORDER BY wall_time_ns) AS previous
        FROM states WHERE wall_time_ns < :moment_ns AND sequence < :bound
    ) WHERE minute = previous LIMIT :most
"""


def downsample(database: Database, settings: StoreSettings, now_wall_ns: int, minutes_most: int) -> Downsampled:
    """Merge and remove what is old at ``now_wall_ns``, at most ``minutes_most`` minutes of it in this call."""
    removed = sum(_remove_older(database, each, each.days(settings), now_wall_ns) for each in AGEING)
    removed += _thin_silences(database, now_wall_ns - int(settings.keep_full_days * DAY_NS), now_wall_ns)
    merged, unfinished = _merge_older(
        database, now_wall_ns - int(settings.keep_full_days * DAY_NS), now_wall_ns, minutes_most
    )
    # What is merged is the same in sum, so hours stand; the newest are what a page of days is read from.
    summed = hours.sum_up(database, now_wall_ns, HOURS_SUMMED_MOST)
    if removed or merged:
        database.execute(f"PRAGMA incremental_vacuum({PAGES_FREED_MOST})").fetchall()
        # What was removed is still in the log, from where only this takes it.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return Downsampled(merged, removed, unfinished or summed == HOURS_SUMMED_MOST)


def _remove_older(database: Database, ageing: Ageing, days: float, now_wall_ns: int) -> int:
    if not days:
        return 0
    moment_ns = now_wall_ns - int(days * DAY_NS)
    bound = _first_since(database, ageing.table, ageing.key, moment_ns, now_wall_ns)
    removed = database.execute(
        f"DELETE FROM {ageing.table} WHERE wall_time_ns < ? AND {ageing.key} < ? AND {ageing.only}", [moment_ns, bound]
    ).rowcount
    if ageing.table == "states" and removed:
        hours.remove_older(database, moment_ns)
    return removed


def _thin_silences(database: Database, moment_ns: int, now_wall_ns: int) -> int:
    bound = _first_since(database, "decisions", "decision_id", moment_ns, now_wall_ns)
    return database.execute(
        "DELETE FROM decisions WHERE offer_propensity = 0 AND wall_time_ns < ? AND decision_id < ?", [moment_ns, bound]
    ).rowcount


def _merge_older(database: Database, moment_ns: int, now_wall_ns: int, minutes_most: int) -> tuple[int, bool]:
    moment_ns -= moment_ns % MINUTE_NS
    bound = _first_since(database, "states", "sequence", moment_ns, now_wall_ns)
    crowded = database.execute(
        _CROWDED_MINUTES, {"minute_ns": MINUTE_NS, "moment_ns": moment_ns, "bound": bound, "most": minutes_most + 1}
    ).fetchall()
    merged = 0
    for profile_id, minute in crowded[:minutes_most]:
        merged += _merge_minute(database, profile_id, minute * MINUTE_NS, bound)
    return merged, len(crowded) > minutes_most


def _merge_minute(database: Database, profile_id: int, start_ns: int, bound: int) -> int:
    """Merge a person's states of a minute, but for those numbered ``bound`` or more. Returns how many they were."""
    span = [start_ns, start_ns + MINUTE_NS, bound]
    with database.atomic():
        row = states.merge_span(database, *span, profile_id=profile_id)
        if row is None:
            return 0
        removed = database.execute(
            "DELETE FROM states WHERE profile_id = ? AND wall_time_ns >= ? AND wall_time_ns < ? AND sequence < ?",
            [profile_id, *span],
        ).rowcount
        states.replace(database, row)
    return removed


def _first_since(database: Database, table: str, key: str, moment_ns: int, now_wall_ns: int) -> int:
    """The number of the first row between the moment and now; what is numbered less came before it."""
    row = database.execute(
        f"SELECT MIN({key}) FROM {table} WHERE wall_time_ns BETWEEN ? AND ?", [moment_ns, now_wall_ns]
    ).fetchone()
    return states.INTEGER_MOST if row[0] is None else int(row[0])
