"""A decision as arrays: the present, the history as tokens, and every activity as it stands for this person now.

Floor 1; imports only words. Training and the device share this file, so a change of what it returns is a change of
``ENCODING_VERSION``, and a network is refused whose manifest entry names another.

The network takes three things (T = ``TOKENS``, A activities):

- ``present`` (PRESENT_SIZE,): the summary of recent states, the questionnaire's scores if known, time of day and week.
- ``tokens`` (T, TOKEN_SIZE) with ``token_mask`` (T,) and ``token_index`` (T,): the most recent suggestions, each with the
  activity's content, the state before, what became of it, and its age. Their order carries nothing; the age does.
- ``activities`` (A, ACTIVITY_SIZE) with ``activity_index`` (A,): content, how it fits the present, and what this person's
  history says of it: how often and how long ago it was done, how it, its family and all others were rated.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ertedge.recommend.activity_features import CONTENT_SIZE, UNKNOWN_INDEX, ActivityTable, Int64Array
from ertedge.types import (
    EMOTIONS,
    HELPED_LEAST,
    DecisionContext,
    Emotion,
    Float32Array,
    Suggestion,
    SuggestionStatus,
    Trigger,
    helpfulness_of_rating,
)

ENCODING_VERSION = 1
"""Grows with every change of what the arrays mean."""

TOKENS = 32
"""How many suggestions the attention sees; the counts and means of an activity go back ``REMEMBERED``."""
REMEMBERED = 256

_ALL_EMOTIONS = tuple(Emotion)
_STATUSES = tuple(SuggestionStatus)
_DAY_NS = 86_400_000_000_000
_TREND_PER_MINUTE = 0.05
"""A change of the mean of this much a minute is a strong trend: half of the range in ten minutes."""
_DASS_MOST = 42.0
_SIMILAR = 0.35
"""Distance in valence and arousal at which a past state counts exp(-1/2) for the present one."""

PRESENT_SIZE = 3 * len(EMOTIONS) + 6 + 3 + len(_ALL_EMOTIONS) + 5 + 7
SCORE_COLUMNS = slice(3 * len(EMOTIONS) + 9 + len(_ALL_EMOTIONS), 3 * len(EMOTIONS) + 9 + len(_ALL_EMOTIONS) + 5)
"""Where ``present`` tells of the questionnaire: known, depression, anxiety, stress, how recent; zeros where unknown."""
AGE_SIZE = 2
TOKEN_SIZE = CONTENT_SIZE + len(_ALL_EMOTIONS) + 2 + len(_STATUSES) + 2 + 3 + 2 + AGE_SIZE
ACTIVITY_SIZE = CONTENT_SIZE + 4 + 25
_RATED_COLUMNS = tuple(CONTENT_SIZE + 4 + 7 * which + 1 for which in range(3))
_COUNT_SCALE = 3.0

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class EncodedDecision:
    """What the network takes of one decision, without a batch axis; see the module."""

    present: Float32Array
    token_index: Int64Array
    tokens: Float32Array
    token_mask: Float32Array
    activity_index: Int64Array
    activities: Float32Array


@dataclass(frozen=True, slots=True)
class HistoryTable:
    """A person's suggestions side by side, n rows from the oldest to the newest.

    ``row`` (n,) is the activity's row in the table it was made with, -1 where the catalogue no longer has it. ``rating``
    (n,) is helpfulness in [-1, 1], 0 where there is none (``rated`` tells). ``fixed`` (n, TOKEN_SIZE) float32 is what does
    not depend on the moment of the decision.
    """

    row: Int64Array
    index: Int64Array
    family: Int64Array
    wall_time_ns: Int64Array
    done: FloatArray
    rated: FloatArray
    rating: FloatArray
    valence: FloatArray
    arousal: FloatArray
    fixed: Float32Array

    @classmethod
    def of(cls, suggestions: Sequence[Suggestion], table: ActivityTable) -> HistoryTable:
        """The table of ``suggestions``, which are in the order of time."""
        row = np.array([table.rows.get(each.activity_id, -1) for each in suggestions], dtype=np.int64)
        known = row >= 0
        fixed = np.zeros((len(row), TOKEN_SIZE), dtype=np.float32)
        fixed[known, :CONTENT_SIZE] = table.content[row[known]]
        if len(row):
            fixed[:, CONTENT_SIZE:-AGE_SIZE] = [_outcome_features(each) for each in suggestions]
        index, family = np.zeros(len(row), dtype=np.int64), np.full(len(row), -1, dtype=np.int64)
        index[known], family[known] = table.index[row[known]], table.family[row[known]]
        return cls(
            row=row,
            index=index,
            family=family,
            wall_time_ns=np.array([each.wall_time_ns for each in suggestions], dtype=np.int64),
            done=np.array([each.status is SuggestionStatus.COMPLETED for each in suggestions], dtype=np.float64),
            rated=np.array([each.helpfulness > 0 for each in suggestions], dtype=np.float64),
            rating=np.array([_rating(each) for each in suggestions], dtype=np.float64),
            valence=np.array([each.valence_before for each in suggestions], dtype=np.float64),
            arousal=np.array([each.arousal_before for each in suggestions], dtype=np.float64),
            fixed=fixed,
        )

    def __len__(self) -> int:
        return len(self.row)

    def before(self, end: int, most: int = REMEMBERED) -> HistoryTable:
        """The last ``most`` rows before row ``end``, as views."""
        return self.part(max(0, end - most), end)

    def part(self, first: int, end: int) -> HistoryTable:
        """The rows from ``first`` to before ``end``, as views."""
        return HistoryTable(*(getattr(self, name)[first:end] for name in _COLUMNS))

    def followed_by(self, later: HistoryTable) -> HistoryTable:
        """These rows and then those of ``later``, which was made with the same activities."""
        return HistoryTable(*(np.concatenate([getattr(self, name), getattr(later, name)]) for name in _COLUMNS))


_COLUMNS = tuple(each.name for each in fields(HistoryTable))


def encode(
    context: DecisionContext, history: HistoryTable, activities: ActivityTable, rows: Int64Array
) -> EncodedDecision:
    """The decision at ``context`` over the ``rows`` of ``activities``, the table that ``history`` was made with.

    ``history`` ends before the decision and has ``REMEMBERED`` rows at most (``HistoryTable.before``).
    """
    token_index, tokens, token_mask = token_features(history, context.wall_time_ns)
    return EncodedDecision(
        present=present_features(context),
        token_index=token_index,
        tokens=tokens,
        token_mask=token_mask,
        activity_index=activities.index[rows],
        activities=activity_features(context, history, activities, rows),
    )


def present_features(context: DecisionContext) -> Float32Array:
    """(PRESENT_SIZE,) float32 of the present; a trend is squashed, minutes are on a log scale."""
    affect, scores = context.affect, context.scores
    day, week = 2.0 * math.pi * context.hour / 24.0, 2.0 * math.pi * (context.weekday + context.hour / 24.0) / 7.0
    trends = np.tanh(np.asarray(affect.probability_trend, dtype=np.float64) / _TREND_PER_MINUTE)
    asked = (0.0, 0.0, 0.0, 0.0, 0.0)
    if scores is not None:
        days = max(0.0, (context.wall_time_ns - scores.wall_time_ns) / _DAY_NS)
        given = (scores.depression / _DASS_MOST, scores.anxiety / _DASS_MOST, scores.stress / _DASS_MOST)
        asked = (1.0, *given, math.exp(-days / 14.0))
    return np.array(
        [
            *affect.probabilities,
            *affect.probability_sd,
            *trends,
            affect.valence,
            affect.valence_sd,
            math.tanh(affect.valence_trend / _TREND_PER_MINUTE),
            affect.arousal,
            affect.arousal_sd,
            math.tanh(affect.arousal_trend / _TREND_PER_MINUTE),
            affect.confidence,
            affect.known_share,
            math.log1p(max(0.0, affect.emotion_minutes)) / math.log1p(120.0),
            *(float(affect.emotion is emotion) for emotion in _ALL_EMOTIONS),
            *asked,
            math.sin(day),
            math.cos(day),
            math.sin(2.0 * day),
            math.cos(2.0 * day),
            math.sin(week),
            math.cos(week),
            float(context.weekday >= 5),
        ],
        dtype=np.float32,
    )


def token_features(history: HistoryTable, now_ns: int) -> tuple[Int64Array, Float32Array, Float32Array]:
    """The most recent ``TOKENS`` suggestions: index (T,), features (T, TOKEN_SIZE), and a mask (T,) that is 1 where there
    is one. The rest is zero."""
    recent = history.before(len(history), TOKENS)
    n = len(recent)
    index = np.full(TOKENS, UNKNOWN_INDEX, dtype=np.int64)
    features, mask = np.zeros((TOKENS, TOKEN_SIZE), dtype=np.float32), np.zeros(TOKENS, dtype=np.float32)
    days = np.maximum(0.0, (now_ns - recent.wall_time_ns) / _DAY_NS)
    index[:n], mask[:n] = recent.index, 1.0
    features[:n] = recent.fixed
    features[:n, -AGE_SIZE:] = age_features(days)
    return index, features, mask


def age_features(days: FloatArray) -> FloatArray:
    """(..., AGE_SIZE) of the ages of suggestions (...): far back on a log scale, and the last days apart."""
    return np.stack([np.log1p(days) / math.log1p(60.0), np.exp(-days)], axis=-1)


def activity_features(
    context: DecisionContext, history: HistoryTable, activities: ActivityTable, rows: Int64Array
) -> Float32Array:
    """(rows, ACTIVITY_SIZE) float32: content, fit to the present, and this person's history with each."""
    return np.concatenate(
        [activities.content[rows], _fit(context, activities, rows), _past(context, history, activities, rows)], axis=1
    ).astype(np.float32)


