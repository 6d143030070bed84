"""Between enrolment and calibration and the messages of ``ertedge.v1``, both ways. Floor 3.

A label read from the wire has no evidence: which modalities could be read is known, and what they said stays on the device.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from ertedge.core.front.records import (
    CalibrationPhase,
    CalibrationPrompt,
    CalibrationStatus,
    EnrolmentHint,
    EnrolmentProgress,
    FeelingQuestion,
    FeelingQuestionEvent,
    FeelingReport,
    View,
)
from ertedge.errors import InvalidRequestError
from ertedge.rpc.convert import (
    EMOTION_NUMBER,
    EMOTION_OF_NUMBER,
    PROFILES,
    SECOND_NS,
    duration_message,
    duration_ns,
    numbers,
    profile_id,
    profile_name,
    timestamp_message,
    timestamp_ns,
)
from ertedge.types import (
    EMOTIONS,
    CalibrationLabel,
    CalibrationSummary,
    Emotion,
    FusionRuleName,
    LabelSource,
    Modality,
    ModalityEvidence,
    ModalityReliability,
)
from ertedge.v1 import calibration_pb2 as calibration
from ertedge.v1 import emotion_pb2 as emotion
from ertedge.v1 import enrolment_pb2 as enrolment

CALIBRATION = "/calibration"
SESSIONS = "/calibrationSessions/"
LABELS = "/calibrationLabels/"
ENROLMENT = "/faceEnrolment"

_VIEW = numbers(View, enrolment.FaceView, "FACE_VIEW")
_HINT = numbers(EnrolmentHint, enrolment.EnrolmentHint, "ENROLMENT_HINT")
_PHASE = numbers(CalibrationPhase, calibration.CalibrationPhase, "CALIBRATION_PHASE")
_SOURCE = numbers(LabelSource, calibration.LabelSource, "LABEL_SOURCE")
_RULE = numbers(FusionRuleName, calibration.FusionRule, "FUSION_RULE")
_MODALITY = numbers(Modality, emotion.Modality, "MODALITY")
_VIEW_OF_NUMBER = {number: word for word, number in _VIEW.items()}
_HINT_OF_NUMBER = {number: word for word, number in _HINT.items()}
_PHASE_OF_NUMBER = {number: word for word, number in _PHASE.items()}
_SOURCE_OF_NUMBER = {number: word for word, number in _SOURCE.items()}
_RULE_OF_NUMBER = {number: word for word, number in _RULE.items()}
_MODALITY_OF_NUMBER = {number: word for word, number in _MODALITY.items()}


def part_of(name: str, part: str, field: str = "name") -> int:
    """The profile in a name such as ``profiles/3/calibration``; 0 where it is empty. Raises InvalidRequestError."""
    if not name:
        return 0
    found = re.fullmatch(rf"{PROFILES}([0-9]{{1,18}}){part}", name)
    if found is None:
        raise InvalidRequestError([(field, f"is {name[:80]!r}; use {PROFILES}NUMBER{part}")])
    return int(found.group(1))


def session_of(name: str) -> tuple[int, int]:
    """The profile and the number of a session's name; 0 and 0 where it is empty. Raises InvalidRequestError."""
    if not name:
        return 0, 0
    found = re.fullmatch(rf"{PROFILES}([0-9]{{1,18}}){SESSIONS}([0-9]{{1,18}})", name)
    if found is None:
        raise InvalidRequestError([("session", f"is {name[:80]!r}; use {PROFILES}NUMBER{SESSIONS}NUMBER")])
    return int(found.group(1)), int(found.group(2))


def label_of(name: str) -> tuple[int, int]:
    """The profile and the number of a label's name. Raises InvalidRequestError."""
    found = re.fullmatch(rf"{PROFILES}([0-9]{{1,18}}){LABELS}([0-9]{{1,18}})", name)
    if found is None:
        raise InvalidRequestError([("name", f"is {name[:80]!r}; use {PROFILES}NUMBER{LABELS}NUMBER")])
    return int(found.group(1)), int(found.group(2))


def emotions_of(given: Sequence[int]) -> tuple[Emotion, ...]:
    """Emotions that a request names. Raises InvalidRequestError for one that nobody feels."""
    words = tuple(EMOTION_OF_NUMBER.get(number) for number in given)
    felt = tuple(word for word in words if word in EMOTIONS)
    if len(felt) != len(words):
        raise InvalidRequestError([("skip_emotions", f"may name {', '.join(EMOTIONS)}")])
    return felt


def reported_emotion(number: int) -> Emotion | None:
    """The emotion that a report names, None where it names none. Raises InvalidRequestError."""
    if number == 0:
        return None
    if (word := EMOTION_OF_NUMBER.get(number)) not in EMOTIONS:
        raise InvalidRequestError([("emotion", f"is none of {', '.join(EMOTIONS)}")])
    return word


