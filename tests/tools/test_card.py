"""Every card names its files as they are, and a file that was changed is found out, also where it was measured."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir, load_manifest
from tools import card
from tools.cards.makers import MEASURED
from tools.cards.marks import FIGURES, FILES
from tools.cards.section import Case, Part, Picture, Section
from tools.evaluation.report import Grid


@pytest.fixture
def app() -> typer.Typer:
    made = typer.Typer()
    made.command()(card.main)
    return made


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A copy of what ships."""
    shutil.copytree(default_models_dir(), tmp_path / "models")
    return tmp_path / "models"


def test_the_cards_that_ship_match_their_files() -> None:
    manifest = load_manifest(default_models_dir())
    names = card.card_names(manifest)
    assert {"detector", "facenet", "voice", "recommender", "fusion", "personal"} <= set(names)
    assert set(MEASURED) <= set(names)
    assert [card.faults_of(manifest, name) for name in names] == [()] * len(names)


def _one_byte_changed(models: Path) -> None:
    content = bytearray((models / "voice.tflite").read_bytes())
    content[-1] ^= 1
    (models / "voice.tflite").write_bytes(content)


def _another_digest_in_the_manifest(models: Path) -> None:
    text = (models / "manifest.toml").read_text(encoding="utf-8")
    digest = load_manifest(models).entry("voice").sha256
    (models / "manifest.toml").write_text(text.replace(digest, "0" * 64), encoding="utf-8")


def _another_digest_on_the_card(models: Path) -> None:
    text = (models / "voice.md").read_text(encoding="utf-8")
    digest = load_manifest(models).entry("voice").sha256
    (models / "voice.md").write_text(text.replace(f"sha256 `{digest}", f"sha256 `{'0' * 64}"), encoding="utf-8")


def _measured_on_another_file(models: Path) -> None:
    text = (models / "voice.md").read_text(encoding="utf-8")
    digest = load_manifest(models).entry("voice").sha256
    (models / "voice.md").write_text(
        text.replace(f"measured voice.tflite {digest}", f"measured voice.tflite {'0' * 64}"), encoding="utf-8"
    )


def _another_temperature(models: Path) -> None:
    text = (models / "manifest.toml").read_text(encoding="utf-8")
    temperature = f"temperature = {load_manifest(models).entry('voice').temperature!r}"
    assert text.count(temperature) == 1
    (models / "manifest.toml").write_text(text.replace(temperature, "temperature = 1.25"), encoding="utf-8")


def _a_figure_by_hand(models: Path) -> None:
    text = (models / "voice.md").read_text(encoding="utf-8")
    (models / "voice.md").write_text(text.replace("| known speaker, 8 classes |", "| Known |"), encoding="utf-8")


def _another_plot(models: Path) -> None:
    with (models / "voice_noise.png").open("ab") as file:
        file.write(b"\0")


def _no_marks(models: Path) -> None:
    text = (models / "voice.md").read_text(encoding="utf-8")
    (models / "voice.md").write_text(text.replace(FILES.end, ""), encoding="utf-8")


def _no_figures(models: Path) -> None:
    text = (models / "voice.md").read_text(encoding="utf-8")
    (models / "voice.md").write_text(text.replace(FIGURES.end, ""), encoding="utf-8")


def _beside_changed(models: Path) -> None:
    with (models / "voice_confusion.toml").open("a", encoding="utf-8") as file:
        file.write("# another\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_one_byte_changed, "differs from the sha256"),
        (_another_digest_in_the_manifest, "differs from the sha256"),
        (_another_digest_on_the_card, "does not match its files"),
        (_measured_on_another_file, "its figures were measured on another voice.tflite; measure again: python -m"),
        (_another_temperature, "its figures were measured on another voice.tflite"),
        (_a_figure_by_hand, "its figures were changed by hand"),
        (_another_plot, "voice_noise.png was not drawn with its figures"),
        (_no_marks, "needs <!-- files -->"),
        (_no_figures, "needs <!-- figures -->"),
        (_beside_changed, "does not match its files"),
        (lambda models: (models / "voice.md").unlink(), "voice.md: cannot be read"),
        (lambda models: (models / "voice.tflite").unlink(), "voice.tflite is missing"),
        (lambda models: (models / "voice_noise.png").unlink(), "voice_noise.png cannot be read"),
    ],
)
def test_a_card_that_does_not_match_is_named(
    app: typer.Typer, models: Path, change: Callable[[Path], None], said: str
) -> None:
    change(models)
    found = CliRunner().invoke(app, ["--check", "--models", str(models)])
    assert found.exit_code == 1
    assert said in found.stderr
    assert "voice" in found.stderr
    assert "facenet" not in found.stderr
    told = CliRunner().invoke(app, ["voice", "--check", "--models", str(models), "--json"])
    assert told.exit_code == 1
    assert said in json.loads(told.stdout)["faults"][0]


