"""Every card names its files as they are, and a file that was changed is found out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from ertedge.inference.manifest import default_models_dir, load_manifest
from tools import card


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
    (models / "voice.md").write_text(text.replace(digest, "0" * 64), encoding="utf-8")


def _no_marks(models: Path) -> None:
    text = (models / "voice.md").read_text(encoding="utf-8")
    (models / "voice.md").write_text(text.replace(card.END, ""), encoding="utf-8")


def _beside_changed(models: Path) -> None:
    with (models / "voice_confusion.toml").open("a", encoding="utf-8") as file:
        file.write("# another\n")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_one_byte_changed, "differs from the sha256"),
        (_another_digest_in_the_manifest, "differs from the sha256"),
        (_another_digest_on_the_card, "does not match its files"),
        (_no_marks, "needs <!-- files -->"),
        (_beside_changed, "does not match its files"),
        (lambda models: (models / "voice.md").unlink(), "voice.md: cannot be read"),
        (lambda models: (models / "voice.tflite").unlink(), "voice.tflite is missing"),
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


@pytest.mark.parametrize("arguments", [[], ["tongue"], ["--check", "--write"]])
def test_a_wrong_question_is_bad_usage(app: typer.Typer, arguments: list[str]) -> None:
    found = CliRunner().invoke(app, arguments)
    assert (found.exit_code, found.stdout) == (2, "")
