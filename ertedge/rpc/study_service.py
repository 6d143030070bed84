"""StudyService: a randomised study from its protocol to its export. Floor 3; thin.

Nothing here sees a seal, nor an allocation that nobody has been enrolled for: the core gives neither.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc.aio

from ertedge.core.people.people import People
from ertedge.core.study.followup import FollowUp
from ertedge.core.study.records import Enrolment
from ertedge.core.study.studies import Studies
from ertedge.errors import InvalidRequestError
from ertedge.rpc import convert, convert_study, fields, pages
from ertedge.rpc.access import AccessLog
from ertedge.rpc.lasting import Lasting
from ertedge.types.study import CharacteristicValue
from ertedge.v1 import study_pb2 as records
from ertedge.v1 import study_service_pb2 as messages
from ertedge.v1 import study_service_pb2_grpc as services

Context = grpc.aio.ServicerContext[Any, Any]
CHUNK_BYTES = 32 * 1024
SLOT_MOST = 100_000


class StudyService(services.StudyServiceServicer):
    """Speaks for ``studies`` and ``followup``; ``people`` tell whose a request is, ``access`` hears who reads."""

    def __init__(self, studies: Studies, followup: FollowUp, people: People, access: AccessLog) -> None:
        self._studies = studies
        self._followup = followup
        self._people = people
        self._access = access
        self._lasting = Lasting()

    async def CreateStudy(  # noqa: N802 (gRPC's name)
        self, request: messages.CreateStudyRequest, _context: Context
    ) -> messages.CreateStudyResponse:
        """The new study with its commitment."""
        made = await self._lasting.do(self._studies.create(request.protocol, request.seal, synthetic=request.synthetic))
        return messages.CreateStudyResponse(study=convert_study.study_message(made))

    async def GetStudy(  # noqa: N802 (gRPC's name)
        self, request: messages.GetStudyRequest, _context: Context
    ) -> records.Study:
        """The study."""
        return convert_study.study_message(self._studies.book.view(convert_study.study_name(request.name)))

    async def ListStudies(  # noqa: N802 (gRPC's name)
        self, request: messages.ListStudiesRequest, _context: Context
    ) -> messages.ListStudiesResponse:
        """A page of studies."""
        chosen, token = pages.slice_of(self._studies.book.views(), request)
        return messages.ListStudiesResponse(
            studies=[convert_study.study_message(each) for each in chosen], next_page_token=token
        )

    async def EnrolParticipant(  # noqa: N802 (gRPC's name)
        self, request: messages.EnrolParticipantRequest, _context: Context
    ) -> messages.EnrolParticipantResponse:
        """The participant, with their group where the protocol lets it be read."""
        enrolment = Enrolment(
            study_id=convert_study.study_name(request.parent, "parent"),
            profile_id=self._profile(request.profile),
            confirmed_criteria=tuple(request.confirmed_criteria),
            present_exclusions=tuple(request.present_exclusions),
            characteristics=tuple(CharacteristicValue(*each) for each in sorted(request.characteristics.items())),
            slot=self._slot(request),
            request_id=fields.request_id(request.request_id),
        )
        participant = await self._lasting.do(self._studies.enrol(enrolment))
        return messages.EnrolParticipantResponse(
            participant=convert_study.participant_message(self._studies.book.shown(participant))
        )

    async def RecordNotEnrolled(  # noqa: N802 (gRPC's name)
        self, request: messages.RecordNotEnrolledRequest, _context: Context
    ) -> messages.RecordNotEnrolledResponse:
        """How many do not take part by now."""
        study = convert_study.study_name(request.parent, "parent")
        reason = convert_study.reason_of(request)
        count = await self._lasting.do(self._studies.record_not_enrolled(study, reason, request.criterion_id))
        return messages.RecordNotEnrolledResponse(not_enrolled_count=count)

    async def GetParticipant(  # noqa: N802 (gRPC's name)
        self, request: messages.GetParticipantRequest, context: Context
    ) -> records.Participant:
        """The participant."""
        found = self._studies.book.participant(*convert_study.participant_name(request.name))
        self._note_reading(context)
        return convert_study.participant_message(self._studies.book.shown(found))

    async def ListParticipants(  # noqa: N802 (gRPC's name)
        self, request: messages.ListParticipantsRequest, context: Context
    ) -> messages.ListParticipantsResponse:
        """A page of participants."""
        found = self._studies.book.participants(convert_study.study_name(request.parent, "parent"))
        chosen, token = pages.slice_of(found, request)
        self._note_reading(context)
        return messages.ListParticipantsResponse(
            participants=[convert_study.participant_message(self._studies.book.shown(each)) for each in chosen],
            next_page_token=token,
        )

    async def ListDueAssessments(  # noqa: N802 (gRPC's name)
        self, request: messages.ListDueAssessmentsRequest, context: Context
    ) -> messages.ListDueAssessmentsResponse:
        """What is due when, and what was done."""
        due = await self._followup.due(*convert_study.participant_name(request.parent, "parent"))
        self._note_reading(context)
        return messages.ListDueAssessmentsResponse(due_assessments=[convert_study.due_message(each) for each in due])

    async def GetAdherence(  # noqa: N802 (gRPC's name)
        self, request: messages.GetAdherenceRequest, context: Context
    ) -> records.Adherence:
        """What was done with what was offered."""
        found = await self._followup.adherence(*convert_study.participant_name(request.participant, "participant"))
        self._note_reading(context)
        return convert_study.adherence_message(request.participant, found)

    async def WithdrawParticipant(  # noqa: N802 (gRPC's name)
        self, request: messages.WithdrawParticipantRequest, _context: Context
    ) -> messages.WithdrawParticipantResponse:
        """What is left of the participant, if anything is."""
        study, number = convert_study.participant_name(request.name)
        try:
            left = await self._lasting.do(
                self._studies.withdraw(study, number, keep_data=request.keep_data, reason=request.reason)
            )
        finally:
            if not request.keep_data:
                self._followup.forget(number)
        if left is None:
            return messages.WithdrawParticipantResponse()
        shown = self._studies.book.shown(left)
        return messages.WithdrawParticipantResponse(participant=convert_study.participant_message(shown))

    async def CreateAdverseEvent(  # noqa: N802 (gRPC's name)
        self, request: messages.CreateAdverseEventRequest, _context: Context
    ) -> messages.CreateAdverseEventResponse:
        """The event as it was recorded."""
        study, participant = convert_study.participant_name(request.parent, "parent")
        given = convert_study.given_event(request.adverse_event, participant)
        made = await self._lasting.do(self._followup.record_event(study, given, fields.request_id(request.request_id)))
        return messages.CreateAdverseEventResponse(adverse_event=convert_study.event_message(study, made))

    async def UpdateAdverseEvent(  # noqa: N802 (gRPC's name)
        self, request: messages.UpdateAdverseEventRequest, _context: Context
    ) -> messages.UpdateAdverseEventResponse:
        """The event as it is now."""
        study, participant, number = convert_study.event_name(request.adverse_event.name, "adverse_event.name")
        names = tuple(request.update_mask.paths)
        given = convert_study.given_event(request.adverse_event, participant, names, number)
        changed = await self._lasting.do(self._followup.update_event(study, given, names))
        return messages.UpdateAdverseEventResponse(adverse_event=convert_study.event_message(study, changed))

    async def ListAdverseEvents(  # noqa: N802 (gRPC's name)
        self, request: messages.ListAdverseEventsRequest, context: Context
    ) -> messages.ListAdverseEventsResponse:
        """A page of events."""
        study, participant = convert_study.participants_name(request.parent, "parent")
        chosen, token = pages.slice_of(self._followup.events(study, participant), request)
        self._note_reading(context)
        return messages.ListAdverseEventsResponse(
            adverse_events=[convert_study.event_message(study, each) for each in chosen], next_page_token=token
        )

    async def EndStudy(  # noqa: N802 (gRPC's name)
        self, request: messages.EndStudyRequest, _context: Context
    ) -> messages.EndStudyResponse:
        """The study, which has ended."""
        ended = await self._lasting.do(self._studies.end(convert_study.study_name(request.name)))
        return messages.EndStudyResponse(study=convert_study.study_message(ended))

    async def VerifyAllocations(  # noqa: N802 (gRPC's name)
        self, request: messages.VerifyAllocationsRequest, _context: Context
    ) -> messages.VerifyAllocationsResponse:
        """What the opened seal says."""
        found = await self._studies.open_seal(convert_study.study_name(request.name))
        return messages.VerifyAllocationsResponse(
            commitment=found.commitment,
            seed=found.seed,
            nonce=found.nonce,
            checked_count=found.checked,
            faults=found.faults,
        )

    async def ExportStudy(  # noqa: N802 (gRPC's name)
        self, request: messages.ExportStudyRequest, _context: Context
    ) -> AsyncIterator[messages.ExportStudyResponse]:
        """Every file, in parts."""
        for file in await self._followup.export(convert_study.study_name(request.name)):
            for first in range(0, len(file.content), CHUNK_BYTES):
                part = file.content[first : first + CHUNK_BYTES]
                yield messages.ExportStudyResponse(file_name=file.name, content=part)

    def _profile(self, name: str) -> int:
        if name:
            return fields.number_of(name, convert.PROFILES, "profile")
        if self._people.selected:
            return self._people.selected
        profiles = self._people.profiles
        if len(profiles) != 1:
            raise InvalidRequestError([("profile", f"must be given, as there are {len(profiles)} profiles")])
        return profiles[0].profile_id

    @staticmethod
    def _slot(request: messages.EnrolParticipantRequest) -> int | None:
        if not request.HasField("slot"):
            return None
        if not 0 <= request.slot < SLOT_MOST:
            raise InvalidRequestError([("slot", f"is {request.slot}; give one from 0 that the centre gave")])
        return request.slot

    def _note_reading(self, context: Context) -> None:
        self._access.note("STUDY_READ", context.peer(), "read about participants of a study")
