"""Reliabilities from confusion matrices, and the file that ships them."""

from pathlib import Path

import numpy as np
import pytest

from ertedge.affect.reliability import LEAST_RELIABILITY, from_confusion, load
from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS, Modality

NOTHING = np.zeros((7, 7))


def test_a_modality_that_is_always_right_is_wholly_reliable() -> None:
    assert from_confusion(np.eye(7) * 10, NOTHING, 0.0) == pytest.approx(np.ones(7))


def test_a_modality_that_is_never_right_keeps_the_least() -> None:
    assert from_confusion(np.roll(np.eye(7), 1, axis=1), NOTHING, 0.0) == pytest.approx(np.full(7, LEAST_RELIABILITY))


def test_f_measure_by_hand_and_free_of_class_frequency() -> None:
    counts = np.eye(7) * 5
    counts[0] = [80, 20, 0, 0, 0, 0, 0]  # 80% of the first, the rest taken for the second
    result = from_confusion(counts, NOTHING, 0.0)
    assert result[0] == pytest.approx(2 * 0.8 / (2 * 0.8 + 0.0 + 0.2))
    assert result[1] == pytest.approx(2 * 1.0 / (2 * 1.0 + 0.2 + 0.0))


def test_the_prior_decides_where_nothing_was_counted_and_fades_where_much_was() -> None:
    prior = np.full((7, 7), 1.0)
    few, many = (from_confusion(np.eye(7) * n, prior, 20.0) for n in (1, 10_000))
    assert np.all(few < 0.25)
    assert np.all(many > 0.99)


def test_an_emotion_of_which_nothing_is_known_is_an_error() -> None:
    counts = np.eye(7)
    counts[5] = 0
    with pytest.raises(ValueError, match="disgust"):
        from_confusion(counts, NOTHING, 0.0)


def _write(path: Path, face: str, voice: str, independence: str = "0.5") -> Path:
    path.write_text(f"independence = {independence}\n[face]\n{face}\n[voice]\n{voice}\n", encoding="utf-8")
    return path


def test_load_reads_every_emotion(tmp_path: Path) -> None:
    lines = "\n".join(f"{emotion} = 0.{i + 1}" for i, emotion in enumerate(EMOTIONS))
    reliabilities = load(_write(tmp_path / "fusion.toml", lines, lines, "0.25"))
    assert reliabilities.of(Modality.FACE) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
    assert reliabilities.of(Modality.VOICE) == pytest.approx(reliabilities.face)
    assert reliabilities.independence == 0.25


def test_load_names_every_fault(tmp_path: Path) -> None:
    lines = "\n".join(f"{emotion} = 0.5" for emotion in EMOTIONS)
    with pytest.raises(ConfigurationError) as caught:
        load(_write(tmp_path / "fusion.toml", lines.replace("fear = 0.5", "fear = 1.5"), "", "2.0"))
    assert len(caught.value.faults) == 1 + 7 + 1
    assert any("face.fear" in fault and "1.5" in fault for fault in caught.value.faults)


def test_load_of_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="install ertedge again"):
        load(tmp_path / "fusion.toml")
