"""A small catalogue for tests of the cohort and of the baselines."""

from __future__ import annotations

from ertedge.types import Activity, ActivityFamily, ActivityStep, ArousalEffect, Emotion, Evidence, StepKind

EMOTIONS_OF = {
    ActivityFamily.RELAXATION: (Emotion.FEAR, Emotion.ANGER),
    ActivityFamily.ACTIVATION: (Emotion.SADNESS,),
    ActivityFamily.MINDFULNESS: (Emotion.FEAR, Emotion.SADNESS, Emotion.ANGER, Emotion.NEUTRAL),
    ActivityFamily.CONNECTION: (Emotion.SADNESS,),
}


def activity(number: int, family: ActivityFamily, *, minutes: float = 5.0, effect: float | None = 0.4) -> Activity:
    """One that suits any arousal."""
    name = f"{family}-{number}"
    return Activity(
        activity_id=name,
        version=1,
        language="en",
        family=family,
        title=name,
        purpose="For tests.",
        emotions=EMOTIONS_OF.get(family, (Emotion.NEUTRAL,)),
        arousal_least=-1.0,
        arousal_most=1.0,
        arousal_effect=ArousalEffect.KEEPS,
        minutes=minutes,
        steps=(ActivityStep(StepKind.READ, "Begin.", "Begin.", minutes * 60),),
        evidence=Evidence("For tests.", "Nobody", "", effect),
        digest=name,
    )


def small_catalogue(each: int = 3) -> tuple[Activity, ...]:
    """``each`` activities of four families, sorted by id."""
    found = [activity(number, family) for family in EMOTIONS_OF for number in range(each)]
    return tuple(sorted(found, key=lambda one: one.activity_id))
