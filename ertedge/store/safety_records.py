"""What the store keeps of safety. Floor 1; imports only types.

What a person said in words is in none of these: it is never stored.
"""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types import NoticeResponse, SafetyNotice, SafetyPlan


@dataclass(frozen=True, slots=True)
class SafetyAnswer:
    """That a person answered a notice under a request's id. ``finding`` is how grave what they said was, 0 to 2."""

    request_id: str
    notice_id: int
    response: NoticeResponse
    finding: int
    wall_time_ns: int


@dataclass(frozen=True, slots=True)
class StoredSafety:
    """What to go on with after a restart: the watch's own record as text (empty: none), the plan (None: one is there and
    cannot be read), the newest answers that had a request's id, oldest first, and the notices that were left open."""

    watch: str
    plan: SafetyPlan | None
    answers: tuple[SafetyAnswer, ...]
    last_notice_id: int
    open_notices: tuple[SafetyNotice, ...] = ()


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Notices, newest first. ``next_cursor`` is where the next page begins; None on the last."""

    notices: tuple[SafetyNotice, ...]
    next_cursor: int | None
