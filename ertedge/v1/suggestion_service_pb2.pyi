import datetime

from ertedge.v1 import activity_pb2 as _activity_pb2
from ertedge.v1 import suggestion_pb2 as _suggestion_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WatchSuggestionsRequest(_message.Message):
    __slots__ = ("since_sequence", "profile")
    SINCE_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    since_sequence: int
    profile: str
    def __init__(self, since_sequence: _Optional[int] = ..., profile: _Optional[str] = ...) -> None: ...

class WatchSuggestionsResponse(_message.Message):
    __slots__ = ("suggestion", "sequence", "dropped_count", "send_time", "profile")
    SUGGESTION_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DROPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    suggestion: _suggestion_pb2.Suggestion
    sequence: int
    dropped_count: int
    send_time: _timestamp_pb2.Timestamp
    profile: str
    def __init__(self, suggestion: _Optional[_Union[_suggestion_pb2.Suggestion, _Mapping]] = ..., sequence: _Optional[int] = ..., dropped_count: _Optional[int] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., profile: _Optional[str] = ...) -> None: ...

class RequestSuggestionRequest(_message.Message):
    __slots__ = ("request_id", "profile")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    profile: str
    def __init__(self, request_id: _Optional[str] = ..., profile: _Optional[str] = ...) -> None: ...

class RequestSuggestionResponse(_message.Message):
    __slots__ = ("suggestion",)
    SUGGESTION_FIELD_NUMBER: _ClassVar[int]
    suggestion: _suggestion_pb2.Suggestion
    def __init__(self, suggestion: _Optional[_Union[_suggestion_pb2.Suggestion, _Mapping]] = ...) -> None: ...

class RespondToSuggestionRequest(_message.Message):
    __slots__ = ("name", "kind", "helpfulness", "snooze_duration", "request_id", "profile")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    HELPFULNESS_FIELD_NUMBER: _ClassVar[int]
    SNOOZE_DURATION_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: _suggestion_pb2.ResponseKind
    helpfulness: int
    snooze_duration: _duration_pb2.Duration
    request_id: str
    profile: str
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[_suggestion_pb2.ResponseKind, str]] = ..., helpfulness: _Optional[int] = ..., snooze_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., request_id: _Optional[str] = ..., profile: _Optional[str] = ...) -> None: ...

class RespondToSuggestionResponse(_message.Message):
    __slots__ = ("suggestion",)
    SUGGESTION_FIELD_NUMBER: _ClassVar[int]
    suggestion: _suggestion_pb2.Suggestion
    def __init__(self, suggestion: _Optional[_Union[_suggestion_pb2.Suggestion, _Mapping]] = ...) -> None: ...

class GetSuggestionRequest(_message.Message):
    __slots__ = ("name", "profile")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    name: str
    profile: str
    def __init__(self, name: _Optional[str] = ..., profile: _Optional[str] = ...) -> None: ...

class ListSuggestionsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "profile")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    profile: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., profile: _Optional[str] = ...) -> None: ...

