"""Who is in front of the device, and so whose a state is. Floor 2; the clock is the predictions' own.

Where nobody is enrolled, the only profile's person is taken to be there, or the one who said so. Where somebody is, every
readable face is compared with the galleries over a short run of frames. A face that cannot be read (turned away, too dark)
is no evidence against the person who was there; one that can be read and is nobody's makes a bystander, though not from one
frame. What is not yet certain belongs to nobody: whoever sits down is recognised anew and inherits nothing from whoever sat
there before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ertedge.core.watch_sensor import SensorSilence
from ertedge.perception.recognition import NOBODY, Recognised, Recognition, RecognitionLimits
from ertedge.types import (
    EmotionState,
    Float32Array,
    Modality,
    Prediction,
    Presence,
    PresenceKind,
    Profile,
    Purpose,
    Reason,
)

SECOND_NS = 1_000_000_000
SEVERAL_FRAMES = 3
"""Frames in a row with a second face that make it several people."""
SEVERAL_NS = SECOND_NS // 2
"""How long the second face must have been there where frames are rare."""
SEVERAL_LASTS_NS = SECOND_NS
"""Without a second face for so long, one is alone again."""
GONE_NS = SECOND_NS
"""Without any face for so long, the person may have left: the next face is recognised anew."""
STRANGER_NS = SECOND_NS
"""A face that is nobody's for so long is a bystander's; until then it may be a person at an odd angle."""
VOUCHED_NS = 10 * SECOND_NS
"""How long a voice counts for the person who was seen last."""
BLIND_NS = 2 * SECOND_NS
"""Without a look at the camera's frames for so long, there is nothing to recognise anybody by."""
CLOSED = frozenset({Reason.MUTED, Reason.NO_SENSOR, Reason.NO_CONSENT})


NOT_ONES_OWN = frozenset({PresenceKind.NOBODY, PresenceKind.BYSTANDER, PresenceKind.SEVERAL})
"""Presences in which nothing that is seen or heard belongs to anybody: it is neither read, kept nor acted upon."""


class PeoplePort(Protocol):
    """``core.people.people.People``, as far as the flow asks it. Never waits, never raises."""

    def may(self, profile_id: int, purpose: Purpose) -> bool: ...
    @property
    def selected(self) -> int: ...
    @property
    def profiles(self) -> tuple[Profile, ...]: ...
    def language_of(self, profile_id: int) -> str: ...
    def subscribe(self, listener: Callable[[int, Purpose, bool], None]) -> None: ...
    def on_erased(self, listener: Callable[[int], None]) -> None: ...


class HouseholdPort(Protocol):
    """``core.household.Household``, as far as the flow tells it. Never waits, never raises."""

    def follow(self, presence: Presence) -> None:
        """Somebody else is there."""

    def consider(self, state: EmotionState) -> None:
        """A state that is the person's own."""


@dataclass(slots=True)
class _Face:
    """What the frames have said so far; moments are monotonic, 0: never.

    ``recognised`` is the last word of the run, None while there is none. ``nobodys_ns``: since when it is nobody's.
    """

    camera_ns: int = 0
    away_ns: int = 0
    second_ns: int = 0
    second_frames: int = 0
    several_ns: int = 0
    nobodys_ns: int = 0
    vouched_ns: int = 0
    vouched_for: int = NOBODY
    waiting: bool = False
    recognised: Recognised | None = None


