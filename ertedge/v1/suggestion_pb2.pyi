import datetime

from ertedge.v1 import emotion_pb2 as _emotion_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Trigger(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    TRIGGER_UNSPECIFIED: _ClassVar[Trigger]
    TRIGGER_SUSTAINED_STATE: _ClassVar[Trigger]
    TRIGGER_REQUEST: _ClassVar[Trigger]
    TRIGGER_CHECK_IN: _ClassVar[Trigger]
    TRIGGER_MICRO_RANDOMISED: _ClassVar[Trigger]

class SuggestionStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SUGGESTION_STATUS_UNSPECIFIED: _ClassVar[SuggestionStatus]
    SUGGESTION_STATUS_OFFERED: _ClassVar[SuggestionStatus]
    SUGGESTION_STATUS_SNOOZED: _ClassVar[SuggestionStatus]
    SUGGESTION_STATUS_ACCEPTED: _ClassVar[SuggestionStatus]
    SUGGESTION_STATUS_STARTED: _ClassVar[SuggestionStatus]
    SUGGESTION_STATUS_COMPLETED: _ClassVar[SuggestionStatus]
    SUGGESTION_STATUS_DISMISSED: _ClassVar[SuggestionStatus]
    SUGGESTION_STATUS_EXPIRED: _ClassVar[SuggestionStatus]

class ResponseKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RESPONSE_KIND_UNSPECIFIED: _ClassVar[ResponseKind]
    RESPONSE_KIND_ACCEPT: _ClassVar[ResponseKind]
    RESPONSE_KIND_DISMISS: _ClassVar[ResponseKind]
    RESPONSE_KIND_SNOOZE: _ClassVar[ResponseKind]
    RESPONSE_KIND_START: _ClassVar[ResponseKind]
    RESPONSE_KIND_COMPLETE: _ClassVar[ResponseKind]
    RESPONSE_KIND_RATE: _ClassVar[ResponseKind]
TRIGGER_UNSPECIFIED: Trigger
TRIGGER_SUSTAINED_STATE: Trigger
TRIGGER_REQUEST: Trigger
TRIGGER_CHECK_IN: Trigger
TRIGGER_MICRO_RANDOMISED: Trigger
SUGGESTION_STATUS_UNSPECIFIED: SuggestionStatus
SUGGESTION_STATUS_OFFERED: SuggestionStatus
SUGGESTION_STATUS_SNOOZED: SuggestionStatus
SUGGESTION_STATUS_ACCEPTED: SuggestionStatus
SUGGESTION_STATUS_STARTED: SuggestionStatus
SUGGESTION_STATUS_COMPLETED: SuggestionStatus
SUGGESTION_STATUS_DISMISSED: SuggestionStatus
SUGGESTION_STATUS_EXPIRED: SuggestionStatus
RESPONSE_KIND_UNSPECIFIED: ResponseKind
RESPONSE_KIND_ACCEPT: ResponseKind
RESPONSE_KIND_DISMISS: ResponseKind
RESPONSE_KIND_SNOOZE: ResponseKind
RESPONSE_KIND_START: ResponseKind
RESPONSE_KIND_COMPLETE: ResponseKind
RESPONSE_KIND_RATE: ResponseKind

class Suggestion(_message.Message):
    __slots__ = ("name", "time", "expire_time", "activity", "activity_version", "title", "duration", "reason", "trigger", "propensity", "expected_helpfulness", "expected_helpfulness_sd", "emotion", "valence_before", "arousal_before", "status", "helpfulness", "valence_after", "arousal_after", "snooze_until_time", "update_time", "synthetic")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    ACTIVITY_VERSION_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    TRIGGER_FIELD_NUMBER: _ClassVar[int]
    PROPENSITY_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_HELPFULNESS_FIELD_NUMBER: _ClassVar[int]
    EXPECTED_HELPFULNESS_SD_FIELD_NUMBER: _ClassVar[int]
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    VALENCE_BEFORE_FIELD_NUMBER: _ClassVar[int]
    AROUSAL_BEFORE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    HELPFULNESS_FIELD_NUMBER: _ClassVar[int]
    VALENCE_AFTER_FIELD_NUMBER: _ClassVar[int]
    AROUSAL_AFTER_FIELD_NUMBER: _ClassVar[int]
    SNOOZE_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    SYNTHETIC_FIELD_NUMBER: _ClassVar[int]
    name: str
    time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    activity: str
    activity_version: int
    title: str
    duration: _duration_pb2.Duration
    reason: str
    trigger: Trigger
    propensity: float
    expected_helpfulness: float
    expected_helpfulness_sd: float
    emotion: _emotion_pb2.Emotion
    valence_before: float
    arousal_before: float
    status: SuggestionStatus
    helpfulness: int
    valence_after: float
    arousal_after: float
    snooze_until_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    synthetic: bool
    def __init__(self, name: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., activity: _Optional[str] = ..., activity_version: _Optional[int] = ..., title: _Optional[str] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., reason: _Optional[str] = ..., trigger: _Optional[_Union[Trigger, str]] = ..., propensity: _Optional[float] = ..., expected_helpfulness: _Optional[float] = ..., expected_helpfulness_sd: _Optional[float] = ..., emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ..., valence_before: _Optional[float] = ..., arousal_before: _Optional[float] = ..., status: _Optional[_Union[SuggestionStatus, str]] = ..., helpfulness: _Optional[int] = ..., valence_after: _Optional[float] = ..., arousal_after: _Optional[float] = ..., snooze_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., synthetic: bool = ...) -> None: ...
