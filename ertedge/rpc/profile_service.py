"""ProfileService: who uses the device, what each has agreed to, and what they are shown before they do. Floor 3; thin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import grpc.aio

from ertedge.core.export.export import Export
from ertedge.core.front.front import Front
from ertedge.core.people.people import People
from ertedge.errors import InvalidRequestError
from ertedge.rpc import convert, convert_people, fields, pages
from ertedge.rpc.access import AccessLog, who
from ertedge.rpc.front_calls import FrontCalls
from ertedge.rpc.lasting import Lasting
from ertedge.types import Profile, Purpose
from ertedge.v1 import profile_pb2 as records
from ertedge.v1 import profile_service_pb2 as messages

Context = grpc.aio.ServicerContext[Any, Any]


class ProfileService(FrontCalls):
    """Speaks for ``people``, ``front`` and ``export``; ``access`` hears who reads what somebody agreed to, or all of it."""

    def __init__(self, people: People, access: AccessLog, front: Front, export: Export) -> None:
        super().__init__(front, access)
        self._export = export
        self._people = people
        self._lasting = Lasting()
        self._access = access

    async def CreateProfile(  # noqa: N802 (gRPC's name)
        self, request: messages.CreateProfileRequest, context: Context
    ) -> messages.CreateProfileResponse:
        """The new profile."""
        display_name, language = convert_people.checked(request.profile)
        profile = await self._lasting.do(
            self._people.create(display_name, language, fields.request_id(request.request_id), by=_by(context))
        )
        return messages.CreateProfileResponse(profile=self._message(profile))

    async def GetProfile(  # noqa: N802 (gRPC's name)
        self, request: messages.GetProfileRequest, _context: Context
    ) -> records.Profile:
        """The profile."""
        return self._message(self._people.profile(fields.number_of(request.name, convert.PROFILES)))

    async def ListProfiles(  # noqa: N802 (gRPC's name)
        self, request: messages.ListProfilesRequest, _context: Context
    ) -> messages.ListProfilesResponse:
        """A page of profiles."""
        profiles, token = pages.slice_of(self._people.list_profiles(), request)
        return messages.ListProfilesResponse(
            profiles=[self._message(profile) for profile in profiles], next_page_token=token
        )

    async def UpdateProfile(  # noqa: N802 (gRPC's name)
        self, request: messages.UpdateProfileRequest, context: Context
    ) -> messages.UpdateProfileResponse:
        """The profile as it is now."""
        number = fields.number_of(request.profile.name, convert.PROFILES, field="profile.name")
        names = convert_people.fields_of(request.update_mask.paths)
        display_name, language = convert_people.checked(request.profile, names)
        wanted = replace(self._people.profile(number), display_name=display_name, language=language)
        changed = await self._lasting.do(self._people.update(wanted, names, request.profile.etag, by=_by(context)))
        return messages.UpdateProfileResponse(profile=self._message(changed))

    async def ExportProfile(  # noqa: N802 (gRPC's name)
        self, request: messages.ExportProfileRequest, context: Context
    ) -> AsyncIterator[messages.ExportProfileResponse]:
        """Everything about a person, while it is put together."""
        number = fields.number_of(request.name, convert.PROFILES)
        async with aclosing(self._export.archive(number)) as chunks:
            async for chunk in chunks:
                yield messages.ExportProfileResponse(chunk=chunk)
        self._access.note("PROFILE_EXPORTED", context.peer(), "exported everything about a person")

    async def DeleteProfile(  # noqa: N802 (gRPC's name)
        self, request: messages.DeleteProfileRequest, context: Context
    ) -> messages.DeleteProfileResponse:
        """Nothing, once everything of the person is gone."""
        number = fields.number_of(request.name, convert.PROFILES)
        await self._lasting.do(self._people.delete(number, request.etag, by=_by(context)))
        return messages.DeleteProfileResponse()

    async def SelectProfile(  # noqa: N802 (gRPC's name)
        self, request: messages.SelectProfileRequest, context: Context
    ) -> messages.SelectProfileResponse:
        """Who is selected now."""
        number = fields.number_of(request.name, convert.PROFILES) if request.name else 0
        await self._lasting.do(self._people.select(number, by=_by(context)))
        return messages.SelectProfileResponse(profile=self._message(self._people.profile(number)) if number else None)

    async def ListConsentTexts(  # noqa: N802 (gRPC's name)
        self, request: messages.ListConsentTextsRequest, _context: Context
    ) -> messages.ListConsentTextsResponse:
        """A page of the current texts."""
        number = fields.number_of(request.profile, convert.PROFILES, field="profile") if request.profile else 0
        if number:
            self._people.profile(number)
        language = fields.language(request.language_code)
        texts = [self._people.text(purpose, number, language) for purpose in Purpose]
        page, token = pages.slice_of(texts, request)
        return messages.ListConsentTextsResponse(
            consent_texts=[convert_people.text_message(text) for text in page], next_page_token=token
        )

    async def GiveConsent(  # noqa: N802 (gRPC's name)
        self, request: messages.GiveConsentRequest, context: Context
    ) -> messages.GiveConsentResponse:
        """The consent as it is now."""
        number, purpose = convert_people.consent_of(request.name)
        consent = await self._lasting.do(
            self._people.give(
                number,
                purpose,
                version=request.text_version,
                language=fields.language(request.text_language_code, "text_language_code"),
                digest=fields.digest(request.text_digest, "text_digest", "the text"),
                by=_by(context),
            )
        )
        return messages.GiveConsentResponse(consent=convert_people.consent_message(number, consent))

    async def WithdrawConsent(  # noqa: N802 (gRPC's name)
        self, request: messages.WithdrawConsentRequest, context: Context
    ) -> messages.WithdrawConsentResponse:
        """The consent as it is now."""
        number, purpose = convert_people.consent_of(request.name)
        consent = await self._lasting.do(self._people.withdraw(number, purpose, by=_by(context)))
        return messages.WithdrawConsentResponse(consent=convert_people.consent_message(number, consent))

    async def ListConsentReceipts(  # noqa: N802 (gRPC's name)
        self, request: messages.ListConsentReceiptsRequest, context: Context
    ) -> messages.ListConsentReceiptsResponse:
        """A page of receipts."""
        page = await self._people.receipts(
            fields.number_of(request.parent, convert.PROFILES, field="parent"),
            limit=pages.size_of(request.page_size),
            before=pages.cursor_of(request, request.page_token),
        )
        self._access.note("CONSENTS_READ", context.peer(), "read what somebody agreed to")
        return messages.ListConsentReceiptsResponse(
            consent_receipts=[convert_people.receipt_message(receipt) for receipt in page.receipts],
            next_page_token=pages.token_after(page.next_cursor, request),
        )

    async def GetNotice(  # noqa: N802 (gRPC's name)
        self, request: messages.GetNoticeRequest, _context: Context
    ) -> records.Notice:
        """The notice."""
        if request.name not in ("", convert_people.NOTICE):
            raise InvalidRequestError([("name", f"is {request.name[:80]!r}; there is only {convert_people.NOTICE}")])
        notice = self._people.notices.notice(fields.language(request.language_code))
        showing = self._people.notices.first_showing
        return convert_people.notice_message(notice, showing.wall_time_ns if showing else 0)

    async def AcknowledgeNotice(  # noqa: N802 (gRPC's name)
        self, request: messages.AcknowledgeNoticeRequest, context: Context
    ) -> messages.AcknowledgeNoticeResponse:
        """Nothing, once it is written down."""
        await self._people.notices.note(
            request.version,
            fields.language(request.language_code),
            fields.digest(request.digest, came_with="the notice"),
            by=_by(context),
        )
        return messages.AcknowledgeNoticeResponse()

    def _message(self, profile: Profile) -> records.Profile:
        consents = self._people.consents(profile.profile_id)
        return convert_people.profile_message(profile, consents, selected=self._people.selected == profile.profile_id)


def _by(context: Context) -> str:
    return f"a client at {who(context.peer())}"
