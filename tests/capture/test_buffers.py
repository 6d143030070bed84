"""Both buffers stay small, count what they drop, and wait when they must lose nothing."""

from __future__ import annotations

import threading
import time

from ertedge.capture.buffers import LatestFrame, SoundRing
from ertedge.types import AudioChunk
from tests.capture.fakes import chunk, frame


def test_newest_frame_wins_and_the_replaced_are_counted() -> None:
    buffer = LatestFrame()
    for number in range(5):
        assert buffer.put(frame(number))
    newest = buffer.get()
    assert newest is not None and newest.timestamp_ns == 4
    assert buffer.lost == 4
    assert buffer.get() is None


def test_get_waits_for_a_frame_and_returns_at_the_timeout() -> None:
    buffer = LatestFrame()
    started = time.monotonic()
    assert buffer.get(0.05) is None
    assert 0.05 <= time.monotonic() - started < 1.0
    threading.Timer(0.05, buffer.put, [frame(7)]).start()
    late = buffer.get(2.0)
    assert late is not None and late.timestamp_ns == 7


def test_lossless_frame_buffer_refuses_until_it_was_read() -> None:
    buffer = LatestFrame(lossless=True)
    assert buffer.put(frame(1))
    assert not buffer.put(frame(2), 0.02)
    first = buffer.get()
    assert first is not None and first.timestamp_ns == 1
    assert buffer.put(frame(2), 0.02)
    assert buffer.lost == 0


def test_clear_forgets_a_frame_uncounted() -> None:
    buffer = LatestFrame()
    buffer.put(frame(1))
    buffer.clear()
    assert buffer.get() is None
    assert buffer.lost == 0


def test_full_sound_ring_drops_the_oldest_and_tells_the_next_chunk() -> None:
    ring = SoundRing(300)
    for number in range(5):
        assert ring.put(chunk(number))
    assert ring.waiting_samples == 300
    assert ring.lost == 200
    first = ring.get()
    assert first is not None
    assert (first.first_sample, first.lost_samples) == (200, 200)
    second = ring.get()
    assert second is not None and second.lost_samples == 0


def test_what_the_device_lost_is_counted_and_survives_an_overrun() -> None:
    ring = SoundRing(200)
    ring.put(chunk(0, lost=30))
    ring.put(chunk(1))
    ring.put(chunk(2))
    first = ring.get()
    assert first is not None
    assert first.lost_samples == 130
    assert ring.lost == 130


def test_sound_ring_never_holds_more_than_its_capacity_under_two_threads() -> None:
    ring = SoundRing(1000)
    taken: list[AudioChunk] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set() or ring.waiting_samples:
            if (part := ring.get(0.01)) is not None:
                taken.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(2000):
        ring.put(chunk(number))
        assert ring.waiting_samples <= 1000
    done.set()
    reader.join(10)
    assert sum(part.samples.size + part.lost_samples for part in taken) == 200_000
    assert sum(part.lost_samples for part in taken) == ring.lost


def test_lossless_sound_ring_refuses_until_there_is_room() -> None:
    ring = SoundRing(200, lossless=True)
    assert ring.put(chunk(0))
    assert ring.put(chunk(1))
    assert not ring.put(chunk(2), 0.02)
    assert ring.get() is not None
    assert ring.put(chunk(2), 0.02)
    assert ring.lost == 0


def test_a_chunk_longer_than_the_ring_still_passes() -> None:
    ring = SoundRing(50)
    assert ring.put(chunk(0, samples=80))
    assert ring.put(chunk(1, samples=80))
    last = ring.get()
    assert last is not None and last.lost_samples == 80
