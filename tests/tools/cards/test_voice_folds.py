"""The voice's folds as they are kept beside the models."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.cards.voice_folds import CONFUSION, PROTOCOLS, Said, fold_parts, groups_part, read_said
from tools.data import ravdess
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip
from tools.voice.scoring import ClipScores
from tools.voice.unseen import keep_unseen, unseen

pytest.importorskip("matplotlib")
pytestmark = pytest.mark.tools

ACTORS = (2, 3, 10, 8, 1, 4)
"""Of every fold one, and of the last two."""


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Men are always heard right and women never, in eight labels of either statement."""
    names, labels, said = [], [], []
    for actor in ACTORS:
        for code in range(1, 9):
            for statement in (1, 2):
                names.append(f"Actor_{actor:02d}/03-01-{code:02d}-01-{statement:02d}-01-{actor:02d}.flac")
                labels.append(code - 1)
                said.append((code - 1) if actor % 2 else code % 8)
    probabilities = np.full((len(names), 8), 0.05)
    probabilities[np.arange(len(names)), said] = 0.65
    unseen(tmp_path, "folds").parent.mkdir()
    np.savez(unseen(tmp_path, "folds"), probabilities=probabilities, labels=labels, names=names)
    counts = np.zeros((8, 8), int)
    np.add.at(counts, (labels, said), 1)
    (tmp_path / CONFUSION).write_text(f"counts = {counts.tolist()}\n", encoding="utf-8")
    return tmp_path


def test_folds_and_groups_are_counted_from_what_was_kept(run: Path) -> None:
    folds, groups = fold_parts(run, seed=0)
    by_fold, pooled, confusion = folds.grids
    assert [row[0] for row in by_fold.rows][:2] == ["fold 1: actor 02", "fold 2: actor 03"]
    assert [row[2] for row in by_fold.rows][:5] == ["0.000", "1.000", "0.000", "0.000", "0.500"]
    assert by_fold.rows[5][2] == f"**0.300 ± {np.std([0, 1, 0, 0, 0.5], ddof=1):.3f}**"
    assert len(by_fold.rows) == len(ravdess.FOLDS) + 1
    assert len(pooled.rows) == 1
    assert confusion.rows[0][1:9] == ("4", "8", *["0"] * 6)
    shares = {row[0]: row[2].split(" ")[0] for row in groups.grids[0].rows}
    assert shares["men (odd actors)"] == "1.000"
    assert shares["women (even actors)"] == "0.000"
    assert shares["statement 1, about kids"] == shares["statement 2, about dogs"] == "0.333"
    assert "strong intensity (neutral has none)" not in shares
    assert "from 0.00 (actor 02) to 1.00 (actor 03)" in groups.text[1] or "to 1.00 (actor 01)" in groups.text[1]


def test_other_protocols_are_named_for_what_they_are(run: Path) -> None:
    with np.load(unseen(run, "folds")) as kept:
        np.savez(unseen(run, "random"), **kept)
    labels = [NATIVE_LABELS.index("angry"), NATIVE_LABELS.index("sad")]
    probabilities = np.full((2, 8), 0.01)
    # Disgust, which nEMO lacks, does not compete.
    probabilities[:, NATIVE_LABELS.index("disgust")] = 0.6
    probabilities[[0, 1], labels] = 0.3
    names = ["samples/SK1_anger_1.flac", "samples/EB0_sadness_2.flac"]
    for protocol in ("language", "loso"):
        np.savez(unseen(run, protocol), probabilities=probabilities, labels=labels, names=names)
    _, speakers, pooled, _ = fold_parts(run, seed=0)[0].grids
    assert [row[0] for row in speakers.rows[:2]] == ["nEMO without: EB0", "nEMO without: SK1"]
    assert speakers.rows[2][2] == "**1.000 ± 0.000**"
    rows = pooled.rows
    assert "the same speakers in training and test" in rows[1][0]
    assert [row[0] for row in rows[2:]] == [PROTOCOLS["loso"], PROTOCOLS["language"]]
    assert all(row[2].startswith("1.000") for row in rows[2:])
    assert read_said(unseen(run, "language")).speakers == ("SK1", "EB0")


def test_what_is_kept_is_what_was_said(tmp_path: Path) -> None:
    clips = [VoiceClip(Path("root", *name.split("/")), "nemo", "nemo/AB", "sad") for name in ("s/AB_a_1", "s/AB_b_2")]
    random = np.random.default_rng(0)
    parts = [
        ClipScores(
            random.dirichlet(np.ones(8), 1).astype(np.float32),
            np.array([label]),
            np.ones(1, np.float32),
            np.zeros(1, bool),
            np.zeros(1, np.int64),
            np.zeros((1, 8), np.float32),
            np.ones(1, np.float32),
        )
        for label in (3, 4)
    ]
    keep_unseen(tmp_path, "loso", clips, parts)
    said = read_said(unseen(tmp_path, "loso"))
    assert said.names == ("s/AB_a_1", "s/AB_b_2")
    np.testing.assert_array_equal(said.labels, [3, 4])
    np.testing.assert_array_equal(said.probabilities, np.concatenate([part.probabilities for part in parts]))


def test_another_run_is_refused(run: Path) -> None:
    text = (run / CONFUSION).read_text(encoding="utf-8")
    (run / CONFUSION).write_text(text.replace("[4, 8", "[5, 7", 1), encoding="utf-8")
    with pytest.raises(ConfigurationError, match="is not what voice_confusion"):
        fold_parts(run, seed=0)
    np.savez(run / "short.npz", probabilities=np.eye(8), labels=[0], names=["a"])
    with pytest.raises(ConfigurationError, match="different lengths"):
        read_said(run / "short.npz")
    with pytest.raises(ConfigurationError, match=r"none\.npz.*make it with python -m tools\.train_voice"):
        read_said(run / "none.npz")


def test_groups_have_intervals_over_speakers() -> None:
    names = tuple(f"Actor_{a:02d}/03-01-01-01-01-01-{a:02d}.wav" for a in range(1, 13) for _ in range(2))
    labels = np.arange(24) % 2
    women = np.arange(24) % 4 >= 2
    part = groups_part(Said(np.eye(8)[np.where(women, 1 - labels, labels)], labels, names), seed=0)
    assert [row[2] for row in part.grids[0].rows[:2]] == ["1.000 [1.000, 1.000]", "0.000 [0.000, 0.000]"]
