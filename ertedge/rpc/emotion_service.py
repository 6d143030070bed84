"""EmotionService: watch the states, read one, page through the history. Floor 3; thin."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import grpc.aio

from ertedge.core.emotions import Emotions
from ertedge.core.recorder import Recorder
from ertedge.errors import InvalidRequestError, NotFoundError
from ertedge.rpc import convert, pages
from ertedge.rpc.access import AccessLog
from ertedge.rpc.fields import is_number, optional_duration_ns, optional_timestamp_ns, profile_of
from ertedge.types import EmotionState
from ertedge.v1 import emotion_pb2 as emotion
from ertedge.v1 import emotion_service_pb2 as messages
from ertedge.v1 import emotion_service_pb2_grpc as services

COLLECTION = "emotionStates/"

Context = grpc.aio.ServicerContext[Any, Any]


class EmotionService(services.EmotionServiceServicer):
    """Speaks for ``emotions`` (what is in memory) and ``recorder`` (what is stored); ``access`` hears who reads."""

    def __init__(self, emotions: Emotions, recorder: Recorder, access: AccessLog) -> None:
        self._emotions = emotions
        self._recorder = recorder
        self._access = access

    def end_streams(self) -> None:
        """End every watch stream, so that a stop waits for none."""
        self._emotions.end_watches()

    async def WatchEmotionStates(  # noqa: N802 (gRPC's name)
        self, request: messages.WatchEmotionStatesRequest, context: Context
    ) -> AsyncIterator[messages.WatchEmotionStatesResponse]:
        """The current state and every one after it, until the client goes."""
        self._access.note("STATES_WATCHED", context.peer(), "watches the emotion states")
        async with aclosing(self._emotions.watch(request.since_sequence)) as events:
            async for event in events:
                yield convert.watch_message(event)

    async def GetEmotionState(  # noqa: N802 (gRPC's name)
        self, request: messages.GetEmotionStateRequest, context: Context
    ) -> emotion.EmotionState:
        """The current state, one in memory, or one in the store."""
        state = await self._state(request.name)
        self._access.note("STATES_READ", context.peer(), "read emotion states")
        return convert.state_message(state)

    async def ListEmotionStates(  # noqa: N802 (gRPC's name)
        self, request: messages.ListEmotionStatesRequest, context: Context
    ) -> messages.ListEmotionStatesResponse:
        """A page of stored states."""
        start_ns, end_ns = optional_timestamp_ns(request, "start_time"), optional_timestamp_ns(request, "end_time")
        if start_ns is not None and end_ns is not None and start_ns >= end_ns:
            raise InvalidRequestError([("end_time", "must be later than start_time")])
        page = await self._recorder.list_states(
            start_ns=start_ns,
            end_ns=end_ns,
            resolution_ns=optional_duration_ns(request, "resolution"),
            limit=pages.size_of(request.page_size),
            before=pages.cursor_of(request, request.page_token),
            profile_id=profile_of(request),
        )
        self._access.note("STATES_READ", context.peer(), "read emotion states")
        return messages.ListEmotionStatesResponse(
            emotion_states=[convert.state_message(state) for state in page.states],
            next_page_token=pages.token_after(page.next_cursor, request),
        )

    async def _state(self, name: str) -> EmotionState:
        if name == f"{COLLECTION}current":
            if self._emotions.current is None:
                raise NotFoundError("there is no emotion state yet; the device is starting")
            return self._emotions.current
        number = name.removeprefix(COLLECTION)
        if not (name.startswith(COLLECTION) and is_number(number)):
            raise InvalidRequestError([("name", f"is {name[:80]!r}; use {COLLECTION}NUMBER or {COLLECTION}current")])
        return self._emotions.recent(int(number)) or await self._recorder.state(int(number))