def enrolment_message(number: int, frame_count: int) -> enrolment.FaceEnrolment:
    """Whether a profile's face is enrolled, as it goes out."""
    return enrolment.FaceEnrolment(
        name=f"{PROFILES}{number}{ENROLMENT}", enrolled=frame_count > 0, frame_count=frame_count
    )


def progress_message(progress: EnrolmentProgress) -> enrolment.EnrolFaceResponse:
    """How far an enrolment is, as it goes out."""
    return enrolment.EnrolFaceResponse(
        view=_VIEW[progress.view],  # type: ignore[arg-type]
        hint=_HINT[progress.hint],  # type: ignore[arg-type]
        taken_count=progress.taken,
        wanted_count=progress.wanted,
        view_text=progress.asks,
        hint_text=progress.says,
        done=progress.is_done,
    )


def progress_record(message: enrolment.EnrolFaceResponse) -> EnrolmentProgress:
    """How far an enrolment is, as it came in; a hint of a newer daemon is one to look."""
    return EnrolmentProgress(
        view=_VIEW_OF_NUMBER.get(message.view, View.AHEAD),
        hint=_HINT_OF_NUMBER.get(message.hint, EnrolmentHint.LOOK),
        taken=message.taken_count,
        wanted=message.wanted_count,
        asks=message.view_text,
        says=message.hint_text,
    )


def prompt_message(prompt: CalibrationPrompt) -> calibration.StartCalibrationResponse:
    """A prompt as it goes out."""
    message = calibration.StartCalibrationResponse(
        session=f"{PROFILES}{prompt.profile_id}{SESSIONS}{prompt.session_id}",
        phase=_PHASE[prompt.phase],  # type: ignore[arg-type]
        emotion=0 if prompt.emotion is None else EMOTION_NUMBER[prompt.emotion],  # type: ignore[arg-type]
        take=prompt.take,
        take_count=prompt.takes,
        face_seen=prompt.seen,
        voice_heard=prompt.heard,
        memory_text=prompt.asks,
        status_text=prompt.says,
    )
    if prompt.seconds:
        message.phase_duration.CopyFrom(duration_message(round(prompt.seconds * SECOND_NS)))
        message.remaining_duration.CopyFrom(duration_message(round(prompt.remaining_seconds * SECOND_NS)))
    return message


def prompt_record(message: calibration.StartCalibrationResponse) -> CalibrationPrompt:
    """A prompt as it came in."""
    number, session = session_of(message.session)
    return CalibrationPrompt(
        session_id=session,
        profile_id=number,
        phase=_PHASE_OF_NUMBER.get(message.phase, CalibrationPhase.WAIT),
        emotion=EMOTION_OF_NUMBER.get(message.emotion),
        take=message.take,
        takes=message.take_count,
        seconds=duration_ns(message.phase_duration) / SECOND_NS,
        remaining_seconds=duration_ns(message.remaining_duration) / SECOND_NS,
        seen=message.face_seen,
        heard=message.voice_heard,
        asks=message.memory_text,
        says=message.status_text,
    )


def calibration_message(status: CalibrationStatus) -> calibration.Calibration:
    """What is known of a person, as it goes out."""
    summary = status.summary
    message = calibration.Calibration(
        name=f"{PROFILES}{summary.profile_id}{CALIBRATION}",
        reliabilities=[_reliability_message(each) for each in summary.reliabilities],
        trusted_modality=0 if summary.trusted is None else _MODALITY[summary.trusted],  # type: ignore[arg-type]
        face_more_reliable=summary.face_more_reliable,
        fusion_gain=summary.fusion_gain,
        fusion_gain_low=summary.fusion_gain_low,
        fusion_gain_high=summary.fusion_gain_high,
        fusion_used=summary.uses_fusion,
        fusion_rule=_RULE[summary.rule],  # type: ignore[arg-type]
        label_count=summary.labels,
        labels_to_settle=summary.labels_to_settle,
        ask_next=0 if summary.ask_next is None else EMOTION_NUMBER[summary.ask_next],  # type: ignore[arg-type]
        personal_modalities=[_MODALITY[modality] for modality in summary.head_used],  # type: ignore[misc]
        open_session_takes_left=status.takes_left,
    )
    if summary.trusted is not None:
        message.trust_time.CopyFrom(timestamp_message(summary.trusted_since_wall_ns))
    if status.open_session_id:
        message.open_session = f"{PROFILES}{summary.profile_id}{SESSIONS}{status.open_session_id}"
    return message


