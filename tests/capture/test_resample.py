"""Sound of any rate becomes 16 kHz mono, the same whatever the blocks, in place, and free of NaN."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.capture.resample import MonoResampler
from ertedge.types import Float32Array


def tone(rate_hz: int, seconds: float = 1.0) -> Float32Array:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(round(rate_hz * seconds)) / rate_hz)).astype(np.float32)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_a_tone_keeps_its_place_and_loudness(rate_hz: int) -> None:
    out = MonoResampler(rate_hz).feed(tone(rate_hz), last=True)
    assert abs(out.size - 16_000) <= 1
    middle = slice(2000, 14_000)
    assert np.abs(out[middle] - tone(16_000)[middle]).max() < 2e-3


def test_where_blocks_end_is_not_heard() -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 44_100).astype(np.float32)
    whole = MonoResampler(44_100).feed(sound, last=True)
    stream = MonoResampler(44_100)
    parts = [stream.feed(part) for part in np.split(sound, [17, 1000, 1001, 20_000])]
    parts.append(stream.feed(np.empty(0, np.float32), last=True))
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-6)


def test_channels_are_averaged() -> None:
    left = tone(16_000)
    out = MonoResampler(16_000).feed(np.stack([left, -left / 2], axis=1))
    np.testing.assert_allclose(out, left / 4, atol=1e-6)


def test_nan_and_absurd_values_do_not_spread() -> None:
    sound = tone(48_000)
    sound[24_000:24_010] = np.nan
    sound[24_010] = np.inf
    sound[30_000] = 1e30
    resampler = MonoResampler(48_000)
    out = resampler.feed(sound, last=True)
    assert np.isfinite(out).all()
    assert np.abs(out).max() <= 1.0
    assert resampler.bad_samples == 11
    assert np.abs(out[:7900] - tone(16_000)[:7900])[2000:].max() < 2e-3
