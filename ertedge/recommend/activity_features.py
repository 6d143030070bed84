"""An activity as numbers: what it is, taken from its content alone, so that one dropped in as a file is scored sensibly.

Floor 1; imports only words. Nothing here depends on the language that an activity is written in, but for the lengths of
its steps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.types import EMOTIONS, Activity, ActivityFamily, ArousalEffect, Float32Array, StepKind

Int64Array = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

FAMILIES = tuple(ActivityFamily)
_EFFECTS = tuple(ArousalEffect)
_STEP_KINDS = tuple(StepKind)
UNKNOWN_INDEX = 0
"""The index of an activity that the network was not trained with; the known ones count from 1."""

CONTENT_SIZE = len(FAMILIES) + len(EMOTIONS) + len(_EFFECTS) + len(_STEP_KINDS) + 8
_LONG_MINUTES = 60.0
_USUAL_EFFECT_SIZE = 0.5
"""A medium effect by Cohen's convention; what scales Hedges' g."""


def content_features(activity: Activity) -> Float32Array:
    """(CONTENT_SIZE,) float32: family, target emotions, effect on arousal, what share of the time each kind of step takes,
    the arousal it suits (least, most), minutes, the effect size of its evidence and whether there is one, the number of
    contra-indications, whether it has something to write, and how many steps."""
    seconds = max(activity.seconds, 1.0)
    shares = [sum(step.seconds for step in activity.steps if step.kind is kind) / seconds for kind in _STEP_KINDS]
    size = activity.evidence.effect_size
    return np.array(
        [
            *(float(activity.family is family) for family in FAMILIES),
            *(float(emotion in activity.emotions) for emotion in EMOTIONS),
            *(float(activity.arousal_effect is effect) for effect in _EFFECTS),
            *shares,
            activity.arousal_least,
            activity.arousal_most,
            math.log1p(activity.minutes) / math.log1p(_LONG_MINUTES),
            0.0 if size is None else size / _USUAL_EFFECT_SIZE,
            float(size is not None),
            len(activity.contraindications) / 4.0,
            float(bool(activity.journaling_prompt)),
            math.log1p(len(activity.steps)) / math.log1p(20.0),
        ],
        dtype=np.float32,
    )


@dataclass(frozen=True, slots=True)
class ActivityTable:
    """Activities side by side, A rows in the order given.

    ``index`` (A,) int64 is each one's place in the network's embedding, ``UNKNOWN_INDEX`` where it has none; ``family``
    (A,) int64 its place in ``FAMILIES``; ``content`` (A, CONTENT_SIZE) float32; ``targets`` (A, 7) bool whether it is for
    each emotion; ``arousal`` (A, 2) float32 the least and the most that it suits.
    """

    ids: tuple[str, ...]
    index: Int64Array
    family: Int64Array
    content: Float32Array
    targets: BoolArray
    arousal: Float32Array
    rows: Mapping[str, int]

    @classmethod
    def of(cls, activities: Sequence[Activity], known: Sequence[str]) -> ActivityTable:
        """The table of ``activities`` for a network that knows the ids ``known``, the first of them by the index 1."""
        places = {activity_id: place for place, activity_id in enumerate(known, start=1)}
        ids = tuple(activity.activity_id for activity in activities)
        return cls(
            ids=ids,
            index=np.array([places.get(each, UNKNOWN_INDEX) for each in ids], dtype=np.int64),
            family=np.array([FAMILIES.index(activity.family) for activity in activities], dtype=np.int64),
            content=np.array([content_features(activity) for activity in activities], dtype=np.float32).reshape(
                len(ids), CONTENT_SIZE
            ),
            targets=np.array(
                [[emotion in activity.emotions for emotion in EMOTIONS] for activity in activities], dtype=np.bool_
            ).reshape(len(ids), len(EMOTIONS)),
            arousal=np.array(
                [(each.arousal_least, each.arousal_most) for each in activities], dtype=np.float32
            ).reshape(len(ids), 2),
            rows={each: row for row, each in enumerate(ids)},
        )

    def take(self, rows: Sequence[int] | Int64Array) -> ActivityTable:
        """The table of some rows, in the order asked for."""
        chosen = np.asarray(rows, dtype=np.int64)
        ids = tuple(self.ids[row] for row in chosen.tolist())
        return ActivityTable(
            ids=ids,
            index=self.index[chosen],
            family=self.family[chosen],
            content=self.content[chosen],
            targets=self.targets[chosen],
            arousal=self.arousal[chosen],
            rows={each: row for row, each in enumerate(ids)},
        )
