"""When something is offered, and what: decision points, the rules of silence, and an explicit draw. Floor 1.

A moment becomes a decision point by a *trigger*: an unpleasant state that has lasted and is sure, a check-in whose time has
come, the drawn moment of a micro-randomised trial, or a person's request. ``decide`` then goes through the rules in the
order of ``_RULES``; the first that forbids an offer makes its probability exactly 0 and is named. Where none does, an offer
has a probability within [``OFFER_LEAST``, ``OFFER_MOST``], lowered where the budget runs short or the person seldom has
time, and a draw decides. It is never certain unasked, and never impossible unless a rule says so, and every decision is
returned with its probabilities, also to stay silent: that is what makes ``off_policy`` possible.

A request is always answered when anything fits; nothing but safety stands before it, and it spends no budget.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ertedge.config import SuggestionSettings
from ertedge.recommend.availability import availability_factor
from ertedge.recommend.exploration import Forecast, choice_probabilities, draw
from ertedge.recommend.past_offers import MINUTE_NS, PastOffers
from ertedge.recommend.schedule import Schedule, are_within
from ertedge.types import (
    Activity,
    AffectSummary,
    Candidate,
    Decision,
    DecisionContext,
    Emotion,
    SilenceReason,
    Suggestion,
    Trigger,
)

POLICY = "thompson-1"
"""The name that a decision carries. It changes with anything that changes a probability."""

UNPLEASANT = frozenset({Emotion.SADNESS, Emotion.ANGER, Emotion.FEAR, Emotion.DISGUST})
"""Emotions of negative valence, in which an activity may help."""

OFFER_LEAST, OFFER_MOST = 0.05, 0.95
"""Bounds of an offer's probability unasked: no weight of an off-policy estimate is above 20."""
FIRST_PROBABILITY = {Trigger.SUSTAINED_STATE: 0.95, Trigger.CHECK_IN: 0.5}
"""Before budget and availability: a state that has lasted is a better reason than the time of day."""
TRIAL_RESERVE = 0.8
"""A trial aims at this share of the mean that is allowed, so that the budget seldom cuts its randomisation."""

STRETCH_SLACK_NS = 1_000_000_000


class Policy:
    """Decides for one person. ``generator`` is the only source of chance: the same seed makes the same decisions."""

    def __init__(self, settings: SuggestionSettings, generator: np.random.Generator) -> None:
        self._settings = settings
        self._generator = generator
        self._schedule = Schedule(settings, seed=int(generator.integers(2**31)))

    def trigger(self, context: DecisionContext, decisions: Sequence[Decision]) -> Trigger | None:
        """Whether this moment is a decision point unasked, and by what.

        ``decisions`` are those of about the last day, oldest first, silent ones included. A moment that was decided on is
        no decision point again: a check-in once a day and time, a drawn moment once a slot, a lasting state once until it
        has ended or the gap has passed.
        """
        if self._settings.micro_randomised:
            return Trigger.MICRO_RANDOMISED if self._schedule.slot_is_due(context, decisions) else None
        if self._is_sustained(context.affect) and not self._was_decided_on(context, decisions):
            return Trigger.SUSTAINED_STATE
        somebody_there = context.affect.known_share > 0.0
        if somebody_there and self._schedule.check_in_is_due(context, decisions):
            return Trigger.CHECK_IN
        return None

    def decide(
        self,
        trigger: Trigger,
        context: DecisionContext,
        history: Sequence[Suggestion],
        eligible: Sequence[Activity],
        forecast: Forecast | Callable[[], Forecast],
        *,
        decision_id: int,
        safety_open: bool,
        model: str = "",
    ) -> Decision:
        """Decide at a decision point.

        ``history`` is oldest first. ``forecast`` is about ``eligible``, in their order; a function is only called where
        its answer is needed. ``safety_open``: a safety notice stands. ``model`` is the version to log.
        """
        moment = _Moment(
            trigger, context, safety_open, bool(eligible), PastOffers(self._settings, self._schedule, context, history)
        )
        if (rule := self._forbidding_rule(moment)) is not None:
            return Decision(decision_id, context, trigger, 0.0, (), "", rule, POLICY, model)
        offer_propensity = self._offer_propensity(moment, history)
        known = forecast() if callable(forecast) else forecast
        probabilities = choice_probabilities(
            known,
            eligible,
            history,
            context.wall_time_ns,
            self._generator,
            exploration_share=self._settings.exploration_share,
        )
        offered = self._generator.random() < offer_propensity
        chosen = eligible[draw(probabilities, self._generator)].activity_id if offered else ""
        columns = (probabilities, known.helpfulness, known.sd, known.uptake)
        candidates = tuple(
            Candidate(activity.activity_id, *numbers)
            for activity, *numbers in zip(eligible, *(column.tolist() for column in columns), strict=True)
        )
        silence = None if offered else SilenceReason.CHANCE
        return Decision(decision_id, context, trigger, offer_propensity, candidates, chosen, silence, POLICY, model)

    def _is_sustained(self, affect: AffectSummary) -> bool:
        """Whether the state has lasted, is sure and is unpleasant."""
        return (
            affect.emotion in UNPLEASANT
            and affect.emotion_minutes * 60.0 >= self._settings.sustained_seconds
            and (affect.emotion_confidence or affect.confidence) >= self._settings.confidence_least
        )

    def _was_decided_on(self, context: DecisionContext, decisions: Sequence[Decision]) -> bool:
        """Whether the stretch of the present emotion was a decision point already, less than the gap ago."""
        last = next((each for each in reversed(decisions) if each.trigger is Trigger.SUSTAINED_STATE), None)
        if last is None or last.context.affect.emotion is not context.affect.emotion:
            return False
        began_ns = context.wall_time_ns - int(context.affect.emotion_minutes * MINUTE_NS) - STRETCH_SLACK_NS
        same_stretch = last.context.wall_time_ns >= began_ns
        # With a gap of 0 a stretch would be a decision point at every state; it is one as often as it could be sustained.
        gap_ns = max(self._settings.gap_minutes * MINUTE_NS, self._settings.sustained_seconds * 1e9)
        return same_stretch and are_within(last.context.wall_time_ns, context.wall_time_ns, gap_ns)

    def _forbidding_rule(self, moment: _Moment) -> SilenceReason | None:
        """The first rule that forbids an offer."""
        asked = moment.trigger is Trigger.REQUEST
        return next(
            (
                rule.reason
                for rule in _RULES
                if (rule.also_asked or not asked)
                and (rule.also_in_trial or not self._in_trial(moment))
                and rule.forbids(self._settings, self._schedule, moment)
            ),
            None,
        )

    def _offer_propensity(self, moment: _Moment, history: Sequence[Suggestion]) -> float:
        if moment.trigger is Trigger.REQUEST:
            return 1.0
        if self._in_trial(moment):
            # The same at every moment of the trial, whatever has happened: that is what a trial's analysis rests on.
            wanted = TRIAL_RESERVE * self._settings.daily_mean_most / max(self._schedule.slots, 1)
        else:
            first = FIRST_PROBABILITY[moment.trigger]
            wanted = first * moment.past.pace * availability_factor(moment.context, history)
        return min(max(wanted, OFFER_LEAST), OFFER_MOST)

    @staticmethod
    def _in_trial(moment: _Moment) -> bool:
        return moment.trigger is Trigger.MICRO_RANDOMISED


