"""The units in systemd/: systemd itself takes them, and what each process may not have is denied to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from ertedge import config, daemon
from ertedge.sensor import process

SYSTEMD = Path(__file__).resolve().parent.parent / "systemd"
UNITS = ("ertedge-sensor.service", "ertedged.service")


def settings_of(unit: str) -> dict[str, list[str]]:
    """Every setting of a unit with all its values, since systemd lets a name be repeated."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in (SYSTEMD / unit).read_text(encoding="utf-8").splitlines():
        name, separator, value = line.partition("=")
        if separator and not line.startswith("#"):
            found[name].append(value)
    return found


def tool(name: str) -> str:
    """A program of systemd's. Without systemd nothing can take the units; in CI that is a failure."""
    found = shutil.which(name)
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is not there; install systemd")
        pytest.skip(f"{name} is not there; install systemd")
    return found


@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_no_fault_in_a_unit(unit: str, tmp_path: Path) -> None:
    for name in UNITS:
        text = (SYSTEMD / name).read_text(encoding="utf-8")
        for program in ("/opt/ertedge/bin/python", "/opt/ertedge/bin/ertedged"):
            text = text.replace(program, sys.executable)  # a program that is there, since verify looks for it
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", str(tmp_path / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_exposes_little(unit: str) -> None:
    done = subprocess.run(
        [tool("systemd-analyze"), "security", "--offline=true", "--threshold=20", str(SYSTEMD / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_systemd_makes_the_user_and_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    for name in ("passwd", "group"):
        (tmp_path / "etc" / name).write_text("root:x:0:\n" if name == "group" else "root:x:0:0::/root:/bin/sh\n")
    for program, file in (("systemd-sysusers", "ertedge.sysusers.conf"), ("systemd-tmpfiles", "ertedge.tmpfiles.conf")):
        create = ["--create"] if program == "systemd-tmpfiles" else []
        command = [tool(program), f"--root={tmp_path}", *create, str(SYSTEMD / file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert "ertedge" in (tmp_path / "etc/passwd").read_text()
    assert (tmp_path / "etc/ertedge/ertedge.toml").read_text() == ""


def test_the_sensor_has_no_network_and_the_core_no_device() -> None:
    sensor, core = settings_of("ertedge-sensor.service"), settings_of("ertedged.service")
    assert set(sensor["RestrictAddressFamilies"][0].split()) == {"AF_UNIX", "AF_NETLINK"}
    assert sensor["IPAddressDeny"] == core["IPAddressDeny"] == ["any"]
    assert core["IPAddressAllow"] == ["localhost"]
    assert core["PrivateDevices"] == ["yes"]
    assert "DeviceAllow" not in core
    assert sensor["DevicePolicy"] == ["closed"]


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_starts_what_there_is(unit: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The options of ExecStart are ones that the program takes, and both processes share a data directory."""
    settings = settings_of(unit)
    words = settings["ExecStart"][0].split()
    parser = daemon._parser() if words[0].endswith("/ertedged") else process._parser()
    options = words[1:] if words[0].endswith("/ertedged") else words[words.index("ertedge.sensor.process") + 1 :]
    parser.parse_args(options)
    assert settings["StateDirectory"] == ["ertedge"]
    assert settings["Type"] == ["notify"]
    assert settings["RestartPreventExitStatus"] == ["2"]


def test_the_line_for_the_key_of_the_store_is_one_that_systemd_and_the_configuration_take(tmp_path: Path) -> None:
    text = (SYSTEMD / "ertedged.service").read_text(encoding="utf-8")
    (line,) = (line for line in text.splitlines() if line.startswith("#LoadCredentialEncrypted="))
    name, _, file = line.removeprefix("#LoadCredentialEncrypted=").partition(":")
    assert file.startswith("/etc/ertedge/")
    assert f'credential = "{name}"' in text
    configuration = tmp_path / "ertedge.toml"
    configuration.write_text(f'[store]\ncredential = "{name}"\n')
    assert config.load(configuration).store.credential == name
    unit = tmp_path / "ertedged.service"
    unit.write_text(text.replace(line, line[1:]).replace("/opt/ertedge/bin/ertedged", sys.executable), encoding="utf-8")
    done = subprocess.run(
        [tool("systemd-analyze"), "verify", "--man=no", "--recursive-errors=no", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
