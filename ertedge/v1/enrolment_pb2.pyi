from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FaceView(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FACE_VIEW_UNSPECIFIED: _ClassVar[FaceView]
    FACE_VIEW_AHEAD: _ClassVar[FaceView]
    FACE_VIEW_LEFT: _ClassVar[FaceView]
    FACE_VIEW_RIGHT: _ClassVar[FaceView]
    FACE_VIEW_UP: _ClassVar[FaceView]
    FACE_VIEW_DOWN: _ClassVar[FaceView]

class EnrolmentHint(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ENROLMENT_HINT_UNSPECIFIED: _ClassVar[EnrolmentHint]
    ENROLMENT_HINT_LOOK: _ClassVar[EnrolmentHint]
    ENROLMENT_HINT_TURN_FURTHER: _ClassVar[EnrolmentHint]
    ENROLMENT_HINT_NO_FACE: _ClassVar[EnrolmentHint]
    ENROLMENT_HINT_MORE_LIGHT: _ClassVar[EnrolmentHint]
    ENROLMENT_HINT_LESS_TURNED: _ClassVar[EnrolmentHint]
    ENROLMENT_HINT_COME_NEARER: _ClassVar[EnrolmentHint]
    ENROLMENT_HINT_ALONE: _ClassVar[EnrolmentHint]
    ENROLMENT_HINT_ANOTHER_FACE: _ClassVar[EnrolmentHint]
    ENROLMENT_HINT_CAMERA_CLOSED: _ClassVar[EnrolmentHint]
    ENROLMENT_HINT_DONE: _ClassVar[EnrolmentHint]
FACE_VIEW_UNSPECIFIED: FaceView
FACE_VIEW_AHEAD: FaceView
FACE_VIEW_LEFT: FaceView
FACE_VIEW_RIGHT: FaceView
FACE_VIEW_UP: FaceView
FACE_VIEW_DOWN: FaceView
ENROLMENT_HINT_UNSPECIFIED: EnrolmentHint
ENROLMENT_HINT_LOOK: EnrolmentHint
ENROLMENT_HINT_TURN_FURTHER: EnrolmentHint
ENROLMENT_HINT_NO_FACE: EnrolmentHint
ENROLMENT_HINT_MORE_LIGHT: EnrolmentHint
ENROLMENT_HINT_LESS_TURNED: EnrolmentHint
ENROLMENT_HINT_COME_NEARER: EnrolmentHint
ENROLMENT_HINT_ALONE: EnrolmentHint
ENROLMENT_HINT_ANOTHER_FACE: EnrolmentHint
ENROLMENT_HINT_CAMERA_CLOSED: EnrolmentHint
ENROLMENT_HINT_DONE: EnrolmentHint

class FaceEnrolment(_message.Message):
    __slots__ = ("name", "enrolled", "frame_count")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ENROLLED_FIELD_NUMBER: _ClassVar[int]
    FRAME_COUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    enrolled: bool
    frame_count: int
    def __init__(self, name: _Optional[str] = ..., enrolled: bool = ..., frame_count: _Optional[int] = ...) -> None: ...

class EnrolFaceRequest(_message.Message):
    __slots__ = ("profile", "language_code")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    profile: str
    language_code: str
    def __init__(self, profile: _Optional[str] = ..., language_code: _Optional[str] = ...) -> None: ...

class EnrolFaceResponse(_message.Message):
    __slots__ = ("view", "hint", "taken_count", "wanted_count", "view_text", "hint_text", "done")
    VIEW_FIELD_NUMBER: _ClassVar[int]
    HINT_FIELD_NUMBER: _ClassVar[int]
    TAKEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    WANTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    VIEW_TEXT_FIELD_NUMBER: _ClassVar[int]
    HINT_TEXT_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    view: FaceView
    hint: EnrolmentHint
    taken_count: int
    wanted_count: int
    view_text: str
    hint_text: str
    done: bool
    def __init__(self, view: _Optional[_Union[FaceView, str]] = ..., hint: _Optional[_Union[EnrolmentHint, str]] = ..., taken_count: _Optional[int] = ..., wanted_count: _Optional[int] = ..., view_text: _Optional[str] = ..., hint_text: _Optional[str] = ..., done: bool = ...) -> None: ...

class GetFaceEnrolmentRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ForgetFaceRequest(_message.Message):
    __slots__ = ("profile",)
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    profile: str
    def __init__(self, profile: _Optional[str] = ...) -> None: ...

class ForgetFaceResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
