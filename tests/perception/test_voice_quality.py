from __future__ import annotations

import numpy as np
import pytest

from ertedge.errors import ManifestError
from ertedge.perception.voice_quality import (
    BEST_CONDITIONS,
    QualityWeights,
    WindowConditions,
    clipped_samples,
    quality,
    signal_to_noise_db,
)
from tests.perception.voice_fakes import WEIGHTS


def test_the_best_conditions_are_one() -> None:
    assert quality(BEST_CONDITIONS, WEIGHTS) == 1.0


@pytest.mark.parametrize(
    "worse",
    [WindowConditions(0.3, 30.0, 0.0), WindowConditions(0.8, 5.0, 0.0), WindowConditions(0.8, 30.0, 0.05)],
)
def test_quality_falls_with_each_condition(worse: WindowConditions) -> None:
    assert 0.0 < quality(worse, WEIGHTS) < quality(WindowConditions(0.8, 30.0, 0.0), WEIGHTS) < 1.0


@pytest.mark.parametrize(
    "wrong", [(0.0, -1.0, 1.0, -1.0), (0.0, 1.0, -1.0, -1.0), (0.0, 1.0, 1.0, 1.0), (float("nan"), 1.0, 1.0, -1.0)]
)
def test_weights_that_would_reward_bad_sound_are_refused(wrong: tuple[float, float, float, float]) -> None:
    with pytest.raises(ManifestError):
        QualityWeights(*wrong)


@pytest.mark.parametrize("snr_db", [5.0, 15.0, 30.0])
def test_the_signal_to_noise_ratio_is_measured(snr_db: float) -> None:
    random = np.random.default_rng(0)
    speech = np.arange(300) % 3 > 0
    floor = random.uniform(0.9, 1.1, 300)
    power = (floor + np.where(speech, 10 ** (snr_db / 10), 0.0)).astype(np.float32)
    assert signal_to_noise_db(power, speech) == pytest.approx(snr_db, abs=0.6)


def test_no_speech_has_no_signal() -> None:
    assert signal_to_noise_db(np.ones(300, np.float32), np.zeros(300, bool)) == 0.0


def test_digital_silence_around_speech_is_no_infinity() -> None:
    speech = np.arange(300) < 150
    assert signal_to_noise_db(np.where(speech, 1.0, 0.0).astype(np.float32), speech) == 40.0


def test_samples_at_full_scale_are_counted() -> None:
    assert clipped_samples(np.asarray([0.0, 0.99, -1.0, 0.9], np.float32)) == 2
