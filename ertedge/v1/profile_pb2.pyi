import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Purpose(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PURPOSE_UNSPECIFIED: _ClassVar[Purpose]
    PURPOSE_SENSE_FACE: _ClassVar[Purpose]
    PURPOSE_SENSE_VOICE: _ClassVar[Purpose]
    PURPOSE_KEEP_HISTORY: _ClassVar[Purpose]
    PURPOSE_FACE_RECOGNITION: _ClassVar[Purpose]
    PURPOSE_STUDY: _ClassVar[Purpose]
PURPOSE_UNSPECIFIED: Purpose
PURPOSE_SENSE_FACE: Purpose
PURPOSE_SENSE_VOICE: Purpose
PURPOSE_KEEP_HISTORY: Purpose
PURPOSE_FACE_RECOGNITION: Purpose
PURPOSE_STUDY: Purpose

class Profile(_message.Message):
    __slots__ = ("name", "display_name", "language_code", "create_time", "update_time", "etag", "selected", "consents")
    NAME_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    SELECTED_FIELD_NUMBER: _ClassVar[int]
    CONSENTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    display_name: str
    language_code: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    selected: bool
    consents: _containers.RepeatedCompositeFieldContainer[Consent]
    def __init__(self, name: _Optional[str] = ..., display_name: _Optional[str] = ..., language_code: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., selected: bool = ..., consents: _Optional[_Iterable[_Union[Consent, _Mapping]]] = ...) -> None: ...

class Consent(_message.Message):
    __slots__ = ("name", "purpose", "given", "outdated", "current_text_version", "receipt")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    OUTDATED_FIELD_NUMBER: _ClassVar[int]
    CURRENT_TEXT_VERSION_FIELD_NUMBER: _ClassVar[int]
    RECEIPT_FIELD_NUMBER: _ClassVar[int]
    name: str
    purpose: Purpose
    given: bool
    outdated: bool
    current_text_version: int
    receipt: ConsentReceipt
    def __init__(self, name: _Optional[str] = ..., purpose: _Optional[_Union[Purpose, str]] = ..., given: bool = ..., outdated: bool = ..., current_text_version: _Optional[int] = ..., receipt: _Optional[_Union[ConsentReceipt, _Mapping]] = ...) -> None: ...

class ConsentReceipt(_message.Message):
    __slots__ = ("name", "purpose", "given", "text_version", "text_language_code", "text_digest", "time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    GIVEN_FIELD_NUMBER: _ClassVar[int]
    TEXT_VERSION_FIELD_NUMBER: _ClassVar[int]
    TEXT_LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_DIGEST_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    purpose: Purpose
    given: bool
    text_version: int
    text_language_code: str
    text_digest: str
    time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., purpose: _Optional[_Union[Purpose, str]] = ..., given: bool = ..., text_version: _Optional[int] = ..., text_language_code: _Optional[str] = ..., text_digest: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ConsentText(_message.Message):
    __slots__ = ("name", "purpose", "version", "language_code", "title", "text", "digest", "machine_drafted")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PURPOSE_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    MACHINE_DRAFTED_FIELD_NUMBER: _ClassVar[int]
    name: str
    purpose: Purpose
    version: int
    language_code: str
    title: str
    text: str
    digest: str
    machine_drafted: bool
    def __init__(self, name: _Optional[str] = ..., purpose: _Optional[_Union[Purpose, str]] = ..., version: _Optional[int] = ..., language_code: _Optional[str] = ..., title: _Optional[str] = ..., text: _Optional[str] = ..., digest: _Optional[str] = ..., machine_drafted: bool = ...) -> None: ...

class Notice(_message.Message):
    __slots__ = ("name", "version", "language_code", "title", "text", "digest", "machine_drafted", "first_show_time")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    DIGEST_FIELD_NUMBER: _ClassVar[int]
    MACHINE_DRAFTED_FIELD_NUMBER: _ClassVar[int]
    FIRST_SHOW_TIME_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: int
    language_code: str
    title: str
    text: str
    digest: str
    machine_drafted: bool
    first_show_time: _timestamp_pb2.Timestamp
    def __init__(self, name: _Optional[str] = ..., version: _Optional[int] = ..., language_code: _Optional[str] = ..., title: _Optional[str] = ..., text: _Optional[str] = ..., digest: _Optional[str] = ..., machine_drafted: bool = ..., first_show_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
