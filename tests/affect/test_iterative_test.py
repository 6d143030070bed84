"""Counts, intervals, the sequential rule and what to ask next."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.affect.iterative_test import (
    FusionGain,
    Trust,
    face_more_reliable,
    labels_to_settle,
    most_informative,
    which_is_settled,
)
from ertedge.affect.personal_reliability import (
    HALF_LIFE_DAYS,
    PRIOR_LABELS,
    ConfusionPosterior,
    LabelledAnswer,
    fading,
    interval,
    probability_better,
    votes,
)
from ertedge.types import EMOTIONS, Modality
from tests.affect.people import DAY_NS, even_errors, lean


def judged(right: int, wrong: int, recall: float = 0.6) -> ConfusionPosterior:
    """So many right and wrong answers of each emotion."""
    posterior = ConfusionPosterior(even_errors(recall))
    for emotion in range(7):
        for said in [emotion] * right + [(emotion + 1) % 7] * wrong:
            posterior.add(LabelledAnswer(emotion, lean(EMOTIONS[said], 0.999), 1.0))
    return posterior


def test_votes_are_shared_by_how_sure_the_answer_was() -> None:
    p = np.array([0.6, 0.3, 0.1, 0, 0, 0, 0], np.float32)
    shared = votes(p)
    assert shared.sum() == pytest.approx(1.0)
    assert shared[0] == pytest.approx(0.216 / 0.244)
    assert votes(np.stack([p, p])).shape == (2, 7)


def test_a_label_fades_by_half_in_a_half_life_and_never_grows() -> None:
    assert fading(0, int(HALF_LIFE_DAYS * DAY_NS)) == pytest.approx(0.5)
    assert fading(DAY_NS, 0) == 1.0


def test_counts_and_prior_make_the_posterior() -> None:
    posterior = judged(3, 1)
    mean, variance = posterior.recall_moments()
    total = PRIOR_LABELS + 4
    expected = (PRIOR_LABELS * 0.6 + 3) / total
    assert mean == pytest.approx(np.full(7, expected), abs=1e-3)
    assert variance == pytest.approx(np.full(7, expected * (1 - expected) / (total + 1)), abs=1e-4)
    found = posterior.reliability(Modality.FACE)
    assert found.low < found.accuracy < found.high
    assert found.labels == 28
    assert found.effective_labels == pytest.approx(28.0)


def test_what_was_added_can_be_left_out() -> None:
    posterior, one = judged(1, 0), LabelledAnswer(2, lean(EMOTIONS[3], 0.7), 0.5)
    before = posterior.concentrations.copy()
    posterior.add(one)
    assert posterior.without([one]).concentrations == pytest.approx(before)
    assert posterior.without([one]).labels == 7


@pytest.mark.parametrize("mean", [1e-9, 0.02, 0.5, 0.98, 1.0])
def test_an_interval_stays_within_shares(mean: float) -> None:
    low, high = interval(mean, 0.01)
    assert 0.0 <= low <= high <= 1.0


def test_the_interval_covers_as_often_as_it_says() -> None:
    """Of invented people drawn from the prior, the true accuracy lies inside 95% of the time."""
    random, inside = np.random.default_rng(0), 0
    for _ in range(300):
        prior = np.maximum(PRIOR_LABELS * even_errors(0.6), 1e-3)
        truth = np.stack([random.dirichlet(row) for row in prior])
        posterior = ConfusionPosterior(even_errors(0.6))
        for emotion in range(7):
            for said in random.choice(7, 4, p=truth[emotion]):
                posterior.add(LabelledAnswer(emotion, lean(EMOTIONS[said], 0.999), 1.0))
        found = posterior.reliability(Modality.VOICE)
        inside += found.low <= np.diag(truth).mean() <= found.high
    assert 0.92 <= inside / 300 <= 0.98


def test_better_is_a_coin_toss_between_equals() -> None:
    assert probability_better((0.6, 0.01), (0.6, 0.01)) == pytest.approx(0.5)
    assert probability_better((0.6, 0.0), (0.6, 0.0)) == 0.5
    assert face_more_reliable(judged(9, 1), judged(1, 9)) > 0.999


def test_gain_counts_where_the_two_differ() -> None:
    fused = np.array([True] * 8 + [False] * 2)
    alone = np.array([True] * 5 + [False] * 5)
    gain = FusionGain.of(fused, alone, np.ones(10))
    assert gain.mean == pytest.approx(3.0 / 12.0)
    assert gain.probability_helps() > 0.9
    assert FusionGain.of(alone, fused, np.ones(10)).mean == pytest.approx(-gain.mean)
    wide, narrow = gain.interval(), gain.interval(more=100)
    assert wide[0] < narrow[0] < gain.mean < narrow[1] < wide[1]


def test_settled_means_a_winner_or_as_good_as_each_other() -> None:
    nothing = np.zeros(7)
    assert which_is_settled(judged(9, 1), judged(1, 9), nothing)
    assert not which_is_settled(judged(2, 1), judged(1, 1), nothing)
    assert which_is_settled(judged(60, 40), judged(60, 40), nothing)


def test_the_labels_still_needed_settle_it_when_they_come() -> None:
    """What was foreseen happens if the labels go on as they did."""
    random = np.random.default_rng(0)
    fused, alone = random.random(14) < 0.9, random.random(14) < 0.6
    gain = FusionGain.of(fused, alone, np.ones(14))
    needed = labels_to_settle(judged(3, 1), judged(2, 2), gain)
    assert needed is not None
    assert needed > 0
    assert gain.is_settled(needed)
    assert which_is_settled(judged(3, 1), judged(2, 2), np.full(7, needed / 7))
    assert labels_to_settle(judged(60, 10), judged(10, 60), FusionGain(0.3, 1e-4, 400.0)) == 0
    assert labels_to_settle(judged(1, 1, 0.5), judged(1, 1, 0.55), FusionGain(0.0, 0.05, 14.0)) is None


def test_the_emotion_asked_for_is_the_one_least_sure() -> None:
    face, voice = judged(2, 2), judged(2, 2)
    for posterior in (face, voice):
        for emotion in range(7):
            if emotion != 4:
                posterior.add(LabelledAnswer(emotion, lean(EMOTIONS[emotion], 0.9), 1.0))
    assert most_informative((face, voice)) == 4


def test_trust_is_kept_until_the_other_has_earned_it() -> None:
    trust = Trust()
    trust.update(judged(0, 0), judged(0, 0), 1)
    assert trust.modality is None
    trust.update(judged(4, 0), judged(1, 3), 2)
    trust.update(judged(2, 2), judged(2, 2), 3)
    assert str(trust.modality) == Modality.FACE
    assert trust.since_wall_ns == 2
    trust.update(judged(1, 3), judged(4, 0), 4)
    assert str(trust.modality) == Modality.VOICE
    assert trust.since_wall_ns == 4
