import datetime

from ertedge.v1 import assessment_pb2 as _assessment_pb2
from ertedge.v1 import safety_service_pb2 as _safety_service_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListQuestionnairesRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "language_code")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    language_code: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., language_code: _Optional[str] = ...) -> None: ...

class ListQuestionnairesResponse(_message.Message):
    __slots__ = ("questionnaires", "next_page_token")
    QUESTIONNAIRES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    questionnaires: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.Questionnaire]
    next_page_token: str
    def __init__(self, questionnaires: _Optional[_Iterable[_Union[_assessment_pb2.Questionnaire, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetQuestionnaireRequest(_message.Message):
    __slots__ = ("name", "language_code")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    name: str
    language_code: str
    def __init__(self, name: _Optional[str] = ..., language_code: _Optional[str] = ...) -> None: ...

class StartAssessmentRequest(_message.Message):
    __slots__ = ("questionnaire", "profile", "language_code", "start_over", "request_id")
    QUESTIONNAIRE_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    START_OVER_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    questionnaire: str
    profile: str
    language_code: str
    start_over: bool
    request_id: str
    def __init__(self, questionnaire: _Optional[str] = ..., profile: _Optional[str] = ..., language_code: _Optional[str] = ..., start_over: bool = ..., request_id: _Optional[str] = ...) -> None: ...

class StartAssessmentResponse(_message.Message):
    __slots__ = ("assessment", "questionnaire", "resumed", "kept")
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    QUESTIONNAIRE_FIELD_NUMBER: _ClassVar[int]
    RESUMED_FIELD_NUMBER: _ClassVar[int]
    KEPT_FIELD_NUMBER: _ClassVar[int]
    assessment: _assessment_pb2.Assessment
    questionnaire: _assessment_pb2.Questionnaire
    resumed: bool
    kept: bool
    def __init__(self, assessment: _Optional[_Union[_assessment_pb2.Assessment, _Mapping]] = ..., questionnaire: _Optional[_Union[_assessment_pb2.Questionnaire, _Mapping]] = ..., resumed: bool = ..., kept: bool = ...) -> None: ...

class AnswerItemRequest(_message.Message):
    __slots__ = ("name", "link_id", "answer_code", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWER_CODE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    link_id: str
    answer_code: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., link_id: _Optional[str] = ..., answer_code: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AnswerItemResponse(_message.Message):
    __slots__ = ("assessment", "safety_notice", "helplines")
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    SAFETY_NOTICE_FIELD_NUMBER: _ClassVar[int]
    HELPLINES_FIELD_NUMBER: _ClassVar[int]
    assessment: _assessment_pb2.Assessment
    safety_notice: _safety_service_pb2.SafetyNotice
    helplines: _containers.RepeatedCompositeFieldContainer[_safety_service_pb2.Helpline]
    def __init__(self, assessment: _Optional[_Union[_assessment_pb2.Assessment, _Mapping]] = ..., safety_notice: _Optional[_Union[_safety_service_pb2.SafetyNotice, _Mapping]] = ..., helplines: _Optional[_Iterable[_Union[_safety_service_pb2.Helpline, _Mapping]]] = ...) -> None: ...

class CompleteAssessmentRequest(_message.Message):
    __slots__ = ("name", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class CompleteAssessmentResponse(_message.Message):
    __slots__ = ("assessment", "changes", "safety_notice", "helplines")
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    SAFETY_NOTICE_FIELD_NUMBER: _ClassVar[int]
    HELPLINES_FIELD_NUMBER: _ClassVar[int]
    assessment: _assessment_pb2.Assessment
    changes: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.ScaleChange]
    safety_notice: _safety_service_pb2.SafetyNotice
    helplines: _containers.RepeatedCompositeFieldContainer[_safety_service_pb2.Helpline]
    def __init__(self, assessment: _Optional[_Union[_assessment_pb2.Assessment, _Mapping]] = ..., changes: _Optional[_Iterable[_Union[_assessment_pb2.ScaleChange, _Mapping]]] = ..., safety_notice: _Optional[_Union[_safety_service_pb2.SafetyNotice, _Mapping]] = ..., helplines: _Optional[_Iterable[_Union[_safety_service_pb2.Helpline, _Mapping]]] = ...) -> None: ...

class AmendAnswerRequest(_message.Message):
    __slots__ = ("name", "link_id", "answer_code", "reason", "request_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWER_CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    link_id: str
    answer_code: str
    reason: str
    request_id: str
    def __init__(self, name: _Optional[str] = ..., link_id: _Optional[str] = ..., answer_code: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class AmendAnswerResponse(_message.Message):
    __slots__ = ("assessment", "safety_notice", "helplines")
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    SAFETY_NOTICE_FIELD_NUMBER: _ClassVar[int]
    HELPLINES_FIELD_NUMBER: _ClassVar[int]
    assessment: _assessment_pb2.Assessment
    safety_notice: _safety_service_pb2.SafetyNotice
    helplines: _containers.RepeatedCompositeFieldContainer[_safety_service_pb2.Helpline]
    def __init__(self, assessment: _Optional[_Union[_assessment_pb2.Assessment, _Mapping]] = ..., safety_notice: _Optional[_Union[_safety_service_pb2.SafetyNotice, _Mapping]] = ..., helplines: _Optional[_Iterable[_Union[_safety_service_pb2.Helpline, _Mapping]]] = ...) -> None: ...

class SubmitAssessmentRequest(_message.Message):
    __slots__ = ("fhir_json", "profile", "request_id")
    FHIR_JSON_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    fhir_json: str
    profile: str
    request_id: str
    def __init__(self, fhir_json: _Optional[str] = ..., profile: _Optional[str] = ..., request_id: _Optional[str] = ...) -> None: ...

class SubmitAssessmentResponse(_message.Message):
    __slots__ = ("assessment", "changes", "safety_notice", "helplines")
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    SAFETY_NOTICE_FIELD_NUMBER: _ClassVar[int]
    HELPLINES_FIELD_NUMBER: _ClassVar[int]
    assessment: _assessment_pb2.Assessment
    changes: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.ScaleChange]
    safety_notice: _safety_service_pb2.SafetyNotice
    helplines: _containers.RepeatedCompositeFieldContainer[_safety_service_pb2.Helpline]
    def __init__(self, assessment: _Optional[_Union[_assessment_pb2.Assessment, _Mapping]] = ..., changes: _Optional[_Iterable[_Union[_assessment_pb2.ScaleChange, _Mapping]]] = ..., safety_notice: _Optional[_Union[_safety_service_pb2.SafetyNotice, _Mapping]] = ..., helplines: _Optional[_Iterable[_Union[_safety_service_pb2.Helpline, _Mapping]]] = ...) -> None: ...

class GetAssessmentRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListAssessmentsRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "profile", "questionnaire")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    QUESTIONNAIRE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    profile: str
    questionnaire: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., profile: _Optional[str] = ..., questionnaire: _Optional[str] = ...) -> None: ...

class ListAssessmentsResponse(_message.Message):
    __slots__ = ("assessments", "next_page_token")
    ASSESSMENTS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    assessments: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.Assessment]
    next_page_token: str
    def __init__(self, assessments: _Optional[_Iterable[_Union[_assessment_pb2.Assessment, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetScoresRequest(_message.Message):
    __slots__ = ("profile", "questionnaire", "start_time")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    QUESTIONNAIRE_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    profile: str
    questionnaire: str
    start_time: _timestamp_pb2.Timestamp
    def __init__(self, profile: _Optional[str] = ..., questionnaire: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class GetScoresResponse(_message.Message):
    __slots__ = ("scales", "points", "changes")
    SCALES_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    scales: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.Scale]
    points: _containers.RepeatedCompositeFieldContainer[ScorePoint]
    changes: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.ScaleChange]
    def __init__(self, scales: _Optional[_Iterable[_Union[_assessment_pb2.Scale, _Mapping]]] = ..., points: _Optional[_Iterable[_Union[ScorePoint, _Mapping]]] = ..., changes: _Optional[_Iterable[_Union[_assessment_pb2.ScaleChange, _Mapping]]] = ...) -> None: ...

class ScorePoint(_message.Message):
    __slots__ = ("assessment", "time", "scores", "changes")
    ASSESSMENT_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    CHANGES_FIELD_NUMBER: _ClassVar[int]
    assessment: str
    time: _timestamp_pb2.Timestamp
    scores: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.ScaleScore]
    changes: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.ScaleChange]
    def __init__(self, assessment: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., scores: _Optional[_Iterable[_Union[_assessment_pb2.ScaleScore, _Mapping]]] = ..., changes: _Optional[_Iterable[_Union[_assessment_pb2.ScaleChange, _Mapping]]] = ...) -> None: ...

class ListRemindersRequest(_message.Message):
    __slots__ = ("page_size", "page_token", "profile")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    profile: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., profile: _Optional[str] = ...) -> None: ...

class ListRemindersResponse(_message.Message):
    __slots__ = ("reminders", "next_page_token")
    REMINDERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    reminders: _containers.RepeatedCompositeFieldContainer[_assessment_pb2.AssessmentReminder]
    next_page_token: str
    def __init__(self, reminders: _Optional[_Iterable[_Union[_assessment_pb2.AssessmentReminder, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DismissReminderRequest(_message.Message):
    __slots__ = ("profile", "questionnaire")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    QUESTIONNAIRE_FIELD_NUMBER: _ClassVar[int]
    profile: str
    questionnaire: str
    def __init__(self, profile: _Optional[str] = ..., questionnaire: _Optional[str] = ...) -> None: ...

class DismissReminderResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...
