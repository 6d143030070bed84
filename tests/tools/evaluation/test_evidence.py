"""The one object of ``--json``: its keys for each task, its figures against hand-made cases, and what a fault does to it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import soundfile
from rich.console import Console

from ertedge.errors import ConfigurationError, RecordingError
from ertedge.inference.manifest import default_models_dir
from tests.tools.made_files import picture, sound
from tools.evaluate import main
from tools.evaluation import detector, face, identity, voice
from tools.evaluation.detector_matching import Matched, match
from tools.evaluation.detector_photographs import pooled_recall, recall_interval
from tools.evaluation.evidence import Scores, TableEvidence, classified
from tools.evaluation.personal_report import PersonalEvidence, PersonalRow
from tools.evaluation.report import Figure, Grid, Report, json_lines, print_table

pytestmark = [pytest.mark.tools, pytest.mark.timeout(120)]

CLASSIFIER = {
    "task",
    "dataset",
    "model",
    "protocol",
    "n",
    "accuracy",
    "uar",
    "ece",
    "log_loss",
    "ci95",
    "int8_minus_float",
    "ms",
    "bytes",
}
DETECTOR = {"task", "dataset", "model", "protocol", "n_images", "n_faces", "recall_at_false_positives", "ms", "bytes"}
IDENTITY = {"task", "dataset", "model", "protocol", "n", "auc", "tar_at_far"}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """The object that a run prints; it must be the only line."""
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--json"])
    said = capsys.readouterr()
    assert ended.value.code in (0, None), said.err
    (line,) = said.out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def scores(predicted: list[int], labels: list[int], shared: tuple[str, ...] = ("a", "b", "c")) -> Scores:
    """Sure of what is predicted, a little more of c than of what else there is."""
    table = np.full((len(labels), 3), 0.09)
    table[:, 2] = 0.11
    table[np.arange(len(labels)), predicted] = 0.8
    return Scores(table, np.array(labels), ("a", "b", "c"), shared)


def test_only_shared_labels_compete() -> None:
    found = classified(scores([0, 0, 1, 2], [0, 0, 1, 1], ("a", "b")), 0)
    assert found.labels == ("a", "b")
    assert (found.n, found.accuracy, found.accuracy_all_labels) == (4, 0.75, 0.75)
    assert found.per_class_recall == {"a": 1.0, "b": 0.5}
    assert found.uar == 0.75
    assert found.confusion == ((2, 0), (1, 1))
    sure, tied = 0.8 / 0.89, 0.5
    assert found.log_loss == pytest.approx(-(3 * np.log(sure) + np.log(tied)) / 4)
    alone = classified(scores([2, 0], [2, 0], ("a", "b")), 0)
    assert (alone.n, alone.accuracy) == (1, 1.0)
    with pytest.raises(ConfigurationError, match="nothing to score"):
        classified(scores([0], [0], ("b",)), 0)


def test_intervals_hold_the_figure_are_seeded_and_draw_subjects() -> None:
    random = np.random.default_rng(0)
    labels = random.integers(3, size=300).tolist()
    said = [label if random.random() < 0.7 else (label + 1) % 3 for label in labels]
    one, again = classified(scores(said, labels), 1), classified(scores(said, labels), 1)
    assert one == again
    assert one.accuracy_ci95[0] < one.accuracy < one.accuracy_ci95[1]
    assert one.uar_ci95[0] < one.uar < one.uar_ci95[1]
    # Whole people right or wrong: thirty a person count as one, so the interval is far wider.
    right = [person % 2 == 0 for person in range(10) for _ in range(30)]
    together = scores([label if ok else (label + 1) % 3 for label, ok in zip(labels, right, strict=True)], labels)
    subjects = tuple(f"s{person}" for person in range(10) for _ in range(30))
    by_person = Scores(together.probabilities, together.labels, together.names, together.shared, subjects)
    widths = [np.diff(classified(each, 0).accuracy_ci95)[0] for each in (together, by_person)]
    assert widths[1] > 2.5 * widths[0]


def test_hits_and_false_positives_by_hand() -> None:
    faces = np.array([[0, 0, 10, 10], [20, 0, 30, 10]], np.float32)
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [20, 5, 30, 15], [60, 0, 70, 10]], np.float32)
    # The second box lies on a face that is taken; the third overlaps its face by a third.
    assert match(boxes, faces, 0.3).tolist() == [0, -1, 1, -1]
    assert match(boxes, faces, 0.34).tolist() == [0, -1, -1, -1]
    assert match(boxes, np.zeros((0, 4), np.float32), 0.3).tolist() == [-1] * 4


def test_recall_at_false_positives_of_the_whole_set() -> None:
    def part(judged: list[tuple[float, bool]], faces: int) -> Matched:
        values, right = zip(*judged, strict=True)
        return Matched(np.array(values), np.array(right), faces, 1, np.empty(0))

    first = part([(0.9, True), (0.5, False), (0.4, True)], 2)
    second = part([(0.8, False), (0.7, True), (0.3, True)], 3)
    # By score: hit, false, hit, false, hit, hit; five faces in all.
    assert [pooled_recall((first, second), count) for count in (0, 1, 2)] == [1 / 5, 2 / 5, 4 / 5]
    low, high = recall_interval((first, second) * 10, 10, seed=0)
    assert low < pooled_recall((first, second) * 10, 10) < high


@pytest.fixture
def fer2013(tmp_path: Path) -> Path:
    for number, emotion in enumerate(("happy", "angry", "sad", "neutral", "happy", "fear")):
        picture(tmp_path / "test" / emotion / f"{number}.png", seed=number)
    return tmp_path


def test_faces(fer2013: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(capsys, "face", "--dataset", "FER2013", "--root", str(fer2013), "--labels", "canonical")
    assert {*CLASSIFIER, "per_class_recall", "confusion", "labels"} <= found.keys()
    assert (found["task"], found["dataset"], found["n"], found["skipped"]) == ("face", "fer2013", 6, 0)
    assert "contempt" not in found["labels"]
    assert isinstance(found["int8_minus_float"], float)
    assert found["bytes"] > 0
    assert found["ms"] > 0


def test_contempt_is_a_class_or_counts_as_disgust(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number, emotion in enumerate(("anger", "contempt", "disgust", "fear", "happy", "sadness", "surprise")):
        for subject in (10, 11):
            picture(tmp_path / emotion / f"S{subject:03d}_001_0000000{number}.png", seed=number + subject)
    asked = ("face", "--dataset", "CK+", "--root", str(tmp_path))
    native, canonical = run(capsys, *asked), run(capsys, *asked, "--labels", "canonical")
    assert (native["n"], len(native["labels"]), "contempt" in native["labels"]) == (14, 7, True)
    assert (canonical["n"], len(canonical["labels"])) == (14, 6)
    assert sum(canonical["confusion"][canonical["labels"].index("disgust")]) == 4
    assert run(capsys, *asked, "--actors", "S011")["n"] == 7
    with pytest.raises(ConfigurationError, match="no subject S999"):
        face.evaluate(root=tmp_path, dataset="ckplus", actors="S999")


def test_a_corrupt_face_stops_or_is_passed_over(fer2013: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fer2013 / "test" / "sad" / "broken.png").write_bytes(b"no picture")
    with pytest.raises(ConfigurationError, match=r"broken\.png is no picture"):
        face.evaluate(root=fer2013, dataset="fer2013")
    found = run(capsys, "face", "--dataset", "fer2013", "--root", str(fer2013), "--on-fault", "skip")
    assert (found["n"], found["skipped"]) == (6, 1)


def test_photographs_of_faces_go_through_the_detector(tmp_path: Path, data_root: Path) -> None:
    labelled = tmp_path / "val_set"
    (labelled / "images").mkdir(parents=True)
    (labelled / "annotations").mkdir()
    for number in (1, 2):
        face_picture = cv2.imread(str(data_root / "orl_faces" / f"s{number}" / "1.pgm"))
        assert face_picture is not None
        cv2.imwrite(str(labelled / "images" / f"{number}.jpg"), face_picture)
        np.save(labelled / "annotations" / f"{number}_exp.npy", np.array("0"))
    cv2.imwrite(str(labelled / "images" / "3.jpg"), np.full((300, 300, 3), 127, np.uint8))
    np.save(labelled / "annotations" / "3_exp.npy", np.array("1"))
    found = json.loads(json_lines(face.evaluate(root=tmp_path, dataset="affectnet")))
    assert (found["n"], found["not_found"]) == (2, 1)
    assert "detector" in found["protocol"]
    with pytest.raises(ConfigurationError, match="gives no face"):
        face.evaluate(root=_blank(tmp_path / "blank"), dataset="affectnet")


def _blank(root: Path) -> Path:
    (root / "val_set" / "images").mkdir(parents=True)
    (root / "val_set" / "annotations").mkdir()
    cv2.imwrite(str(root / "val_set" / "images" / "0.jpg"), np.full((300, 300, 3), 127, np.uint8))
    np.save(root / "val_set" / "annotations" / "0_exp.npy", np.array("1"))
    return root


@pytest.fixture
def emodb(tmp_path: Path) -> Path:
    for name, rate in (("03a01Wa", 44_100), ("03a01Fa", 16_000), ("08a05Na", 48_000)):
        sound(tmp_path / "wav" / f"{name}.wav", 1.0, rate, 2)
    return tmp_path


def test_voices_of_any_rate(emodb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(capsys, "voice", "--dataset", "Emo-DB", "--root", str(emodb))
    assert {*CLASSIFIER, "per_class_recall", "confusion"} <= found.keys()
    assert (found["task"], found["dataset"], found["n"]) == ("voice", "emodb", 3)
    assert found["labels"] == ["neutral", "happy", "angry"]
    assert "unseen in training" in found["protocol"]
    one = run(capsys, "voice", "--dataset", "emodb", "--root", str(emodb), "--speakers", "8", "--labels", "canonical")
    assert (one["n"], one["labels"]) == (1, ["neutral", "happiness", "anger"])


def test_a_corrupt_voice_stops_or_is_passed_over(emodb: Path) -> None:
    (emodb / "wav" / "03a01Ta.wav").write_bytes(b"RIFF")
    with pytest.raises(RecordingError, match="03a01Ta"):
        voice.evaluate(root=emodb, dataset="emodb")
    found = json.loads(json_lines(voice.evaluate(root=emodb, dataset="emodb", on_fault="skip")))
    assert (found["n"], found["skipped"]) == (3, 1)


def test_clips_shorter_than_a_window_are_heard(tmp_path: Path) -> None:
    (tmp_path / "DC").mkdir()
    soundfile.write(tmp_path / "DC" / "a01.wav", np.zeros(800), 16_000)
    found = json.loads(json_lines(voice.evaluate(root=tmp_path, dataset="savee")))
    assert found["n"] == 1


def test_a_detector_on_photographs(tmp_path: Path, data_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    head = cv2.imread(str(data_root / "orl_faces" / "s40" / "1.pgm"))
    assert head is not None
    scene = np.full((480, 640, 3), 120, np.uint8)
    scene[100:324, 200:384] = cv2.resize(head, (184, 224))
    cv2.imwrite(str(tmp_path / "one.png"), scene)
    cv2.imwrite(str(tmp_path / "small.pgm"), np.full((10, 12), 128, np.uint8))
    (tmp_path / "faces.txt").write_text("one.png 215 130 370 320\none.png 2 2 40 40\n", encoding="utf-8")
    found = run(capsys, "detector", "--dataset", "cmumit", "--root", str(tmp_path))
    assert found.keys() >= DETECTOR
    assert (found["task"], found["dataset"], found["n_images"], found["n_faces"]) == ("detector", "cmumit", 2, 2)
    assert found["recall_at_false_positives"] == {"10": 0.5, "31": 0.5, "65": 0.5}
    assert "tiles" in found["protocol"]
    once = run(capsys, "detector", "--dataset", "cmumit", "--search", "whole", "--root", str(tmp_path))
    assert "letterboxed" in once["protocol"]
    rows = detector.evaluate(
        root=tmp_path, dataset="cmumit", peers=tmp_path, only="ertedge_whole,ertedge_tiles"
    ).figures
    recalls = {figure.of: figure.value for figure in rows if figure.name == "recall_at_31"}
    assert recalls == {"ertedge_whole": 0.5, "ertedge_tiles": 0.5}
    (tmp_path / "cut.jpg").write_bytes(b"\xff\xd8")
    with pytest.raises(ConfigurationError, match=r"cut\.jpg is no picture"):
        detector.evaluate(root=tmp_path)
    skipped = json.loads(json_lines(detector.evaluate(root=tmp_path, on_fault="skip")))
    assert (skipped["skipped"], skipped["n_images"]) == (1, 2)


def test_an_identity(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(0)
    for person in range(3):
        own = random.integers(0, 255, (12, 12)).astype(np.uint8)
        for number in range(3):
            noisy = np.clip(cv2.resize(own, (96, 96)).astype(int) + random.integers(-9, 9, (96, 96)), 0, 255)
            path = tmp_path / f"p{person}" / f"{number}.pgm"
            path.parent.mkdir(exist_ok=True)
            cv2.imwrite(str(path), noisy.astype(np.uint8))
    found = run(capsys, "identity", "--root", str(tmp_path), "--dataset", "made", "--no-detect", "--no-open-set")
    assert found.keys() >= IDENTITY
    assert (found["task"], found["dataset"], found["n"], found["n_people"]) == ("identity", "made", 36, 3)
    assert set(found["tar_at_far"]) == {"0.01", "0.001"}
    assert found["ci95"]["auc"][0] <= found["auc"] <= found["ci95"]["auc"][1] + 1e-9
    two = run(capsys, "identity", "--root", str(tmp_path), "--actors", "p0,p2", "--no-detect", "--no-open-set")
    assert (two["n"], two["n_people"]) == (15, 2)
    with pytest.raises(ConfigurationError, match="not there: p9"):
        identity.evaluate(root=tmp_path, actors="p0,p9", detect=False, open_set=False)
    (tmp_path / "p0" / "9.gif").write_bytes(b"GIF")
    with pytest.raises(ConfigurationError, match=r"9\.gif"):
        identity.evaluate(root=tmp_path, detect=False, open_set=False)


def test_a_table_of_people_ends_with_one_object_that_holds_its_rows() -> None:
    row = PersonalRow("voice", "general", 0, "native", 0.5, 0.5, (0.4, 0.6), (0.4, 0.6), 0.1, 1.0, 8, 0, 2, 1, 9, "x")
    evidence = PersonalEvidence("personal", "ravdess", "voice 1", "p", (row,), (), 0)
    lines = json_lines(Report("r", (Figure("seconds", 1.0, "s", 1),), records=(row,), evidence=evidence)).splitlines()
    rows = [json.loads(line) for line in lines]
    assert rows[0]["modality"] == "voice"
    assert {"modality", "regime", "k", "labels", "uar", "accuracy", "ci95"} <= rows[-1]["rows"][0].keys()
    assert {"task", "dataset", "model", "protocol", "rows"} <= rows[-1].keys()


def test_a_table_of_choosers_ends_with_one_object_that_holds_its_rows() -> None:
    grid = Grid("gains", ("", "gain"), (("random", "1"), ("ours", "2")))
    evidence = TableEvidence("recommender", "cohorts", "recommender 1", "p")
    last = json.loads(json_lines(Report("r", (), grids=(grid,), evidence=evidence)).splitlines()[-1])
    assert last["task"] == "recommender"
    assert [row["gain"] for row in last["rows"]] == ["1", "2"]


def test_the_table_says_where_there_is_no_float_twin(fer2013: Path) -> None:
    shutil.copytree(default_models_dir(), fer2013 / "models")
    report = face.evaluate(root=fer2013, dataset="fer2013", models=fer2013 / "models")
    assert json.loads(json_lines(report))["int8_minus_float"] is None
    console = Console(record=True, width=200)
    print_table(report, console)
    text = console.export_text()
    assert "none: no float twin was at hand" in text
    assert "per_class_recall" in text
    assert "true \\ read as" in text


def test_a_float_twin_that_is_missing_is_named(fer2013: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"twin .*nowhere\.tflite is missing"):
        face.evaluate(root=fer2013, dataset="fer2013", float_model=tmp_path / "nowhere.tflite")
