"""The part of the client that speaks with ProfileService: ``Client.profiles``. Floor 3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from google.protobuf.field_mask_pb2 import FieldMask

from ertedge.core.people.records import Consent, ReceiptsPage
from ertedge.rpc import convert, convert_people
from ertedge.rpc.connection import Connection
from ertedge.rpc.suggestions_client import new_request_id
from ertedge.types import ConsentReceipt, ConsentText, Profile, Purpose, TransparencyNotice
from ertedge.v1 import profile_pb2 as records
from ertedge.v1 import profile_service_pb2 as messages
from ertedge.v1 import profile_service_pb2_grpc as services

__all__ = ["Consent", "PeoplePage", "Person", "ProfilesClient", "ReceiptsPage", "ShownNotice"]


REMOVAL_SECONDS = 600.0
"""How long it may take until nothing is left on the disk, since every page is written anew, on a slow card. What is taken
back counts long before."""


@dataclass(frozen=True, slots=True)
class Person:
    """A profile with how its consents stand, one for every purpose. ``selected``: said to be in front of the device."""

    profile: Profile
    consents: tuple[Consent, ...]
    selected: bool

    def has_agreed_to(self, purpose: Purpose) -> bool:
        """Whether that consent is given now."""
        return any(consent.given for consent in self.consents if consent.purpose is purpose)


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """People by the numbers of their profiles. ``next_page_token`` asks for the next page; empty on the last."""

    people: tuple[Person, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """The notice, and when one was first shown on the device (UTC nanoseconds; 0: never yet)."""

    notice: TransparencyNotice
    first_show_wall_time_ns: int


class ProfilesClient:
    """Profiles, consents and the notice over ``connection``. Calls raise the errors of ``ertedge.errors`` as the daemon
    did."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stub = services.ProfileServiceStub(connection.channel)

    async def create(self, display_name: str, language: str = "", *, request_id: str = "") -> Person:
        """A new profile, whose person has agreed to nothing yet. Raises InvalidRequestError and LimitReachedError.

        A repeated ``request_id`` gets the profile of the first; without one, one is made.
        """
        request = messages.CreateProfileRequest(
            profile=records.Profile(display_name=display_name, language_code=language),
            request_id=request_id or new_request_id(),
        )
        return _person((await self._connection.call(self._stub.CreateProfile, request)).profile)

    async def profile(self, profile_id: int) -> Person:
        """One profile. Raises NotFoundError."""
        request = messages.GetProfileRequest(name=convert.profile_name(profile_id))
        return _person(await self._connection.call(self._stub.GetProfile, request))

    async def list_profiles(self, *, page_size: int = 0, page_token: str = "") -> PeoplePage:
        """One page of profiles, by number."""
        request = messages.ListProfilesRequest(page_size=page_size, page_token=page_token)
        page = await self._connection.call(self._stub.ListProfiles, request)
        return PeoplePage(tuple(_person(each) for each in page.profiles), page.next_page_token)

    async def profiles(self) -> tuple[Person, ...]:
        """All pages of ``list_profiles``."""
        found: list[Person] = []
        page_token = ""
        while True:
            page = await self.list_profiles(page_token=page_token)
            found += page.people
            if not (page_token := page.next_page_token):
                return tuple(found)

    async def update(self, profile: Profile, fields: Sequence[str] = ()) -> Person:
        """Replace the ``fields`` (of ``display_name`` and ``language``) by those of ``profile``; without any, both.

        Raises NotFoundError, InvalidRequestError, and ContentChangedError where it has changed since its ``etag``, unless
        that is empty.
        """
        request = messages.UpdateProfileRequest(
            profile=records.Profile(
                name=convert.profile_name(profile.profile_id),
                display_name=profile.display_name,
                language_code=profile.language,
                etag=profile.etag,
            ),
            update_mask=FieldMask(paths=convert_people.paths_of(fields)),
        )
        return _person((await self._connection.call(self._stub.UpdateProfile, request)).profile)

    async def delete(self, profile_id: int, etag: str = "") -> None:
        """Erase a profile with everything that belongs to its person. Raises NotFoundError, ContentChangedError, and
        StoreError where it could not be removed from the disk yet."""
        request = messages.DeleteProfileRequest(name=convert.profile_name(profile_id), etag=etag)
        await self._connection.call(self._stub.DeleteProfile, request, timeout_seconds=REMOVAL_SECONDS)

    async def export(self, profile_id: int) -> AsyncIterator[bytes]:
        """Everything that is kept about a person: one ZIP archive, in chunks. Raises NotFoundError, LimitReachedError, and
        StoreError."""
        request = messages.ExportProfileRequest(name=convert.profile_name(profile_id))
        async for answer in self._connection.stream(self._stub.ExportProfile(request)):
            yield answer.chunk

    async def select(self, profile_id: int) -> None:
        """Say that it is the person of this profile in front of the device; 0: nobody says so any longer."""
        request = messages.SelectProfileRequest(name=convert.profile_name(profile_id))
        await self._connection.call(self._stub.SelectProfile, request)

    async def texts(self, *, profile_id: int = 0, language: str = "") -> tuple[ConsentText, ...]:
        """What a person is to be shown before they agree, one text for every purpose."""
        found: list[ConsentText] = []
        page_token = ""
        while True:
            request = messages.ListConsentTextsRequest(
                page_token=page_token, language_code=language, profile=convert.profile_name(profile_id)
            )
            page = await self._connection.call(self._stub.ListConsentTexts, request)
            found += convert_people.text_records(page.consent_texts)
            if not (page_token := page.next_page_token):
                return tuple(found)

    async def give(self, profile_id: int, text: ConsentText) -> Consent:
        """Agree to what ``text``, as it was shown, asks for. Raises ContentChangedError where it is outdated."""
        request = messages.GiveConsentRequest(
            name=convert_people.consent_name(profile_id, text.purpose),
            text_version=text.version,
            text_language_code=text.language,
            text_digest=text.digest,
        )
        return convert_people.consent_record((await self._connection.call(self._stub.GiveConsent, request)).consent)

    async def withdraw(self, profile_id: int, purpose: Purpose) -> Consent:
        """Take a consent back; it counts at once. Raises StoreError where that could not be written down yet."""
        request = messages.WithdrawConsentRequest(name=convert_people.consent_name(profile_id, purpose))
        answer = await self._connection.call(self._stub.WithdrawConsent, request, timeout_seconds=REMOVAL_SECONDS)
        return convert_people.consent_record(answer.consent)

    async def list_receipts(self, profile_id: int, *, page_size: int = 0, page_token: str = "") -> ReceiptsPage:
        """One page of what a person agreed to and withdrew, newest first."""
        request = messages.ListConsentReceiptsRequest(
            parent=convert.profile_name(profile_id), page_size=page_size, page_token=page_token
        )
        page = await self._connection.call(self._stub.ListConsentReceipts, request)
        return ReceiptsPage(convert_people.receipt_records(page.consent_receipts), page.next_page_token)

    async def receipts(self, profile_id: int, *, page_size: int = 0) -> AsyncIterator[ConsentReceipt]:
        """All pages of ``list_receipts``, one receipt after the other."""
        page_token = ""
        while True:
            page = await self.list_receipts(profile_id, page_size=page_size, page_token=page_token)
            for receipt in page.receipts:
                yield receipt
            if not (page_token := page.next_page_token):
                return

    async def notice(self, language: str = "") -> ShownNotice:
        """What is to be shown before somebody is sensed for the first time."""
        message = await self._connection.call(self._stub.GetNotice, messages.GetNoticeRequest(language_code=language))
        first = convert.timestamp_ns(message.first_show_time) if message.HasField("first_show_time") else 0
        return ShownNotice(convert_people.notice_record(message), first)

    async def acknowledge(self, notice: TransparencyNotice) -> None:
        """Say that the notice was shown to somebody. Raises ContentChangedError where it is outdated."""
        request = messages.AcknowledgeNoticeRequest(
            version=notice.version, language_code=notice.language, digest=notice.digest
        )
        await self._connection.call(self._stub.AcknowledgeNotice, request)


def _person(message: records.Profile) -> Person:
    return Person(
        convert_people.profile_record(message), convert_people.consent_records(message.consents), message.selected
    )
