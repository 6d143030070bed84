"""The part of the client that speaks with SuggestionService: ``Client.suggestions``. Floor 3."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable

from ertedge.core.suggestions.records import (
    GuideEvent,
    PolicyEstimate,
    SuggestionEvent,
    SuggestionsEvaluation,
    SuggestionsPage,
)
from ertedge.errors import ErtedgeError
from ertedge.rpc import convert, convert_activities, convert_suggestions
from ertedge.rpc.connection import Connection
from ertedge.rpc.convert_activities import nanoseconds
from ertedge.types import Activity, ActivityFamily, ResponseKind, Suggestion, SuggestionResponse
from ertedge.v1 import suggestion_service_pb2 as messages
from ertedge.v1 import suggestion_service_pb2_grpc as services

__all__ = [
    "GuideEvent",
    "PolicyEstimate",
    "SuggestionEvent",
    "SuggestionsClient",
    "SuggestionsEvaluation",
    "SuggestionsPage",
]

LARGE_PAGE = 1000


class SuggestionsClient:
    """Suggestions and the catalogue over ``connection``. Calls raise the errors of ``ertedge.errors`` as the daemon did.

    ``profile_id`` is whose suggestions are meant; None: those of whoever is in front of the device; 0: nobody's.
    """

    def __init__(self, connection: Connection, profile_id: int | None = None) -> None:
        self._connection = connection
        self._profile = requested_profile(profile_id)
        self._stub = services.SuggestionServiceStub(connection.channel)

    def watch(
        self,
        since_sequence: int = 0,
        *,
        reconnect: bool = True,
        on_lost: Callable[[ErtedgeError], None] | None = None,
    ) -> AsyncIterator[SuggestionEvent]:
        """The open suggestion, if there is one, and every one that is made or changes after it, with heartbeats between.

        With ``reconnect`` it survives the daemon's absence, as ``Client.watch`` does.
        """
        return self._connection.follow(
            lambda sequence: self._stub.WatchSuggestions(
                messages.WatchSuggestionsRequest(since_sequence=sequence, profile=self._profile)
            ),
            convert_suggestions.event_record,
            since_sequence=since_sequence,
            reconnect=reconnect,
            on_lost=on_lost,
        )

    async def request(self, request_id: str = "") -> Suggestion:
        """Ask for a suggestion now. Raises SafetyFirstError, NothingFitsError or SuggestionsOffError.

        A repeated ``request_id`` gets the suggestion of the first; without one, one is made.
        """
        request = messages.RequestSuggestionRequest(request_id=request_id or new_request_id(), profile=self._profile)
        answer = await self._connection.call(self._stub.RequestSuggestion, request)
        return convert_suggestions.suggestion_record(answer.suggestion)

    async def respond(
        self,
        suggestion_id: int,
        kind: ResponseKind,
        *,
        rating: int = 0,
        snooze_seconds: float = 0.0,
        request_id: str = "",
    ) -> Suggestion:
        """Say what the person did; returns the suggestion as it is now.

        ``rating`` 1 to 5 goes with RATE, and may with COMPLETE; ``snooze_seconds`` with SNOOZE (0: half an hour). Raises
        NotFoundError, InvalidRequestError, or PreconditionError, which says what is possible.
        """
        response = SuggestionResponse(suggestion_id, kind, 0, rating, snooze_seconds, request_id or new_request_id())
        request = convert_suggestions.response_message(response)
        request.profile = self._profile
        answer = await self._connection.call(self._stub.RespondToSuggestion, request)
        return convert_suggestions.suggestion_record(answer.suggestion)

    async def suggestion(self, suggestion_id: int | None = None) -> Suggestion:
        """One suggestion, or the newest that is open. Raises NotFoundError."""
        name = f"{convert_suggestions.COLLECTION}{'current' if suggestion_id is None else suggestion_id}"
        message = await self._connection.call(
            self._stub.GetSuggestion, messages.GetSuggestionRequest(name=name, profile=self._profile)
        )
        return convert_suggestions.suggestion_record(message)

    async def list_suggestions(self, *, page_size: int = 0, page_token: str = "") -> SuggestionsPage:
        """One page of suggestions, newest first."""
        request = messages.ListSuggestionsRequest(page_size=page_size, page_token=page_token, profile=self._profile)
        page = await self._connection.call(self._stub.ListSuggestions, request)
        return SuggestionsPage(
            tuple(convert_suggestions.suggestion_record(each) for each in page.suggestions), page.next_page_token
        )

    async def suggestions(self, *, page_size: int = 0) -> AsyncIterator[Suggestion]:
        """All pages of ``list_suggestions``, one suggestion after the other."""
        page_token = ""
        while True:
            page = await self.list_suggestions(page_size=page_size, page_token=page_token)
            for suggestion in page.suggestions:
                yield suggestion
            if not (page_token := page.next_page_token):
                return

    async def activities(self, family: ActivityFamily | None = None, language: str = "") -> tuple[Activity, ...]:
        """The catalogue by id, of one family if it is given; ``language`` is ISO 639-1, empty the device's."""
        found: list[Activity] = []
        page_token = ""
        while True:
            request = messages.ListActivitiesRequest(
                page_size=LARGE_PAGE,
                page_token=page_token,
                family=convert_activities.family_number(family),  # type: ignore[arg-type]
                language_code=language,
            )
            page = await self._connection.call(self._stub.ListActivities, request)
            found += [convert_activities.activity_record(each) for each in page.activities]
            if not (page_token := page.next_page_token):
                return tuple(found)

    async def activity(self, activity_id: str, language: str = "") -> Activity:
        """One activity. Raises NotFoundError."""
        request = messages.GetActivityRequest(name=_activity_name(activity_id), language_code=language)
        return convert_activities.activity_record(await self._connection.call(self._stub.GetActivity, request))

    async def review(
        self, activity_id: str, *, reviewer: str, role: str, language: str = "", digest: str = ""
    ) -> Activity:
        """Sign an activity off; returns it with its reviews.

        ``digest`` is that of the content which was read (ContentChangedError when it is another by now); empty: as it
        stands.
        """
        request = messages.ReviewActivityRequest(
            name=_activity_name(activity_id), language_code=language, reviewer=reviewer, role=role, digest=digest
        )
        answer = await self._connection.call(self._stub.ReviewActivity, request)
        return convert_activities.activity_record(answer.activity)

    async def guide(
        self, activity_id: str, position_seconds: float = 0.0, language: str = ""
    ) -> AsyncIterator[GuideEvent]:
        """The steps of an activity, each when it is due, from a position on; the last event has no step.

        Pause by leaving the stream; go on with the position of the last event and the time since. Raises NotFoundError and
        InvalidRequestError.
        """
        request = messages.GuideActivityRequest(name=_activity_name(activity_id), language_code=language)
        if position_seconds:
            request.position.CopyFrom(convert.duration_message(nanoseconds(position_seconds)))
        async for message in self._connection.stream(self._stub.GuideActivity(request)):
            yield convert_activities.guide_record(message)

    async def evaluate(self, start_wall_time_ns: int | None = None) -> SuggestionsEvaluation:
        """How well the suggestions did from a moment on, and how another policy would have done."""
        request = messages.EvaluateSuggestionsRequest(profile=self._profile)
        if start_wall_time_ns is not None:
            request.start_time.CopyFrom(convert.timestamp_message(start_wall_time_ns))
        answer = await self._connection.call(self._stub.EvaluateSuggestions, request)
        return convert_suggestions.evaluation_record(answer)

    async def forget(self) -> None:
        """Forget what was learnt about the person's taste."""
        await self._connection.call(self._stub.ForgetLearning, messages.ForgetLearningRequest(profile=self._profile))


def requested_profile(profile_id: int | None) -> str:
    """Whom a request means: a profile's name, also nobody's; empty: whoever is in front of the device."""
    return "" if profile_id is None else f"{convert.PROFILES}{profile_id}"


def new_request_id() -> str:
    """An id by which a repeated request is known."""
    return str(uuid.uuid4())


def _activity_name(activity_id: str) -> str:
    return f"{convert_activities.COLLECTION}{activity_id.removeprefix(convert_activities.COLLECTION)}"
