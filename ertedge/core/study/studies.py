"""Studies on this device: created from a protocol, sealed, enrolled into, ended, opened. Floor 2.

The order of an enrolment is what conceals the allocation: the person has consented, their criteria and baseline were checked
and their stratum is fixed before the seal's file is read; the allocation is on the disk before anybody is told of it; and
where it cannot be written nobody was enrolled, and the same slot is next. No other call uses the seed until the study has
ended, and no log names a group. The threat model stands in ``wellbeing.study.allocation``.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import NoReturn

from ertedge.core.clock import Clock
from ertedge.core.study import eligibility
from ertedge.core.study.arms import ArmPort, AsBuilt, FixedOrder, Waiting, outside_study
from ertedge.core.study.book import StudyBook
from ertedge.core.study.port import OutcomePort, PeoplePort, SealPort, StudyRecorder
from ertedge.core.study.records import Enrolment, Refusal, StudyView
from ertedge.errors import (
    ConfigurationError,
    InvalidRequestError,
    LimitReachedError,
    NotFoundError,
    PreconditionError,
    StoreError,
)
from ertedge.types import Purpose
from ertedge.types.study import (
    AllocationCheck,
    ArmKind,
    NotEnrolledReason,
    Participant,
    ParticipantStatus,
    Study,
    StudyProtocol,
)
from ertedge.wellbeing.study import schedule
from ertedge.wellbeing.study.allocation import (
    SEAL_BYTES,
    Seal,
    allocation,
    check,
    next_slot,
    seal_of,
)
from ertedge.wellbeing.study.protocol import read_protocol

STUDIES_MOST = 16
REFUSED_MOST = 256
"""Refused enrolments that are known again by their request's id."""
WORDS_MOST = 500


