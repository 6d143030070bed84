"""Which of the activities that may be suggested fit what the person feels now. Floor 1; imports only words.

Safety says what may be offered and the recommender what would help most, but with little to go on it still spreads its
offers, and to be sent to "cool down" when one is sad is to be misread. So an offer is chosen among the activities whose
entry names the emotion that leads, and those that this person has said to help. It is a preference and no rule: where too
few are left, every activity that safety allows is.
"""

from __future__ import annotations

from collections.abc import Sequence

from ertedge.types import HELPED_LEAST, Activity, AffectSummary, Emotion, Suggestion

FITTING_LEAST = 3
"""Fewer than this are no choice."""


def fitting(
    activities: Sequence[Activity], affect: AffectSummary, history: Sequence[Suggestion]
) -> tuple[Activity, ...]:
    """Those of ``activities`` that are for the leading emotion, or helped this person when they last rated them, in their
    order; all of them where no emotion leads or fewer than ``FITTING_LEAST`` fit. ``history`` is oldest first."""
    if affect.emotion is Emotion.UNKNOWN:
        return tuple(activities)
    newest_rating = {each.activity_id: each.helpfulness for each in history if each.helpfulness}
    found = tuple(
        activity
        for activity in activities
        if affect.emotion in activity.emotions or newest_rating.get(activity.activity_id, 0) >= HELPED_LEAST
    )
    return found if len(found) >= FITTING_LEAST else tuple(activities)
