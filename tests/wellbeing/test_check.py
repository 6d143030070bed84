"""``python -m ertedge.wellbeing.check``: every fault of a folder of questionnaires, one a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ertedge.wellbeing.check import main
from tests.wellbeing.test_library import drop_in


def test_the_shipped_ones_have_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert capsys.readouterr().out == ("no faults: check-in (de), check-in (en), dass21 (en), gad7 (en), phq9 (en)\n")


def test_faults_are_lines_or_objects(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = drop_in(tmp_path, lambda resource: resource.update(statsu="active"))
    assert main([str(folder)]) == 1
    *faults, summary = capsys.readouterr().out.splitlines()
    assert any("statsu: unknown key; did you mean status?" in fault for fault in faults)
    assert summary == f"{len(faults)} faults"
    assert main(["--json", str(folder)]) == 1
    assert all("fault" in json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert main([str(tmp_path / "none")]) == 1
    assert "1 fault" in capsys.readouterr().out
