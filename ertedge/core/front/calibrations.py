"""The calibration of every profile: read when the person is first there, worked out beside the flow, used at once. Floor 2.

``affect.calibration`` does the mathematics, which takes seconds on a small device once there are many labels; so it is done
beside the event loop on a copy, which takes the place of the one in use when it is ready. This keeps one of them a profile,
stores the labels where the person agrees to keep a history, and drops what is withdrawn or erased. Labels that were given to
a simulated person are kept apart from those of a real one.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from ertedge.affect.calibration import PersonalCalibration
from ertedge.affect.population import Population
from ertedge.core.background import in_background
from ertedge.core.clock import Clock
from ertedge.core.front.port import FrontRecorder, gone_from_disk
from ertedge.core.front.presence import PeoplePort
from ertedge.errors import NotFoundError, PreconditionError, StoreError
from ertedge.types import CalibrationLabel, CalibrationSummary, Modality, Purpose

logger = logging.getLogger(__name__)

NOBODY = 0
SENSED_BY = {Purpose.SENSE_FACE: Modality.FACE, Purpose.SENSE_VOICE: Modality.VOICE}
WAIT_SECONDS = 5.0
"""How long a question about a person waits for what is being worked out; then it is answered from what was known before."""
AGAIN_NS = 24 * 3600 * 1_000_000_000
"""Labels fade: after so long everything is worked out anew."""

Key = tuple[int, bool]
"""A profile, and whether its person is a simulated one."""


class _Member:
    """One person's: ``labels`` as they are now, ``used`` as it was last worked out, from which labels and when (UTC)."""

    def __init__(self, used: PersonalCalibration, labels: Sequence[CalibrationLabel]) -> None:
        self.used = used
        self.labels = tuple(labels)
        self.worked_labels: tuple[CalibrationLabel, ...] | None = None
        self.worked_wall_ns = 0
        self.working: asyncio.Task[None] | None = None


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
        self._members: dict[Key, _Member] = {}
        self._reading: dict[Key, asyncio.Task[None]] = {}
        self._last_label_id: int | None = None
        people.subscribe(self._consent_changed)
        people.on_erased(self._erased)

    def of(self, profile_id: int) -> PersonalCalibration:
        """The calibration of the person who is there now. Never waits: until it has been read, that of nobody in particular
        is used."""
        key = profile_id, self._synthetic()
        if profile_id == NOBODY:
            return self._nobodys
        if (member := self._members.get(key)) is not None:
            if abs(self._clock.wall_ns() - member.worked_wall_ns) > AGAIN_NS:
                member.worked_labels = None
                self._work(member)
            return member.used
        if key not in self._reading:
            self._reading[key] = asyncio.get_running_loop().create_task(self._read(key))
        return self._nobodys

    def known(self, profile_id: int) -> CalibrationSummary:
        """What was last found of the person who is there now. Never waits."""
        used = self.of(profile_id)
        member = self._members.get((profile_id, self._synthetic()))
        return used.summary(member.worked_wall_ns if member is not None else 0)

    async def summary(self, profile_id: int) -> CalibrationSummary:
        """What is known of a profile, with its newest labels where they are worked in within seconds. Raises StoreError."""
        member = await self._member((profile_id, self._synthetic()))
        if (working := member.working) is not None:
            await asyncio.wait([working], timeout=WAIT_SECONDS)
        return member.used.summary(member.worked_wall_ns)

    async def labels(self, profile_id: int) -> tuple[CalibrationLabel, ...]:
        """What a person said that they felt, newest first. Raises StoreError."""
        member = await self._member((profile_id, self._synthetic()))
        return tuple(reversed(member.labels))

    async def add(self, label: CalibrationLabel, request_id: str = "") -> CalibrationLabel:
        """Store a label and work it in; its number is given here. A repeated ``request_id`` adds nothing.

        Raises PreconditionError where the person does not agree to keep a history, and StoreError: then it does not count.
        """
        self.check_consent(label.profile_id)
        synthetic = self._synthetic()
        member = await self._member((label.profile_id, synthetic))
        if request_id and (known := await self._label_of(label.profile_id, request_id)) is not None:
            return next((each for each in member.labels if each.label_id == known), replace(label, label_id=known))
        numbered = self._as_agreed(replace(label, label_id=await self._next_label_id()))
        await self._recorder.keep_now(
            lambda store: store.calibrations.add_label(numbered, synthetic=synthetic, request_id=request_id)
        )
        if self._people.may(label.profile_id, Purpose.KEEP_HISTORY):
            member = await self._member((label.profile_id, synthetic))  # another, where a consent was withdrawn since
            if all(each.label_id != numbered.label_id for each in member.labels):
                self._teach(member, (*member.labels, numbered))
        else:  # it was withdrawn in the meantime
            self._recorder.keep(lambda store: store.calibrations.forget(label.profile_id))
        return numbered

    async def take_back(self, profile_id: int, label_id: int) -> None:
        """Forget one label, and what was learnt from it. Raises NotFoundError, and StoreError where it is not yet off the
        disk."""
        member = await self._member((profile_id, self._synthetic()))
        left = [each for each in member.labels if each.label_id != label_id]
        if len(left) == len(member.labels):
            raise NotFoundError(
                f"there is no moment {label_id} of profile {profile_id}; list them to see which there are"
            )
        self._teach(member, left)
        await gone_from_disk(self._recorder, lambda store: store.calibrations.remove_label(profile_id, label_id))

    async def forget(self, profile_id: int) -> None:
        """Forget all that a person said they felt. It counts at once. Raises StoreError where it is not yet off the disk."""
        self._erased(profile_id)
        await gone_from_disk(self._recorder, lambda store: store.calibrations.forget(profile_id))

    def check_consent(self, profile_id: int) -> None:
        """Raises PreconditionError where the person does not agree to keep a history."""
        if not self._people.may(profile_id, Purpose.KEEP_HISTORY):
            raise PreconditionError(
                "what you say that you feel is kept to learn from it; give the consent keep_history first"
            )

    # Below: how.

    async def _member(self, key: Key) -> _Member:
        if key not in self._members:
            await self._load(key)
        return self._members[key]

    async def _read(self, key: Key) -> None:
        try:
            await self._load(key)
        except StoreError as error:
            # Without it people are read as everybody is; the recorder's health tells of the store.
            logger.warning("the calibration of profile %d cannot be read: %s", key[0], error)
            self._members.setdefault(key, self._fresh(key[0], ()))
        finally:
            self._reading.pop(key, None)

    async def _load(self, key: Key) -> None:
        profile_id, synthetic = key
        labels = await self._recorder.read(lambda store: store.calibrations.labels(profile_id, synthetic=synthetic))
        if key not in self._members:
            kept = labels if self._people.may(profile_id, Purpose.KEEP_HISTORY) else ()
            self._members[key] = self._fresh(profile_id, kept)

    def _fresh(self, profile_id: int, labels: Sequence[CalibrationLabel]) -> _Member:
        member = _Member(PersonalCalibration(self._population, profile_id), labels)
        self._work(member)
        return member

    def _teach(self, member: _Member, labels: Sequence[CalibrationLabel]) -> None:
        member.labels = tuple(labels)
        self._work(member)

    def _work(self, member: _Member) -> None:
        if member.working is None:
            member.working = asyncio.get_running_loop().create_task(self._work_in(member))

    async def _work_in(self, member: _Member) -> None:
        """Work the labels in on a copy, again where others came meanwhile. What is left out of the copy is what was observed
        of the person while it was being worked on: seconds."""
        try:
            while member.worked_labels is not (labels := member.labels):
                now_wall_ns = self._clock.wall_ns()
                heir = copy.deepcopy(member.used, {id(self._population): self._population})
                if labels:
                    await in_background(lambda: heir.replace(labels, now_wall_ns), "calibration")  # noqa: B023
                else:
                    heir.replace(labels, now_wall_ns)
                member.worked_labels, member.worked_wall_ns = labels, now_wall_ns
                if member.labels is labels:
                    member.used = heir
        except Exception:  # people are read on as they were
            logger.exception("a calibration could not be worked out")
            member.worked_labels, member.worked_wall_ns = member.labels, self._clock.wall_ns()
        finally:
            member.working = None

    async def _label_of(self, profile_id: int, request_id: str) -> int | None:
        return await self._recorder.read(lambda store: store.calibrations.label_of_request(profile_id, request_id))

    async def _next_label_id(self) -> int:
        if self._last_label_id is None:
            self._last_label_id = await self._recorder.read(lambda store: store.calibrations.last_label_id())
        self._last_label_id += 1
        return self._last_label_id

    def _as_agreed(self, label: CalibrationLabel) -> CalibrationLabel:
        """The label without what the person no longer agrees to. Raises PreconditionError where nothing is left of it."""
        left: CalibrationLabel | None = label
        for purpose, modality in SENSED_BY.items():
            if left is not None and not self._people.may(label.profile_id, purpose):
                left = _without(left, modality)
        if left is None:
            raise PreconditionError(
                "the consent to what this moment was read from was withdrawn; nothing was kept of it"
            )
        return left

    def _consent_changed(self, profile_id: int, purpose: Purpose, given: bool) -> None:
        """What a withdrawn consent covered teaches nothing from now on; from the disk it goes by itself."""
        if given:
            return
        if purpose is Purpose.KEEP_HISTORY:
            self._erased(profile_id)
        elif (modality := SENSED_BY.get(purpose)) is not None:
            for key, member in tuple(self._members.items()):
                if key[0] == profile_id:
                    left = [without for each in member.labels if (without := _without(each, modality)) is not None]
                    # A new one, which is empty until the rest is worked in: nothing of what was covered is used on.
                    self._members[key] = self._fresh(profile_id, left)

    def _erased(self, profile_id: int) -> None:
        for key in [key for key in self._members if key[0] == profile_id]:
            del self._members[key]
        for key in [key for key in self._reading if key[0] == profile_id]:
            self._reading.pop(key).cancel()


def _without(label: CalibrationLabel, modality: Modality) -> CalibrationLabel | None:
    """The label without what the modality said; None where nothing else was said."""
    left = replace(label, face=None) if modality is Modality.FACE else replace(label, voice=None)
    return left if left.face or left.voice else None
