"""The loaders of faces: what the majority protocol keeps, what a wrong folder meets, and faces before a virtual camera."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from ertedge.errors import ConfigurationError
from tools.data.face_frames import Circumstances, compose, easy, hard
from tools.data.ferplus import DROPPED, load_split, majority_labels, vote_distribution, without_copies
from tools.data.orl import load_people

pytestmark = pytest.mark.tools

VOTES = np.array(
    [
        [9, 0, 0, 1, 0, 0, 0, 0, 0, 0],  # neutral; the single vote for sadness is noise
        [4, 0, 0, 1, 3, 2, 0, 0, 0, 0],  # 4 of 9: no majority
        [5, 0, 0, 5, 0, 0, 0, 0, 0, 0],  # half is not more than half
        [0, 0, 0, 0, 0, 0, 0, 6, 4, 0],  # contempt
        [0, 2, 0, 0, 0, 0, 0, 0, 8, 0],  # unknown
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 10],  # no face
        [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],  # nothing but noise
    ]
)


def write_split(folder: Path, rows: list[str], faces: int = 3) -> Path:
    folder.mkdir(parents=True)
    for number in range(faces):
        face = np.random.default_rng(number).integers(0, 255, (48, 48)).astype(np.uint8)
        cv2.imwrite(str(folder / f"{number}.png"), face)
    (folder / "label.csv").write_text("\n".join(rows) + "\n")
    return folder


def row(name: str, votes: str = "9,0,0,1,0,0,0,0,0,0", box: str = "(0, 0, 48, 48)") -> str:
    return f'{name},"{box}",{votes}'


def test_the_majority_protocol() -> None:
    assert majority_labels(VOTES).tolist() == [0, DROPPED, DROPPED, 7, DROPPED, DROPPED, DROPPED]


def test_soft_labels_spread_the_unknown_and_leave_out_what_is_no_face() -> None:
    soft = vote_distribution(VOTES)
    np.testing.assert_allclose(soft[0], [1, 0, 0, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(soft[2], [0.5, 0, 0, 0.5, 0, 0, 0, 0])
    np.testing.assert_allclose(soft[3], [0.05] * 7 + [0.65], atol=1e-6)
    assert soft[5].sum() == 0
    assert soft[6].sum() == 0
    np.testing.assert_allclose(soft[:5].sum(axis=1), 1, atol=1e-6)


def test_a_split_is_found_by_its_root_or_directly(tmp_path: Path) -> None:
    folder = write_split(tmp_path / "FER2013Test", [row("0.png"), row("1.png", box="(8, 8, 40, 40)")])
    for root in (tmp_path, folder):
        split = load_split(root, "Test")
        assert split.names == ("0.png", "1.png")
        assert split.images.shape == (2, 48, 48)
        assert split.votes.shape == (2, 10)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (["0.png,9,0"], "columns"),
        ([row("9.png")], "missing"),
        ([row("0.png", votes="9,x,0,1,0,0,0,0,0,0")], "line 1"),
        ([row("0.png", votes="9,-1,0,1,0,0,0,0,0,0")], "negative"),
        ([row("0.png", box="(60, 60, 70, 70)")], "outside"),
        ([row("0.png", box="(0, 0)")], "four numbers"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, rows: list[str], words: str) -> None:
    folder = write_split(tmp_path / "faces", rows)
    with pytest.raises(ConfigurationError, match=words):
        load_split(folder, "Valid")


def test_a_folder_of_another_layout_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"FER2013Valid/label\.csv"):
        load_split(tmp_path, "Valid")


def test_copies_are_left_out(tmp_path: Path) -> None:
    train = load_split(write_split(tmp_path / "train", [row("0.png")]), "Train")
    rows = [row("0.png"), row("1.png"), row("2.png"), row("1.png")]
    valid = load_split(write_split(tmp_path / "valid", rows), "Valid")
    assert without_copies(valid, train).names == ("1.png", "2.png")


def test_the_published_split_has_the_published_size(data_root: Path) -> None:
    valid = load_split(data_root / "ferplus", "Valid")
    assert len(valid) == 3579
    assert int((majority_labels(valid.votes) >= 0).sum()) == 3191


def test_people_are_folders(tmp_path: Path) -> None:
    for person, suffix in (("anna", "png"), ("anna", "jpg"), ("ben", "pgm")):
        (tmp_path / person).mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / person / f"1.{suffix}"), np.full((20, 16), 99, np.uint8))
    people = load_people(tmp_path)
    assert people.names == ("anna", "ben")
    assert people.person.tolist() == [0, 0, 1]
    assert people.images[0].shape == (20, 16, 3)


def test_people_of_another_layout_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="one a person"):
        load_people(tmp_path / "nowhere")
    (tmp_path / "anna").mkdir()
    (tmp_path / "anna" / "1.jpg").write_bytes(b"cut")
    with pytest.raises(ConfigurationError, match="no picture"):
        load_people(tmp_path)


def test_a_composed_frame_holds_the_face_where_it_was_asked_for() -> None:
    face = np.full((48, 48), 250, np.uint8)
    wall = np.zeros((480, 640), np.uint8)
    frame = compose(face, wall, Circumstances(side_px=100), np.random.default_rng(0))
    assert frame.shape == (480, 640, 3)
    rows, columns = np.nonzero(frame[:, :, 0] > 125)
    assert np.ptp(rows) == pytest.approx(100 * 11 / 12, abs=3)
    assert np.ptp(columns) == pytest.approx(100 * 11 / 12, abs=3)


def test_circumstances_do_to_the_frame_what_they_say() -> None:
    face = np.random.default_rng(1).integers(0, 255, (48, 48)).astype(np.uint8)
    plain = compose(face, None, Circumstances(), np.random.default_rng(0)).astype(float)
    dark = compose(face, None, Circumstances(light=0.25), np.random.default_rng(0)).astype(float)
    assert dark.mean() == pytest.approx(plain.mean() / 4, rel=0.02)
    noisy = compose(face, None, Circumstances(noise=10), np.random.default_rng(0)).astype(float)
    assert (noisy - plain).std() == pytest.approx(10, rel=0.1)
    blurred = compose(face, None, Circumstances(blur_px=5), np.random.default_rng(0)).astype(float)
    assert np.abs(np.diff(blurred[:, :, 0])).mean() < 0.5 * np.abs(np.diff(plain[:, :, 0])).mean()


def test_easy_is_easier_than_hard_and_both_repeat_with_their_seed() -> None:
    drawn = [[draw(np.random.default_rng(seed)) for seed in range(200)] for draw in (easy, hard)]
    smallest = [min(each.side_px for each in kind) for kind in drawn]
    assert smallest[0] >= 130
    assert smallest[1] < 40
    assert drawn[1][7] == hard(np.random.default_rng(7))
