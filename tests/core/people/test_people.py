"""Who uses the device and what they agreed to: on the disk before it counts, taken back before the disk has heard of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from ertedge.core.people import people as people_module
from ertedge.core.people import profile_book
from ertedge.core.people.consent_texts import digest_of, texts_of
from ertedge.core.people.people import People
from ertedge.core.people.records import Consent
from ertedge.core.recorder import Recorder
from ertedge.errors import (
    ContentChangedError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    PreconditionError,
    StoreError,
    StoreFullError,
)
from ertedge.types import ConsentReceipt, Profile, Purpose, SensorName
from tests.core.fakes import FakeClock, FakeStore
from tests.core.people.test_consent_texts import file_of

TEXTS = texts_of([("de.toml", file_of("de")), ("en.toml", file_of("en"))])
NEWER = texts_of([("en.toml", file_of("en", {"sense_face": 2}))])
FACE, VOICE, HISTORY = Purpose.SENSE_FACE, Purpose.SENSE_VOICE, Purpose.KEEP_HISTORY
FULL = StoreFullError("the disk is full; make room")


class Scene:
    """People over a fake store, and what was told of them."""

    def __init__(self, store: FakeStore | None = None) -> None:
        self.store, self.clock = store or FakeStore(), FakeClock()
        self.recorder = Recorder(lambda: self.store, self.clock)
        self.told: list[tuple[int, Purpose, bool]] = []
        self.erased: list[int] = []
        self.people = self.opened()

    def opened(self, texts: object = TEXTS) -> People:
        """People as a new start of the daemon would have them."""
        people = People(self.recorder, self.clock, texts)  # type: ignore[arg-type]
        people.subscribe(lambda profile, purpose, given: self.told.append((profile, purpose, given)))
        people.on_erased(self.erased.append)
        return people

    async def agree(self, profile_id: int, purpose: Purpose, people: People | None = None) -> Consent:
        people = people or self.people
        text = people.text(purpose, profile_id)
        return await people.give(
            profile_id, purpose, version=text.version, language=text.language, digest=text.digest, by="a test"
        )

    async def events(self) -> list[str]:
        await self.recorder.flush()
        return [entry.event for entry in self.store.entries]


def play(scenario: Callable[[Scene], Awaitable[None]], store: FakeStore | None = None) -> None:
    async def run() -> None:
        scene = Scene(store)
        await scene.people.start()
        async with asyncio.timeout(20):
            await scenario(scene)
        await scene.recorder.stop()

    asyncio.run(run())


class SlowTable:
    """Holds the writing of the next receipt up until it is let go."""

    def __init__(self, store: FakeStore) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self._write = store.people.add_receipt
        store.people.add_receipt = self.add_receipt  # type: ignore[method-assign]

    def add_receipt(self, receipt: ConsentReceipt) -> None:
        self.begun.set()
        assert self.go.wait(10)
        self._write(receipt)


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


def test_consent_counts_once_it_is_on_the_disk_and_is_told() -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna")
        slow = SlowTable(at.store)
        giving = asyncio.create_task(at.agree(1, FACE))
        await asyncio.to_thread(slow.begun.wait, 10)
        assert not at.people.may(1, FACE)
        assert at.told == []
        slow.go.set()
        consent = await giving
        assert consent.given and not consent.outdated
        assert at.people.may(1, FACE) and not at.people.may(1, VOICE)
        assert at.people.sensed == {SensorName.CAMERA}
        assert at.told == [(1, FACE, True)]
        assert at.store.people.receipts[1].text_digest == digest_of("sense_face", 1, "en", "A title", "A text.")
        assert (await at.events())[-1] == "CONSENT_GIVEN"

    play(scenario)


def test_consent_that_cannot_be_written_does_not_count() -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna")
        at.store.trouble = FULL
        with pytest.raises(StoreFullError):
            await at.agree(1, FACE)
        assert not at.people.may(1, FACE)
        assert at.told == []
        at.store.trouble = None
        assert (await at.agree(1, FACE)).given

    play(scenario)


def test_agreeing_again_to_the_same_text_is_one_receipt() -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna")
        assert await at.agree(1, FACE) == await at.agree(1, FACE)
        assert len(at.store.people.receipts) == 1
        assert at.told == [(1, FACE, True)]

    play(scenario)


def test_an_outdated_text_or_one_that_was_shown_otherwise_is_refused() -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna")
        old = at.people.text(FACE)
        newer = at.opened(NEWER)
        await newer.start()
        with pytest.raises(ContentChangedError, match="by now version 2"):
            await newer.give(1, FACE, version=1, language="en", digest=old.digest)
        with pytest.raises(ContentChangedError, match="as it is"):
            await newer.give(1, VOICE, version=1, language="en", digest="0" * 64)
        with pytest.raises(NotFoundError):
            await newer.give(1, VOICE, version=1, language="fr", digest=old.digest)
        with pytest.raises(NotFoundError):
            await newer.give(2, FACE, version=1, language="en", digest=old.digest)
        assert at.store.people.receipts == {}

    play(scenario)


def test_a_consent_to_an_older_text_stays_valid_and_says_so() -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna")
        await at.agree(1, FACE)
        newer = at.opened(NEWER)
        await newer.start()
        assert newer.may(1, FACE)
        before = newer.consent(1, FACE)
        assert before.given and before.outdated and before.text_version == 2
        renewed = await at.agree(1, FACE, newer)
        assert renewed.given and not renewed.outdated
        assert [at.store.people.receipts[n].text_version for n in (1, 2)] == [1, 2]
        assert at.told.count((1, FACE, False)) == 0

    play(scenario)


def test_a_withdrawal_counts_at_once_and_what_it_covered_goes() -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna")
        await at.agree(1, FACE)
        withdrawing = asyncio.create_task(at.people.withdraw(1, FACE))
        await asyncio.sleep(0)
        assert not at.people.may(1, FACE)
        assert at.told[-1] == (1, FACE, False)
        assert at.people.sensed == frozenset()
        consent = await withdrawing
        assert not consent.given
        assert consent.receipt is not None and consent.receipt.text_version == 1
        assert at.store.covered == [(1, FACE)]
        assert (await at.events())[-1] == "CONSENT_WITHDRAWN"
        assert await at.people.withdraw(1, FACE) == consent  # again: nothing changes
        assert len(at.store.people.receipts) == 2
        page = await at.people.receipts(1, limit=9, before=None)
        assert [receipt.given for receipt in page.receipts] == [False, True]

    play(scenario)


def test_a_withdrawal_counts_though_the_disk_is_full_says_so_and_is_written_later() -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna")
        await at.agree(1, FACE)
        at.store.trouble = FULL
        with pytest.raises(StoreFullError, match=r"withdrawn and no longer used, but .* a restart would forget it"):
            await at.people.withdraw(1, FACE)
        assert not at.people.may(1, FACE)
        assert at.told[-1] == (1, FACE, False)
        at.store.trouble = None
        await at.recorder.flush()
        assert not at.store.people.receipts[2].given
        assert at.store.covered == [(1, FACE)]
        again = at.opened()
        await again.start()
        assert not again.may(1, FACE)

    play(scenario)


def test_what_a_withdrawal_covered_and_the_disk_keeps_for_now_is_said_and_removed_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna")
        await at.agree(1, HISTORY)
        remove = at.store.erase_covered

        def no_room(profile_id: int, purpose: Purpose) -> None:
            raise FULL

        monkeypatch.setattr(at.store, "erase_covered", no_room)
        with pytest.raises(StoreFullError, match="what it covered could not be removed from the disk yet"):
            await at.people.withdraw(1, HISTORY)
        assert not at.store.people.receipts[2].given, "that it is withdrawn stands on the disk"
        monkeypatch.setattr(at.store, "erase_covered", remove)
        await at.recorder.flush()
        assert at.store.covered == [(1, HISTORY)]

    play(scenario)


def test_a_withdrawal_overtakes_a_consent_that_is_being_written() -> None:
    async def scenario(at: Scene) -> None:
        await at.people.create("Anna")
        slow = SlowTable(at.store)
        giving = asyncio.create_task(at.agree(1, FACE))
        await asyncio.to_thread(slow.begun.wait, 10)
        withdrawing = asyncio.create_task(at.people.withdraw(1, FACE))
        await asyncio.sleep(0)
        slow.go.set()
        with pytest.raises(PreconditionError, match="while it was being given"):
            await giving
        await withdrawing
        assert not at.people.may(1, FACE)
        assert (1, FACE, True) not in at.told
        again = at.opened()
        await again.start()
        assert not again.may(1, FACE)

    play(scenario)


def test_a_withdrawal_that_a_power_cut_left_half_done_is_ended_by_the_next_start() -> None:
    store = FakeStore()
    store.people.add_profile(Profile(1, "Anna", "", 1, 1, "e"))
    for number, purpose, given in ((1, HISTORY, True), (2, HISTORY, False), (3, FACE, True)):
        store.people.add_receipt(ConsentReceipt(number, 1, purpose, given, 1, "en", "ab", number))

    async def scenario(at: Scene) -> None:
        running = asyncio.create_task(at.people.run())
        while not at.store.covered:  # noqa: ASYNC110 (it happens on the recorder's thread)
            await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert at.store.covered == [(1, HISTORY)]
        assert at.people.may(1, FACE)

    play(scenario, store)


def test_two_people_agree_each_for_themselves() -> None:
    async def scenario(at: Scene) -> None:
        for name in ("Anna", "Lena"):
            await at.people.create(name)
        await at.agree(1, FACE)
        await at.agree(2, FACE)
        await at.agree(2, VOICE)
        await at.people.withdraw(2, FACE)
        assert at.people.may(1, FACE) and not at.people.may(2, FACE)
        assert at.people.sensed == {SensorName.CAMERA, SensorName.MICROPHONE}
        await at.people.delete(1)
        assert at.people.sensed == {SensorName.MICROPHONE}

    play(scenario)


def test_changes_are_made_at_a_bounded_pace_and_taken_back_at_any(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_module, "CHANGES_AN_HOUR_MOST", 5)

    async def scenario(at: Scene) -> None:
        anna = await at.people.create("Anna")
        for _ in range(2):
            await at.agree(1, FACE)
            await at.people.withdraw(1, FACE)
        await at.people.select(1)
        await at.agree(1, VOICE)
        for refused in (
            at.agree(1, FACE),
            at.people.create("Lena"),
            at.people.update(replace(anna, display_name="Mia")),
            at.people.select(0),
        ):
            with pytest.raises(LimitReachedError, match="within an hour; try again later"):
                await refused
        assert not (await at.people.withdraw(1, VOICE)).given
        at.clock.now_ns += 3601 * 1_000_000_000
        await at.agree(1, FACE)
        assert not (await at.people.withdraw(1, FACE)).given

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
