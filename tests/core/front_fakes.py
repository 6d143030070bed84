"""People as the flow asks of them, frames and windows of them, and a front made of the real parts around these."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from ertedge.config import Config
from ertedge.core.clock import Clock
from ertedge.core.front.calibration_session import SessionPace
from ertedge.core.front.front import Front, FrontSettings
from ertedge.core.front.port import FrontRecorder
from ertedge.core.front.words import load_front_words
from ertedge.perception.recognition import RecognitionLimits
from ertedge.types import (
    CalibrationLabel,
    Emotion,
    EmotionState,
    Float32Array,
    LabelSource,
    Modality,
    ModalityEvidence,
    Prediction,
    Presence,
    Profile,
    Purpose,
    Reason,
)
from tests.affect.people import population
from tests.core.fakes import SECOND_NS, leaning
from tests.perception.people import face_like, person

LIMITS = RecognitionLimits(accept=0.637, keep=0.583, nearest=2)
FACE_NETWORK = "ab" * 32
ANN, BEN, STRANGER = person(1), person(2), person(3)
FRAME_NS = SECOND_NS // 10
QUICK = SessionPace(prepare=0.04, take=0.12, say=0.01, tick=0.01, face_lead=0.0, voice_lead=0.0)


def gallery(of: Float32Array, seed: int = 0) -> Float32Array:
    """A dozen enrolled frames of somebody."""
    return np.stack([face_like(of, 0.9, seed + number) for number in range(12)])


@dataclass
class FakePeople:
    """Profiles by number with what each has agreed to; by default nobody, as on a new device."""

    agreed: dict[int, set[Purpose]] = field(default_factory=dict)
    selected: int = 0
    language: str = ""

    def __post_init__(self) -> None:
        self.listeners: list[Callable[[int, Purpose, bool], None]] = []
        self.erasure_listeners: list[Callable[[int], None]] = []

    @classmethod
    def of(cls, *numbers: int) -> FakePeople:
        """People who have agreed to everything."""
        return cls({number: set(Purpose) for number in numbers})

    @property
    def profiles(self) -> tuple[Profile, ...]:
        return tuple(Profile(number, f"P{number}", self.language, 1, 1, "e") for number in sorted(self.agreed))

    def language_of(self, profile_id: int) -> str:
        return self.language

    def may(self, profile_id: int, purpose: Purpose) -> bool:
        if profile_id == 0:
            return purpose in (Purpose.SENSE_FACE, Purpose.SENSE_VOICE, Purpose.KEEP_HISTORY)
        return purpose in self.agreed.get(profile_id, set())

    def subscribe(self, listener: Callable[[int, Purpose, bool], None]) -> None:
        self.listeners.append(listener)

    def on_erased(self, listener: Callable[[int], None]) -> None:
        self.erasure_listeners.append(listener)

    def withdraw(self, profile_id: int, purpose: Purpose) -> None:
        self.agreed[profile_id].discard(purpose)
        for listener in self.listeners:
            listener(profile_id, purpose, False)

    def erase(self, profile_id: int) -> None:
        for purpose in tuple(self.agreed.pop(profile_id)):
            for listener in self.listeners:
                listener(profile_id, purpose, False)
        for erased in self.erasure_listeners:
            erased(profile_id)


def frame(
    number: int,
    of: Float32Array | None = ANN,
    *,
    at_ns: int | None = None,
    reasons: tuple[Reason, ...] = (),
    faces: int = 1,
    emotion: Emotion = Emotion.HAPPINESS,
    quality: float = 0.95,
    cosine: float = 0.9,
) -> Prediction:
    """Frame ``number`` of ten a second: of a person's face, or unreadable where there are reasons."""
    timestamp_ns = SECOND_NS + number * FRAME_NS if at_ns is None else at_ns
    if reasons or of is None:
        return Prediction(Modality.FACE, timestamp_ns, None, 0.0, reasons, faces)
    embedding = face_like(of, cosine, 5000 + number)
    return Prediction(Modality.FACE, timestamp_ns, leaning(emotion), quality, (), faces, embedding)


def nothing(number: int) -> Prediction:
    """A frame without a face."""
    return frame(number, None, reasons=(Reason.NO_FACE,), faces=0)


def window(number: int, emotion: Emotion = Emotion.HAPPINESS) -> Prediction:
    """A speech window that ends with frame ``number``."""
    return Prediction(Modality.VOICE, SECOND_NS + number * FRAME_NS, leaning(emotion), 0.8)


@dataclass
class FakeHousehold:
    """Remembers who was followed, and whose states were considered."""

    followed: list[Presence] = field(default_factory=list)
    considered: list[EmotionState] = field(default_factory=list)

    def follow(self, presence: Presence) -> None:
        self.followed.append(presence)

    def consider(self, state: EmotionState) -> None:
        self.considered.append(state)


def make_front(
    people: FakePeople,
    recorder: FrontRecorder,
    clock: Clock,
    *,
    synthetic: Callable[[], bool] = lambda: False,
    prompt: Callable[[Emotion | None], None] = lambda _: None,
    pace: SessionPace = QUICK,
    is_busy: Callable[[int], bool] = lambda _: False,
    config: Config | None = None,
) -> Front:
    """The real front, quick enough for tests, on an invented population."""
    return Front(
        FrontSettings(LIMITS, population(), load_front_words(), FACE_NETWORK, pace),
        config or Config(),
        people=people,
        recorder=recorder,
        clock=clock,
        synthetic=synthetic,
        prompt=prompt,
        is_busy=is_busy,
    )


def label_of(
    profile_id: int, number: int, *, face: Emotion | None, voice: Emotion | None, felt: Emotion = Emotion.SADNESS
) -> CalibrationLabel:
    """A label of ``felt``, when face and voice said what they are told."""
    evidence = {
        modality: ModalityEvidence(modality, leaning(said), None, 0.9) if said is not None else None
        for modality, said in ((Modality.FACE, face), (Modality.VOICE, voice))
    }
    return CalibrationLabel(
        label_id=0,
        profile_id=profile_id,
        wall_time_ns=time.time_ns() + number,
        emotion=felt,
        source=LabelSource.SELF_REPORT,
        session_id=0,
        face=evidence[Modality.FACE],
        voice=evidence[Modality.VOICE],
    )
