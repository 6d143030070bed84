"""The adversarial dialogues of tests/recommend/adversarial, played against the whole of safety in the core.

A step lives through some minutes, waits, restarts, moves the wall clock, raises a flag, asks for help, answers, asks for
suggestions; then what it names is asserted, and always: at most one notice is open; while one is, no activity may be
suggested; help lines are there, with the emergency number; an open notice asks again within a day; its message says what
the device is not.
"""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from ertedge.recommend.safety import eligible
from ertedge.types import Emotion, NoticeKind, NoticeResponse, RedFlag, SafetyCause, SafetyNotice
from tests.core.safety.test_safety import HOUR_NS, LINES, MINUTE_NS, House
from tests.recommend.test_safety import an_activity, calm

FOLDER = Path(__file__).parent.parent.parent / "recommend" / "adversarial"


class Step(BaseModel):
    """What happens, in this order, and what is expected then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    live: Emotion | None = None
    minutes: float = 0.0
    valence: float | None = None
    confidence: float = 0.8
    synthetic: bool = False
    wait: float = 0.0
    clock_hours: float = 0.0
    restart_off_hours: float | None = None
    power_cut: bool = False
    flag: RedFlag | None = None
    help: str | None = None
    respond: NoticeResponse | None = None
    text: str = ""
    text_times: int = 1
    text_end: str = ""
    request_id: str = ""
    suggest: int = 0
    times: int = 1

    open: bool
    kind: NoticeKind | None = None
    cause: SafetyCause | None = None
    asks: int | None = None
    denials: int | None = None
    notices: int | None = None
    asked_within_minutes: float | None = None
    synthetic_notice: bool | None = None


class Dialogue(BaseModel):
    """A sequence of steps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    steps: tuple[Step, ...]


def dialogues() -> list[Dialogue]:
    return [
        Dialogue.model_validate(each)
        for path in sorted(FOLDER.glob("*.toml"))
        for each in tomllib.loads(path.read_text("utf-8"))["dialogue"]
    ]


async def take(house: House, step: Step) -> None:
    if step.live:
        house.live(step.live, step.minutes, synthetic=step.synthetic, valence=step.valence, confidence=step.confidence)
    if step.clock_hours:
        house.clock.wall_offset_ns += round(step.clock_hours * HOUR_NS)
    if step.power_cut:
        await house.restart(orderly=False)
    for _ in range(step.times):
        if step.wait:
            await house.wait(round(step.wait * MINUTE_NS))
        if step.restart_off_hours is not None:
            await house.restart(round(step.restart_off_hours * HOUR_NS))
        if step.flag:
            house.safety.raise_red_flag(step.flag)
        if step.help is not None:
            asked = await house.safety.ask_for_help(step.help)
            assert asked.helplines
            assert asked.plan is not None
        if step.respond:
            newest = house.safety.notice
            assert newest is not None
            text = step.text * step.text_times + step.text_end
            answered = await house.safety.respond(newest.notice_id, step.respond, text, step.request_id)
            assert answered.helplines
    for _ in range(step.suggest):
        assert not suggestible(house)
    await house.safety.tick()


def suggestible(house: House) -> bool:
    open_now = house.safety.is_open
    return bool(eligible([an_activity()], calm(), house.safety.conditions, reviewed_only=False, notice_open=open_now))


async def check_what_holds_always(house: House) -> None:
    listed, _ = await house.safety.list_notices(limit=100, before=None, only_open=True)
    assert len(listed) == house.safety.is_open
    assert suggestible(house) is not house.safety.is_open
    assert house.safety.helplines() == LINES.entries
    for notice in listed:
        assert notice == house.safety.notice
        assert 0 <= notice.ask_wall_time_ns - house.clock.wall_ns() <= 24 * HOUR_NS
        assert "999" in notice.message
        assert "not an emergency service" in notice.message
        assert notice.ask_count >= 1


async def check_what_is_expected(house: House, step: Step) -> None:
    assert house.safety.is_open is step.open
    notice = house.safety.notice
    if step.notices is not None:
        every, _ = await house.safety.list_notices(limit=100, before=None, only_open=False)
        assert len(every) == step.notices
    if notice is not None:
        check_the_notice(house, step, notice)


def check_the_notice(house: House, step: Step, notice: SafetyNotice) -> None:
    assert step.kind in (None, notice.kind)
    assert step.cause in (None, notice.cause)
    assert step.asks in (None, notice.ask_count)
    assert step.denials in (None, house.safety.denials)
    assert step.synthetic_notice in (None, notice.synthetic)
    if step.asked_within_minutes is not None:
        assert notice.ask_wall_time_ns - house.clock.wall_ns() <= step.asked_within_minutes * MINUTE_NS


@pytest.mark.parametrize("dialogue", dialogues(), ids=lambda dialogue: dialogue.name)
def test_dialogue(dialogue: Dialogue) -> None:
    async def played() -> None:
        house = House()
        await house.safety.start()
        for number, step in enumerate(dialogue.steps, 1):
            await take(house, step)
            try:
                await check_what_holds_always(house)
                await check_what_is_expected(house, step)
            except AssertionError as error:
                error.add_note(f"after step {number}: {step!r}; the notice is {house.safety.notice!r}")
                raise
        await house.recorder.stop()

    asyncio.run(played())
