from __future__ import annotations

import numpy as np
import pytest
import python_speech_features

from ertedge.perception.mfcc import COEFFICIENTS, MfccStream


def _stream(signal: np.ndarray, *sizes: int) -> tuple[np.ndarray, np.ndarray]:
    stream = MfccStream()
    features, power = [], []
    at = count = 0
    while at < signal.size:
        size = sizes[count % len(sizes)]
        stream.push(signal[at : at + size])
        pulled = stream.pull()
        features.append(pulled[0])
        power.append(pulled[1])
        at, count = at + size, count + 1
    return np.concatenate(features), np.concatenate(power)


def test_the_frames_are_those_of_the_library() -> None:
    """python_speech_features' own ``mfcc`` pads the last frame; on the whole frames both agree."""
    signal = np.random.default_rng(0).standard_normal(16_000) * 0.1
    expected = python_speech_features.mfcc(
        signal, 16_000, 0.025, 0.01, COEFFICIENTS, COEFFICIENTS, 512, 80.0, 7_600.0, 0.97, 22, True, np.hamming
    )
    features, power = _stream(signal, 16_000)
    assert features.shape == (98, COEFFICIENTS)
    np.testing.assert_allclose(features, expected[:98], rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(np.log(power), features[:, 0], rtol=1e-5)


@pytest.mark.parametrize("sizes", [(7,), (100, 399, 1, 2_000), (160,), (8_000,)])
def test_each_frame_is_computed_once_and_the_same_whatever_the_chunks(sizes: tuple[int, ...]) -> None:
    signal = np.random.default_rng(1).standard_normal(8_240) * 0.1
    whole, _ = _stream(signal, 8_240)
    assert len(whole) == 50
    parts, _ = _stream(signal, *sizes)
    np.testing.assert_allclose(parts, whole, rtol=1e-5, atol=1e-5)


def test_silence_is_a_finite_floor() -> None:
    features, power = _stream(np.zeros(800), 800)
    assert np.isfinite(features).all()
    assert (power == power[0]).all()


def test_too_little_sound_is_no_frame() -> None:
    features, power = _stream(np.zeros(399), 399)
    assert features.shape == (0, COEFFICIENTS)
    assert power.shape == (0,)


def test_reset_forgets_half_frames() -> None:
    stream = MfccStream()
    stream.push(np.ones(399))
    stream.reset()
    stream.push(np.ones(399))
    assert stream.pull()[0].shape == (0, COEFFICIENTS)
