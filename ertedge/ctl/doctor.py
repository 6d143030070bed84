"""``ertedge-ctl doctor``: what works, what does not, and how to mend it, whether the daemon runs or not. Floor 4."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ertedge.config import Config
from ertedge.ctl.absence import why_away
from ertedge.ctl.objects import print_object
from ertedge.errors import ErtedgeError
from ertedge.rpc.client import Client
from ertedge.types import SensorCondition

PROBE_SECONDS = 60
HOT_CELSIUS = 80.0
"""From here a Raspberry Pi slows itself down (its documentation's soft limit)."""
SLOW_INFERENCE_US = 20_000
CLOCK_JUMP_SECONDS = 0.5
SMALL_DISK_BYTES = 200_000_000
THERMAL = Path("/sys/class/thermal")
TIMESYNC = Path("/run/systemd/timesync")


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


async def doctor(
    address: str, settings: Config, console: Console, *, config_path: Path | None = None, as_json: bool = False
) -> bool:
    """Look at everything, print it, and return whether nothing is broken.

    Raises ListenError for an ``address`` that is none.
    """
    checks = [
        *await devices_and_models(config_path),
        *(daemon := await daemon_checks(address)),
        disk(settings.data_path, served=daemon[0].verdict is Verdict.GOOD),
        clock(),
        temperature(),
        *packages(),
    ]
    if as_json:
        for check in checks:
            print_object(asdict(check))
    else:
        console.print(_table(checks))
    return all(check.verdict is not Verdict.BROKEN for check in checks)


def _table(checks: list[Check]) -> Table:
    marks = {Verdict.GOOD: ("good", "green"), Verdict.WARNING: ("look", "yellow"), Verdict.BROKEN: ("BROKEN", "red")}
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column()
    table.add_column(overflow="fold")
    for check in checks:
        word, style = marks[check.verdict]
        findings = [Text(check.finding), *([Text(f"-> {check.remedy}", style="italic")] if check.remedy else [])]
        table.add_row(Text(word, style=style), Text(check.name, style="bold"), Text("\n").join(findings))
    return table


async def devices_and_models(config_path: Path | None) -> list[Check]:
    """What a process of its own finds, so that a device library that crashes takes no one with it."""
    try:
        found = await asyncio.to_thread(_run_probe, config_path)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return [
            Check("devices", Verdict.BROKEN, f"the probe failed: {error}", "install ertedge again, then try once more")
        ]
    return checks_of(found)


def checks_of(found: Mapping[str, Any]) -> list[Check]:
    """What the probe printed, as checks."""
    checks: list[Check] = []
    for device in ("camera", "microphone"):
        if found[device]:
            checks.append(Check(device, Verdict.GOOD, str(found[device])))
        else:
            checks.append(Check(device, Verdict.WARNING, "not found", str(found[f"{device}_advice"])))
    for model in found["models"]:
        name, us = f"model {model['name']}", int(model["inference_us"])
        if model["error"]:
            checks.append(Check(name, Verdict.BROKEN, "cannot be used", str(model["error"])))
        elif us > SLOW_INFERENCE_US:
            checks.append(
                Check(name, Verdict.WARNING, f"{us / 1e3:.1f} ms a call", "close other programs or cool the device")
            )
        else:
            checks.append(Check(name, Verdict.GOOD, f"{us / 1e3:.2f} ms a call"))
    return checks


def _run_probe(config_path: Path | None) -> Mapping[str, Any]:
    command = [sys.executable, "-m", "ertedge.sensor.probe"]
    if config_path is not None:
        command += ["--config", str(config_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    if done.returncode != 0:
        raise ValueError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"status {done.returncode}")
    found: Mapping[str, Any] = json.loads(done.stdout.strip().rpartition("\n")[2])
    return found


async def daemon_checks(address: str) -> list[Check]:
    """The daemon first, then what it says is wrong."""
    async with Client(address, timeout_seconds=3.0) as client:
        try:
            started = time.monotonic()
            status = await client.device_status()
        except ErtedgeError:
            absence = why_away(address)
            return [Check("daemon", Verdict.WARNING, absence.finding, absence.remedy)]
    checks = [
        Check("daemon", Verdict.GOOD, f"{status.version} at {address}, {(time.monotonic() - started) * 1e3:.0f} ms")
    ]
    if not status.sensor_connected:
        remedy = "wait some seconds; if it stays so, look into the daemon's log"
        checks.append(Check("sensor process", Verdict.BROKEN, "away", remedy))
    checks += [
        Check(f"consent, {sensor.sensor}", Verdict.WARNING, "closed, since nobody has agreed to it", sensor.detail)
        for sensor in status.sensors
        if sensor.condition is SensorCondition.NOT_PERMITTED
    ]
    if not status.store.writing:
        checks.append(Check("store", Verdict.BROKEN, "not writing", status.store.detail))
    return checks


def disk(directory: Path, *, served: bool, least_bytes: int = SMALL_DISK_BYTES) -> Check:
    """Room for the store, and the right to write there, which only the daemon's user needs while it is ``served``."""
    place = next(folder for folder in (directory, *directory.parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if not served and not os.access(place, os.W_OK):
        return Check(
            "disk", Verdict.BROKEN, f"{place} cannot be written", "give it to the daemon's user, or set data_dir"
        )
    if free < least_bytes:
        return Check(
            "disk",
            Verdict.WARNING,
            f"{free / 1e6:.0f} MB free at {place}",
            "make room, or set data_dir to another disk",
        )
    return Check("disk", Verdict.GOOD, f"{free / 1e9:.1f} GB free at {place}")


def clock(timesync: Path = TIMESYNC) -> Check:
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
    if timesync.is_dir() and not (timesync / "synchronized").exists():
        return Check(
            "clock", Verdict.WARNING, "not synchronised", "connect to a network once, or set the clock by hand"
        )
    return Check("clock", Verdict.GOOD, time.strftime("%Y-%m-%d %H:%M:%S %Z"))


def temperature(thermal: Path = THERMAL) -> Check:
    """The hottest of the kernel's thermal zones."""
    zones = sorted(thermal.glob("thermal_zone*/temp")) if thermal.is_dir() else []
    readings: list[float] = []
    for zone in zones:
        try:
            readings.append(int(zone.read_text()) / 1000)
        except (OSError, ValueError):
            continue
    if not readings:
        return Check("temperature", Verdict.GOOD, "this machine tells none")
    hottest = max(readings)
    remedy = "give it air or a fan: it slows itself down" if hottest >= HOT_CELSIUS else ""
    return Check("temperature", Verdict.WARNING if remedy else Verdict.GOOD, f"{hottest:.0f} °C", remedy)


def packages() -> Iterator[Check]:
    """Packages of the extras that are missing."""
    needed = (("av", "replay", "recordings"), ("skimage", "demo", "demo"), ("espeakng_loader", "demo", "demo"))
    for package, extra, what in needed:
        if find_spec(package) is None:
            yield Check(f"package {package}", Verdict.WARNING, f"missing: no {what}", f"pip install 'ertedge[{extra}]'")
