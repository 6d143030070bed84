"""The people of a device: profiles, what each has agreed to, and who is in front of it now. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Purpose(StrEnum):
    """What a person may agree to, each for itself."""

    SENSE_FACE = "sense_face"
    SENSE_VOICE = "sense_voice"
    KEEP_HISTORY = "keep_history"
    FACE_RECOGNITION = "face_recognition"
    STUDY = "study"


@dataclass(frozen=True, slots=True)
class Profile:
    """A person enrolled on the device.

    ``profile_id`` is 1 or more, never given twice. ``language`` is ISO 639-1, empty: the device's. ``etag`` changes with
    every change, so that an update may name the one that it was made from.
    """

    profile_id: int
    display_name: str
    language: str
    create_wall_time_ns: int
    update_wall_time_ns: int
    etag: str


@dataclass(frozen=True, slots=True)
class ConsentText:
    """What a person is shown before they agree to ``purpose``. A text of a version never changes; ``digest`` is its
    SHA-256 in hexadecimal. ``machine_drafted``: translated by a machine, and no speaker of the language has read it yet."""

    purpose: Purpose
    version: int
    language: str
    title: str
    text: str
    digest: str
    machine_drafted: bool = False


@dataclass(frozen=True, slots=True)
class TransparencyNotice:
    """That the device reads emotions, told to whoever comes before it first. Fields as in ``ConsentText``."""

    version: int
    language: str
    title: str
    text: str
    digest: str
    machine_drafted: bool = False


@dataclass(frozen=True, slots=True)
class ConsentReceipt:
    """That a person agreed (``given``), or withdrew, at a moment, and to which text. Never changed, never removed but with
    the person."""

    receipt_id: int
    profile_id: int
    purpose: Purpose
    given: bool
    text_version: int
    text_language: str
    text_digest: str
    wall_time_ns: int


class PresenceKind(StrEnum):
    """Who is in front of the device.

    ``NOBODY``: no face, no speech. ``PROFILE``: the person of a profile, recognised. ``ASSUMED``: taken for the person of
    a profile, since the device has no other, or because they said so. ``BYSTANDER``: somebody else. ``SEVERAL``: more
    than one person. ``UNKNOWN``: there is no profile yet.
    """

    NOBODY = "nobody"
    PROFILE = "profile"
    ASSUMED = "assumed"
    BYSTANDER = "bystander"
    SEVERAL = "several"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Presence:
    """Who is in front of the device at ``timestamp_ns`` (monotonic). ``profile_id`` is 0 unless it is a profile's person;
    ``similarity`` is the cosine to the nearest enrolled face, 0 where none was compared."""

    timestamp_ns: int
    kind: PresenceKind
    profile_id: int = 0
    similarity: float = 0.0
