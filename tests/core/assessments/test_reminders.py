"""Reminders: every two weeks, at most one a period, not at night, not while help comes first, not when off."""

from __future__ import annotations

import asyncio

import pytest

from ertedge.config import AssessmentSettings, SuggestionSettings
from ertedge.errors import NotFoundError, StoreError
from ertedge.types import RedFlag
from tests.core.assessment_desk import DAY_NS, HOUR_NS, Desk, whole

NIGHT = SuggestionSettings(timezone="UTC", quiet_from="22:00", quiet_until="07:00")


async def standing(desk: Desk) -> int:
    await desk.reminders.tick()
    return len(await desk.reminders.standing(1))


def test_one_comes_after_two_weeks_and_the_next_two_weeks_after_it() -> None:
    async def run() -> None:
        desk = await Desk().start()
        assert await standing(desk) == 0
        await desk.done(whole(0))
        days = []
        for day in range(1, 45):
            desk.pass_ns(DAY_NS)
            if await standing(desk):
                days.append(day)
        assert days == [14, 28, 42]
        await desk.recorder.flush()
        (reminder,) = desk.store.assessments.given.values()
        assert reminder.questionnaire_id == "dass21"

    asyncio.run(run())


def test_it_goes_when_it_is_answered_dismissed_or_a_day_old() -> None:
    async def run() -> None:
        desk = await Desk().start()
        await desk.done(whole(0))
        desk.pass_ns(14 * DAY_NS)
        assert await standing(desk) == 1
        desk.reminders.dismiss(1, "dass21")
        assert await standing(desk) == 0
        desk.reminders.dismiss(1, "dass21")
        desk.pass_ns(14 * DAY_NS)
        assert await standing(desk) == 1
        await desk.done(whole(0))
        assert await standing(desk) == 0
        desk.pass_ns(14 * DAY_NS)
        assert await standing(desk) == 1
        desk.pass_ns(DAY_NS)
        assert await standing(desk) == 0
        with pytest.raises(NotFoundError, match="no reminder of phq9"):
            desk.reminders.dismiss(1, "phq9")
        with pytest.raises(NotFoundError):
            desk.reminders.dismiss(2, "dass21")

    asyncio.run(run())


def test_a_restart_reminds_nobody_twice() -> None:
    async def run() -> None:
        desk = await Desk().start()
        await desk.done(whole(0))
        desk.pass_ns(14 * DAY_NS)
        assert await standing(desk) == 1
        desk.reminders.dismiss(1, "dass21")
        await desk.recorder.flush()
        again = await Desk(store=desk.store, clock=desk.clock).start()
        assert await standing(again) == 0
        again.pass_ns(13 * DAY_NS)
        assert await standing(again) == 0
        again.pass_ns(DAY_NS)
        assert await standing(again) == 1

    asyncio.run(run())


def test_the_night_is_quiet() -> None:
    async def run() -> None:
        desk = await Desk(quiet=NIGHT).start()
        await desk.done(whole(0))
        desk.pass_ns(14 * DAY_NS + 11 * HOUR_NS)  # 23:00
        assert await standing(desk) == 0
        await desk.recorder.flush()
        assert desk.store.assessments.given == {}
        desk.pass_ns(9 * HOUR_NS)  # 8:00
        assert await standing(desk) == 1
        desk.pass_ns(15 * HOUR_NS)  # 23:00 again: it stands, and is not shown
        assert await standing(desk) == 0

    asyncio.run(run())


def test_none_comes_and_none_is_shown_while_a_safety_notice_is_open() -> None:
    async def run() -> None:
        desk = await Desk().start()
        await desk.done(whole(0))
        desk.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE)
        desk.pass_ns(14 * DAY_NS)
        assert await standing(desk) == 0
        desk.safety.close()
        assert await standing(desk) == 1
        desk.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE)
        assert await standing(desk) == 0

    asyncio.run(run())


def test_off_is_off_and_another_questionnaire_is_another() -> None:
    async def run() -> None:
        off = await Desk(settings=AssessmentSettings(reminders=False)).start()
        await off.done(whole(0))
        off.pass_ns(14 * DAY_NS)
        assert await standing(off) == 0
        gad = await Desk(settings=AssessmentSettings(reminder_questionnaire="gad7", reminder_days=7.0)).start()
        await gad.done(whole(0))
        await gad.done(whole(0, "gad7"), "gad7")
        gad.pass_ns(7 * DAY_NS)
        assert await standing(gad) == 1
        (reminder,) = await gad.reminders.standing(1)
        assert reminder.questionnaire_id == "gad7"

    asyncio.run(run())


def test_whoever_has_no_history_or_is_gone_leaves_nothing() -> None:
    async def run() -> None:
        desk = await Desk().start()
        desk.without_history.add(1)
        await desk.done(whole(0))
        desk.pass_ns(14 * DAY_NS)
        assert await standing(desk) == 1
        await desk.recorder.flush()
        assert desk.store.assessments.given == {}
        desk.reminders.forget(1)
        assert await standing(desk) == 0

    asyncio.run(run())


def test_without_the_store_nobody_is_reminded_and_nothing_breaks() -> None:
    async def run() -> None:
        desk = Desk()
        desk.store.trouble = StoreError("the disk is gone")
        await desk.start()
        assert await standing(desk) == 0

    asyncio.run(run())
