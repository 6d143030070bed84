"""Enrolment and calibration as JSON objects, for programs that read ``ertedge-ctl --json``. Floor 4."""

from __future__ import annotations

from ertedge.ctl.objects import Json, rounded, time_text
from ertedge.rpc.calibration_client import CalibrationPrompt, CalibrationStatus, FeelingQuestionEvent, FeelingReport
from ertedge.rpc.enrolment_client import EnrolmentProgress
from ertedge.types import CalibrationLabel, CalibrationSummary


def progress_object(progress: EnrolmentProgress) -> dict[str, Json]:
    """How far an enrolment is."""
    return {
        "view": progress.view.value,
        "hint": progress.hint.value,
        "taken": progress.taken,
        "wanted": progress.wanted,
        "view_text": progress.asks,
        "hint_text": progress.says,
        "done": progress.is_done,
    }


def prompt_object(prompt: CalibrationPrompt) -> dict[str, Json]:
    """A prompt of a guided session."""
    return {
        "session": f"profiles/{prompt.profile_id}/calibrationSessions/{prompt.session_id}",
        "phase": prompt.phase.value,
        "emotion": prompt.emotion.value if prompt.emotion else None,
        "take": prompt.take,
        "takes": prompt.takes,
        "seconds": rounded(prompt.seconds),
        "remaining_seconds": rounded(prompt.remaining_seconds),
        "seen": prompt.seen,
        "heard": prompt.heard,
        "memory_text": prompt.asks,
        "status_text": prompt.says,
    }


def summary_object(summary: CalibrationSummary) -> dict[str, Json]:
    """What is known of a person."""
    return {
        "profile": f"profiles/{summary.profile_id}",
        "reliabilities": [
            {
                "modality": each.modality.value,
                "accuracy": rounded(each.accuracy),
                "low": rounded(each.low),
                "high": rounded(each.high),
                "labels": each.labels,
                "effective_labels": rounded(each.effective_labels),
            }
            for each in summary.reliabilities
        ],
        "trusted": summary.trusted.value if summary.trusted else None,
        "trusted_since": time_text(summary.trusted_since_wall_ns) if summary.trusted else None,
        "face_more_reliable": rounded(summary.face_more_reliable),
        "fusion_gain": rounded(summary.fusion_gain),
        "fusion_gain_low": rounded(summary.fusion_gain_low),
        "fusion_gain_high": rounded(summary.fusion_gain_high),
        "fusion_used": summary.uses_fusion,
        "fusion_rule": summary.rule.value,
        "labels": summary.labels,
        "labels_to_settle": summary.labels_to_settle,
        "ask_next": summary.ask_next.value if summary.ask_next else None,
        "personal_modalities": [modality.value for modality in summary.head_used],
    }


def status_object(status: CalibrationStatus) -> dict[str, Json]:
    """The same with the session that can be gone on with."""
    session = status.open_session_id
    name = f"profiles/{status.summary.profile_id}/calibrationSessions/{session}" if session else None
    return {**summary_object(status.summary), "open_session": name, "open_session_takes_left": status.takes_left}


def report_object(report: FeelingReport) -> dict[str, Json]:
    """What became of a self-report."""
    return {**label_object(report.label), "calibration": summary_object(report.summary)}


def label_object(label: CalibrationLabel) -> dict[str, Json]:
    """What somebody said that they felt."""
    return {
        "label": f"profiles/{label.profile_id}/calibrationLabels/{label.label_id}",
        "emotion": label.emotion.value,
        "source": label.source.value,
        "time": time_text(label.wall_time_ns),
        "valence": label.valence,
        "arousal": label.arousal,
        "face": label.face is not None,
        "voice": label.voice is not None,
    }


def question_object(event: FeelingQuestionEvent) -> dict[str, Json]:
    """A question, or a heartbeat."""
    counts: dict[str, Json] = {"sequence": event.sequence, "dropped_count": event.dropped_count}
    if event.question is None:
        return {"heartbeat": True, "time": time_text(event.send_wall_time_ns), **counts}
    question = event.question
    return {
        "profile": f"profiles/{question.profile_id}",
        "time": time_text(question.wall_time_ns),
        "text": question.text,
        **counts,
    }
