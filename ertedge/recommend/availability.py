"""When a person has time for a suggestion, learnt from what became of past ones. Floor 1; the local time is handed in.

For every four hours of the day, working days and weekend apart, the share of unasked suggestions that were taken up has a
Beta posterior. Its prior is the person's own share over all times (itself with a prior of ``PRIOR_TAKEN`` to
``PRIOR_LEFT``), worth ``POOLED`` suggestions: with few data every time is as good as another, and with many each speaks
for itself. What is old counts less: half after ``HALF_LIFE_DAYS``.
"""

from __future__ import annotations

from collections.abc import Sequence

from ertedge.recommend.past_offers import RECENT, was_ignored, was_taken_up
from ertedge.recommend.schedule import DAY_NS, day_at, hour_at
from ertedge.types import DecisionContext, Suggestion, Trigger

BLOCK_HOURS = 4.0
PRIOR_TAKEN, PRIOR_LEFT = 2.0, 1.0
POOLED = 4.0
HALF_LIFE_DAYS = 28.0
FACTOR_LEAST = 0.2
"""However seldom suggestions are taken up, an offer keeps this share of its probability: else nothing would be learnt."""


def availability(context: DecisionContext, history: Sequence[Suggestion]) -> float:
    """The expected share, in (0, 1), of suggestions at such a time of day and week that the person takes up."""
    here = _block(context.hour, context.weekday)
    taken, counted, taken_here, counted_here = 0.0, 0.0, 0.0, 0.0
    for each in history[-RECENT:]:
        if each.trigger is Trigger.REQUEST:
            continue
        took = was_taken_up(each)
        if not took and not was_ignored(each):
            continue  # nothing has become of it, or not by the person's doing
        weight = 0.5 ** (abs(context.wall_time_ns - each.wall_time_ns) / (HALF_LIFE_DAYS * DAY_NS))
        taken, counted = taken + weight * took, counted + weight
        weekday = (context.weekday + day_at(context, each.wall_time_ns) - context.day) % 7
        if _block(hour_at(context, each.wall_time_ns), weekday) == here:
            taken_here, counted_here = taken_here + weight * took, counted_here + weight
    overall = (PRIOR_TAKEN + taken) / (PRIOR_TAKEN + PRIOR_LEFT + counted)
    return (POOLED * overall + taken_here) / (POOLED + counted_here)


def availability_factor(context: DecisionContext, history: Sequence[Suggestion]) -> float:
    """What availability does to the probability of an offer, in [``FACTOR_LEAST``, 1]; 1 for whoever has no past."""
    relative = availability(context, history) * (PRIOR_TAKEN + PRIOR_LEFT) / PRIOR_TAKEN
    return FACTOR_LEAST + (1.0 - FACTOR_LEAST) * min(relative, 1.0)


def _block(hour: float, weekday: int) -> tuple[int, bool]:
    return int(hour // BLOCK_HOURS), weekday >= 5
