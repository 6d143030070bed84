"""FaceNet as it ships, through the device's runtime: what the issue asks of it, on faces that no training saw."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import default_models_dir
from ertedge.perception.face import CROP_SIZE, FaceLimits, FacePerception
from ertedge.types import Reason, VideoFrame
from tools import evaluate as command
from tools import portraits
from tools.data.face_frames import Circumstances, compose
from tools.data.ferplus import EMOTION_LABELS, load_split, majority_labels
from tools.data.orl import load_people
from tools.evaluation import face, identity
from tools.facenet.trials import load_detector, load_face_model

pytestmark = [pytest.mark.tools, pytest.mark.timeout(300)]


def test_the_file_is_as_small_as_asked() -> None:
    assert (default_models_dir() / "facenet.tflite").stat().st_size <= 1_500_000


def test_emotions_on_faces_no_training_saw(data_root: Path) -> None:
    report = face.evaluate(root=data_root / "ferplus", limit=900)
    of = "FER2013Valid, published protocol"
    assert report.value("accuracy", of) >= 0.82
    assert report.value("ece", of) < report.value("ece_uncalibrated", of)
    assert report.value("ece", of) < 0.05
    counts = [f.value for f in report.figures if f.name == "confusion"]
    scored = next(f.n for f in report.figures if f.name == "accuracy" and f.of == of)
    assert sum(counts) == scored
    assert len(counts) == 64
    copies = next(f.n for f in report.figures if f.name == "accuracy" and "without copies" in f.of)
    assert copies < scored


def test_identity_on_people_no_training_saw(data_root: Path, tmp_path: Path) -> None:
    for person in range(1, 13):
        shutil.copytree(data_root / "orl_faces" / f"s{person}", tmp_path / f"s{person}")
    report = identity.evaluate(root=tmp_path, detect=False, open_set=False)
    assert report.value("verification_auc", f"{tmp_path.name}, given crops") >= 0.96
    assert report.value("people", tmp_path.name) == 12


def test_another_collection_in_the_layout_is_read_and_another_layout_refused(tmp_path: Path) -> None:
    folder = tmp_path / "Posed"
    folder.mkdir()
    rows = []
    for number in range(4):
        picture = np.random.default_rng(number).integers(0, 255, (48, 48)).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), picture)
        votes = [0] * 10
        votes[number % 2] = 10
        rows.append(f'{number}.png,"(0, 0, 48, 48)",{",".join(map(str, votes))}')
    (folder / "label.csv").write_text("\n".join(rows))
    report = face.evaluate(root=folder)
    assert next(f.n for f in report.figures if f.name == "accuracy") == 4
    assert not any("without copies" in f.of for f in report.figures)
    with pytest.raises(ConfigurationError, match="FER\\+"):
        face.evaluate(root=tmp_path, split="Valid")


def test_the_command_prints_one_object(data_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_status:
        command.main(["face", "--root", str(data_root / "ferplus"), "--limit", "60", "--json"])
    assert exit_status.value.code in (0, None)
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    keys = "task dataset model protocol n accuracy uar ece log_loss ci95 int8_minus_float ms bytes"
    assert {*keys.split(), "per_class_recall", "confusion", "labels"} <= found.keys()
    assert (found["task"], found["dataset"]) == ("face", "ferplus")
    assert {"images", "accuracy", "uar", "ece", "confusion"} <= {figure["name"] for figure in found["figures"]}


def test_equal_error_rate_of_known_scores() -> None:
    scores = np.array([0.9, 0.8, 0.3, 0.7, 0.2, 0.1], np.float32)
    same = np.array([True, True, True, False, False, False])
    assert identity.equal_error_rate(scores, same) == pytest.approx(1 / 3)
    assert identity.equal_error_rate(-scores, ~same) == pytest.approx(1 / 3)
    assert identity.equal_error_rate(scores, scores > 0.5) == 0


def test_the_device_path_reads_faces_in_frames(data_root: Path) -> None:
    """Detector, alignment and FaceNet together, on happy faces pasted into frames: found, mostly right, none in the dark."""
    model, entry = load_face_model(None)
    path = FacePerception(load_detector(None), model, FaceLimits.of(entry))
    valid = load_split(data_root / "ferplus", "Valid")
    happy = valid.take(majority_labels(valid.votes) == EMOTION_LABELS.index("happiness")).images[:40]
    rng = np.random.default_rng(0)
    lit = [path.process(VideoFrame(0, compose(each, None, Circumstances(side_px=180), rng))) for each in happy]
    read = [prediction for prediction in lit if prediction.probabilities is not None]
    assert len(read) >= 32
    assert np.mean([int(p.probabilities.argmax()) == 1 for p in read if p.probabilities is not None]) >= 0.85
    assert all(p.embedding is not None and abs(float(np.linalg.norm(p.embedding)) - 1) < 1e-4 for p in read)
    night = [path.process(VideoFrame(0, compose(each, None, Circumstances(light=0.01), rng))) for each in happy[:10]]
    assert all(p.probabilities is None and Reason.TOO_DARK in p.reasons for p in night)


def test_framing_of_pictures_for_the_detector(data_root: Path) -> None:
    people = load_people(data_root / "orl_faces")
    assert portraits.as_frame(people.images[0]).shape == (480, 640, 3)
    large = np.zeros((300, 400, 3), np.uint8)
    assert portraits.as_frame(large) is large
    assert portraits.middle_square(people.images[0]).shape == (CROP_SIZE, CROP_SIZE)
