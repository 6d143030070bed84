from __future__ import annotations

import numpy as np
import pytest

from ertedge.errors import ManifestError
from ertedge.perception.normalisation import FeaturePrior, RunningNormaliser

PRIOR = FeaturePrior(np.asarray([1.0, -2.0], np.float32), np.asarray([2.0, 4.0], np.float32), prior_frames=100.0)


def _frames(count: int, mean: float, deviation: float, seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).standard_normal((count, 2)) * deviation + mean).astype(np.float32)


def test_a_stranger_is_normalised_by_the_population() -> None:
    mean, deviation = RunningNormaliser(PRIOR).statistics()
    np.testing.assert_allclose(mean, [1.0, -2.0])
    np.testing.assert_allclose(deviation, [2.0, 4.0])
    np.testing.assert_allclose(RunningNormaliser(PRIOR)(np.asarray([[3.0, 2.0]], np.float32)), [[1.0, 1.0]])


def test_the_prior_counts_as_its_frames() -> None:
    normaliser = RunningNormaliser(PRIOR)
    normaliser.update(np.full((100, 2), 5.0, np.float32), np.ones(100, bool))
    mean, deviation = normaliser.statistics()
    np.testing.assert_allclose(mean, [3.0, 1.5])
    np.testing.assert_allclose(deviation, np.sqrt([2.0, 8.0]), rtol=1e-6)


def test_a_minute_later_it_is_the_speaker() -> None:
    normaliser = RunningNormaliser(PRIOR)
    for seed in range(120):
        normaliser.update(_frames(50, 10.0, 0.5, seed), np.ones(50, bool))
    normalised = normaliser(_frames(2_000, 10.0, 0.5, 999))
    np.testing.assert_allclose(normalised.mean(axis=0), 0.0, atol=0.5)
    assert (normalised.std(axis=0) > 0.6).all()


def test_updates_in_parts_are_one_update() -> None:
    frames = _frames(300, 4.0, 2.0)
    speech = np.random.default_rng(1).random(300) < 0.6
    whole, parts = RunningNormaliser(PRIOR), RunningNormaliser(PRIOR)
    whole.update(frames, speech)
    for start in range(0, 300, 50):
        parts.update(frames[start : start + 50], speech[start : start + 50])
    np.testing.assert_allclose(whole.statistics(), parts.statistics(), rtol=1e-9)


def test_silence_teaches_nothing() -> None:
    normaliser = RunningNormaliser(PRIOR)
    normaliser.update(_frames(50, 99.0, 1.0), np.zeros(50, bool))
    assert normaliser.frames == 0
    np.testing.assert_allclose(normaliser.statistics()[0], [1.0, -2.0])


def test_the_next_person_is_followed() -> None:
    prior = FeaturePrior(PRIOR.mean, PRIOR.deviation, prior_frames=100.0, most_frames=1_000.0)
    normaliser = RunningNormaliser(prior)
    for speaker_mean in (0.0, 20.0):
        for seed in range(100):
            normaliser.update(_frames(50, speaker_mean, 1.0, seed), np.ones(50, bool))
    assert normaliser.frames == 1_000.0
    # 100 of 1,100 frames are the prior's; of the first speaker (20 away) next to nothing is left.
    np.testing.assert_allclose(normaliser.statistics()[0], [20 * 10 / 11 + 1 / 11, 20 * 10 / 11 - 2 / 11], atol=0.3)


def test_the_output_is_cut_and_float32() -> None:
    normalised = RunningNormaliser(PRIOR)(np.asarray([[1e6, -1e6]], np.float32))
    assert normalised.dtype == np.float32
    np.testing.assert_array_equal(normalised, [[4.0, -4.0]])


def test_reset_forgets_the_speaker() -> None:
    normaliser = RunningNormaliser(PRIOR)
    normaliser.update(_frames(500, 9.0, 1.0), np.ones(500, bool))
    normaliser.reset()
    np.testing.assert_allclose(normaliser.statistics()[0], [1.0, -2.0])


@pytest.mark.parametrize(
    ("mean", "deviation"),
    [([0.0, 0.0], [1.0]), ([0.0, 0.0], [1.0, 0.0]), ([0.0, np.nan], [1.0, 1.0]), ([[0.0]], [[1.0]])],
)
def test_a_prior_that_cannot_be_is_refused(mean: list[float], deviation: list[float]) -> None:
    with pytest.raises(ManifestError):
        FeaturePrior(np.asarray(mean, np.float32), np.asarray(deviation, np.float32))
