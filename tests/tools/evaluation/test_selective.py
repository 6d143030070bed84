"""Calibration errors, risk over coverage, fitted temperatures and conformal sets, against what can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.affect.confidence import Carrier, Confidence
from ertedge.errors import ConfigurationError
from ertedge.types import Emotion, EmotionState, Float32Array, Modality, ModalityShare, Reason
from tools.data.recording_plan import NOTE, FaceCondition, Labels, Segment, VoiceCondition
from tools.evaluation.conformal import ConformalSets, Method, figures_of
from tools.evaluation.metrics import expected_calibration_error
from tools.evaluation.selective import (
    claims,
    debiased_error,
    equal_mass_error,
    equal_width_error,
    fit_temperature,
    least_for,
    resampled,
    risk_coverage,
)
from tools.evaluation.streamed import confidence_figures, streamed, together

pytestmark = pytest.mark.tools

SECOND = 1_000_000_000


def drawn(n: int, seed: int) -> tuple[Float32Array, np.ndarray]:
    """Probabilities (n, 7) and labels (n,) drawn from them: calibrated by construction."""
    random = np.random.default_rng(seed)
    p = random.dirichlet(np.full(7, 0.4), size=n).astype(np.float32)
    labels = np.array([random.choice(7, p=row / row.sum()) for row in p.astype(np.float64)])
    return p, labels


def test_the_error_of_equal_bins_is_that_of_the_metrics() -> None:
    p, labels = drawn(500, 0)
    right = p.argmax(axis=1) == labels
    assert equal_width_error(p.max(axis=1), right) == pytest.approx(expected_calibration_error(p, labels))


def test_what_chance_makes_of_true_confidence_is_taken_off() -> None:
    p, labels = drawn(4000, 1)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == labels
    assert equal_mass_error(confidence, right) < 0.03
    assert debiased_error(confidence, right) < 0.02
    assert debiased_error(np.full(1000, 0.9), np.arange(1000) < 500) == pytest.approx(
        np.sqrt(np.mean((0.9 - np.repeat([1.0, 0.0], 500)) ** 2)), abs=0.02
    )


def test_risk_over_coverage_by_hand() -> None:
    curve = risk_coverage(np.array([0.9, 0.8, 0.7, 0.6]), np.array([True, False, True, True]))
    assert curve.risk == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4])
    assert curve.area == pytest.approx((1 / 2 + 1 / 3 + 1 / 4) / 4)
    assert curve.excess == pytest.approx(curve.area - (1 / 4) / 4)
    assert curve.risk_at(0.5) == pytest.approx(1 / 2)
    tied = risk_coverage(np.full(4, 0.5), np.array([True, True, False, False]))
    assert tied.risk == pytest.approx([0.5] * 4)


def test_a_temperature_that_was_put_on_is_found_again() -> None:
    p, labels = drawn(6000, 2)
    leading = p.argmax(axis=1)
    overdone = Confidence(0.5, 0.0).tempered(p)
    found = fit_temperature(overdone, leading, leading == labels)
    assert found == pytest.approx(2.0, abs=0.2)
    confidence = claims(overdone, leading, found)
    assert equal_width_error(confidence, leading == labels) < 0.03
    assert np.mean(confidence >= least_for(confidence, 0.9)) == pytest.approx(0.9, abs=0.01)


def test_intervals_draw_people_and_need_five_of_them() -> None:
    values = np.repeat(np.arange(10.0), 20)
    people = [f"p{value:.0f}" for value in values]
    alone = resampled(lambda d: float(values[d].mean()), 200, (), 0)
    grouped = resampled(lambda d: float(values[d].mean()), 200, people, 0)
    assert alone is not None
    assert grouped is not None
    assert grouped[1] - grouped[0] > 2 * (alone[1] - alone[0])
    assert resampled(lambda d: float(values[d].mean()), 200, ["one"] * 200, 0) is None


@pytest.mark.parametrize("method", list(Method))
def test_sets_hold_the_promised_share_of_others(method: Method) -> None:
    (p, labels), (others, theirs) = drawn(3000, 3), drawn(3000, 4)
    found = figures_of(ConformalSets.calibrated(method, p, labels, 0.9, 0).sets(others, 1), theirs)
    assert found.coverage == pytest.approx(0.9, abs=0.025)
    assert 1.0 <= found.size < 5.0
    if method is Method.MONDRIAN:
        assert found.per_class.min() > 0.85


def test_of_an_emotion_hardly_known_every_set_warns() -> None:
    p, labels = drawn(400, 5)
    kept = labels != 6
    sets = ConformalSets.calibrated(Method.MONDRIAN, p[kept], labels[kept], 0.9, 0).sets(p, 0)
    assert sets[:, 6].all()
    with pytest.raises(ConfigurationError, match="calibrate"):
        ConformalSets.calibrated(Method.LAC, p[:0], labels[:0], 0.9, 0)


def state(seconds: float, emotion: Emotion, confidence: float, *reasons: Reason, face: bool = True) -> EmotionState:
    p = np.full(7, (1 - confidence) / 6, np.float32)
    p[1] = confidence
    shares = (ModalityShare(Modality.FACE, float(face), 1.0, p if face else None),)
    wall_ns = int((100 + seconds) * SECOND)
    return EmotionState(1, 0, wall_ns, emotion, p, 0.0, 0.0, confidence if not reasons else 0.0, 0, shares, reasons)


def test_states_are_held_against_the_labels_of_their_moments() -> None:
    clear = FaceCondition.CLEAR, VoiceCondition.SILENT
    segments = (Segment(0, 10, Emotion.HAPPINESS, *clear), Segment(10, 20, Emotion.UNKNOWN, *clear))
    labels = Labels(0, NOTE, segments)
    given = [state(-1.0, Emotion.UNKNOWN, 0.2, Reason.NO_FACE, face=False)]
    given += [state(s / 2, Emotion.HAPPINESS, 0.8) for s in range(19)]
    given += [state(9.5, Emotion.UNKNOWN, 0.3, Reason.LOW_CONFIDENCE)]
    given += [
        state(10.5, Emotion.HAPPINESS, 0.8, face=False),
        state(15.0, Emotion.UNKNOWN, 0.1, Reason.NO_FACE, face=False),
    ]
    found = streamed(given, labels, 100 * SECOND)
    assert len(found.right) == 21
    assert set(found.carriers) == {Carrier.FACE}
    assert found.right.tolist() == [True] * 20 + [False]
    figures = {f.name: f.value for f in confidence_figures(found) if f.of == "face"}
    assert figures["coverage"] == pytest.approx(20 / 21)
    assert figures["ece"] == pytest.approx(0.95 - 0.8, abs=1e-6)
    parts = found.parts()
    assert [len(parts[name].right) for name in ("in the first 3 s of a feeling", "later")] == [7, 14]
    assert parts["later"].since.min() == pytest.approx(3.0)
    assert not parts["in the first 3 s of a feeling"].right[-1]
    both = together([found, found])
    assert sorted(set(both.segments.tolist())) == [0, 1, 2, 3]
