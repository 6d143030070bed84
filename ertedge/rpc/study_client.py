"""The part of the client that speaks with StudyService: ``Client.study``. Floor 3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from google.protobuf.field_mask_pb2 import FieldMask

from ertedge.core.study.records import EventsPage, ParticipantsPage, ParticipantView, StudyInfo
from ertedge.rpc import convert_study
from ertedge.rpc.connection import Connection
from ertedge.rpc.convert import PROFILES
from ertedge.rpc.suggestions_client import new_request_id
from ertedge.types.study import Adherence, AdverseEvent, AllocationCheck, DueAssessment, NotEnrolledReason
from ertedge.v1 import study_service_pb2 as messages
from ertedge.v1 import study_service_pb2_grpc as services

__all__ = ["EventsPage", "ParticipantView", "ParticipantsPage", "StudyClient", "StudyInfo"]


class StudyClient:
    """Studies over ``connection``. Calls raise the errors of ``ertedge.errors`` as the daemon did."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stub = services.StudyServiceStub(connection.channel)

    async def create(self, protocol: str, *, seal: bytes = b"", synthetic: bool = False) -> StudyInfo:
        """A study from its protocol (TOML); over several devices with a ``seal`` of ``python -m tools.trial seal``."""
        request = messages.CreateStudyRequest(protocol=protocol, seal=seal, synthetic=synthetic)
        return convert_study.study_record((await self._connection.call(self._stub.CreateStudy, request)).study)

    async def study(self, study_id: str) -> StudyInfo:
        """One study."""
        request = messages.GetStudyRequest(name=_study(study_id))
        return convert_study.study_record(await self._connection.call(self._stub.GetStudy, request))

    async def studies(self) -> tuple[StudyInfo, ...]:
        """Every study on the device, oldest first."""
        found: list[StudyInfo] = []
        request = messages.ListStudiesRequest()
        while True:
            page = await self._connection.call(self._stub.ListStudies, request)
            found += map(convert_study.study_record, page.studies)
            if not page.next_page_token:
                return tuple(found)
            request.page_token = page.next_page_token

    async def enrol(
        self,
        study_id: str,
        profile_id: int = 0,
        *,
        confirmed_criteria: Sequence[str] = (),
        present_exclusions: Sequence[str] = (),
        characteristics: dict[str, str] | None = None,
        slot: int | None = None,
        request_id: str = "",
    ) -> ParticipantView:
        """Enrol a person; 0: the one in front of the device, or the only one."""
        request = messages.EnrolParticipantRequest(
            parent=_study(study_id),
            profile=f"{PROFILES}{profile_id}" if profile_id else "",
            confirmed_criteria=confirmed_criteria,
            present_exclusions=present_exclusions,
            characteristics=characteristics or {},
            slot=slot,
            request_id=request_id or new_request_id(),
        )
        answer = await self._connection.call(self._stub.EnrolParticipant, request)
        return convert_study.participant_record(answer.participant)

    async def record_not_enrolled(self, study_id: str, reason: NotEnrolledReason, criterion_id: str = "") -> int:
        """Count somebody who does not take part. Returns how many there are by now."""
        request = messages.RecordNotEnrolledRequest(
            parent=_study(study_id),
            reason=convert_study.reason_number(reason),  # type: ignore[arg-type]
            criterion_id=criterion_id,
        )
        return (await self._connection.call(self._stub.RecordNotEnrolled, request)).not_enrolled_count

    async def participant(self, study_id: str, number: int) -> ParticipantView:
        """One participant."""
        request = messages.GetParticipantRequest(name=_participant(study_id, number))
        return convert_study.participant_record(await self._connection.call(self._stub.GetParticipant, request))

    async def list_participants(self, study_id: str, *, page_size: int = 0, page_token: str = "") -> ParticipantsPage:
        """One page of participants, oldest first."""
        request = messages.ListParticipantsRequest(parent=_study(study_id), page_size=page_size, page_token=page_token)
        page = await self._connection.call(self._stub.ListParticipants, request)
        found = tuple(convert_study.participant_record(each) for each in page.participants)
        return ParticipantsPage(found, page.next_page_token)

    async def participants(self, study_id: str) -> tuple[ParticipantView, ...]:
        """Every participant, oldest first."""
        found: list[ParticipantView] = []
        token = ""
        while True:
            page = await self.list_participants(study_id, page_token=token)
            found += page.participants
            if not (token := page.next_page_token):
                return tuple(found)

    async def due(self, study_id: str, number: int) -> tuple[DueAssessment, ...]:
        """Every questionnaire of a participant at every time point."""
        request = messages.ListDueAssessmentsRequest(parent=_participant(study_id, number))
        answer = await self._connection.call(self._stub.ListDueAssessments, request)
        return tuple(convert_study.due_record(each) for each in answer.due_assessments)

    async def adherence(self, study_id: str, number: int) -> Adherence:
        """What a participant did with what they were offered."""
        request = messages.GetAdherenceRequest(participant=_participant(study_id, number))
        return convert_study.adherence_record(await self._connection.call(self._stub.GetAdherence, request))

    async def withdraw(
        self, study_id: str, number: int, *, keep_data: bool, reason: str = ""
    ) -> ParticipantView | None:
        """Let a participant leave; None: their data were erased."""
        request = messages.WithdrawParticipantRequest(
            name=_participant(study_id, number), keep_data=keep_data, reason=reason
        )
        answer = await self._connection.call(self._stub.WithdrawParticipant, request)
        return convert_study.participant_record(answer.participant) if answer.HasField("participant") else None

    async def record_event(self, study_id: str, event: AdverseEvent, request_id: str = "") -> AdverseEvent:
        """Record an adverse event of the participant whom it names."""
        request = messages.CreateAdverseEventRequest(
            parent=_participant(study_id, event.participant_id),
            adverse_event=convert_study.event_message(study_id, event),
            request_id=request_id or new_request_id(),
        )
        answer = await self._connection.call(self._stub.CreateAdverseEvent, request)
        return convert_study.event_record(answer.adverse_event)

    async def update_event(self, study_id: str, event: AdverseEvent, names: Sequence[str] = ()) -> AdverseEvent:
        """Change the named fields of an adverse event; without any, all of them."""
        request = messages.UpdateAdverseEventRequest(
            adverse_event=convert_study.event_message(study_id, event), update_mask=FieldMask(paths=names)
        )
        answer = await self._connection.call(self._stub.UpdateAdverseEvent, request)
        return convert_study.event_record(answer.adverse_event)

    async def list_events(
        self, study_id: str, number: int | None = None, *, page_size: int = 0, page_token: str = ""
    ) -> EventsPage:
        """One page of the adverse events of a participant, or of everybody, oldest first."""
        parent = _participant(study_id, convert_study.EVERYBODY if number is None else number)
        request = messages.ListAdverseEventsRequest(parent=parent, page_size=page_size, page_token=page_token)
        page = await self._connection.call(self._stub.ListAdverseEvents, request)
        return EventsPage(tuple(convert_study.event_record(each) for each in page.adverse_events), page.next_page_token)

    async def events(self, study_id: str, number: int | None = None) -> tuple[AdverseEvent, ...]:
        """Every adverse event of a participant, or of everybody, oldest first."""
        found: list[AdverseEvent] = []
        token = ""
        while True:
            page = await self.list_events(study_id, number, page_token=token)
            found += page.events
            if not (token := page.next_page_token):
                return tuple(found)

    async def end(self, study_id: str) -> StudyInfo:
        """End a study, which cannot be undone."""
        answer = await self._connection.call(self._stub.EndStudy, messages.EndStudyRequest(name=_study(study_id)))
        return convert_study.study_record(answer.study)

    async def verify(self, study_id: str) -> AllocationCheck:
        """Open the seal of a study that has ended, and check every allocation."""
        request = messages.VerifyAllocationsRequest(name=_study(study_id))
        found = await self._connection.call(self._stub.VerifyAllocations, request)
        return AllocationCheck(
            study_id, found.commitment, found.seed, found.nonce, found.checked_count, tuple(found.faults)
        )

    async def export(self, study_id: str) -> AsyncIterator[tuple[str, bytes]]:
        """The files of a study's export in parts: the name of the file that a part belongs to, and the part."""
        call = self._stub.ExportStudy(messages.ExportStudyRequest(name=_study(study_id)))
        async for part in self._connection.stream(call):
            yield part.file_name, part.content


def _study(study_id: str) -> str:
    return f"{convert_study.STUDIES}{study_id}"


def _participant(study_id: str, number: int | str) -> str:
    return f"{_study(study_id)}{convert_study.PARTICIPANTS}{number}"
