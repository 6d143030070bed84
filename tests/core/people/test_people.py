"""Who uses the device: made, changed, erased, told apart; and what is shown to them, in which language."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ertedge.core.people import people as people_module
from ertedge.core.people import profile_book
from ertedge.errors import (
    ContentChangedError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    StoreError,
    StoreFullError,
)
from ertedge.types import ConsentReceipt, Profile, Purpose
from tests.core.fakes import FakeStore
from tests.core.people.scene import FACE, FULL, HISTORY, VOICE, Scene, play


def test_at_first_there_is_nobody_and_what_is_nobody_s_may_be_shown() -> None:
    async def scenario(at: Scene) -> None:
        assert at.people.list_profiles() == ()
        assert at.people.sensed == frozenset()
        assert {purpose for purpose in Purpose if at.people.may(0, purpose)} == {FACE, VOICE, HISTORY}
        assert not any(at.people.may(1, purpose) for purpose in Purpose)
        with pytest.raises(NotFoundError, match="list the profiles"):
            at.people.profile(1)

    play(scenario)


def test_a_profile_is_made_with_nothing_agreed_to_and_comes_back_after_a_restart() -> None:
    async def scenario(at: Scene) -> None:
        made = await at.people.create("Anna", "de", by="a test")
        assert (made.profile_id, made.display_name, made.language) == (1, "Anna", "de")
        assert not any(consent.given or consent.receipt for consent in at.people.consents(1))
        assert [consent.purpose for consent in at.people.consents(1)] == list(Purpose)
        again = at.opened()
        await again.start()
        assert again.list_profiles() == (made,)
        assert await at.events() == ["PROFILE_CREATED"]
        assert "Anna" not in str(at.store.entries)

    play(scenario)


def test_a_repeated_creation_makes_one_profile_also_after_a_restart() -> None:
    async def scenario(at: Scene) -> None:
        first = await at.people.create("Anna", request_id="r1")
        assert await at.people.create("Anna", request_id="r1") == first
        again = at.opened()
        await again.start()
        assert await again.create("Anna", request_id="r1") == first
        assert (await again.create("Lena", request_id="r2")).profile_id == 2
        assert len(again.profiles) == 2

    play(scenario)


def test_two_people_are_not_called_the_same() -> None:
    async def scenario(at: Scene) -> None:
        anna = await at.people.create("Anna")
        lena = await at.people.create("Lena")
        with pytest.raises(InvalidRequestError, match="as profile 1 is called"):
            await at.people.create("ANNA")
        with pytest.raises(InvalidRequestError, match="as profile 1 is called"):
            await at.people.update(replace(lena, display_name="anna"))
        assert (await at.people.update(replace(anna, display_name="ANNA"))).display_name == "ANNA"

    play(scenario)


def test_profiles_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_book, "PROFILES_MOST", 2)

    async def scenario(at: Scene) -> None:
        for name in ("Anna", "Lena"):
            await at.people.create(name)
        with pytest.raises(LimitReachedError, match="erase one"):
            await at.people.create("Mia")
        await at.people.delete(1)
        assert (await at.people.create("Mia")).profile_id == 3

    play(scenario)


def test_nobody_is_created_where_it_cannot_be_written() -> None:
    async def scenario(at: Scene) -> None:
        at.store.trouble = FULL
        with pytest.raises(StoreFullError):
            await at.people.create("Anna")
        assert at.people.list_profiles() == ()
        at.store.trouble = None
        await at.people.create("Anna")

    play(scenario)


def test_an_update_changes_what_it_names_and_is_refused_where_somebody_was_faster() -> None:
    async def scenario(at: Scene) -> None:
        made = await at.people.create("Anna")
        wanted = Profile(1, "Lena", "de", 0, 0, "")
        renamed = await at.people.update(wanted, ("display_name",), made.etag)
        assert (renamed.display_name, renamed.language) == ("Lena", "")
        assert renamed.etag != made.etag
        assert renamed.create_wall_time_ns == made.create_wall_time_ns
        with pytest.raises(ContentChangedError, match="read it again"):
            await at.people.update(wanted, ("language",), made.etag)
        both = await at.people.update(replace(wanted, display_name="Mia"))
        assert (both.display_name, both.language) == ("Mia", "de")
        assert await at.people.update(both, (), both.etag) == both  # changes nothing
        with pytest.raises(InvalidRequestError, match="display_name, language"):
            await at.people.update(wanted, ("etag",))
        with pytest.raises(NotFoundError):
            await at.people.update(replace(wanted, profile_id=9))
        assert (await at.events()).count("PROFILE_CHANGED") == 2

    play(scenario)


def test_whoever_says_that_it_is_them_is_remembered() -> None:
    async def scenario(at: Scene) -> None:
        for name in ("Anna", "Lena"):
            await at.people.create(name)
        await at.people.select(2)
        assert at.people.selected == 2
        again = at.opened()
        await again.start()
        assert again.selected == 2
        await again.select(0)
        assert (again.selected, at.store.people.selected) == (0, 0)
        with pytest.raises(NotFoundError):
            await again.select(9)

    play(scenario)


def test_an_erasure_counts_at_once_is_told_before_the_disk_hears_of_it_and_leaves_nobody() -> None:
    async def scenario(at: Scene) -> None:
        made = await at.people.create("Anna", request_id="r1")
        await at.agree(1, FACE)
        await at.people.select(1)
        on_disk_when_told: list[bool] = []
        at.people.on_erased(lambda number: on_disk_when_told.append(number in at.store.people.profiles))
        with pytest.raises(ContentChangedError):
            await at.people.delete(1, "another etag")
        await at.people.delete(1, made.etag)
        assert at.people.list_profiles() == ()
        assert (at.people.selected, at.people.sensed) == (0, frozenset())
        assert not at.people.may(1, FACE)
        assert at.told == [(1, FACE, True), (1, FACE, False)]
        assert at.erased == [1]
        assert on_disk_when_told == [True]
        assert at.store.people.profiles == {} and at.store.people.receipts == {}
        with pytest.raises(NotFoundError):
            await at.people.delete(1)
        assert (await at.people.create("Anna", request_id="r1")).profile_id == 2
        assert "PROFILE_ERASED" in await at.events()
        assert not [e for e in at.store.entries if e.event == "PROFILE_ERASED" and "profiles/1" in e.subject]

    play(scenario)


def test_an_erasure_that_the_disk_refuses_counts_says_so_and_can_be_repeated() -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna")
        await at.agree(1, FACE)
        at.store.trouble = FULL
        with pytest.raises(StoreFullError, match="no longer used, but could not be removed from the disk yet"):
            await at.people.delete(1)
        assert at.people.list_profiles() == () and not at.people.may(1, FACE)
        with pytest.raises(StoreFullError, match="no longer used"):
            await at.people.delete(1)
        at.store.trouble = None
        await at.people.delete(1)
        assert at.store.people.profiles == {}
        with pytest.raises(NotFoundError):
            await at.people.delete(1)
        assert (await at.events()).count("PROFILE_ERASED") == 1
        assert at.erased == [1]

    play(scenario)


def test_a_listener_that_fails_keeps_nobody_from_hearing(caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    async def scenario(at: Scene) -> None:
        heard: list[object] = []
        at.people.subscribe(fail)
        at.people.on_erased(fail)
        at.people.subscribe(lambda *told: heard.append(told))
        at.people.on_erased(heard.append)
        await at.people.create("Anna")
        await at.agree(1, FACE)
        await at.people.delete(1)
        assert heard == [(1, FACE, True), (1, FACE, False), 1]

    play(scenario)
    assert "a listener failed" in caplog.text


def test_where_people_cannot_be_read_nobody_is_sensed_until_they_can(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(people_module, "AGAIN_SECONDS", 0.01)
    store = FakeStore()
    store.people.add_profile(Profile(1, "Anna", "", 1, 1, "e"))
    store.people.add_receipt(ConsentReceipt(1, 1, FACE, True, 1, "en", "ab", 1))
    store.trouble = StoreError("the file is damaged; move it away")

    async def scenario(at: Scene) -> None:
        assert at.people.sensed == frozenset() and not at.people.may(1, FACE)
        assert at.people.trouble == "the file is damaged; move it away"
        for call in (at.people.list_profiles, lambda: at.people.profile(1)):
            with pytest.raises(StoreError, match="who uses this device cannot be read"):
                call()
        with pytest.raises(StoreError, match="cannot be read"):
            await at.people.create("Lena")
        running = asyncio.create_task(at.people.run())
        await asyncio.sleep(0.1)
        at.store.trouble = None
        while not at.people.may(1, FACE):  # noqa: ASYNC110 (it is tried again after a pause)
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert at.told == [(1, FACE, True)]
        assert at.people.trouble == ""

    play(scenario, store)
    assert len([record for record in caplog.records if "nobody is sensed" in record.message]) == 1


def test_the_language_of_what_is_shown_is_the_one_asked_for_or_else_the_person_s_or_else_the_device_s() -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna", "de")
        await at.people.create("Lena")
        assert at.people.text(FACE, 1).language == "de"
        assert at.people.text(FACE, 1, "en").language == "en"
        assert at.people.text(FACE, 2).language == "en"
        assert at.people.text(FACE).language == "en"
        assert at.people.notices.notice("de").language == "de"

    play(scenario)


def test_the_notice_is_noted_once_a_version_and_in_the_ledger_the_first_time() -> None:
    async def scenario(at: Scene) -> None:
        board = at.people.notices
        assert board.first_showing is None
        english, german = board.notice(), board.notice("de")
        await board.note(1, "en", english.digest)
        first = board.first_showing
        at.clock.now_ns += 1_000
        await board.note(1, "en", english.digest)
        await board.note(1, "de", german.digest)
        assert board.first_showing == first
        assert [(each.version, each.language) for each in at.store.people.showings] == [(1, "en"), (1, "de")]
        assert (await at.events()).count("NOTICE_SHOWN") == 1
        with pytest.raises(ContentChangedError, match="by now version 1"):
            await board.note(2, "en", english.digest)
        with pytest.raises(ContentChangedError):
            await board.note(1, "en", german.digest)
        again = at.opened()
        await again.start()
        assert again.notices.first_showing == first

    play(scenario)
