"""What a questionnaire's answers come to, in plain words: how a score compares, what has changed, what is missing.

Floor 4. Nothing here names an illness or a diagnosis, and nothing is called good or bad. The author's names of the bands
stand in the chart and in the objects, for whoever knows them; here is what each means.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ertedge.rpc.assessments_client import AssessmentView
from ertedge.types.assessments import (
    AssessmentReminder,
    AssessmentStatus,
    ChangeKind,
    Scale,
    ScaleChange,
    ScaleScore,
)

NO_DIAGNOSIS = (
    "A score compares answers with those of many others. It is no diagnosis, and a single one says little; what several say"
    " over time says more."
)
NOT_KEPT = (
    "What you answer is not written down, since you have not agreed to a history, and is gone when the device stops. To"
    " agree: ertedge-ctl consent give keep_history"
)
STATUS = {
    AssessmentStatus.IN_PROGRESS: "begun",
    AssessmentStatus.COMPLETED: "completed",
    AssessmentStatus.AMENDED: "amended",
}


def day_text(wall_time_ns: int) -> str:
    """The local day, as ``2026-11-26``."""
    return datetime.fromtimestamp(wall_time_ns / 1e9, UTC).astimezone().strftime("%Y-%m-%d")


def score_text(score: ScaleScore) -> str:
    """``12 of 42. A little more low mood than most people report.``"""
    if score.score is None:
        asked = score.answered + score.missing
        return f"no score, since {score.missing} of its {asked} questions are open"
    words = f". {score.band.words}" if score.band else ""
    prorated = " (an open question stands at the mean of the others)" if score.missing else ""
    return f"{score.score} of {score.most}{prorated}{words}"


def brief_score(score: ScaleScore) -> str:
    """``12``, or a dash where there is none."""
    return "-" if score.score is None else str(score.score)


def change_text(change: ScaleChange, title: str) -> str:
    """What has changed since the earlier score, and how sure that is."""
    since = f"{title}: {change.before} on {day_text(change.before_wall_time_ns)}, {change.after} now"
    if change.kind is ChangeKind.UNCERTAIN:
        return f"{since}. That is no more than answers differ by chance."
    if change.kind is ChangeKind.IMPROVED:
        crossed = ", and out of the range in which many people look for help" if change.crossed else ""
        return f"{since}. That has become easier, by more than chance{crossed}."
    return (
        f"{since}. That has become harder, by more than chance. It is worth telling somebody you trust, or your doctor."
    )


def changes_titled(changes: tuple[ScaleChange, ...], titles: dict[str, str]) -> list[str]:
    """A sentence a change."""
    return [change_text(each, titles.get(each.scale_id, each.scale_id)) for each in changes]


def rule_text(scales: tuple[Scale, ...]) -> str:
    """From how many points on a change is told from chance; empty where that is not known of any scale."""
    known = [f"{scale.title} {scale.change.points:.1f}" for scale in scales if scale.change is not None]
    return f"Least change that is more than chance: {', '.join(known)}." if known else ""


def reminder_text(reminder: AssessmentReminder) -> str:
    """In a line, gently, with the way to have none."""
    return f"If you like: ertedge-ctl assess {reminder.questionnaire_id}, or, not now: ertedge-ctl assess dismiss"


def summary_text(view: AssessmentView) -> str:
    """The scores in a line: ``Depression 12, Anxiety 8, Stress 20``."""
    if view.assessment.is_open:
        done = sum(1 for answer in view.assessment.answers if answer.code)
        return f"{done} answered so far"
    return ", ".join(f"{score.title} {brief_score(score)}" for score in view.scores) or "no scores"
