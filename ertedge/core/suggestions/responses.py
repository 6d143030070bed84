"""What can become of a suggestion: by what a person does, and by the passing of time. Floor 2; pure.

offered -> accepted -> started -> completed -> rated
   |          |           |
   +----------+-----------+--> snoozed -> offered again; dismissed; expired
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ertedge.config import SuggestionSettings
from ertedge.errors import PreconditionError
from ertedge.recommend.past_offers import PURSUED, PURSUED_HOURS
from ertedge.types import ResponseKind, Suggestion, SuggestionResponse, SuggestionStatus

MINUTE_NS = 60 * 1_000_000_000

_BEGINNING = (ResponseKind.ACCEPT, ResponseKind.START, ResponseKind.COMPLETE, ResponseKind.SNOOZE, ResponseKind.DISMISS)
POSSIBLE: dict[SuggestionStatus, tuple[ResponseKind, ...]] = {
    SuggestionStatus.OFFERED: _BEGINNING,
    SuggestionStatus.SNOOZED: _BEGINNING,
    SuggestionStatus.ACCEPTED: tuple(kind for kind in _BEGINNING if kind is not ResponseKind.ACCEPT),
    SuggestionStatus.STARTED: (ResponseKind.COMPLETE, ResponseKind.SNOOZE, ResponseKind.DISMISS),
    SuggestionStatus.COMPLETED: (ResponseKind.RATE,),
    SuggestionStatus.DISMISSED: (),
    SuggestionStatus.EXPIRED: (),
}
"""What a person can do with a suggestion of each status. Activities need not be accepted or started here to be done."""

_BECOMES: dict[ResponseKind, SuggestionStatus] = {
    ResponseKind.ACCEPT: SuggestionStatus.ACCEPTED,
    ResponseKind.DISMISS: SuggestionStatus.DISMISSED,
    ResponseKind.SNOOZE: SuggestionStatus.SNOOZED,
    ResponseKind.START: SuggestionStatus.STARTED,
    ResponseKind.COMPLETE: SuggestionStatus.COMPLETED,
    ResponseKind.RATE: SuggestionStatus.COMPLETED,
}


def answered(suggestion: Suggestion, response: SuggestionResponse) -> Suggestion:
    """``suggestion`` after ``response``. Raises PreconditionError, which says what is possible."""
    possible = POSSIBLE[suggestion.status]
    if response.kind not in possible:
        raise PreconditionError(_what_is_possible(suggestion, response.kind, possible))
    snoozed_ns = response.wall_time_ns + round(response.snooze_seconds * 1e9)
    return replace(
        suggestion,
        status=_BECOMES[response.kind],
        helpfulness=response.rating or suggestion.helpfulness,
        snooze_until_wall_time_ns=snoozed_ns if response.kind is ResponseKind.SNOOZE else 0,
        update_wall_time_ns=response.wall_time_ns,
    )


def aged(
    suggestion: Suggestion,
    settings: SuggestionSettings,
    now_ns: int,
    *,
    held_back: bool,
    pursued_minutes: float = PURSUED_HOURS * 60.0,
) -> Suggestion:
    """What ``now_ns`` has made of ``suggestion``: the same where nothing is due.

    An offer that nobody answers expires, and so does an activity that was to be over ``pursued_minutes`` ago and was never
    finished. A snoozed one is offered again, unless it is ``held_back`` because a safety notice is open.
    """
    status = suggestion.status
    if status is SuggestionStatus.OFFERED and now_ns >= suggestion.expire_wall_time_ns:
        return replace(suggestion, status=SuggestionStatus.EXPIRED, update_wall_time_ns=now_ns)
    if status in PURSUED:
        left_ns = suggestion.update_wall_time_ns + round((pursued_minutes + suggestion.minutes) * MINUTE_NS)
        if now_ns >= max(left_ns, suggestion.expire_wall_time_ns):
            return replace(suggestion, status=SuggestionStatus.EXPIRED, update_wall_time_ns=now_ns)
    if status is SuggestionStatus.SNOOZED and now_ns >= suggestion.snooze_until_wall_time_ns and not held_back:
        return replace(
            suggestion,
            status=SuggestionStatus.OFFERED,
            expire_wall_time_ns=now_ns + round(settings.expire_minutes * MINUTE_NS),
            snooze_until_wall_time_ns=0,
            update_wall_time_ns=now_ns,
        )
    return suggestion


def withdrawn(suggestion: Suggestion, now_ns: int) -> Suggestion:
    """``suggestion`` taken back before it could expire: something better stands in its place, or help comes first."""
    before_its_time_ns = min(now_ns, suggestion.expire_wall_time_ns - 1)
    return replace(suggestion, status=SuggestionStatus.EXPIRED, update_wall_time_ns=before_its_time_ns)


def was_withdrawn(suggestion: Suggestion) -> bool:
    """Whether it ended before its time and says nothing of what the person wanted."""
    return (
        suggestion.status is SuggestionStatus.EXPIRED
        and suggestion.update_wall_time_ns < suggestion.expire_wall_time_ns
    )


def _what_is_possible(suggestion: Suggestion, kind: ResponseKind, possible: Sequence[ResponseKind]) -> str:
    what = f"suggestion {suggestion.suggestion_id} is {suggestion.status.value}"
    if not possible:
        return f"{what} and can no longer be answered; ask for a new one"
    return f"{what}, so {kind.value} does not fit; possible now: {', '.join(each.value for each in possible)}"
