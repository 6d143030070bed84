"""The five rules, and the fit of the stacked one."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.affect.fusion_rules import (
    ConfusionBayes,
    FusionRule,
    LogPool,
    Single,
    Stacked,
    WeightedAverage,
    mutual_information,
)
from ertedge.affect.reliability import Reliabilities
from ertedge.affect.stacking import fit_stacked
from ertedge.types import EMOTIONS, Emotion, Modality
from tests.affect.people import even_errors, lean

FACE, VOICE = Modality.FACE, Modality.VOICE
TRUSTED = Reliabilities(np.full(7, 0.8, np.float32), np.full(7, 0.2, np.float32), 0.5)
ANGER, FEAR = EMOTIONS.index(Emotion.ANGER), EMOTIONS.index(Emotion.FEAR)
RULES: tuple[FusionRule, ...] = (
    WeightedAverage(TRUSTED),
    LogPool(TRUSTED),
    ConfusionBayes({FACE: even_errors(0.8), VOICE: even_errors(0.3)}),
    Stacked({FACE: 1.0, VOICE: 0.4}, np.zeros(7)),
    Single(FACE),
)
SAID = {FACE: lean(Emotion.ANGER, 0.6), VOICE: lean(Emotion.FEAR, 0.6)}
EVEN = {FACE: 1.0, VOICE: 1.0}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.name))
def test_every_rule_gives_probabilities_and_weights_and_believes_the_better(rule: FusionRule) -> None:
    pooled = rule.pool(SAID, EVEN)
    assert pooled.probabilities.sum() == pytest.approx(1.0)
    assert int(pooled.probabilities.argmax()) == ANGER
    assert pooled.weights[FACE] + pooled.weights[VOICE] == pytest.approx(np.ones(7))
    assert float(pooled.weights[FACE].mean()) > 0.5


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.name))
def test_every_rule_takes_many_moments_at_once(rule: FusionRule) -> None:
    many = {m: np.stack([p, p[::-1]]) for m, p in SAID.items()}
    pooled = rule.pool(many, EVEN).probabilities
    assert pooled.shape == (2, 7)
    assert pooled[0] == pytest.approx(rule.pool(SAID, EVEN).probabilities)


@pytest.mark.parametrize("rule", RULES[:4], ids=lambda rule: str(rule.name))
def test_quality_moves_every_rule(rule: FusionRule) -> None:
    poor = rule.pool(SAID, {FACE: 0.05, VOICE: 1.0})
    good = rule.pool(SAID, EVEN)
    assert poor.probabilities[ANGER] < good.probabilities[ANGER]
    assert poor.probabilities[FEAR] > good.probabilities[FEAR]


def test_the_average_is_the_weighted_one() -> None:
    assert RULES[0].pool(SAID, EVEN).probabilities == pytest.approx(0.8 * SAID[FACE] + 0.2 * SAID[VOICE])


def test_a_confusion_that_is_known_is_undone() -> None:
    """A voice that always calls anger fear: what it says is turned back, as an average could not."""
    matrix = even_errors(0.9)
    matrix[ANGER] = 0.01
    matrix[ANGER, FEAR] = 0.94
    matrix[FEAR] = 0.01
    matrix[FEAR, ANGER] = 0.94
    rule = ConfusionBayes({FACE: even_errors(0.2), VOICE: matrix})
    said = {FACE: lean(Emotion.NEUTRAL, 0.2), VOICE: lean(Emotion.FEAR, 0.9)}
    assert int(rule.pool(said, EVEN).probabilities.argmax()) == ANGER


def test_information_is_none_of_noise_and_all_of_the_truth() -> None:
    assert mutual_information(np.full((7, 7), 1 / 7)) == pytest.approx(0.0)
    assert mutual_information(np.eye(7)) == pytest.approx(np.log(7))


def test_stacking_learns_whom_to_believe_and_few_labels_hardly_move_it() -> None:
    random = np.random.default_rng(0)
    felt = random.integers(0, 7, 300)
    said = {
        FACE: np.stack([lean(EMOTIONS[e], 0.6) for e in felt]).astype(np.float64),
        VOICE: np.stack([lean(EMOTIONS[e], 0.6) for e in random.integers(0, 7, 300)]).astype(np.float64),
    }
    start = Stacked({FACE: 1.0, VOICE: 1.0}, np.zeros(7))
    found = fit_stacked(said, felt, np.ones(300), start)
    assert found.slopes[FACE] > 2.0
    assert found.slopes[VOICE] < 0.6
    few = fit_stacked({m: p[:1] for m, p in said.items()}, felt[:1], np.ones(1), start)
    assert few.slopes[FACE] == pytest.approx(1.0, abs=0.3)
    none = fit_stacked({m: p[:0] for m, p in said.items()}, felt[:0], np.ones(0), start)
    assert none.slopes == pytest.approx(start.slopes)
