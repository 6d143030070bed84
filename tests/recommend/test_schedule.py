"""Local days, quiet hours, check-ins and the slots of a trial."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.config import SuggestionSettings
from ertedge.recommend.schedule import Schedule, clock_hours, day_at, hour_at
from ertedge.types import Decision, SilenceReason, Trigger
from tests.recommend.worlds import FIRST_DAY, FIRST_WALL, HOUR, context_at

SETTINGS = SuggestionSettings()


def decided(hours: float, trigger: Trigger = Trigger.CHECK_IN, *, jump_hours: float = 0.0) -> Decision:
    context = context_at(hours, jump_hours=jump_hours)
    return Decision(1, context, trigger, 0.5, (), "", SilenceReason.CHANCE, "", "")


def test_moments_are_told_from_the_decision() -> None:
    context = context_at(36.5)
    assert (context.day, context.hour) == (FIRST_DAY + 1, 12.5)
    assert hour_at(context, FIRST_WALL + 23 * HOUR) == pytest.approx(23.0)
    assert day_at(context, FIRST_WALL + 23 * HOUR) == FIRST_DAY
    assert day_at(context, FIRST_WALL - HOUR) == FIRST_DAY - 1
    assert day_at(context, FIRST_WALL + 49 * HOUR) == FIRST_DAY + 2


@pytest.mark.parametrize(
    ("quiet", "quiet_hours", "loud_hours"),
    [
        (("22:00", "07:00"), (22.0, 23.9, 0.0, 6.99), (7.0, 12.0, 21.99)),
        (("01:30", "09:00"), (1.5, 8.9), (0.0, 1.4, 9.0, 23.9)),
        (("12:00", "12:00"), (), (0.0, 11.9, 12.0, 23.9)),
    ],
)
def test_quiet_hours_may_run_over_midnight(
    quiet: tuple[str, str], quiet_hours: tuple[float, ...], loud_hours: tuple[float, ...]
) -> None:
    schedule = Schedule(SuggestionSettings(quiet_from=quiet[0], quiet_until=quiet[1]))
    assert all(schedule.is_quiet(hour) for hour in quiet_hours)
    assert not any(schedule.is_quiet(hour) for hour in loud_hours)
    assert schedule.waking_hours == 24.0 - (clock_hours(quiet[1]) - clock_hours(quiet[0])) % 24.0


def test_a_waking_day_runs_to_the_quiet_hours_after_it() -> None:
    late = Schedule(SuggestionSettings(quiet_from="02:00", quiet_until="09:00"))
    assert [late.waking_day(context_at(h)) - FIRST_DAY for h in (8.9, 9.0, 23.0, 25.5, 33.0)] == [-1, 0, 0, 0, 1]
    assert late.elapsed(9.0) == 0.0
    assert late.elapsed(0.0) == pytest.approx(15 / 17)
    assert late.elapsed(3.0) == 1.0
    assert Schedule(SETTINGS).elapsed(14.5) == pytest.approx(0.5)


def test_a_check_in_comes_once_a_day_and_time_within_half_an_hour() -> None:
    schedule = Schedule(SETTINGS)
    assert [schedule.check_in_is_due(context_at(h), []) for h in (10.9, 11.0, 11.4, 11.5, 16.2)] == [
        False,
        True,
        True,
        False,
        True,
    ]
    eleven = [decided(11.1)]
    assert not schedule.check_in_is_due(context_at(11.2), eleven)
    assert schedule.check_in_is_due(context_at(16.0), eleven)
    assert schedule.check_in_is_due(context_at(35.1), eleven)
    assert schedule.check_in_is_due(context_at(11.2), [decided(11.1, Trigger.SUSTAINED_STATE)])


def test_a_clock_set_back_brings_no_check_in_twice() -> None:
    schedule = Schedule(SETTINGS)
    assert not schedule.check_in_is_due(context_at(12.2, jump_hours=-1.0), [decided(11.1)])


def test_a_trial_draws_one_moment_in_each_slot_of_the_waking_day() -> None:
    schedule = Schedule(SETTINGS, seed=5)
    assert schedule.slots == 15
    decisions: list[Decision] = []
    for minute in range(0, 3 * 24 * 60, 2):
        if schedule.slot_is_due(context_at(minute / 60.0), decisions):
            decisions.append(decided(minute / 60.0, Trigger.MICRO_RANDOMISED))
    assert len(decisions) == 45
    hours = np.array([each.context.hour for each in decisions])
    assert sorted(int(h) for h in hours) == sorted(list(range(7, 22)) * 3)
    assert len({round(h % 1.0, 2) for h in hours}) > 10
    assert (hours % 1.0).max() < 0.95


def test_the_moments_of_a_trial_come_from_its_seed() -> None:
    def first_due(seed: int) -> list[int]:
        schedule = Schedule(SETTINGS, seed=seed)
        return [next(m for m in range(60) if schedule.slot_is_due(context_at(h + m / 60), [])) for h in range(7, 22)]

    assert first_due(1) == first_due(1)
    assert first_due(1) != first_due(2)


def test_the_first_moment_of_a_day_is_on_that_day_from_wherever_it_is_told() -> None:
    schedule = Schedule(SETTINGS)
    for minutes in range(7 * 60, 72 * 60, 10):
        context = context_at(minutes / 60.0)
        for day in range(3):
            assert schedule.waking_day(context, FIRST_WALL + (24 * day + 7) * HOUR) == FIRST_DAY + day
