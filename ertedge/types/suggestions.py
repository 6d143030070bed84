"""The records from an emotion state to a suggestion and what became of it, and the words they are written in. Floor 0.

    EmotionState -> AffectSummary -> DecisionContext -> Decision -> Suggestion <- SuggestionResponse

A moment is wall time (UTC nanoseconds), since these records outlive a boot; ``Decision`` is what the policy decided, also
when it decided to stay silent; ``Suggestion`` is what the person saw of it and did with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ertedge.types.emotions import Emotion, Float32Array

HELPFULNESS_MOST = 5
"""A person rates an activity from 1 (made it worse) over 3 (made no difference) to 5 (helped a lot); 0 is not rated."""

HELPED_LEAST = 4
"""The least rating that says that something helped."""


def helpfulness_of_rating(rating: int) -> float:
    """A rating from 1 to 5 as helpfulness in [-1, 1]: 3 is 0. Raises ``ValueError`` for any other."""
    if not 1 <= rating <= HELPFULNESS_MOST:
        raise ValueError(f"a rating is 1 to {HELPFULNESS_MOST}, not {rating}")
    return (rating - 3) / 2.0


class ActivityFamily(StrEnum):
    """What kind of activity of cognitive behavioural therapy (CBT) something is."""

    RELAXATION = "relaxation"
    JOURNALING = "journaling"
    REFRAMING = "reframing"
    ACTIVATION = "activation"
    PROBLEM_SOLVING = "problem_solving"
    MINDFULNESS = "mindfulness"
    SLEEP = "sleep"
    CONNECTION = "connection"


class HealthCondition(StrEnum):
    """What an activity may be unfit for. A person names theirs in the safety plan or the configuration."""

    RESPIRATORY = "respiratory"
    CARDIOVASCULAR = "cardiovascular"
    EPILEPSY = "epilepsy"
    PREGNANCY = "pregnancy"
    MUSCULOSKELETAL = "musculoskeletal"
    DIZZINESS = "dizziness"
    TRAUMA = "trauma"
    DISSOCIATION = "dissociation"
    PSYCHOSIS = "psychosis"
    BIPOLAR = "bipolar"
    EATING_DISORDER = "eating_disorder"
    BEREAVEMENT = "bereavement"


class ArousalEffect(StrEnum):
    """What an activity does to arousal while it is done."""

    LOWERS = "lowers"
    KEEPS = "keeps"
    RAISES = "raises"


class StepKind(StrEnum):
    """What a person does during a step; a screen or a voice may pace itself by it."""

    READ = "read"
    INHALE = "inhale"
    HOLD = "hold"
    EXHALE = "exhale"
    TENSE = "tense"
    RELEASE = "release"
    NOTICE = "notice"
    IMAGINE = "imagine"
    WRITE = "write"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class ActivityStep:
    """A timed part of an activity: ``show`` fits a line of a screen, ``say`` is what a voice says at its beginning (it may
    be empty where a pace goes on by itself)."""

    kind: StepKind
    show: str
    say: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of an activity's effect. ``effect_size`` is Hedges' g against the control that ``note`` names, positive
    where it helps, or None where no figure fits; ``source`` is a DOI or an address."""

    note: str
    citation: str
    source: str
    effect_size: float | None = None


@dataclass(frozen=True, slots=True)
class ActivityReview:
    """A sign-off: who of which profession reviewed what. It holds for the content whose ``digest`` it names, and for no
    other: a change of the content voids it."""

    activity_id: str
    language: str
    activity_version: int
    digest: str
    reviewer: str
    role: str
    wall_time_ns: int


@dataclass(frozen=True, slots=True)
class Activity:
    """An entry of the catalogue in one language.

    ``emotions`` are those it is for; ``arousal_least`` to ``arousal_most`` in [-1, 1] is the arousal it suits. ``digest`` is
    the SHA-256 of its content in hexadecimal; ``reviews`` are those of exactly this content.
    """

    activity_id: str
    version: int
    language: str
    family: ActivityFamily
    title: str
    purpose: str
    emotions: tuple[Emotion, ...]
    arousal_least: float
    arousal_most: float
    arousal_effect: ArousalEffect
    minutes: float
    steps: tuple[ActivityStep, ...]
    evidence: Evidence
    digest: str
    journaling_prompt: str = ""
    contraindications: tuple[HealthCondition, ...] = ()
    machine_drafted: bool = False
    reviews: tuple[ActivityReview, ...] = ()

    @property
    def seconds(self) -> float:
        """How long its steps last."""
        return sum(step.seconds for step in self.steps)


@dataclass(frozen=True, slots=True)
class AffectSummary:
    """The recent emotion states in a few numbers.

    ``minutes`` is the span they cover; ``known_share`` of it the state was known. ``probabilities``, ``probability_sd`` and
    ``probability_trend`` (a minute) are (7,) float32; valence and arousal likewise. ``emotion`` led the known states for
    ``emotion_minutes`` up to now (UNKNOWN and 0 where none did); ``confidence`` is the mean of the known states'.
    Of the states in those minutes, ``emotion_confidence`` is the mean confidence (0 where it is not known), and
    ``face_share`` and ``voice_share`` say how much of them the face and the voice carried: the mean weight of the modality
    where it said that emotion itself. Together they are at most 1; both are 0 where it is not known.
    """

    minutes: float
    known_share: float
    probabilities: Float32Array
    probability_sd: Float32Array
    probability_trend: Float32Array
    valence: float
    valence_sd: float
    valence_trend: float
    arousal: float
    arousal_sd: float
    arousal_trend: float
    confidence: float
    emotion: Emotion
    emotion_minutes: float
    synthetic: bool = False
    emotion_confidence: float = 0.0
    face_share: float = 0.0
    voice_share: float = 0.0


