"""What the core tells of safety beside the notices themselves: events, pages, answers. Floor 2; imports only types."""

from __future__ import annotations

from dataclasses import dataclass, fields

from ertedge.types import Helpline, SafetyNotice, SafetyPlan

PLAN_FIELDS = tuple(field.name for field in fields(SafetyPlan) if field.name != "update_wall_time_ns")
"""What an update of the plan may name."""


@dataclass(frozen=True, slots=True)
class NoticeEvent:
    """An event of a watch stream: a notice that is open, new or has changed, or a heartbeat, in which it is None.

    ``sequence`` is what to resume with; ``dropped_count`` how many events the stream has lost so far; ``profile_id`` whose
    notices the stream tells of now, 0: nobody's.
    """

    notice: SafetyNotice | None
    sequence: int
    dropped_count: int
    send_wall_time_ns: int
    profile_id: int = 0


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """Notices, newest first. ``next_page_token`` asks for the next page; empty on the last."""

    notices: tuple[SafetyNotice, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class SafetyAnswered:
    """The notice after an answer or a cry for help, and what help there is: the person's plan, and helplines, the region's
    first. ``plan`` is None where it was not asked for."""

    notice: SafetyNotice
    helplines: tuple[Helpline, ...]
    plan: SafetyPlan | None = None
