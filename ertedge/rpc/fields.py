"""Fields of requests, checked: spans, moments, names and words that are wrong become InvalidRequestErrors. Floor 3."""

from __future__ import annotations

import re
from typing import Any

from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from ertedge.errors import InvalidRequestError, NotFoundError
from ertedge.rpc import convert
from ertedge.types import SensorName

SENSORS = "sensors/"
ACTIVITIES = "activities/"
NUMBER_MOST = 2**63 - 1
REQUEST_ID_MOST = 128
WORDS_MOST = 200
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


def profile_of(request: Any) -> int | None:
    """The number in the request's ``profile``; None where it is empty, which means whoever is in front of the device."""
    return number_of(request.profile, convert.PROFILES, "profile") if request.profile else None


def number_of(name: str, collection: str, field: str = "name") -> int:
    """The number in a resource name such as ``suggestions/7`` of the ``collection`` ``suggestions/``, from ``field``."""
    number = name.removeprefix(collection)
    if not name.startswith(collection) or not is_number(number):
        raise InvalidRequestError([(field, f"is {name[:80]!r}; use {collection}NUMBER")])
    return int(number)


def is_number(text: str) -> bool:
    """Whether ``text`` is a whole number that the store can hold."""
    return bool(re.fullmatch(r"[0-9]{1,19}", text)) and int(text) <= NUMBER_MOST


def activity_id(name: str) -> str:
    """The id in a resource name such as ``activities/box_breathing``."""
    found = name.removeprefix(ACTIVITIES)
    if not name.startswith(ACTIVITIES) or not re.fullmatch(r"[a-z0-9_-]{1,80}", found):
        raise InvalidRequestError([("name", f"is {name[:80]!r}; use {ACTIVITIES}ID, with an id from the catalogue")])
    return found


def language(code: str, field: str = "language_code") -> str:
    """An ISO 639-1 code, or nothing for the device's language, from ``field``."""
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise InvalidRequestError([(field, f"is {code[:20]!r}; use two letters such as en, or leave it out")])
    return code


def request_id(given: str) -> str:
    """An id by which a repeated request is known; may be empty."""
    if len(given) > REQUEST_ID_MOST or not given.isprintable():
        raise InvalidRequestError([("request_id", f"must be at most {REQUEST_ID_MOST} printable characters")])
    return given


def words(request: Any, field: str) -> str:
    """What a person wrote into ``field``, which must not be empty, in one line."""
    given = " ".join(str(getattr(request, field)).split())
    if not given or len(given) > WORDS_MOST or not given.isprintable():
        raise InvalidRequestError([(field, f"must be given, in at most {WORDS_MOST} characters")])
    return given


def digest(given: str, field: str = "digest", came_with: str = "the activity") -> str:
    """A SHA-256 in hexadecimal, or nothing, from ``field``; ``came_with`` is what it was shown with."""
    if given and not re.fullmatch(r"[0-9a-f]{64}", given):
        raise InvalidRequestError([(field, f"is no SHA-256; use the digest that came with {came_with}")])
    return given
