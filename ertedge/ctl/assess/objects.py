"""Questionnaires, assessments and scores as JSON objects, one a line. Floor 4; field names as in the API."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ertedge.ctl.objects import Json, rounded, time_text
from ertedge.rpc.assessments_client import AssessmentView, QuestionnaireView, ScorePoint
from ertedge.types.assessments import AssessmentReminder, QuestionnaireItem, ScaleChange, ScaleScore


def questionnaire_object(view: QuestionnaireView) -> dict[str, Json]:
    """A questionnaire, without its items."""
    asked = view.questionnaire
    return {
        "record": "questionnaire",
        "id": asked.questionnaire_id,
        "title": asked.title,
        "language": asked.language,
        "version": asked.version,
        "item_count": len(asked.items),
        "scales": [scale.scale_id for scale in view.scoring.scales],
        "attribution": asked.attribution,
        "terms": asked.terms,
        "scoring_source": view.scoring.source,
    }


def item_object(item: QuestionnaireItem, number: int, count: int, answer_code: str) -> dict[str, Json]:
    """An item that is asked: the ``number``-th of ``count``."""
    return {
        "record": "item",
        "link_id": item.link_id,
        "number": number,
        "count": count,
        "text": item.text,
        "choices": [{"code": choice.code, "text": choice.text, "value": choice.value} for choice in item.choices],
        "answer_code": answer_code or None,
    }


def assessment_object(view: AssessmentView) -> dict[str, Json]:
    """An assessment with its scores."""
    each = view.assessment
    return {
        "record": "assessment",
        "id": each.assessment_id,
        "profile": f"profiles/{each.profile_id}" if each.profile_id else "",
        "questionnaire": each.questionnaire_id,
        "version": each.questionnaire_version,
        "language": each.language,
        "status": str(each.status),
        "create_time": time_text(each.wall_time_ns),
        "update_time": time_text(each.update_wall_time_ns),
        "complete_time": time_text(each.complete_wall_time_ns) if each.complete_wall_time_ns else None,
        "answers": {answer.link_id: answer.code or None for answer in each.answers},
        "next_link_id": view.next_link_id or None,
        "scores": [score_object(score) for score in view.scores],
        "red_flags": [str(flag) for flag in each.flags],
        "amendments": [
            {
                "time": time_text(amendment.wall_time_ns),
                "link_id": amendment.link_id,
                "code_before": amendment.code_before or None,
                "code_after": amendment.code_after or None,
                "reason": amendment.reason,
            }
            for amendment in each.amendments
        ],
    }


def score_object(score: ScaleScore) -> dict[str, Json]:
    """A score."""
    return {
        "scale": score.scale_id,
        "score": score.score,
        "most": score.most,
        "answered_count": score.answered,
        "missing_count": score.missing,
        "band": score.band.band_id if score.band else None,
        "words": score.band.words if score.band else None,
    }


def changes_object(changes: Iterable[ScaleChange]) -> dict[str, Json]:
    """Changes since an earlier assessment."""
    return {
        "record": "changes",
        "changes": [
            {
                "scale": each.scale_id,
                "before": each.before,
                "after": each.after,
                "before_time": time_text(each.before_wall_time_ns),
                "kind": str(each.kind),
                "least_reliable": rounded(each.points),
                "reliable_change_index": None if each.index is None else rounded(each.index),
                "crossed_cut_off": each.crossed,
            }
            for each in changes
        ],
    }


def point_object(point: ScorePoint) -> dict[str, Json]:
    """The scores of one assessment in a row of them."""
    return {
        "record": "scores",
        "id": point.assessment_id,
        "time": time_text(point.wall_time_ns),
        "scores": [score_object(score) for score in point.scores],
        "changes": changes_object(point.changes)["changes"],
    }


def reminder_object(reminder: AssessmentReminder) -> dict[str, Json]:
    """A reminder."""
    return {
        "record": "assessment_reminder",
        "questionnaire": reminder.questionnaire_id,
        "time": time_text(reminder.wall_time_ns),
        "expire_time": time_text(reminder.expire_wall_time_ns),
    }


def fhir_object(view: AssessmentView) -> dict[str, Json]:
    """The whole as a FHIR R4 ``QuestionnaireResponse``."""
    found: dict[str, Json] = json.loads(view.fhir_json)
    return found
