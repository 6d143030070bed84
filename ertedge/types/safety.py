"""The records of what stands before every suggestion: notices, the safety plan, helplines. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ertedge.types.suggestions import HealthCondition


class SafetyCause(StrEnum):
    """What raised a notice."""

    SEVERE_STATE = "severe_state"
    RED_FLAG = "red_flag"
    CRISIS_WORDS = "crisis_words"
    ASKED_FOR_HELP = "asked_for_help"


class RedFlag(StrEnum):
    """What a questionnaire can say that must not wait."""

    LIFE_NOT_WORTHWHILE = "life_not_worthwhile"
    SELF_HARM_THOUGHTS = "self_harm_thoughts"
    EXTREMELY_SEVERE = "extremely_severe"


class NoticeKind(StrEnum):
    """``CHECK_IN`` asks gently how the person is and tells what help there is; ``SUPPORT`` puts the plan and the helplines
    first."""

    CHECK_IN = "check_in"
    SUPPORT = "support"


class NoticeResponse(StrEnum):
    """What a person answers to a notice."""

    NEED_HELP = "need_help"
    SAFE = "safe"
    NOT_NOW = "not_now"


@dataclass(frozen=True, slots=True)
class SafetyNotice:
    """What the device says when a suggestion would be the wrong thing to say.

    ``ask_count`` is how often it has asked by now; ``ask_wall_time_ns`` is when it asks again (0: it does not need to);
    ``open`` until the rules close it. ``message`` is in plain words and stands without any other text.
    """

    notice_id: int
    wall_time_ns: int
    kind: NoticeKind
    cause: SafetyCause
    message: str
    open: bool = True
    ask_count: int = 1
    ask_wall_time_ns: int = 0
    response: NoticeResponse | None = None
    response_wall_time_ns: int = 0
    synthetic: bool = False


@dataclass(frozen=True, slots=True)
class SafetyContact:
    """Somebody to turn to; ``contact`` is a number, an address or a place, as the person writes it."""

    name: str
    contact: str = ""


@dataclass(frozen=True, slots=True)
class SafetyPlan:
    """A person's own safety plan, in the six steps of Stanley and Brown (2012, doi 10.1016/j.cbpra.2011.01.001), and the
    health conditions that the choice of activities must take care of. Empty until the person fills it in."""

    warning_signs: tuple[str, ...] = ()
    coping_strategies: tuple[str, ...] = ()
    distractions: tuple[SafetyContact, ...] = ()
    people: tuple[SafetyContact, ...] = ()
    professionals: tuple[SafetyContact, ...] = ()
    safer_surroundings: tuple[str, ...] = ()
    conditions: tuple[HealthCondition, ...] = ()
    update_wall_time_ns: int = 0


@dataclass(frozen=True, slots=True)
class Helpline:
    """A place that listens, day or night or when it says. ``region`` is ISO 3166-1 alpha-2, or ``international``;
    ``checked`` is the day (YYYY-MM-DD) on which the entry was compared with ``source``."""

    region: str
    name: str
    contact: str
    channel: str
    hours: str
    languages: tuple[str, ...]
    source: str
    checked: str
    note: str = ""
    emergency: bool = False
