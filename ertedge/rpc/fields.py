"""Fields of requests, checked: spans, moments and resource names that are wrong become InvalidRequestErrors. Floor 3."""

from __future__ import annotations

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from ertedge.errors import InvalidRequestError, NotFoundError
from ertedge.rpc import convert
from ertedge.types import SensorName

SENSORS = "sensors/"
MOST_NS = 2**63 - 1
"""The store counts in signed 64-bit nanoseconds, which last until the year 2262."""


def optional_timestamp_ns(request: Message, field: str) -> int | None:
    """The Timestamp in ``field`` as UTC nanoseconds, None where it is unset."""
    if not request.HasField(field):
        return None
    message: Timestamp = getattr(request, field)
    value_ns = convert.timestamp_ns(message)
    if not 0 <= message.nanos < convert.SECOND_NS or not 0 <= value_ns <= MOST_NS:
        raise InvalidRequestError([(field, "is no moment from 1970 to 2262")])
    return value_ns


def optional_duration_ns(request: Message, field: str) -> int:
    """The Duration in ``field`` in nanoseconds, 0 where it is unset; it must not be negative."""
    message: Duration = getattr(request, field)
    value_ns = convert.duration_ns(message)
    if not 0 <= message.nanos < convert.SECOND_NS or not 0 <= value_ns <= MOST_NS:
        raise InvalidRequestError([(field, "must be a span of zero or more")])
    return value_ns


def sensor_name(name: str) -> SensorName:
    """The sensor that the resource ``name`` names. Raises NotFoundError."""
    try:
        if name.startswith(SENSORS):
            return SensorName(name.removeprefix(SENSORS))
    except ValueError:
        pass
    known = " and ".join(f"{SENSORS}{sensor.value}" for sensor in SensorName)
    raise NotFoundError(f"there is no sensor {name!r}; there are {known}")
