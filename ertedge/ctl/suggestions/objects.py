"""Suggestions, activities and what is known of them as JSON objects, one a line. Floor 4; field names as in the API."""

from __future__ import annotations

from ertedge.ctl.objects import Json, rounded, time_text
from ertedge.rpc.suggestions_client import GuideEvent, PolicyEstimate, SuggestionsEvaluation
from ertedge.types import Activity, Suggestion


def suggestion_object(suggestion: Suggestion) -> dict[str, Json]:
    """A suggestion."""
    return {
        "id": suggestion.suggestion_id,
        "time": time_text(suggestion.wall_time_ns),
        "expire_time": time_text(suggestion.expire_wall_time_ns),
        "activity": suggestion.activity_id,
        "activity_version": suggestion.activity_version,
        "title": suggestion.title,
        "minutes": rounded(suggestion.minutes),
        "reason": suggestion.reason,
        "trigger": str(suggestion.trigger),
        "propensity": rounded(suggestion.propensity),
        "expected_helpfulness": rounded(suggestion.expected_helpfulness),
        "expected_helpfulness_sd": rounded(suggestion.expected_sd),
        "emotion": str(suggestion.emotion),
        "valence_before": rounded(suggestion.valence_before),
        "arousal_before": rounded(suggestion.arousal_before),
        "status": str(suggestion.status),
        "helpfulness": suggestion.helpfulness,
        "valence_after": None if suggestion.valence_after is None else rounded(suggestion.valence_after),
        "arousal_after": None if suggestion.arousal_after is None else rounded(suggestion.arousal_after),
        "snooze_until_time": _time_or_none(suggestion.snooze_until_wall_time_ns),
        "update_time": _time_or_none(suggestion.update_wall_time_ns),
        "synthetic": suggestion.synthetic,
    }


def activity_object(activity: Activity) -> dict[str, Json]:
    """An entry of the catalogue, whole."""
    return {
        "id": activity.activity_id,
        "version": activity.version,
        "language": activity.language,
        "family": str(activity.family),
        "title": activity.title,
        "purpose": activity.purpose,
        "emotions": [str(emotion) for emotion in activity.emotions],
        "arousal_least": rounded(activity.arousal_least),
        "arousal_most": rounded(activity.arousal_most),
        "arousal_effect": str(activity.arousal_effect),
        "minutes": rounded(activity.minutes),
        "steps": [
            {"kind": str(step.kind), "show": step.show, "say": step.say, "seconds": rounded(step.seconds)}
            for step in activity.steps
        ],
        "journaling_prompt": activity.journaling_prompt,
        "contraindications": [str(condition) for condition in activity.contraindications],
        "evidence": {
            "note": activity.evidence.note,
            "citation": activity.evidence.citation,
            "source": activity.evidence.source,
            "effect_size": None if activity.evidence.effect_size is None else rounded(activity.evidence.effect_size),
        },
        "machine_drafted": activity.machine_drafted,
        "digest": activity.digest,
        "reviews": [
            {
                "reviewer": review.reviewer,
                "role": review.role,
                "activity_version": review.activity_version,
                "time": time_text(review.wall_time_ns),
            }
            for review in activity.reviews
        ],
    }


def guide_object(event: GuideEvent) -> dict[str, Json]:
    """A step that is due; ``over`` in the last event, which has none."""
    step: dict[str, Json] = {"over": True}
    if event.step is not None:
        step = {"kind": str(event.step.kind), "show": event.step.show, "say": event.step.say, "over": False}
    return {
        "step_index": event.step_index,
        "step_count": event.step_count,
        "position_seconds": rounded(event.position_seconds),
        "remaining_seconds": rounded(event.remaining_seconds),
        "total_seconds": rounded(event.total_seconds),
        **step,
    }


def evaluation_object(evaluation: SuggestionsEvaluation) -> dict[str, Json]:
    """The counts of the log, and what they can say."""
    return {
        "decision_count": evaluation.decision_count,
        "offer_count": evaluation.offer_count,
        "completed_count": evaluation.completed_count,
        "note": evaluation.note,
    }


def estimate_object(estimate: PolicyEstimate) -> dict[str, Json]:
    """What a policy gains a decision."""
    return {
        "policy": estimate.policy,
        "method": estimate.method,
        "value": rounded(estimate.value),
        "low": rounded(estimate.low),
        "high": rounded(estimate.high),
        "decision_count": estimate.decision_count,
        "effective_count": rounded(estimate.effective_count),
    }


def _time_or_none(wall_time_ns: int) -> str | None:
    return time_text(wall_time_ns) if wall_time_ns else None