def test_written_anew_it_matches_and_says_nothing_else(app: typer.Typer, models: Path) -> None:
    before = (models / "voice.md").read_text(encoding="utf-8")
    _another_digest_on_the_card(models)
    assert CliRunner().invoke(app, ["voice", "--write", "--models", str(models)]).exit_code == 0
    assert (models / "voice.md").read_text(encoding="utf-8") == before
    shown = CliRunner().invoke(app, ["voice", "--models", str(models)])
    assert (shown.exit_code, shown.stdout) == (0, before)


def test_measuring_replaces_the_figures_and_their_digests_and_nothing_else(
    app: typer.Typer, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, Case]] = []

    def measure(name: str, case: Case) -> Section:
        asked.append((name, case))
        grid = Grid("", ("", "n"), (("known", "7"),))
        part = Part("One", ("How.",), (grid,), (Picture("voice_noise.png", "a plot", b"drawn"),), ("a note",))
        return Section("python -m tools.card voice --measure --root DATA", (part,))

    monkeypatch.setattr(card, "measure", measure)
    before, _, after = (models / "voice.md").read_text(encoding="utf-8").partition(FIGURES.begin)
    after = after.partition(FIGURES.end)[2]
    _another_temperature(models)
    _beside_changed(models)
    options = ["--measure", "--root", str(tmp_path), "--cross", f"tess={tmp_path}", "--models", str(models), "--json"]
    done = CliRunner().invoke(app, ["voice", *options])
    assert (done.exit_code, json.loads(done.stdout)["faults"]) == (0, [])
    assert asked == [("voice", Case(tmp_path, models, cross={"tess": tmp_path}))]
    assert card.faults_of(load_manifest(models), "voice") == ()
    assert (models / "voice_noise.png").read_bytes() == b"drawn"
    text = (models / "voice.md").read_text(encoding="utf-8")
    assert "### One\n\nHow.\n\n|  | n |\n|---|---|\n| known | 7 |\n\n![a plot](voice_noise.png)\n\n- a note\n" in text
    assert text.endswith(after)
    assert len(before) == len(text.partition(FIGURES.begin)[0])


def test_a_file_that_is_replaced_while_it_is_measured_is_no_evidence(
    app: typer.Typer, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def measure(name: str, case: Case) -> Section:
        _another_temperature(models)
        return Section("", ())

    monkeypatch.setattr(card, "measure", measure)
    before = (models / "voice.md").read_bytes()
    done = CliRunner().invoke(app, ["voice", "--measure", "--root", str(tmp_path), "--models", str(models)])
    assert done.exit_code == 2
    assert "a file was replaced while it was measured" in done.stderr
    assert (models / "voice.md").read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["tongue"],
        ["--check", "--write"],
        ["voice", "--measure"],
        ["voice", "--root", "."],
        ["--measure", "--root", "."],
        ["fusion", "--measure", "--root", "."],
        ["voice", "--measure", "--root", ".", "--cross", "tess"],
    ],
)
def test_a_wrong_question_is_bad_usage(app: typer.Typer, models: Path, arguments: list[str]) -> None:
    found = CliRunner().invoke(app, [*arguments, "--models", str(models)])
    assert (found.exit_code, found.stdout) == (2, "")
    assert found.stderr


def test_a_plot_that_is_too_large_does_not_ship() -> None:
    with pytest.raises(ConfigurationError, match=r"large\.png has 40001 bytes"):
        Picture("large.png", "", bytes(40_001))
