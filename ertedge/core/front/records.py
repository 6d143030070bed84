"""What the core tells of enrolment and calibration: progress, prompts, reports, questions.

Floor 2; imports only types, so that a client which wants these records loads neither the store nor a model.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ertedge.types import CalibrationLabel, CalibrationSummary, Emotion


class View(StrEnum):
    """Where the person is asked to look while their face is enrolled."""

    AHEAD = "ahead"
    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


FRAMES_OF_VIEW = {View.AHEAD: 4, View.LEFT: 2, View.RIGHT: 2, View.UP: 2, View.DOWN: 2}
FRAMES = sum(FRAMES_OF_VIEW.values())


class EnrolmentHint(StrEnum):
    """What is missing just now."""

    LOOK = "look"
    TURN_FURTHER = "turn_further"
    NO_FACE = "no_face"
    MORE_LIGHT = "more_light"
    LESS_TURNED = "less_turned"
    COME_NEARER = "come_nearer"
    ALONE = "alone"
    ANOTHER_FACE = "another_face"
    CAMERA_CLOSED = "camera_closed"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class EnrolmentProgress:
    """How far an enrolment is. ``taken`` of ``wanted`` frames are there; ``view`` is where to look now. ``asks`` says so in
    plain words, ``says`` what is missing."""

    view: View
    hint: EnrolmentHint
    taken: int
    wanted: int = FRAMES
    asks: str = ""
    says: str = ""

    @property
    def is_done(self) -> bool:
        """Whether every frame is there."""
        return self.taken >= self.wanted


class CalibrationPhase(StrEnum):
    """Where in a take a guided session is.

    ``PREPARE``: the memory is asked for. ``TAKE``: the person shows and says it. ``TAKEN``: it became a label. ``MISSED``:
    it did not, since nothing could be read. ``WAIT``: the person is not there, or not alone. ``DONE``: the session is over.
    """

    PREPARE = "prepare"
    TAKE = "take"
    TAKEN = "taken"
    MISSED = "missed"
    WAIT = "wait"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class CalibrationPrompt:
    """What a guided session says now.

    ``emotion`` is None at the end. ``take`` counts from 1 to ``takes``. The phase lasts ``seconds``, of which
    ``remaining_seconds`` are left; 0 where that is not known. ``seen`` and ``heard`` tell whether the face and the voice
    have been read in this take. ``asks`` is the memory to think of, ``says`` what goes on; both in plain words.
    """

    session_id: int
    profile_id: int
    phase: CalibrationPhase
    emotion: Emotion | None
    take: int
    takes: int
    seconds: float
    remaining_seconds: float
    seen: bool
    heard: bool
    asks: str
    says: str


@dataclass(frozen=True, slots=True)
class FeelingReport:
    """What became of a self-report: the label, and what is known with it."""

    label: CalibrationLabel
    summary: CalibrationSummary


@dataclass(frozen=True, slots=True)
class CalibrationStatus:
    """What is known of a person. ``open_session_id`` is a guided session that can be gone on with, 0 where there is none;
    ``takes_left`` of it."""

    summary: CalibrationSummary
    open_session_id: int
    takes_left: int


@dataclass(frozen=True, slots=True)
class FeelingQuestion:
    """That a person may be asked now how they feel; ``text`` is the question."""

    profile_id: int
    wall_time_ns: int
    text: str


@dataclass(frozen=True, slots=True)
class FeelingQuestionEvent:
    """An event of a watch stream: a question, or a heartbeat, in which it is None."""

    question: FeelingQuestion | None
    sequence: int
    dropped_count: int
    send_wall_time_ns: int
