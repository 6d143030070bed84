"""The suggestions and what people did with them, and the ids by which a repeated request is known. Floor 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlite_utils import Database

from ertedge.errors import NotFoundError, StoreCorruptError
from ertedge.store.numbers import last_number
from ertedge.store.records import SuggestionPage
from ertedge.store.states import INTEGER_MOST
from ertedge.types import Emotion, ResponseKind, Suggestion, SuggestionResponse, SuggestionStatus, Trigger

COLUMNS: tuple[str, ...] = (
    "suggestion_id",
    "decision_id",
    "wall_time_ns",
    "expire_wall_time_ns",
    "activity_id",
    "activity_version",
    "title",
    "minutes",
    "reason",
    "trigger",
    "propensity",
    "expected_helpfulness",
    "expected_sd",
    "emotion",
    "valence_before",
    "arousal_before",
    "status",
    "helpfulness",
    "valence_after",
    "arousal_after",
    "snooze_until_wall_time_ns",
    "update_wall_time_ns",
    "synthetic",
)
"""Every column of ``suggestions``: the fields of the record, in their order."""

_SELECT = f"SELECT {', '.join(COLUMNS)} FROM suggestions"
_UPSERT = (
    f"INSERT INTO suggestions ({', '.join(COLUMNS)}, profile_id) VALUES ({', '.join('?' * len(COLUMNS))}, ?)"
    f" ON CONFLICT (suggestion_id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in COLUMNS[1:])}"
    " WHERE suggestions.profile_id = excluded.profile_id"
)


def upsert(database: Database, profile_id: int, suggestion: Suggestion) -> None:
    """Write ``suggestion``, or what has become of it; one of another person's number is left as it is."""
    database.execute(_UPSERT, [*(_stored(getattr(suggestion, name)) for name in COLUMNS), profile_id])


def get(database: Database, profile_id: int, suggestion_id: int) -> Suggestion:
    """A person's suggestion of that number. Raises ``NotFoundError``."""
    row = database.execute(
        f"{_SELECT} WHERE suggestion_id = ? AND profile_id = ?", [min(suggestion_id, INTEGER_MOST), profile_id]
    ).fetchone()
    if row is None:
        raise NotFoundError(f"there is no suggestion {suggestion_id}")
    return _suggestion(row)


def page(database: Database, profile_id: int, limit: int, before: int | None) -> SuggestionPage:
    """A page of a person's, newest first; the cursor is the number that the page before ended with."""
    rows = database.execute(
        f"{_SELECT} WHERE profile_id = ? AND suggestion_id < ? ORDER BY suggestion_id DESC LIMIT ?",
        [profile_id, INTEGER_MOST if before is None else before, limit + 1],
    ).fetchall()
    found = tuple(_suggestion(row) for row in rows[:limit])
    return SuggestionPage(found, found[-1].suggestion_id if len(rows) > limit else None)


def last_id(database: Database) -> int:
    """The greatest number ever given to a suggestion, whoever it was for; 0 before the first."""
    return last_number(database, "suggestions")


def append_response(database: Database, profile_id: int, response: SuggestionResponse) -> None:
    """Write what a person did. One whose ``request_id`` they used before is left as it is."""
    database.execute(
        "INSERT OR IGNORE INTO responses (profile_id, request_id, suggestion_id, wall_time_ns, kind, rating, snooze_seconds)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            profile_id,
            response.request_id or None,
            response.suggestion_id,
            response.wall_time_ns,
            response.kind.value,
            response.rating,
            response.snooze_seconds,
        ],
    )


def response_of(database: Database, profile_id: int, request_id: str) -> SuggestionResponse | None:
    """The person's response that came under that id, if one did."""
    row = database.execute(
        "SELECT suggestion_id, kind, wall_time_ns, rating, snooze_seconds, request_id FROM responses"
        " WHERE profile_id = ? AND request_id = ?",
        [profile_id, request_id],
    ).fetchone()
    return None if row is None else SuggestionResponse(row[0], ResponseKind(row[1]), *row[2:])


def append_request(database: Database, profile_id: int, request_id: str, suggestion_id: int, wall_time_ns: int) -> None:
    """Write which suggestion a person's request got."""
    database.execute(
        "INSERT OR IGNORE INTO requests (profile_id, request_id, suggestion_id, wall_time_ns) VALUES (?, ?, ?, ?)",
        [profile_id, request_id, suggestion_id, wall_time_ns],
    )


def requested(database: Database, profile_id: int, request_id: str) -> int | None:
    """The number of the suggestion that the person's request of that id got, if there was one."""
    row = database.execute(
        "SELECT suggestion_id FROM requests WHERE profile_id = ? AND request_id = ?", [profile_id, request_id]
    ).fetchone()
    return None if row is None else int(row[0])


def _stored(value: Any) -> Any:
    return value.value if isinstance(value, Trigger | Emotion | SuggestionStatus) else value


def _suggestion(row: Sequence[Any]) -> Suggestion:
    value = dict(zip(COLUMNS, row, strict=True))
    try:
        words = {
            "trigger": Trigger(value["trigger"]),
            "emotion": Emotion(value["emotion"]),
            "status": SuggestionStatus(value["status"]),
        }
    except ValueError as error:
        raise StoreCorruptError(
            f"suggestion {value['suggestion_id']} is stored in words that this version does not know ({error}); install a"
            " newer one"
        ) from None
    return Suggestion(**value | words | {"synthetic": bool(value["synthetic"])})
