"""A decision as arrays: sizes, what is where, and what must not matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ertedge.recommend.activity_features import CONTENT_SIZE, UNKNOWN_INDEX, ActivityTable, content_features
from ertedge.recommend.encoding import (
    ACTIVITY_SIZE,
    PRESENT_SIZE,
    SCORE_COLUMNS,
    TOKEN_SIZE,
    TOKENS,
    EncodedDecision,
    HistoryTable,
    activity_features,
    encode,
    present_features,
    token_features,
)
from ertedge.types import (
    Activity,
    ActivityFamily,
    DecisionContext,
    Emotion,
    Evidence,
    HealthCondition,
    QuestionnaireScores,
    Suggestion,
    SuggestionStatus,
)
from tests.recommend.worlds import activities, activity, affect, context_at, suggestion

CATALOGUE = activities(12)
TABLE = ActivityTable.of(CATALOGUE, [each.activity_id for each in CATALOGUE[:10]])
ROWS = np.arange(12)
NOW = context_at(24 * 20 + 15.0, affect(Emotion.SADNESS, 12.0))


def encoded(history: list[Suggestion], context: DecisionContext = NOW) -> EncodedDecision:
    return encode(context, HistoryTable.of(history, TABLE), TABLE, ROWS)


def some_history(count: int) -> list[Suggestion]:
    rng = np.random.default_rng(1)
    statuses = list(SuggestionStatus)
    return [
        replace(
            suggestion(
                i + 1,
                24.0 * 20 * i / count,
                f"activity-{rng.integers(12):02d}",
                status=statuses[rng.integers(len(statuses))],
                helpfulness=int(rng.integers(0, 6)),
            ),
            valence_before=float(rng.uniform(-1, 1)),
            valence_after=float(rng.uniform(-1, 1)) if i % 2 else None,
            arousal_after=0.2 if i % 2 else None,
        )
        for i in range(count)
    ]


def test_the_sizes_are_those_that_the_network_is_made_for() -> None:
    for count in (0, 1, TOKENS, TOKENS + 20):
        made = encoded(some_history(count))
        assert made.present.shape == (PRESENT_SIZE,)
        assert made.tokens.shape == (TOKENS, TOKEN_SIZE)
        assert made.activities.shape == (12, ACTIVITY_SIZE)
        assert made.token_mask.sum() == min(count, TOKENS)
        for name in EncodedDecision.__slots__:
            array = getattr(made, name)
            assert array.dtype == (np.int64 if name.endswith("index") else np.float32)
            assert np.isfinite(array).all()
            assert np.abs(array).max(initial=0) < 50.0


def test_an_empty_history_is_zeros_but_for_content_and_fit() -> None:
    made = encoded([])
    assert not made.tokens.any()
    assert not made.token_index.any()
    assert not made.activities[:, CONTENT_SIZE + 4 :].any()
    np.testing.assert_array_equal(made.activities[:, :CONTENT_SIZE], TABLE.content)


def test_unknown_activities_have_the_index_of_the_unknown_and_their_content() -> None:
    made = encoded([])
    assert made.activity_index.tolist() == [*range(1, 11), UNKNOWN_INDEX, UNKNOWN_INDEX]
    gone = encoded([suggestion(1, 24.0, "no-longer-there", helpfulness=5)])
    assert gone.token_index[0] == UNKNOWN_INDEX
    assert not gone.tokens[0, :CONTENT_SIZE].any()
    assert gone.tokens[0, CONTENT_SIZE:].any()


def test_content_tells_activities_apart_and_does_not_depend_on_their_words() -> None:
    plain = activity("a")
    assert content_features(plain).shape == (CONTENT_SIZE,)
    for other in (
        activity("a", ActivityFamily.SLEEP),
        activity("a", emotions=(Emotion.ANGER,)),
        activity("a", evidence=Evidence("n", "c", "s", effect_size=0.8)),
        replace(plain, arousal_most=0.2),
        replace(plain, minutes=20.0),
        replace(plain, contraindications=(HealthCondition.EPILEPSY,)),
        replace(plain, journaling_prompt="What happened?"),
    ):
        assert (content_features(other) != content_features(plain)).any()
    same: Activity = replace(plain, language="de", title="Anders", purpose="Ruhiger werden.", machine_drafted=True)
    np.testing.assert_array_equal(content_features(same), content_features(plain))


def test_scores_are_zeros_until_they_are_known_and_age() -> None:
    assert not present_features(NOW)[SCORE_COLUMNS].any()
    given = QuestionnaireScores(21, 10, 42, NOW.wall_time_ns)
    fresh = present_features(replace(NOW, scores=given))[SCORE_COLUMNS]
    np.testing.assert_allclose(fresh, [1.0, 0.5, 10 / 42, 1.0, 1.0])
    month = 30 * 86_400_000_000_000
    old = present_features(replace(NOW, scores=replace(given, wall_time_ns=NOW.wall_time_ns - month)))[SCORE_COLUMNS]
    assert old[:4].tolist() == fresh[:4].tolist()
    assert 0.0 < old[4] < 0.2


def test_midnight_and_sunday_night_are_close_to_what_follows() -> None:
    late, early = (present_features(replace(NOW, hour=hour)) for hour in (23.99, 0.0))
    assert np.abs(late - early)[-7:-3].max() < 0.01
    sunday = present_features(replace(NOW, weekday=6, hour=23.99))
    monday = present_features(replace(NOW, weekday=0, hour=0.0))
    assert np.abs(sunday - monday)[-3:-1].max() < 0.01
    assert (sunday[-1], monday[-1]) == (1.0, 0.0)


def test_only_the_most_recent_tokens_are_kept_with_their_age() -> None:
    history = some_history(50)
    _, tokens, _ = token_features(HistoryTable.of(history, TABLE), NOW.wall_time_ns)
    _, recent, _ = token_features(HistoryTable.of(history[-TOKENS:], TABLE), NOW.wall_time_ns)
    np.testing.assert_array_equal(tokens, recent)
    ages = tokens[:, -2]
    assert (np.diff(ages) < 0).all()
    later = token_features(HistoryTable.of(history, TABLE), NOW.wall_time_ns + 10**14)[1]
    np.testing.assert_array_equal(later[:, :-2], tokens[:, :-2])
    assert (later[:, -2] > ages).all()


def test_a_persons_history_with_an_activity_its_family_and_all() -> None:
    past = [
        suggestion(1, 24.0 * 10, "activity-00", helpfulness=5),
        suggestion(2, 24.0 * 19, "activity-00", helpfulness=4),
        suggestion(3, 24.0 * 19.5, "activity-08", status=SuggestionStatus.DISMISSED),
        suggestion(4, 24.0 * 19.8, "activity-01", helpfulness=1),
    ]
    found = activity_features(NOW, HistoryTable.of(past, TABLE), TABLE, ROWS)[:, CONTENT_SIZE + 4 :]
    same, family, everything, since = found[:, :7], found[:, 7:14], found[:, 14:21], found[:, 21:]
    # activity-00 and activity-08 are of one family: rated 1.0 and 0.5, one of three not done.
    assert same[0, 2] == pytest.approx(1.5 / 3)
    assert same[0, 3] == pytest.approx(2 / 3)
    assert family[0].tolist() == family[8].tolist()
    assert family[8, 2] == pytest.approx(1.5 / 3)
    assert family[8, 3] == pytest.approx(2 / 4)
    assert same[8, 2] == 0.0
    assert same[1, 2] == pytest.approx(-1.0 / 2)
    assert (everything == everything[0]).all()
    assert everything[0, 2] == pytest.approx(0.5 / 4)
    assert since[0, 0] == pytest.approx(np.exp(-(20 + 15 / 24 - 19)), rel=1e-4)
    assert since[8, 0] > 0.0 == since[8, 2]
    assert not since[5].any()


def test_what_was_rated_in_a_like_state_counts_more() -> None:
    then = [
        replace(suggestion(1, 24.0 * 19, "activity-00", helpfulness=5), valence_before=-0.4, arousal_before=0.1),
        replace(suggestion(2, 24.0 * 19, "activity-00", helpfulness=1), valence_before=0.9, arousal_before=-0.5),
    ]
    found = activity_features(NOW, HistoryTable.of(then, TABLE), TABLE, ROWS)[0, CONTENT_SIZE + 4 :]
    assert found[2] == 0.0
    assert found[5] > 0.3


def test_fit_to_the_present() -> None:
    suited = replace(activity("calm", emotions=(Emotion.FEAR,)), arousal_least=0.4, arousal_most=1.0)
    table = ActivityTable.of((suited, activity("sad")), ())
    found = activity_features(NOW, HistoryTable.of([], table), table, np.array([0, 1]))[
        :, CONTENT_SIZE : CONTENT_SIZE + 4
    ]
    np.testing.assert_allclose(found, [[0.04, 0.0, 0.3, 0.0], [0.76, 1.0, 0.0, 0.0]], atol=1e-6)


def test_a_table_of_some_rows_keeps_their_order() -> None:
    part = TABLE.take([7, 2])
    assert part.ids == ("activity-07", "activity-02")
    assert part.rows == {"activity-07": 0, "activity-02": 1}
    np.testing.assert_array_equal(part.content, TABLE.content[[7, 2]])
    empty = ActivityTable.of((), ())
    assert encode(NOW, HistoryTable.of([], empty), empty, np.zeros(0, dtype=np.int64)).activities.shape == (
        0,
        ACTIVITY_SIZE,
    )
