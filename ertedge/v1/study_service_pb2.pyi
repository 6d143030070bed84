from ertedge.v1 import study_pb2 as _study_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class CreateStudyRequest(_message.Message):
    __slots__ = ("protocol", "seal", "synthetic")
    PROTOCOL_FIELD_NUMBER: _ClassVar[int]
    SEAL_FIELD_NUMBER: _ClassVar[int]
    SYNTHETIC_FIELD_NUMBER: _ClassVar[int]
    protocol: str
    seal: bytes
    synthetic: bool
    def __init__(self, protocol: _Optional[str] = ..., seal: _Optional[bytes] = ..., synthetic: bool = ...) -> None: ...

class CreateStudyResponse(_message.Message):
    __slots__ = ("study",)
    STUDY_FIELD_NUMBER: _ClassVar[int]
    study: _study_pb2.Study
    def __init__(self, study: _Optional[_Union[_study_pb2.Study, _Mapping]] = ...) -> None: ...

class GetStudyRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListStudiesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListStudiesResponse(_message.Message):
    __slots__ = ("studies", "next_page_token")
    STUDIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    studies: _containers.RepeatedCompositeFieldContainer[_study_pb2.Study]
    next_page_token: str
    def __init__(self, studies: _Optional[_Iterable[_Union[_study_pb2.Study, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class EnrolParticipantRequest(_message.Message):
    __slots__ = ("parent", "profile", "confirmed_criteria", "present_exclusions", "characteristics", "slot", "request_id")
    class CharacteristicsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    CONFIRMED_CRITERIA_FIELD_NUMBER: _ClassVar[int]
    PRESENT_EXCLUSIONS_FIELD_NUMBER: _ClassVar[int]
    CHARACTERISTICS_FIELD_NUMBER: _ClassVar[int]
    SLOT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    profile: str
    confirmed_criteria: _containers.RepeatedScalarFieldContainer[str]
    present_exclusions: _containers.RepeatedScalarFieldContainer[str]
    characteristics: _containers.ScalarMap[str, str]
    slot: int
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., profile: _Optional[str] = ..., confirmed_criteria: _Optional[_Iterable[str]] = ..., present_exclusions: _Optional[_Iterable[str]] = ..., characteristics: _Optional[_Mapping[str, str]] = ..., slot: _Optional[int] = ..., request_id: _Optional[str] = ...) -> None: ...

class EnrolParticipantResponse(_message.Message):
    __slots__ = ("participant",)
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    participant: _study_pb2.Participant
    def __init__(self, participant: _Optional[_Union[_study_pb2.Participant, _Mapping]] = ...) -> None: ...

class RecordNotEnrolledRequest(_message.Message):
    __slots__ = ("parent", "reason", "criterion_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    CRITERION_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    reason: _study_pb2.NotEnrolledReason
    criterion_id: str
    def __init__(self, parent: _Optional[str] = ..., reason: _Optional[_Union[_study_pb2.NotEnrolledReason, str]] = ..., criterion_id: _Optional[str] = ...) -> None: ...

class RecordNotEnrolledResponse(_message.Message):
    __slots__ = ("not_enrolled_count",)
    NOT_ENROLLED_COUNT_FIELD_NUMBER: _ClassVar[int]
    not_enrolled_count: int
    def __init__(self, not_enrolled_count: _Optional[int] = ...) -> None: ...

class GetParticipantRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListParticipantsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListParticipantsResponse(_message.Message):
    __slots__ = ("participants", "next_page_token")
    PARTICIPANTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    participants: _containers.RepeatedCompositeFieldContainer[_study_pb2.Participant]
    next_page_token: str
    def __init__(self, participants: _Optional[_Iterable[_Union[_study_pb2.Participant, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListDueAssessmentsRequest(_message.Message):
    __slots__ = ("parent",)
    PARENT_FIELD_NUMBER: _ClassVar[int]
    parent: str
    def __init__(self, parent: _Optional[str] = ...) -> None: ...

class ListDueAssessmentsResponse(_message.Message):
    __slots__ = ("due_assessments",)
    DUE_ASSESSMENTS_FIELD_NUMBER: _ClassVar[int]
    due_assessments: _containers.RepeatedCompositeFieldContainer[_study_pb2.DueAssessment]
    def __init__(self, due_assessments: _Optional[_Iterable[_Union[_study_pb2.DueAssessment, _Mapping]]] = ...) -> None: ...

class GetAdherenceRequest(_message.Message):
    __slots__ = ("participant",)
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    participant: str
    def __init__(self, participant: _Optional[str] = ...) -> None: ...

class WithdrawParticipantRequest(_message.Message):
    __slots__ = ("name", "keep_data", "reason")
    NAME_FIELD_NUMBER: _ClassVar[int]
    KEEP_DATA_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    name: str
    keep_data: bool
    reason: str
    def __init__(self, name: _Optional[str] = ..., keep_data: bool = ..., reason: _Optional[str] = ...) -> None: ...

class WithdrawParticipantResponse(_message.Message):
    __slots__ = ("participant",)
    PARTICIPANT_FIELD_NUMBER: _ClassVar[int]
    participant: _study_pb2.Participant
    def __init__(self, participant: _Optional[_Union[_study_pb2.Participant, _Mapping]] = ...) -> None: ...

class CreateAdverseEventRequest(_message.Message):
    __slots__ = ("parent", "adverse_event", "request_id")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    ADVERSE_EVENT_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    parent: str
    adverse_event: _study_pb2.AdverseEvent
    request_id: str
    def __init__(self, parent: _Optional[str] = ..., adverse_event: _Optional[_Union[_study_pb2.AdverseEvent, _Mapping]] = ..., request_id: _Optional[str] = ...) -> None: ...

class CreateAdverseEventResponse(_message.Message):
    __slots__ = ("adverse_event",)
    ADVERSE_EVENT_FIELD_NUMBER: _ClassVar[int]
    adverse_event: _study_pb2.AdverseEvent
    def __init__(self, adverse_event: _Optional[_Union[_study_pb2.AdverseEvent, _Mapping]] = ...) -> None: ...

class UpdateAdverseEventResponse(_message.Message):
    __slots__ = ("adverse_event",)
    ADVERSE_EVENT_FIELD_NUMBER: _ClassVar[int]
    adverse_event: _study_pb2.AdverseEvent
    def __init__(self, adverse_event: _Optional[_Union[_study_pb2.AdverseEvent, _Mapping]] = ...) -> None: ...

class UpdateAdverseEventRequest(_message.Message):
    __slots__ = ("adverse_event", "update_mask")
    ADVERSE_EVENT_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    adverse_event: _study_pb2.AdverseEvent
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, adverse_event: _Optional[_Union[_study_pb2.AdverseEvent, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class ListAdverseEventsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListAdverseEventsResponse(_message.Message):
    __slots__ = ("adverse_events", "next_page_token")
    ADVERSE_EVENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    adverse_events: _containers.RepeatedCompositeFieldContainer[_study_pb2.AdverseEvent]
    next_page_token: str
    def __init__(self, adverse_events: _Optional[_Iterable[_Union[_study_pb2.AdverseEvent, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class EndStudyRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class EndStudyResponse(_message.Message):
    __slots__ = ("study",)
    STUDY_FIELD_NUMBER: _ClassVar[int]
    study: _study_pb2.Study
    def __init__(self, study: _Optional[_Union[_study_pb2.Study, _Mapping]] = ...) -> None: ...

class VerifyAllocationsRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class VerifyAllocationsResponse(_message.Message):
    __slots__ = ("commitment", "seed", "nonce", "checked_count", "faults")
    COMMITMENT_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    NONCE_FIELD_NUMBER: _ClassVar[int]
    CHECKED_COUNT_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    commitment: str
    seed: str
    nonce: str
    checked_count: int
    faults: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, commitment: _Optional[str] = ..., seed: _Optional[str] = ..., nonce: _Optional[str] = ..., checked_count: _Optional[int] = ..., faults: _Optional[_Iterable[str]] = ...) -> None: ...

class ExportStudyRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ExportStudyResponse(_message.Message):
    __slots__ = ("file_name", "content")
    FILE_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    file_name: str
    content: bytes
    def __init__(self, file_name: _Optional[str] = ..., content: _Optional[bytes] = ...) -> None: ...
