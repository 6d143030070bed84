"""From a moment to a decision, and from a decision to the suggestion that the person sees. Floor 2.

Puts together what the rooms of thought know: the safety rules say what may be suggested, ``fitting`` what is for the way the
person feels, the recommender what it would do for them, the policy whether and which, the reasons why. Every decision is
kept, also the one to stay silent.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from ertedge.config import SuggestionSettings
from ertedge.core.local_time import LocalTime
from ertedge.core.study.arms import ORDER_POLICY, ArmPort, NoForecast, outside_study
from ertedge.core.suggestions.activities import Activities
from ertedge.core.suggestions.learner import Learner
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.recommend.fitting import fitting
from ertedge.recommend.policy import Policy
from ertedge.recommend.reasons import reason_for
from ertedge.recommend.safety import eligible, minutes_until_quiet
from ertedge.types import (
    Activity,
    AffectSummary,
    Decision,
    DecisionContext,
    EmotionState,
    HealthCondition,
    QuestionnaireScores,
    Suggestion,
    Trigger,
)

logger = logging.getLogger(__name__)

MINUTE_NS = 60 * 1_000_000_000


class SafetyPort(Protocol):
    """What stands before every suggestion, as ``core.safety.safety.Safety`` gives it."""

    @property
    def is_open(self) -> bool: ...
    @property
    def conditions(self) -> frozenset[HealthCondition]: ...
    def consider(self, state: EmotionState, summary: AffectSummary | None = None) -> None: ...


def no_scores() -> QuestionnaireScores | None:
    """Of somebody who has filled in no questionnaire."""
    return None


class DecisionMaker:
    """Decides for one person by ``settings``; ``generator`` is the only source of chance. ``arm`` is what a study that the
    person takes part in changes of it, ``scores`` their newest DASS-21, ``language`` what they are spoken to in (ISO 639-1;
    None: the device's); all are asked at each decision."""

    def __init__(
        self,
        settings: SuggestionSettings,
        *,
        log: SuggestionLog,
        activities: Activities,
        safety: SafetyPort,
        learner: Learner,
        generator: np.random.Generator,
        arm: Callable[[], ArmPort] = outside_study,
        scores: Callable[[], QuestionnaireScores | None] = no_scores,
        language: Callable[[], str] | None = None,
    ) -> None:
        self._settings = settings
        self._scores = scores
        self._language = language or (lambda: activities.language)
        self._arm = arm
        self._log = log
        self._activities = activities
        self._safety = safety
        self._learner = learner
        self._policy = Policy(settings, generator)
        self._local = LocalTime(settings.timezone)

    def context(self, now_ns: int, summary: AffectSummary) -> DecisionContext:
        """What is known at a moment, UTC nanoseconds."""
        local = self._local.at(now_ns)
        scores = None if summary.synthetic else self._scores()  # a simulated person is not the one who answered
        return DecisionContext(now_ns, local.day, local.hour, local.weekday, summary, scores)

    def trigger(self, context: DecisionContext) -> Trigger | None:
        """Whether the moment is a decision point unasked, and by what; never in a group that is offered nothing unasked."""
        if self._arm().is_silent:
            return None
        return self._policy.trigger(context, self._log.decisions(synthetic=context.affect.synthetic))

    @property
    def refusal(self) -> str:
        """Why the person's group of a study gets nothing on request either; empty: it does."""
        return self._arm().refusal

    def decide(self, trigger: Trigger, context: DecisionContext) -> tuple[Decision, Suggestion | None]:
        """Decide at a decision point. Both what was decided and what is offered, if anything is, are in the log then."""
        offered, eligible = self._log.history(synthetic=context.affect.synthetic), self._eligible(context)
        in_order = self._arm().choice(eligible, offered)
        # In a fixed order the reason speaks of the moment alone, as of somebody of whom nothing is known.
        history = self._learner.history() if in_order is None else ()
        choice = fitting(eligible, context.affect, history) if in_order is None else in_order
        decision = self._policy.decide(
            trigger,
            context,
            offered,
            choice,
            (lambda: self._learner.forecast(context, choice)) if in_order is None else NoForecast.of(choice),
            decision_id=self._log.next_decision_id(),
            safety_open=self._safety.is_open,
            model=self._learner.version if in_order is None else "",
        )
        if in_order is not None:
            decision = replace(decision, policy=ORDER_POLICY)
        self._log.add_decision(decision)
        if not decision.chosen:
            logger.debug("decision %d: silence, %s", decision.decision_id, decision.silence)
            return decision, None
        suggestion = self._suggestion_of(decision, history)
        self._log.put(suggestion)
        logger.info("suggestion %d is offered: %s", suggestion.suggestion_id, suggestion.activity_id)
        return decision, suggestion

    def _eligible(self, context: DecisionContext) -> tuple[Activity, ...]:
        quiet = minutes_until_quiet(context.hour, self._settings.quiet_from, self._settings.quiet_until)
        return eligible(
            self._activities.all(),
            context.affect,
            self._safety.conditions,
            reviewed_only=self._settings.reviewed_only,
            notice_open=self._safety.is_open,
            minutes_until_quiet=quiet,
        )

    def _suggestion_of(self, decision: Decision, history: Sequence[Suggestion]) -> Suggestion:
        """What the person sees of ``decision``; ``history`` is what its reason may speak of."""
        context, affect = decision.context, decision.context.affect
        language = self._language()
        activity = self._activities.get(decision.chosen, language)
        candidate = next(each for each in decision.candidates if each.activity_id == decision.chosen)
        return Suggestion(
            suggestion_id=self._log.next_suggestion_id(),
            decision_id=decision.decision_id,
            wall_time_ns=context.wall_time_ns,
            expire_wall_time_ns=context.wall_time_ns + round(self._settings.expire_minutes * MINUTE_NS),
            activity_id=activity.activity_id,
            activity_version=activity.version,
            title=activity.title,
            minutes=activity.minutes,
            reason=reason_for(decision, activity, history, self._activities.all(language), language),
            trigger=decision.trigger,
            propensity=decision.offer_propensity * candidate.propensity,
            expected_helpfulness=candidate.expected_helpfulness,
            expected_sd=candidate.expected_sd,
            emotion=affect.emotion,
            valence_before=affect.valence,
            arousal_before=affect.arousal,
            update_wall_time_ns=context.wall_time_ns,
            synthetic=affect.synthetic,
        )
