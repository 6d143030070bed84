"""SafetyService: notices, answers to them, cries for help, the safety plan, helplines. Floor 3; thin.

What a person says in words is handed to the core and to nothing else: no log, no ledger, no error repeats it.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc.aio

from ertedge.core.household import NOBODY, Household
from ertedge.errors import InvalidRequestError
from ertedge.rpc import convert_safety, fields, pages
from ertedge.rpc.access import AccessLog
from ertedge.v1 import safety_service_pb2 as messages
from ertedge.v1 import safety_service_pb2_grpc as services

Context = grpc.aio.ServicerContext[Any, Any]


class SafetyService(services.SafetyServiceServicer):
    """Speaks for everybody's safety; ``access`` hears who reads notices or the plan. A request that names no person means
    whoever is in front of the device."""

    def __init__(self, household: Household, access: AccessLog) -> None:
        self._household = household
        self._access = access

    def end_streams(self) -> None:
        """End every watch stream, so that a stop waits for none."""
        self._household.end_watches()

    async def WatchSafetyNotices(  # noqa: N802 (gRPC's name)
        self, request: messages.WatchSafetyNoticesRequest, context: Context
    ) -> AsyncIterator[messages.WatchSafetyNoticesResponse]:
        """The open notice and every one that is raised or changes, until the client goes."""
        self._access.note("SAFETY_NOTICES_WATCHED", context.peer(), "watches the safety notices")
        async with aclosing(
            self._household.watch_notices(fields.profile_of(request), request.since_sequence)
        ) as events:
            async for event in events:
                yield convert_safety.event_message(event)

    async def ListSafetyNotices(  # noqa: N802 (gRPC's name)
        self, request: messages.ListSafetyNoticesRequest, context: Context
    ) -> messages.ListSafetyNoticesResponse:
        """A page of notices."""
        theirs = await self._household.of(fields.profile_of(request))
        notices, cursor = await theirs.safety.list_notices(
            limit=pages.size_of(request.page_size),
            before=pages.cursor_of(request, request.page_token),
            only_open=request.only_open,
        )
        self._access.note("SAFETY_NOTICES_READ", context.peer(), "read safety notices")
        return messages.ListSafetyNoticesResponse(
            safety_notices=[convert_safety.notice_message(notice) for notice in notices],
            next_page_token=pages.token_after(cursor, request),
        )

    async def RespondToSafetyNotice(  # noqa: N802 (gRPC's name)
        self, request: messages.RespondToSafetyNoticeRequest, _context: Context
    ) -> messages.RespondToSafetyNoticeResponse:
        """The notice after an answer, and what help there is."""
        number = fields.number_of(request.name, convert_safety.COLLECTION)
        theirs = await self._household.of_notice(number, fields.profile_of(request))
        answered = await theirs.safety.respond(
            number,
            convert_safety.response_record(request),
            request.text,
            fields.request_id(request.request_id),
        )
        return messages.RespondToSafetyNoticeResponse(
            safety_notice=convert_safety.notice_message(answered.notice),
            helplines=[convert_safety.helpline_message(line) for line in answered.helplines],
        )

    async def AskForHelp(  # noqa: N802 (gRPC's name)
        self, request: messages.AskForHelpRequest, context: Context
    ) -> messages.AskForHelpResponse:
        """The notice that it raises, the plan, and what help there is."""
        theirs = await self._household.of(fields.profile_of(request))
        asked = await theirs.safety.ask_for_help(request.text)
        self._access.note("SAFETY_PLAN_READ", context.peer(), "read the safety plan")
        return messages.AskForHelpResponse(
            safety_notice=convert_safety.notice_message(asked.notice),
            safety_plan=convert_safety.plan_message(theirs.safety.plan),
            helplines=[convert_safety.helpline_message(line) for line in asked.helplines],
        )

    async def GetSafetyPlan(  # noqa: N802 (gRPC's name)
        self, request: messages.GetSafetyPlanRequest, context: Context
    ) -> messages.SafetyPlan:
        """The plan."""
        if request.name not in ("", convert_safety.PLAN):
            raise InvalidRequestError([("name", f"is {request.name[:80]!r}; there is only {convert_safety.PLAN}")])
        theirs = await self._household.of(fields.profile_of(request))
        self._access.note("SAFETY_PLAN_READ", context.peer(), "read the safety plan")
        return convert_safety.plan_message(theirs.safety.plan)

    async def UpdateSafetyPlan(  # noqa: N802 (gRPC's name)
        self, request: messages.UpdateSafetyPlanRequest, context: Context
    ) -> messages.UpdateSafetyPlanResponse:
        """The plan as it is now."""
        theirs = await self._household.of(fields.profile_of(request))
        plan = await theirs.safety.update_plan(*convert_safety.plan_update(request))
        self._access.note("SAFETY_PLAN_CHANGED", context.peer(), "changed the safety plan")
        return messages.UpdateSafetyPlanResponse(safety_plan=convert_safety.plan_message(plan))

    async def ListHelplines(  # noqa: N802 (gRPC's name)
        self, request: messages.ListHelplinesRequest, _context: Context
    ) -> messages.ListHelplinesResponse:
        """A page of helplines."""
        region = request.region_code
        if region and not re.fullmatch(r"[A-Za-z]{2}", region):
            raise InvalidRequestError(
                [("region_code", f"is {region[:20]!r}; use two letters such as GB, or leave it out")]
            )
        nobodys = await self._household.of(NOBODY)  # helplines are for everybody
        lines, token = pages.slice_of(nobodys.safety.helplines(region or None), request)
        return messages.ListHelplinesResponse(
            helplines=[convert_safety.helpline_message(line) for line in lines], next_page_token=token
        )