@dataclass(frozen=True, slots=True)
class QuestionnaireScores:
    """DASS-21 sub-scales, each 0 to 42 (doubled sums), and when they were given."""

    depression: int
    anxiety: int
    stress: int
    wall_time_ns: int


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """What is known at a decision beside the history of suggestions. ``day`` numbers local days (proleptic Gregorian
    ordinal), ``hour`` is the local time of day in [0, 24), ``weekday`` 0 (Monday) to 6."""

    wall_time_ns: int
    day: int
    hour: float
    weekday: int
    affect: AffectSummary
    scores: QuestionnaireScores | None = None


class Trigger(StrEnum):
    """What made a moment a decision point."""

    SUSTAINED_STATE = "sustained_state"
    REQUEST = "request"
    CHECK_IN = "check_in"
    MICRO_RANDOMISED = "micro_randomised"


class SilenceReason(StrEnum):
    """Why nothing was offered at a decision point."""

    SAFETY = "safety"
    PAUSED = "paused"
    QUIET_HOURS = "quiet_hours"
    PENDING_OFFER = "pending_offer"
    SNOOZED = "snoozed"
    MINIMUM_GAP = "minimum_gap"
    BUDGET_SPENT = "budget_spent"
    BUDGET_SPREAD = "budget_spread"
    STEPPED_BACK = "stepped_back"
    UNAVAILABLE = "unavailable"
    NOTHING_FITS = "nothing_fits"
    CHANCE = "chance"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An activity that could have been offered. ``propensity`` is its probability given that something is offered;
    ``expected_helpfulness`` in [-1, 1] with its standard deviation if it is done; ``expected_uptake`` in [0, 1] that it is.
    """

    activity_id: str
    propensity: float
    expected_helpfulness: float
    expected_sd: float
    expected_uptake: float


@dataclass(frozen=True, slots=True)
class Decision:
    """What the policy decided at a decision point.

    ``offer_propensity`` is the probability with which something was to be offered: exactly 0 where a rule forbade it (then
    ``silence`` names the rule), else within (0, 1] also when the draw said silence. ``chosen`` is the activity's id, empty
    in silence. ``policy`` names the policy and ``model`` the model's version.
    """

    decision_id: int
    context: DecisionContext
    trigger: Trigger
    offer_propensity: float
    candidates: tuple[Candidate, ...]
    chosen: str
    silence: SilenceReason | None
    policy: str
    model: str


class SuggestionStatus(StrEnum):
    """How far a suggestion has come."""

    OFFERED = "offered"
    SNOOZED = "snoozed"
    ACCEPTED = "accepted"
    STARTED = "started"
    COMPLETED = "completed"
    DISMISSED = "dismissed"
    EXPIRED = "expired"


class ResponseKind(StrEnum):
    """What a person can do with a suggestion."""

    ACCEPT = "accept"
    DISMISS = "dismiss"
    SNOOZE = "snooze"
    START = "start"
    COMPLETE = "complete"
    RATE = "rate"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An activity offered at a moment, its reason in plain words, and what became of it.

    ``propensity`` is the probability with which exactly this was offered then. ``emotion``, ``valence_before`` and
    ``arousal_before`` are of the summary at the offer; ``valence_after`` and ``arousal_after`` of the states after it was
    completed, None where there were none. ``helpfulness`` is the rating 1 to 5, 0 where there is none.
    """

    suggestion_id: int
    decision_id: int
    wall_time_ns: int
    expire_wall_time_ns: int
    activity_id: str
    activity_version: int
    title: str
    minutes: float
    reason: str
    trigger: Trigger
    propensity: float
    expected_helpfulness: float
    expected_sd: float
    emotion: Emotion
    valence_before: float
    arousal_before: float
    status: SuggestionStatus = SuggestionStatus.OFFERED
    helpfulness: int = 0
    valence_after: float | None = None
    arousal_after: float | None = None
    snooze_until_wall_time_ns: int = 0
    update_wall_time_ns: int = 0
    synthetic: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the person may still begin it or is at it."""
        return self.status not in (SuggestionStatus.COMPLETED, SuggestionStatus.DISMISSED, SuggestionStatus.EXPIRED)


@dataclass(frozen=True, slots=True)
class SuggestionResponse:
    """What a person did with a suggestion. ``rating`` is 1 to 5 for RATE (0 with COMPLETE: not rated), ``snooze_seconds``
    for SNOOZE. Two responses of one ``request_id`` are one."""

    suggestion_id: int
    kind: ResponseKind
    wall_time_ns: int
    rating: int = 0
    snooze_seconds: float = 0.0
    request_id: str = ""
