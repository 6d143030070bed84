"""Between questionnaires and assessments and the messages of ``ertedge.v1``, both ways. Floor 3.

A red flag that this version does not know, from a newer device, reads as the gravest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ertedge.core.assessments.records import (
    AssessmentAnswered,
    AssessmentCompleted,
    AssessmentStarted,
    AssessmentView,
    QuestionnaireView,
    ScorePoint,
    ScoresOverTime,
)
from ertedge.errors import InvalidRequestError
from ertedge.rpc.convert import numbers, profile_id, profile_name, timestamp_message, timestamp_ns
from ertedge.rpc.convert_safety import helpline_record, notice_record
from ertedge.rpc.convert_scales import (
    RED_FLAG,
    changes_messages,
    changes_records,
    flags_records,
    scale_message,
    scale_record,
    scores_messages,
    scores_records,
)
from ertedge.types.assessments import (
    Amendment,
    AnswerChoice,
    Assessment,
    AssessmentReminder,
    AssessmentStatus,
    ItemAnswer,
    Questionnaire,
    QuestionnaireItem,
    Scoring,
)
from ertedge.v1 import assessment_pb2 as records
from ertedge.v1 import assessment_service_pb2 as messages

QUESTIONNAIRES = "questionnaires/"
ASSESSMENTS = "assessments/"

_STATUS = numbers(AssessmentStatus, records.AssessmentStatus, "ASSESSMENT_STATUS")
_STATUS_OF_NUMBER = {number: word for word, number in _STATUS.items()}


def questionnaire_id(name: str, field: str) -> str:
    """The id in a resource name such as ``questionnaires/dass21``. Raises InvalidRequestError."""
    found = name.removeprefix(QUESTIONNAIRES)
    if not name.startswith(QUESTIONNAIRES) or not re.fullmatch(r"[A-Za-z0-9\-.]{1,64}", found):
        raise InvalidRequestError(
            [(field, f"is {name[:80]!r}; use {QUESTIONNAIRES}ID, such as {QUESTIONNAIRES}dass21")]
        )
    return found


def questionnaire_message(view: QuestionnaireView) -> records.Questionnaire:
    """A questionnaire with its scoring as it goes out."""
    asked = view.questionnaire
    return records.Questionnaire(
        name=QUESTIONNAIRES + asked.questionnaire_id,
        url=asked.url,
        version=asked.version,
        language_code=asked.language,
        title=asked.title,
        instruction=asked.instruction,
        attribution=asked.attribution,
        terms=asked.terms,
        items=[_item_message(item) for item in asked.items],
        scales=[scale_message(scale) for scale in view.scoring.scales],
        scoring_source=view.scoring.source,
    )


def questionnaire_record(message: records.Questionnaire) -> QuestionnaireView:
    """A questionnaire as it came in; what raises a red flag stays on the device."""
    number = message.name.removeprefix(QUESTIONNAIRES)
    asked = Questionnaire(
        questionnaire_id=number,
        url=message.url,
        version=message.version,
        language=message.language_code,
        title=message.title,
        instruction=message.instruction,
        attribution=message.attribution,
        terms=message.terms,
        items=tuple(_item_record(item) for item in message.items),
    )
    scales = tuple(scale_record(scale) for scale in message.scales)
    return QuestionnaireView(asked, Scoring(number, message.scoring_source, scales, ()))


def assessment_message(view: AssessmentView) -> records.Assessment:
    """An assessment as it goes out."""
    each = view.assessment
    done_ns = each.complete_wall_time_ns
    return records.Assessment(
        name=f"{ASSESSMENTS}{each.assessment_id}",
        profile=profile_name(each.profile_id),
        questionnaire=QUESTIONNAIRES + each.questionnaire_id,
        questionnaire_version=each.questionnaire_version,
        language_code=each.language,
        status=_STATUS[each.status],  # type: ignore[arg-type]
        create_time=timestamp_message(each.wall_time_ns),
        update_time=timestamp_message(each.update_wall_time_ns),
        complete_time=timestamp_message(done_ns) if done_ns else None,
        answers=[records.ItemAnswer(link_id=a.link_id, answer_code=a.code) for a in each.answers],
        next_link_id=view.next_link_id,
        scores=scores_messages(view.scores),
        red_flags=[RED_FLAG[flag] for flag in each.flags],  # type: ignore[misc]
        amendments=[_amendment_message(amendment) for amendment in each.amendments],
        fhir_json=view.fhir_json,
    )


def assessment_record(message: records.Assessment) -> AssessmentView:
    """An assessment as it came in."""
    assessment = Assessment(
        assessment_id=int(message.name.removeprefix(ASSESSMENTS)),
        profile_id=profile_id(message.profile),
        questionnaire_id=message.questionnaire.removeprefix(QUESTIONNAIRES),
        questionnaire_version=message.questionnaire_version,
        language=message.language_code,
        status=_STATUS_OF_NUMBER.get(message.status, AssessmentStatus.AMENDED),
        wall_time_ns=timestamp_ns(message.create_time),
        update_wall_time_ns=timestamp_ns(message.update_time),
        complete_wall_time_ns=timestamp_ns(message.complete_time) if message.HasField("complete_time") else 0,
        answers=tuple(ItemAnswer(each.link_id, each.answer_code) for each in message.answers),
        amendments=tuple(_amendment_record(each) for each in message.amendments),
        flags=flags_records(message.red_flags),
    )
    return AssessmentView(assessment, scores_records(message.scores), message.next_link_id, message.fhir_json)


def started_record(message: messages.StartAssessmentResponse) -> AssessmentStarted:
    """What to ask."""
    asked = questionnaire_record(message.questionnaire)
    return AssessmentStarted(assessment_record(message.assessment), asked, message.resumed, message.kept)


def answered_record(message: messages.AnswerItemResponse | messages.AmendAnswerResponse) -> AssessmentAnswered:
    """An assessment after a step, with the help that it calls for."""
    return AssessmentAnswered(
        assessment_record(message.assessment),
        notice_record(message.safety_notice) if message.HasField("safety_notice") else None,
        tuple(helpline_record(line) for line in message.helplines),
    )


def completed_record(
    message: messages.CompleteAssessmentResponse | messages.SubmitAssessmentResponse,
) -> AssessmentCompleted:
    """What the answers come to."""
    return AssessmentCompleted(
        assessment_record(message.assessment),
        changes_records(message.changes),
        notice_record(message.safety_notice) if message.HasField("safety_notice") else None,
        tuple(helpline_record(line) for line in message.helplines),
    )


def scores_message(told: ScoresOverTime) -> messages.GetScoresResponse:
    """Scores over time as they go out."""
    return messages.GetScoresResponse(
        scales=[scale_message(scale) for scale in told.scales],
        points=[
            messages.ScorePoint(
                assessment=f"{ASSESSMENTS}{point.assessment_id}",
                time=timestamp_message(point.wall_time_ns),
                scores=scores_messages(point.scores),
                changes=changes_messages(point.changes),
            )
            for point in told.points
        ],
        changes=changes_messages(told.changes),
    )


def scores_record(message: messages.GetScoresResponse) -> ScoresOverTime:
    """Scores over time as they came in."""
    return ScoresOverTime(
        scales=tuple(scale_record(scale) for scale in message.scales),
        points=tuple(
            ScorePoint(
                int(point.assessment.removeprefix(ASSESSMENTS)),
                timestamp_ns(point.time),
                scores_records(point.scores),
                changes_records(point.changes),
            )
            for point in message.points
        ),
        changes=changes_records(message.changes),
    )


def reminder_message(reminder: AssessmentReminder) -> records.AssessmentReminder:
    """A reminder as it goes out."""
    return records.AssessmentReminder(
        profile=profile_name(reminder.profile_id),
        questionnaire=QUESTIONNAIRES + reminder.questionnaire_id,
        time=timestamp_message(reminder.wall_time_ns),
        expire_time=timestamp_message(reminder.expire_wall_time_ns),
    )


def reminder_record(message: records.AssessmentReminder) -> AssessmentReminder:
    """A reminder as it came in."""
    return AssessmentReminder(
        profile_id=profile_id(message.profile),
        questionnaire_id=message.questionnaire.removeprefix(QUESTIONNAIRES),
        wall_time_ns=timestamp_ns(message.time),
        expire_wall_time_ns=timestamp_ns(message.expire_time),
    )


def _item_message(item: QuestionnaireItem) -> records.QuestionnaireItem:
    return records.QuestionnaireItem(
        link_id=item.link_id,
        number=item.number,
        text=item.text,
        choices=[
            records.AnswerChoice(code=choice.code, text=choice.text, value=choice.value, system=choice.system)
            for choice in item.choices
        ],
        groups=item.groups,
    )


def _item_record(message: records.QuestionnaireItem) -> QuestionnaireItem:
    return QuestionnaireItem(
        message.link_id, message.number, message.text, tuple(_choices(message.choices)), tuple(message.groups)
    )


def _choices(choices: Iterable[records.AnswerChoice]) -> Iterable[AnswerChoice]:
    for choice in choices:
        yield AnswerChoice(choice.code, choice.text, choice.value if choice.HasField("value") else None, choice.system)


def _amendment_message(amendment: Amendment) -> records.Amendment:
    return records.Amendment(
        time=timestamp_message(amendment.wall_time_ns),
        link_id=amendment.link_id,
        code_before=amendment.code_before,
        code_after=amendment.code_after,
        reason=amendment.reason,
    )


def _amendment_record(message: records.Amendment) -> Amendment:
    return Amendment(
        timestamp_ns(message.time), message.link_id, message.code_before, message.code_after, message.reason
    )
