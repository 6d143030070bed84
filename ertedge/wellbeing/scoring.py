"""From answers to scores, bands and red flags. Floor 1; imports only words.

A scale's score is the sum of what its answers count, times its multiplier. Where a few answers are missing, as many as the
scale's rule allows, the mean of the others stands in for each, and the result is rounded to the nearest whole score (a half
upwards). Where more are missing there is no score: a number made up from half the answers would look as sure as any other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from ertedge.types.assessments import (
    DASS21,
    Assessment,
    Questionnaire,
    RedFlagRule,
    Scale,
    ScaleScore,
    Scoring,
)
from ertedge.types.safety import RedFlag
from ertedge.types.suggestions import QuestionnaireScores

Values = Mapping[str, int]
"""What the answers count, by the item's ``link_id``; an item that is left open is not in it."""


def values_of(assessment: Assessment, questionnaire: Questionnaire) -> dict[str, int]:
    """What the answers of ``assessment`` count; those that count nothing are not in it."""
    values: dict[str, int] = {}
    for answer in assessment.answers:
        item = questionnaire.item(answer.link_id)
        choice = item and item.choice(answer.code)
        if choice and choice.value is not None:
            values[answer.link_id] = choice.value
    return values


def scores_of(scoring: Scoring, values: Values) -> tuple[ScaleScore, ...]:
    """The score of each scale, in the scoring's order."""
    return tuple(_score(scale, values) for scale in scoring.scales)


def red_flags_of(scoring: Scoring, values: Values, *, complete: bool) -> tuple[RedFlag, ...]:
    """The red flags that the answers so far raise, the gravest first.

    An item's flag is raised by its answer alone. A band's is raised as soon as its scale cannot come out lower any more,
    whatever is still to be answered, so that it is known while somebody is still answering and not lost when they stop.
    Once it is ``complete``, the score decides as well, in which a missing answer may stand at the mean of the others.
    """
    found = {rule.flag for rule in scoring.red_flags if _is_raised(rule, values)}
    for scale in scoring.scales:
        at_least = scale.multiplier * sum(values.get(link_id, 0) for link_id in scale.items)
        scores = (
            None if scale.higher_is_better else at_least,
            _score(scale, values).score if complete else None,
        )
        bands = (scale.band(score) for score in scores if score is not None)
        found |= {band.red_flag for band in bands if band is not None and band.red_flag is not None}
    return tuple(flag for flag in _GRAVEST_FIRST if flag in found)


def dass21_scores(assessment: Assessment, scores: tuple[ScaleScore, ...]) -> QuestionnaireScores | None:
    """The three sub-scales for the recommender; None for another questionnaire, or where a sub-scale has no score."""
    by_id = {each.scale_id: each.score for each in scores}
    depression, anxiety, stress = by_id.get("depression"), by_id.get("anxiety"), by_id.get("stress")
    if assessment.questionnaire_id != DASS21 or depression is None or anxiety is None or stress is None:
        return None
    return QuestionnaireScores(depression, anxiety, stress, assessment.complete_wall_time_ns)


_GRAVEST_FIRST = (RedFlag.SELF_HARM_THOUGHTS, RedFlag.LIFE_NOT_WORTHWHILE, RedFlag.EXTREMELY_SEVERE)


def _is_raised(rule: RedFlagRule, values: Values) -> bool:
    return values.get(rule.link_id, 0) >= rule.at_least


def _score(scale: Scale, values: Values) -> ScaleScore:
    given = [values[link_id] for link_id in scale.items if link_id in values]
    missing = len(scale.items) - len(given)
    score = None
    if given and missing <= scale.missing_most:
        score = math.floor(scale.multiplier * sum(given) * len(scale.items) / len(given) + 0.5)
    band = None if score is None else scale.band(score)
    return ScaleScore(scale.scale_id, scale.title, score, scale.most, len(given), missing, band)
