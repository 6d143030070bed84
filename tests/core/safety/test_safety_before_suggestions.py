"""The whole of suggestions with the whole of safety: no asking and no snoozing gets an activity past an open notice."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from ertedge.config import SafetySettings
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.safety.safety import Safety
from ertedge.core.suggestions.learner import Learner
from ertedge.core.suggestions.suggestions import Suggestions
from ertedge.errors import SafetyFirstError
from ertedge.types import Emotion, NoticeResponse, RedFlag, ResponseKind, SilenceReason, Suggestion, SuggestionStatus
from tests.core.fakes import FakeStore
from tests.core.safety.test_safety import LINES
from tests.core.suggestion_fakes import ALWAYS, SuggestionHouse

MINUTE = 60


class WholeHouse(SuggestionHouse):
    """Suggestions of the real parts, and real safety before them."""

    def __init__(self, store: FakeStore) -> None:
        super().__init__(lambda: store)
        self.real_safety = Safety(
            settings=SafetySettings(severe_minutes=20.0),
            server=self.server_settings,
            clock=self.clock,
            recorder=PersonalRecorder(self.recorder, 0),
            helplines=LINES,
        )
        self.suggestions = Suggestions(
            settings=ALWAYS,
            server=self.server_settings,
            clock=self.clock,
            log=self.log,
            activities=self.activities,
            safety=self.real_safety,
            learner=Learner(self.recommender, self.log, PersonalRecorder(self.recorder, 0), self.clock),
            source=lambda: self.source,
            generator=np.random.default_rng(1),
            off_detail="",
        )

    async def start(self) -> None:
        await super().start()
        await self.real_safety.start()

    async def is_refused(self) -> bool:
        with pytest.raises(SafetyFirstError, match="help comes first"):
            await self.suggestions.request()
        return self.suggestions.current is None


def lived(scenario: Callable[[WholeHouse, FakeStore], Awaitable[None]]) -> None:
    async def whole() -> None:
        store = FakeStore()
        house = WholeHouse(store)
        await house.start()
        await scenario(house, store)
        await house.recorder.stop()

    asyncio.run(whole())


def offered_while_sad(house: WholeHouse) -> Suggestion:
    for _ in range(10):
        house.feel(Emotion.SADNESS, MINUTE)
        if house.suggestions.current is not None:
            return house.suggestions.current
    raise AssertionError("ten sad minutes brought no offer")


def test_asking_again_and_again_gets_nothing_while_a_notice_is_open() -> None:
    async def scenario(house: WholeHouse, _store: FakeStore) -> None:
        notice = house.real_safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS)
        for _ in range(20):
            assert await house.is_refused()
        for answer in (NoticeResponse.NOT_NOW, NoticeResponse.SAFE, NoticeResponse.NEED_HELP, NoticeResponse.SAFE):
            await house.real_safety.respond(notice.notice_id, answer)
            assert await house.is_refused()

    lived(scenario)


def test_an_offer_snoozed_to_get_around_it_does_not_come_back() -> None:
    async def scenario(house: WholeHouse, store: FakeStore) -> None:
        offered = offered_while_sad(house)
        await house.respond(offered, ResponseKind.SNOOZE, snooze_seconds=15 * MINUTE)
        house.feel(Emotion.SADNESS, 21 * MINUTE)
        notice = house.real_safety.notice
        assert notice is not None
        assert notice.open
        assert await house.is_refused()
        house.feel(Emotion.NEUTRAL, 20 * MINUTE)
        assert house.real_safety.is_open
        assert house.suggestions.current is None
        assert (await house.suggestions.suggestion(offered.suggestion_id)).status is SuggestionStatus.EXPIRED
        await house.recorder.flush()
        since_ns = notice.wall_time_ns
        silences = {each.silence for each in store.decisions.values() if each.context.wall_time_ns > since_ns}
        assert silences == {SilenceReason.SAFETY}

    lived(scenario)


def test_when_it_has_closed_suggestions_are_back() -> None:
    async def scenario(house: WholeHouse, _: FakeStore) -> None:
        house.feel(Emotion.SADNESS, 22 * MINUTE)
        notice = house.real_safety.notice
        assert notice is not None
        assert notice.open
        for minutes in (31, 181, 0):
            await house.real_safety.respond(notice.notice_id, NoticeResponse.SAFE)
            house.feel(Emotion.NEUTRAL, minutes * MINUTE, every=5)
        assert not house.real_safety.is_open
        assert (await house.suggestions.request()).status is SuggestionStatus.OFFERED

    lived(scenario)
