"""``python -m tools.evaluate``: options come from a function's signature, figures go out as a table or as JSON lines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Annotated, Literal

import pytest
import typer
from typer.testing import CliRunner

from ertedge.errors import ConfigurationError, ModelError
from tools import evaluate
from tools.evaluation.report import Figure, Report


def evaluate_numbers(
    *,
    root: Path,
    models: Path | None = None,
    actors: Annotated[str, typer.Option(help="comma-separated")] = "1,2",
    labels: Literal["native", "seven"] = "native",
    limit: int = 0,
) -> Report:
    """Score numbers."""
    if actors == "none":
        raise ConfigurationError(["--actors names nobody"])
    if limit < 0:
        raise ModelError("no model")
    figures = (
        Figure("uar", 0.51234567, "share", n=limit, of=f"{root.name}/{actors}/{labels}", spread=0.02),
        Figure("missing", float("nan"), "share", n=0, of=str(models)),
    )
    return Report("Numbers [as they are]", figures, ("a note",))


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    module = ModuleType("tools.evaluation.numbers")
    module.evaluate = evaluate_numbers  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "tools.evaluation.numbers", module)
    return evaluate.build_app(("numbers",))


def test_json_is_one_object_a_line_and_nothing_else(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["numbers", "--root", "/a/data", "--labels", "seven", "--limit", "7", "--json"])
    assert result.exit_code == 0, result.output
    assert [json.loads(line) for line in result.stdout.splitlines()] == [
        {"name": "uar", "value": 0.51234567, "unit": "share", "n": 7, "of": "data/1,2/seven", "spread": 0.02},
        {"name": "missing", "value": None, "unit": "share", "n": 0, "of": "None", "spread": None},
    ]


def test_the_table_shows_values_notes_and_brackets(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["numbers", "--root", "/a/data"])
    assert result.exit_code == 0, result.output
    for part in ("Numbers [as they are]", "0.5123", "± 0.02", "a note"):
        assert part in result.stdout


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--root", "/a", "--actors", "none"], 2, "--actors names nobody"),
        (["--root", "/a", "--limit", "-1"], 1, "no model"),
        (["--root", "/a", "--labels", "nine"], 2, "--labels"),
        ([], 2, "--root"),
    ],
)
def test_exit_status(app: typer.Typer, arguments: list[str], status: int, message: str) -> None:
    result = CliRunner().invoke(app, ["numbers", *arguments])
    assert (result.exit_code, result.stdout) == (status, "")
    assert message in result.stderr


def test_a_figure_is_found_by_name_and_condition() -> None:
    report = Report("r", (Figure("uar", 0.5, "share", 1, "a"), Figure("uar", 0.6, "share", 1, "b")))
    assert report.value("uar", "b") == 0.6
    with pytest.raises(KeyError, match="no figure 'uar' of 'c'"):
        report.value("uar", "c")
