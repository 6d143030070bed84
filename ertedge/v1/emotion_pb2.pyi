import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Emotion(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EMOTION_UNSPECIFIED: _ClassVar[Emotion]
    EMOTION_NEUTRAL: _ClassVar[Emotion]
    EMOTION_HAPPINESS: _ClassVar[Emotion]
    EMOTION_SADNESS: _ClassVar[Emotion]
    EMOTION_ANGER: _ClassVar[Emotion]
    EMOTION_FEAR: _ClassVar[Emotion]
    EMOTION_DISGUST: _ClassVar[Emotion]
    EMOTION_SURPRISE: _ClassVar[Emotion]
    EMOTION_UNKNOWN: _ClassVar[Emotion]

class Modality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    MODALITY_UNSPECIFIED: _ClassVar[Modality]
    MODALITY_FACE: _ClassVar[Modality]
    MODALITY_VOICE: _ClassVar[Modality]

class Reason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    REASON_UNSPECIFIED: _ClassVar[Reason]
    REASON_NO_FACE: _ClassVar[Reason]
    REASON_TOO_DARK: _ClassVar[Reason]
    REASON_OFF_POSE: _ClassVar[Reason]
    REASON_NO_SPEECH: _ClassVar[Reason]
    REASON_TWO_PEOPLE: _ClassVar[Reason]
    REASON_DISAGREEMENT: _ClassVar[Reason]
    REASON_LOW_CONFIDENCE: _ClassVar[Reason]
    REASON_MUTED: _ClassVar[Reason]
    REASON_NO_SENSOR: _ClassVar[Reason]
    REASON_LOW_QUALITY: _ClassVar[Reason]
    REASON_NO_CONSENT: _ClassVar[Reason]
    REASON_BYSTANDER: _ClassVar[Reason]
    REASON_DRIFTED: _ClassVar[Reason]
EMOTION_UNSPECIFIED: Emotion
EMOTION_NEUTRAL: Emotion
EMOTION_HAPPINESS: Emotion
EMOTION_SADNESS: Emotion
EMOTION_ANGER: Emotion
EMOTION_FEAR: Emotion
EMOTION_DISGUST: Emotion
EMOTION_SURPRISE: Emotion
EMOTION_UNKNOWN: Emotion
MODALITY_UNSPECIFIED: Modality
MODALITY_FACE: Modality
MODALITY_VOICE: Modality
REASON_UNSPECIFIED: Reason
REASON_NO_FACE: Reason
REASON_TOO_DARK: Reason
REASON_OFF_POSE: Reason
REASON_NO_SPEECH: Reason
REASON_TWO_PEOPLE: Reason
REASON_DISAGREEMENT: Reason
REASON_LOW_CONFIDENCE: Reason
REASON_MUTED: Reason
REASON_NO_SENSOR: Reason
REASON_LOW_QUALITY: Reason
REASON_NO_CONSENT: Reason
REASON_BYSTANDER: Reason
REASON_DRIFTED: Reason

class EmotionProbability(_message.Message):
    __slots__ = ("emotion", "probability")
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    PROBABILITY_FIELD_NUMBER: _ClassVar[int]
    emotion: Emotion
    probability: float
    def __init__(self, emotion: _Optional[_Union[Emotion, str]] = ..., probability: _Optional[float] = ...) -> None: ...

class ModalityShare(_message.Message):
    __slots__ = ("modality", "weight", "quality", "probabilities", "reasons")
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    WEIGHT_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    modality: Modality
    weight: float
    quality: float
    probabilities: _containers.RepeatedCompositeFieldContainer[EmotionProbability]
    reasons: _containers.RepeatedScalarFieldContainer[Reason]
    def __init__(self, modality: _Optional[_Union[Modality, str]] = ..., weight: _Optional[float] = ..., quality: _Optional[float] = ..., probabilities: _Optional[_Iterable[_Union[EmotionProbability, _Mapping]]] = ..., reasons: _Optional[_Iterable[_Union[Reason, str]]] = ...) -> None: ...

class EmotionState(_message.Message):
    __slots__ = ("name", "sequence", "time", "emotion", "probabilities", "valence", "arousal", "confidence", "emotion_age", "shares", "reasons", "synthetic", "state_count", "profile")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    VALENCE_FIELD_NUMBER: _ClassVar[int]
    AROUSAL_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    EMOTION_AGE_FIELD_NUMBER: _ClassVar[int]
    SHARES_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    SYNTHETIC_FIELD_NUMBER: _ClassVar[int]
    STATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    name: str
    sequence: int
    time: _timestamp_pb2.Timestamp
    emotion: Emotion
    probabilities: _containers.RepeatedCompositeFieldContainer[EmotionProbability]
    valence: float
    arousal: float
    confidence: float
    emotion_age: _duration_pb2.Duration
    shares: _containers.RepeatedCompositeFieldContainer[ModalityShare]
    reasons: _containers.RepeatedScalarFieldContainer[Reason]
    synthetic: bool
    state_count: int
    profile: str
    def __init__(self, name: _Optional[str] = ..., sequence: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., emotion: _Optional[_Union[Emotion, str]] = ..., probabilities: _Optional[_Iterable[_Union[EmotionProbability, _Mapping]]] = ..., valence: _Optional[float] = ..., arousal: _Optional[float] = ..., confidence: _Optional[float] = ..., emotion_age: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., shares: _Optional[_Iterable[_Union[ModalityShare, _Mapping]]] = ..., reasons: _Optional[_Iterable[_Union[Reason, str]]] = ..., synthetic: bool = ..., state_count: _Optional[int] = ..., profile: _Optional[str] = ...) -> None: ...
