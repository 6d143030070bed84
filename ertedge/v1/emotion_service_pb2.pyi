import datetime

from ertedge.v1 import emotion_pb2 as _emotion_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class WatchEmotionStatesRequest(_message.Message):
    __slots__ = ("since_sequence",)
    SINCE_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    since_sequence: int
    def __init__(self, since_sequence: _Optional[int] = ...) -> None: ...

class WatchEmotionStatesResponse(_message.Message):
    __slots__ = ("emotion_state", "sequence", "dropped_count", "send_time")
    EMOTION_STATE_FIELD_NUMBER: _ClassVar[int]
    SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DROPPED_COUNT_FIELD_NUMBER: _ClassVar[int]
    SEND_TIME_FIELD_NUMBER: _ClassVar[int]
    emotion_state: _emotion_pb2.EmotionState
    sequence: int
    dropped_count: int
    send_time: _timestamp_pb2.Timestamp
    def __init__(self, emotion_state: _Optional[_Union[_emotion_pb2.EmotionState, _Mapping]] = ..., sequence: _Optional[int] = ..., dropped_count: _Optional[int] = ..., send_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetEmotionStateRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListEmotionStatesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "start_time", "end_time", "resolution", "profile")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    RESOLUTION_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    resolution: _duration_pb2.Duration
    profile: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., resolution: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., profile: _Optional[str] = ...) -> None: ...

class ListEmotionStatesResponse(_message.Message):
    __slots__ = ("emotion_states", "next_page_token")
    EMOTION_STATES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    emotion_states: _containers.RepeatedCompositeFieldContainer[_emotion_pb2.EmotionState]
    next_page_token: str
    def __init__(self, emotion_states: _Optional[_Iterable[_Union[_emotion_pb2.EmotionState, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
