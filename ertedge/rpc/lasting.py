"""Calls that are done to their end, also where whoever made them goes away meanwhile. Floor 3.

A client that hangs up cancels its call, wherever that stands. What a person decided about themselves must not be left half
done by that: counted here and not written down, or the other way round.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class Lasting:
    """What is being done. Belongs to one event loop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    async def do(self, work: Coroutine[Any, Any, Result]) -> Result:
        """What ``work`` comes to, or the error that it raises. Cancelling this leaves ``work`` going on."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return await asyncio.shield(task)

    def _end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.debug("a call ended with %r", error)  # told to the caller too, where there still is one
