"""AssessmentService: questionnaires asked an item at a time, scores, reminders. Floor 3; thin.

What somebody answered stands in no log, no ledger and no error; the ledger says that their answers were read.
"""

from __future__ import annotations

from typing import Any

import grpc.aio

from ertedge.core.assessments.assessments import Assessments
from ertedge.core.assessments.records import AssessmentAnswered
from ertedge.core.assessments.reminders import AssessmentReminders
from ertedge.core.household import Household
from ertedge.rpc import convert_assessments as convert
from ertedge.rpc import convert_safety, fields, pages
from ertedge.rpc.access import AccessLog
from ertedge.rpc.convert_scales import changes_messages
from ertedge.v1 import assessment_pb2 as records
from ertedge.v1 import assessment_service_pb2 as messages
from ertedge.v1 import assessment_service_pb2_grpc as services

Context = grpc.aio.ServicerContext[Any, Any]


class AssessmentService(services.AssessmentServiceServicer):
    """Speaks for ``assessments``. A request that names no person means whoever is in front of the device; ``access`` hears
    who reads answers and scores."""

    def __init__(
        self, assessments: Assessments, reminders: AssessmentReminders, household: Household, access: AccessLog
    ) -> None:
        self._assessments = assessments
        self._reminders = reminders
        self._household = household
        self._access = access

    async def ListQuestionnaires(  # noqa: N802 (gRPC's name)
        self, request: messages.ListQuestionnairesRequest, _context: Context
    ) -> messages.ListQuestionnairesResponse:
        """A page of questionnaires."""
        every = self._assessments.questionnaires(fields.language(request.language_code))
        found, token = pages.slice_of(every, request)
        return messages.ListQuestionnairesResponse(
            questionnaires=[convert.questionnaire_message(each) for each in found], next_page_token=token
        )

    async def GetQuestionnaire(  # noqa: N802 (gRPC's name)
        self, request: messages.GetQuestionnaireRequest, _context: Context
    ) -> records.Questionnaire:
        """The questionnaire."""
        chosen = convert.questionnaire_id(request.name, "name")
        found = self._assessments.questionnaire(chosen, fields.language(request.language_code))
        return convert.questionnaire_message(found)

    async def StartAssessment(  # noqa: N802 (gRPC's name)
        self, request: messages.StartAssessmentRequest, _context: Context
    ) -> messages.StartAssessmentResponse:
        """What to ask."""
        started = await self._assessments.begin(
            await self._whose(request),
            convert.questionnaire_id(request.questionnaire, "questionnaire"),
            language=fields.language(request.language_code),
            start_over=request.start_over,
            request_id=fields.request_id(request.request_id),
        )
        return messages.StartAssessmentResponse(
            assessment=convert.assessment_message(started.view),
            questionnaire=convert.questionnaire_message(started.asked),
            resumed=started.resumed,
            kept=started.kept,
        )

    async def AnswerItem(  # noqa: N802 (gRPC's name)
        self, request: messages.AnswerItemRequest, _context: Context
    ) -> messages.AnswerItemResponse:
        """The assessment after the answer."""
        number, request_id = _number(request.name), fields.request_id(request.request_id)
        answered = await self._assessments.answer(number, request.link_id, request.answer_code, request_id)
        return messages.AnswerItemResponse(
            assessment=convert.assessment_message(answered.view),
            safety_notice=_notice(answered),
            helplines=[convert_safety.helpline_message(line) for line in answered.helplines],
        )

    async def CompleteAssessment(  # noqa: N802 (gRPC's name)
        self, request: messages.CompleteAssessmentRequest, _context: Context
    ) -> messages.CompleteAssessmentResponse:
        """What the answers come to."""
        completed = await self._assessments.complete(_number(request.name), fields.request_id(request.request_id))
        return messages.CompleteAssessmentResponse(
            assessment=convert.assessment_message(completed.view),
            changes=changes_messages(completed.changes),
            safety_notice=convert_safety.notice_message(completed.notice) if completed.notice else None,
            helplines=[convert_safety.helpline_message(line) for line in completed.helplines],
        )

    async def AmendAnswer(  # noqa: N802 (gRPC's name)
        self, request: messages.AmendAnswerRequest, _context: Context
    ) -> messages.AmendAnswerResponse:
        """The assessment after the amendment."""
        answered = await self._assessments.amend(
            _number(request.name),
            request.link_id,
            request.answer_code,
            reason=request.reason,
            request_id=fields.request_id(request.request_id),
        )
        return messages.AmendAnswerResponse(
            assessment=convert.assessment_message(answered.view),
            safety_notice=_notice(answered),
            helplines=[convert_safety.helpline_message(line) for line in answered.helplines],
        )

    async def SubmitAssessment(  # noqa: N802 (gRPC's name)
        self, request: messages.SubmitAssessmentRequest, _context: Context
    ) -> messages.SubmitAssessmentResponse:
        """What the answers come to."""
        completed = await self._assessments.submit(
            await self._whose(request), request.fhir_json, fields.request_id(request.request_id)
        )
        return messages.SubmitAssessmentResponse(
            assessment=convert.assessment_message(completed.view),
            changes=changes_messages(completed.changes),
            safety_notice=convert_safety.notice_message(completed.notice) if completed.notice else None,
            helplines=[convert_safety.helpline_message(line) for line in completed.helplines],
        )

    async def GetAssessment(  # noqa: N802 (gRPC's name)
        self, request: messages.GetAssessmentRequest, context: Context
    ) -> records.Assessment:
        """The assessment, as FHIR too."""
        view = await self._assessments.get(_number(request.name))
        self._access.note("ASSESSMENTS_READ", context.peer(), "read answers to a questionnaire")
        return convert.assessment_message(view)

    async def ListAssessments(  # noqa: N802 (gRPC's name)
        self, request: messages.ListAssessmentsRequest, context: Context
    ) -> messages.ListAssessmentsResponse:
        """A page of assessments."""
        chosen = convert.questionnaire_id(request.questionnaire, "questionnaire") if request.questionnaire else ""
        found, cursor = await self._assessments.page(
            await self._whose(request),
            chosen,
            limit=pages.size_of(request.page_size),
            before=pages.cursor_of(request, request.page_token),
        )
        self._access.note("ASSESSMENTS_READ", context.peer(), "read answers to a questionnaire")
        return messages.ListAssessmentsResponse(
            assessments=[convert.assessment_message(each) for each in found],
            next_page_token=pages.token_after(cursor, request),
        )

    async def GetScores(  # noqa: N802 (gRPC's name)
        self, request: messages.GetScoresRequest, context: Context
    ) -> messages.GetScoresResponse:
        """The scores over time."""
        told = await self._assessments.over_time(
            await self._whose(request),
            convert.questionnaire_id(request.questionnaire, "questionnaire"),
            fields.optional_timestamp_ns(request, "start_time") or 0,
        )
        self._access.note("ASSESSMENT_SCORES_READ", context.peer(), "read the scores of a questionnaire")
        return convert.scores_message(told)

    async def ListReminders(  # noqa: N802 (gRPC's name)
        self, request: messages.ListRemindersRequest, _context: Context
    ) -> messages.ListRemindersResponse:
        """The reminders that stand."""
        found, token = pages.slice_of(await self._reminders.standing(await self._whose(request)), request)
        return messages.ListRemindersResponse(
            reminders=[convert.reminder_message(each) for each in found], next_page_token=token
        )

    async def DismissReminder(  # noqa: N802 (gRPC's name)
        self, request: messages.DismissReminderRequest, _context: Context
    ) -> messages.DismissReminderResponse:
        """The reminder is gone."""
        self._reminders.dismiss(
            await self._whose(request), convert.questionnaire_id(request.questionnaire, "questionnaire")
        )
        return messages.DismissReminderResponse()

    async def _whose(self, request: Any) -> int:
        """Whose answers are meant. Raises NotFoundError for a profile that there is not."""
        named = fields.profile_of(request)
        if named is None:
            return self._household.front
        await self._household.of(named)
        return named


def _number(name: str) -> int:
    return fields.number_of(name, convert.ASSESSMENTS)


def _notice(answered: AssessmentAnswered) -> Any:
    return convert_safety.notice_message(answered.notice) if answered.notice else None
