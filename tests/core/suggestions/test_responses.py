"""What a person can do with a suggestion of each status, and what time makes of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ertedge.config import SuggestionSettings
from ertedge.core.suggestions.responses import POSSIBLE, aged, answered, was_withdrawn, withdrawn
from ertedge.errors import PreconditionError
from ertedge.types import ResponseKind, Suggestion, SuggestionResponse, SuggestionStatus
from tests.store.samples import MINUTE_NS, SECOND_NS
from tests.store.suggestion_samples import suggestion

OFFERED = suggestion(3)
NOW_NS = OFFERED.wall_time_ns + 5 * MINUTE_NS
SETTINGS = SuggestionSettings(expire_minutes=30.0)


def being(status: SuggestionStatus, **fields: int) -> Suggestion:
    return replace(OFFERED, status=status, update_wall_time_ns=NOW_NS, **fields)  # type: ignore[arg-type]


def say(kind: ResponseKind, rating: int = 0, snooze_seconds: float = 600.0) -> SuggestionResponse:
    seconds = snooze_seconds if kind is ResponseKind.SNOOZE else 0.0
    return SuggestionResponse(3, kind, NOW_NS, rating, seconds)


@pytest.mark.parametrize("status", [*SuggestionStatus])
@pytest.mark.parametrize("kind", [*ResponseKind])
def test_every_answer_either_moves_on_or_says_what_is_possible(status: SuggestionStatus, kind: ResponseKind) -> None:
    if kind in POSSIBLE[status]:
        changed = answered(being(status), say(kind, rating=4 if kind is ResponseKind.RATE else 0))
        assert changed.update_wall_time_ns == NOW_NS
        assert (changed.status is SuggestionStatus.SNOOZED) == (kind is ResponseKind.SNOOZE)
        assert (changed.snooze_until_wall_time_ns > 0) == (kind is ResponseKind.SNOOZE)
        return
    with pytest.raises(PreconditionError) as caught:
        answered(being(status), say(kind))
    assert status.value in str(caught.value)
    for possible in POSSIBLE[status]:
        assert possible.value in str(caught.value)


def test_the_whole_way() -> None:
    accepted = answered(OFFERED, say(ResponseKind.ACCEPT))
    started = answered(accepted, say(ResponseKind.START))
    done = answered(started, say(ResponseKind.COMPLETE))
    assert (done.status, done.helpfulness) == (SuggestionStatus.COMPLETED, 0)
    rated = answered(done, say(ResponseKind.RATE, 5))
    assert (rated.status, rated.helpfulness) == (SuggestionStatus.COMPLETED, 5)
    assert answered(rated, say(ResponseKind.RATE, 2)).helpfulness == 2


def test_a_rating_may_come_with_the_completion_and_stays() -> None:
    assert answered(OFFERED, say(ResponseKind.COMPLETE, 4)).helpfulness == 4


def test_a_snooze_ends_when_it_was_to_and_gives_the_whole_time_again() -> None:
    snoozed = answered(OFFERED, say(ResponseKind.SNOOZE, snooze_seconds=600))
    until_ns = NOW_NS + 600 * SECOND_NS
    assert snoozed.snooze_until_wall_time_ns == until_ns
    assert aged(snoozed, SETTINGS, until_ns - 1, held_back=False) is snoozed
    assert aged(snoozed, SETTINGS, until_ns, held_back=True) is snoozed
    back = aged(snoozed, SETTINGS, until_ns, held_back=False)
    assert (back.status, back.snooze_until_wall_time_ns) == (SuggestionStatus.OFFERED, 0)
    assert back.expire_wall_time_ns == until_ns + 30 * MINUTE_NS


def test_an_offer_expires_when_it_said_and_what_is_pursued_stays_for_hours() -> None:
    end_ns = OFFERED.expire_wall_time_ns
    assert aged(OFFERED, SETTINGS, end_ns - 1, held_back=False) is OFFERED
    expired = aged(OFFERED, SETTINGS, end_ns, held_back=False)
    assert (expired.status, was_withdrawn(expired)) == (SuggestionStatus.EXPIRED, False)
    for status in (SuggestionStatus.ACCEPTED, SuggestionStatus.STARTED):
        pursued = being(status)
        assert aged(pursued, SETTINGS, NOW_NS + 119 * MINUTE_NS, held_back=False) is pursued
        left = aged(pursued, SETTINGS, NOW_NS + 125 * MINUTE_NS, held_back=False)
        assert (left.status, was_withdrawn(left)) == (SuggestionStatus.EXPIRED, False)


@pytest.mark.parametrize("status", [SuggestionStatus.COMPLETED, SuggestionStatus.DISMISSED, SuggestionStatus.EXPIRED])
def test_what_is_over_stays_as_it_is(status: SuggestionStatus) -> None:
    over = being(status)
    assert aged(over, SETTINGS, NOW_NS + 10**6 * MINUTE_NS, held_back=False) is over


@pytest.mark.parametrize("now_ns", [NOW_NS, OFFERED.expire_wall_time_ns, OFFERED.expire_wall_time_ns + MINUTE_NS])
def test_what_was_taken_back_is_told_from_what_nobody_answered(now_ns: int) -> None:
    taken = withdrawn(OFFERED, now_ns)
    assert taken.status is SuggestionStatus.EXPIRED
    assert was_withdrawn(taken)
