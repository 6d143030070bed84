"""Listens for long and counts what was lost: ``python -m tools.soak microphone --minutes 60 [--load 4] [--json]``.

Host side, for any machine with a microphone or a sound server with a null sink; ``--load`` keeps that many processes busy
meanwhile. Exit status 0 when not one sample was lost, 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import pairwise

from ertedge.capture.buffers import SoundRing
from ertedge.capture.microphone import Microphone
from ertedge.capture.supervisor import Capture
from ertedge.config import MicrophoneSettings, SensorSettings
from ertedge.types import AudioChunk, SensorCondition, SensorName

START_SECONDS = 20.0
SETTLE_SECONDS = 4.0
"""A sound server takes this long to learn its own delay; the figures of time begin after it, those of loss at once."""


@dataclass(frozen=True, slots=True)
class Soak:
    """What was heard. ``timestamp_jitter_ms`` is the largest step of time between neighbouring chunks less their length;
    ``rate_error_ppm`` is how far the device's clock is from ours."""

    device: str
    seconds_heard: float
    chunks: int
    lost_samples: int
    gaps: int
    reopened: int
    timestamp_jitter_ms: float
    age_p99_ms: float
    rate_error_ppm: float


def main(arguments: list[str] | None = None) -> int:
    """Entry of ``python -m tools.soak``."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument("what", choices=["microphone"], help="the device to listen to")
    parser.add_argument("--minutes", type=float, default=60.0, help="how long (default: 60)")
    parser.add_argument(
        "--device", default="default", help="PortAudio's device: default, a part of its name, or its index"
    )
    parser.add_argument("--load", type=int, default=0, help="processes that keep the processor busy meanwhile")
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else")
    options = parser.parse_args(arguments)
    with busy(options.load):
        result = listen(options.device, options.minutes * 60)
    if result is None:
        print("the microphone gave nothing; `ertedge-ctl doctor` says what to do", file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(asdict(result)))
    else:
        for name, value in asdict(result).items():
            print(f"{name:20} {value}")
    return 0 if result.lost_samples == 0 and result.gaps == 0 else 1


def listen(device: str, seconds: float) -> Soak | None:
    """Listen through the device's own capture; None when it does not begin to speak within ``START_SECONDS``."""
    ring = SoundRing(80_000)
    capture = Capture(SensorName.MICROPHONE, Microphone(MicrophoneSettings(device=device)), ring, SensorSettings())
    capture.start()
    try:
        if ring.get(START_SECONDS) is None:
            return None
        taken: list[tuple[AudioChunk, int]] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if (chunk := ring.get(1.0)) is not None:
                taken.append((_without_sound(chunk), time.monotonic_ns()))
        status = capture.status()
    finally:
        capture.stop()
    if status.condition is not SensorCondition.RUNNING or len(taken) < 2:
        return None
    return _judge(status.device, taken, status.reopened)


def _without_sound(chunk: AudioChunk) -> AudioChunk:
    """Only the numbers are kept, so that an hour takes no memory: the samples become a view of one zero."""
    import numpy as np

    silent = np.broadcast_to(np.float32(0.0), chunk.samples.shape)
    return AudioChunk(chunk.timestamp_ns, silent, chunk.first_sample, chunk.lost_samples)


def _judge(device: str, taken: list[tuple[AudioChunk, int]], reopened: int) -> Soak | None:
    chunks = [chunk for chunk, _ in taken]
    pairs = list(pairwise(chunks))
    settled_ns = chunks[0].timestamp_ns + SETTLE_SECONDS * 1e9
    settled = [(chunk, read_ns) for chunk, read_ns in taken if chunk.timestamp_ns > settled_ns]
    if len(settled) < 2:
        return None
    steps = [(b.timestamp_ns - a.timestamp_ns) / 1e6 - a.samples.size / 16.0 for (a, _), (b, _) in pairwise(settled)]
    ages = [(read_ns - chunk.timestamp_ns) / 1e6 - chunk.samples.size / 16.0 for chunk, read_ns in settled]
    heard = sum(chunk.samples.size for chunk in chunks)
    first, last = settled[0][0], settled[-1][0]
    span = (last.timestamp_ns - first.timestamp_ns) / 1e9
    counted = (last.first_sample - first.first_sample) / 16_000
    return Soak(
        device=device,
        seconds_heard=heard / 16_000,
        chunks=len(chunks),
        lost_samples=sum(chunk.lost_samples for chunk in chunks[1:]),
        gaps=sum(b.first_sample != a.first_sample + a.samples.size for a, b in pairs),
        reopened=reopened,
        timestamp_jitter_ms=max(abs(step) for step in steps),
        age_p99_ms=statistics.quantiles(ages, n=100)[98],
        rate_error_ppm=(counted / span - 1) * 1e6,
    )


@contextmanager
def busy(processes: int) -> Iterator[None]:
    """That many processes which do nothing but count, for the time of the block."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_count, daemon=True) for _ in range(processes)]
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.terminate()
            worker.join()


def _count() -> None:
    total = 0
    while True:
        total = (total + 1) % 1_000_003


if __name__ == "__main__":
    sys.exit(main())
