"""Whether a score has really changed. Floor 1; imports only words.

Two scores of the same person differ by chance alone, since no questionnaire measures exactly. Jacobson and Truax (1991,
Journal of Consulting and Clinical Psychology 59, 12-19, doi 10.1037/0022-006X.59.1.12) divide the difference by its standard
error, ``sd * sqrt(2 * (1 - reliability))``; beyond 1.96 of those it is more than chance, with 95% confidence. Some
instruments have a least reliable difference in points published in its place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ertedge.types.assessments import ChangeKind, ChangeRule, Scale, ScaleChange, ScaleScore, Scoring


def changes(
    scoring: Scoring, before: Sequence[ScaleScore], after: Sequence[ScaleScore], before_wall_time_ns: int
) -> tuple[ScaleChange, ...]:
    """How each scale has changed from ``before`` to ``after``; only scales with both scores and a rule of change."""
    return tuple(_changes(scoring, before, after, before_wall_time_ns))


def reliable_change_index(rule: ChangeRule, before: int, after: int) -> float | None:
    """The difference in standard errors of the difference; None where the rule gives points alone."""
    if rule.sd is None or rule.reliability is None:
        return None
    return (after - before) / (rule.sd * math.sqrt(2.0 * (1.0 - rule.reliability)))


def _changes(
    scoring: Scoring, before: Sequence[ScaleScore], after: Sequence[ScaleScore], before_wall_time_ns: int
) -> Iterator[ScaleChange]:
    earlier = {each.scale_id: each.score for each in before}
    later = {each.scale_id: each.score for each in after}
    for scale in scoring.scales:
        first, second = earlier.get(scale.scale_id), later.get(scale.scale_id)
        if scale.change is None or first is None or second is None:
            continue
        kind = _kind(scale, scale.change, first, second)
        yield ScaleChange(
            scale_id=scale.scale_id,
            before=first,
            after=second,
            before_wall_time_ns=before_wall_time_ns,
            points=scale.change.points,
            kind=kind,
            index=reliable_change_index(scale.change, first, second),
            crossed=kind is ChangeKind.IMPROVED and _crossed(scale, first, second),
        )


def _kind(scale: Scale, rule: ChangeRule, before: int, after: int) -> ChangeKind:
    difference = after - before
    # Points that follow from norms must be exceeded; published ones are the least that counts.
    reliable = abs(difference) > rule.points if rule.sd is not None else abs(difference) >= rule.points
    if not reliable:
        return ChangeKind.UNCERTAIN
    return ChangeKind.IMPROVED if (difference > 0) is scale.higher_is_better else ChangeKind.WORSENED


def _crossed(scale: Scale, before: int, after: int) -> bool:
    if scale.cut_off is None or scale.higher_is_better:
        return False
    return before >= scale.cut_off.score > after
