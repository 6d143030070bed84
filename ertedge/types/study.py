"""The records of a study: its protocol, who takes part in which group, what is due, and what went wrong. Floor 0.

A moment is wall time (UTC nanoseconds); a day of a study is whole days since a person's enrolment, 0 on the day itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ArmKind(StrEnum):
    """What a group of a study gets: the device as it is built; the catalogue in a fixed order; or, while it waits, nothing
    unasked."""

    EXPERIMENTAL = "experimental"
    FIXED_ORDER = "fixed_order"
    WAITING_LIST = "waiting_list"


class Disclosure(StrEnum):
    """When a participant may read which group they are in."""

    AT_ENROLMENT = "at_enrolment"
    AT_END = "at_end"


@dataclass(frozen=True, slots=True)
class StudyArm:
    """A group. ``ratio`` is its share of a block against the other arms'. ``order`` are activity ids (empty: by id), of a
    fixed order only. ``answers_requests``: whether a waiting list gets something when it asks."""

    name: str
    title: str
    kind: ArmKind
    ratio: int
    order: tuple[str, ...] = ()
    answers_requests: bool = True


@dataclass(frozen=True, slots=True)
class Stratum:
    """People whose baseline score lies from ``least`` to ``most``, both within it."""

    name: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class TimePoint:
    """When the questionnaires are due: ``day`` after enrolment, at the earliest ``early_days`` before and at the latest
    ``late_days`` after it. Day 0 is the baseline, which is answered up to ``early_days`` before enrolment."""

    name: str
    day: int
    early_days: int
    late_days: int


@dataclass(frozen=True, slots=True)
class OutcomeScale:
    """A scale of a questionnaire: ``dass21`` and ``depression``, say."""

    questionnaire_id: str
    scale_id: str

    def __str__(self) -> str:
        """As protocols and exports write it: ``dass21.depression``."""
        return f"{self.questionnaire_id}.{self.scale_id}"


@dataclass(frozen=True, slots=True)
class Criterion:
    """What must be so (inclusion) or must not be so (exclusion) for somebody to take part."""

    criterion_id: str
    text: str


class CharacteristicKind(StrEnum):
    """A number, or one of several words."""

    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Characteristic:
    """Something asked at enrolment for the table of baseline characteristics. A number lies from ``least`` to ``most`` and
    leaves the device rounded down to a multiple of ``round_to``; a choice is one of ``choices``."""

    characteristic_id: str
    title: str
    kind: CharacteristicKind
    choices: tuple[str, ...] = ()
    least: float = 0.0
    most: float = 0.0
    round_to: float = 1.0


@dataclass(frozen=True, slots=True)
class StudyProtocol:
    """What is fixed before the first person is enrolled. ``digest`` is the SHA-256 of the file that it was read from.

    ``block_sizes`` are drawn from evenly, each a multiple of the sum of the ratios. A person is in the stratum of their
    baseline score on ``stratify_by``. ``primary`` is compared at ``primary_time_point``. Whoever completed fewer than
    ``adherence_least`` activities has not followed the protocol, where their group is offered any.
    """

    study_id: str
    version: int
    title: str
    arms: tuple[StudyArm, ...]
    block_sizes: tuple[int, ...]
    stratify_by: OutcomeScale
    strata: tuple[Stratum, ...]
    primary: OutcomeScale
    primary_time_point: str
    secondary: tuple[OutcomeScale, ...]
    time_points: tuple[TimePoint, ...]
    duration_days: int
    disclosure: Disclosure
    inclusion: tuple[Criterion, ...]
    exclusion: tuple[Criterion, ...]
    characteristics: tuple[Characteristic, ...]
    adherence_least: int
    small_cell: int
    digest: str

    def arm(self, name: str) -> StudyArm | None:
        """The arm of that name."""
        return next((arm for arm in self.arms if arm.name == name), None)

    def stratum_of(self, score: int) -> Stratum | None:
        """Where a baseline score belongs; None: such a person cannot take part."""
        return next((each for each in self.strata if each.least <= score <= each.most), None)

    @property
    def baseline(self) -> TimePoint:
        """The time point at day 0."""
        return next(each for each in self.time_points if each.day == 0)

    @property
    def questionnaires(self) -> tuple[str, ...]:
        """The questionnaires that the outcomes need, the primary's first."""
        return tuple(dict.fromkeys(each.questionnaire_id for each in (self.primary, self.stratify_by, *self.secondary)))


@dataclass(frozen=True, slots=True)
class Study:
    """A study on this device. ``commitment`` is the SHA-256 by which the sealed seed can be known again; ``protocol_text``
    is the file as it was given. ``end_wall_time_ns`` is 0 while it goes on; from then on the seal may be opened."""

    protocol: StudyProtocol
    protocol_text: str
    commitment: str
    create_wall_time_ns: int
    end_wall_time_ns: int = 0
    synthetic: bool = False

    @property
    def study_id(self) -> str:
        """Its id."""
        return self.protocol.study_id

    @property
    def is_open(self) -> bool:
        """Whether people can be enrolled."""
        return not self.end_wall_time_ns


