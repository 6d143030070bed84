"""The calibration of every profile: read when the person is first there, used for their states at once. Floor 2.

``affect.calibration`` does the mathematics; this keeps one of them a profile, stores the labels where the person agrees to
keep a history, and drops what is withdrawn or erased. Labels that were given to a simulated person are kept apart from those
of a real one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace

from ertedge.affect.calibration import PersonalCalibration
from ertedge.affect.population import Population
from ertedge.core.clock import Clock
from ertedge.core.front_port import FrontRecorder
from ertedge.core.presence import PeoplePort
from ertedge.errors import NotFoundError, PreconditionError, StoreError
from ertedge.types import CalibrationLabel, CalibrationSummary, Modality, Purpose

logger = logging.getLogger(__name__)

NOBODY = 0
SENSED_BY = {Purpose.SENSE_FACE: Modality.FACE, Purpose.SENSE_VOICE: Modality.VOICE}


class Calibrations:
    """Belongs to one event loop. ``synthetic`` tells whether the person in front of the device is a simulated one."""

    def __init__(
        self,
        population: Population,
        people: PeoplePort,
        recorder: FrontRecorder,
        clock: Clock,
        synthetic: Callable[[], bool],
    ) -> None:
        self._population = population
        self._people = people
        self._recorder = recorder
        self._clock = clock
        self._synthetic = synthetic
        self._nobodys = PersonalCalibration(population, NOBODY)
        self._known: dict[tuple[int, bool], PersonalCalibration] = {}
        self._reading: dict[tuple[int, bool], asyncio.Task[None]] = {}
        self._last_label_id: int | None = None
        people.subscribe(self._consent_changed)
        people.on_erased(self._erased)

    def of(self, profile_id: int) -> PersonalCalibration:
        """The calibration of the person who is there now. Never waits: until it has been read, that of nobody in particular
        is used."""
        key = profile_id, self._synthetic()
        if profile_id == NOBODY:
            return self._nobodys
        if (known := self._known.get(key)) is not None:
            known.summary(self._clock.wall_ns())  # once a day it is worked out anew, since labels fade
            return known
        if key not in self._reading:
            self._reading[key] = asyncio.get_running_loop().create_task(self._read(*key))
        return self._nobodys

    async def ready(self, profile_id: int) -> PersonalCalibration:
        """The calibration of a profile, once it has been read. Raises StoreError."""
        key = profile_id, self._synthetic()
        if key not in self._known:
            await self._load(*key)
        return self._known[key]

    async def summary(self, profile_id: int) -> CalibrationSummary:
        """What is known of a profile now. Raises StoreError."""
        return (await self.ready(profile_id)).summary(self._clock.wall_ns())

    async def add(self, label: CalibrationLabel, request_id: str = "") -> CalibrationLabel:
        """Store a label and let it count at once; its number is given here. A repeated ``request_id`` adds nothing.

        Raises PreconditionError where the person does not agree to keep a history, and StoreError: then it does not count.
        """
        self.check_consent(label.profile_id)
        synthetic = self._synthetic()
        calibration = await self.ready(label.profile_id)
        if request_id and (known := await self._label_of(label.profile_id, request_id)) is not None:
            return next((each for each in calibration.labels if each.label_id == known), replace(label, label_id=known))
        numbered = replace(label, label_id=await self._next_label_id())
        await self._recorder.keep_now(
            lambda store: store.calibrations.add_label(numbered, synthetic=synthetic, request_id=request_id)
        )
        if self._people.may(label.profile_id, Purpose.KEEP_HISTORY):  # it may have been withdrawn in the meantime
            calibration.add(numbered, self._clock.wall_ns())
        else:
            self._recorder.keep(lambda store: store.calibrations.forget(label.profile_id))
        return numbered

    async def labels(self, profile_id: int) -> tuple[CalibrationLabel, ...]:
        """What a person said that they felt, newest first. Raises StoreError."""
        return tuple(reversed((await self.ready(profile_id)).labels))

    async def take_back(self, profile_id: int, label_id: int) -> None:
        """Forget one label, and what was learnt from it. It counts at once. Raises NotFoundError, and StoreError where it is
        not yet off the disk."""
        calibration = await self.ready(profile_id)
        left = [each for each in calibration.labels if each.label_id != label_id]
        if len(left) == len(calibration.labels):
            raise NotFoundError(
                f"there is no moment {label_id} of profile {profile_id}; list them to see which there are"
            )
        calibration.replace(left, self._clock.wall_ns())
        await self._recorder.keep_now(lambda store: store.calibrations.remove_label(profile_id, label_id))

    async def forget(self, profile_id: int) -> None:
        """Forget all that a person said they felt. It counts at once. Raises StoreError where it is not yet off the disk."""
        self._erased(profile_id)
        await self._recorder.keep_now(lambda store: store.calibrations.forget(profile_id))

    def check_consent(self, profile_id: int) -> None:
        """Raises PreconditionError where the person does not agree to keep a history."""
        if not self._people.may(profile_id, Purpose.KEEP_HISTORY):
            raise PreconditionError(
                "what you say that you feel is kept to learn from it; give the consent keep_history first"
            )

    async def _read(self, profile_id: int, synthetic: bool) -> None:
        try:
            await self._load(profile_id, synthetic)
        except StoreError as error:
            # Without it people are read as everybody is; the recorder's health tells of the store.
            logger.warning("the calibration of profile %d cannot be read: %s", profile_id, error)
            self._known.setdefault((profile_id, synthetic), PersonalCalibration(self._population, profile_id))
        finally:
            self._reading.pop((profile_id, synthetic), None)

    async def _load(self, profile_id: int, synthetic: bool) -> None:
        labels = await self._recorder.read(lambda store: store.calibrations.labels(profile_id, synthetic=synthetic))
        calibration = PersonalCalibration(self._population, profile_id)
        if labels and self._people.may(profile_id, Purpose.KEEP_HISTORY):
            calibration.replace(labels, self._clock.wall_ns())
        self._known.setdefault((profile_id, synthetic), calibration)

    async def _label_of(self, profile_id: int, request_id: str) -> int | None:
        return await self._recorder.read(lambda store: store.calibrations.label_of_request(profile_id, request_id))

    async def _next_label_id(self) -> int:
        if self._last_label_id is None:
            self._last_label_id = await self._recorder.read(lambda store: store.calibrations.last_label_id())
        self._last_label_id += 1
        return self._last_label_id

    def _consent_changed(self, profile_id: int, purpose: Purpose, given: bool) -> None:
        """What a withdrawn consent covered teaches nothing from now on; from the disk it goes by itself."""
        if given:
            return
        if purpose is Purpose.KEEP_HISTORY:
            self._erased(profile_id)
        elif (modality := SENSED_BY.get(purpose)) is not None:
            for (number, _), calibration in self._known.items():
                if number == profile_id:
                    left = [without for each in calibration.labels if (without := _without(each, modality)) is not None]
                    calibration.replace(left, self._clock.wall_ns())

    def _erased(self, profile_id: int) -> None:
        for key in [key for key in self._known if key[0] == profile_id]:
            del self._known[key]
        for key in [key for key in self._reading if key[0] == profile_id]:
            self._reading.pop(key).cancel()


def _without(label: CalibrationLabel, modality: Modality) -> CalibrationLabel | None:
    """The label without what the modality said; None where nothing else was said."""
    left = replace(label, face=None) if modality is Modality.FACE else replace(label, voice=None)
    return left if left.face or left.voice else None
