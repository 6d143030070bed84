import datetime

from ertedge.v1 import emotion_pb2 as _emotion_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class LabelSource(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    LABEL_SOURCE_UNSPECIFIED: _ClassVar[LabelSource]
    LABEL_SOURCE_SESSION: _ClassVar[LabelSource]
    LABEL_SOURCE_SELF_REPORT: _ClassVar[LabelSource]

class FusionRule(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FUSION_RULE_UNSPECIFIED: _ClassVar[FusionRule]
    FUSION_RULE_WEIGHTED_AVERAGE: _ClassVar[FusionRule]
    FUSION_RULE_LOG_POOL: _ClassVar[FusionRule]
    FUSION_RULE_CONFUSION: _ClassVar[FusionRule]
    FUSION_RULE_STACKED: _ClassVar[FusionRule]
    FUSION_RULE_SINGLE: _ClassVar[FusionRule]

class CalibrationPhase(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CALIBRATION_PHASE_UNSPECIFIED: _ClassVar[CalibrationPhase]
    CALIBRATION_PHASE_PREPARE: _ClassVar[CalibrationPhase]
    CALIBRATION_PHASE_TAKE: _ClassVar[CalibrationPhase]
    CALIBRATION_PHASE_TAKEN: _ClassVar[CalibrationPhase]
    CALIBRATION_PHASE_MISSED: _ClassVar[CalibrationPhase]
    CALIBRATION_PHASE_WAIT: _ClassVar[CalibrationPhase]
    CALIBRATION_PHASE_DONE: _ClassVar[CalibrationPhase]
LABEL_SOURCE_UNSPECIFIED: LabelSource
LABEL_SOURCE_SESSION: LabelSource
LABEL_SOURCE_SELF_REPORT: LabelSource
FUSION_RULE_UNSPECIFIED: FusionRule
FUSION_RULE_WEIGHTED_AVERAGE: FusionRule
FUSION_RULE_LOG_POOL: FusionRule
FUSION_RULE_CONFUSION: FusionRule
FUSION_RULE_STACKED: FusionRule
FUSION_RULE_SINGLE: FusionRule
CALIBRATION_PHASE_UNSPECIFIED: CalibrationPhase
CALIBRATION_PHASE_PREPARE: CalibrationPhase
CALIBRATION_PHASE_TAKE: CalibrationPhase
CALIBRATION_PHASE_TAKEN: CalibrationPhase
CALIBRATION_PHASE_MISSED: CalibrationPhase
CALIBRATION_PHASE_WAIT: CalibrationPhase
CALIBRATION_PHASE_DONE: CalibrationPhase

class AffectPoint(_message.Message):
    __slots__ = ("valence", "arousal")
    VALENCE_FIELD_NUMBER: _ClassVar[int]
    AROUSAL_FIELD_NUMBER: _ClassVar[int]
    valence: float
    arousal: float
    def __init__(self, valence: _Optional[float] = ..., arousal: _Optional[float] = ...) -> None: ...

class CalibrationLabel(_message.Message):
    __slots__ = ("name", "emotion", "source", "time", "point", "modalities")
    NAME_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    POINT_FIELD_NUMBER: _ClassVar[int]
    MODALITIES_FIELD_NUMBER: _ClassVar[int]
    name: str
    emotion: _emotion_pb2.Emotion
    source: LabelSource
    time: _timestamp_pb2.Timestamp
    point: AffectPoint
    modalities: _containers.RepeatedScalarFieldContainer[_emotion_pb2.Modality]
    def __init__(self, name: _Optional[str] = ..., emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., source: _Optional[_Union[LabelSource, str]] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., point: _Optional[_Union[AffectPoint, _Mapping]] = ..., modalities: _Optional[_Iterable[_Union[_emotion_pb2.Modality, str]]] = ...) -> None: ...

class ModalityReliability(_message.Message):
    __slots__ = ("modality", "accuracy", "accuracy_low", "accuracy_high", "label_count", "effective_label_count")
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    ACCURACY_FIELD_NUMBER: _ClassVar[int]
    ACCURACY_LOW_FIELD_NUMBER: _ClassVar[int]
    ACCURACY_HIGH_FIELD_NUMBER: _ClassVar[int]
    LABEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_LABEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    modality: _emotion_pb2.Modality
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    label_count: int
    effective_label_count: float
    def __init__(self, modality: _Optional[_Union[_emotion_pb2.Modality, str]] = ..., accuracy: _Optional[float] = ..., accuracy_low: _Optional[float] = ..., accuracy_high: _Optional[float] = ..., label_count: _Optional[int] = ..., effective_label_count: _Optional[float] = ...) -> None: ...

class Calibration(_message.Message):
    __slots__ = ("name", "reliabilities", "trusted_modality", "trust_time", "face_more_reliable", "fusion_gain", "fusion_gain_low", "fusion_gain_high", "fusion_used", "fusion_rule", "label_count", "labels_to_settle", "ask_next", "personal_modalities", "open_session", "open_session_takes_left")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RELIABILITIES_FIELD_NUMBER: _ClassVar[int]
    TRUSTED_MODALITY_FIELD_NUMBER: _ClassVar[int]
    TRUST_TIME_FIELD_NUMBER: _ClassVar[int]
    FACE_MORE_RELIABLE_FIELD_NUMBER: _ClassVar[int]
    FUSION_GAIN_FIELD_NUMBER: _ClassVar[int]
    FUSION_GAIN_LOW_FIELD_NUMBER: _ClassVar[int]
    FUSION_GAIN_HIGH_FIELD_NUMBER: _ClassVar[int]
    FUSION_USED_FIELD_NUMBER: _ClassVar[int]
    FUSION_RULE_FIELD_NUMBER: _ClassVar[int]
    LABEL_COUNT_FIELD_NUMBER: _ClassVar[int]
    LABELS_TO_SETTLE_FIELD_NUMBER: _ClassVar[int]
    ASK_NEXT_FIELD_NUMBER: _ClassVar[int]
    PERSONAL_MODALITIES_FIELD_NUMBER: _ClassVar[int]
    OPEN_SESSION_FIELD_NUMBER: _ClassVar[int]
    OPEN_SESSION_TAKES_LEFT_FIELD_NUMBER: _ClassVar[int]
    name: str
    reliabilities: _containers.RepeatedCompositeFieldContainer[ModalityReliability]
    trusted_modality: _emotion_pb2.Modality
    trust_time: _timestamp_pb2.Timestamp
    face_more_reliable: float
    fusion_gain: float
    fusion_gain_low: float
    fusion_gain_high: float
    fusion_used: bool
    fusion_rule: FusionRule
    label_count: int
    labels_to_settle: int
    ask_next: _emotion_pb2.Emotion
    personal_modalities: _containers.RepeatedScalarFieldContainer[_emotion_pb2.Modality]
    open_session: str
    open_session_takes_left: int
    def __init__(self, name: _Optional[str] = ..., reliabilities: _Optional[_Iterable[_Union[ModalityReliability, _Mapping]]] = ..., trusted_modality: _Optional[_Union[_emotion_pb2.Modality, str]] = ..., trust_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., face_more_reliable: _Optional[float] = ..., fusion_gain: _Optional[float] = ..., fusion_gain_low: _Optional[float] = ..., fusion_gain_high: _Optional[float] = ..., fusion_used: bool = ..., fusion_rule: _Optional[_Union[FusionRule, str]] = ..., label_count: _Optional[int] = ..., labels_to_settle: _Optional[int] = ..., ask_next: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., personal_modalities: _Optional[_Iterable[_Union[_emotion_pb2.Modality, str]]] = ..., open_session: _Optional[str] = ..., open_session_takes_left: _Optional[int] = ...) -> None: ...

class StartCalibrationRequest(_message.Message):
    __slots__ = ("profile", "session", "skip_emotions", "language_code")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    SESSION_FIELD_NUMBER: _ClassVar[int]
    SKIP_EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    profile: str
    session: str
    skip_emotions: _containers.RepeatedScalarFieldContainer[_emotion_pb2.Emotion]
    language_code: str
    def __init__(self, profile: _Optional[str] = ..., session: _Optional[str] = ..., skip_emotions: _Optional[_Iterable[_Union[_emotion_pb2.Emotion, str]]] = ..., language_code: _Optional[str] = ...) -> None: ...

class StartCalibrationResponse(_message.Message):
    __slots__ = ("session", "phase", "emotion", "take", "take_count", "phase_duration", "remaining_duration", "face_seen", "voice_heard", "memory_text", "status_text")
    SESSION_FIELD_NUMBER: _ClassVar[int]
    PHASE_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    TAKE_FIELD_NUMBER: _ClassVar[int]
    TAKE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PHASE_DURATION_FIELD_NUMBER: _ClassVar[int]
    REMAINING_DURATION_FIELD_NUMBER: _ClassVar[int]
    FACE_SEEN_FIELD_NUMBER: _ClassVar[int]
    VOICE_HEARD_FIELD_NUMBER: _ClassVar[int]
    MEMORY_TEXT_FIELD_NUMBER: _ClassVar[int]
    STATUS_TEXT_FIELD_NUMBER: _ClassVar[int]
    session: str
    phase: CalibrationPhase
    emotion: _emotion_pb2.Emotion
    take: int
    take_count: int
    phase_duration: _duration_pb2.Duration
    remaining_duration: _duration_pb2.Duration
    face_seen: bool
    voice_heard: bool
    memory_text: str
    status_text: str
    def __init__(self, session: _Optional[str] = ..., phase: _Optional[_Union[CalibrationPhase, str]] = ..., emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., take: _Optional[int] = ..., take_count: _Optional[int] = ..., phase_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., remaining_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., face_seen: bool = ..., voice_heard: bool = ..., memory_text: _Optional[str] = ..., status_text: _Optional[str] = ...) -> None: ...

class ReportFeelingRequest(_message.Message):
    __slots__ = ("profile", "emotion", "point", "request_id")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    POINT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    profile: str
    emotion: _emotion_pb2.Emotion
    point: AffectPoint
    request_id: str
    def __init__(self, profile: _Optional[str] = ..., emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., point: _Optional[_Union[AffectPoint, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class ReportFeelingResponse(_message.Message):
    __slots__ = ("calibration_label", "calibration")
    CALIBRATION_LABEL_FIELD_NUMBER: _ClassVar[int]
    CALIBRATION_FIELD_NUMBER: _ClassVar[int]
    calibration_label: CalibrationLabel
    calibration: Calibration
    def __init__(self, calibration_label: _Optional[_Union[CalibrationLabel, _Mapping]] = ..., calibration: _Optional[_Union[Calibration, _Mapping]] = ...) -> None: ...

class GetCalibrationRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListCalibrationLabelsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListCalibrationLabelsResponse(_message.Message):
    __slots__ = ("calibration_labels", "next_page_token")
    CALIBRATION_LABELS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    calibration_labels: _containers.RepeatedCompositeFieldContainer[CalibrationLabel]
    next_page_token: str
    def __init__(self, calibration_labels: _Optional[_Iterable[_Union[CalibrationLabel, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DeleteCalibrationLabelRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DeleteCalibrationLabelResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ForgetCalibrationRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ForgetCalibrationResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class FeelingQuestion(_message.Message):
    __slots__ = ("profile", "time", "text")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    profile: str
    time: _timestamp_pb2.Timestamp
    text: str
    def __init__(self, profile: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., text: _Optional[str] = ...) -> None: ...

class WatchFeelingQuestionsRequest(_message.Message):
    __slots__ = ("since_sequence",)
    SINCE_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    since_sequence: int
    def __init__(self, since_sequence: _Optional[int] = ...) -> None: ...

class WatchFeelingQuestionsResponse(_message.Message):
    __slots__ = ("question", "sequence", "dropped_count", "send_time")
    QUESTION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DROPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    question: FeelingQuestion
    sequence: int
    dropped_count: int
    send_time: _timestamp_pb2.Timestamp
    def __init__(self, question: _Optional[_Union[FeelingQuestion, _Mapping]] = ..., sequence: _Optional[int] = ..., dropped_count: _Optional[int] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
