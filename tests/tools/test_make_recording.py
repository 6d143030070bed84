"""An assembled recording shows and sounds what its labels say; plans are read with every fault named."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from ertedge.capture.media_clock import Pace
from ertedge.capture.recording import Recording
from ertedge.errors import ConfigurationError
from ertedge.types import Emotion, Float32Array
from tests.capture.test_recording import chunks_of, frames_of, joined
from tools.data.recording_plan import (
    CONDITIONS,
    FaceCondition,
    Labels,
    Segment,
    VoiceCondition,
    draw_plan,
    read_labels,
    write_labels,
)
from tools.make_recording import ACTORS, Take, load_material, main

PLAN = """
[[segment]]
seconds = 2.5
emotion = "happiness"
[[segment]]
seconds = 2.0
emotion = "anger"
face = "dark"
[[segment]]
seconds = 2.0
emotion = "sadness"
voice = "silent"
[[segment]]
seconds = 1.5
emotion = "unknown"
face = "absent"
voice = "silent"
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, data_root: Path) -> Path:
    folder = tmp_path_factory.mktemp("recording")
    (folder / "plan.toml").write_text(PLAN)
    arguments = ["--root", str(data_root), "--plan", str(folder / "plan.toml"), "--out", str(folder / "made.mkv")]
    assert main(arguments) == 0
    return folder / "made.mkv"


def test_the_labels_beside_it_say_what_is_shown_and_heard(made: Path) -> None:
    labels = read_labels(made.with_suffix(".toml"))
    assert "synthetic" in labels.note
    assert [segment.emotion for segment in labels.segments] == ["happiness", "anger", "sadness", "unknown"]
    assert [segment.start_seconds for segment in labels.segments] == [0.0, 2.5, 4.5, 6.5]
    assert [len(segment.faces) for segment in labels.segments] == [1, 1, 1, 0]
    assert [bool(segment.clips) for segment in labels.segments] == [True, True, False, False]
    for clip in (name for segment in labels.segments for name in segment.clips):
        assert int(clip.split("-")[6]) in ACTORS
    moment = labels.at(5.0)
    assert moment is not None and moment.voice is VoiceCondition.SILENT
    assert labels.at(8.5) is None


def test_the_recording_has_picture_and_sound_of_the_stated_length(made: Path) -> None:
    recording = Recording(made, Pace.FAST, start_ns=0)
    frames, sound = frames_of(recording.video), joined(chunks_of(recording.sound))
    assert len(frames) == 80
    assert frames[0].image.shape == (480, 640, 3)
    assert sound.size == 8 * 16_000

    def light(begin: float, end: float) -> float:
        return float(np.mean([f.image.mean() for f in frames if begin <= f.timestamp_ns / 1e9 < end]))

    def level(begin: float, end: float) -> float:
        return float(sound[round(begin * 16_000) : round(end * 16_000)].std())

    assert light(0.5, 2.0) > 30
    assert light(3.0, 4.0) < 15
    assert level(0.4, 2.4) > 0.01 and level(2.9, 4.4) > 0.01
    assert level(4.6, 7.9) < 0.002


def test_it_says_in_the_file_itself_that_it_is_synthetic(made: Path) -> None:
    import av

    with av.open(str(made)) as container:
        assert "synthetic" in container.metadata["title"]


def test_equal_seeds_make_equal_takes_and_others_do_not(data_root: Path) -> None:
    material = load_material(data_root)
    segment = Segment(0.0, 4.0, Emotion.FEAR, FaceCondition.CLEAR, VoiceCondition.NOISY)

    def take(seed: int) -> tuple[Segment, Float32Array, bytes]:
        made = Take(segment, material, 3, seed)
        return made.segment, made.sound, made.painter.frame(1.0, 4.0).tobytes()

    one, same, other = take(1), take(1), take(2)
    assert one[0] == same[0] and one[2] == same[2]
    np.testing.assert_array_equal(one[1], same[1])
    assert one[0] != other[0] and one[2] != other[2]
    assert one[1].size == 64_000


def test_a_drawn_plan_has_every_emotion_and_leaves_each_modality_alone() -> None:
    plan = draw_plan(0, 168)
    assert plan[-1].end_seconds == 168
    assert {(segment.face, segment.voice) for segment in plan} == set(CONDITIONS)
    assert {segment.emotion for segment in plan} == set(Emotion)
    for before, after in pairwise(plan):
        assert before.end_seconds == after.start_seconds
    assert draw_plan(0, 168) == plan != draw_plan(1, 168)


def test_labels_come_back_as_they_were_written(tmp_path: Path) -> None:
    labels = Labels(7, "synthetic", tuple(draw_plan(7, 30)))
    write_labels(tmp_path / "labels.toml", labels)
    assert read_labels(tmp_path / "labels.toml") == labels


def test_every_fault_of_a_plan_is_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(
        "[[segment]]\nseconds=2\nemotion='joy'\n"
        "[[segment]]\nseconds='long'\nemotion='fear'\n"
        "[[segment]]\nseconds=2\nemotion='fear'\nlight=3\n"
        "[[segment]]\nemotion='fear'\n"
        "[[segment]]\nstart_seconds=9\nend_seconds=8\nemotion='fear'\n"
    )
    with pytest.raises(ConfigurationError) as raised:
        read_labels(path)
    assert [fault.split(":")[0] for fault in raised.value.faults] == [f"segment {n}" for n in range(1, 6)]
    assert "unknown light" in raised.value.faults[2]


@pytest.mark.parametrize("content", ["", "not = [toml", "seed = 3"])
def test_a_plan_without_segments_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "plan.toml").write_text(content)
    with pytest.raises(ConfigurationError):
        read_labels(tmp_path / "plan.toml")


def test_wrong_use_exits_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(tmp_path), "--out", str(tmp_path / "a.mp4")]) == 2
    assert "ends in .mkv" in capsys.readouterr().err
    assert main(["--root", str(tmp_path), "--out", str(tmp_path / "a.mkv")]) == 2
    assert "FER+" in capsys.readouterr().err


def test_the_tool_needs_no_torch() -> None:
    program = "import sys, tools.make_recording; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=True)
