"""``ertedge-ctl doctor``: what works, what does not, and how to mend it, whether the daemon runs or not. Floor 4."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ertedge.config import Config
from ertedge.ctl.objects import print_object
from ertedge.errors import ErtedgeError
from ertedge.rpc.client import Client

PROBE_SECONDS = 60
HOT_CELSIUS = 80.0
"""From here a Raspberry Pi slows itself down (its documentation's soft limit)."""
SLOW_INFERENCE_US = 20_000
CLOCK_JUMP_SECONDS = 0.5
THERMAL = Path("/sys/class/thermal")
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


class Verdict(StrEnum):
    """How a check came out."""

    GOOD = "good"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. ``remedy`` is what to do; empty when all is well."""

    name: str
    verdict: Verdict
    finding: str
    remedy: str = ""


async def doctor(address: str, settings: Config, console: Console, *, as_json: bool) -> bool:
    """Look at everything, print it, and return whether something is broken."""
    checks = [
        *await _devices_and_models(),
        *await _daemon(address),
        _disk(settings.data_path),
        _clock(),
        *_temperature(),
    ]
    checks += _packages()
    if as_json:
        for check in checks:
            print_object(asdict(check))
    else:
        console.print(_table(checks))
    return any(check.verdict is Verdict.BROKEN for check in checks)


def _table(checks: list[Check]) -> Table:
    marks = {Verdict.GOOD: "[green]good[/]", Verdict.WARNING: "[yellow]look[/]", Verdict.BROKEN: "[red]BROKEN[/]"}
    table = Table("", "what", "found", "what to do", box=None, header_style="bold")
    for check in checks:
        table.add_row(marks[check.verdict], check.name, check.finding, check.remedy)
    return table


async def _devices_and_models() -> list[Check]:
    try:
        found = await asyncio.to_thread(_run_probe)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return [
            Check("devices", Verdict.BROKEN, f"the probe failed: {error}", "install ertedge again, then try once more")
        ]
    checks: list[Check] = []
    for device in ("camera", "microphone"):
        if found[device]:
            checks.append(Check(device, Verdict.GOOD, str(found[device])))
        else:
            checks.append(Check(device, Verdict.WARNING, "not found", str(found[f"{device}_advice"])))
    for model in found["models"]:
        name, us = f"model {model['name']}", int(model["inference_us"])
        if model["error"]:
            checks.append(Check(name, Verdict.BROKEN, "cannot be used", model["error"]))
        elif us > SLOW_INFERENCE_US:
            checks.append(
                Check(name, Verdict.WARNING, f"{us / 1e3:.1f} ms a call", "close other programs or cool the device")
            )
        else:
            checks.append(Check(name, Verdict.GOOD, f"{us / 1e3:.2f} ms a call"))
    return checks


def _run_probe() -> dict[str, list[dict[str, str]]]:
    command = [sys.executable, "-m", "ertedge.sensor.probe"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    if done.returncode != 0:
        raise ValueError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"status {done.returncode}")
    found: dict[str, list[dict[str, str]]] = json.loads(done.stdout.splitlines()[-1])
    return found


async def _daemon(address: str) -> list[Check]:
    async with Client(address, timeout_seconds=3.0) as client:
        try:
            started = time.monotonic()
            status = await client.device_status()
        except ErtedgeError:
            return [Check("daemon", Verdict.WARNING, f"none answers at {address}", "start it with `ertedged`")]
    checks = [
        Check("daemon", Verdict.GOOD, f"{status.version} at {address}, {(time.monotonic() - started) * 1e3:.0f} ms")
    ]
    if not status.sensor_connected:
        remedy = "wait some seconds; if it stays so, look into the daemon's log"
        checks.append(Check("sensor process", Verdict.BROKEN, "away", remedy))
    if not status.store.writing:
        checks.append(Check("store", Verdict.BROKEN, "not writing", status.store.detail))
    return checks


def _disk(directory: Path) -> Check:
    place = next(folder for folder in (directory, *directory.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if not os.access(place, os.W_OK):
        return Check(
            "disk", Verdict.BROKEN, f"{place} cannot be written", "give it to the daemon's user, or set data_dir"
        )
    if free < 200_000_000:
        return Check("disk", Verdict.WARNING, f"{free / 1e6:.0f} MB free at {place}", "make room")
    return Check("disk", Verdict.GOOD, f"{free / 1e9:.1f} GB free at {place}")


def _clock() -> Check:
    """A wall clock that runs away from the monotonic one is being set; one far in the past was never set."""
    before = time.time() - time.monotonic()
    time.sleep(0.2)
    if abs(time.time() - time.monotonic() - before) > CLOCK_JUMP_SECONDS:
        return Check(
            "clock", Verdict.WARNING, "jumped while being looked at", "wait until time synchronisation has settled"
        )
    if time.gmtime().tm_year < 2025:
        return Check(
            "clock", Verdict.BROKEN, time.strftime("%Y-%m-%d"), "set the clock, or connect to a time server once"
        )
    if Path("/run/systemd/timesync").is_dir() and not SYNCHRONISED.exists():
        return Check(
            "clock", Verdict.WARNING, "not synchronised", "connect to a network once, or set the clock by hand"
        )
    return Check("clock", Verdict.GOOD, time.strftime("%Y-%m-%d %H:%M:%S %Z"))


def _temperature() -> Iterator[Check]:
    zones = sorted(THERMAL.glob("thermal_zone*/temp")) if THERMAL.is_dir() else []
    readings: list[float] = []
    for zone in zones:
        try:
            readings.append(int(zone.read_text()) / 1000)
        except (OSError, ValueError):
            continue
    if not readings:
        yield Check("temperature", Verdict.GOOD, "this machine tells none")
        return
    hottest = max(readings)
    remedy = "give it air or a fan: it slows itself down" if hottest >= HOT_CELSIUS else ""
    yield Check("temperature", Verdict.WARNING if remedy else Verdict.GOOD, f"{hottest:.0f} °C", remedy)


def _packages() -> Iterator[Check]:
    for package, extra, what in (("av", "replay", "recordings"), ("skimage", "demo", "the demo")):
        if find_spec(package) is None:
            yield Check(f"package {package}", Verdict.WARNING, f"missing: no {what}", f"pip install 'ertedge[{extra}]'")
