"""Decisions and suggestions as the core makes them, for the tests of the store and of what stands on it."""

from __future__ import annotations

import numpy as np

from ertedge.types import (
    AffectSummary,
    Candidate,
    Decision,
    DecisionContext,
    Emotion,
    QuestionnaireScores,
    SilenceReason,
    Suggestion,
    Trigger,
)
from tests.store.samples import MINUTE_NS, START_NS, leaning


def affect(emotion: Emotion = Emotion.SADNESS, *, minutes: float = 12.0, synthetic: bool = False) -> AffectSummary:
    """A quarter of an hour that ended with ``emotion`` for ``minutes``."""
    return AffectSummary(
        minutes=15.0,
        known_share=0.9,
        probabilities=leaning(emotion),
        probability_sd=np.full(7, 0.05, np.float32),
        probability_trend=np.zeros(7, np.float32),
        valence=-0.6,
        valence_sd=0.1,
        valence_trend=-0.01,
        arousal=-0.3,
        arousal_sd=0.1,
        arousal_trend=0.0,
        confidence=0.7,
        emotion=emotion,
        emotion_minutes=minutes,
        synthetic=synthetic,
    )


def context(wall_time_ns: int = START_NS, *, synthetic: bool = False) -> DecisionContext:
    scores = QuestionnaireScores(12, 8, 14, START_NS - MINUTE_NS)
    return DecisionContext(wall_time_ns, 739_000, 14.5, 3, affect(synthetic=synthetic), scores)


def decision(
    decision_id: int,
    *,
    wall_time_ns: int | None = None,
    silence: SilenceReason | None = None,
    offer_propensity: float = 0.8,
    synthetic: bool = False,
) -> Decision:
    at_ns = START_NS + decision_id * MINUTE_NS if wall_time_ns is None else wall_time_ns
    return Decision(
        decision_id=decision_id,
        context=context(at_ns, synthetic=synthetic),
        trigger=Trigger.SUSTAINED_STATE,
        offer_propensity=offer_propensity,
        candidates=(Candidate("breathing", 0.75, 0.4, 0.2, 0.6), Candidate("gratitude", 0.25, 0.1, 0.3, 0.5)),
        chosen="" if silence else "breathing",
        silence=silence,
        policy="thompson 1",
        model="recommender 1",
    )


def suggestion(suggestion_id: int, *, wall_time_ns: int | None = None, synthetic: bool = False) -> Suggestion:
    at_ns = START_NS + suggestion_id * MINUTE_NS if wall_time_ns is None else wall_time_ns
    return Suggestion(
        suggestion_id=suggestion_id,
        decision_id=suggestion_id,
        wall_time_ns=at_ns,
        expire_wall_time_ns=at_ns + 30 * MINUTE_NS,
        activity_id="breathing",
        activity_version=2,
        title="Paced breathing",
        minutes=4.0,
        reason="You have looked sad for 12 minutes.",
        trigger=Trigger.SUSTAINED_STATE,
        propensity=0.6,
        expected_helpfulness=0.4,
        expected_sd=0.2,
        emotion=Emotion.SADNESS,
        valence_before=-0.6,
        arousal_before=-0.3,
        update_wall_time_ns=at_ns,
        synthetic=synthetic,
    )
