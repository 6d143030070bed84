from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from ertedge.perception.bandpass import BandPass


def _gain_db(frequency_hz: float) -> float:
    time_s = np.arange(32_000) / 16_000
    tone = np.sin(2 * np.pi * frequency_hz * time_s).astype(np.float32)
    settled = BandPass()(tone)[16_000:]
    return float(20 * np.log10(np.sqrt(np.mean(settled**2)) * np.sqrt(2) + 1e-12))


@pytest.mark.parametrize("frequency_hz", [150.0, 1_000.0, 4_000.0, 7_000.0])
def test_speech_passes(frequency_hz: float) -> None:
    assert abs(_gain_db(frequency_hz)) < 0.5


@pytest.mark.parametrize("frequency_hz", [80.0, 7_600.0])
def test_the_edges_are_three_decibels_down(frequency_hz: float) -> None:
    assert _gain_db(frequency_hz) == pytest.approx(-3.01, abs=0.1)


def test_rumble_falls_by_24_decibels_an_octave() -> None:
    assert _gain_db(20.0) < -44.0


@pytest.mark.parametrize("sizes", [(1,), (37, 512, 1_600), (8_000,)])
def test_the_result_does_not_depend_on_the_chunks(sizes: tuple[int, ...]) -> None:
    sound = np.random.default_rng(1).standard_normal(9_000).astype(np.float32)
    expected = sosfilt(butter(4, (80.0, 7_600.0), btype="bandpass", fs=16_000, output="sos"), sound.astype(np.float64))
    bandpass = BandPass()
    parts: list[np.ndarray] = []
    at = 0
    while at < sound.size:
        size = sizes[len(parts) % len(sizes)]
        parts.append(bandpass(sound[at : at + size]))
        at += size
    np.testing.assert_array_equal(np.concatenate(parts), expected)


def test_nothing_in_nothing_out_and_the_state_stays() -> None:
    sound = np.random.default_rng(2).standard_normal(100).astype(np.float32)
    plain, interrupted = BandPass(), BandPass()
    whole = plain(sound)
    first = interrupted(sound[:50])
    assert interrupted(sound[:0]).shape == (0,)
    np.testing.assert_array_equal(np.concatenate((first, interrupted(sound[50:]))), whole)


def test_reset_forgets() -> None:
    sound = np.random.default_rng(3).standard_normal(100).astype(np.float32)
    bandpass = BandPass()
    first = bandpass(sound)
    assert not np.array_equal(bandpass(sound), first)
    bandpass.reset()
    np.testing.assert_array_equal(bandpass(sound), first)