class ListSuggestionsResponse(_message.Message):
    __slots__ = ("suggestions", "next_page_token")
    SUGGESTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    suggestions: _containers.RepeatedCompositeFieldContainer[_suggestion_pb2.Suggestion]
    next_page_token: str
    def __init__(self, suggestions: _Optional[_Iterable[_Union[_suggestion_pb2.Suggestion, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetActivityRequest(_message.Message):
    __slots__ = ("name", "language_code")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    name: str
    language_code: str
    def __init__(self, name: _Optional[str] = ..., language_code: _Optional[str] = ...) -> None: ...

class ListActivitiesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "family", "language_code")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    FAMILY_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    family: _activity_pb2.ActivityFamily
    language_code: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., family: _Optional[_Union[_activity_pb2.ActivityFamily, str]] = ..., language_code: _Optional[str] = ...) -> None: ...

class ListActivitiesResponse(_message.Message):
    __slots__ = ("activities", "next_page_token")
    ACTIVITIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    activities: _containers.RepeatedCompositeFieldContainer[_activity_pb2.Activity]
    next_page_token: str
    def __init__(self, activities: _Optional[_Iterable[_Union[_activity_pb2.Activity, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ReviewActivityRequest(_message.Message):
    __slots__ = ("name", "language_code", "reviewer", "role", "digest")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    REVIEWER_FIELD_NUMBER: _ClassVar[int]
    ROLE_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    name: str
    language_code: str
    reviewer: str
    role: str
    digest: str
    def __init__(self, name: _Optional[str] = ..., language_code: _Optional[str] = ..., reviewer: _Optional[str] = ..., role: _Optional[str] = ..., digest: _Optional[str] = ...) -> None: ...

class ReviewActivityResponse(_message.Message):
    __slots__ = ("activity",)
    ACTIVITY_FIELD_NUMBER: _ClassVar[int]
    activity: _activity_pb2.Activity
    def __init__(self, activity: _Optional[_Union[_activity_pb2.Activity, _Mapping]] = ...) -> None: ...

class GuideActivityRequest(_message.Message):
    __slots__ = ("name", "position", "language_code")
    NAME_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    name: str
    position: _duration_pb2.Duration
    language_code: str
    def __init__(self, name: _Optional[str] = ..., position: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., language_code: _Optional[str] = ...) -> None: ...

class GuideActivityResponse(_message.Message):
    __slots__ = ("step", "step_index", "step_count", "position", "remaining_duration", "total_duration")
    STEP_FIELD_NUMBER: _ClassVar[int]
    STEP_INDEX_FIELD_NUMBER: _ClassVar[int]
    STEP_COUNT_FIELD_NUMBER: _ClassVar[int]
    POSITION_FIELD_NUMBER: _ClassVar[int]
    REMAINING_DURATION_FIELD_NUMBER: _ClassVar[int]
    TOTAL_DURATION_FIELD_NUMBER: _ClassVar[int]
    step: _activity_pb2.ActivityStep
    step_index: int
    step_count: int
    position: _duration_pb2.Duration
    remaining_duration: _duration_pb2.Duration
    total_duration: _duration_pb2.Duration
    def __init__(self, step: _Optional[_Union[_activity_pb2.ActivityStep, _Mapping]] = ..., step_index: _Optional[int] = ..., step_count: _Optional[int] = ..., position: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., remaining_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., total_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class EvaluateSuggestionsRequest(_message.Message):
    __slots__ = ("start_time", "profile")
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    start_time: _timestamp_pb2.Timestamp
    profile: str
    def __init__(self, start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., profile: _Optional[str] = ...) -> None: ...

class PolicyEstimate(_message.Message):
    __slots__ = ("policy", "method", "value", "low", "high", "decision_count", "effective_count")
    POLICY_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    DECISION_COUNT_FIELD_NUMBER: _ClassVar[int]
    EFFECTIVE_COUNT_FIELD_NUMBER: _ClassVar[int]
    policy: str
    method: str
    value: float
    low: float
    high: float
    decision_count: int
    effective_count: float
    def __init__(self, policy: _Optional[str] = ..., method: _Optional[str] = ..., value: _Optional[float] = ..., low: _Optional[float] = ..., high: _Optional[float] = ..., decision_count: _Optional[int] = ..., effective_count: _Optional[float] = ...) -> None: ...

class EvaluateSuggestionsResponse(_message.Message):
    __slots__ = ("estimates", "decision_count", "offer_count", "completed_count", "note")
    ESTIMATES_FIELD_NUMBER: _ClassVar[int]
    DECISION_COUNT_FIELD_NUMBER: _ClassVar[int]
    OFFER_COUNT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_COUNT_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    estimates: _containers.RepeatedCompositeFieldContainer[PolicyEstimate]
    decision_count: int
    offer_count: int
    completed_count: int
    note: str
    def __init__(self, estimates: _Optional[_Iterable[_Union[PolicyEstimate, _Mapping]]] = ..., decision_count: _Optional[int] = ..., offer_count: _Optional[int] = ..., completed_count: _Optional[int] = ..., note: _Optional[str] = ...) -> None: ...

class ForgetLearningRequest(_message.Message):
    __slots__ = ("profile",)
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    profile: str
    def __init__(self, profile: _Optional[str] = ...) -> None: ...

class ForgetLearningResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
