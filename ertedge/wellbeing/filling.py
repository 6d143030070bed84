"""Filling a questionnaire in, a step at a time: begin, answer, leave open, go back, complete, amend. Floor 1.

Every step takes an ``Assessment`` and gives the next one; the time is passed in. What is completed is changed by nothing but
an amendment, which keeps what was there before and says why.
"""

from __future__ import annotations

import difflib
from dataclasses import replace

from ertedge.errors import InvalidRequestError, PreconditionError
from ertedge.types.assessments import (
    Amendment,
    Assessment,
    AssessmentStatus,
    ItemAnswer,
    Questionnaire,
    QuestionnaireItem,
)

REASON_MOST = 200


def begun(assessment_id: int, profile_id: int, questionnaire: Questionnaire, now_ns: int) -> Assessment:
    """A new assessment, with nothing answered."""
    return Assessment(
        assessment_id=assessment_id,
        profile_id=profile_id,
        questionnaire_id=questionnaire.questionnaire_id,
        questionnaire_version=questionnaire.version,
        language=questionnaire.language,
        status=AssessmentStatus.IN_PROGRESS,
        wall_time_ns=now_ns,
        update_wall_time_ns=now_ns,
    )


def next_item(assessment: Assessment, questionnaire: Questionnaire) -> QuestionnaireItem | None:
    """The first item that was neither answered nor left open; None where there is no other."""
    shown = {answer.link_id for answer in assessment.answers}
    return next((item for item in questionnaire.items if item.link_id not in shown), None)


def answered(assessment: Assessment, questionnaire: Questionnaire, link_id: str, code: str, now_ns: int) -> Assessment:
    """With that answer in place of an earlier one; an empty ``code`` leaves the item open.

    Raises ``InvalidRequestError`` for an item or an answer that is none, ``PreconditionError`` once it is completed.
    """
    _check(questionnaire, link_id, code)
    if not assessment.is_open:
        raise PreconditionError(
            f"assessment {assessment.assessment_id} is completed; amend the answer with a reason, or begin a new one"
        )
    return said(replace(assessment, update_wall_time_ns=now_ns), questionnaire, link_id, code)


def said(assessment: Assessment, questionnaire: Questionnaire, link_id: str, code: str) -> Assessment:
    """As if that had been answered, whether or not it still can be. Raises ``InvalidRequestError`` as ``answered``."""
    _check(questionnaire, link_id, code)
    shown = {answer.link_id: answer for answer in assessment.answers} | {link_id: ItemAnswer(link_id, code)}
    in_order = tuple(shown[item.link_id] for item in questionnaire.items if item.link_id in shown)
    return replace(assessment, answers=in_order)


def completed(assessment: Assessment, questionnaire: Questionnaire, now_ns: int) -> Assessment:
    """As completed; items that were not shown are left open. Raises ``PreconditionError`` where nothing is answered."""
    if not any(answer.code for answer in assessment.answers):
        raise PreconditionError(f"assessment {assessment.assessment_id} has no answer yet; answer at least one item")
    shown = {answer.link_id: answer for answer in assessment.answers}
    return replace(
        assessment,
        status=AssessmentStatus.COMPLETED,
        answers=tuple(shown.get(item.link_id, ItemAnswer(item.link_id, "")) for item in questionnaire.items),
        update_wall_time_ns=now_ns,
        complete_wall_time_ns=now_ns,
    )


def amended(
    assessment: Assessment, questionnaire: Questionnaire, link_id: str, code: str, *, reason: str, now_ns: int
) -> Assessment:
    """With that answer changed after completion, and the change kept.

    Raises ``InvalidRequestError`` for an item or an answer that is none, or without a reason; ``PreconditionError`` while it
    is in progress, when an answer is simply given again.
    """
    _check(questionnaire, link_id, code)
    given = " ".join(reason.split())
    if not given or len(given) > REASON_MOST or not given.isprintable():
        raise InvalidRequestError([("reason", f"must say in at most {REASON_MOST} characters why it is changed")])
    if assessment.is_open:
        raise PreconditionError(f"assessment {assessment.assessment_id} is in progress; answer the item again")
    change = Amendment(now_ns, link_id, assessment.code(link_id), code, given)
    if change.code_before == code:
        return assessment
    changed = replace(
        assessment,
        status=AssessmentStatus.AMENDED,
        amendments=(*assessment.amendments, change),
        update_wall_time_ns=now_ns,
    )
    return said(changed, questionnaire, link_id, code)


def _check(questionnaire: Questionnaire, link_id: str, code: str) -> None:
    item = questionnaire.item(link_id)
    if item is None:
        known = [each.link_id for each in questionnaire.items]
        close = difflib.get_close_matches(link_id, known, n=1, cutoff=0.5)
        meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
        raise InvalidRequestError(
            [("link_id", f"is {link_id[:80]!r}, which is no item of {questionnaire.title}; {meant}")]
        )
    if code and item.choice(code) is None:
        codes = ", ".join(choice.code for choice in item.choices)
        raise InvalidRequestError([("answer_code", f"is {code[:80]!r}; answer {codes}, or nothing to leave it open")])
