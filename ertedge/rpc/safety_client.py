"""The part of the client that speaks with SafetyService: ``Client.safety``. Floor 3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence

from google.protobuf.field_mask_pb2 import FieldMask

from ertedge.core.safety.records import NoticeEvent, NoticesPage, SafetyAnswered
from ertedge.errors import ErtedgeError
from ertedge.rpc import convert_safety
from ertedge.rpc.connection import Connection
from ertedge.rpc.suggestions_client import new_request_id, requested_profile
from ertedge.types import Helpline, NoticeResponse, SafetyNotice, SafetyPlan
from ertedge.v1 import safety_service_pb2 as messages
from ertedge.v1 import safety_service_pb2_grpc as services

__all__ = ["NoticeEvent", "NoticesPage", "SafetyAnswered", "SafetyClient"]


class SafetyClient:
    """Notices, the safety plan and helplines over ``connection``. Calls raise the errors of ``ertedge.errors`` as the daemon
    did. ``profile_id`` is whose safety is meant; None: that of whoever is in front of the device; 0: nobody's."""

    def __init__(self, connection: Connection, profile_id: int | None = None) -> None:
        self._connection = connection
        self._profile = requested_profile(profile_id)
        self._stub = services.SafetyServiceStub(connection.channel)

    def watch(
        self,
        since_sequence: int = 0,
        *,
        reconnect: bool = True,
        on_lost: Callable[[ErtedgeError], None] | None = None,
    ) -> AsyncIterator[NoticeEvent]:
        """The open notice, if there is one, and every one that is raised or changes after it, with heartbeats between.

        With ``reconnect`` it survives the daemon's absence, as ``Client.watch`` does.
        """
        return self._connection.follow(
            lambda sequence: self._stub.WatchSafetyNotices(
                messages.WatchSafetyNoticesRequest(since_sequence=sequence, profile=self._profile)
            ),
            convert_safety.event_record,
            since_sequence=since_sequence,
            reconnect=reconnect,
            on_lost=on_lost,
        )

    async def list_notices(self, *, only_open: bool = False, page_size: int = 0, page_token: str = "") -> NoticesPage:
        """One page of notices, newest first."""
        request = messages.ListSafetyNoticesRequest(
            page_size=page_size, page_token=page_token, only_open=only_open, profile=self._profile
        )
        page = await self._connection.call(self._stub.ListSafetyNotices, request)
        notices = tuple(convert_safety.notice_record(each) for each in page.safety_notices)
        return NoticesPage(notices, page.next_page_token)

    async def notices(self, *, only_open: bool = False, page_size: int = 0) -> AsyncIterator[SafetyNotice]:
        """All pages of ``list_notices``, one notice after the other."""
        page_token = ""
        while True:
            page = await self.list_notices(only_open=only_open, page_size=page_size, page_token=page_token)
            for notice in page.notices:
                yield notice
            if not (page_token := page.next_page_token):
                return

    async def respond(
        self, notice_id: int, response: NoticeResponse, text: str = "", *, request_id: str = ""
    ) -> SafetyAnswered:
        """Answer a notice, in words too if there are any: they can only make the device more careful, and are not kept.

        Raises NotFoundError for a notice that never was, unless help is needed. Without a ``request_id`` one is made.
        """
        request = messages.RespondToSafetyNoticeRequest(
            name=f"{convert_safety.COLLECTION}{notice_id}",
            response=convert_safety.response_number(response),  # type: ignore[arg-type]
            text=text,
            request_id=request_id or new_request_id(),
            profile=self._profile,
        )
        answer = await self._connection.call(self._stub.RespondToSafetyNotice, request)
        return convert_safety.answered_record(answer)

    async def ask_for_help(self, text: str = "") -> SafetyAnswered:
        """Say that the person wants help now; gives the notice, the plan and helplines."""
        answer = await self._connection.call(
            self._stub.AskForHelp, messages.AskForHelpRequest(text=text, profile=self._profile)
        )
        return convert_safety.answered_record(answer)

    async def plan(self) -> SafetyPlan:
        """The person's safety plan; reading it is written in the privacy ledger."""
        message = await self._connection.call(
            self._stub.GetSafetyPlan, messages.GetSafetyPlanRequest(profile=self._profile)
        )
        return convert_safety.plan_record(message)

    async def update_plan(self, plan: SafetyPlan, fields: Sequence[str] = ()) -> SafetyPlan:
        """Replace the ``fields`` of the plan by those of ``plan``; without any, all. Raises InvalidRequestError."""
        request = messages.UpdateSafetyPlanRequest(
            safety_plan=convert_safety.plan_message(plan),
            update_mask=FieldMask(paths=fields),
            profile=self._profile,
        )
        answer = await self._connection.call(self._stub.UpdateSafetyPlan, request)
        return convert_safety.plan_record(answer.safety_plan)

    async def helplines(self, region: str = "") -> tuple[Helpline, ...]:
        """Helplines of ``region`` (ISO 3166-1; empty: the device's), then the international ones."""
        found: list[Helpline] = []
        page_token = ""
        while True:
            request = messages.ListHelplinesRequest(region_code=region, page_token=page_token)
            page = await self._connection.call(self._stub.ListHelplines, request)
            found += [convert_safety.helpline_record(line) for line in page.helplines]
            if not (page_token := page.next_page_token):
                return tuple(found)
