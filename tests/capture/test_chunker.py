"""Chunks keep time and count, whatever is lost on the way."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.capture.chunker import Block, SoundChunker
from ertedge.capture.resample import MonoResampler
from ertedge.types import AudioChunk, Float32Array


def chunks_from(blocks: list[Block], rate_hz: int) -> list[AudioChunk]:
    chunker = SoundChunker(rate_hz, 0.1)
    chunks = []
    for block in blocks:
        chunker.feed(block)
        while (chunk := chunker.take()) is not None:
            chunks.append(chunk)
    return chunks


def blocks_of(sound: Float32Array, rate_hz: int, length: int, skip: range = range(0)) -> list[Block]:
    """What a callback would bring, without the blocks of ``skip``, which the queue lost."""
    parts = range(0, sound.size - length + 1, length)
    return [
        Block(
            sound[n : n + length, None],
            n,
            10**9 + round(n * 1e9 / rate_hz),
            2 * 10**9 + round(n * 1e9 / rate_hz),
            False,
        )
        for number, n in enumerate(parts)
        if number not in skip
    ]


def test_chunks_keep_time_and_count_at_48_khz() -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 96_000).astype(np.float32)
    chunks = chunks_from(blocks_of(sound, 48_000, 960), 48_000)
    for number, chunk in enumerate(chunks):
        assert chunk.first_sample == number * 1600
        assert abs(chunk.timestamp_ns - (10**9 + number * 100_000_000)) < 10_000
        assert chunk.lost_samples == 0
    heard = np.concatenate([chunk.samples for chunk in chunks])
    np.testing.assert_allclose(heard, MonoResampler(48_000).feed(sound, last=True)[: heard.size], atol=1e-5)


def test_blocks_lost_by_the_queue_show_as_a_gap_and_shift_nothing() -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 96_000).astype(np.float32)
    chunks = chunks_from(blocks_of(sound, 48_000, 960, skip=range(40, 55)), 48_000)
    assert sum(chunk.lost_samples for chunk in chunks) == 15 * 320
    for chunk in chunks:
        assert abs(chunk.timestamp_ns - (10**9 + chunk.first_sample * 62_500)) < 200_000
    after = next(chunk for chunk in chunks if chunk.lost_samples)
    assert after.first_sample == 55 * 320


def test_samples_lost_by_the_device_show_as_a_gap() -> None:
    sound = np.random.default_rng(0).uniform(-0.5, 0.5, 48_000).astype(np.float32)
    blocks = blocks_of(sound, 48_000, 960)
    late = [
        block._replace(
            captured_ns=block.captured_ns + 200_000_000,
            arrived_ns=block.arrived_ns + 200_000_000,
            overflowed=number == 20,
        )
        if number >= 20
        else block
        for number, block in enumerate(blocks)
    ]
    chunks = chunks_from(late, 48_000)
    assert sum(chunk.lost_samples for chunk in chunks) == pytest.approx(3200, abs=2)
    assert chunks[-1].timestamp_ns == pytest.approx(10**9 + chunks[-1].first_sample * 62_500, abs=200_000)