def log_ratings(activities: Float32Array) -> FloatArray:
    """(..., 3) of activity features (..., ACTIVITY_SIZE): log(1 + ratings by this person) of the activity, of its family
    and of all."""
    counts: FloatArray = activities[..., _RATED_COLUMNS].astype(np.float64) * _COUNT_SCALE
    return counts


def _rating(suggestion: Suggestion) -> float:
    return helpfulness_of_rating(suggestion.helpfulness) if suggestion.helpfulness else 0.0


def _outcome_features(suggestion: Suggestion) -> list[float]:
    """State before, response, rating and state after of one suggestion."""
    after = suggestion.valence_after is not None and suggestion.arousal_after is not None
    valence = (suggestion.valence_after or 0.0) - suggestion.valence_before if after else 0.0
    arousal = (suggestion.arousal_after or 0.0) - suggestion.arousal_before if after else 0.0
    return [
        *[float(suggestion.emotion is emotion) for emotion in _ALL_EMOTIONS],
        suggestion.valence_before,
        suggestion.arousal_before,
        *[float(suggestion.status is status) for status in _STATUSES],
        float(suggestion.helpfulness > 0),
        _rating(suggestion),
        float(after),
        valence,
        arousal,
        float(suggestion.trigger is Trigger.REQUEST),
        float(suggestion.helpfulness >= HELPED_LEAST),
    ]