class Studies:
    """Belongs to one event loop, as does its ``book``, which is started before. ``activity_ids`` are those of the catalogue;
    ``random_bytes`` draws seals."""

    def __init__(
        self,
        book: StudyBook,
        recorder: StudyRecorder,
        clock: Clock,
        *,
        people: PeoplePort,
        outcomes: OutcomePort,
        seals: SealPort,
        activity_ids: Callable[[], Iterable[str]],
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.book = book
        self._recorder = recorder
        self._clock = clock
        self._people = people
        self._outcomes = outcomes
        self._seals = seals
        self._activity_ids = activity_ids
        self._random_bytes = random_bytes
        self._refused: dict[str, str] = {}
        self._changing = asyncio.Lock()

    def arm_of(self, profile_id: int) -> ArmPort:
        """What a person's group changes of the choice of activities now. Never waits, never raises."""
        found = self.book.active(profile_id)
        return outside_study() if found is None else self._port(*found)

    async def create(self, text: str, seal: bytes = b"", *, synthetic: bool = False) -> StudyView:
        """A study from its protocol (TOML), sealed now, or with a ``seal`` that was made elsewhere for several devices.

        Raises InvalidRequestError with everything that is wrong with the protocol, PreconditionError where there is a study
        of that id, LimitReachedError and StoreError.
        """
        async with self._changing:
            self.book.check_loaded()
            protocol = self._checked(text)
            if self.book.has(protocol.study_id):
                raise PreconditionError(
                    f"there is a study {protocol.study_id} already, and its allocation is sealed; choose another id"
                )
            if len(self.book.views()) >= STUDIES_MOST:
                raise LimitReachedError(f"{STUDIES_MOST} studies are as many as a device keeps")
            if seal and len(seal) != SEAL_BYTES:
                raise InvalidRequestError([("seal", "is no seal; `python -m tools.trial seal` makes one")])
            kept = await asyncio.to_thread(self._keep_seal, protocol.study_id, seal)
            commitment = seal_of(kept).commitment
            study = Study(protocol, text, commitment, self._clock.wall_ns(), synthetic=synthetic)
            await self.book.add_study(study)
            what = f"A study was created. The SHA-256 that its sealed allocation is committed to by is {commitment}."
            self._recorder.record_ledger("STUDY_CREATED", f"studies/{study.study_id}", what)
            return self.book.view(study.study_id)

    async def end(self, study_id: str) -> StudyView:
        """Nobody is enrolled any more, every group is over and may be read. Ending again changes nothing."""
        async with self._changing:
            study = self.book.study(study_id)
            if study.is_open:
                await self.book.end_study(study)
                self._recorder.record_ledger("STUDY_ENDED", f"studies/{study_id}", "A study was ended.")
            return self.book.view(study_id)

    async def open_seal(self, study_id: str) -> AllocationCheck:
        """Open the seal of a study that has ended, and check every allocation against it. Raises PreconditionError."""
        study = self.book.study(study_id)
        if study.is_open:
            raise PreconditionError(
                f"the seal of {study_id} stays shut until the study has ended: `ertedge-ctl study end {study_id}`"
            )
        return check(study.protocol, study.commitment, await self._seal(study_id), self.book.slots(study_id))

    async def pseudonym_key(self, study_id: str) -> bytes:
        """The key of the pseudonyms of exports."""
        return (await self._seal(study_id)).pseudonym_key

    async def enrol(self, enrolment: Enrolment) -> Participant:
        """Enrol somebody, and only then read which group is theirs. A repeated ``request_id`` gets the same again.

        Raises InvalidRequestError with every field that is wrong or missing; PreconditionError for somebody who has not
        consented, has no baseline, is not eligible (which is counted), or takes part already; StoreError: then nobody was
        enrolled.
        """
        async with self._changing:
            study = self.book.study(enrolment.study_id)
            if (known := self.book.requested(enrolment.request_id)) is not None:
                return self.book.participant(enrolment.study_id, known)
            if enrolment.request_id in self._refused:
                raise PreconditionError(self._refused[enrolment.request_id])
            self._check_enrollable(study, enrolment)
            eligibility.check_fields(study.protocol, enrolment)
            if (refusal := eligibility.refusal_of(study.protocol, enrolment)) is not None:
                await self._refuse(study, enrolment, refusal)
            now_ns = self._clock.wall_ns()
            outcomes = await self._outcomes.completed(enrolment.profile_id, study.protocol.questionnaires)
            stratum, missing = eligibility.baseline_stratum(study.protocol, outcomes, now_ns)
            if missing:
                raise PreconditionError(f"profiles/{enrolment.profile_id} {missing}")
            if stratum is None:
                await self._refuse(study, enrolment, eligibility.outside_strata(study.protocol))
            slot = self._slot(study, stratum.name, enrolment.slot)
            return await self._allocate(study, enrolment, stratum.name, slot, now_ns)

    async def record_not_enrolled(self, study_id: str, reason: NotEnrolledReason, criterion_id: str = "") -> int:
        """Count somebody who was asked and does not take part. Returns how many there are by now."""
        study = self.book.study(study_id)
        known = [each.criterion_id for each in (*study.protocol.inclusion, *study.protocol.exclusion)]
        if criterion_id and criterion_id not in known:
            raise InvalidRequestError([("criterion_id", f"is {criterion_id!r}; there are {', '.join(known)}")])
        if not study.is_open:
            raise PreconditionError(f"the study {study_id} has ended")
        async with self._changing:
            await self.book.count_not_enrolled(study_id, reason, criterion_id)
        return len(self.book.not_enrolled(study_id))

    async def withdraw(
        self, study_id: str, participant_id: int, *, keep_data: bool, reason: str = ""
    ) -> Participant | None:
        """Let somebody leave; None: their data are erased. Withdrawing again can only erase what was kept.

        Raises NotFoundError, and StoreError: then they have left all the same.
        """
        participant = self.book.participant(study_id, participant_id)
        if len(reason) > WORDS_MOST:
            raise InvalidRequestError([("reason", f"must be at most {WORDS_MOST} characters")])
        if not keep_data:
            self._note("STUDY_LEFT", participant, "left a study, and what it had gathered was erased")
            await self.book.erase(participant)
            return None
        if participant.withdraw_wall_time_ns:
            return participant
        left = replace(participant, withdraw_wall_time_ns=self._clock.wall_ns(), withdraw_reason=reason)
        self._note("STUDY_LEFT", left, "left a study, and let it keep what it had gathered")
        await self.book.withdraw(left)
        return left

    def consent_changed(self, profile_id: int, purpose: Purpose, given: bool) -> None:
        """A consent was given or withdrawn. With the consent to the study goes all that it gathered. Never raises."""
        if purpose is Purpose.STUDY and not given:
            for participant in self.book.of_profile(profile_id):
                self.book.forget(participant)

    # Below: how.

    def _port(self, study: Study, participant: Participant) -> ArmPort:
        arm = study.protocol.arm(participant.arm)
        if arm is None or arm.kind is ArmKind.EXPERIMENTAL:
            return AsBuilt()
        if arm.kind is ArmKind.FIXED_ORDER:
            return FixedOrder(arm.order, participant.enrol_wall_time_ns)
        if arm.answers_requests:
            return Waiting("")
        left_ns = schedule.end_ns(study.protocol, participant) - self._clock.wall_ns()
        return Waiting(
            f"activities begin for you in {max(1, -(-left_ns // schedule.DAY_NS))} days, as your group of the study waits;"
            " your safety plan and the helplines are there at any time"
        )

    def _checked(self, text: str) -> StudyProtocol:
        """The protocol, with all that it names: activities and scales."""
        try:
            protocol = read_protocol(text)
        except ConfigurationError as error:
            raise InvalidRequestError([("protocol", fault) for fault in error.faults]) from None
        known = set(self._activity_ids())
        faults = [
            f"arms.{number}.order: there is no activity {activity_id!r} in the catalogue"
            for number, arm in enumerate(protocol.arms)
            for activity_id in arm.order
            if activity_id not in known
        ]
        for each in dict.fromkeys((protocol.primary, protocol.stratify_by, *protocol.secondary)):
            try:
                self._outcomes.scale(each)
            except NotFoundError as error:
                faults.append(f"{each}: {error}")
        if faults:
            raise InvalidRequestError([("protocol", fault) for fault in faults])
        return protocol

    def _keep_seal(self, study_id: str, given: bytes) -> bytes:
        """Draw and keep a seal, or keep the one that is ``given``. One that an interrupted creation left is taken as it is:
        nobody has been told its commitment, and to draw again would be a second try."""
        if self._seals.has(study_id):
            left = self._seals.read(study_id)
            if given and given != left:
                raise PreconditionError(f"another seal of {study_id} lies on the device already; choose another id")
            return left
        drawn = given or self._random_bytes(SEAL_BYTES)
        self._seals.write(study_id, drawn)
        return drawn

    def _check_enrollable(self, study: Study, enrolment: Enrolment) -> None:
        profile = self._people.profile(enrolment.profile_id)
        name = f"profiles/{profile.profile_id}"
        if not study.is_open:
            raise PreconditionError(f"the study {study.study_id} has ended; nobody can be enrolled any more")
        for purpose in (Purpose.STUDY, Purpose.KEEP_HISTORY):
            if not self._people.may(profile.profile_id, purpose):
                raise PreconditionError(f"{name} has not consented to {purpose}; see `ertedge-ctl consent --help`")
        for each in self.book.of_profile(profile.profile_id):
            if each.study_id == study.study_id:
                raise PreconditionError(f"{name} takes part in {study.study_id} already")
            if self.book.study(each.study_id).is_open and self.book.status(each) is ParticipantStatus.ACTIVE:
                raise PreconditionError(f"{name} takes part in {each.study_id}; one study at a time")

    async def _refuse(self, study: Study, enrolment: Enrolment, refusal: Refusal) -> NoReturn:
        words = f"profiles/{enrolment.profile_id} {refusal.words}"
        await self.book.count_not_enrolled(study.study_id, refusal.reason, refusal.criterion_id)
        if enrolment.request_id:
            self._refused[enrolment.request_id] = words
            while len(self._refused) > REFUSED_MOST:
                del self._refused[next(iter(self._refused))]
        raise PreconditionError(words)

    def _slot(self, study: Study, stratum: str, given: int | None) -> int:
        used = self.book.slots(study.study_id)
        if given is None:
            return next_slot(used, study.study_id, stratum)
        if any((each.stratum, each.slot) == (stratum, given) for each in used):
            raise InvalidRequestError([("slot", f"{given} of {stratum} is used; ask the centre for another")])
        return given

    async def _allocate(self, study: Study, enrolment: Enrolment, stratum: str, slot: int, now_ns: int) -> Participant:
        seal = await self._seal(study.study_id)
        if seal.commitment != study.commitment:
            raise StoreError(f"the seal of {study.study_id} is not the one it was committed to; nobody can be enrolled")
        participant = Participant(
            participant_id=self.book.next_id(),
            study_id=study.study_id,
            profile_id=enrolment.profile_id,
            stratum=stratum,
            slot=slot,
            arm=allocation(study.protocol, seal.seed, stratum, slot),
            enrol_wall_time_ns=now_ns,
            characteristics=enrolment.characteristics,
        )
        await self.book.enrol(participant, enrolment.request_id)
        if not self._people.may(enrolment.profile_id, Purpose.STUDY):
            self.book.forget(participant)
            raise PreconditionError(f"profiles/{enrolment.profile_id} withdrew the consent while being enrolled")
        self._note("STUDY_ENROLLED", participant, f"was enrolled in the study {study.study_id}")
        return participant

    async def _seal(self, study_id: str) -> Seal:
        return seal_of(await asyncio.to_thread(self._seals.read, study_id))

    def _note(self, event: str, participant: Participant, what: str) -> None:
        profile = participant.profile_id
        self._recorder.record_ledger(event, f"profiles/{profile}", f"Profile {profile} {what}.", profile_id=profile)