def calibration_record(message: calibration.Calibration) -> CalibrationStatus:
    """What is known of a person, as it came in."""
    reliabilities = {
        _MODALITY_OF_NUMBER[each.modality]: _reliability_record(each)
        for each in message.reliabilities
        if each.modality in _MODALITY_OF_NUMBER
    }
    nothing = {modality: ModalityReliability(modality, 0.0, 0.0, 1.0, 0, 0.0) for modality in Modality}
    found = {**nothing, **reliabilities}
    summary = CalibrationSummary(
        profile_id=part_of(message.name, CALIBRATION),
        reliabilities=(found[Modality.FACE], found[Modality.VOICE]),
        trusted=_MODALITY_OF_NUMBER.get(message.trusted_modality),
        trusted_since_wall_ns=timestamp_ns(message.trust_time),
        face_more_reliable=message.face_more_reliable,
        fusion_gain=message.fusion_gain,
        fusion_gain_low=message.fusion_gain_low,
        fusion_gain_high=message.fusion_gain_high,
        uses_fusion=message.fusion_used,
        rule=_RULE_OF_NUMBER.get(message.fusion_rule, FusionRuleName.LOG_POOL),
        labels=message.label_count,
        labels_to_settle=message.labels_to_settle if message.HasField("labels_to_settle") else None,
        ask_next=EMOTION_OF_NUMBER.get(message.ask_next),
        head_used=tuple(_MODALITY_OF_NUMBER[number] for number in message.personal_modalities),
    )
    _, session = session_of(message.open_session)
    return CalibrationStatus(summary, session, message.open_session_takes_left)


def label_message(label: CalibrationLabel) -> calibration.CalibrationLabel:
    """A label as it goes out, without what face and voice had said."""
    message = calibration.CalibrationLabel(
        name=f"{PROFILES}{label.profile_id}{LABELS}{label.label_id}",
        emotion=EMOTION_NUMBER[label.emotion],  # type: ignore[arg-type]
        source=_SOURCE[label.source],  # type: ignore[arg-type]
        time=timestamp_message(label.wall_time_ns),
        modalities=[_MODALITY[m] for m in Modality if label.of(m) is not None],  # type: ignore[misc]
    )
    if label.valence is not None and label.arousal is not None:
        message.point.CopyFrom(calibration.AffectPoint(valence=label.valence, arousal=label.arousal))
    return message


def report_record(message: calibration.ReportFeelingResponse) -> FeelingReport:
    """What became of a report, as it came in."""
    return FeelingReport(label_record(message.calibration_label), calibration_record(message.calibration).summary)


def label_record(label: calibration.CalibrationLabel) -> CalibrationLabel:
    """A label as it came in."""
    read = {_MODALITY_OF_NUMBER.get(number) for number in label.modalities}
    number, label_id = label_of(label.name)
    pointed = label.HasField("point")
    return CalibrationLabel(
        label_id=label_id,
        profile_id=number,
        wall_time_ns=timestamp_ns(label.time),
        emotion=EMOTION_OF_NUMBER.get(label.emotion, Emotion.UNKNOWN),
        source=_SOURCE_OF_NUMBER.get(label.source, LabelSource.SELF_REPORT),
        session_id=0,
        face=_unsaid(Modality.FACE) if Modality.FACE in read else None,
        voice=_unsaid(Modality.VOICE) if Modality.VOICE in read else None,
        valence=label.point.valence if pointed else None,
        arousal=label.point.arousal if pointed else None,
    )


def question_message(event: FeelingQuestionEvent) -> calibration.WatchFeelingQuestionsResponse:
    """An event of the stream of questions as it goes out."""
    message = calibration.WatchFeelingQuestionsResponse(
        sequence=event.sequence,
        dropped_count=event.dropped_count,
        send_time=timestamp_message(event.send_wall_time_ns),
    )
    if (question := event.question) is not None:
        message.question.CopyFrom(
            calibration.FeelingQuestion(
                profile=profile_name(question.profile_id),
                time=timestamp_message(question.wall_time_ns),
                text=question.text,
            )
        )
    return message


def question_record(message: calibration.WatchFeelingQuestionsResponse) -> FeelingQuestionEvent:
    """An event of the stream of questions as it came in."""
    question = None
    if message.HasField("question"):
        question = FeelingQuestion(
            profile_id(message.question.profile), timestamp_ns(message.question.time), message.question.text
        )
    return FeelingQuestionEvent(question, message.sequence, message.dropped_count, timestamp_ns(message.send_time))


def _reliability_message(reliability: ModalityReliability) -> calibration.ModalityReliability:
    return calibration.ModalityReliability(
        modality=_MODALITY[reliability.modality],  # type: ignore[arg-type]
        accuracy=reliability.accuracy,
        accuracy_low=reliability.low,
        accuracy_high=reliability.high,
        label_count=reliability.labels,
        effective_label_count=reliability.effective_labels,
    )


def _reliability_record(message: calibration.ModalityReliability) -> ModalityReliability:
    return ModalityReliability(
        modality=_MODALITY_OF_NUMBER[message.modality],
        accuracy=message.accuracy,
        low=message.accuracy_low,
        high=message.accuracy_high,
        labels=message.label_count,
        effective_labels=message.effective_label_count,
    )


def _unsaid(modality: Modality) -> ModalityEvidence:
    """That there is evidence, which does not cross the wire."""
    return ModalityEvidence(modality, np.zeros(len(EMOTIONS), np.float32), None, 0.0)
