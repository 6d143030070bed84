"""What each section takes for an answer, and the command as a whole."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import typer
from numpy.typing import NDArray
from typer.testing import CliRunner

from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS
from tools.evaluation.detector_frames import LabelledFrame
from tools.evaluation.detector_peers import Found
from tools.peers.__main__ import contestants_named, main
from tools.peers.faces import as_seven, order_of
from tools.peers.frames import as_found, recall_of
from tools.peers.process import Ready
from tools.peers.rounds import Outcome
from tools.peers.sounds import as_numbers

pytestmark = pytest.mark.tools

FER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
FACE_API = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")


@pytest.mark.parametrize("labels", [FER, FACE_API, tuple(str(emotion) for emotion in EMOTIONS)])
def test_every_program_reads_the_same_seven(labels: tuple[str, ...]) -> None:
    stems = {"neutral": "neutral", "happiness": "happ", "sadness": "sad", "anger": "ang", "fear": "fear"}
    stems |= {"disgust": "disgust", "surprise": "surprise"}
    row = [float(number) for number in range(7)]
    seven = as_seven(row, Ready("1", 0, labels))
    for emotion, place in zip(EMOTIONS, seven, strict=True):
        assert labels[int(place)].startswith(stems[str(emotion)])


def test_labels_that_are_not_the_seven_are_refused() -> None:
    with pytest.raises(ValueError, match="contempt"):
        order_of((*FER[:6], "contempt"))
    with pytest.raises(ValueError, match="not the seven"):
        order_of(FER[:6])
    for row in ([0.1] * 6, [0.1] * 6 + [float("nan")], "seven", [[0.1] * 7]):
        with pytest.raises(ValueError, match=r"not seven finite|could not convert"):
            as_seven(row, Ready("1", 0, FER))


def test_boxes_are_five_numbers_each_or_there_are_none() -> None:
    ready = Ready("1", 0, ())
    assert as_found([], ready).boxes.shape == (0, 4)
    found = as_found([[1, 2, 3, 4, 0.5], [5, 6, 7, 8, 0.25]], ready)
    assert found.boxes.tolist() == [[1, 2, 3, 4], [5, 6, 7, 8]]
    assert found.scores.tolist() == [0.5, 0.25]
    for row in ([[1, 2, 3, 4]], [1, 2, 3, 4, 5], [[1, 2, 3, 4, float("inf")]]):
        with pytest.raises(ValueError, match="not boxes"):
            as_found(row, ready)


def test_numbers_of_a_sound_are_finite() -> None:
    ready = Ready("1", 0, ())
    assert as_numbers([1, 2.5], ready).tolist() == [1, 2.5]
    for row in ([], [[1.0]], [float("nan")], 3):
        with pytest.raises(ValueError, match="not finite numbers"):
            as_numbers(row, ready)


def frame(*boxes: tuple[float, float, float, float]) -> LabelledFrame:
    return LabelledFrame(
        np.zeros((480, 640, 3), np.uint8),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.zeros((len(boxes), 5, 2), np.float32),
    )


def test_recall_is_of_the_frames_shown_with_boxes_fitted_on_the_others() -> None:
    face = (100.0, 100.0, 200.0, 200.0)
    fitting = [frame(face)] * 3
    shown = [frame(face) for _ in range(8)]

    def found(hit: bool) -> Found:
        # Boxes twice as wide and high as the labels, which the fitting puts right.
        boxes: NDArray[np.float32] = np.array([[50, 50, 250, 250]] if hit else [], np.float32).reshape(-1, 4)
        return Found(boxes, np.full(len(boxes), 0.9, np.float32))

    outcome = Outcome(rows=[found(True)] * 3 + [found(number < 6) for number in range(8)])
    value, (low, high) = recall_of("one", outcome, fitting, shown, 0)
    assert value == 0.75
    assert low < value < high


def test_ours_is_measured_with_whoever_is_asked_for() -> None:
    assert {section: tuple(some) for section, some in contestants_named("rfb_320").items()} == {
        "frames": ("ours", "rfb_320")
    }
    everything = contestants_named("")
    assert set(everything) == {"faces", "frames", "sounds", "voices"}
    assert all(next(iter(everything[section])) == "ours" for section in ("faces", "frames", "sounds"))
    assert set(contestants_named("opensmile")) == {"sounds", "voices"}
    assert set(contestants_named("voices,faces")) == {"voices", "faces"}
    with pytest.raises(ConfigurationError, match="there is no haar; choose of faces"):
        contestants_named("haar")


def test_the_command_measures_ours_where_no_peer_is_installed(data_root: Path, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(main)
    asked = ["--root", str(data_root), "--only", "fer,face_api", "--limit", "8", "--peers", str(tmp_path), "--json"]
    card = tmp_path / "card.md"
    card.write_text("before\n<!-- tables faces -->\nold\n<!-- end faces -->\nafter\n", encoding="utf-8")
    asked += ["--card", str(card)]
    result = CliRunner().invoke(app, asked)
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    figures = {(line["name"], line["of"]): line for line in lines[:-1]}
    assert figures["accuracy", "ours"]["n"] == 8
    assert figures["memory_above_idle", "ours"]["value"] > 0
    assert {of for _, of in figures} == {"ours"}
    rows = {row["face emotion"]: row for row in lines[-1]["rows"]}
    assert rows["ours"]["time"] == "1x"
    assert rows["fer"]["accuracy"] == "-"
    assert "run make bench-peers" in rows["fer"]["remark"]
    assert rows["face_api"]["remark"]
    text = card.read_text(encoding="utf-8")
    assert "old" not in text
    assert "| fer | - |" in text
    assert text.startswith("before") and text.endswith("after\n")


def test_a_wrong_name_is_bad_usage(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(main)
    result = CliRunner().invoke(app, ["--root", str(tmp_path), "--only", "nobody"])
    assert result.exit_code == 2
    assert "there is no nobody" in result.output
