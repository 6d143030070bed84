"""What happens to the participants of a study: what is due, adherence, adverse events, and the export. Floor 2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ertedge import __version__
from ertedge.core.clock import Clock
from ertedge.core.study.port import OutcomePort, StudyRecorder
from ertedge.core.study.records import EVENT_FIELDS
from ertedge.core.study.studies import WORDS_MOST, Studies
from ertedge.errors import InvalidRequestError, LimitReachedError, NotFoundError, StoreError
from ertedge.types import Purpose
from ertedge.types.study import Adherence, AdverseEvent, DueAssessment, Participant
from ertedge.wellbeing.study import deidentify, schedule
from ertedge.wellbeing.study.deidentify import ParticipantData, StudyData
from ertedge.wellbeing.study.export import ExportFile, ScaleNote, export_files

EVENTS_MOST = 1000
"""Of one participant; a client that records without end fills no disk."""


class FollowUp:
    """Belongs to one event loop. ``start`` before anything else."""

    def __init__(self, studies: Studies, recorder: StudyRecorder, clock: Clock, outcomes: OutcomePort) -> None:
        self._studies = studies
        self._recorder = recorder
        self._clock = clock
        self._outcomes = outcomes
        self._events: dict[int, AdverseEvent] = {}
        self._requests: dict[str, int] = {}
        self._last_id = 0
        self._loaded = False

    async def start(self) -> None:
        """Read the events. Raises nothing: where they cannot be read, none can be recorded until they are."""
        try:
            stored = await self._recorder.read(lambda store: store.studies.load())
        except StoreError:
            return  # the studies say so in the log
        self._events = {each.event_id: each for each in stored.events}
        self._requests = dict(stored.event_requests)
        self._last_id = stored.last_event_id
        self._loaded = True

    async def due(self, study_id: str, participant_id: int) -> tuple[DueAssessment, ...]:
        """Every questionnaire of somebody at every time point, in the order of time."""
        study, one = self._studies.book.study(study_id), self._studies.book.participant(study_id, participant_id)
        outcomes = await self._outcomes.completed(one.profile_id, study.protocol.questionnaires)
        return schedule.due_assessments(study.protocol, one, outcomes, self._clock.wall_ns())

    async def adherence(self, study_id: str, participant_id: int) -> Adherence:
        """What somebody has done so far with what they were offered."""
        return await self._adherence(self._studies.book.participant(study_id, participant_id))

    # Adverse events.

    async def record_event(self, study_id: str, event: AdverseEvent, request_id: str = "") -> AdverseEvent:
        """Write down an event of the participant that it names; its numbers and times of record are given here."""
        await self._check_loaded()
        one = self._studies.book.participant(study_id, event.participant_id)
        if request_id and (known := self._events.get(self._requests.get(request_id, 0))) is not None:
            return known
        self._check(event)
        if sum(each.participant_id == one.participant_id for each in self._events.values()) >= EVENTS_MOST:
            raise LimitReachedError(f"{EVENTS_MOST} adverse events are as many as one participant can have")
        now_ns = self._clock.wall_ns()
        recorded = replace(
            event,
            event_id=self._last_id + 1,
            profile_id=one.profile_id,
            record_wall_time_ns=now_ns,
            update_wall_time_ns=now_ns,
        )
        self._last_id += 1
        await self._recorder.keep_now(lambda store: store.studies.save_event(recorded, request_id))
        self._events[recorded.event_id] = recorded
        if request_id:
            self._requests[request_id] = recorded.event_id
        return recorded

    async def update_event(self, study_id: str, event: AdverseEvent, names: Sequence[str] = ()) -> AdverseEvent:
        """Change the named fields of an event; without any, all of them."""
        await self._check_loaded()
        before = self.event(study_id, event.participant_id, event.event_id)
        attributes = {"onset_time": "onset_wall_time_ns"}
        wanted = names or EVENT_FIELDS
        changes = {name: getattr(event, name) for name in (attributes.get(each, each) for each in wanted)}
        changed = replace(before, **changes, update_wall_time_ns=self._clock.wall_ns())
        self._check(changed)
        await self._recorder.keep_now(lambda store: store.studies.save_event(changed))
        self._events[changed.event_id] = changed
        return changed

    def event(self, study_id: str, participant_id: int, event_id: int) -> AdverseEvent:
        """An event of a participant. Raises NotFoundError."""
        self._studies.book.participant(study_id, participant_id)
        found = self._events.get(event_id)
        if found is None or found.participant_id != participant_id:
            raise NotFoundError(f"participant {participant_id} has no adverse event {event_id}")
        return found

    def events(self, study_id: str, participant_id: int | None = None) -> tuple[AdverseEvent, ...]:
        """The events of a participant, or of everybody in a study, oldest first."""
        if participant_id is not None:
            self._studies.book.participant(study_id, participant_id)
        numbers = {each.participant_id for each in self._studies.book.participants(study_id)}
        return tuple(
            each
            for _, each in sorted(self._events.items())
            if each.participant_id in numbers and participant_id in (None, each.participant_id)
        )

    def forget(self, participant_id: int) -> None:
        """Have nothing of an erased participant left in memory; the store removes their events with them."""
        self._events = {number: each for number, each in self._events.items() if each.participant_id != participant_id}
        self._requests = {request: number for request, number in self._requests.items() if number in self._events}

    def consent_changed(self, profile_id: int, purpose: Purpose, given: bool) -> None:
        """With the consent to the study go its events. Never raises."""
        if purpose is Purpose.STUDY and not given:
            for number in {each.participant_id for each in self._events.values() if each.profile_id == profile_id}:
                self.forget(number)

    # Export.

    async def export(self, study_id: str) -> tuple[ExportFile, ...]:
        """The de-identified files of a study."""
        book = self._studies.book
        study = book.study(study_id)
        check = None if study.is_open else await self._studies.open_seal(study_id)
        participants = book.participants(study_id)
        data = StudyData(
            study=study,
            participants=tuple([await self._data(study.protocol.questionnaires, one) for one in participants]),
            slots=book.slots(study_id),
            not_enrolled=book.not_enrolled(study_id),
            pseudonym_key=await self._studies.pseudonym_key(study_id),
            now_wall_ns=self._clock.wall_ns(),
            # One group alone that may be read tells that of the others.
            reveals_arms=not study.is_open or all(book.reveals(one) for one in participants),
        )
        notes = [ScaleNote(each, self._outcomes.scale(each)) for each in deidentify.scales_of(study.protocol)]
        self._recorder.record_ledger("STUDY_EXPORTED", f"studies/{study_id}", "The data of a study were exported.")
        return tuple(export_files(data, notes, check, __version__))

    async def _data(self, questionnaires: Sequence[str], one: Participant) -> ParticipantData:
        outcomes = await self._outcomes.completed(one.profile_id, questionnaires)
        events = self.events(one.study_id, one.participant_id)
        return ParticipantData(one, outcomes, await self._adherence(one), events)

    async def _adherence(self, one: Participant) -> Adherence:
        study = self._studies.book.study(one.study_id)
        start_ns = one.enrol_wall_time_ns
        end_ns = min(self._clock.wall_ns(), schedule.end_ns(study.protocol, one))
        return await self._recorder.read(
            lambda store: store.studies.adherence(one.profile_id, start_ns, end_ns, synthetic=study.synthetic)
        )

    async def _check_loaded(self) -> None:
        if not self._loaded:
            await self.start()
        if not self._loaded:
            raise StoreError("adverse events cannot be read, and so none can be recorded; see the state of the store")

    def _check(self, event: AdverseEvent) -> None:
        faults = []
        if len(event.description) > WORDS_MOST:
            faults.append(("description", f"must be at most {WORDS_MOST} characters"))
        if event.onset_wall_time_ns > self._clock.wall_ns():
            faults.append(("onset_time", "lies in the future"))
        if faults:
            raise InvalidRequestError(faults)
