"""Records and synthetic people for the tests of the policy: weeks of days, in which every number comes from a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ertedge.config import SuggestionSettings
from ertedge.recommend.policy import Policy
from ertedge.types import (
    EMOTIONS,
    Activity,
    ActivityFamily,
    AffectSummary,
    ArousalEffect,
    Decision,
    DecisionContext,
    Emotion,
    Evidence,
    Suggestion,
    SuggestionStatus,
    Trigger,
)

Float64Array = NDArray[np.float64]

MINUTE = 60 * 1_000_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
FIRST_DAY = 739_000
"""A Monday: ordinals count from Monday, 1 January of the year 1."""
FIRST_DAY -= (FIRST_DAY - 1) % 7
FIRST_WALL = 1_790_000_000 * 1_000_000_000

_ZEROS = np.zeros(7, dtype=np.float32)
_LEANING = {
    emotion: np.array([0.76 if each is emotion else 0.04 for each in EMOTIONS], dtype=np.float32) for emotion in Emotion
}


def affect(
    emotion: Emotion = Emotion.NEUTRAL,
    minutes: float = 0.0,
    *,
    confidence: float = 0.8,
    known_share: float = 1.0,
    face_share: float = 0.0,
    voice_share: float = 0.0,
) -> AffectSummary:
    return AffectSummary(
        minutes=10.0,
        known_share=known_share,
        probabilities=_LEANING[emotion],
        probability_sd=_ZEROS,
        probability_trend=_ZEROS,
        valence=-0.4,
        valence_sd=0.1,
        valence_trend=0.0,
        arousal=0.1,
        arousal_sd=0.1,
        arousal_trend=0.0,
        confidence=confidence,
        emotion=emotion,
        emotion_minutes=minutes,
        emotion_confidence=confidence,
        face_share=face_share,
        voice_share=voice_share,
    )


def context_at(hours: float, summary: AffectSummary | None = None, *, jump_hours: float = 0.0) -> DecisionContext:
    """So many hours after midnight of the first day by the wall clock, which may have jumped."""
    shown = hours + jump_hours
    day = FIRST_DAY + int(shown // 24)
    return DecisionContext(
        wall_time_ns=FIRST_WALL + round(shown * HOUR),
        day=day,
        hour=shown % 24.0,
        weekday=(day - 1) % 7,
        affect=summary or affect(),
    )


def activity(
    activity_id: str,
    family: ActivityFamily = ActivityFamily.RELAXATION,
    *,
    emotions: tuple[Emotion, ...] = (Emotion.SADNESS,),
    evidence: Evidence | None = None,
) -> Activity:
    return Activity(
        activity_id=activity_id,
        version=1,
        language="en",
        family=family,
        title=activity_id.replace("-", " ").capitalize(),
        purpose="To be calmer.",
        emotions=emotions,
        arousal_least=-1.0,
        arousal_most=1.0,
        arousal_effect=ArousalEffect.LOWERS,
        minutes=5.0,
        steps=(),
        evidence=evidence or Evidence("It helps.", "Somebody 2020", "doi"),
        digest="",
    )


def activities(count: int) -> tuple[Activity, ...]:
    families = list(ActivityFamily)
    return tuple(activity(f"activity-{i:02d}", families[i % len(families)]) for i in range(count))


@dataclass(frozen=True)
class Belief:
    """A forecast with independent normal beliefs."""

    activity_ids: tuple[str, ...]
    helpfulness: Float64Array
    sd: Float64Array
    uptake: Float64Array

    def draws(self, generator: np.random.Generator, count: int) -> Float64Array:
        return generator.normal(self.helpfulness, self.sd, (count, len(self.activity_ids)))


def belief(choices: Sequence[Activity], seed: int = 0) -> Belief:
    rng = np.random.default_rng(seed)
    count = len(choices)
    return Belief(
        tuple(each.activity_id for each in choices),
        rng.uniform(0.0, 0.5, count),
        rng.uniform(0.1, 0.3, count),
        rng.uniform(0.2, 0.8, count),
    )


def suggestion(
    number: int,
    hours: float,
    activity_id: str = "activity-00",
    *,
    trigger: Trigger = Trigger.CHECK_IN,
    status: SuggestionStatus = SuggestionStatus.COMPLETED,
    helpfulness: int = 0,
    emotion: Emotion = Emotion.SADNESS,
) -> Suggestion:
    """Made so many hours after midnight of the first day. What expired did so after half an hour."""
    made = FIRST_WALL + round(hours * HOUR)
    expire = made + 30 * MINUTE
    return Suggestion(
        suggestion_id=number,
        decision_id=number,
        wall_time_ns=made,
        expire_wall_time_ns=expire,
        activity_id=activity_id,
        activity_version=1,
        title=activity_id,
        minutes=5.0,
        reason="",
        trigger=trigger,
        propensity=0.5,
        expected_helpfulness=0.2,
        expected_sd=0.2,
        emotion=emotion,
        valence_before=-0.4,
        arousal_before=0.1,
        status=status,
        helpfulness=helpfulness,
        update_wall_time_ns=expire if status is SuggestionStatus.EXPIRED else made,
    )


Answer = Callable[[DecisionContext, np.random.Generator], SuggestionStatus]


def takes_up(context: DecisionContext, rng: np.random.Generator) -> SuggestionStatus:
    """Somebody who does whatever is offered."""
    return SuggestionStatus.COMPLETED


def ignores(context: DecisionContext, rng: np.random.Generator) -> SuggestionStatus:
    """Somebody who never answers."""
    return SuggestionStatus.EXPIRED


def wavers(context: DecisionContext, rng: np.random.Generator) -> SuggestionStatus:
    """Somebody who does this and that."""
    return SuggestionStatus(
        rng.choice([SuggestionStatus.COMPLETED, SuggestionStatus.DISMISSED, SuggestionStatus.EXPIRED])
    )


@dataclass
class Life:
    """What happened to somebody: every decision, every suggestion with its outcome, and where the clock jumped."""

    decisions: list[Decision] = field(default_factory=list)
    history: list[Suggestion] = field(default_factory=list)

    @property
    def unasked(self) -> list[Suggestion]:
        return [each for each in self.history if each.trigger is not Trigger.REQUEST]


def live(
    settings: SuggestionSettings,
    answer: Answer,
    *,
    days: int,
    seed: int,
    choices: Sequence[Activity] | None = None,
    step_minutes: float = 10.0,
    requests_a_day: float = 0.3,
    jumps: Sequence[tuple[float, float]] = (),
) -> Life:
    """``days`` of somebody whose moods come and go, asked every ``step_minutes``.

    ``jumps`` are (hours since the start, hours by which the wall clock jumps).
    """
    rng = np.random.default_rng(seed)
    policy = Policy(settings, np.random.default_rng(seed + 1))
    fitting = choices if choices is not None else activities(12)
    expected = belief(fitting)
    life = Life()
    for hours, summary in _moods(rng, days, step_minutes):
        jump = sum(by for at, by in jumps if hours >= at)
        context = context_at(hours, summary, jump_hours=jump)
        _let_go_of_the_unanswered(life, context, answer, rng)
        trigger = policy.trigger(context, life.decisions[-100:])
        if rng.random() < requests_a_day * step_minutes / 1440.0:
            trigger = Trigger.REQUEST
        if trigger is None:
            continue
        decision = policy.decide(
            trigger,
            context,
            life.history,
            fitting,
            expected,
            decision_id=len(life.decisions) + 1,
            safety_open=False,
        )
        life.decisions.append(decision)
        if decision.chosen:
            life.history.append(_offered(decision, len(life.history) + 1))
    return life


def _moods(rng: np.random.Generator, days: int, step_minutes: float) -> Iterator[tuple[float, AffectSummary]]:
    """Moods that last an hour on average; nobody is there a third of the time, nor between one and six at night."""
    emotion, since = Emotion.NEUTRAL, 0.0
    moods = [Emotion.NEUTRAL, Emotion.HAPPINESS, Emotion.SADNESS, Emotion.FEAR, Emotion.ANGER, Emotion.UNKNOWN]
    for step in range(int(days * 1440 / step_minutes)):
        minutes = step * step_minutes
        if rng.random() < step_minutes / 60.0:
            emotion, since = moods[rng.choice(6, p=[0.2, 0.1, 0.2, 0.1, 0.1, 0.3])], minutes
        there = emotion is not Emotion.UNKNOWN and not 1.0 <= minutes / 60.0 % 24.0 < 6.0
        yield (
            minutes / 60.0,
            affect(
                emotion if there else Emotion.UNKNOWN,
                minutes - since if there else 0.0,
                known_share=0.9 if there else 0.0,
            ),
        )


def _let_go_of_the_unanswered(life: Life, context: DecisionContext, answer: Answer, rng: np.random.Generator) -> None:
    """Whatever was offered before this moment is answered by it."""
    if life.history and life.history[-1].status is SuggestionStatus.OFFERED:
        last = life.history[-1]
        status = answer(context, rng)
        rating = int(rng.integers(1, 6)) if status is SuggestionStatus.COMPLETED else 0
        answered = last.expire_wall_time_ns if status is SuggestionStatus.EXPIRED else context.wall_time_ns
        life.history[-1] = replace(last, status=status, helpfulness=rating, update_wall_time_ns=answered)


def _offered(decision: Decision, number: int) -> Suggestion:
    now = decision.context.wall_time_ns
    candidate = next(each for each in decision.candidates if each.activity_id == decision.chosen)
    return Suggestion(
        suggestion_id=number,
        decision_id=decision.decision_id,
        wall_time_ns=now,
        expire_wall_time_ns=now + 30 * MINUTE,
        activity_id=decision.chosen,
        activity_version=1,
        title=decision.chosen,
        minutes=5.0,
        reason="",
        trigger=decision.trigger,
        propensity=decision.offer_propensity * candidate.propensity,
        expected_helpfulness=candidate.expected_helpfulness,
        expected_sd=candidate.expected_sd,
        emotion=decision.context.affect.emotion,
        valence_before=decision.context.affect.valence,
        arousal_before=decision.context.affect.arousal,
        update_wall_time_ns=now,
    )
