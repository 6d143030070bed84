"""Safety in the core: notices, the plan and helplines, with a store that works, fails, comes back, and over restarts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from ertedge.config import SafetySettings, ServerSettings
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.safety.safety import Safety
from ertedge.errors import InvalidRequestError, NotFoundError, StoreReadOnlyError
from ertedge.recommend.helplines import HelplineDirectory
from ertedge.types import (
    Emotion,
    EmotionState,
    HealthCondition,
    Helpline,
    NoticeKind,
    NoticeResponse,
    RedFlag,
    SafetyCause,
    SafetyContact,
    SafetyPlan,
)
from tests.core.fakes import SECOND_NS, FakeClock, FakeStore, leaning

MINUTE_NS = 60 * SECOND_NS
HOUR_NS = 60 * MINUTE_NS
LINES = HelplineDirectory(
    (
        Helpline(
            "GB", "Emergency", "999", "phone", "always", ("en",), "https://example.org", "2026-11-25", emergency=True
        ),
        Helpline(
            "international",
            "Everywhere",
            "https://example.org",
            "web",
            "always",
            ("en",),
            "https://example.org",
            "2026-11-25",
        ),
    )
)


def feeling(
    clock: FakeClock,
    emotion: Emotion = Emotion.SADNESS,
    *,
    synthetic: bool = False,
    valence: float | None = None,
    confidence: float = 0.8,
) -> EmotionState:
    """A confident state now: strongly negative where the emotion is."""
    usual = {Emotion.HAPPINESS: 0.6, Emotion.NEUTRAL: 0.0, Emotion.UNKNOWN: 0.0}.get(emotion, -0.5)
    return EmotionState(
        sequence=1,
        timestamp_ns=clock.now_ns,
        wall_time_ns=clock.wall_ns(),
        emotion=emotion,
        probabilities=leaning(Emotion.SADNESS),
        valence=usual if valence is None else valence,
        arousal=-0.2,
        confidence=confidence,
        since_ns=clock.now_ns,
        shares=(),
        synthetic=synthetic,
    )


class House:
    """Safety on a real recorder, a store in memory and clocks moved by hand; ``restart`` makes it anew on the same store."""

    def __init__(self, store: FakeStore | None = None, clock: FakeClock | None = None) -> None:
        self.clock, self.store = clock or FakeClock(), store or FakeStore()
        self.settings = SafetySettings(region="GB", severe_minutes=20.0)
        self.make()

    def make(self) -> None:
        self.recorder = Recorder(lambda: self.store, self.clock)
        self.safety = Safety(
            settings=self.settings,
            server=ServerSettings(heartbeat_seconds=0.05, watcher_buffer=4),
            clock=self.clock,
            recorder=PersonalRecorder(self.recorder, 0),
            helplines=LINES,
            conditions=(HealthCondition.EPILEPSY,),
        )

    async def restart(self, off_ns: int = 0, *, orderly: bool = True) -> None:
        """``off_ns`` passes on the wall clock while the device is off; the monotonic clock begins anew."""
        if orderly:
            self.safety.stop()
            await self.recorder.stop()
        wall_ns = self.clock.wall_ns() + off_ns
        self.clock.now_ns = 5 * SECOND_NS
        self.clock.wall_offset_ns = wall_ns - self.clock.now_ns
        self.make()
        await self.safety.start()

    def live(
        self,
        emotion: Emotion,
        minutes: float,
        *,
        synthetic: bool = False,
        valence: float | None = None,
        confidence: float = 0.8,
    ) -> None:
        """States every five seconds."""
        for _ in range(round(minutes * 12)):
            self.clock.now_ns += 5 * SECOND_NS
            state = feeling(self.clock, emotion, synthetic=synthetic, valence=valence, confidence=confidence)
            self.safety.consider(state)

    async def wait(self, span_ns: int) -> None:
        self.clock.now_ns += span_ns
        await self.safety.tick()


def in_house(scenario: Callable[[House], Awaitable[None]], house: House | None = None) -> None:
    async def lived() -> None:
        inhabited = house or House()
        await inhabited.safety.start()
        await scenario(inhabited)
        await inhabited.recorder.stop()

    asyncio.run(lived())


def test_a_severe_state_that_lasts_raises_one_check_in() -> None:
    async def scenario(house: House) -> None:
        house.live(Emotion.SADNESS, 19.5)
        assert not house.safety.is_open
        house.live(Emotion.SADNESS, 1.0)
        notice = house.safety.notice
        assert house.safety.is_open
        assert notice is not None
        assert (notice.notice_id, notice.kind, notice.cause) == (1, NoticeKind.CHECK_IN, SafetyCause.SEVERE_STATE)
        assert "999" in notice.message
        assert notice.ask_wall_time_ns - notice.wall_time_ns == 30 * MINUTE_NS
        house.live(Emotion.FEAR, 29.0)
        assert replace(house.safety.notice or notice, ask_wall_time_ns=0) == replace(notice, ask_wall_time_ns=0)
        await house.recorder.flush()
        assert list(house.store.notices) == [1]

    in_house(scenario)


def test_answers_give_helplines_and_outlive_a_restart() -> None:
    async def scenario(house: House) -> None:
        asked = await house.safety.ask_for_help()
        assert asked.helplines == LINES.entries
        assert asked.plan == SafetyPlan()
        answered = await house.safety.respond(asked.notice.notice_id, NoticeResponse.SAFE, request_id="a")
        assert answered.helplines == LINES.entries
        assert answered.notice.open
        await house.restart(HOUR_NS)
        notice = house.safety.notice
        assert notice is not None
        assert (notice.notice_id, notice.open, notice.response) == (1, True, NoticeResponse.SAFE)
        again = await house.safety.respond(1, NoticeResponse.SAFE, request_id="a")
        assert again.notice == notice
        house.live(Emotion.NEUTRAL, 1.0)
        assert house.safety.notice.ask_count == 2  # type: ignore[union-attr]

    in_house(scenario)


def test_a_repeated_request_changes_nothing_unless_it_is_graver() -> None:
    async def scenario(house: House) -> None:
        number = (await house.safety.ask_for_help()).notice.notice_id
        first = await house.safety.respond(number, NoticeResponse.NOT_NOW, request_id="r")
        house.clock.now_ns += HOUR_NS
        again = await house.safety.respond(number, NoticeResponse.NOT_NOW, request_id="r")
        assert again.notice.response_wall_time_ns == first.notice.response_wall_time_ns
        graver = await house.safety.respond(number, NoticeResponse.NOT_NOW, "i want to die", request_id="r")
        assert graver.notice.cause is SafetyCause.CRISIS_WORDS

    in_house(scenario)


def test_notices_need_no_store() -> None:
    async def scenario(house: House) -> None:
        house.store.trouble = StoreReadOnlyError("read-only")
        house.live(Emotion.SADNESS, 21.0)
        assert house.safety.is_open
        notice = house.safety.notice
        assert notice is not None
        answered = await house.safety.respond(notice.notice_id, NoticeResponse.NEED_HELP)
        assert answered.notice.kind is NoticeKind.SUPPORT
        assert await house.safety.list_notices(limit=5, before=None, only_open=True) == ((answered.notice,), None)
        plan = await house.safety.update_plan(SafetyPlan(warning_signs=("no sleep",)))
        assert house.safety.plan == plan
        house.store.trouble = None
        await house.recorder.flush()
        assert house.store.notices[notice.notice_id].kind is NoticeKind.SUPPORT
        assert house.store.plan == plan

    in_house(scenario)


def test_what_an_earlier_run_had_open_is_found_when_the_store_is_back() -> None:
    async def scenario(house: House) -> None:
        house.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS)
        await house.safety.update_plan(SafetyPlan(warning_signs=("no sleep",), coping_strategies=("music",)))
        house.store.trouble = None
        house.safety.stop()
        await house.recorder.stop()
        house.make()
        house.store.trouble = StoreReadOnlyError("read-only")
        await house.safety.start()
        assert not house.safety.is_open
        asked = await house.safety.ask_for_help()
        assert asked.notice.notice_id > 1_000
        await house.safety.update_plan(SafetyPlan(coping_strategies=("a walk",)), ("coping_strategies",))
        house.store.trouble = None
        await house.wait(2 * MINUTE_NS)
        notice = house.safety.notice
        assert notice is not None
        assert (notice.notice_id, notice.cause) == (asked.notice.notice_id, SafetyCause.RED_FLAG)
        open_now, _ = await house.safety.list_notices(limit=9, before=None, only_open=True)
        assert open_now == (notice,)
        assert house.safety.plan.warning_signs == ("no sleep",)
        assert house.safety.plan.coping_strategies == ("a walk",)

    in_house(scenario)


def test_a_record_that_cannot_be_read_loses_no_open_notice(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(house: House) -> None:
        house.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS)
        await house.recorder.stop()
        house.store.watch = "of another time"
        await house.restart(orderly=False)
        notice = house.safety.notice
        assert notice is not None
        assert (notice.open, notice.kind, notice.cause) == (True, NoticeKind.SUPPORT, SafetyCause.RED_FLAG)
        assert "begin anew" in caplog.text
        await house.recorder.flush()
        assert [each.open for _, each in sorted(house.store.notices.items())] == [False, True]

    in_house(scenario)


def test_the_watchers_hear_of_open_notices_changes_and_nothing_twice() -> None:
    async def scenario(house: House) -> None:
        events = house.safety.watch()
        assert (await anext(events)).notice is None
        await house.safety.ask_for_help()
        raised = await anext(events)
        assert raised.notice is not None
        await house.safety.respond(raised.notice.notice_id, NoticeResponse.NOT_NOW)
        changed = await anext(events)
        assert changed.notice is not None
        assert changed.notice.response is NoticeResponse.NOT_NOW
        late = house.safety.watch()
        assert (await anext(late)).notice == changed.notice
        assert (await anext(late)).notice is None
        resumed = house.safety.watch(raised.sequence)
        assert (await anext(resumed)).notice == changed.notice
        for stream in (events, late, resumed):
            await stream.aclose()
        assert house.safety.watcher_count == 0

    in_house(scenario)


def test_an_update_of_the_plan_keeps_what_it_does_not_name() -> None:
    async def scenario(house: House) -> None:
        whole = SafetyPlan(
            warning_signs=("a",), people=(SafetyContact("Ann", "123"),), conditions=(HealthCondition.TRAUMA,)
        )
        await house.safety.update_plan(whole)
        plan = await house.safety.update_plan(SafetyPlan(warning_signs=("b", "c")), ("warning_signs",))
        assert plan.warning_signs == ("b", "c")
        assert plan.people == whole.people
        assert plan.update_wall_time_ns == house.clock.wall_ns()
        assert house.safety.conditions == {HealthCondition.TRAUMA, HealthCondition.EPILEPSY}
        with pytest.raises(InvalidRequestError, match="warning_sings"):
            await house.safety.update_plan(SafetyPlan(), ("warning_sings",))
        await house.restart()
        assert house.safety.plan == plan

    in_house(scenario)


def test_an_unknown_notice_is_an_error_but_never_to_somebody_who_needs_help() -> None:
    async def scenario(house: House) -> None:
        with pytest.raises(NotFoundError, match="safety notice 7"):
            await house.safety.respond(7, NoticeResponse.SAFE)
        answered = await house.safety.respond(7, NoticeResponse.NEED_HELP)
        assert answered.notice.open
        assert answered.helplines
        said = await house.safety.respond(9, NoticeResponse.SAFE, "I don't want to live")
        assert said.notice.cause is SafetyCause.CRISIS_WORDS

    in_house(scenario)


def test_words_are_neither_stored_nor_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario(house: House) -> None:
        secret = "Xyzzy-77 I want to die"
        with caplog.at_level(logging.DEBUG):
            asked = await house.safety.ask_for_help(secret)
            await house.safety.respond(asked.notice.notice_id, NoticeResponse.SAFE, secret, request_id="r")
            await house.restart()
        kept = f"{house.store.watch}{house.store.notices}{house.store.answers}{house.store.entries}"
        assert "CRISIS_WORDS" in kept
        assert "Xyzzy" not in kept
        assert "want to die" not in kept
        assert "Xyzzy" not in caplog.text

    in_house(scenario)


def test_a_simulated_day_passes_as_one_and_its_notice_with_what_is_played() -> None:
    async def scenario(house: House) -> None:
        house.live(Emotion.SADNESS, 21.0, synthetic=True)
        notice = house.safety.notice
        assert notice is not None
        assert notice.synthetic
        for hour in range(1, 30):
            state = feeling(house.clock, Emotion.UNKNOWN, synthetic=True)
            house.safety.consider(replace(state, timestamp_ns=house.clock.now_ns + hour * HOUR_NS))
            assert house.safety.is_open is (hour < 24)
        assert house.safety.notice.ask_count == 3  # type: ignore[union-attr]

    in_house(scenario)


def test_a_real_person_is_not_held_to_what_a_demo_raised() -> None:
    async def scenario(house: House) -> None:
        house.live(Emotion.SADNESS, 21.0, synthetic=True)
        assert house.safety.is_open
        house.live(Emotion.NEUTRAL, 0.2)
        assert not house.safety.is_open

    in_house(scenario)
