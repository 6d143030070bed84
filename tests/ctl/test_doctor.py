"""Each check of ``doctor`` comes out as the machine is, and says how to mend it."""

from __future__ import annotations

import asyncio
import io
import json
import os
import socket
import time
from pathlib import Path

import pytest
from rich.console import Console

from ertedge.config import Config
from ertedge.ctl import doctor as doctor_module
from ertedge.ctl.absence import why_away
from ertedge.ctl.doctor import (
    Check,
    Verdict,
    checks_of,
    clock,
    daemon_checks,
    devices_and_models,
    disk,
    doctor,
    temperature,
)
from ertedge.types import SensorCondition
from tests.core.fakes import report
from tests.rpc.house import house_at

FOUND = {
    "camera": "USB camera [HD] (/dev/video0)",
    "camera_advice": "",
    "microphone": "",
    "microphone_advice": "plug one in",
    "models": [
        {"name": "facenet", "inference_us": 812, "error": ""},
        {"name": "voice", "inference_us": 45_000, "error": ""},
        {"name": "detector", "inference_us": 0, "error": "detector.tflite differs from its sha256; get it again"},
    ],
}


def zone(thermal: Path, number: int, text: str) -> None:
    folder = thermal / f"thermal_zone{number}"
    folder.mkdir(parents=True)
    (folder / "temp").write_text(text)


def test_the_probe_becomes_checks() -> None:
    assert checks_of(FOUND) == [
        Check("camera", Verdict.GOOD, "USB camera [HD] (/dev/video0)"),
        Check("microphone", Verdict.WARNING, "not found", "plug one in"),
        Check("model facenet", Verdict.GOOD, "0.81 ms a call"),
        Check("model voice", Verdict.WARNING, "45.0 ms a call", "close other programs or cool the device"),
        Check(
            "model detector", Verdict.BROKEN, "cannot be used", "detector.tflite differs from its sha256; get it again"
        ),
    ]


def test_a_probe_that_fails_is_one_broken_check(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("camra = 1\n")
    (check,) = asyncio.run(devices_and_models(wrong))
    assert check.verdict is Verdict.BROKEN
    assert "camra" in check.finding
    assert check.remedy


def test_the_hottest_zone_decides(tmp_path: Path) -> None:
    zone(tmp_path, 0, "45200\n")
    assert temperature(tmp_path) == Check("temperature", Verdict.GOOD, "45 °C")
    zone(tmp_path, 1, "not a number\n")
    zone(tmp_path, 2, "83000\n")
    hot = temperature(tmp_path)
    assert (hot.verdict, hot.finding) == (Verdict.WARNING, "83 °C")
    assert "fan" in hot.remedy


def test_a_machine_without_thermometer(tmp_path: Path) -> None:
    assert temperature(tmp_path / "absent").verdict is Verdict.GOOD


def test_room_on_the_disk(tmp_path: Path) -> None:
    assert disk(tmp_path / "not" / "yet", served=False).verdict is Verdict.GOOD
    small = disk(tmp_path, served=False, least_bytes=10**18)
    assert small.verdict is Verdict.WARNING
    assert small.remedy


def test_a_directory_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    check = disk(tmp_path / "data", served=False)
    assert check.verdict is Verdict.BROKEN
    assert str(tmp_path) in check.finding
    assert disk(tmp_path, served=True).verdict is Verdict.GOOD  # it is the daemon's own, and the daemon writes


def test_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clock(tmp_path / "no timesyncd").verdict is Verdict.GOOD
    assert clock(tmp_path).finding == "not synchronised"
    (tmp_path / "synchronized").touch()
    assert clock(tmp_path).verdict is Verdict.GOOD
    steps = iter([1e9, 1e9 + 3600])
    monkeypatch.setattr(time, "time", lambda: next(steps))
    assert clock(tmp_path).finding == "jumped while being looked at"


def test_no_daemon(tmp_path: Path) -> None:
    (check,) = asyncio.run(daemon_checks(f"unix:{tmp_path}/none.sock"))
    assert check.verdict is Verdict.WARNING
    assert "no daemon answers" in check.finding
    assert "ertedged" in check.remedy


def test_why_a_daemon_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert why_away("127.0.0.1:9").finding == "no daemon answers at 127.0.0.1:9"
    left_behind = tmp_path / "s.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(left_behind))
    assert "though its socket is there" in why_away(f"unix:{left_behind}").finding
    monkeypatch.setattr(os, "access", lambda *_: False)
    refused = why_away(f"unix:{left_behind}")
    assert "may not be used by you" in refused.finding
    assert "group" in refused.remedy


def looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, as_json: bool) -> tuple[bool, str]:
    monkeypatch.setattr(doctor_module, "_run_probe", lambda _: FOUND)
    file = io.StringIO()
    console = Console(width=100, file=file)
    settings = Config(data_dir=str(tmp_path))
    whole = asyncio.run(doctor(f"unix:{tmp_path}/none.sock", settings, console, as_json=as_json))
    return whole, file.getvalue()


def test_one_broken_thing_makes_the_whole_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, text = looked_at(tmp_path, monkeypatch, as_json=False)
    assert not whole
    assert "BROKEN" in text
    assert "USB camera [HD]" in text  # brackets are part of the name, no markup
    monkeypatch.setitem(FOUND, "models", [])
    assert looked_at(tmp_path, monkeypatch, as_json=False)[0]


def test_checks_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    looked_at(tmp_path, monkeypatch, as_json=True)
    checks = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"camera", "daemon", "disk", "clock", "temperature"} <= {check["name"] for check in checks}
    assert all(set(check) == {"name", "verdict", "finding", "remedy"} for check in checks)
    assert all(check["remedy"] for check in checks if check["verdict"] != "good")


def test_a_device_to_which_nobody_agreed_is_told_with_what_to_do(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with house_at(tmp_path) as (house, _):
            house.device.take_report(report(camera=SensorCondition.NOT_PERMITTED))
            found = {check.name: check for check in await daemon_checks(house.address)}
            assert found["consent, camera"].verdict is Verdict.WARNING
            assert "nobody has agreed" in found["consent, camera"].finding
            assert "consent, microphone" not in found

    asyncio.run(scenario())
