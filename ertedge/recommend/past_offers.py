"""What the past suggestions say of the next one: pending, snoozed, ignored, and how much of the budget is left. Floor 1.

Everything here is counted from the list of suggestions, oldest first, whenever it is asked: nothing is remembered beside it,
so a restart or an erasure cannot bring a count out of step. Asked-for suggestions spend no budget.
"""

from __future__ import annotations

from collections.abc import Sequence

from ertedge.config import SuggestionSettings
from ertedge.recommend.schedule import DAY_NS, HOUR_NS, Schedule, are_within
from ertedge.types import DecisionContext, Suggestion, SuggestionStatus, Trigger

MINUTE_NS = HOUR_NS // 60
RECENT = 400
"""So many suggestions are looked at, far more than a person answers in the weeks that anything here depends on."""
WEEK_DAYS = 7
RECENT_DAYS = WEEK_DAYS + 1
PURSUED_HOURS = 2.0
"""An activity that was accepted or begun counts as being done for so long; then it was left unfinished."""
IGNORED_PATIENCE = 1
"""So many ignored in a row change nothing."""
STEP_BACK_MOST_HOURS = 48.0
WEEK_RESERVE = 0.7
"""From this share of the week's budget left, offers become less likely in proportion to what is left."""
ON_PACE = 0.4
"""What is left of an offer's probability while the day has had what of its share has come due; a whole suggestion behind it
is 1, half a one ahead is ``PACE_LEAST``."""
PACE_LEAST = 0.1

PURSUED = (SuggestionStatus.ACCEPTED, SuggestionStatus.STARTED)


def was_taken_up(suggestion: Suggestion) -> bool:
    """Whether the person did it or means to."""
    return suggestion.status in (*PURSUED, SuggestionStatus.COMPLETED)


def was_ignored(suggestion: Suggestion) -> bool:
    """Whether the person did not want it, or let its time pass. One that was taken back before its time was not ignored."""
    if suggestion.status is SuggestionStatus.EXPIRED:
        return suggestion.update_wall_time_ns >= suggestion.expire_wall_time_ns
    return suggestion.status is SuggestionStatus.DISMISSED


class PastOffers:
    """The suggestions of one person as seen from one decision. ``history`` is oldest first."""

    def __init__(
        self, settings: SuggestionSettings, schedule: Schedule, context: DecisionContext, history: Sequence[Suggestion]
    ) -> None:
        self._settings = settings
        self._schedule = schedule
        self._context = context
        self._history = history[-RECENT:]
        now_ns = context.wall_time_ns
        self._recent = [each for each in self._history if are_within(each.wall_time_ns, now_ns, RECENT_DAYS * DAY_NS)]
        day = schedule.waking_day(context)
        days = [
            schedule.waking_day(context, suggestion.wall_time_ns) - day
            for suggestion in self._recent
            if suggestion.trigger is not Trigger.REQUEST
        ]
        self.today = days.count(0)
        """Suggestions unasked on this waking day."""
        self.week = sum(abs(apart) < WEEK_DAYS for apart in days)
        """Suggestions unasked on this waking day and the six before it (or after it, if the clock was set back)."""

    @property
    def is_pending(self) -> bool:
        """Whether one waits for an answer, is being done, or is due again."""
        return any(self._waits(each, self._context.wall_time_ns) for each in self._recent)

    @property
    def is_snoozed(self) -> bool:
        """Whether one is to come back later."""
        return any(_is_snoozed(each, self._context.wall_time_ns) for each in self._recent)

    def is_within_minutes(self, minutes: float) -> bool:
        """Whether one was made (asked or not) less than ``minutes`` ago."""
        now_ns = self._context.wall_time_ns
        return any(are_within(each.wall_time_ns, now_ns, minutes * MINUTE_NS) for each in self._recent)

    @property
    def ignored_in_a_row(self) -> int:
        """How many unasked ones were dismissed or expired since one was last taken up."""
        count = 0
        for each in reversed(self._history):
            if was_taken_up(each):
                break
            count += was_ignored(each) and each.trigger is not Trigger.REQUEST
        return count

    @property
    def stepped_gap_minutes(self) -> float:
        """The gap that those ignored in a row ask for: twice the ordinary one for every one that is too many."""
        too_many = self.ignored_in_a_row - IGNORED_PATIENCE
        if too_many <= 0:
            return 0.0
        least = max(self._settings.gap_minutes, 1.0)
        return min(least * float(2 ** min(too_many, 16)), STEP_BACK_MOST_HOURS * 60.0)

    @property
    def is_spent(self) -> bool:
        """Whether one more would be over the day's budget, or over the week's mean."""
        return self.today >= self._settings.daily_most or self.week >= self._week_most

    @property
    def is_ahead(self) -> bool:
        """Whether the day's budget is being spent a whole suggestion or more faster than the waking day passes."""
        return self._ahead >= 1.0

    @property
    def pace(self) -> float:
        """By how much the budget makes an offer less likely, in [0, 1].

        A day's share is the mean allowed, and comes due evenly over the waking day: so one is offered in the evening as
        likely as in the morning. The week's budget counts as it runs out. 1 where a week has passed without any.
        """
        if self.week == 0:
            return 1.0
        behind = self._settings.daily_mean_most * self._schedule.elapsed(self._context.hour) - self.today
        day = min(max(ON_PACE + (1.0 - ON_PACE) * behind, PACE_LEAST), 1.0)
        week = (self._week_most - self.week) / (WEEK_RESERVE * max(self._week_most, 1))
        return day * min(max(week, 0.0), 1.0)

    def _waits(self, suggestion: Suggestion, now_ns: int) -> bool:
        """Whether it keeps others back. Where the wall clock was set back since, it does for a day at most."""
        if suggestion.status is SuggestionStatus.OFFERED:
            minutes = self._settings.expire_minutes
        elif suggestion.status in PURSUED:
            minutes = PURSUED_HOURS * 60.0 + suggestion.minutes
        else:
            return suggestion.status is SuggestionStatus.SNOOZED and not _is_snoozed(suggestion, now_ns)
        age_ns = now_ns - max(suggestion.wall_time_ns, suggestion.update_wall_time_ns)
        return -DAY_NS < age_ns < minutes * MINUTE_NS

    @property
    def _ahead(self) -> float:
        return self.today - self._settings.daily_most * self._schedule.elapsed(self._context.hour)

    @property
    def _week_most(self) -> int:
        return int(WEEK_DAYS * self._settings.daily_mean_most + 1e-9)


def due_again(history: Sequence[Suggestion], wall_time_ns: int) -> Suggestion | None:
    """The snoozed suggestion whose time is over, the longest overdue first; None where there is none."""
    due = [
        each
        for each in history[-RECENT:]
        if each.status is SuggestionStatus.SNOOZED and not _is_snoozed(each, wall_time_ns)
    ]
    return min(due, key=lambda each: each.snooze_until_wall_time_ns, default=None)


def _is_snoozed(suggestion: Suggestion, now_ns: int) -> bool:
    """Whether it sleeps still. After the wall clock was set back it sleeps no longer than it was put to sleep for."""
    if suggestion.status is not SuggestionStatus.SNOOZED:
        return False
    slept_ns = suggestion.snooze_until_wall_time_ns - suggestion.update_wall_time_ns
    return now_ns < suggestion.snooze_until_wall_time_ns and are_within(
        suggestion.update_wall_time_ns, now_ns, slept_ns
    )
