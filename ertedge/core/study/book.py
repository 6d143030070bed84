"""The studies of this device in memory and in the store: which there are, who takes part, which slots were used. Floor 2.

Whatever is added is on the disk before it counts. What is forgotten counts as gone at once, and the disk is tried again.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from typing import NoReturn

from ertedge.core.clock import Clock
from ertedge.core.study.port import StudyRecorder
from ertedge.core.study.records import ParticipantView, StudyView
from ertedge.errors import ConfigurationError, NotFoundError, StoreError
from ertedge.store.study_records import StoredStudy
from ertedge.types.study import (
    Disclosure,
    NotEnrolled,
    NotEnrolledReason,
    Participant,
    ParticipantStatus,
    Study,
    UsedSlot,
)
from ertedge.wellbeing.study import schedule
from ertedge.wellbeing.study.protocol import read_protocol

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 5.0


class StudyBook:
    """Belongs to one event loop. ``start`` before anything else; ``run`` tries again what could not be read."""

    def __init__(self, recorder: StudyRecorder, clock: Clock) -> None:
        self._recorder = recorder
        self._clock = clock
        self._studies: dict[str, Study] = {}
        self._slots: list[UsedSlot] = []
        self._participants: dict[int, Participant] = {}
        self._not_enrolled: list[NotEnrolled] = []
        self._requests: dict[str, int] = {}
        self._last_id = 0
        self._loaded = False
        self._trouble = ""

    async def start(self) -> None:
        """Read the studies. Without the store there is none until it can be read."""
        try:
            stored = await self._recorder.read(lambda store: store.studies.load())
        except StoreError as error:
            if not self._trouble:
                logger.error("no study is known, since they cannot be read: %s", error)
            self._trouble = str(error)
            return
        for study in stored.studies:
            self._read(study)
        self._slots = list(stored.slots)
        self._participants = {each.participant_id: each for each in stored.participants}
        self._not_enrolled = list(stored.not_enrolled)
        self._requests = dict(stored.enrolment_requests)
        self._last_id = stored.last_participant_id
        self._loaded, self._trouble = True, ""

    async def run(self) -> NoReturn:
        """Try again what could not be read, for ever."""
        while True:
            await asyncio.sleep(AGAIN_SECONDS)
            if not self._loaded:
                await self.start()

    def active(self, profile_id: int) -> tuple[Study, Participant] | None:
        """The study in which somebody takes part now. Never raises."""
        now_ns = self._clock.wall_ns()
        for participant in self._participants.values():
            study = self._studies.get(participant.study_id)
            if participant.profile_id != profile_id or study is None or not study.is_open:
                continue
            if schedule.status_of(study.protocol, participant, now_ns) is ParticipantStatus.ACTIVE:
                return study, participant
        return None

    def check_loaded(self) -> None:
        """Raises StoreError where the studies cannot be read."""
        if not self._loaded:
            raise StoreError(f"studies cannot be read: {self._trouble or 'they have not been read yet'}")

    def study(self, study_id: str) -> Study:
        """A study. Raises NotFoundError, and StoreError where they cannot be read."""
        self.check_loaded()
        if study_id not in self._studies:
            known = ", ".join(self._studies)
            hint = f"there are {known}" if known else "`ertedge-ctl study create` makes one"
            raise NotFoundError(f"there is no study {study_id!r}; {hint}")
        return self._studies[study_id]

    def has(self, study_id: str) -> bool:
        """Whether there is a study of that id."""
        return study_id in self._studies

    def view(self, study_id: str) -> StudyView:
        """A study with the number of its participants."""
        return StudyView(self.study(study_id), sum(each.study_id == study_id for each in self._slots))

    def views(self) -> tuple[StudyView, ...]:
        """Every study, oldest first."""
        self.check_loaded()
        return tuple(self.view(study_id) for study_id in self._studies)

    def slots(self, study_id: str) -> tuple[UsedSlot, ...]:
        """The slots of a study that were used."""
        return tuple(each for each in self._slots if each.study_id == study_id)

    def not_enrolled(self, study_id: str) -> tuple[NotEnrolled, ...]:
        """Who was asked and does not take part, oldest first."""
        return tuple(each for each in self._not_enrolled if each.study_id == study_id)

    def participant(self, study_id: str, participant_id: int) -> Participant:
        """Somebody who takes part. Raises NotFoundError."""
        self.study(study_id)
        found = self._participants.get(participant_id)
        if found is None or found.study_id != study_id:
            raise NotFoundError(f"there is no participant {participant_id} in the study {study_id}")
        return found

    def participants(self, study_id: str) -> tuple[Participant, ...]:
        """Everybody who takes part, in the order of enrolment."""
        self.study(study_id)
        return tuple(each for _, each in sorted(self._participants.items()) if each.study_id == study_id)

    def of_profile(self, profile_id: int) -> tuple[Participant, ...]:
        """Every participation of one person."""
        return tuple(each for each in self._participants.values() if each.profile_id == profile_id)

    def requested(self, request_id: str) -> int | None:
        """The number of the participant that an enrolment under that id made."""
        return self._requests.get(request_id) if request_id else None

    def next_id(self) -> int:
        """The number of the next participant."""
        return self._last_id + 1

    def status(self, participant: Participant) -> ParticipantStatus:
        """How far somebody has come."""
        return schedule.status_of(self.study(participant.study_id).protocol, participant, self._clock.wall_ns())

    def reveals(self, participant: Participant) -> bool:
        """Whether the group of a participant may be read."""
        study = self.study(participant.study_id)
        at_once = study.protocol.disclosure is Disclosure.AT_ENROLMENT
        return at_once or not study.is_open or self.status(participant) is not ParticipantStatus.ACTIVE

    def shown(self, participant: Participant) -> ParticipantView:
        """A participant as anybody may read them."""
        study = self.study(participant.study_id)
        return ParticipantView.of(
            study,
            participant,
            reveals=self.reveals(participant),
            status=self.status(participant),
            end_ns=schedule.end_ns(study.protocol, participant),
        )

    # What changes it. On the disk before it counts; each may raise StoreError: then nothing has changed.

    async def add_study(self, study: Study) -> None:
        """A new study."""
        await self._recorder.keep_now(lambda store: store.studies.add_study(_stored(study)))
        self._studies[study.study_id] = study

    async def end_study(self, study: Study) -> None:
        """The study has ended now."""
        now_ns = self._clock.wall_ns()
        await self._recorder.keep_now(lambda store: store.studies.end_study(study.study_id, now_ns))
        self._studies[study.study_id] = replace(study, end_wall_time_ns=now_ns)

    async def enrol(self, participant: Participant, request_id: str) -> None:
        """A new participant, and the slot that they used."""
        await self._recorder.keep_now(lambda store: store.studies.enrol(participant, request_id))
        self._last_id = participant.participant_id
        self._participants[participant.participant_id] = participant
        self._slots.append(UsedSlot(participant.study_id, participant.stratum, participant.slot, participant.arm))
        if request_id:
            self._requests[request_id] = participant.participant_id

    async def count_not_enrolled(self, study_id: str, reason: NotEnrolledReason, criterion_id: str) -> None:
        """Somebody was asked and does not take part."""
        # A moment of its own for each, so that two who declined at once are two.
        latest_ns = max((each.wall_time_ns for each in self._not_enrolled), default=0)
        entry = NotEnrolled(study_id, max(self._clock.wall_ns(), latest_ns + 1), reason, criterion_id)
        await self._recorder.keep_now(lambda store: store.studies.add_not_enrolled(entry))
        self._not_enrolled.append(entry)

    # These two protect the person, and so count at once.

    async def withdraw(self, participant: Participant) -> None:
        """Somebody left and let their data be kept."""
        self._participants[participant.participant_id] = participant
        await self._recorder.keep_now(lambda store: store.studies.withdraw(participant))

    async def erase(self, participant: Participant) -> None:
        """Somebody left, and nothing of them stays but the slot that they used."""
        self.forget(participant)
        await self._recorder.keep_now(lambda store: store.studies.erase(participant))

    def forget(self, participant: Participant) -> None:
        """The same without waiting for the disk, which is tried until it is done."""
        self._participants.pop(participant.participant_id, None)
        used = (participant.study_id, participant.stratum, participant.slot)
        self._slots = [
            replace(each, erased=True) if (each.study_id, each.stratum, each.slot) == used else each
            for each in self._slots
        ]
        self._recorder.keep(lambda store: store.studies.erase(participant))

    def _read(self, stored: StoredStudy) -> None:
        try:
            protocol = read_protocol(stored.protocol_text)
        except ConfigurationError as error:
            logger.error("the study %s is not followed, since its protocol cannot be read: %s", stored.study_id, error)
            return
        self._studies[stored.study_id] = Study(
            protocol,
            stored.protocol_text,
            stored.commitment,
            stored.create_wall_time_ns,
            stored.end_wall_time_ns,
            stored.synthetic,
        )


def _stored(study: Study) -> StoredStudy:
    return StoredStudy(
        study.study_id,
        study.protocol_text,
        study.commitment,
        study.create_wall_time_ns,
        study.end_wall_time_ns,
        study.synthetic,
    )
