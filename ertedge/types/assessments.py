"""The records of questionnaires: what is asked, how answers become scores, and one filling-in with all that became of it.

Floor 0. They know nothing of the files that questionnaires and answers are kept in (FHIR, TOML): ``wellbeing`` reads and
writes those. A moment is wall time, UTC nanoseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ertedge.types.safety import RedFlag

DASS21 = "dass21"
"""The questionnaire whose newest scores the recommender is told of."""


@dataclass(frozen=True, slots=True)
class AnswerChoice:
    """One of the answers to an item. ``value`` is what it counts; None where it counts nothing. ``system`` names the list
    of codes that ``code`` is from, as FHIR has it."""

    code: str
    text: str
    value: int | None
    system: str = ""


@dataclass(frozen=True, slots=True)
class QuestionnaireItem:
    """A question. ``link_id`` names it in files and answers; ``number`` is what stands before it on paper; ``groups`` are
    the groups that it stands in, from the outermost."""

    link_id: str
    number: str
    text: str
    choices: tuple[AnswerChoice, ...]
    groups: tuple[str, ...] = ()

    def choice(self, code: str) -> AnswerChoice | None:
        """The answer of that code, if there is one."""
        return next((each for each in self.choices if each.code == code), None)


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A questionnaire in one language. ``attribution`` says whose it is, ``terms`` what may be done with it."""

    questionnaire_id: str
    url: str
    version: str
    language: str
    title: str
    instruction: str
    attribution: str
    terms: str
    items: tuple[QuestionnaireItem, ...]

    def item(self, link_id: str) -> QuestionnaireItem | None:
        """The item of that name, if there is one."""
        return next((each for each in self.items if each.link_id == link_id), None)


@dataclass(frozen=True, slots=True)
class Band:
    """Scores from ``low`` to ``high`` (both within it). ``title`` is the author's word, ``words`` what a person reads."""

    band_id: str
    low: int
    high: int
    title: str
    words: str
    red_flag: RedFlag | None = None


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """By how many ``points`` a score must change at least for the change to be reliable, and where that comes from.

    With ``mean``, ``sd`` and ``reliability`` of a norm sample, in units of the score, the points follow from Jacobson and
    Truax (1991); without them they are published as they are.
    """

    points: float
    source: str
    mean: float | None = None
    sd: float | None = None
    reliability: float | None = None


@dataclass(frozen=True, slots=True)
class CutOff:
    """The score at which the range of people who seek help begins, and where that comes from."""

    score: int
    source: str


@dataclass(frozen=True, slots=True)
class Scale:
    """A sum of items. ``multiplier`` is applied to the sum; at most ``missing_most`` of the items may be unanswered, and
    then stand at the mean of the others. ``most`` is the highest score that there is; ``bands`` may be empty."""

    scale_id: str
    title: str
    items: tuple[str, ...]
    multiplier: int
    most: int
    missing_most: int
    missing_source: str
    higher_is_better: bool
    bands: tuple[Band, ...] = ()
    change: ChangeRule | None = None
    cut_off: CutOff | None = None

    def band(self, score: int) -> Band | None:
        """The band that a score is in, if the scale has bands."""
        return next((each for each in self.bands if each.low <= score <= each.high), None)


@dataclass(frozen=True, slots=True)
class RedFlagRule:
    """An answer to ``link_id`` that counts ``at_least`` this much must not wait."""

    link_id: str
    at_least: int
    flag: RedFlag


@dataclass(frozen=True, slots=True)
class Scoring:
    """How a questionnaire's answers become scores."""

    questionnaire_id: str
    source: str
    scales: tuple[Scale, ...]
    red_flags: tuple[RedFlagRule, ...]


class AssessmentStatus(StrEnum):
    """How far a filling-in has come. What is completed changes only by an amendment, which is kept."""

    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    AMENDED = "amended"


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What a person answered to an item; an empty ``code``: they left it open."""

    link_id: str
    code: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """An answer that was changed after completion, from one code to another, with who or why in ``reason``."""

    wall_time_ns: int
    link_id: str
    code_before: str
    code_after: str
    reason: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """One person's filling-in of one questionnaire.

    ``answers`` are in the questionnaire's order; an item that is not among them has not been shown yet. ``flags`` are the
    red flags that it has raised so far. ``complete_wall_time_ns`` is 0 while it is in progress.
    """

    assessment_id: int
    profile_id: int
    questionnaire_id: str
    questionnaire_version: str
    language: str
    status: AssessmentStatus
    wall_time_ns: int
    update_wall_time_ns: int
    complete_wall_time_ns: int = 0
    answers: tuple[ItemAnswer, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    flags: tuple[RedFlag, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether it is still being filled in."""
        return self.status is AssessmentStatus.IN_PROGRESS

    def code(self, link_id: str) -> str:
        """The code answered to an item; empty where there is none."""
        return next((each.code for each in self.answers if each.link_id == link_id), "")


@dataclass(frozen=True, slots=True)
class ScaleScore:
    """What the answers to a scale come to. ``score`` is None where too many are missing; of its items ``answered`` are
    answered and ``missing`` are not."""

    scale_id: str
    title: str
    score: int | None
    most: int
    answered: int
    missing: int
    band: Band | None = None


class ChangeKind(StrEnum):
    """What a difference of two scores says. ``UNCERTAIN``: it is no larger than chance makes it by itself."""

    IMPROVED = "improved"
    WORSENED = "worsened"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class ScaleChange:
    """How a score has changed since an earlier one, and whether that is more than chance.

    ``points`` is the least reliable difference. ``index`` is the reliable change index of Jacobson and Truax (1991), None
    where the rule is published in points alone. ``crossed``: it improved reliably and left the range of people who seek
    help, which they call clinically significant.
    """

    scale_id: str
    before: int
    after: int
    before_wall_time_ns: int
    points: float
    kind: ChangeKind
    index: float | None = None
    crossed: bool = False


@dataclass(frozen=True, slots=True)
class AssessmentReminder:
    """That it may be time to fill a questionnaire in again. It stands until ``expire_wall_time_ns`` at most."""

    profile_id: int
    questionnaire_id: str
    wall_time_ns: int
    expire_wall_time_ns: int
    dismissed: bool = False
