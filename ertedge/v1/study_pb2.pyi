import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ArmKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ARM_KIND_UNSPECIFIED: _ClassVar[ArmKind]
    ARM_KIND_EXPERIMENTAL: _ClassVar[ArmKind]
    ARM_KIND_FIXED_ORDER: _ClassVar[ArmKind]
    ARM_KIND_WAITING_LIST: _ClassVar[ArmKind]

class Disclosure(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DISCLOSURE_UNSPECIFIED: _ClassVar[Disclosure]
    DISCLOSURE_AT_ENROLMENT: _ClassVar[Disclosure]
    DISCLOSURE_AT_END: _ClassVar[Disclosure]

class ParticipantStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PARTICIPANT_STATUS_UNSPECIFIED: _ClassVar[ParticipantStatus]
    PARTICIPANT_STATUS_ACTIVE: _ClassVar[ParticipantStatus]
    PARTICIPANT_STATUS_COMPLETED: _ClassVar[ParticipantStatus]
    PARTICIPANT_STATUS_WITHDRAWN: _ClassVar[ParticipantStatus]

class NotEnrolledReason(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOT_ENROLLED_REASON_UNSPECIFIED: _ClassVar[NotEnrolledReason]
    NOT_ENROLLED_REASON_NOT_ELIGIBLE: _ClassVar[NotEnrolledReason]
    NOT_ENROLLED_REASON_DECLINED: _ClassVar[NotEnrolledReason]
    NOT_ENROLLED_REASON_OTHER: _ClassVar[NotEnrolledReason]

class EventCategory(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_CATEGORY_UNSPECIFIED: _ClassVar[EventCategory]
    EVENT_CATEGORY_SYMPTOMS_WORSE: _ClassVar[EventCategory]
    EVENT_CATEGORY_SUICIDAL_THOUGHTS: _ClassVar[EventCategory]
    EVENT_CATEGORY_SELF_HARM: _ClassVar[EventCategory]
    EVENT_CATEGORY_DISTRESS_FROM_ACTIVITY: _ClassVar[EventCategory]
    EVENT_CATEGORY_DISTRESS_FROM_SENSING: _ClassVar[EventCategory]
    EVENT_CATEGORY_PHYSICAL: _ClassVar[EventCategory]
    EVENT_CATEGORY_OTHER: _ClassVar[EventCategory]

class Seriousness(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SERIOUSNESS_UNSPECIFIED: _ClassVar[Seriousness]
    SERIOUSNESS_NOT_SERIOUS: _ClassVar[Seriousness]
    SERIOUSNESS_DEATH: _ClassVar[Seriousness]
    SERIOUSNESS_LIFE_THREATENING: _ClassVar[Seriousness]
    SERIOUSNESS_HOSPITALISATION: _ClassVar[Seriousness]
    SERIOUSNESS_DISABILITY: _ClassVar[Seriousness]
    SERIOUSNESS_IMPORTANT: _ClassVar[Seriousness]

class EventSeverity(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_SEVERITY_UNSPECIFIED: _ClassVar[EventSeverity]
    EVENT_SEVERITY_MILD: _ClassVar[EventSeverity]
    EVENT_SEVERITY_MODERATE: _ClassVar[EventSeverity]
    EVENT_SEVERITY_SEVERE: _ClassVar[EventSeverity]

class Relatedness(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RELATEDNESS_UNSPECIFIED: _ClassVar[Relatedness]
    RELATEDNESS_UNRELATED: _ClassVar[Relatedness]
    RELATEDNESS_UNLIKELY: _ClassVar[Relatedness]
    RELATEDNESS_POSSIBLE: _ClassVar[Relatedness]
    RELATEDNESS_PROBABLE: _ClassVar[Relatedness]
    RELATEDNESS_DEFINITE: _ClassVar[Relatedness]

class EventOutcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    EVENT_OUTCOME_UNSPECIFIED: _ClassVar[EventOutcome]
    EVENT_OUTCOME_RECOVERED: _ClassVar[EventOutcome]
    EVENT_OUTCOME_RECOVERING: _ClassVar[EventOutcome]
    EVENT_OUTCOME_NOT_RECOVERED: _ClassVar[EventOutcome]
    EVENT_OUTCOME_SEQUELAE: _ClassVar[EventOutcome]
    EVENT_OUTCOME_FATAL: _ClassVar[EventOutcome]
    EVENT_OUTCOME_UNKNOWN: _ClassVar[EventOutcome]

class DueStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DUE_STATUS_UNSPECIFIED: _ClassVar[DueStatus]
    DUE_STATUS_UPCOMING: _ClassVar[DueStatus]
    DUE_STATUS_DUE: _ClassVar[DueStatus]
    DUE_STATUS_DONE: _ClassVar[DueStatus]
    DUE_STATUS_MISSED: _ClassVar[DueStatus]
ARM_KIND_UNSPECIFIED: ArmKind
ARM_KIND_EXPERIMENTAL: ArmKind
ARM_KIND_FIXED_ORDER: ArmKind
ARM_KIND_WAITING_LIST: ArmKind
DISCLOSURE_UNSPECIFIED: Disclosure
DISCLOSURE_AT_ENROLMENT: Disclosure
DISCLOSURE_AT_END: Disclosure
PARTICIPANT_STATUS_UNSPECIFIED: ParticipantStatus
PARTICIPANT_STATUS_ACTIVE: ParticipantStatus
PARTICIPANT_STATUS_COMPLETED: ParticipantStatus
PARTICIPANT_STATUS_WITHDRAWN: ParticipantStatus
NOT_ENROLLED_REASON_UNSPECIFIED: NotEnrolledReason
NOT_ENROLLED_REASON_NOT_ELIGIBLE: NotEnrolledReason
NOT_ENROLLED_REASON_DECLINED: NotEnrolledReason
NOT_ENROLLED_REASON_OTHER: NotEnrolledReason
EVENT_CATEGORY_UNSPECIFIED: EventCategory
EVENT_CATEGORY_SYMPTOMS_WORSE: EventCategory
EVENT_CATEGORY_SUICIDAL_THOUGHTS: EventCategory
EVENT_CATEGORY_SELF_HARM: EventCategory
EVENT_CATEGORY_DISTRESS_FROM_ACTIVITY: EventCategory
EVENT_CATEGORY_DISTRESS_FROM_SENSING: EventCategory
EVENT_CATEGORY_PHYSICAL: EventCategory
EVENT_CATEGORY_OTHER: EventCategory
SERIOUSNESS_UNSPECIFIED: Seriousness
SERIOUSNESS_NOT_SERIOUS: Seriousness
SERIOUSNESS_DEATH: Seriousness
SERIOUSNESS_LIFE_THREATENING: Seriousness
SERIOUSNESS_HOSPITALISATION: Seriousness
SERIOUSNESS_DISABILITY: Seriousness
SERIOUSNESS_IMPORTANT: Seriousness
EVENT_SEVERITY_UNSPECIFIED: EventSeverity
EVENT_SEVERITY_MILD: EventSeverity
EVENT_SEVERITY_MODERATE: EventSeverity
EVENT_SEVERITY_SEVERE: EventSeverity
RELATEDNESS_UNSPECIFIED: Relatedness
RELATEDNESS_UNRELATED: Relatedness
RELATEDNESS_UNLIKELY: Relatedness
RELATEDNESS_POSSIBLE: Relatedness
RELATEDNESS_PROBABLE: Relatedness
RELATEDNESS_DEFINITE: Relatedness
EVENT_OUTCOME_UNSPECIFIED: EventOutcome
EVENT_OUTCOME_RECOVERED: EventOutcome
EVENT_OUTCOME_RECOVERING: EventOutcome
EVENT_OUTCOME_NOT_RECOVERED: EventOutcome
EVENT_OUTCOME_SEQUELAE: EventOutcome
EVENT_OUTCOME_FATAL: EventOutcome
EVENT_OUTCOME_UNKNOWN: EventOutcome
DUE_STATUS_UNSPECIFIED: DueStatus
DUE_STATUS_UPCOMING: DueStatus
DUE_STATUS_DUE: DueStatus
DUE_STATUS_DONE: DueStatus
DUE_STATUS_MISSED: DueStatus

class StudyArm(_message.Message):
    __slots__ = ("name", "title", "kind", "ratio")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    RATIO_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    kind: ArmKind
    ratio: int
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., kind: _Optional[_Union[ArmKind, str]] = ..., ratio: _Optional[int] = ...) -> None: ...

class TimePoint(_message.Message):
    __slots__ = ("name", "day", "early_days", "late_days")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DAY_FIELD_NUMBER: _ClassVar[int]
    EARLY_DAYS_FIELD_NUMBER: _ClassVar[int]
    LATE_DAYS_FIELD_NUMBER: _ClassVar[int]
    name: str
    day: int
    early_days: int
    late_days: int
    def __init__(self, name: _Optional[str] = ..., day: _Optional[int] = ..., early_days: _Optional[int] = ..., late_days: _Optional[int] = ...) -> None: ...

class Criterion(_message.Message):
    __slots__ = ("criterion_id", "text")
    CRITERION_ID_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    criterion_id: str
    text: str
    def __init__(self, criterion_id: _Optional[str] = ..., text: _Optional[str] = ...) -> None: ...

class Characteristic(_message.Message):
    __slots__ = ("characteristic_id", "title", "choices", "least", "most")
    CHARACTERISTIC_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    LEAST_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    characteristic_id: str
    title: str
    choices: _containers.RepeatedScalarFieldContainer[str]
    least: float
    most: float
    def __init__(self, characteristic_id: _Optional[str] = ..., title: _Optional[str] = ..., choices: _Optional[_Iterable[str]] = ..., least: _Optional[float] = ..., most: _Optional[float] = ...) -> None: ...

class Study(_message.Message):
    __slots__ = ("name", "title", "version", "protocol", "protocol_digest", "commitment", "arms", "time_points", "primary_outcome", "primary_time_point", "duration_days", "disclosure", "inclusion_criteria", "exclusion_criteria", "characteristics", "participant_count", "create_time", "end_time", "synthetic")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    PROTOCOL_DIGEST_FIELD_NUMBER: _ClassVar[int]
    COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    ARMS_FIELD_NUMBER: _ClassVar[int]
    TIME_POINTS_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_OUTCOME_FIELD_NUMBER: _ClassVar[int]
    PRIMARY_TIME_POINT_FIELD_NUMBER: _ClassVar[int]
    DURATION_DAYS_FIELD_NUMBER: _ClassVar[int]
    DISCLOSURE_FIELD_NUMBER: _ClassVar[int]
    INCLUSION_CRITERIA_FIELD_NUMBER: _ClassVar[int]
    EXCLUSION_CRITERIA_FIELD_NUMBER: _ClassVar[int]
    CHARACTERISTICS_FIELD_NUMBER: _ClassVar[int]
    PARTICIPANT_COUNT_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    SYNTHETIC_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    version: int
    protocol: str
    protocol_digest: str
    commitment: str
    arms: _containers.RepeatedCompositeFieldContainer[StudyArm]
    time_points: _containers.RepeatedCompositeFieldContainer[TimePoint]
    primary_outcome: str
    primary_time_point: str
    duration_days: int
    disclosure: Disclosure
    inclusion_criteria: _containers.RepeatedCompositeFieldContainer[Criterion]
    exclusion_criteria: _containers.RepeatedCompositeFieldContainer[Criterion]
    characteristics: _containers.RepeatedCompositeFieldContainer[Characteristic]
    participant_count: int
    create_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    synthetic: bool
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., version: _Optional[int] = ..., protocol: _Optional[str] = ..., protocol_digest: _Optional[str] = ..., commitment: _Optional[str] = ..., arms: _Optional[_Iterable[_Union[StudyArm, _Mapping]]] = ..., time_points: _Optional[_Iterable[_Union[TimePoint, _Mapping]]] = ..., primary_outcome: _Optional[str] = ..., primary_time_point: _Optional[str] = ..., duration_days: _Optional[int] = ..., disclosure: _Optional[_Union[Disclosure, str]] = ..., inclusion_criteria: _Optional[_Iterable[_Union[Criterion, _Mapping]]] = ..., exclusion_criteria: _Optional[_Iterable[_Union[Criterion, _Mapping]]] = ..., characteristics: _Optional[_Iterable[_Union[Characteristic, _Mapping]]] = ..., participant_count: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., synthetic: bool = ...) -> None: ...

class Participant(_message.Message):
    __slots__ = ("name", "profile", "stratum", "arm", "arm_title", "status", "enrol_time", "end_time", "withdraw_time", "characteristics")
    class CharacteristicsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    STRATUM_FIELD_NUMBER: _ClassVar[int]
    ARM_FIELD_NUMBER: _ClassVar[int]
    ARM_TITLE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    ENROL_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    WITHDRAW_TIME_FIELD_NUMBER: _ClassVar[int]
    CHARACTERISTICS_FIELD_NUMBER: _ClassVar[int]
    name: str
    profile: str
    stratum: str
    arm: str
    arm_title: str
    status: ParticipantStatus
    enrol_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    withdraw_time: _timestamp_pb2.Timestamp
    characteristics: _containers.ScalarMap[str, str]
    def __init__(self, name: _Optional[str] = ..., profile: _Optional[str] = ..., stratum: _Optional[str] = ..., arm: _Optional[str] = ..., arm_title: _Optional[str] = ..., status: _Optional[_Union[ParticipantStatus, str]] = ..., enrol_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., withdraw_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., characteristics: _Optional[_Mapping[str, str]] = ...) -> None: ...

class DueAssessment(_message.Message):
    __slots__ = ("time_point", "questionnaire", "status", "open_time", "due_time", "close_time", "done_time")
    TIME_POINT_FIELD_NUMBER: _ClassVar[int]
    QUESTIONNAIRE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    OPEN_TIME_FIELD_NUMBER: _ClassVar[int]
    DUE_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSE_TIME_FIELD_NUMBER: _ClassVar[int]
    DONE_TIME_FIELD_NUMBER: _ClassVar[int]
    time_point: str
    questionnaire: str
    status: DueStatus
    open_time: _timestamp_pb2.Timestamp
    due_time: _timestamp_pb2.Timestamp
    close_time: _timestamp_pb2.Timestamp
    done_time: _timestamp_pb2.Timestamp
    def __init__(self, time_point: _Optional[str] = ..., questionnaire: _Optional[str] = ..., status: _Optional[_Union[DueStatus, str]] = ..., open_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., due_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., close_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., done_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class AdverseEvent(_message.Message):
    __slots__ = ("name", "onset_time", "category", "seriousness", "severity", "relatedness", "outcome", "description", "create_time", "update_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ONSET_TIME_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    SERIOUSNESS_FIELD_NUMBER: _ClassVar[int]
    SEVERITY_FIELD_NUMBER: _ClassVar[int]
    RELATEDNESS_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    onset_time: _timestamp_pb2.Timestamp
    category: EventCategory
    seriousness: Seriousness
    severity: EventSeverity
    relatedness: Relatedness
    outcome: EventOutcome
    description: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., onset_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., category: _Optional[_Union[EventCategory, str]] = ..., seriousness: _Optional[_Union[Seriousness, str]] = ..., severity: _Optional[_Union[EventSeverity, str]] = ..., relatedness: _Optional[_Union[Relatedness, str]] = ..., outcome: _Optional[_Union[EventOutcome, str]] = ..., description: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Adherence(_message.Message):
    __slots__ = ("participant", "offered_count", "unasked_count", "begun_count", "completed_count", "rated_count", "helped_count", "active_days", "days")
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    OFFERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNASKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    BEGUN_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    RATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    HELPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_DAYS_FIELD_NUMBER: _ClassVar[int]
    DAYS_FIELD_NUMBER: _ClassVar[int]
    participant: str
    offered_count: int
    unasked_count: int
    begun_count: int
    completed_count: int
    rated_count: int
    helped_count: int
    active_days: int
    days: int
    def __init__(self, participant: _Optional[str] = ..., offered_count: _Optional[int] = ..., unasked_count: _Optional[int] = ..., begun_count: _Optional[int] = ..., completed_count: _Optional[int] = ..., rated_count: _Optional[int] = ..., helped_count: _Optional[int] = ..., active_days: _Optional[int] = ..., days: _Optional[int] = ...) -> None: ...
