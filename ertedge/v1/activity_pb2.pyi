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

class ActivityFamily(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ACTIVITY_FAMILY_UNSPECIFIED: _ClassVar[ActivityFamily]
    ACTIVITY_FAMILY_RELAXATION: _ClassVar[ActivityFamily]
    ACTIVITY_FAMILY_JOURNALING: _ClassVar[ActivityFamily]
    ACTIVITY_FAMILY_REFRAMING: _ClassVar[ActivityFamily]
    ACTIVITY_FAMILY_ACTIVATION: _ClassVar[ActivityFamily]
    ACTIVITY_FAMILY_PROBLEM_SOLVING: _ClassVar[ActivityFamily]
    ACTIVITY_FAMILY_MINDFULNESS: _ClassVar[ActivityFamily]
    ACTIVITY_FAMILY_SLEEP: _ClassVar[ActivityFamily]
    ACTIVITY_FAMILY_CONNECTION: _ClassVar[ActivityFamily]

class HealthCondition(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    HEALTH_CONDITION_UNSPECIFIED: _ClassVar[HealthCondition]
    HEALTH_CONDITION_RESPIRATORY: _ClassVar[HealthCondition]
    HEALTH_CONDITION_CARDIOVASCULAR: _ClassVar[HealthCondition]
    HEALTH_CONDITION_EPILEPSY: _ClassVar[HealthCondition]
    HEALTH_CONDITION_PREGNANCY: _ClassVar[HealthCondition]
    HEALTH_CONDITION_MUSCULOSKELETAL: _ClassVar[HealthCondition]
    HEALTH_CONDITION_DIZZINESS: _ClassVar[HealthCondition]
    HEALTH_CONDITION_TRAUMA: _ClassVar[HealthCondition]
    HEALTH_CONDITION_DISSOCIATION: _ClassVar[HealthCondition]
    HEALTH_CONDITION_PSYCHOSIS: _ClassVar[HealthCondition]
    HEALTH_CONDITION_BIPOLAR: _ClassVar[HealthCondition]
    HEALTH_CONDITION_EATING_DISORDER: _ClassVar[HealthCondition]
    HEALTH_CONDITION_BEREAVEMENT: _ClassVar[HealthCondition]

class ArousalEffect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    AROUSAL_EFFECT_UNSPECIFIED: _ClassVar[ArousalEffect]
    AROUSAL_EFFECT_LOWERS: _ClassVar[ArousalEffect]
    AROUSAL_EFFECT_KEEPS: _ClassVar[ArousalEffect]
    AROUSAL_EFFECT_RAISES: _ClassVar[ArousalEffect]

class StepKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STEP_KIND_UNSPECIFIED: _ClassVar[StepKind]
    STEP_KIND_READ: _ClassVar[StepKind]
    STEP_KIND_INHALE: _ClassVar[StepKind]
    STEP_KIND_HOLD: _ClassVar[StepKind]
    STEP_KIND_EXHALE: _ClassVar[StepKind]
    STEP_KIND_TENSE: _ClassVar[StepKind]
    STEP_KIND_RELEASE: _ClassVar[StepKind]
    STEP_KIND_NOTICE: _ClassVar[StepKind]
    STEP_KIND_IMAGINE: _ClassVar[StepKind]
    STEP_KIND_WRITE: _ClassVar[StepKind]
    STEP_KIND_ACT: _ClassVar[StepKind]
ACTIVITY_FAMILY_UNSPECIFIED: ActivityFamily
ACTIVITY_FAMILY_RELAXATION: ActivityFamily
ACTIVITY_FAMILY_JOURNALING: ActivityFamily
ACTIVITY_FAMILY_REFRAMING: ActivityFamily
ACTIVITY_FAMILY_ACTIVATION: ActivityFamily
ACTIVITY_FAMILY_PROBLEM_SOLVING: ActivityFamily
ACTIVITY_FAMILY_MINDFULNESS: ActivityFamily
ACTIVITY_FAMILY_SLEEP: ActivityFamily
ACTIVITY_FAMILY_CONNECTION: ActivityFamily
HEALTH_CONDITION_UNSPECIFIED: HealthCondition
HEALTH_CONDITION_RESPIRATORY: HealthCondition
HEALTH_CONDITION_CARDIOVASCULAR: HealthCondition
HEALTH_CONDITION_EPILEPSY: HealthCondition
HEALTH_CONDITION_PREGNANCY: HealthCondition
HEALTH_CONDITION_MUSCULOSKELETAL: HealthCondition
HEALTH_CONDITION_DIZZINESS: HealthCondition
HEALTH_CONDITION_TRAUMA: HealthCondition
HEALTH_CONDITION_DISSOCIATION: HealthCondition
HEALTH_CONDITION_PSYCHOSIS: HealthCondition
HEALTH_CONDITION_BIPOLAR: HealthCondition
HEALTH_CONDITION_EATING_DISORDER: HealthCondition
HEALTH_CONDITION_BEREAVEMENT: HealthCondition
AROUSAL_EFFECT_UNSPECIFIED: ArousalEffect
AROUSAL_EFFECT_LOWERS: ArousalEffect
AROUSAL_EFFECT_KEEPS: ArousalEffect
AROUSAL_EFFECT_RAISES: ArousalEffect
STEP_KIND_UNSPECIFIED: StepKind
STEP_KIND_READ: StepKind
STEP_KIND_INHALE: StepKind
STEP_KIND_HOLD: StepKind
STEP_KIND_EXHALE: StepKind
STEP_KIND_TENSE: StepKind
STEP_KIND_RELEASE: StepKind
STEP_KIND_NOTICE: StepKind
STEP_KIND_IMAGINE: StepKind
STEP_KIND_WRITE: StepKind
STEP_KIND_ACT: StepKind

class ActivityStep(_message.Message):
    __slots__ = ("kind", "show", "say", "duration")
    KIND_FIELD_NUMBER: _ClassVar[int]
    SHOW_FIELD_NUMBER: _ClassVar[int]
    SAY_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    kind: StepKind
    show: str
    say: str
    duration: _duration_pb2.Duration
    def __init__(self, kind: _Optional[_Union[StepKind, str]] = ..., show: _Optional[str] = ..., say: _Optional[str] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Evidence(_message.Message):
    __slots__ = ("note", "citation", "source", "effect_size")
    NOTE_FIELD_NUMBER: _ClassVar[int]
    CITATION_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    EFFECT_SIZE_FIELD_NUMBER: _ClassVar[int]
    note: str
    citation: str
    source: str
    effect_size: float
    def __init__(self, note: _Optional[str] = ..., citation: _Optional[str] = ..., source: _Optional[str] = ..., effect_size: _Optional[float] = ...) -> None: ...

class ActivityReview(_message.Message):
    __slots__ = ("reviewer", "role", "activity_version", "time")
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    reviewer: str
    role: str
    activity_version: int
    time: _timestamp_pb2.Timestamp
    def __init__(self, reviewer: _Optional[str] = ..., role: _Optional[str] = ..., activity_version: _Optional[int] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Activity(_message.Message):
    __slots__ = ("name", "version", "language_code", "family", "title", "purpose", "emotions", "arousal_least", "arousal_most", "arousal_effect", "duration", "steps", "journaling_prompt", "contraindications", "evidence", "machine_drafted", "reviews", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    EMOTIONS_FIELD_NUMBER: _ClassVar[int]
    AROUSAL_LEAST_FIELD_NUMBER: _ClassVar[int]
    AROUSAL_MOST_FIELD_NUMBER: _ClassVar[int]
    AROUSAL_EFFECT_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    JOURNALING_PROMPT_FIELD_NUMBER: _ClassVar[int]
    CONTRAINDICATIONS_FIELD_NUMBER: _ClassVar[int]
    EVIDENCE_FIELD_NUMBER: _ClassVar[int]
    MACHINE_DRAFTED_FIELD_NUMBER: _ClassVar[int]
    REVIEWS_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    language_code: str
    family: ActivityFamily
    title: str
    purpose: str
    emotions: _containers.RepeatedScalarFieldContainer[_emotion_pb2.Emotion]
    arousal_least: float
    arousal_most: float
    arousal_effect: ArousalEffect
    duration: _duration_pb2.Duration
    steps: _containers.RepeatedCompositeFieldContainer[ActivityStep]
    journaling_prompt: str
    contraindications: _containers.RepeatedScalarFieldContainer[HealthCondition]
    evidence: Evidence
    machine_drafted: bool
    reviews: _containers.RepeatedCompositeFieldContainer[ActivityReview]
    digest: str
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., language_code: _Optional[str] = ..., family: _Optional[_Union[ActivityFamily, str]] = ..., title: _Optional[str] = ..., purpose: _Optional[str] = ..., emotions: _Optional[_Iterable[_Union[_emotion_pb2.Emotion, str]]] = ..., arousal_least: _Optional[float] = ..., arousal_most: _Optional[float] = ..., arousal_effect: _Optional[_Union[ArousalEffect, str]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., steps: _Optional[_Iterable[_Union[ActivityStep, _Mapping]]] = ..., journaling_prompt: _Optional[str] = ..., contraindications: _Optional[_Iterable[_Union[HealthCondition, str]]] = ..., evidence: _Optional[_Union[Evidence, _Mapping]] = ..., machine_drafted: bool = ..., reviews: _Optional[_Iterable[_Union[ActivityReview, _Mapping]]] = ..., digest: _Optional[str] = ...) -> None: ...
