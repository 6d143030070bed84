"""``python -m ertedge.recommend.check``: what it prints, and its exit status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ertedge.recommend.check import main
from tests.recommend.activity_files import written


def test_the_shipped_catalogue_is_clean(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    out = capsys.readouterr().out
    assert out.startswith("no faults: ")
    assert "activities in de" in out
    assert "activities in en" in out


def test_faults_stand_one_a_line_with_file_and_activity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path, ("minutes = 1.5", "minutes = 4"), ('show = "Out"', 'show = ""'))
    assert main([str(folder)]) == 1
    first, second, last = capsys.readouterr().out.splitlines()
    where = f"{folder / 'en-0.toml'}: slow-breathing: "
    assert first == f"{where}steps.1.steps.1.show: is missing; a screen always shows what to do"
    assert second == f"{where}minutes: is 4, but the steps last 85 s, which is 1.4 minutes"
    assert last == "2 faults"


def test_json_is_one_object_a_line_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path, ("minutes = 1.5", "minutes = 4"))
    (folder / "broken.toml").write_text("[", encoding="utf-8")
    assert main(["--json", str(folder)]) == 1
    broken, wrong = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert broken["file"] == str(folder / "broken.toml")
    assert broken["activity"] == ""
    assert broken["fault"].startswith("is not TOML")
    assert wrong["activity"] == "slow-breathing"
    assert wrong["fault"].startswith("minutes: is 4")
    assert main(["--json"]) == 0
    assert capsys.readouterr().out == ""


def test_a_single_file_can_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = written(tmp_path) / "en-0.toml"
    assert main([str(file)]) == 0
    assert "no faults" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "what"), [("nothing", "there is no such file or folder"), ("", "there is no .toml file in it")]
)
def test_a_path_without_files_is_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, what: str
) -> None:
    assert main([str(tmp_path / name)]) == 1
    assert capsys.readouterr().out.splitlines() == [f"{tmp_path / name}: {what}", "1 fault"]


def test_it_runs_as_a_module_and_bad_usage_exits_with_2() -> None:
    command = [sys.executable, "-m", "ertedge.recommend.check", "--jsn"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "--jsn" in run.stderr
