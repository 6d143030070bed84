"""What somebody agreed to: on the disk before it counts, taken back before the disk has heard of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from ertedge.core.people import people as people_module
from ertedge.core.people.consent_texts import digest_of
from ertedge.errors import ContentChangedError, LimitReachedError, NotFoundError, PreconditionError, StoreFullError
from ertedge.types import ConsentReceipt, Profile, Purpose, SensorName
from tests.core.fakes import FakeStore
from tests.core.people.scene import FACE, FULL, HISTORY, NEWER, VOICE, Scene, SlowTable, play


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