def _fit(context: DecisionContext, activities: ActivityTable, rows: Int64Array) -> FloatArray:
    """(rows, 4): the probability of the emotions it is for, whether the leading one is among them, and how far arousal
    lies below and above what it suits."""
    affect = context.affect
    targets, suits = activities.targets[rows], activities.arousal[rows]
    leading = np.array([affect.emotion is emotion for emotion in EMOTIONS])
    return np.stack(
        [
            targets @ np.asarray(affect.probabilities, dtype=np.float64),
            (targets & leading).any(axis=1).astype(np.float64),
            np.maximum(0.0, suits[:, 0] - affect.arousal),
            np.maximum(0.0, affect.arousal - suits[:, 1]),
        ],
        axis=1,
    )


def _past(context: DecisionContext, history: HistoryTable, activities: ActivityTable, rows: Int64Array) -> FloatArray:
    """(rows, 25): for the activity, its family and all: how many were offered, done and rated, how they were rated and
    taken up, how recently; and how its family was rated in states like the present one."""
    days = np.maximum(0.0, (context.wall_time_ns - history.wall_time_ns) / _DAY_NS)
    lately = np.exp(-days / 7.0)
    distance = (history.valence - context.affect.valence) ** 2 + (history.arousal - context.affect.arousal) ** 2
    alike = np.exp(-distance / (2.0 * _SIMILAR**2))
    same = rows[:, None] == history.row[None, :]
    family = activities.family[rows][:, None] == history.family[None, :]
    # One product for all sums: (rows, n) times (n, kinds).
    kinds = np.stack(
        [
            np.ones(len(history)),
            history.done,
            history.rated,
            history.rating,
            lately * history.done,
            lately * history.rated * history.rating,
            alike * history.rated,
            alike * history.rated * history.rating,
        ],
        axis=1,
    )
    of_everything = np.broadcast_to(kinds.sum(axis=0), (len(rows), kinds.shape[1]))
    columns: list[FloatArray] = []
    for sums in (same @ kinds, family @ kinds, of_everything):
        offered, done, rated, total, recent, recent_total, near, near_total = sums.T
        columns += [
            np.log1p(offered) / _COUNT_SCALE,
            np.log1p(rated) / _COUNT_SCALE,
            total / (rated + 1.0),
            done / (offered + 1.0),
            recent,
            near_total / (near + 1.0),
            recent_total / (recent + 1.0),
        ]
    since_offered = np.where(same, days, np.inf).min(axis=1, initial=np.inf)
    since_done = np.where(same & (history.done > 0.0), days, np.inf).min(axis=1, initial=np.inf)
    columns += [np.exp(-since_offered), np.exp(-since_offered / 7.0), np.exp(-since_done), np.exp(-since_done / 7.0)]
    return np.stack(columns, axis=1)
