"""SuggestionService: watch the suggestions, ask for one, answer them; the catalogue and its guidance. Floor 3; thin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any, Protocol

import grpc.aio

from ertedge.core.household import Household
from ertedge.core.suggestions.activities import Activities
from ertedge.core.suggestions.guide import Guide
from ertedge.errors import NotFoundError
from ertedge.rpc import convert_activities, convert_suggestions, fields, pages
from ertedge.rpc.access import AccessLog
from ertedge.types import Suggestion
from ertedge.v1 import activity_pb2 as activity
from ertedge.v1 import suggestion_pb2 as suggestion
from ertedge.v1 import suggestion_service_pb2 as messages
from ertedge.v1 import suggestion_service_pb2_grpc as services

CURRENT = f"{convert_suggestions.COLLECTION}current"

Context = grpc.aio.ServicerContext[Any, Any]


class _InSomeLanguage(Protocol):
    """A request that may say in which language."""

    @property
    def language_code(self) -> str: ...


class SuggestionService(services.SuggestionServiceServicer):
    """Speaks for everybody's suggestions, ``activities`` and ``guide``; ``access`` hears who reads what a person was
    offered. A request that names no person means whoever is in front of the device."""

    def __init__(self, household: Household, activities: Activities, guide: Guide, access: AccessLog) -> None:
        self._household = household
        self._activities = activities
        self._guide = guide
        self._access = access

    @property
    def is_on(self) -> bool:
        """Whether anything can be suggested."""
        return not self._household.off_detail

    def _language_of(self, request: _InSomeLanguage) -> str:
        """The language that was asked for, or else what whoever is in front is spoken to in."""
        return fields.language(request.language_code) or self._household.language

    def end_streams(self) -> None:
        """End every stream, so that a stop waits for none."""
        self._household.end_watches()
        self._guide.end_all()

    async def WatchSuggestions(  # noqa: N802 (gRPC's name)
        self, request: messages.WatchSuggestionsRequest, context: Context
    ) -> AsyncIterator[messages.WatchSuggestionsResponse]:
        """The open suggestion and every one that is made or changes after it, until the client goes."""
        self._access.note("SUGGESTIONS_WATCHED", context.peer(), "watches the suggestions")
        async with aclosing(
            self._household.watch_suggestions(fields.profile_of(request), request.since_sequence)
        ) as events:
            async for event in events:
                yield convert_suggestions.event_message(event)

    async def RequestSuggestion(  # noqa: N802 (gRPC's name)
        self, request: messages.RequestSuggestionRequest, context: Context
    ) -> messages.RequestSuggestionResponse:
        """A suggestion now."""
        request_id, theirs = fields.request_id(request.request_id), await self._household.of(fields.profile_of(request))
        made = await theirs.suggestions.request(request_id)
        self._access.note("SUGGESTIONS_READ", context.peer(), "read suggestions")
        return messages.RequestSuggestionResponse(suggestion=convert_suggestions.suggestion_message(made))

    async def RespondToSuggestion(  # noqa: N802 (gRPC's name)
        self, request: messages.RespondToSuggestionRequest, _context: Context
    ) -> messages.RespondToSuggestionResponse:
        """What the person did."""
        number = fields.number_of(request.name, convert_suggestions.COLLECTION)
        fields.request_id(request.request_id)
        theirs = await self._household.of_suggestion(number, fields.profile_of(request))
        changed = await theirs.suggestions.respond(convert_suggestions.response_record(request, number))
        return messages.RespondToSuggestionResponse(suggestion=convert_suggestions.suggestion_message(changed))

    async def GetSuggestion(  # noqa: N802 (gRPC's name)
        self, request: messages.GetSuggestionRequest, context: Context
    ) -> suggestion.Suggestion:
        """The current one, or one by its number."""
        found = await self._suggestion(request.name, fields.profile_of(request))
        self._access.note("SUGGESTIONS_READ", context.peer(), "read suggestions")
        return convert_suggestions.suggestion_message(found)

    async def ListSuggestions(  # noqa: N802 (gRPC's name)
        self, request: messages.ListSuggestionsRequest, context: Context
    ) -> messages.ListSuggestionsResponse:
        """A page of suggestions."""
        theirs = await self._household.of(fields.profile_of(request))
        page = await theirs.suggestions.page(
            limit=pages.size_of(request.page_size), before=pages.cursor_of(request, request.page_token)
        )
        self._access.note("SUGGESTIONS_READ", context.peer(), "read suggestions")
        return messages.ListSuggestionsResponse(
            suggestions=[convert_suggestions.suggestion_message(each) for each in page.suggestions],
            next_page_token=pages.token_after(page.next_cursor, request),
        )

    async def GetActivity(  # noqa: N802 (gRPC's name)
        self, request: messages.GetActivityRequest, _context: Context
    ) -> activity.Activity:
        """One activity."""
        found = self._activities.get(fields.activity_id(request.name), self._language_of(request))
        return convert_activities.activity_message(found)

    async def ListActivities(  # noqa: N802 (gRPC's name)
        self, request: messages.ListActivitiesRequest, _context: Context
    ) -> messages.ListActivitiesResponse:
        """A page of the catalogue."""
        family = convert_activities.family_of_request(request.family)
        found = self._activities.all(self._language_of(request), family)
        chosen, token = pages.slice_of(found, request)
        return messages.ListActivitiesResponse(
            activities=map(convert_activities.activity_message, chosen), next_page_token=token
        )

    async def ReviewActivity(  # noqa: N802 (gRPC's name)
        self, request: messages.ReviewActivityRequest, context: Context
    ) -> messages.ReviewActivityResponse:
        """A sign-off of an activity's content."""
        reviewed = await self._activities.review(
            fields.activity_id(request.name),
            reviewer=fields.words(request, "reviewer"),
            role=fields.words(request, "role"),
            language=self._language_of(request),
            digest=fields.digest(request.digest),
        )
        self._access.note("ACTIVITY_REVIEWED", context.peer(), f"signed {reviewed.activity_id} off")
        return messages.ReviewActivityResponse(activity=convert_activities.activity_message(reviewed))

    async def GuideActivity(  # noqa: N802 (gRPC's name)
        self, request: messages.GuideActivityRequest, _context: Context
    ) -> AsyncIterator[messages.GuideActivityResponse]:
        """The steps of an activity, each when it is due, until it is over or the client goes."""
        found = self._activities.get(fields.activity_id(request.name), self._language_of(request))
        position_seconds = fields.optional_duration_ns(request, "position") / 1e9
        async with aclosing(self._guide.through(found, position_seconds)) as events:
            async for event in events:
                yield convert_activities.guide_message(event)

    async def EvaluateSuggestions(  # noqa: N802 (gRPC's name)
        self, request: messages.EvaluateSuggestionsRequest, context: Context
    ) -> messages.EvaluateSuggestionsResponse:
        """What the log says of how well the suggestions do."""
        theirs = await self._household.of(fields.profile_of(request))
        evaluation = await theirs.suggestions.evaluate(fields.optional_timestamp_ns(request, "start_time") or 0)
        self._access.note("SUGGESTIONS_READ", context.peer(), "read suggestions")
        return convert_suggestions.evaluation_message(evaluation)

    async def ForgetLearning(  # noqa: N802 (gRPC's name)
        self, request: messages.ForgetLearningRequest, context: Context
    ) -> messages.ForgetLearningResponse:
        """Answers once it is forgotten, in the files too."""
        await (await self._household.of(fields.profile_of(request))).suggestions.forget()
        self._access.note("LEARNING_FORGOTTEN", context.peer(), "had what was learnt about the person forgotten")
        return messages.ForgetLearningResponse()

    async def _suggestion(self, name: str, profile_id: int | None) -> Suggestion:
        if name != CURRENT:
            number = fields.number_of(name, convert_suggestions.COLLECTION)
            return await (await self._household.of_suggestion(number, profile_id)).suggestions.suggestion(number)
        current = (await self._household.of(profile_id)).suggestions.current
        if current is None:
            raise NotFoundError("no suggestion is open; ask for one")
        return current