@dataclass(frozen=True, slots=True)
class _Moment:
    """A decision point as the rules see it."""

    trigger: Trigger
    context: DecisionContext
    safety_open: bool
    anything_fits: bool
    past: PastOffers


@dataclass(frozen=True, slots=True)
class _Rule:
    """A reason for silence and when it holds; whether it also holds for a request, and in a micro-randomised trial."""

    reason: SilenceReason
    forbids: Callable[[SuggestionSettings, Schedule, _Moment], bool]
    also_asked: bool = False
    also_in_trial: bool = True


_RULES: tuple[_Rule, ...] = (
    _Rule(SilenceReason.SAFETY, lambda _settings, _schedule, moment: moment.safety_open, also_asked=True),
    _Rule(SilenceReason.PAUSED, lambda settings, _schedule, _moment: not settings.enabled),
    _Rule(SilenceReason.QUIET_HOURS, lambda _settings, schedule, moment: schedule.is_quiet(moment.context.hour)),
    _Rule(SilenceReason.PENDING_OFFER, lambda _settings, _schedule, moment: moment.past.is_pending),
    _Rule(SilenceReason.SNOOZED, lambda _settings, _schedule, moment: moment.past.is_snoozed),
    _Rule(
        SilenceReason.MINIMUM_GAP,
        lambda settings, _schedule, moment: moment.past.is_within_minutes(settings.gap_minutes),
    ),
    _Rule(
        SilenceReason.STEPPED_BACK,
        lambda _settings, _schedule, moment: moment.past.is_within_minutes(moment.past.stepped_gap_minutes),
        also_in_trial=False,
    ),
    _Rule(SilenceReason.BUDGET_SPENT, lambda _settings, _schedule, moment: moment.past.is_spent),
    _Rule(
        SilenceReason.BUDGET_SPREAD,
        lambda _settings, _schedule, moment: moment.past.is_ahead,
        also_in_trial=False,
    ),
    # Nobody is there: an offer would only go unanswered, and count as ignored.
    _Rule(SilenceReason.UNAVAILABLE, lambda _settings, _schedule, moment: moment.context.affect.known_share <= 0.0),
    _Rule(SilenceReason.NOTHING_FITS, lambda _settings, _schedule, moment: not moment.anything_fits, also_asked=True),
)
"""In the order in which they are asked."""
