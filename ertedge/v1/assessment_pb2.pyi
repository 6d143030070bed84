import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RedFlag(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RED_FLAG_UNSPECIFIED: _ClassVar[RedFlag]
    RED_FLAG_LIFE_NOT_WORTHWHILE: _ClassVar[RedFlag]
    RED_FLAG_SELF_HARM_THOUGHTS: _ClassVar[RedFlag]
    RED_FLAG_EXTREMELY_SEVERE: _ClassVar[RedFlag]

class AssessmentStatus(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    ASSESSMENT_STATUS_UNSPECIFIED: _ClassVar[AssessmentStatus]
    ASSESSMENT_STATUS_IN_PROGRESS: _ClassVar[AssessmentStatus]
    ASSESSMENT_STATUS_COMPLETED: _ClassVar[AssessmentStatus]
    ASSESSMENT_STATUS_AMENDED: _ClassVar[AssessmentStatus]

class ChangeKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    CHANGE_KIND_UNSPECIFIED: _ClassVar[ChangeKind]
    CHANGE_KIND_IMPROVED: _ClassVar[ChangeKind]
    CHANGE_KIND_WORSENED: _ClassVar[ChangeKind]
    CHANGE_KIND_UNCERTAIN: _ClassVar[ChangeKind]
RED_FLAG_UNSPECIFIED: RedFlag
RED_FLAG_LIFE_NOT_WORTHWHILE: RedFlag
RED_FLAG_SELF_HARM_THOUGHTS: RedFlag
RED_FLAG_EXTREMELY_SEVERE: RedFlag
ASSESSMENT_STATUS_UNSPECIFIED: AssessmentStatus
ASSESSMENT_STATUS_IN_PROGRESS: AssessmentStatus
ASSESSMENT_STATUS_COMPLETED: AssessmentStatus
ASSESSMENT_STATUS_AMENDED: AssessmentStatus
CHANGE_KIND_UNSPECIFIED: ChangeKind
CHANGE_KIND_IMPROVED: ChangeKind
CHANGE_KIND_WORSENED: ChangeKind
CHANGE_KIND_UNCERTAIN: ChangeKind

class Questionnaire(_message.Message):
    __slots__ = ("name", "url", "version", "language_code", "title", "instruction", "attribution", "terms", "items", "scales", "scoring_source")
    NAME_FIELD_NUMBER: _ClassVar[int]
    URL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    INSTRUCTION_FIELD_NUMBER: _ClassVar[int]
    ATTRIBUTION_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    ITEMS_FIELD_NUMBER: _ClassVar[int]
    SCALES_FIELD_NUMBER: _ClassVar[int]
    SCORING_SOURCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    url: str
    version: str
    language_code: str
    title: str
    instruction: str
    attribution: str
    terms: str
    items: _containers.RepeatedCompositeFieldContainer[QuestionnaireItem]
    scales: _containers.RepeatedCompositeFieldContainer[Scale]
    scoring_source: str
    def __init__(self, name: _Optional[str] = ..., url: _Optional[str] = ..., version: _Optional[str] = ..., language_code: _Optional[str] = ..., title: _Optional[str] = ..., instruction: _Optional[str] = ..., attribution: _Optional[str] = ..., terms: _Optional[str] = ..., items: _Optional[_Iterable[_Union[QuestionnaireItem, _Mapping]]] = ..., scales: _Optional[_Iterable[_Union[Scale, _Mapping]]] = ..., scoring_source: _Optional[str] = ...) -> None: ...

class QuestionnaireItem(_message.Message):
    __slots__ = ("link_id", "number", "text", "choices", "groups")
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    GROUPS_FIELD_NUMBER: _ClassVar[int]
    link_id: str
    number: str
    text: str
    choices: _containers.RepeatedCompositeFieldContainer[AnswerChoice]
    groups: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, link_id: _Optional[str] = ..., number: _Optional[str] = ..., text: _Optional[str] = ..., choices: _Optional[_Iterable[_Union[AnswerChoice, _Mapping]]] = ..., groups: _Optional[_Iterable[str]] = ...) -> None: ...

class AnswerChoice(_message.Message):
    __slots__ = ("code", "text", "value", "system")
    CODE_FIELD_NUMBER: _ClassVar[int]
    TEXT_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    SYSTEM_FIELD_NUMBER: _ClassVar[int]
    code: str
    text: str
    value: int
    system: str
    def __init__(self, code: _Optional[str] = ..., text: _Optional[str] = ..., value: _Optional[int] = ..., system: _Optional[str] = ...) -> None: ...

class Scale(_message.Message):
    __slots__ = ("scale_id", "title", "link_ids", "multiplier", "most", "missing_most", "missing_source", "higher_is_better", "bands", "change", "cut_off", "cut_off_source")
    SCALE_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    LINK_IDS_FIELD_NUMBER: _ClassVar[int]
    MULTIPLIER_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    MISSING_MOST_FIELD_NUMBER: _ClassVar[int]
    MISSING_SOURCE_FIELD_NUMBER: _ClassVar[int]
    HIGHER_IS_BETTER_FIELD_NUMBER: _ClassVar[int]
    BANDS_FIELD_NUMBER: _ClassVar[int]
    CHANGE_FIELD_NUMBER: _ClassVar[int]
    CUT_OFF_FIELD_NUMBER: _ClassVar[int]
    CUT_OFF_SOURCE_FIELD_NUMBER: _ClassVar[int]
    scale_id: str
    title: str
    link_ids: _containers.RepeatedScalarFieldContainer[str]
    multiplier: int
    most: int
    missing_most: int
    missing_source: str
    higher_is_better: bool
    bands: _containers.RepeatedCompositeFieldContainer[ScoreBand]
    change: ChangeRule
    cut_off: int
    cut_off_source: str
    def __init__(self, scale_id: _Optional[str] = ..., title: _Optional[str] = ..., link_ids: _Optional[_Iterable[str]] = ..., multiplier: _Optional[int] = ..., most: _Optional[int] = ..., missing_most: _Optional[int] = ..., missing_source: _Optional[str] = ..., higher_is_better: bool = ..., bands: _Optional[_Iterable[_Union[ScoreBand, _Mapping]]] = ..., change: _Optional[_Union[ChangeRule, _Mapping]] = ..., cut_off: _Optional[int] = ..., cut_off_source: _Optional[str] = ...) -> None: ...

class ScoreBand(_message.Message):
    __slots__ = ("band_id", "low", "high", "title", "words", "red_flag")
    BAND_ID_FIELD_NUMBER: _ClassVar[int]
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    WORDS_FIELD_NUMBER: _ClassVar[int]
    RED_FLAG_FIELD_NUMBER: _ClassVar[int]
    band_id: str
    low: int
    high: int
    title: str
    words: str
    red_flag: RedFlag
    def __init__(self, band_id: _Optional[str] = ..., low: _Optional[int] = ..., high: _Optional[int] = ..., title: _Optional[str] = ..., words: _Optional[str] = ..., red_flag: _Optional[_Union[RedFlag, str]] = ...) -> None: ...

class ChangeRule(_message.Message):
    __slots__ = ("points", "source", "mean", "sd", "reliability")
    POINTS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    MEAN_FIELD_NUMBER: _ClassVar[int]
    SD_FIELD_NUMBER: _ClassVar[int]
    RELIABILITY_FIELD_NUMBER: _ClassVar[int]
    points: float
    source: str
    mean: float
    sd: float
    reliability: float
    def __init__(self, points: _Optional[float] = ..., source: _Optional[str] = ..., mean: _Optional[float] = ..., sd: _Optional[float] = ..., reliability: _Optional[float] = ...) -> None: ...

class Assessment(_message.Message):
    __slots__ = ("name", "profile", "questionnaire", "questionnaire_version", "language_code", "status", "create_time", "update_time", "complete_time", "answers", "next_link_id", "scores", "red_flags", "amendments", "fhir_json")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    QUESTIONNAIRE_FIELD_NUMBER: _ClassVar[int]
    QUESTIONNAIRE_VERSION_FIELD_NUMBER: _ClassVar[int]
    LANGUAGE_CODE_FIELD_NUMBER: _ClassVar[int]
    STATUS_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    ANSWERS_FIELD_NUMBER: _ClassVar[int]
    NEXT_LINK_ID_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    RED_FLAGS_FIELD_NUMBER: _ClassVar[int]
    AMENDMENTS_FIELD_NUMBER: _ClassVar[int]
    FHIR_JSON_FIELD_NUMBER: _ClassVar[int]
    name: str
    profile: str
    questionnaire: str
    questionnaire_version: str
    language_code: str
    status: AssessmentStatus
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    complete_time: _timestamp_pb2.Timestamp
    answers: _containers.RepeatedCompositeFieldContainer[ItemAnswer]
    next_link_id: str
    scores: _containers.RepeatedCompositeFieldContainer[ScaleScore]
    red_flags: _containers.RepeatedScalarFieldContainer[RedFlag]
    amendments: _containers.RepeatedCompositeFieldContainer[Amendment]
    fhir_json: str
    def __init__(self, name: _Optional[str] = ..., profile: _Optional[str] = ..., questionnaire: _Optional[str] = ..., questionnaire_version: _Optional[str] = ..., language_code: _Optional[str] = ..., status: _Optional[_Union[AssessmentStatus, str]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., answers: _Optional[_Iterable[_Union[ItemAnswer, _Mapping]]] = ..., next_link_id: _Optional[str] = ..., scores: _Optional[_Iterable[_Union[ScaleScore, _Mapping]]] = ..., red_flags: _Optional[_Iterable[_Union[RedFlag, str]]] = ..., amendments: _Optional[_Iterable[_Union[Amendment, _Mapping]]] = ..., fhir_json: _Optional[str] = ...) -> None: ...

class ItemAnswer(_message.Message):
    __slots__ = ("link_id", "answer_code")
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    ANSWER_CODE_FIELD_NUMBER: _ClassVar[int]
    link_id: str
    answer_code: str
    def __init__(self, link_id: _Optional[str] = ..., answer_code: _Optional[str] = ...) -> None: ...

class Amendment(_message.Message):
    __slots__ = ("time", "link_id", "code_before", "code_after", "reason")
    TIME_FIELD_NUMBER: _ClassVar[int]
    LINK_ID_FIELD_NUMBER: _ClassVar[int]
    CODE_BEFORE_FIELD_NUMBER: _ClassVar[int]
    CODE_AFTER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    time: _timestamp_pb2.Timestamp
    link_id: str
    code_before: str
    code_after: str
    reason: str
    def __init__(self, time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., link_id: _Optional[str] = ..., code_before: _Optional[str] = ..., code_after: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class ScaleScore(_message.Message):
    __slots__ = ("scale_id", "title", "score", "most", "answered_count", "missing_count", "band")
    SCALE_ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    MOST_FIELD_NUMBER: _ClassVar[int]
    ANSWERED_COUNT_FIELD_NUMBER: _ClassVar[int]
    MISSING_COUNT_FIELD_NUMBER: _ClassVar[int]
    BAND_FIELD_NUMBER: _ClassVar[int]
    scale_id: str
    title: str
    score: int
    most: int
    answered_count: int
    missing_count: int
    band: ScoreBand
    def __init__(self, scale_id: _Optional[str] = ..., title: _Optional[str] = ..., score: _Optional[int] = ..., most: _Optional[int] = ..., answered_count: _Optional[int] = ..., missing_count: _Optional[int] = ..., band: _Optional[_Union[ScoreBand, _Mapping]] = ...) -> None: ...

class ScaleChange(_message.Message):
    __slots__ = ("scale_id", "before", "after", "before_time", "points", "kind", "index", "crossed")
    SCALE_ID_FIELD_NUMBER: _ClassVar[int]
    BEFORE_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    BEFORE_TIME_FIELD_NUMBER: _ClassVar[int]
    POINTS_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    INDEX_FIELD_NUMBER: _ClassVar[int]
    CROSSED_FIELD_NUMBER: _ClassVar[int]
    scale_id: str
    before: int
    after: int
    before_time: _timestamp_pb2.Timestamp
    points: float
    kind: ChangeKind
    index: float
    crossed: bool
    def __init__(self, scale_id: _Optional[str] = ..., before: _Optional[int] = ..., after: _Optional[int] = ..., before_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., points: _Optional[float] = ..., kind: _Optional[_Union[ChangeKind, str]] = ..., index: _Optional[float] = ..., crossed: bool = ...) -> None: ...

class AssessmentReminder(_message.Message):
    __slots__ = ("profile", "questionnaire", "time", "expire_time")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    QUESTIONNAIRE_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    profile: str
    questionnaire: str
    time: _timestamp_pb2.Timestamp
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, profile: _Optional[str] = ..., questionnaire: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...