class ParticipantStatus(StrEnum):
    """How far somebody has come. ``COMPLETED``: the study's duration is over for them."""

    ACTIVE = "active"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class CharacteristicValue:
    """What somebody answered to a characteristic, as text."""

    characteristic_id: str
    value: str


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who takes part. ``slot`` is their place in the sealed sequence of their stratum, from 0.

    ``withdraw_wall_time_ns`` is 0 unless they withdrew and let their data so far be kept. ``arm`` is what they were
    allocated to, whatever happened since.
    """

    participant_id: int
    study_id: str
    profile_id: int
    stratum: str
    slot: int
    arm: str
    enrol_wall_time_ns: int
    characteristics: tuple[CharacteristicValue, ...] = ()
    withdraw_wall_time_ns: int = 0
    withdraw_reason: str = ""


@dataclass(frozen=True, slots=True)
class UsedSlot:
    """A place of a sealed sequence that was used. It outlives its participant, so that nobody else is ever given it and the
    count of the randomised stays true; it names no person. ``erased``: all of the participant is gone."""

    study_id: str
    stratum: str
    slot: int
    arm: str
    erased: bool = False


class NotEnrolledReason(StrEnum):
    """Why somebody who was asked does not take part."""

    NOT_ELIGIBLE = "not_eligible"
    DECLINED = "declined"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class NotEnrolled:
    """That somebody does not take part; nothing says who. ``criterion_id`` is empty unless a criterion is why."""

    study_id: str
    wall_time_ns: int
    reason: NotEnrolledReason
    criterion_id: str = ""


class EventCategory(StrEnum):
    """What an adverse event was about."""

    SYMPTOMS_WORSE = "symptoms_worse"
    SUICIDAL_THOUGHTS = "suicidal_thoughts"
    SELF_HARM = "self_harm"
    DISTRESS_FROM_ACTIVITY = "distress_from_activity"
    DISTRESS_FROM_SENSING = "distress_from_sensing"
    PHYSICAL = "physical"
    OTHER = "other"


class Seriousness(StrEnum):
    """Whether an event is serious, and by which criterion of ICH E2A (1994, section II.B)."""

    NOT_SERIOUS = "not_serious"
    DEATH = "death"
    LIFE_THREATENING = "life_threatening"
    HOSPITALISATION = "hospitalisation"
    DISABILITY = "disability"
    IMPORTANT = "important"


class EventSeverity(StrEnum):
    """How strong an event was, which is another thing than whether it is serious."""

    MILD = "mild"
    MODERATE = "moderate"
    SEVERE = "severe"


class Relatedness(StrEnum):
    """Whether what the study does caused it, as the investigator judges."""

    UNRELATED = "unrelated"
    UNLIKELY = "unlikely"
    POSSIBLE = "possible"
    PROBABLE = "probable"
    DEFINITE = "definite"


class EventOutcome(StrEnum):
    """How it has ended so far."""

    RECOVERED = "recovered"
    RECOVERING = "recovering"
    NOT_RECOVERED = "not_recovered"
    SEQUELAE = "sequelae"
    FATAL = "fatal"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AdverseEvent:
    """Something untoward that happened to a participant, whatever caused it. ``description`` never leaves the device with an
    export. ``update_wall_time_ns`` is when its outcome was last changed."""

    event_id: int
    participant_id: int
    profile_id: int
    onset_wall_time_ns: int
    category: EventCategory
    seriousness: Seriousness
    severity: EventSeverity
    relatedness: Relatedness
    outcome: EventOutcome
    description: str
    record_wall_time_ns: int
    update_wall_time_ns: int

    @property
    def is_serious(self) -> bool:
        """Whether it must be reported without delay."""
        return self.seriousness is not Seriousness.NOT_SERIOUS


class DueStatus(StrEnum):
    """How an assessment stands: its time has not come; it is due; it was done in its time; its time is over."""

    UPCOMING = "upcoming"
    DUE = "due"
    DONE = "done"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class DueAssessment:
    """A questionnaire at a time point, when it may be answered, and whether it was. ``done_wall_time_ns`` is 0 unless so."""

    time_point: str
    questionnaire_id: str
    status: DueStatus
    open_wall_time_ns: int
    due_wall_time_ns: int
    close_wall_time_ns: int
    done_wall_time_ns: int = 0


@dataclass(frozen=True, slots=True)
class OutcomeScore:
    """A completed questionnaire as a study sees it: the ``score`` of each scale, None where too much was left open."""

    questionnaire_id: str
    wall_time_ns: int
    scores: tuple[tuple[str, int | None], ...]

    def score(self, scale_id: str) -> int | None:
        """The score of a scale; None where there is none."""
        return next((score for name, score in self.scores if name == scale_id), None)


@dataclass(frozen=True, slots=True)
class Adherence:
    """What somebody did with what they were offered in the study, requests included. ``days_active`` are days of the
    study on which they began or completed at least one activity, of ``days`` so far."""

    offered: int
    unasked: int
    begun: int
    completed: int
    rated: int
    helped: int
    days_active: int
    days: int


@dataclass(frozen=True, slots=True)
class AllocationCheck:
    """Whether the opened seal explains every allocation. ``faults`` says what it does not; empty: all is as committed."""

    study_id: str
    commitment: str
    seed: str
    nonce: str
    checked: int
    faults: tuple[str, ...]
