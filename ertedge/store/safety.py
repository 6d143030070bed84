"""The queries on safety notices, the answers to them, the safety plan, and the watch's record. Floor 1.

A notice and the record of the watch that raised it are written in one transaction, so that a restart finds both or neither.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlite_utils import Database

from ertedge.errors import NotFoundError
from ertedge.store.numbers import last_number
from ertedge.store.safety_records import NoticePage, SafetyAnswer, StoredSafety
from ertedge.store.states import INTEGER_MOST
from ertedge.types import NoticeKind, NoticeResponse, SafetyCause, SafetyNotice, SafetyPlan

ANSWERS_MOST = 1000
"""Answers whose request would be known again: more than anybody repeats."""
OPEN_MOST = 16
"""Notices left open: one, or two where the store was away for a while."""

_PLAN = TypeAdapter(SafetyPlan)
_COLUMNS = (
    "notice_id, wall_time_ns, kind, cause, message, open, ask_count, ask_wall_time_ns, response,"
    " response_wall_time_ns, synthetic"
)


def save(
    database: Database,
    profile_id: int,
    watch: str,
    wall_time_ns: int,
    *,
    notice: SafetyNotice | None,
    answer: SafetyAnswer | None,
) -> None:
    """Write the watch's record (an empty one leaves what is there), the notice as it is now, and the answer, if there are
    such. Twice does no harm."""
    with database.atomic():
        if watch:
            database.execute(
                "REPLACE INTO safety_watch (profile_id, wall_time_ns, record) VALUES (?, ?, ?)",
                [profile_id, wall_time_ns, watch],
            )
        if notice is not None:
            database.execute(
                f"REPLACE INTO safety_notices ({_COLUMNS}, profile_id) VALUES ({', '.join('?' * 12)})",
                [*_row(notice), profile_id],
            )
        if answer is not None:
            _save_answer(database, profile_id, answer)


def save_plan(database: Database, profile_id: int, plan: SafetyPlan) -> None:
    """Write a person's plan in place of the one before."""
    database.execute(
        "REPLACE INTO safety_plan (profile_id, plan) VALUES (?, ?)", [profile_id, _PLAN.dump_json(plan).decode()]
    )


def load(database: Database, profile_id: int) -> StoredSafety:
    """What to go on with for a person after a restart."""
    watch = database.execute("SELECT record FROM safety_watch WHERE profile_id = ?", [profile_id]).fetchone()
    plan = database.execute("SELECT plan FROM safety_plan WHERE profile_id = ?", [profile_id]).fetchone()
    answers = database.execute(
        "SELECT request_id, notice_id, response, finding, wall_time_ns FROM safety_answers"
        " WHERE profile_id = ? ORDER BY answer_id DESC LIMIT ?",
        [profile_id, ANSWERS_MOST],
    ).fetchall()
    return StoredSafety(
        watch=watch[0] if watch else "",
        plan=_plan(plan[0]) if plan else SafetyPlan(),
        answers=tuple(SafetyAnswer(row[0], row[1], NoticeResponse(row[2]), *row[3:]) for row in reversed(answers)),
        last_notice_id=last_number(database, "safety_notices"),
        open_notices=page(database, profile_id, OPEN_MOST, None, only_open=True).notices,
    )


def page(database: Database, profile_id: int, limit: int, before: int | None, *, only_open: bool) -> NoticePage:
    """A page of a person's notices, newest first; the cursor is the number that the page before ended with."""
    rows = database.execute(
        f"SELECT {_COLUMNS} FROM safety_notices WHERE profile_id = ? AND notice_id < ?{' AND open' if only_open else ''}"
        " ORDER BY notice_id DESC LIMIT ?",
        [profile_id, INTEGER_MOST if before is None else before, limit + 1],
    ).fetchall()
    notices = tuple(_notice(row) for row in rows[:limit])
    return NoticePage(notices, notices[-1].notice_id if len(rows) > limit else None)


def get(database: Database, profile_id: int, notice_id: int) -> SafetyNotice:
    """A person's notice of that number. Raises ``NotFoundError``."""
    row = database.execute(
        f"SELECT {_COLUMNS} FROM safety_notices WHERE notice_id = ? AND profile_id = ?",
        [min(notice_id, INTEGER_MOST), profile_id],
    ).fetchone()
    if row is None:
        raise NotFoundError(f"there is no safety notice {notice_id}")
    return _notice(row)


def _save_answer(database: Database, profile_id: int, answer: SafetyAnswer) -> None:
    database.execute(
        "INSERT OR IGNORE INTO safety_answers (profile_id, request_id, notice_id, response, finding, wall_time_ns)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [profile_id, answer.request_id, answer.notice_id, answer.response.value, answer.finding, answer.wall_time_ns],
    )
    database.execute(
        "DELETE FROM safety_answers WHERE profile_id = :profile_id AND answer_id <= (SELECT answer_id FROM safety_answers"
        " WHERE profile_id = :profile_id ORDER BY answer_id DESC LIMIT 1 OFFSET :most)",
        {"profile_id": profile_id, "most": ANSWERS_MOST},
    )


def _row(notice: SafetyNotice) -> list[Any]:
    return [
        notice.notice_id,
        notice.wall_time_ns,
        notice.kind.value,
        notice.cause.value,
        notice.message,
        notice.open,
        notice.ask_count,
        notice.ask_wall_time_ns,
        notice.response.value if notice.response else None,
        notice.response_wall_time_ns,
        notice.synthetic,
    ]


def _notice(row: Any) -> SafetyNotice:
    return SafetyNotice(
        notice_id=row[0],
        wall_time_ns=row[1],
        kind=NoticeKind(row[2]),
        cause=SafetyCause(row[3]),
        message=row[4],
        open=bool(row[5]),
        ask_count=row[6],
        ask_wall_time_ns=row[7],
        response=NoticeResponse(row[8]) if row[8] else None,
        response_wall_time_ns=row[9],
        synthetic=bool(row[10]),
    )


def _plan(text: str) -> SafetyPlan | None:
    try:
        return _PLAN.validate_json(text)
    except ValidationError:
        return None
