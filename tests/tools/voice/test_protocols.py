"""Who is trained on and who is tested, and the temperature that is fitted on what was said of strangers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from tools.data.voice_clips import NATIVE_LABELS
from tools.evaluation.metrics import softmax
from tools.voice.calibration import Said, fit_clip_temperature

pytestmark = pytest.mark.tools
torch = pytest.importorskip("torch")

from tests.tools.voice.small_work import speaking, work_of  # noqa: E402
from tools.train_voice import main  # noqa: E402
from tools.voice.choice import Variant, choose, variants  # noqa: E402
from tools.voice.protocols import RANDOM_SHARE, cross_validation, random_split  # noqa: E402
from tools.voice.training import Recipe  # noqa: E402
from tools.voice.work import HELD_OUT, VALIDATION  # noqa: E402

POLISH = tuple(f"nemo/{name}" for name in ("EB0", "IC0", "KS0", "MK0", "TP0", "WR0"))


def test_everybody_is_tested_once_by_a_network_that_does_not_know_them(tmp_path: Path) -> None:
    actors = tuple(f"ravdess/{actor:02d}" for actor in range(1, 21))
    work = work_of((*actors, *POLISH), tmp_path)
    folds = cross_validation(work)
    tested = [speaker for fold in folds for speaker in (*fold.actors, *fold.nemo) if speaker in work.speakers()]
    assert sorted(tested) == sorted((*actors, *POLISH))
    knows_neither = [fold for fold in folds if set(VALIDATION) & {*fold.actors, *fold.nemo}]
    assert len(knows_neither) == 1, "the recipe was chosen on people whom one network must not know"
    assert set(VALIDATION) == {*knows_neither[0].actors, *knows_neither[0].nemo}


def test_the_validation_speakers_and_the_test_are_not_trained_on(tmp_path: Path) -> None:
    speakers = (*HELD_OUT, "ravdess/03", "ravdess/10", "nemo/EB0", "nemo/IC0")
    work = work_of(speakers, tmp_path)
    work = replace(work, frames=speaking(work))
    report = choose(work, ("shipped", "english"))
    kept = torch.load(tmp_path / "choose-shipped-1" / "final.pt", weights_only=True)
    assert kept["speakers"] == ["nemo/EB0", "ravdess/03"]
    assert torch.load(tmp_path / "choose-english-1" / "final.pt", weights_only=True)["speakers"] == ["ravdess/03"]
    assert {figure.of for figure in report.figures} >= {"shipped: ravdess, known", "english: nemo, stranger"}
    (expert,) = (figure.value for figure in report.figures if figure.of == "the expert: nemo, known")
    assert expert == 1.0, "it hears who is happy"
    assert all(0.0 <= figure.value <= 1.0 for figure in report.figures if figure.name == "uar")
    losses = [figure.value for figure in report.figures if figure.name == "log_loss"]
    assert len(losses) == 12
    assert all(0.0 < loss < 1.1 * np.log(2) for loss in losses), (
        "of two labels that each collection has, chance is log 2"
    )


@pytest.mark.parametrize(("name", "alike"), [("as-recorded", True), ("shipped", False)])
def test_a_variant_as_recorded_hears_no_session(name: str, alike: bool, tmp_path: Path) -> None:
    """With other sounds in the synthetic sessions it becomes the very same network."""
    work = work_of(("ravdess/03", "ravdess/10", "nemo/EB0", "nemo/IC0"), tmp_path)
    frames = speaking(work)
    other = [clip if clip.session == 0 else replace(clip, features=-clip.features) for clip in frames]
    kept = []
    for number, sounds in enumerate((frames, other)):
        choose(replace(work, frames=sounds, out=tmp_path / str(number)), (name,))
        kept.append(torch.load(tmp_path / str(number) / f"choose-{name}-1" / "final.pt", weights_only=True)["network"])
    assert all(torch.equal(kept[0][part], kept[1][part]) for part in kept[0]) is alike


def test_a_random_split_leaks_speakers_but_no_clip(tmp_path: Path) -> None:
    actors = tuple(f"ravdess/{actor:02d}" for actor in range(100))
    work = work_of((*actors, *POLISH), tmp_path)
    work = replace(work, frames=speaking(work))
    tested, frames = random_split(work)
    trained = {one.clip for one in frames}
    assert not trained & set(tested)
    assert trained | set(tested) == set(work.clips)
    assert {clip.collection for clip in tested} == {"ravdess"}
    assert len(tested) / (2 * len(actors)) == pytest.approx(RANDOM_SHARE, abs=0.08)
    assert {clip.speaker for clip in tested} & {clip.speaker for clip in trained}, "it would not leak"
    assert random_split(replace(work, seed=2))[0] != tested


def test_an_unknown_variant_is_named_before_anything_is_read(tmp_path: Path) -> None:
    app = Typer()
    app.command()(main)
    given = [
        "--root",
        str(tmp_path),
        "--out",
        str(tmp_path / "run"),
        "--protocol",
        "choose",
        "--only",
        "shipped, loudest",
    ]
    result = CliRunner().invoke(app, given)
    assert result.exit_code == 1
    assert "no variant loudest; there are shipped" in result.output


def test_teachers_come_before_their_pupils() -> None:
    before: list[Variant] = []
    table = variants(Recipe())
    for variant in table.values():
        for teacher in variant.teachers:
            assert table[teacher] in before
            assert table[teacher].collections == variant.collections
        before.append(variant)


def _said(temperature: float, clips: int = 3_000) -> Said:
    """Clips of three windows that say the same, with labels drawn from what they say at a temperature."""
    random = np.random.default_rng(0)
    logits = random.normal(0.0, 2.0, (clips, len(NATIVE_LABELS)))
    chances = softmax(logits, temperature)
    labels = np.array([random.choice(len(NATIVE_LABELS), p=row / row.sum()) for row in chances])
    speakers = np.array([HELD_OUT[0] if number % 2 else "ravdess/09" for number in range(clips)])
    windows = np.repeat(np.arange(clips), 3)
    return Said(labels, speakers, windows, np.full(clips * 3, 1 / 3), logits[windows].astype(np.float32))


def test_the_temperature_of_clips_is_found_again() -> None:
    assert fit_clip_temperature([_said(1.7)]) == pytest.approx(1.7, rel=0.08)


def test_speakers_that_are_left_out_do_not_count() -> None:
    said = _said(1.0)
    spoilt = np.where(said.speakers == HELD_OUT[0], (said.labels + 1) % len(NATIVE_LABELS), said.labels)
    wrong = replace(said, labels=spoilt)
    assert fit_clip_temperature([wrong]) > 1.5
    assert fit_clip_temperature([wrong], without=HELD_OUT) == pytest.approx(1.0, rel=0.1)


def test_what_was_said_is_kept(tmp_path: Path) -> None:
    said = _said(1.0, 10)
    said.write(tmp_path / "said.npz")
    again = Said.read(tmp_path / "said.npz")
    np.testing.assert_array_equal(again.probabilities(2.0), said.probabilities(2.0))
    np.testing.assert_allclose(again.probabilities(2.0).sum(axis=1), 1.0)
    assert again.speakers.tolist() == said.speakers.tolist()
