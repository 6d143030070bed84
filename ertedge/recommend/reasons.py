"""Why this is suggested, and why now, in plain words that are true. Floor 1.

First the facts are gathered, each only where the records hold it; then they are said in the person's language with phrases
from a data file. Nothing is said of how the model chose. What was seen is told as what was seen: a person *looked* or
*sounded* so where the face or the voice carried it, and otherwise *seemed* so; never that they are. A feeling is named only
where it lasted and was sure, and a record with an activity is told also where it speaks against it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

from ertedge.recommend.policy import UNPLEASANT
from ertedge.types import (
    HELPED_LEAST,
    Activity,
    ActivityFamily,
    AffectSummary,
    Decision,
    Emotion,
    Suggestion,
    SuggestionStatus,
    Trigger,
)

DATA = "reasons.toml"
FALLBACK = "en"

FELT_LEAST_MINUTES = 1.0
"""A feeling that is younger is not named, unless it was the very trigger."""
FELT_LEAST_CONFIDENCE = 0.5
CARRIED_MOST = 0.5
"""A modality that carried at least so much of a stretch carried it, alone if the other did less than ``CARRIED_LEAST``."""
CARRIED_LEAST = 0.25
FAMILY_RATED_LEAST = 2


class SeenBy(StrEnum):
    """What a feeling was told from; the value is the phrase that says so."""

    FACE = "looked"
    VOICE = "sounded"
    BOTH = "looked_and_sounded"
    EITHER = "seemed"


@dataclass(frozen=True, slots=True)
class Felt:
    """A feeling that has lasted for ``minutes``."""

    emotion: Emotion
    minutes: float
    seen_by: SeenBy


@dataclass(frozen=True, slots=True)
class Record:
    """How often something was done, how often of these it was rated, and how often of those it helped."""

    done: int = 0
    rated: int = 0
    helped: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a reason may say. ``felt`` is None where nothing unpleasant was sure for long enough; ``family`` is the
    record of the other activities of the family."""

    trigger: Trigger
    felt: Felt | None
    activity: Record
    family: Record


def reason_for(
    decision: Decision,
    activity: Activity,
    history: Sequence[Suggestion],
    catalogue: Sequence[Activity],
    language: str = FALLBACK,
) -> str:
    """The reason for offering ``activity`` at ``decision``, in ``language`` (ISO 639-1) or else in English.

    ``history`` are the suggestions before it, all of them or the newest; ``catalogue`` tells their families.
    """
    return say(facts_of(decision, activity, history, catalogue), activity, language)


def facts_of(
    decision: Decision, activity: Activity, history: Sequence[Suggestion], catalogue: Sequence[Activity]
) -> Facts:
    """What the records hold of why ``activity`` is offered."""
    kin = {each.activity_id for each in catalogue if each.family is activity.family} - {activity.activity_id}
    return Facts(
        trigger=decision.trigger,
        felt=_felt(decision.context.affect, decision.trigger),
        activity=_record([each for each in history if each.activity_id == activity.activity_id]),
        family=_record([each for each in history if each.activity_id in kin]),
    )


def say(facts: Facts, activity: Activity, language: str = FALLBACK) -> str:
    """``facts`` in words: why now, then why this."""
    every = _languages()
    words = every.get(language, every[FALLBACK])
    return " ".join((*_why_now(facts, words), *_why_this(facts, activity, words)))


def _felt(affect: AffectSummary, trigger: Trigger) -> Felt | None:
    if affect.emotion not in UNPLEASANT:
        return None
    sure = (affect.emotion_confidence or affect.confidence) >= FELT_LEAST_CONFIDENCE
    if trigger is not Trigger.SUSTAINED_STATE and not (sure and affect.emotion_minutes >= FELT_LEAST_MINUTES):
        return None
    return Felt(affect.emotion, affect.emotion_minutes, _seen_by(affect))


def _seen_by(affect: AffectSummary) -> SeenBy:
    if affect.face_share >= CARRIED_LEAST and affect.voice_share >= CARRIED_LEAST:
        return SeenBy.BOTH
    if affect.face_share >= CARRIED_MOST:
        return SeenBy.FACE
    if affect.voice_share >= CARRIED_MOST:
        return SeenBy.VOICE
    return SeenBy.EITHER


def _record(suggestions: Sequence[Suggestion]) -> Record:
    done = [each for each in suggestions if each.status is SuggestionStatus.COMPLETED]
    ratings = [each.helpfulness for each in done if each.helpfulness > 0]
    return Record(len(done), len(ratings), sum(rating >= HELPED_LEAST for rating in ratings))


class _Durations(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    moments: str
    minute: str
    minutes: str
    hour: str
    hours: str


class _Words(BaseModel):
    """A language's section of the data file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    asked: str
    check_in: str
    drawn: str
    looked: str
    sounded: str
    looked_and_sounded: str
    seemed: str
    helped: str
    helped_once: str
    helped_never: str
    done: str
    new: str
    family_helped: str
    durations: _Durations
    feelings: dict[Emotion, str]
    families: dict[ActivityFamily, str]

    def feeling(self, felt: Felt) -> str:
        """The sentence that names a feeling."""
        sentence = {
            SeenBy.FACE: self.looked,
            SeenBy.VOICE: self.sounded,
            SeenBy.BOTH: self.looked_and_sounded,
            SeenBy.EITHER: self.seemed,
        }[felt.seen_by]
        return sentence.format(feeling=self.feelings[felt.emotion], duration=_duration(felt.minutes, self.durations))


def _why_now(facts: Facts, words: _Words) -> list[str]:
    first = {
        Trigger.REQUEST: words.asked,
        Trigger.CHECK_IN: words.check_in,
        Trigger.MICRO_RANDOMISED: words.drawn,
    }.get(facts.trigger)
    felt = words.feeling(facts.felt) if facts.felt is not None else None
    return [sentence for sentence in (first, felt) if sentence is not None]


def _why_this(facts: Facts, activity: Activity, words: _Words) -> list[str]:
    """The person's record with the activity; without one, whether it is new, and the family's record or what it is for."""
    own = facts.activity
    if own.rated and not own.helped:
        return [words.helped_never.format(title=activity.title), activity.purpose]
    if own.rated == 1:
        return [words.helped_once.format(title=activity.title)]
    if own.rated:
        return [words.helped.format(title=activity.title, helped=own.helped, rated=own.rated)]
    known = (words.done if own.done else words.new).format(title=activity.title)
    family = facts.family
    if family.rated >= FAMILY_RATED_LEAST and family.helped:
        name = words.families[activity.family]
        return [known, words.family_helped.format(family=name, helped=family.helped, rated=family.rated)]
    return [known, activity.purpose]


def _duration(minutes: float, words: _Durations) -> str:
    """Rounded down, so that no more is claimed than was seen: to a minute, from twenty minutes on to five, then to hours."""
    whole = int(minutes)
    if whole < 1:
        return words.moments
    if whole == 1:
        return words.minute
    if whole < 90:
        return words.minutes.format(count=whole if whole < 20 else whole // 5 * 5)
    return words.hour if whole < 120 else words.hours.format(count=whole // 60)


@cache
def _languages() -> dict[str, _Words]:
    text = resources.files("ertedge.recommend").joinpath("data", DATA).read_text("utf-8")
    return {language: _Words.model_validate(section) for language, section in tomllib.loads(text).items()}
