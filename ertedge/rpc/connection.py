"""A client's connection to one daemon: calls that raise the errors of ``ertedge.errors``, and streams that come back.

Floor 3. What every service's client is built on; the channel is opened when first used.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import grpc.aio
from google.protobuf.message import Message

from ertedge.errors import ErtedgeError, ServerUnavailableError
from ertedge.rpc import addresses
from ertedge.rpc.errors import error_of

RECONNECT_FIRST_SECONDS = 0.2
RECONNECT_MOST_SECONDS = 1.0

_CHANNEL_OPTIONS = (
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.min_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 2_000),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.use_local_subchannel_pool", 1),
)

Answer = TypeVar("Answer")


class StreamEvent(Protocol):
    """What an event of any watch stream has."""

    @property
    def sequence(self) -> int: ...
    @property
    def dropped_count(self) -> int: ...


AnyEvent = TypeVar("AnyEvent", bound=StreamEvent)


class Connection:
    """One channel to ``address``, ``unix:PATH`` or ``HOST:PORT`` (``ListenError`` if it is neither or not on this machine);
    ``timeout_seconds`` bounds every call but a stream."""

    def __init__(self, address: str, timeout_seconds: float) -> None:
        self.address = address
        self.channel = grpc.aio.insecure_channel(addresses.parse(address).target, options=_CHANNEL_OPTIONS)
        self._timeout_seconds = timeout_seconds

    async def close(self) -> None:
        """End every call and the connection."""
        await self.channel.close(grace=None)

    async def call(
        self, method: Callable[..., Awaitable[Answer]], request: Message, *, timeout_seconds: float = 0.0
    ) -> Answer:
        """The answer to ``request``, which may take at least ``timeout_seconds``. Raises what the daemon raised, or
        ServerUnavailableError."""
        try:
            return await method(request, timeout=max(self._timeout_seconds, timeout_seconds))
        except grpc.aio.AioRpcError as failure:
            raise error_of(failure, self.address) from None

    async def stream(self, messages: AsyncIterable[Answer]) -> AsyncGenerator[Answer, None]:
        """The messages of one stream, with its failure as an error of the tree. Closing this ends the stream."""
        try:
            async for message in messages:
                yield message
        except grpc.aio.AioRpcError as failure:
            raise error_of(failure, self.address) from None
        finally:
            if isinstance(messages, grpc.aio.Call):
                messages.cancel()

    async def follow(
        self,
        open_stream: Callable[[int], AsyncIterable[Any]],
        record_of: Callable[[Any], AnyEvent],
        *,
        since_sequence: int,
        reconnect: bool,
        on_lost: Callable[[ErtedgeError], None] | None,
    ) -> AsyncIterator[AnyEvent]:
        """The events of a watch stream that ``open_stream`` opens after a sequence number.

        With ``reconnect`` it survives the daemon's absence: ``on_lost`` hears of each loss, and ``dropped_count`` goes on
        counting over all of its streams. Other errors (LimitReachedError, for one) are raised.
        """
        sequence, dropped_before, pause_seconds = since_sequence, 0, RECONNECT_FIRST_SECONDS
        while True:
            dropped_here = 0
            lost: ErtedgeError = ServerUnavailableError(f"{self.address} ended the stream")
            try:
                async for message in open_stream(sequence):
                    event = record_of(message)
                    sequence, dropped_here, pause_seconds = event.sequence, event.dropped_count, RECONNECT_FIRST_SECONDS
                    yield _counting_from(event, dropped_before)
            except grpc.aio.AioRpcError as failure:
                lost = error_of(failure, self.address)
            if not (reconnect and isinstance(lost, ServerUnavailableError)):
                raise lost
            if on_lost is not None:
                on_lost(lost)
            dropped_before += dropped_here
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, RECONNECT_MOST_SECONDS)


def _counting_from(event: AnyEvent, dropped_before: int) -> AnyEvent:
    if not dropped_before:
        return event
    return replace(event, dropped_count=event.dropped_count + dropped_before)  # type: ignore[type-var]
