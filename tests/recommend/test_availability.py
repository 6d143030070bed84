"""When a person has time, learnt from what became of past suggestions."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ertedge.recommend.availability import FACTOR_LEAST, availability, availability_factor
from ertedge.types import Suggestion, SuggestionStatus, Trigger
from tests.recommend.worlds import context_at, suggestion

DONE, EXPIRED = SuggestionStatus.COMPLETED, SuggestionStatus.EXPIRED
MONDAY_NOON, MONDAY_EVENING, SATURDAY_NOON = 28 * 24 + 13.0, 28 * 24 + 21.0, 33 * 24 + 13.0


def mornings_ignored_evenings_done(weeks: int = 4) -> list[Suggestion]:
    """On working days somebody expires the offer at 13:00 and takes up the one at 21:00."""
    days = [week * 7 + day for week in range(weeks) for day in range(5)]
    return [
        suggestion(2 * i + late, day * 24 + (21.0 if late else 13.0), status=DONE if late else EXPIRED)
        for i, day in enumerate(days)
        for late in (0, 1)
    ]


def test_without_a_past_every_time_is_as_good() -> None:
    assert availability(context_at(12.0), []) == pytest.approx(2 / 3)
    assert availability_factor(context_at(3.0), []) == 1.0


def test_it_learns_the_times_of_day() -> None:
    history = mornings_ignored_evenings_done()
    noon, evening = availability(context_at(MONDAY_NOON), history), availability(context_at(MONDAY_EVENING), history)
    assert noon < 0.2
    assert evening > 0.8
    assert FACTOR_LEAST < availability_factor(context_at(MONDAY_NOON), history) < 0.45
    assert availability_factor(context_at(MONDAY_EVENING), history) == 1.0


def test_the_weekend_is_another_matter() -> None:
    history = mornings_ignored_evenings_done()
    overall = availability(context_at(MONDAY_NOON + 2 * 24 + 16), history)  # at five in the morning, never tried
    assert availability(context_at(SATURDAY_NOON), history) == pytest.approx(overall, abs=0.02)


def test_what_is_open_or_taken_back_or_was_asked_for_says_nothing() -> None:
    silent = [
        suggestion(1, 10.0, status=SuggestionStatus.OFFERED),
        suggestion(2, 11.0, status=SuggestionStatus.SNOOZED),
        replace(suggestion(3, 12.0, status=EXPIRED), trigger=Trigger.REQUEST),
        replace(taken_back := suggestion(4, 12.0, status=EXPIRED), update_wall_time_ns=taken_back.wall_time_ns),
    ]
    assert availability(context_at(12.5), silent) == availability(context_at(12.5), [])


def test_what_is_old_fades() -> None:
    history = [suggestion(i, 13.0 + i / 100, status=EXPIRED) for i in range(20)]
    soon, later = (availability(context_at(13.0 + days * 24), history) for days in (7, 224))
    assert soon < 0.2
    assert later > 0.5


def test_it_is_never_nothing() -> None:
    history = [suggestion(i, 13.0, status=EXPIRED) for i in range(400)]
    assert availability_factor(context_at(14.0), history) > FACTOR_LEAST
