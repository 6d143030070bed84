"""The fixed order in which the control group is offered the catalogue. Floor 1; pure.

The next activity is the first of the order among those that were offered least often. So the catalogue is gone through from
the first to the last and then again, and an activity that safety rules forbid at its turn comes as soon as they allow it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def next_in_order(order: Sequence[str], eligible: Sequence[str], offered: Sequence[str]) -> str:
    """The id of the next activity. Empty where none is eligible that the order has.

    ``order`` empty means every activity by id; ``eligible`` are the ids that may be offered now, ``offered`` those that were
    since the person was enrolled, each as often as it was.
    """
    allowed = set(eligible)
    candidates = [each for each in (order or sorted(allowed)) if each in allowed]
    counts = Counter(offered)
    return min(candidates, key=lambda each: counts[each], default="")
