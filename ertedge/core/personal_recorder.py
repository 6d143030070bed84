"""The recorder as one person's suggestions and safety see it: their part of the store, while it may be written. Floor 2.

Whether something may be kept is asked when it is written, not only when it is handed over: what waited for a disk that was
full is not written after the person has withdrawn their consent or has been erased.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ertedge.core.recorder import Recorder
from ertedge.core.store_port import ProfileStore

Answer = TypeVar("Answer")


def always() -> bool:
    """What may be kept without asking anybody: nobody's, and what safety rests on."""
    return True


class PersonalRecorder:
    """The part of ``recorder`` that belongs to a profile; 0: to nobody. ``permitted`` says whether anything may be kept."""

    def __init__(self, recorder: Recorder, profile_id: int, permitted: Callable[[], bool] = always) -> None:
        self._recorder = recorder
        self._profile_id = profile_id
        self._permitted = permitted

    @property
    def keeps(self) -> bool:
        """Whether what is kept is written now."""
        return self._permitted()

    def keep(self, change: Callable[[ProfileStore], None]) -> None:
        """Have ``change`` made soon, as ``Recorder.keep`` does. Never waits, never raises."""
        if self._permitted():
            self._recorder.keep(lambda store: self._make(change, store.of(self._profile_id)))

    async def keep_now(self, change: Callable[[ProfileStore], None]) -> None:
        """Make ``change`` before returning, also what takes something away. Raises StoreError: then it was not made."""
        await self._recorder.keep_now(lambda store: change(store.of(self._profile_id)))

    async def read(self, question: Callable[[ProfileStore], Answer]) -> Answer:
        """What the person's part of the store answers. Raises StoreError, and what the question raises."""
        return await self._recorder.read(lambda store: question(store.of(self._profile_id)))

    async def flush(self) -> None:
        """Write what waits now, as ``Recorder.flush`` does."""
        await self._recorder.flush()

    def _make(self, change: Callable[[ProfileStore], None], store: ProfileStore) -> None:
        if self._permitted():
            change(store)
