import datetime

from ertedge.v1 import emotion_pb2 as _emotion_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SensorCondition(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SENSOR_CONDITION_UNSPECIFIED: _ClassVar[SensorCondition]
    SENSOR_CONDITION_STARTING: _ClassVar[SensorCondition]
    SENSOR_CONDITION_RUNNING: _ClassVar[SensorCondition]
    SENSOR_CONDITION_MUTED: _ClassVar[SensorCondition]
    SENSOR_CONDITION_MISSING: _ClassVar[SensorCondition]
    SENSOR_CONDITION_BUSY: _ClassVar[SensorCondition]
    SENSOR_CONDITION_FAILED: _ClassVar[SensorCondition]
    SENSOR_CONDITION_HANGING: _ClassVar[SensorCondition]
    SENSOR_CONDITION_ENDED: _ClassVar[SensorCondition]
    SENSOR_CONDITION_OFF: _ClassVar[SensorCondition]
    SENSOR_CONDITION_NOT_PERMITTED: _ClassVar[SensorCondition]

class DriftCondition(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DRIFT_CONDITION_UNSPECIFIED: _ClassVar[DriftCondition]
    DRIFT_CONDITION_OFF: _ClassVar[DriftCondition]
    DRIFT_CONDITION_GATHERING: _ClassVar[DriftCondition]
    DRIFT_CONDITION_STEADY: _ClassVar[DriftCondition]
    DRIFT_CONDITION_DRIFTED: _ClassVar[DriftCondition]

class DriftSign(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    DRIFT_SIGN_UNSPECIFIED: _ClassVar[DriftSign]
    DRIFT_SIGN_REFUSED: _ClassVar[DriftSign]
    DRIFT_SIGN_UNSURE: _ClassVar[DriftSign]
    DRIFT_SIGN_UNLIKE: _ClassVar[DriftSign]
    DRIFT_SIGN_UNSEEN: _ClassVar[DriftSign]
SENSOR_CONDITION_UNSPECIFIED: SensorCondition
SENSOR_CONDITION_STARTING: SensorCondition
SENSOR_CONDITION_RUNNING: SensorCondition
SENSOR_CONDITION_MUTED: SensorCondition
SENSOR_CONDITION_MISSING: SensorCondition
SENSOR_CONDITION_BUSY: SensorCondition
SENSOR_CONDITION_FAILED: SensorCondition
SENSOR_CONDITION_HANGING: SensorCondition
SENSOR_CONDITION_ENDED: SensorCondition
SENSOR_CONDITION_OFF: SensorCondition
SENSOR_CONDITION_NOT_PERMITTED: SensorCondition
DRIFT_CONDITION_UNSPECIFIED: DriftCondition
DRIFT_CONDITION_OFF: DriftCondition
DRIFT_CONDITION_GATHERING: DriftCondition
DRIFT_CONDITION_STEADY: DriftCondition
DRIFT_CONDITION_DRIFTED: DriftCondition
DRIFT_SIGN_UNSPECIFIED: DriftSign
DRIFT_SIGN_REFUSED: DriftSign
DRIFT_SIGN_UNSURE: DriftSign
DRIFT_SIGN_UNLIKE: DriftSign
DRIFT_SIGN_UNSEEN: DriftSign

class Sensor(_message.Message):
    __slots__ = ("name", "modality", "condition", "muted", "device", "detail", "record_count", "lost_count", "rate_hz", "reopen_count")
    NAME_FIELD_NUMBER: _ClassVar[int]
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    MUTED_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    RECORD_COUNT_FIELD_NUMBER: _ClassVar[int]
    LOST_COUNT_FIELD_NUMBER: _ClassVar[int]
    RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    REOPEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    name: str
    modality: _emotion_pb2.Modality
    condition: SensorCondition
    muted: bool
    device: str
    detail: str
    record_count: int
    lost_count: int
    rate_hz: float
    reopen_count: int
    def __init__(self, name: _Optional[str] = ..., modality: _Optional[_Union[_emotion_pb2.Modality, str]] = ..., condition: _Optional[_Union[SensorCondition, str]] = ..., muted: bool = ..., device: _Optional[str] = ..., detail: _Optional[str] = ..., record_count: _Optional[int] = ..., lost_count: _Optional[int] = ..., rate_hz: _Optional[float] = ..., reopen_count: _Optional[int] = ...) -> None: ...

class Model(_message.Message):
    __slots__ = ("name", "version", "file", "sha256", "runtime", "size_bytes", "terms", "labels", "inference_duration")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    FILE_FIELD_NUMBER: _ClassVar[int]
    SHA256_FIELD_NUMBER: _ClassVar[int]
    RUNTIME_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    TERMS_FIELD_NUMBER: _ClassVar[int]
    LABELS_FIELD_NUMBER: _ClassVar[int]
    INFERENCE_DURATION_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    file: str
    sha256: str
    runtime: str
    size_bytes: int
    terms: str
    labels: _containers.RepeatedScalarFieldContainer[str]
    inference_duration: _duration_pb2.Duration
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., file: _Optional[str] = ..., sha256: _Optional[str] = ..., runtime: _Optional[str] = ..., size_bytes: _Optional[int] = ..., terms: _Optional[str] = ..., labels: _Optional[_Iterable[str]] = ..., inference_duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class DeviceStatus(_message.Message):
    __slots__ = ("name", "version", "time", "start_time", "source", "synthetic", "sensor_connected", "sensor_restart_count", "sensors", "models", "processes", "store", "watcher_count", "last_sequence", "drifts")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SYNTHETIC_FIELD_NUMBER: _ClassVar[int]
    SENSOR_CONNECTED_FIELD_NUMBER: _ClassVar[int]
    SENSOR_RESTART_COUNT_FIELD_NUMBER: _ClassVar[int]
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    PROCESSES_FIELD_NUMBER: _ClassVar[int]
    STORE_FIELD_NUMBER: _ClassVar[int]
    WATCHER_COUNT_FIELD_NUMBER: _ClassVar[int]
    LAST_SEQUENCE_FIELD_NUMBER: _ClassVar[int]
    DRIFTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    version: str
    time: _timestamp_pb2.Timestamp
    start_time: _timestamp_pb2.Timestamp
    source: str
    synthetic: bool
    sensor_connected: bool
    sensor_restart_count: int
    sensors: _containers.RepeatedCompositeFieldContainer[Sensor]
    models: _containers.RepeatedCompositeFieldContainer[Model]
    processes: _containers.RepeatedCompositeFieldContainer[ProcessStatus]
    store: StoreStatus
    watcher_count: int
    last_sequence: int
    drifts: _containers.RepeatedCompositeFieldContainer[ModalityDrift]
    def __init__(self, name: _Optional[str] = ..., version: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., source: _Optional[str] = ..., synthetic: bool = ..., sensor_connected: bool = ..., sensor_restart_count: _Optional[int] = ..., sensors: _Optional[_Iterable[_Union[Sensor, _Mapping]]] = ..., models: _Optional[_Iterable[_Union[Model, _Mapping]]] = ..., processes: _Optional[_Iterable[_Union[ProcessStatus, _Mapping]]] = ..., store: _Optional[_Union[StoreStatus, _Mapping]] = ..., watcher_count: _Optional[int] = ..., last_sequence: _Optional[int] = ..., drifts: _Optional[_Iterable[_Union[ModalityDrift, _Mapping]]] = ...) -> None: ...

class ModalityDrift(_message.Message):
    __slots__ = ("modality", "condition", "signs", "detail", "start_time")
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    SIGNS_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    modality: _emotion_pb2.Modality
    condition: DriftCondition
    signs: _containers.RepeatedScalarFieldContainer[DriftSign]
    detail: str
    start_time: _timestamp_pb2.Timestamp
    def __init__(self, modality: _Optional[_Union[_emotion_pb2.Modality, str]] = ..., condition: _Optional[_Union[DriftCondition, str]] = ..., signs: _Optional[_Iterable[_Union[DriftSign, str]]] = ..., detail: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class ProcessStatus(_message.Message):
    __slots__ = ("process", "resident_bytes", "cpu_time")
    PROCESS_FIELD_NUMBER: _ClassVar[int]
    RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    CPU_TIME_FIELD_NUMBER: _ClassVar[int]
    process: str
    resident_bytes: int
    cpu_time: _duration_pb2.Duration
    def __init__(self, process: _Optional[str] = ..., resident_bytes: _Optional[int] = ..., cpu_time: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class StoreStatus(_message.Message):
    __slots__ = ("writing", "detail", "size_bytes", "free_bytes", "state_count", "lost_count")
    WRITING_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    FREE_BYTES_FIELD_NUMBER: _ClassVar[int]
    STATE_COUNT_FIELD_NUMBER: _ClassVar[int]
    LOST_COUNT_FIELD_NUMBER: _ClassVar[int]
    writing: bool
    detail: str
    size_bytes: int
    free_bytes: int
    state_count: int
    lost_count: int
    def __init__(self, writing: bool = ..., detail: _Optional[str] = ..., size_bytes: _Optional[int] = ..., free_bytes: _Optional[int] = ..., state_count: _Optional[int] = ..., lost_count: _Optional[int] = ...) -> None: ...

class PrivacyLedgerEntry(_message.Message):
    __slots__ = ("name", "time", "event", "subject", "detail")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TIME_FIELD_NUMBER: _ClassVar[int]
    EVENT_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    name: str
    time: _timestamp_pb2.Timestamp
    event: str
    subject: str
    detail: str
    def __init__(self, name: _Optional[str] = ..., time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., event: _Optional[str] = ..., subject: _Optional[str] = ..., detail: _Optional[str] = ...) -> None: ...

class GetDeviceStatusRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class ListSensorsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListSensorsResponse(_message.Message):
    __slots__ = ("sensors", "next_page_token")
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    sensors: _containers.RepeatedCompositeFieldContainer[Sensor]
    next_page_token: str
    def __init__(self, sensors: _Optional[_Iterable[_Union[Sensor, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class GetSensorRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class MuteSensorRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class MuteSensorResponse(_message.Message):
    __slots__ = ("sensor",)
    SENSOR_FIELD_NUMBER: _ClassVar[int]
    sensor: Sensor
    def __init__(self, sensor: _Optional[_Union[Sensor, _Mapping]] = ...) -> None: ...

class UnmuteSensorRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class UnmuteSensorResponse(_message.Message):
    __slots__ = ("sensor",)
    SENSOR_FIELD_NUMBER: _ClassVar[int]
    sensor: Sensor
    def __init__(self, sensor: _Optional[_Union[Sensor, _Mapping]] = ...) -> None: ...

class ListModelsRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListModelsResponse(_message.Message):
    __slots__ = ("models", "next_page_token")
    MODELS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    models: _containers.RepeatedCompositeFieldContainer[Model]
    next_page_token: str
    def __init__(self, models: _Optional[_Iterable[_Union[Model, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class ListPrivacyLedgerEntriesRequest(_message.Message):
    __slots__ = ("page_size", "page_token")
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    page_size: int
    page_token: str
    def __init__(self, page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListPrivacyLedgerEntriesResponse(_message.Message):
    __slots__ = ("privacy_ledger_entries", "next_page_token")
    PRIVACY_LEDGER_ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    privacy_ledger_entries: _containers.RepeatedCompositeFieldContainer[PrivacyLedgerEntry]
    next_page_token: str
    def __init__(self, privacy_ledger_entries: _Optional[_Iterable[_Union[PrivacyLedgerEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...
