"""The two processes measured from outside, as a client meets them: start-up, latency, processor, memory, many watchers.

The daemon reads the built-in demo, a face before a virtual camera at ten frames a second and a voice through the whole
voice path, in real time. It is started in a folder of its own and stopped at the end.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

import numpy as np

from ertedge.errors import ErtedgeError, ServerUnavailableError
from ertedge.rpc.client import Client, DeviceStatus
from tools.daemon_process import Daemon, running_daemon
from tools.evaluation.report import Figure

START_LIMIT_SECONDS = 30.0
WATCHERS = 200


async def _first_state(daemon: Daemon) -> float:
    """Seconds from the start of the process to the first state that carries an emotion's probabilities from a sensor."""
    deadline = time.monotonic() + START_LIMIT_SECONDS
    while time.monotonic() < deadline:
        try:
            async with Client(daemon.address) as client:
                async for event in client.watch(reconnect=False):
                    if event.state is not None and any(share.weight > 0 for share in event.state.shares):
                        return (time.monotonic_ns() - daemon.started_ns) / 1e9
        except ServerUnavailableError:
            await asyncio.sleep(0.02)
    raise ErtedgeError(f"the daemon gave no state within {START_LIMIT_SECONDS:.0f} s; see its log")


async def _latencies_ms(address: str, seconds: float) -> list[float]:
    """Capture to client, in milliseconds, of every state that a watcher receives in ``seconds``."""
    found: list[float] = []
    async with Client(address) as client:
        try:
            async with asyncio.timeout(seconds):
                async for event in client.watch():
                    if event.state is not None:
                        # A comprehension would lose all of it when the time is over.
                        found.append((time.time_ns() - event.state.wall_time_ns) / 1e6)  # noqa: PERF401
        except TimeoutError:
            pass
    return found[1:]  # the first is the current state, which is as old as it happens to be


async def _status(address: str) -> DeviceStatus:
    async with Client(address) as client:
        return await client.device_status()


async def _usage(address: str, seconds: float) -> list[Figure]:
    before, started = await _status(address), time.monotonic()
    latencies = await _latencies_ms(address, seconds)
    after, elapsed = await _status(address), time.monotonic() - started
    figures = [
        Figure(
            f"latency_p{percent}", float(np.percentile(latencies, percent)), "ms", len(latencies), "capture to client"
        )
        for percent in (50, 99)
    ]
    used = {usage.process: usage.cpu_seconds for usage in before.processes}
    for usage in after.processes:
        share = (usage.cpu_seconds - used[usage.process]) / elapsed
        figures.append(Figure("cpu_share", share, "cores", 1, f"{usage.process}, 10 frames/s with speech"))
        figures.append(Figure("resident", usage.resident_bytes / 1e6, "MB", 1, usage.process))
    frames = [sensor.records for sensor in after.sensors]
    lost = [sensor.lost for sensor in after.sensors]
    names = [str(sensor.sensor) for sensor in after.sensors]
    figures += [
        Figure("lost", float(n), "records", total, name) for name, n, total in zip(names, lost, frames, strict=True)
    ]
    return figures


async def _crowd(address: str, seconds: float) -> list[Figure]:
    """``WATCHERS`` streams at once, each from its own connection."""
    before = {usage.process: usage.cpu_seconds for usage in (await _status(address)).processes}
    started = time.monotonic()
    all_latencies = await asyncio.gather(*(_latencies_ms(address, seconds) for _ in range(WATCHERS)))
    after = {usage.process: usage.cpu_seconds for usage in (await _status(address)).processes}
    elapsed = time.monotonic() - started
    received = [len(latencies) for latencies in all_latencies]
    flat = [latency for latencies in all_latencies for latency in latencies]
    of = f"{WATCHERS} watchers"
    return [
        Figure("states_least", float(min(received)), "states", WATCHERS, of),
        Figure("states_most", float(max(received)), "states", WATCHERS, of),
        Figure("latency_p50", float(np.percentile(flat, 50)), "ms", len(flat), of),
        Figure("latency_p99", float(np.percentile(flat, 99)), "ms", len(flat), of),
        Figure("cpu_share", (after["core"] - before["core"]) / elapsed, "cores", 1, f"core, {of}"),
    ]


async def _measure(seconds: float, starts: int) -> list[Figure]:
    first: list[float] = []
    figures: list[Figure] = []
    for turn in range(starts):
        with tempfile.TemporaryDirectory(prefix="ertedge-bench-") as folder:
            async with running_daemon("demo", Path(folder)) as daemon:
                first.append(await _first_state(daemon))
                if turn == starts - 1:
                    await asyncio.sleep(3.0)  # until speech has filled the first windows
                    figures += await _usage(daemon.address, seconds)
                    figures += await _crowd(daemon.address, min(seconds, 15.0))
    return [
        Figure("first_state_p50", float(np.median(first)), "s", len(first), "from the start of the process"),
        *figures,
    ]


def measure(seconds: float = 30.0, starts: int = 3) -> list[Figure]:
    """All figures of the daemon; takes about ``seconds`` and half a minute."""
    return asyncio.run(_measure(seconds, starts))
