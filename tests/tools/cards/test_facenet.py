"""FaceNet's card: what is read of light and pose, and what the groups and rows hold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError

pytest.importorskip("matplotlib")
from tests.tools.made_files import picture
from tools.cards import facenet_frames
from tools.cards.cross import cross_part
from tools.cards.facenet import emotion_part
from tools.cards.facenet_frames import (
    easy_rows,
    group_part,
    nose_offset,
    quality_part,
    roll_deg,
    sharpness,
    some,
)
from tools.cards.facenet_scores import Faces
from tools.cards.section import Case
from tools.data.ferplus import EMOTION_LABELS, FerSplit, load_split, majority_labels
from tools.evaluation.face import evaluate
from tools.evaluation.face_collections import Crops
from tools.facenet.trials import load_face_model, read_crops

pytestmark = pytest.mark.tools
FRONTAL = np.array([[10, 20], [30, 20], [20, 30], [12, 40], [28, 40]], np.float32)


def _turned(points: np.ndarray, degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    return points @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]], np.float32)


def test_roll_and_turn_are_read_apart() -> None:
    aside = FRONTAL.copy()
    aside[2, 0] += 5
    points = np.stack([FRONTAL, _turned(FRONTAL, 20), _turned(aside, -35), aside]).astype(np.float32)
    assert roll_deg(points) == pytest.approx([0, 20, 35, 0], abs=1e-3)
    assert nose_offset(points) == pytest.approx([0, 0, 0.25, 0.25], abs=1e-5)


def test_sharpness_falls_with_blur_and_not_with_contrast() -> None:
    import cv2

    image = np.random.default_rng(0).integers(60, 180, (48, 48)).astype(np.uint8)
    flat = (image // 2 + 60).astype(np.uint8)
    soft = np.asarray(cv2.GaussianBlur(image, (0, 0), 2.0), np.uint8)
    crisp, half, blurred = sharpness(np.stack([image, flat, soft]))
    assert half == pytest.approx(crisp, rel=0.05)
    assert blurred < 0.2 * crisp


def test_some_are_spread_over_all() -> None:
    assert some(10, 4).tolist() == [0, 3, 6, 9]
    assert some(3, 10).tolist() == [0, 1, 2]


@pytest.fixture
def faces() -> Faces:
    """Thirty invented faces, the darker half of which is always read right, and its twin is right twice less."""
    model, entry = load_face_model(None)
    labels = np.arange(30, dtype=np.int64) % 8
    images = np.stack([np.full((48, 48), 10 + 8 * number, np.uint8) for number in range(30)])
    said = np.where(np.arange(30) < 15, labels, (labels + 1) % 8)
    logits = 5 * np.eye(8, dtype=np.float32)[said]
    twin = logits.copy()
    twin[:2] = np.roll(twin[:2], 1, axis=1)
    split = FerSplit(tuple(str(n) for n in range(30)), images, np.zeros((30, 10), np.int64))
    crops = Crops("FER+ Valid", images, labels, (), EMOTION_LABELS, "published majority")
    return Faces(model, entry, split, crops, logits, twin, np.arange(30) < 20)


def test_rows_of_the_published_protocol_and_without_copies(faces: Faces) -> None:
    part = emotion_part(faces, 0, (("more", *["-"] * 6),))
    whole, unique, seven, more = part.grids[0].rows
    assert whole[1:3] == ("30", whole[2]) and whole[2].startswith("0.500 [")
    assert whole[6] == "+6.67 points"
    assert unique[1] == "20" and unique[2].startswith("0.750 [")
    assert seven[1] == "30"
    assert more[0] == "more"
    assert [row[0] for row in part.grids[1].rows] == list(EMOTION_LABELS)
    assert "the same class for 93.3% of the faces" in part.text[1]
    assert part.pictures[0].content.startswith(b"\x89PNG")


def test_groups_follow_the_light(faces: Faces) -> None:
    part = group_part(faces, np.stack([FRONTAL] * 30), 0)
    light = [row for row in part.grids[0].rows if row[0].startswith("mean grey level")]
    assert [row[1] for row in light] == ["10"] * 3
    assert [row[2].split(" ")[0] for row in light] == ["1.000", "0.500", "0.000"]
    assert "not known" in part.text[0]


def test_other_collections_are_measured_where_they_are_and_named_where_not(tmp_path: Path) -> None:
    for number, emotion in enumerate(("anger", "happy", "sadness")):
        for subject in range(2):
            picture(tmp_path / emotion / f"S{subject:03d}_001_0000000{number}.png", seed=number + subject)
    case = Case(tmp_path, tmp_path, cross={"ckplus": tmp_path})
    asked = Case(tmp_path, Path("models"), cross=case.cross)
    part = cross_part(asked, "face", ("ckplus", "rafdb"), evaluate)
    assert [row[0].split(":")[0] for row in part.grids[0].rows] == ["ckplus, native labels", "ckplus, canonical labels"]
    assert all(row[1] == "6" for row in part.grids[0].rows)
    assert "not at hand: rafdb." in part.notes[0]
    with pytest.raises(ConfigurationError, match="--cross ckplus: choose from rafdb"):
        cross_part(asked, "face", ("rafdb",), evaluate)


def test_frames_by_quality_and_by_turn(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few real faces before the virtual camera."""
    monkeypatch.setattr(facenet_frames, "EASY_FACES", 20)
    monkeypatch.setattr(facenet_frames, "HARD_FACES", 30)
    monkeypatch.setattr(facenet_frames, "TURNED_FACES", 6)
    split = load_split(data_root, "Valid").take(np.arange(60))
    usable = split.take(majority_labels(split.votes) >= 0)
    labels = majority_labels(usable.votes)
    model, entry = load_face_model(None)
    crops = Crops("FER+ Valid", usable.images, labels, (), EMOTION_LABELS, "published majority")
    logits = read_crops(model.network, usable.images)[0]
    faces = Faces(model, entry, usable, crops, logits, None, np.ones(len(usable), bool))
    case = Case(data_root, Path("models"))
    found, given = easy_rows(faces, case, ())
    assert found[0].endswith("of 20") and found[1] == given[1]
    assert int(found[1]) > 10
    part = quality_part(faces, case, ())
    fifths, turned = part.grids
    assert [row[0].split(",")[0] for row in fifths.rows] == [f"fifth {number}" for number in range(1, 6)]
    assert [row[0] for row in turned.rows] == ["0 degrees", "30 degrees", "45 degrees", "60 degrees"]
    assert part.pictures[0].content.startswith(b"\x89PNG")
