"""The part of the client that speaks with AssessmentService: ``Client.assessments``. Floor 3."""

from __future__ import annotations

from collections.abc import AsyncIterator

from ertedge.core.assessments.records import (
    AssessmentAnswered,
    AssessmentCompleted,
    AssessmentsPage,
    AssessmentStarted,
    AssessmentView,
    QuestionnaireView,
    ScorePoint,
    ScoresOverTime,
)
from ertedge.rpc import convert_assessments as convert
from ertedge.rpc.connection import Connection
from ertedge.rpc.convert import timestamp_message
from ertedge.rpc.suggestions_client import new_request_id, requested_profile
from ertedge.types.assessments import AssessmentReminder
from ertedge.v1 import assessment_service_pb2 as messages
from ertedge.v1 import assessment_service_pb2_grpc as services

__all__ = [
    "AssessmentAnswered",
    "AssessmentCompleted",
    "AssessmentStarted",
    "AssessmentView",
    "AssessmentsClient",
    "AssessmentsPage",
    "QuestionnaireView",
    "ScorePoint",
    "ScoresOverTime",
]


class AssessmentsClient:
    """Questionnaires over ``connection``. Calls raise the errors of ``ertedge.errors`` as the daemon did; where a change is
    made without a ``request_id``, one is made for it. ``profile_id`` is whose answers are meant; None: those of whoever is
    in front of the device; 0: nobody's."""

    def __init__(self, connection: Connection, profile_id: int | None = None) -> None:
        self._connection = connection
        self._profile = requested_profile(profile_id)
        self._stub = services.AssessmentServiceStub(connection.channel)

    async def questionnaires(self, language: str = "") -> tuple[QuestionnaireView, ...]:
        """All of them, by id."""
        found: list[QuestionnaireView] = []
        page_token = ""
        while True:
            request = messages.ListQuestionnairesRequest(language_code=language, page_token=page_token)
            page = await self._connection.call(self._stub.ListQuestionnaires, request)
            found += [convert.questionnaire_record(each) for each in page.questionnaires]
            if not (page_token := page.next_page_token):
                return tuple(found)

    async def questionnaire(self, questionnaire_id: str, language: str = "") -> QuestionnaireView:
        """One of them. Raises NotFoundError with what may have been meant."""
        request = messages.GetQuestionnaireRequest(name=_name(questionnaire_id), language_code=language)
        return convert.questionnaire_record(await self._connection.call(self._stub.GetQuestionnaire, request))

    async def start(
        self,
        questionnaire_id: str,
        *,
        language: str = "",
        start_over: bool = False,
        request_id: str = "",
    ) -> AssessmentStarted:
        """Begin a questionnaire, or go on with what was left within a day. Raises NotFoundError."""
        request = messages.StartAssessmentRequest(
            questionnaire=_name(questionnaire_id),
            profile=self._profile,
            language_code=language,
            start_over=start_over,
            request_id=request_id or new_request_id(),
        )
        return convert.started_record(await self._connection.call(self._stub.StartAssessment, request))

    async def answer(self, assessment_id: int, link_id: str, code: str, *, request_id: str = "") -> AssessmentAnswered:
        """Answer an item, for the first time or anew; an empty ``code`` leaves it open.

        Raises InvalidRequestError for an item or an answer that is none, PreconditionError once it is completed.
        """
        request = messages.AnswerItemRequest(
            name=_number(assessment_id), link_id=link_id, answer_code=code, request_id=request_id or new_request_id()
        )
        return convert.answered_record(await self._connection.call(self._stub.AnswerItem, request))

    async def complete(self, assessment_id: int, *, request_id: str = "") -> AssessmentCompleted:
        """Complete it: scores, and what changed since the one before. Raises PreconditionError where nothing is answered."""
        request = messages.CompleteAssessmentRequest(
            name=_number(assessment_id), request_id=request_id or new_request_id()
        )
        return convert.completed_record(await self._connection.call(self._stub.CompleteAssessment, request))

    async def amend(
        self, assessment_id: int, link_id: str, code: str, *, reason: str, request_id: str = ""
    ) -> AssessmentAnswered:
        """Change an answer after completion; what was there before is kept. Raises as ``answer``."""
        request = messages.AmendAnswerRequest(
            name=_number(assessment_id),
            link_id=link_id,
            answer_code=code,
            reason=reason,
            request_id=request_id or new_request_id(),
        )
        return convert.answered_record(await self._connection.call(self._stub.AmendAnswer, request))

    async def submit(self, fhir_json: str, *, request_id: str = "") -> AssessmentCompleted:
        """Take over answers given elsewhere, a FHIR R4 ``QuestionnaireResponse``. Raises InvalidRequestError."""
        request = messages.SubmitAssessmentRequest(
            fhir_json=fhir_json, profile=self._profile, request_id=request_id or new_request_id()
        )
        return convert.completed_record(await self._connection.call(self._stub.SubmitAssessment, request))

    async def assessment(self, assessment_id: int) -> AssessmentView:
        """One assessment, as FHIR too. Raises NotFoundError."""
        request = messages.GetAssessmentRequest(name=_number(assessment_id))
        return convert.assessment_record(await self._connection.call(self._stub.GetAssessment, request))

    async def list_assessments(
        self, *, questionnaire_id: str = "", page_size: int = 0, page_token: str = ""
    ) -> AssessmentsPage:
        """One page of assessments, newest first."""
        request = messages.ListAssessmentsRequest(
            page_size=page_size,
            page_token=page_token,
            profile=self._profile,
            questionnaire=_name(questionnaire_id) if questionnaire_id else "",
        )
        page = await self._connection.call(self._stub.ListAssessments, request)
        found = tuple(convert.assessment_record(each) for each in page.assessments)
        return AssessmentsPage(found, page.next_page_token)

    async def assessments(self, *, questionnaire_id: str = "", page_size: int = 0) -> AsyncIterator[AssessmentView]:
        """All pages of ``list_assessments``, one assessment after the other."""
        page_token = ""
        while True:
            page = await self.list_assessments(
                questionnaire_id=questionnaire_id,
                page_size=page_size,
                page_token=page_token,
            )
            for each in page.assessments:
                yield each
            if not (page_token := page.next_page_token):
                return

    async def scores(self, questionnaire_id: str, *, start_wall_time_ns: int = 0) -> ScoresOverTime:
        """How scores went over time, and what changed reliably."""
        request = messages.GetScoresRequest(profile=self._profile, questionnaire=_name(questionnaire_id))
        if start_wall_time_ns:
            request.start_time.CopyFrom(timestamp_message(start_wall_time_ns))
        return convert.scores_record(await self._connection.call(self._stub.GetScores, request))

    async def reminders(self) -> tuple[AssessmentReminder, ...]:
        """The reminders that stand now: at most one."""
        request = messages.ListRemindersRequest(profile=self._profile)
        page = await self._connection.call(self._stub.ListReminders, request)
        return tuple(convert.reminder_record(each) for each in page.reminders)

    async def dismiss_reminder(self, questionnaire_id: str) -> None:
        """Take a reminder away until the next period. Raises NotFoundError where there is none."""
        request = messages.DismissReminderRequest(profile=self._profile, questionnaire=_name(questionnaire_id))
        await self._connection.call(self._stub.DismissReminder, request)


def _name(questionnaire_id: str) -> str:
    return convert.QUESTIONNAIRES + questionnaire_id


def _number(assessment_id: int) -> str:
    return f"{convert.ASSESSMENTS}{assessment_id}"
