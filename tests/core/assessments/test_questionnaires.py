"""Questionnaires put together for the people of the device: whose language, whose consent, who is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from ertedge.config import AssessmentSettings, SuggestionSettings
from ertedge.core.assessments.questionnaires import Questionnaires, make_questionnaires
from ertedge.core.recorder import Recorder
from ertedge.errors import ConfigurationError
from ertedge.types import Profile, Purpose
from tests.core.assessment_desk import LIBRARY, FakeSafety
from tests.core.fakes import FakeClock, FakeStore


@dataclass
class FakePeople:
    profiles: tuple[Profile, ...] = (Profile(1, "Ann", "de", 0, 0, ""), Profile(2, "Ben", "", 0, 0, ""))
    keep: set[int] = field(default_factory=lambda: {0, 1, 2})
    listeners: list[Callable[[int, Purpose, bool], None]] = field(default_factory=list)
    erased: list[Callable[[int], None]] = field(default_factory=list)

    def language_of(self, profile_id: int) -> str:
        return next((each.language for each in self.profiles if each.profile_id == profile_id), "")

    def may(self, profile_id: int, purpose: Purpose) -> bool:
        return purpose is Purpose.KEEP_HISTORY and profile_id in self.keep

    def subscribe(self, listener: Callable[[int, Purpose, bool], None]) -> None:
        self.listeners.append(listener)

    def on_erased(self, listener: Callable[[int], None]) -> None:
        self.erased.append(listener)


def made(people: FakePeople, store: FakeStore, settings: AssessmentSettings | None = None) -> Questionnaires:
    clock = FakeClock()

    async def safety_of(profile_id: int) -> FakeSafety:
        return FakeSafety(store)

    return make_questionnaires(
        settings or AssessmentSettings(),
        SuggestionSettings(timezone="UTC"),
        library=LIBRARY,
        recorder=Recorder(lambda: store, clock),
        clock=clock,
        people=people,
        safety_of=safety_of,
    )


def test_a_reminder_of_a_questionnaire_that_is_none_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigurationError, match="reminder_questionnaire: 'dass' is none of check-in, dass21"):
        made(FakePeople(), FakeStore(), AssessmentSettings(reminder_questionnaire="dass"))


def test_a_person_is_asked_in_their_language() -> None:
    async def run() -> None:
        assessments = made(FakePeople(), FakeStore()).assessments
        assert (await assessments.begin(1, "check-in")).asked.questionnaire.language == "de"
        assert (await assessments.begin(2, "check-in")).asked.questionnaire.language == "en"

    asyncio.run(run())


@pytest.mark.parametrize("erased", [False, True])
def test_whoever_withdraws_or_is_erased_is_forgotten_and_nobody_else(erased: bool) -> None:
    async def run() -> None:
        people, store = FakePeople(), FakeStore()
        parts = made(people, store)
        await parts.start()
        for profile_id in (1, 2):
            number = (await parts.assessments.begin(profile_id, "dass21")).view.assessment.assessment_id
            for item in LIBRARY.get("dass21").questionnaire.items:
                await parts.assessments.answer(number, item.link_id, "0")
            await parts.assessments.complete(number)
        people.listeners[0](1, Purpose.SENSE_FACE, False)
        people.listeners[0](1, Purpose.KEEP_HISTORY, True)
        assert parts.assessments.scores(1) is not None
        if erased:
            people.erased[0](1)
        else:
            people.keep.discard(1)
            people.listeners[0](1, Purpose.KEEP_HISTORY, False)
        assert parts.assessments.scores(1) is None
        assert parts.assessments.scores(2) is not None

    asyncio.run(run())
