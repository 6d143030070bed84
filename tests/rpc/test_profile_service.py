"""ProfileService over a real connection: people, consents, what is shown, and what is wrong."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import grpc.aio
import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2

from ertedge.errors import ContentChangedError, InvalidRequestError, LimitReachedError, NotFoundError, StoreFullError
from ertedge.rpc.client import Client
from ertedge.rpc.errors import _status_in
from ertedge.types import ConsentReceipt, ConsentText, Purpose, SensorName
from ertedge.v1 import profile_pb2 as records
from ertedge.v1 import profile_service_pb2 as messages
from tests.rpc.house import House, house_at

FACE, HISTORY = Purpose.SENSE_FACE, Purpose.KEEP_HISTORY


def play(folder: Path, scenario: Callable[[House, Client], Awaitable[None]]) -> None:
    async def run() -> None:
        async with house_at(folder) as (house, client):
            await scenario(house, client)

    asyncio.run(run())


async def text_for(client: Client, purpose: Purpose, profile_id: int = 0) -> ConsentText:
    return next(text for text in await client.profiles.texts(profile_id=profile_id) if text.purpose is purpose)


def test_a_profile_from_its_making_to_its_end(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        assert await client.is_serving("ertedge.v1.ProfileService")
        assert await client.profiles.profiles() == ()
        anna = await client.profiles.create("  Anna   Lena ", "de")
        assert (anna.profile.profile_id, anna.profile.display_name, anna.profile.language) == (1, "Anna Lena", "de")
        assert [consent.purpose for consent in anna.consents] == list(Purpose)
        assert await client.profiles.profile(1) == anna
        renamed = await client.profiles.update(replace(anna.profile, display_name="Lena"), ("display_name",))
        assert (renamed.profile.display_name, renamed.profile.language) == ("Lena", "de")
        assert house.people.profile(1) == renamed.profile
        await client.profiles.select(1)
        assert (await client.profiles.profile(1)).selected and house.people.selected == 1
        await client.profiles.select(0)
        assert not (await client.profiles.profile(1)).selected
        await client.profiles.delete(1, renamed.profile.etag)
        assert await client.profiles.profiles() == ()
        with pytest.raises(NotFoundError):
            await client.profiles.profile(1)

    play(tmp_path, scenario)


def test_a_retried_creation_makes_one_profile(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        first = await client.profiles.create("Anna", request_id="one")
        assert await client.profiles.create("Anna", request_id="one") == first
        with pytest.raises(InvalidRequestError, match="as profile 1 is called"):
            await client.profiles.create("Anna")

    play(tmp_path, scenario)


def test_profiles_are_paged(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        for number in range(5):
            await client.profiles.create(f"Person {number}")
        first = await client.profiles.list_profiles(page_size=2)
        second = await client.profiles.list_profiles(page_size=2, page_token=first.next_page_token)
        third = await client.profiles.list_profiles(page_size=2, page_token=second.next_page_token)
        numbers = [person.profile.profile_id for page in (first, second, third) for person in page.people]
        assert numbers == [1, 2, 3, 4, 5]
        assert third.next_page_token == ""
        assert len(await client.profiles.profiles()) == 5

    play(tmp_path, scenario)


def test_a_stale_etag_is_aborted(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        anna = await client.profiles.create("Anna")
        await client.profiles.update(replace(anna.profile, language="de"))
        with pytest.raises(ContentChangedError, match="read it again"):
            await client.profiles.update(replace(anna.profile, language="en"))
        with pytest.raises(ContentChangedError):
            await client.profiles.delete(1, anna.profile.etag)
        request = messages.UpdateProfileRequest(
            profile=records.Profile(name="profiles/1", display_name="Lena", etag=anna.profile.etag)
        )
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await client.profiles._stub.UpdateProfile(request)
        assert raised.value.code() is grpc.StatusCode.ABORTED
        status = _status_in(raised.value)
        assert status is not None
        info = error_details_pb2.ErrorInfo()
        assert status.details[0].Unpack(info)
        assert (info.reason, info.domain) == ("CONTENT_CHANGED", "ertedge")

    play(tmp_path, scenario)


def test_consent_is_given_to_a_text_that_was_shown_and_taken_back(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        await client.profiles.create("Anna", "de")
        text = await text_for(client, FACE, 1)
        assert text.language == "de" and text.machine_drafted and text.title and "\n\n" in text.text
        given = await client.profiles.give(1, text)
        assert given.given and not given.outdated and given.receipt is not None
        assert (given.receipt.text_digest, given.receipt.text_language) == (text.digest, "de")
        assert house.people.sensed == {SensorName.CAMERA}
        assert (await client.profiles.profile(1)).has_agreed_to(FACE)
        withdrawn = await client.profiles.withdraw(1, FACE)
        assert not withdrawn.given
        assert house.people.sensed == frozenset()
        assert house.store.covered == [(1, FACE)]
        receipts = [receipt async for receipt in client.profiles.receipts(1, page_size=1)]
        assert [(receipt.receipt_id, receipt.given, receipt.profile_id) for receipt in receipts] == [
            (2, False, 1),
            (1, True, 1),
        ]
        await house.recorder.flush()
        events = {entry.event for entry in house.store.entries}
        assert events >= {"PROFILE_CREATED", "CONSENT_GIVEN", "CONSENT_WITHDRAWN", "CONSENTS_READ"}

    play(tmp_path, scenario)


def test_a_text_that_is_not_the_current_one_is_refused(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        await client.profiles.create("Anna")
        text = await text_for(client, FACE)
        with pytest.raises(ContentChangedError, match="show it as it is"):
            await client.profiles.give(1, replace(text, digest="0" * 64))
        with pytest.raises(NotFoundError, match="there is no text 9"):
            await client.profiles.give(1, replace(text, version=9))
        with pytest.raises(NotFoundError, match="there is no profile 2"):
            await client.profiles.give(2, text)
        assert house.people.sensed == frozenset()

    play(tmp_path, scenario)


def test_a_withdrawal_that_cannot_be_written_counts_and_says_so(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        await client.profiles.create("Anna")
        await client.profiles.give(1, await text_for(client, HISTORY))
        house.store.trouble = StoreFullError("the disk is full; make room")
        with pytest.raises(StoreFullError, match="withdrawn and no longer used"):
            await client.profiles.withdraw(1, HISTORY)
        assert not house.people.may(1, HISTORY)
        assert not (await client.profiles.profile(1)).has_agreed_to(HISTORY)
        house.store.trouble = None

    play(tmp_path, scenario)


def test_a_withdrawal_is_written_down_also_where_the_client_hangs_up(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        await client.profiles.create("Anna")
        await client.profiles.give(1, await text_for(client, HISTORY))
        begun, go, write = threading.Event(), threading.Event(), house.store.people.add_receipt

        def slow(receipt: ConsentReceipt) -> None:
            begun.set()
            assert go.wait(10)
            write(receipt)

        house.store.people.add_receipt = slow  # type: ignore[method-assign]
        async with Client(house.address) as hasty:
            withdrawing = asyncio.create_task(hasty.profiles.withdraw(1, HISTORY))
            await asyncio.to_thread(begun.wait, 10)
            withdrawing.cancel()
            await asyncio.gather(withdrawing, return_exceptions=True)
        go.set()
        receipts = [receipt.given async for receipt in client.profiles.receipts(1)]
        assert receipts == [False, True]
        assert house.store.covered == [(1, HISTORY)]

    play(tmp_path, scenario)


def test_the_notice_and_when_it_was_first_shown(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        shown = await client.profiles.notice()
        assert shown.first_show_wall_time_ns == 0
        assert shown.notice.language == "en" and "emotion recognition system" in shown.notice.text
        german = (await client.profiles.notice("de")).notice
        assert german.language == "de" and german.machine_drafted
        assert (await client.profiles.notice("fr")).notice.language == "en"
        await client.profiles.acknowledge(german)
        first = (await client.profiles.notice()).first_show_wall_time_ns
        assert first > 0
        await client.profiles.acknowledge(shown.notice)
        assert (await client.profiles.notice()).first_show_wall_time_ns == first
        with pytest.raises(ContentChangedError):
            await client.profiles.acknowledge(replace(shown.notice, digest="0" * 64))

    play(tmp_path, scenario)


def test_texts_are_in_the_language_asked_for_or_else_in_english(tmp_path: Path) -> None:
    async def scenario(house: House, client: Client) -> None:
        assert [text.purpose for text in await client.profiles.texts()] == list(Purpose)
        assert {text.language for text in await client.profiles.texts(language="de")} == {"de"}
        assert {text.language for text in await client.profiles.texts(language="fr")} == {"en"}
        page = await client.profiles._stub.ListConsentTexts(messages.ListConsentTextsRequest(page_size=2))
        assert [text.name for text in page.consent_texts] == ["consentTexts/sense_face", "consentTexts/sense_voice"]
        assert page.next_page_token

    play(tmp_path, scenario)


def test_people_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ertedge.core.people.profile_book.PROFILES_MOST", 1)

    async def scenario(house: House, client: Client) -> None:
        await client.profiles.create("Anna")
        with pytest.raises(LimitReachedError, match="erase one"):
            await client.profiles.create("Lena")

    play(tmp_path, scenario)


WRONG: tuple[tuple[str, object, str], ...] = (
    ("CreateProfile", messages.CreateProfileRequest(), "profile.display_name"),
    (
        "CreateProfile",
        messages.CreateProfileRequest(profile=records.Profile(display_name="x" * 81)),
        "profile.display_name",
    ),
    (
        "CreateProfile",
        messages.CreateProfileRequest(profile=records.Profile(display_name="a\u200b\u202eb")),
        "profile.",
    ),
    (
        "CreateProfile",
        messages.CreateProfileRequest(profile=records.Profile(display_name="Anna", language_code="german")),
        "profile.language_code",
    ),
    (
        "CreateProfile",
        messages.CreateProfileRequest(profile=records.Profile(display_name="Anna"), request_id="x" * 129),
        "request_id",
    ),
    ("GetProfile", messages.GetProfileRequest(name="profiles/x"), "name"),
    ("GetProfile", messages.GetProfileRequest(name="people/1"), "name"),
    ("ListProfiles", messages.ListProfilesRequest(page_token="nonsense"), "page_token"),
    ("ListProfiles", messages.ListProfilesRequest(page_size=-1), "page_size"),
    ("UpdateProfile", messages.UpdateProfileRequest(), "profile.name"),
    (
        "UpdateProfile",
        messages.UpdateProfileRequest(
            profile=records.Profile(name="profiles/1", display_name="A"), update_mask=FieldMask(paths=["consents"])
        ),
        "update_mask",
    ),
    (
        "UpdateProfile",
        messages.UpdateProfileRequest(
            profile=records.Profile(name="profiles/1"), update_mask=FieldMask(paths=["display_name"])
        ),
        "profile.display_name",
    ),
    ("DeleteProfile", messages.DeleteProfileRequest(), "name"),
    ("SelectProfile", messages.SelectProfileRequest(name="1"), "name"),
    ("ListConsentTexts", messages.ListConsentTextsRequest(language_code="English"), "language_code"),
    ("ListConsentTexts", messages.ListConsentTextsRequest(profile="1"), "profile"),
    ("GiveConsent", messages.GiveConsentRequest(name="profiles/1/consents/everything"), "name"),
    ("GiveConsent", messages.GiveConsentRequest(name="profiles/1"), "name"),
    (
        "GiveConsent",
        messages.GiveConsentRequest(name="profiles/1/consents/study", text_version=1, text_digest="short"),
        "text_digest",
    ),
    ("WithdrawConsent", messages.WithdrawConsentRequest(name="profiles/-1/consents/study"), "name"),
    ("ListConsentReceipts", messages.ListConsentReceiptsRequest(), "parent"),
    ("GetNotice", messages.GetNoticeRequest(name="notices/1"), "name"),
    ("AcknowledgeNotice", messages.AcknowledgeNoticeRequest(version=1, language_code="en", digest="x"), "digest"),
)


@pytest.mark.parametrize(("method", "request_", "field"), WRONG, ids=[f"{m}-{f}" for m, _, f in WRONG])
def test_a_wrong_request_names_its_field(tmp_path: Path, method: str, request_: object, field: str) -> None:
    async def scenario(house: House, client: Client) -> None:
        await client.profiles.create("Anna")
        with pytest.raises(InvalidRequestError) as raised:
            await client.profiles._connection.call(getattr(client.profiles._stub, method), request_)  # type: ignore[arg-type]
        assert raised.value.violations[0][0].startswith(field)

    play(tmp_path, scenario)


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("GetProfile", messages.GetProfileRequest(name="profiles/9")),
        ("UpdateProfile", messages.UpdateProfileRequest(profile=records.Profile(name="profiles/9", display_name="A"))),
        ("DeleteProfile", messages.DeleteProfileRequest(name="profiles/0")),
        ("SelectProfile", messages.SelectProfileRequest(name="profiles/9")),
        ("ListConsentTexts", messages.ListConsentTextsRequest(profile="profiles/9")),
        ("WithdrawConsent", messages.WithdrawConsentRequest(name="profiles/9/consents/study")),
        ("ListConsentReceipts", messages.ListConsentReceiptsRequest(parent="profiles/9")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_nobody_of_that_number_is_not_found(tmp_path: Path, method: str, request_: object) -> None:
    async def scenario(house: House, client: Client) -> None:
        with pytest.raises(NotFoundError, match="there is no profile"):
            await client.profiles._connection.call(getattr(client.profiles._stub, method), request_)  # type: ignore[arg-type]

    play(tmp_path, scenario)
