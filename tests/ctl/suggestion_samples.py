"""Activities, suggestions and notices made by hand for the tests of the command line."""

from __future__ import annotations

from dataclasses import replace

from ertedge.types import (
    Activity,
    ActivityFamily,
    ActivityReview,
    ActivityStep,
    ArousalEffect,
    Emotion,
    Evidence,
    HealthCondition,
    Helpline,
    NoticeKind,
    SafetyCause,
    SafetyNotice,
    StepKind,
    Suggestion,
    SuggestionStatus,
    Trigger,
)
from tests.ctl.samples import NOW_NS

BREATH = (
    ActivityStep(StepKind.INHALE, "In, softly", "Breathe in.", 4.0),
    ActivityStep(StepKind.HOLD, "Rest", "", 2.0),
    ActivityStep(StepKind.EXHALE, "Out, slowly", "And out.", 6.0),
    ActivityStep(StepKind.HOLD, "Rest again", "", 2.0),
)
STEPS = (ActivityStep(StepKind.READ, "Sit so that your belly is free", "Find a way to sit.", 20.0), *(3 * BREATH))


def activity(activity_id: str = "slow-breathing", steps: tuple[ActivityStep, ...] = STEPS) -> Activity:
    return Activity(
        activity_id=activity_id,
        version=2,
        language="en",
        family=ActivityFamily.RELAXATION,
        title="Slow breathing",
        purpose="Lets body and mind settle.",
        emotions=(Emotion.SADNESS, Emotion.FEAR),
        arousal_least=-0.5,
        arousal_most=1.0,
        arousal_effect=ArousalEffect.LOWERS,
        minutes=1.0,
        steps=steps,
        evidence=Evidence("It eased stress more than waiting: g = 0.35.", "Somebody (2023).", "10.1/x", 0.35),
        digest="ab" * 32,
        contraindications=(HealthCondition.RESPIRATORY,),
    )


def quick(activity_id: str = "slow-breathing") -> Activity:
    """One that is over in less than a second."""
    return activity(
        activity_id,
        (
            ActivityStep(StepKind.READ, "Sit down", "Sit down.", 0.2),
            ActivityStep(StepKind.INHALE, "In", "", 0.2),
            ActivityStep(StepKind.EXHALE, "Out", "", 0.3),
        ),
    )


def reviewed(made: Activity) -> Activity:
    review = ActivityReview(made.activity_id, "en", made.version, made.digest, "Dr. A. Weiss", "psychologist", NOW_NS)
    return replace(made, reviews=(review,))


def suggestion(status: SuggestionStatus = SuggestionStatus.OFFERED, **changes: object) -> Suggestion:
    made = Suggestion(
        suggestion_id=3,
        decision_id=7,
        wall_time_ns=NOW_NS,
        expire_wall_time_ns=NOW_NS + 1_800_000_000_000,
        activity_id="slow-breathing",
        activity_version=2,
        title="Slow breathing",
        minutes=5.0,
        reason="You have looked sad for 3 minutes. Slow breathing helped you 3 of 4 times.",
        trigger=Trigger.SUSTAINED_STATE,
        propensity=0.24,
        expected_helpfulness=0.4,
        expected_sd=0.2,
        emotion=Emotion.SADNESS,
        valence_before=-0.5,
        arousal_before=-0.2,
        status=status,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def notice(**changes: object) -> SafetyNotice:
    made = SafetyNotice(
        notice_id=1,
        wall_time_ns=NOW_NS,
        kind=NoticeKind.SUPPORT,
        cause=SafetyCause.RED_FLAG,
        message="Some of your answers tell of a very hard time. " * 6,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


HELPLINES = (
    Helpline("US", "Emergency services", "911", "phone", "day and night", ("en",), "x", "2026-11-25", "", True),
    Helpline(
        "US", "988 Suicide & Crisis Lifeline", "988", "phone", "day and night", ("en",), "x", "2026-11-25", "Free."
    ),
    *(
        Helpline("international", f"Line {n}", f"https://line{n}.org", "web", "", ("en",), "x", "2026-11-25")
        for n in range(9)
    ),
)