class PresenceTracker:
    """Follows who is there over the sensor's events, of which ``newest_ns`` is the newest's moment. ``set_galleries`` tells
    who is enrolled, at any time."""

    def __init__(self, people: PeoplePort, limits: RecognitionLimits) -> None:
        self._people = people
        self._limits = limits
        self._recognition = Recognition({}, limits)
        self._face = _Face()
        self.newest_ns = 0

    def set_galleries(self, galleries: Mapping[int, Float32Array]) -> None:
        """Recognise these profiles from now on, (n, 128) embeddings each; whoever is there is looked at anew."""
        self._recognition = Recognition(galleries, self._limits)
        self._face = _Face(camera_ns=self._face.camera_ns)

    def take(self, event: Prediction | SensorSilence) -> Presence | None:
        """Take in the next event; who is there then, or None while that is being found out."""
        self.newest_ns = event.timestamp_ns
        if isinstance(event, SensorSilence):
            self._lose()
        elif event.modality is Modality.FACE:
            self._look(event)
        return self._decide(event.timestamp_ns)

    def _lose(self) -> None:
        self._recognition.forget()
        self._face = _Face()

    def _look(self, frame: Prediction) -> None:
        if CLOSED.intersection(frame.reasons):
            self._lose()
            return
        face, now_ns = self._face, frame.timestamp_ns
        if now_ns < face.camera_ns:  # a simulation that begins again
            self._lose()
            face = self._face
        face.camera_ns = now_ns
        self._count(frame)
        if frame.faces == 0:
            self._miss(now_ns)
            return
        face.away_ns = 0
        if frame.embedding is not None and self._recognition.people:
            self._compare(frame.embedding, now_ns)

    def _count(self, frame: Prediction) -> None:
        face, now_ns = self._face, frame.timestamp_ns
        if Reason.TWO_PEOPLE not in frame.reasons:
            face.second_ns = face.second_frames = 0
            return
        face.second_frames += 1
        face.second_ns = face.second_ns or now_ns
        if face.second_frames >= SEVERAL_FRAMES or now_ns - face.second_ns >= SEVERAL_NS:
            face.several_ns = now_ns
            self._begin_anew()

    def _miss(self, now_ns: int) -> None:
        face = self._face
        face.away_ns = face.away_ns or now_ns
        if now_ns - face.away_ns >= GONE_NS:
            self._recognition.forget()
            face.recognised, face.nobodys_ns, face.waiting = None, 0, False

    def _compare(self, embedding: Float32Array, now_ns: int) -> None:
        face = self._face
        if face.recognised is None and not face.waiting:
            face.vouched_for, face.waiting = (
                NOBODY,
                True,
            )  # a new face: whoever was here before is not vouched for by it
        face.recognised = self._recognition.take(embedding)
        if face.recognised is None:
            return
        if face.recognised.profile_id == NOBODY:
            face.nobodys_ns = face.nobodys_ns or now_ns
            if now_ns - face.nobodys_ns >= STRANGER_NS:
                face.vouched_for = NOBODY
        else:
            face.nobodys_ns, face.vouched_ns, face.vouched_for = 0, now_ns, face.recognised.profile_id

    def _begin_anew(self) -> None:
        self._recognition.forget()
        face = self._face
        face.recognised, face.nobodys_ns, face.vouched_for, face.waiting = None, 0, NOBODY, False

    def _decide(self, now_ns: int) -> Presence | None:
        face = self._face
        if not self._people.profiles:
            return Presence(now_ns, PresenceKind.UNKNOWN)
        if face.several_ns and now_ns - face.several_ns < SEVERAL_LASTS_NS:
            return Presence(now_ns, PresenceKind.SEVERAL)
        sees = face.camera_ns > 0 and now_ns - face.camera_ns < BLIND_NS
        if not (sees and self._recognition.people):
            return self._assume(now_ns)
        return self._recognise(now_ns)

    def _recognise(self, now_ns: int) -> Presence | None:
        face = self._face
        recognised = face.recognised
        if recognised is not None and recognised.profile_id == NOBODY:
            return self._stranger(recognised, now_ns)
        if face.vouched_for != NOBODY and now_ns - face.vouched_ns < VOUCHED_NS:
            similarity = recognised.similarity if recognised is not None else 0.0
            return Presence(now_ns, PresenceKind.PROFILE, face.vouched_for, similarity)
        if face.waiting and recognised is None:
            return None
        return self._unseen_but_there(now_ns) or Presence(now_ns, PresenceKind.NOBODY)

    def _assume(self, now_ns: int) -> Presence:
        """Who it is taken to be where nobody can be recognised."""
        profiles = self._people.profiles
        number = self._people.selected or (profiles[0].profile_id if len(profiles) == 1 else NOBODY)
        if number == NOBODY:
            return Presence(now_ns, PresenceKind.BYSTANDER)  # one of several people, and nobody says which
        return Presence(now_ns, PresenceKind.ASSUMED, number)

    def _stranger(self, recognised: Recognised, now_ns: int) -> Presence | None:
        """A readable face that is nobody's who is enrolled."""
        if now_ns - self._face.nobodys_ns < STRANGER_NS:
            return None
        assumed = self._unseen_but_there(now_ns, recognised.similarity)
        return assumed or Presence(now_ns, PresenceKind.BYSTANDER, NOBODY, recognised.similarity)

    def _unseen_but_there(self, now_ns: int, similarity: float = 0.0) -> Presence | None:
        """The person who said that it is them, where their face cannot say otherwise since it is not enrolled."""
        number = self._people.selected
        if number == NOBODY or number in self._recognition.people:
            return None
        return Presence(now_ns, PresenceKind.ASSUMED, number, similarity)
