from ertedge.v1 import device_service_pb2 as _device_service_pb2
from ertedge.v1 import emotion_pb2 as _emotion_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class PromptPersonRequest(_message.Message):
    __slots__ = ("emotion",)
    EMOTION_FIELD_NUMBER: _ClassVar[int]
    emotion: _emotion_pb2.Emotion
    def __init__(self, emotion: _Optional[_Union[_emotion_pb2.Emotion, str]] = ...) -> None: ...

class PromptPersonResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchPredictionsRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class WatchPredictionsResponse(_message.Message):
    __slots__ = ("prediction", "report")
    PREDICTION_FIELD_NUMBER: _ClassVar[int]
    REPORT_FIELD_NUMBER: _ClassVar[int]
    prediction: Prediction
    report: Report
    def __init__(self, prediction: _Optional[_Union[Prediction, _Mapping]] = ..., report: _Optional[_Union[Report, _Mapping]] = ...) -> None: ...

class Prediction(_message.Message):
    __slots__ = ("modality", "timestamp_ns", "probabilities", "quality", "reasons", "face_count", "embedding")
    MODALITY_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    PROBABILITIES_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    REASONS_FIELD_NUMBER: _ClassVar[int]
    FACE_COUNT_FIELD_NUMBER: _ClassVar[int]
    EMBEDDING_FIELD_NUMBER: _ClassVar[int]
    modality: _emotion_pb2.Modality
    timestamp_ns: int
    probabilities: _containers.RepeatedScalarFieldContainer[float]
    quality: float
    reasons: _containers.RepeatedScalarFieldContainer[_emotion_pb2.Reason]
    face_count: int
    embedding: _containers.RepeatedScalarFieldContainer[float]
    def __init__(self, modality: _Optional[_Union[_emotion_pb2.Modality, str]] = ..., timestamp_ns: _Optional[int] = ..., probabilities: _Optional[_Iterable[float]] = ..., quality: _Optional[float] = ..., reasons: _Optional[_Iterable[_Union[_emotion_pb2.Reason, str]]] = ..., face_count: _Optional[int] = ..., embedding: _Optional[_Iterable[float]] = ...) -> None: ...

class Report(_message.Message):
    __slots__ = ("timestamp_ns", "sensors", "models", "source", "synthetic", "resident_bytes", "cpu_seconds", "clock_offset_ns")
    TIMESTAMP_NS_FIELD_NUMBER: _ClassVar[int]
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    SYNTHETIC_FIELD_NUMBER: _ClassVar[int]
    RESIDENT_BYTES_FIELD_NUMBER: _ClassVar[int]
    CPU_SECONDS_FIELD_NUMBER: _ClassVar[int]
    CLOCK_OFFSET_NS_FIELD_NUMBER: _ClassVar[int]
    timestamp_ns: int
    sensors: _containers.RepeatedCompositeFieldContainer[SensorStatus]
    models: _containers.RepeatedCompositeFieldContainer[_device_service_pb2.Model]
    source: str
    synthetic: bool
    resident_bytes: int
    cpu_seconds: float
    clock_offset_ns: int
    def __init__(self, timestamp_ns: _Optional[int] = ..., sensors: _Optional[_Iterable[_Union[SensorStatus, _Mapping]]] = ..., models: _Optional[_Iterable[_Union[_device_service_pb2.Model, _Mapping]]] = ..., source: _Optional[str] = ..., synthetic: bool = ..., resident_bytes: _Optional[int] = ..., cpu_seconds: _Optional[float] = ..., clock_offset_ns: _Optional[int] = ...) -> None: ...

class SensorStatus(_message.Message):
    __slots__ = ("sensor", "condition", "device", "detail", "record_count", "lost_count", "rate_hz", "reopen_count", "since_ns")
    SENSOR_FIELD_NUMBER: _ClassVar[int]
    CONDITION_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    RECORD_COUNT_FIELD_NUMBER: _ClassVar[int]
    LOST_COUNT_FIELD_NUMBER: _ClassVar[int]
    RATE_HZ_FIELD_NUMBER: _ClassVar[int]
    REOPEN_COUNT_FIELD_NUMBER: _ClassVar[int]
    SINCE_NS_FIELD_NUMBER: _ClassVar[int]
    sensor: str
    condition: _device_service_pb2.SensorCondition
    device: str
    detail: str
    record_count: int
    lost_count: int
    rate_hz: float
    reopen_count: int
    since_ns: int
    def __init__(self, sensor: _Optional[str] = ..., condition: _Optional[_Union[_device_service_pb2.SensorCondition, str]] = ..., device: _Optional[str] = ..., detail: _Optional[str] = ..., record_count: _Optional[int] = ..., lost_count: _Optional[int] = ..., rate_hz: _Optional[float] = ..., reopen_count: _Optional[int] = ..., since_ns: _Optional[int] = ...) -> None: ...

class MuteSensorRequest(_message.Message):
    __slots__ = ("sensor",)
    SENSOR_FIELD_NUMBER: _ClassVar[int]
    sensor: str
    def __init__(self, sensor: _Optional[str] = ...) -> None: ...

class MuteSensorResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: SensorStatus
    def __init__(self, status: _Optional[_Union[SensorStatus, _Mapping]] = ...) -> None: ...

class UnmuteSensorRequest(_message.Message):
    __slots__ = ("sensor",)
    SENSOR_FIELD_NUMBER: _ClassVar[int]
    sensor: str
    def __init__(self, sensor: _Optional[str] = ...) -> None: ...

class UnmuteSensorResponse(_message.Message):
    __slots__ = ("status",)
    STATUS_FIELD_NUMBER: _ClassVar[int]
    status: SensorStatus
    def __init__(self, status: _Optional[_Union[SensorStatus, _Mapping]] = ...) -> None: ...

class PermitSensorsRequest(_message.Message):
    __slots__ = ("sensors",)
    SENSORS_FIELD_NUMBER: _ClassVar[int]
    sensors: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, sensors: _Optional[_Iterable[str]] = ...) -> None: ...

class PermitSensorsResponse(_message.Message):
    __slots__ = ("statuses",)
    STATUSES_FIELD_NUMBER: _ClassVar[int]
    statuses: _containers.RepeatedCompositeFieldContainer[SensorStatus]
    def __init__(self, statuses: _Optional[_Iterable[_Union[SensorStatus, _Mapping]]] = ...) -> None: ...
