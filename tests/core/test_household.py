"""People share nothing but numbers; whoever is in front is meant; an erased person's part goes from memory and the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ertedge.config import SafetySettings, ServerSettings, StoreSettings
from ertedge.core.household import Household, PersonalParts
from ertedge.core.numbers import SharedNumbers
from ertedge.core.people.consent_texts import load_consent_texts
from ertedge.core.people.people import People
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.safety.safety import Safety
from ertedge.core.suggestions.activities import Activities
from ertedge.core.suggestions.learner import Learner
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.core.suggestions.suggestions import Suggestions
from ertedge.errors import NotFoundError
from ertedge.recommend.catalogue import Catalogue
from ertedge.recommend.helplines import load_helplines
from ertedge.store.store import Store
from ertedge.types import (
    EmotionState,
    NoticeResponse,
    Presence,
    PresenceKind,
    Purpose,
    RedFlag,
    ResponseKind,
    SafetyNotice,
    SafetyPlan,
    Suggestion,
    SuggestionResponse,
)
from tests.core.fakes import FakeClock
from tests.core.suggestion_fakes import ACTIVITIES, ALWAYS, NOON_NS, FakeRecommender
from tests.store.samples import state

SERVER = ServerSettings(heartbeat_seconds=60.0)


class House:
    """A household of the real parts on a real store."""

    def __init__(self, path: Path) -> None:
        self.clock = FakeClock(wall_offset_ns=NOON_NS)
        self.recorder = Recorder(lambda: Store.open(path, StoreSettings(free_bytes_least=0)), self.clock)
        self.people = People(self.recorder, self.clock, load_consent_texts())
        self.activities = Activities(Catalogue(ACTIVITIES), self.recorder, self.clock, "en")
        self.numbers = SharedNumbers()
        self.recommenders: dict[int, FakeRecommender] = {}
        self.household = Household(people=self.people, make=self.make, clock=self.clock, server=SERVER)
        self.people.subscribe(
            lambda profile_id, _purpose, given: None if given else self.recorder.drop_states(profile_id)
        )
        self.people.on_erased(self.recorder.drop)

    def make(
        self,
        profile_id: int,
        *,
        suggested: Callable[[Suggestion], None],
        noticed: Callable[[SafetyNotice], None],
    ) -> PersonalParts:
        history = PersonalRecorder(self.recorder, profile_id, lambda: self.people.may(profile_id, Purpose.KEEP_HISTORY))
        safety = Safety(
            settings=SafetySettings(),
            server=SERVER,
            clock=self.clock,
            recorder=PersonalRecorder(self.recorder, profile_id, lambda: self.people.has(profile_id)),
            helplines=load_helplines(),
            numbers=self.numbers.notices,
            told=noticed,
        )
        log = SuggestionLog(history, self.clock, self.numbers)
        self.recommenders[profile_id] = FakeRecommender()
        suggestions = Suggestions(
            settings=ALWAYS,
            server=SERVER,
            clock=self.clock,
            log=log,
            activities=self.activities,
            safety=safety,
            learner=Learner(self.recommenders[profile_id], log, history, self.clock),
            source=lambda: "camera",
            generator=np.random.default_rng(1),
            told=suggested,
        )
        return PersonalParts(suggestions, safety)

    async def start(self) -> None:
        await self.recorder.start()
        await self.people.start()
        await self.household.start()

    async def add(self, name: str, *purposes: Purpose) -> int:
        profile = await self.people.create(name)
        for purpose in purposes:
            text = self.people.text(purpose, profile.profile_id)
            await self.people.give(
                profile.profile_id, purpose, version=text.version, language=text.language, digest=text.digest
            )
        return profile.profile_id

    async def stop(self) -> None:
        self.household.stop()
        await self.recorder.stop()


def run(path: Path, scenario: Callable[[House], Awaitable[None]]) -> None:
    async def inside() -> None:
        house = House(path / "ertedge.db")
        await house.start()
        try:
            async with asyncio.timeout(20):
                await scenario(house)
        finally:
            await house.stop()

    asyncio.run(inside())


def of(profile_id: int, sequence: int = 1) -> EmotionState:
    return replace(state(sequence), profile_id=profile_id, synthetic=False)


def in_front(profile_id: int, kind: PresenceKind = PresenceKind.PROFILE) -> Presence:
    return Presence(1, kind, profile_id)


def everything_in(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in sorted(folder.iterdir()))


def test_people_share_neither_history_nor_learning_nor_plan_nor_notices_but_numbers(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        first = await house.add("Ada", Purpose.KEEP_HISTORY)
        second = await house.add("Ben", Purpose.KEEP_HISTORY)
        ada, ben = await house.household.of(first), await house.household.of(second)
        made = [await parts.suggestions.request("same") for parts in (ada, ben, ada)]
        assert [each.suggestion_id for each in made] == [1, 2, 1]
        await ada.suggestions.respond(SuggestionResponse(1, ResponseKind.COMPLETE, 0, 5, request_id="done"))
        assert house.recommenders[first].taught.keys() == {1}
        assert house.recommenders[second].taught == {}
        with pytest.raises(NotFoundError):
            await ben.suggestions.respond(SuggestionResponse(1, ResponseKind.DISMISS, 0, request_id="done"))
        await ada.safety.update_plan(SafetyPlan(warning_signs=("tired",)))
        assert ben.safety.plan == SafetyPlan()
        raised = [parts.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS) for parts in (ada, ben)]
        assert [each.notice_id for each in raised] == [1, 2]
        assert (await house.household.of()).safety.notice is None, "two people, and none in front: nobody's"
        notices, _ = await ben.safety.list_notices(limit=9, before=None, only_open=False)
        assert [each.notice_id for each in notices] == [2]
        assert [each.suggestion_id for each in (await ada.suggestions.page(limit=9, before=None)).suggestions] == [1]

    run(tmp_path, scenario)


def test_all_of_it_outlives_a_restart_for_each_person(tmp_path: Path) -> None:
    async def before(house: House) -> None:
        for name in ("Ada", "Ben"):
            parts = await house.household.of(await house.add(name, Purpose.KEEP_HISTORY))
            await parts.suggestions.request()
            parts.safety.raise_red_flag(RedFlag.SELF_HARM_THOUGHTS)
            await parts.safety.update_plan(SafetyPlan(warning_signs=(name,)))

    async def after(house: House) -> None:
        for number, name in ((1, "Ada"), (2, "Ben")):
            parts = await house.household.of(number)
            notice = parts.safety.notice
            assert notice is not None
            assert (notice.notice_id, notice.open) == (number, True)
            assert parts.safety.plan.warning_signs == (name,)
            assert (await parts.suggestions.suggestion(number)).suggestion_id == number
            await parts.safety.respond(number, NoticeResponse.NOT_NOW)
        third = await house.household.of(await house.add("Cid"))
        assert (await third.suggestions.request()).suggestion_id == 3
        assert third.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE).notice_id == 3

    run(tmp_path, before)
    run(tmp_path, after)


def test_whoever_is_in_front_is_meant_until_somebody_else_comes(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        household = house.household
        assert household.front == 0
        first = await house.add("Ada")
        assert household.front == first, "the only profile"
        second = await house.add("Ben")
        assert household.front == 0
        for presence, meant in (
            (in_front(second), second),
            (in_front(0, PresenceKind.NOBODY), second),
            (in_front(first, PresenceKind.ASSUMED), first),
            (in_front(0, PresenceKind.BYSTANDER), 0),
            (in_front(0, PresenceKind.NOBODY), 0),
            (in_front(second), second),
            (in_front(0, PresenceKind.SEVERAL), 0),
        ):
            household.follow(presence)
            assert household.front == meant
        household.consider(of(first))
        assert household.front == first
        with pytest.raises(NotFoundError):
            await household.of(99)

    run(tmp_path, scenario)


def test_states_go_to_whose_they_are_and_wait_while_their_part_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario(house: House) -> None:
        house.household.consider(of(0))
        first = await house.add("Ada")
        await house.add("Ben")
        seen: list[tuple[int, int]] = []
        made = house.household._make

        def make(profile_id: int, **callbacks: Callable[..., None]) -> PersonalParts:
            parts = made(profile_id, **callbacks)
            monkeypatch.setattr(parts.suggestions, "consider", lambda each: seen.append((profile_id, each.sequence)))
            return parts

        monkeypatch.setattr(house.household, "_make", make)
        for sequence in (5, 6):
            house.household.consider(of(first, sequence))
        house.household.consider(of(0, 7))
        assert seen == []
        await house.household.of(first)
        assert seen == [(first, 5), (first, 6)], "what is nobody's says nothing of anybody where there are profiles"
        assert house.household.loaded == (0, first), "the other was not needed yet"

    run(tmp_path, scenario)


def test_a_stream_that_names_nobody_follows_whoever_is_in_front(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        household = house.household
        first, second = await house.add("Ada"), await house.add("Ben")
        ada, ben = await household.of(first), await household.of(second)
        household.follow(in_front(first))
        async with (
            aclosing(household.watch_suggestions()) as following,
            aclosing(household.watch_suggestions(second)) as bens,
        ):
            opening = await anext(following)
            assert (opening.suggestion, opening.profile_id) == (None, first)
            assert (await anext(bens)).profile_id == second
            mine = await ada.suggestions.request()
            event = await anext(following)
            assert (event.suggestion, event.profile_id) == (mine, first)
            theirs = await ben.suggestions.request()
            assert (await anext(bens)).suggestion == theirs
            household.follow(in_front(second))
            event = await anext(following)
            assert (event.suggestion, event.profile_id) == (theirs, second), "their own, and no longer the other's"
            household.follow(in_front(0, PresenceKind.BYSTANDER))
            event = await anext(following)
            assert (event.suggestion, event.profile_id) == (None, 0)
        async with aclosing(household.watch_notices()) as following:
            assert (await anext(following)).profile_id == 0
            raised = ada.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE)
            household.follow(in_front(first))
            event_of_safety = await anext(following)
            assert (event_of_safety.notice, event_of_safety.profile_id) == (raised, first)

    run(tmp_path, scenario)


def test_what_is_answered_by_its_number_finds_whose_it_is(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        household = house.household
        first, second = await house.add("Ada"), await house.add("Ben")
        ada = await household.of(first)
        made, raised = await ada.suggestions.request(), ada.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE)
        household.follow(in_front(second))
        assert await household.of_suggestion(made.suggestion_id) is ada
        assert await household.of_notice(raised.notice_id) is ada
        assert await household.of_suggestion(99) is await household.of(second)
        assert await household.of_notice(raised.notice_id, second) is await household.of(second)

    run(tmp_path, scenario)


def test_without_consent_to_a_history_only_safety_is_written(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        person = await house.add("Ada")
        parts = await house.household.of(person)
        made = await parts.suggestions.request("asked")
        await parts.suggestions.respond(SuggestionResponse(made.suggestion_id, ResponseKind.COMPLETE, 0, 4))
        parts.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE)
        await parts.safety.update_plan(SafetyPlan(warning_signs=("tired",)))
        await house.recorder.flush()
        stored = await house.recorder.read(lambda store: store.of(person).safety())
        assert (stored.last_notice_id, stored.plan) == (1, parts.safety.plan)
        assert [each.suggestion_id for each in (await parts.suggestions.page(limit=9, before=None)).suggestions] == [1]
        page = await house.recorder.read(lambda store: store.of(person).list_suggestions(limit=9, before=None))
        decisions = await house.recorder.read(
            lambda store: store.of(person).decisions_since(0, synthetic=False, most=9)
        )
        assert (page.suggestions, decisions) == ((), ())
        assert await house.recorder.read(lambda store: store.of(person).learning(synthetic=False)) is None

    run(tmp_path, scenario)


def test_withdrawing_the_history_is_forgotten_in_memory_too_and_safety_stays(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        person = await house.add("Ada", Purpose.KEEP_HISTORY)
        parts = await house.household.of(person)
        made = await parts.suggestions.request("asked")
        await parts.suggestions.respond(SuggestionResponse(made.suggestion_id, ResponseKind.COMPLETE, 0, 4))
        raised = parts.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE)
        await house.people.withdraw(person, Purpose.KEEP_HISTORY)
        await asyncio.sleep(0)
        assert not parts.suggestions.remembers(made.suggestion_id)
        assert house.recommenders[person].taught == {}
        assert (await parts.suggestions.page(limit=9, before=None)).suggestions == ()
        assert parts.safety.notice is not None
        assert parts.safety.notice.notice_id == raised.notice_id

    run(tmp_path, scenario)


def test_an_erased_person_is_gone_from_memory_streams_and_every_file(tmp_path: Path) -> None:
    async def scenario(house: House) -> None:
        household = house.household
        first, second = await house.add("Ada", Purpose.KEEP_HISTORY), await house.add("Ben", Purpose.KEEP_HISTORY)
        ada = await household.of(first)
        household.follow(in_front(first))
        await ada.safety.update_plan(SafetyPlan(warning_signs=("Marmaduke Featherstonehaugh",)))
        await ada.suggestions.request()
        house.recorder.record(of(first))
        assert b"Marmaduke" in everything_in(tmp_path)
        async with (
            aclosing(household.watch_suggestions(first)) as watching,
            aclosing(household.watch_suggestions()) as following,
        ):
            await anext(watching)
            await anext(following)
            await house.people.delete(first)
            with pytest.raises(StopAsyncIteration):
                await anext(watching)
            event = await anext(following)
            assert (event.suggestion, event.profile_id) == (None, second), "the only profile that is left"
        assert household.loaded == (0,)
        with pytest.raises(NotFoundError):
            await household.of(first)
        household.consider(of(first))
        assert household.loaded == (0,), "a state that comes late makes nobody anew"
        ada.safety.raise_red_flag(RedFlag.EXTREMELY_SEVERE)  # somebody held on to what is gone
        await house.recorder.flush()
        assert b"Marmaduke" not in everything_in(tmp_path)
        assert await house.recorder.read(lambda store: store.of(first).safety().last_notice_id) == 0

    run(tmp_path, scenario)
