import datetime

from ertedge.v1 import activity_pb2 as _activity_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SafetyCause(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SAFETY_CAUSE_UNSPECIFIED: _ClassVar[SafetyCause]
    SAFETY_CAUSE_SEVERE_STATE: _ClassVar[SafetyCause]
    SAFETY_CAUSE_RED_FLAG: _ClassVar[SafetyCause]
    SAFETY_CAUSE_CRISIS_WORDS: _ClassVar[SafetyCause]
    SAFETY_CAUSE_ASKED_FOR_HELP: _ClassVar[SafetyCause]

class NoticeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTICE_KIND_UNSPECIFIED: _ClassVar[NoticeKind]
    NOTICE_KIND_CHECK_IN: _ClassVar[NoticeKind]
    NOTICE_KIND_SUPPORT: _ClassVar[NoticeKind]

class NoticeResponse(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    NOTICE_RESPONSE_UNSPECIFIED: _ClassVar[NoticeResponse]
    NOTICE_RESPONSE_NEED_HELP: _ClassVar[NoticeResponse]
    NOTICE_RESPONSE_SAFE: _ClassVar[NoticeResponse]
    NOTICE_RESPONSE_NOT_NOW: _ClassVar[NoticeResponse]
SAFETY_CAUSE_UNSPECIFIED: SafetyCause
SAFETY_CAUSE_SEVERE_STATE: SafetyCause
SAFETY_CAUSE_RED_FLAG: SafetyCause
SAFETY_CAUSE_CRISIS_WORDS: SafetyCause
SAFETY_CAUSE_ASKED_FOR_HELP: SafetyCause
NOTICE_KIND_UNSPECIFIED: NoticeKind
NOTICE_KIND_CHECK_IN: NoticeKind
NOTICE_KIND_SUPPORT: NoticeKind
NOTICE_RESPONSE_UNSPECIFIED: NoticeResponse
NOTICE_RESPONSE_NEED_HELP: NoticeResponse
NOTICE_RESPONSE_SAFE: NoticeResponse
NOTICE_RESPONSE_NOT_NOW: NoticeResponse

class SafetyNotice(_message.Message):
    __slots__ = ("name", "time", "kind", "cause", "message", "open", "ask_count", "ask_time", "response", "response_time", "synthetic")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CAUSE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    OPEN_FIELD_NUMBER: _ClassVar[int]
    ASK_COUNT_FIELD_NUMBER: _ClassVar[int]
    ASK_TIME_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_TIME_FIELD_NUMBER: _ClassVar[int]
    SYNTHETIC_FIELD_NUMBER: _ClassVar[int]
    name: str
    time: _timestamp_pb2.Timestamp
    kind: NoticeKind
    cause: SafetyCause
    message: str
    open: bool
    ask_count: int
    ask_time: _timestamp_pb2.Timestamp
    response: NoticeResponse
    response_time: _timestamp_pb2.Timestamp
    synthetic: bool
    def __init__(self, name: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., kind: _Optional[_Union[NoticeKind, str]] = ..., cause: _Optional[_Union[SafetyCause, str]] = ..., message: _Optional[str] = ..., open: bool = ..., ask_count: _Optional[int] = ..., ask_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., response: _Optional[_Union[NoticeResponse, str]] = ..., response_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., synthetic: bool = ...) -> None: ...

class SafetyContact(_message.Message):
    __slots__ = ("display_name", "contact")
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    display_name: str
    contact: str
    def __init__(self, display_name: _Optional[str] = ..., contact: _Optional[str] = ...) -> None: ...

class SafetyPlan(_message.Message):
    __slots__ = ("name", "warning_signs", "coping_strategies", "distractions", "people", "professionals", "safer_surroundings", "conditions", "update_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    WARNING_SIGNS_FIELD_NUMBER: _ClassVar[int]
    COPING_STRATEGIES_FIELD_NUMBER: _ClassVar[int]
    DISTRACTIONS_FIELD_NUMBER: _ClassVar[int]
    PEOPLE_FIELD_NUMBER: _ClassVar[int]
    PROFESSIONALS_FIELD_NUMBER: _ClassVar[int]
    SAFER_SURROUNDINGS_FIELD_NUMBER: _ClassVar[int]
    CONDITIONS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    warning_signs: _containers.RepeatedScalarFieldContainer[str]
    coping_strategies: _containers.RepeatedScalarFieldContainer[str]
    distractions: _containers.RepeatedCompositeFieldContainer[SafetyContact]
    people: _containers.RepeatedCompositeFieldContainer[SafetyContact]
    professionals: _containers.RepeatedCompositeFieldContainer[SafetyContact]
    safer_surroundings: _containers.RepeatedScalarFieldContainer[str]
    conditions: _containers.RepeatedScalarFieldContainer[_activity_pb2.HealthCondition]
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., warning_signs: _Optional[_Iterable[str]] = ..., coping_strategies: _Optional[_Iterable[str]] = ..., distractions: _Optional[_Iterable[_Union[SafetyContact, _Mapping]]] = ..., people: _Optional[_Iterable[_Union[SafetyContact, _Mapping]]] = ..., professionals: _Optional[_Iterable[_Union[SafetyContact, _Mapping]]] = ..., safer_surroundings: _Optional[_Iterable[str]] = ..., conditions: _Optional[_Iterable[_Union[_activity_pb2.HealthCondition, str]]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class Helpline(_message.Message):
    __slots__ = ("region_code", "display_name", "contact", "channel", "hours", "language_codes", "source", "checked_date", "note", "emergency")
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_FIELD_NUMBER: _ClassVar[int]
    CHANNEL_FIELD_NUMBER: _ClassVar[int]
    HOURS_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODES_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    CHECKED_DATE_FIELD_NUMBER: _ClassVar[int]
    NOTE_FIELD_NUMBER: _ClassVar[int]
    EMERGENCY_FIELD_NUMBER: _ClassVar[int]
    region_code: str
    display_name: str
    contact: str
    channel: str
    hours: str
    language_codes: _containers.RepeatedScalarFieldContainer[str]
    source: str
    checked_date: str
    note: str
    emergency: bool
    def __init__(self, region_code: _Optional[str] = ..., display_name: _Optional[str] = ..., contact: _Optional[str] = ..., channel: _Optional[str] = ..., hours: _Optional[str] = ..., language_codes: _Optional[_Iterable[str]] = ..., source: _Optional[str] = ..., checked_date: _Optional[str] = ..., note: _Optional[str] = ..., emergency: bool = ...) -> None: ...

class WatchSafetyNoticesRequest(_message.Message):
    __slots__ = ("since_sequence", "profile")
    SINCE_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    since_sequence: int
    profile: str
    def __init__(self, since_sequence: _Optional[int] = ..., profile: _Optional[str] = ...) -> None: ...

class WatchSafetyNoticesResponse(_message.Message):
    __slots__ = ("safety_notice", "sequence", "dropped_count", "send_time", "profile")
    SAFETY_NOTICE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DROPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    safety_notice: SafetyNotice
    sequence: int
    dropped_count: int
    send_time: _timestamp_pb2.Timestamp
    profile: str
    def __init__(self, safety_notice: _Optional[_Union[SafetyNotice, _Mapping]] = ..., sequence: _Optional[int] = ..., dropped_count: _Optional[int] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., profile: _Optional[str] = ...) -> None: ...

class ListSafetyNoticesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "only_open", "profile")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    ONLY_OPEN_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    only_open: bool
    profile: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., only_open: bool = ..., profile: _Optional[str] = ...) -> None: ...

class ListSafetyNoticesResponse(_message.Message):
    __slots__ = ("safety_notices", "next_page_token")
    SAFETY_NOTICES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    safety_notices: _containers.RepeatedCompositeFieldContainer[SafetyNotice]
    next_page_token: str
    def __init__(self, safety_notices: _Optional[_Iterable[_Union[SafetyNotice, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class RespondToSafetyNoticeRequest(_message.Message):
    __slots__ = ("name", "response", "text", "request_id", "profile")
    NAME_FIELD_NUMBER: _ClassVar[int]
    RESPONSE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    name: str
    response: NoticeResponse
    text: str
    request_id: str
    profile: str
    def __init__(self, name: _Optional[str] = ..., response: _Optional[_Union[NoticeResponse, str]] = ..., text: _Optional[str] = ..., request_id: _Optional[str] = ..., profile: _Optional[str] = ...) -> None: ...

class RespondToSafetyNoticeResponse(_message.Message):
    __slots__ = ("safety_notice", "helplines")
    SAFETY_NOTICE_FIELD_NUMBER: _ClassVar[int]
    HELPLINES_FIELD_NUMBER: _ClassVar[int]
    safety_notice: SafetyNotice
    helplines: _containers.RepeatedCompositeFieldContainer[Helpline]
    def __init__(self, safety_notice: _Optional[_Union[SafetyNotice, _Mapping]] = ..., helplines: _Optional[_Iterable[_Union[Helpline, _Mapping]]] = ...) -> None: ...

class AskForHelpRequest(_message.Message):
    __slots__ = ("text", "profile")
    TEXT_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    text: str
    profile: str
    def __init__(self, text: _Optional[str] = ..., profile: _Optional[str] = ...) -> None: ...

class AskForHelpResponse(_message.Message):
    __slots__ = ("safety_notice", "safety_plan", "helplines")
    SAFETY_NOTICE_FIELD_NUMBER: _ClassVar[int]
    SAFETY_PLAN_FIELD_NUMBER: _ClassVar[int]
    HELPLINES_FIELD_NUMBER: _ClassVar[int]
    safety_notice: SafetyNotice
    safety_plan: SafetyPlan
    helplines: _containers.RepeatedCompositeFieldContainer[Helpline]
    def __init__(self, safety_notice: _Optional[_Union[SafetyNotice, _Mapping]] = ..., safety_plan: _Optional[_Union[SafetyPlan, _Mapping]] = ..., helplines: _Optional[_Iterable[_Union[Helpline, _Mapping]]] = ...) -> None: ...

class GetSafetyPlanRequest(_message.Message):
    __slots__ = ("name", "profile")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    name: str
    profile: str
    def __init__(self, name: _Optional[str] = ..., profile: _Optional[str] = ...) -> None: ...

class UpdateSafetyPlanRequest(_message.Message):
    __slots__ = ("safety_plan", "update_mask", "profile")
    SAFETY_PLAN_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    safety_plan: SafetyPlan
    update_mask: _field_mask_pb2.FieldMask
    profile: str
    def __init__(self, safety_plan: _Optional[_Union[SafetyPlan, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., profile: _Optional[str] = ...) -> None: ...

class UpdateSafetyPlanResponse(_message.Message):
    __slots__ = ("safety_plan",)
    SAFETY_PLAN_FIELD_NUMBER: _ClassVar[int]
    safety_plan: SafetyPlan
    def __init__(self, safety_plan: _Optional[_Union[SafetyPlan, _Mapping]] = ...) -> None: ...

class ListHelplinesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "region_code")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    REGION_CODE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    region_code: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., region_code: _Optional[str] = ...) -> None: ...

class ListHelplinesResponse(_message.Message):
    __slots__ = ("helplines", "next_page_token")
    HELPLINES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    helplines: _containers.RepeatedCompositeFieldContainer[Helpline]
    next_page_token: str
    def __init__(self, helplines: _Optional[_Iterable[_Union[Helpline, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
