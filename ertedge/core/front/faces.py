"""The faces of enrolled people: in memory for the flow, on the disk for the next start. Floor 2.

A gallery counts only while its person agrees to have their face sensed and recognised. When they withdraw, or are erased, it
is gone from here at once; from the disk it goes by way of what the consent covered. A gallery is of the network that made
it: where another reads faces since an update, it is forgotten at the start, and the ledger asks for its person to be
enrolled again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NoReturn

import numpy as np

from ertedge.core.clock import Clock
from ertedge.core.front.port import FrontRecorder, gone_from_disk
from ertedge.core.front.presence import PeoplePort
from ertedge.errors import StoreError
from ertedge.types import Float32Array, Purpose

AGAIN_SECONDS = 5.0
"""How often faces that could not be read are tried again."""
NEEDED = (Purpose.SENSE_FACE, Purpose.FACE_RECOGNITION)


class Faces:
    """Belongs to one event loop. ``tell`` is called with the galleries whenever they change, at ``start`` too."""

    def __init__(
        self,
        people: PeoplePort,
        recorder: FrontRecorder,
        clock: Clock,
        tell: Callable[[Mapping[int, Float32Array]], None],
        network: str | None,
    ) -> None:
        """``network``: the digest of the file that reads faces; None where it is not known, so that all that is stored
        counts."""
        self._people = people
        self._recorder = recorder
        self._clock = clock
        self._tell = tell
        self._network = network
        self._galleries: dict[int, Float32Array] = {}
        self._read = False
        people.subscribe(self._consent_changed)
        people.on_erased(self._drop)

    @property
    def galleries(self) -> Mapping[int, Float32Array]:
        """By profile, (n, 128) embeddings of everybody who is enrolled and agrees to be recognised."""
        return MappingProxyType(self._galleries)

    async def start(self) -> None:
        """Read who is enrolled. Where that cannot be read nobody is recognised, until ``run`` can."""
        try:
            await self._bind()
            stored = await self._recorder.read(lambda store: store.faces.galleries())
        except StoreError:
            return  # the recorder's health tells of it
        self._read = True
        known = {number: gallery for number, gallery in stored.items() if self.may_enrol(number)}
        self._change({**known, **self._galleries})

    async def _bind(self) -> None:
        """Have the galleries of another network forgotten. Raises StoreError: then nothing changed."""
        network = self._network
        if network is None:
            return
        for profile_id in await self._recorder.keep_now(lambda store: store.faces.bind(network)):
            self._note(
                "FACE_FORGOTTEN", profile_id, "was forgotten, as another network reads faces now; enrol it again"
            )

    async def run(self) -> NoReturn:
        """Try again what could not be read, for ever."""
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            if not self._read:
                await self.start()

    def may_enrol(self, profile_id: int) -> bool:
        """Whether the person agrees to have their face sensed and recognised."""
        return all(self._people.may(profile_id, purpose) for purpose in NEEDED)

    async def replace(self, profile_id: int, gallery: Float32Array) -> None:
        """Enrol a person with (n, 128) embeddings, in place of those before. Raises StoreError: then nothing changed."""
        now_ns = self._clock.wall_ns()
        await self._recorder.keep_now(lambda store: store.faces.replace_gallery(profile_id, gallery, now_ns))
        if not self.may_enrol(profile_id):  # withdrawn in the meantime
            self._recorder.keep(lambda store: store.faces.replace_gallery(profile_id, gallery[:0], now_ns))
            return
        self._change({**self._galleries, profile_id: gallery})
        self._note("FACE_ENROLLED", profile_id, "was enrolled for recognition")

    async def forget(self, profile_id: int) -> None:
        """Recognise a person no longer. It counts at once. Raises StoreError where it is not yet gone from the disk."""
        self._drop(profile_id)
        empty = np.zeros((0, 128), np.float32)
        now_ns = self._clock.wall_ns()
        self._note("FACE_FORGOTTEN", profile_id, "was forgotten")
        await gone_from_disk(self._recorder, lambda store: store.faces.replace_gallery(profile_id, empty, now_ns))

    def _consent_changed(self, profile_id: int, purpose: Purpose, given: bool) -> None:
        if purpose in NEEDED and not given:
            self._drop(profile_id)

    def _drop(self, profile_id: int) -> None:
        if profile_id in self._galleries:
            self._change({number: each for number, each in self._galleries.items() if number != profile_id})

    def _change(self, galleries: dict[int, Float32Array]) -> None:
        self._galleries = galleries
        self._tell(galleries)

    def _note(self, event: str, profile_id: int, what: str) -> None:
        name = f"profiles/{profile_id}"
        self._recorder.record_ledger(event, name, f"The face of profile {profile_id} {what}.", profile_id=profile_id)
