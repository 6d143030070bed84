"""Tiny logs, built so that it is known what there is to be learnt from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ertedge.recommend.activity_features import ActivityTable
from ertedge.types import Emotion, Suggestion, SuggestionStatus
from tests.recommend.worlds import activities, affect, context_at, suggestion
from tools.cohort.records import LoggedDecision, PersonLog

CATALOGUE = activities(6)
IDS = tuple(each.activity_id for each in CATALOGUE)
TABLE = ActivityTable.of(CATALOGUE, IDS)


def log_of(person: int, decisions: list[tuple[Emotion, str, SuggestionStatus, int]]) -> PersonLog:
    """A log with one decision every eight hours; valence and arousal never change."""
    history: list[Suggestion] = []
    logged = []
    for number, (emotion, activity_id, status, rating) in enumerate(decisions):
        hours = 9.0 + 8.0 * number
        context = context_at(hours, affect(emotion, 5.0))
        made = suggestion(number + 1, hours, activity_id, status=status, helpfulness=rating, emotion=emotion)
        made = replace(made, wall_time_ns=context.wall_time_ns)
        logged.append(LoggedDecision(context, len(history), made, (rating - 3) / 2 if rating else 0.0, IDS))
        history.append(made)
    return PersonLog(f"person-{person}", tuple(history), tuple(logged))


def tasteful_logs(people: int, decisions: int, seed: int) -> list[PersonLog]:
    """Everybody likes the first half of the activities and dislikes the rest; a third of the offers is not taken up."""
    rng = np.random.default_rng(seed)
    logs = []
    for person in range(people):
        steps = []
        for _ in range(decisions):
            place = int(rng.integers(len(IDS)))
            done = rng.random() < 0.67
            rating = int(np.clip(np.rint(rng.normal(4.4 if place < 3 else 2.0, 0.5)), 1, 5)) if done else 0
            status = SuggestionStatus.COMPLETED if done else SuggestionStatus.DISMISSED
            steps.append((Emotion.SADNESS, IDS[place], status, rating))
        logs.append(log_of(person, steps))
    return logs


def moody_logs(people: int, decisions: int, seed: int) -> list[PersonLog]:
    """What helps is told by the history alone: each person is helped either when sad or when afraid, by any activity.

    Neither the present nor the counts of an activity say which; past ratings do, each beside the emotion it was given in.
    """
    rng = np.random.default_rng(seed)
    logs = []
    for person in range(people):
        helped = Emotion.SADNESS if rng.random() < 0.5 else Emotion.FEAR
        steps = []
        for _ in range(decisions):
            emotion = Emotion.SADNESS if rng.random() < 0.5 else Emotion.FEAR
            rating = 5 if emotion is helped else 1
            steps.append((emotion, IDS[int(rng.integers(len(IDS)))], SuggestionStatus.COMPLETED, rating))
        logs.append(log_of(person, steps))
    return logs
