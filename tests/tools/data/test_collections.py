"""The loaders of labelled faces and voices on small invented files: labels, subjects, and what is missing or corrupt."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ConfigurationError, RecordingError
from tests.tools.made_files import picture, sound
from tools.data import affect_net, ck_plus, crema_d_clips, emo_db, fer2013, nemo, raf_db, ravdess, savee, tess
from tools.data.collection_names import collection_named
from tools.data.faults import FaultLog
from tools.data.ferplus import load_split
from tools.data.labelled_faces import FaceCollection, as_crop, read_picture
from tools.data.orl import load_people
from tools.data.photographs import load_photographs
from tools.data.voice_clips import VoiceClip, readable

pytestmark = pytest.mark.tools

SHARP = 17


def labels(collection: FaceCollection) -> list[str]:
    return [item.label for item in collection.items]


def fer2013_rows(*rows: tuple[int, str]) -> str:
    pixels = " ".join(str(i % 256) for i in range(48 * 48))
    return "emotion,pixels,Usage\n" + "".join(f"{emotion},{pixels},{usage}\n" for emotion, usage in rows)


def test_fer2013_as_a_table(tmp_path: Path) -> None:
    table = tmp_path / "fer2013.csv"
    rows = [(0, "Training"), (3, "PublicTest"), (6, "PrivateTest"), (5, "PrivateTest")]
    table.write_text(fer2013_rows(*rows), encoding="utf-8")
    test = fer2013.load(tmp_path, "", FaultLog())
    assert labels(test) == ["neutral", "surprise"]
    assert test.labels == ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear")
    np.testing.assert_array_equal(test.items[0].read()[0, :SHARP, 1], np.arange(SHARP))
    assert labels(fer2013.load(table, "Train", FaultLog())) == ["anger"]
    assert labels(fer2013.load(tmp_path, "Valid", FaultLog())) == ["happiness"]
    with table.open("a", encoding="utf-8") as file:
        file.write("9,1 2 3,PrivateTest\n2,1 2 3,PrivateTest\nonly,two\n")
    faults = FaultLog("skip")
    assert len(fer2013.load(tmp_path, "Test", faults).items) == 2
    assert [fault.split(":")[0] for fault in faults.faults] == ["line 6", "line 7", "line 8"]
    with pytest.raises(ConfigurationError, match=r"fer2013\.csv: line 6: the emotion 9"):
        fer2013.load(tmp_path, "Test", FaultLog())


def test_fer2013_as_folders(tmp_path: Path) -> None:
    picture(tmp_path / "test" / "happy" / "a.jpg")
    picture(tmp_path / "test" / "angry" / "b.png")
    picture(tmp_path / "train" / "sad" / "c.png")
    assert sorted(labels(fer2013.load(tmp_path, "", FaultLog()))) == ["anger", "happiness"]
    assert labels(fer2013.load(tmp_path, "Train", FaultLog())) == ["sadness"]
    picture(tmp_path / "test" / "bored" / "d.png")
    with pytest.raises(ConfigurationError, match="bored is no emotion"):
        fer2013.load(tmp_path, "", FaultLog())
    with pytest.raises(ConfigurationError, match=r"no fer2013\.csv"):
        fer2013.load(tmp_path / "nowhere", "", FaultLog())


def test_ck_plus_takes_the_subject_from_the_name(tmp_path: Path) -> None:
    picture(tmp_path / "CK+48" / "anger" / "S010_004_00000017.png")
    picture(tmp_path / "CK+48" / "contempt" / "S138_008_00000007.png")
    picture(tmp_path / "CK+48" / "happy" / "S010_006_00000013.png")
    found = ck_plus.load(tmp_path, "", FaultLog())
    assert [(item.label, item.subject) for item in found.items] == [
        ("anger", "S010"),
        ("contempt", "S138"),
        ("happiness", "S010"),
    ]
    assert found.labels == ("happiness", "anger", "contempt")
    picture(tmp_path / "CK+48" / "happy" / "holiday.png")
    faults = FaultLog("skip")
    assert len(ck_plus.load(tmp_path, "", faults).items) == 3
    assert "holiday.png" in faults.faults[0]
    with pytest.raises(ConfigurationError, match=r"happy/holiday\.png: not a CK\+ name"):
        ck_plus.load(tmp_path, "", FaultLog())


def test_raf_db_reads_the_list_and_either_kind_of_picture(tmp_path: Path) -> None:
    (tmp_path / "EmoLabel").mkdir()
    table = tmp_path / "EmoLabel" / "list_patition_label.txt"
    table.write_text("train_00001.jpg 5\ntest_0001.jpg 4\ntest_0002.jpg 1\n", encoding="utf-8")
    picture(tmp_path / "Image" / "original" / "test_0001.jpg", 120)
    original = raf_db.load(tmp_path, "", FaultLog())
    assert (labels(original), original.photographs) == (["happiness", "surprise"], True)
    picture(tmp_path / "Image" / "aligned" / "test_0001_aligned.jpg", 100)
    aligned = raf_db.load(tmp_path, "Test", FaultLog())
    assert not aligned.photographs
    assert as_crop(aligned.items[0].read()).shape == (48, 48)
    with pytest.raises(ValueError, match=r"test_0002_aligned\.jpg is missing"):
        aligned.items[1].read()
    assert labels(raf_db.load(tmp_path, "Train", FaultLog())) == ["sadness"]
    assert raf_db.load(tmp_path, "Test", FaultLog(), photographs=True).photographs
    table.write_text("test_0001.jpg 8\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="line 1: not a picture's name and a number of 1 to 7"):
        raf_db.load(tmp_path, "", FaultLog())


def test_affect_net_as_label_files(tmp_path: Path) -> None:
    annotations = tmp_path / "val_set" / "annotations"
    annotations.mkdir(parents=True)
    for number, code in enumerate(("7", "0", "9")):
        picture(tmp_path / "val_set" / "images" / f"{number}.jpg", 64)
        np.save(annotations / f"{number}_exp.npy", np.array(code))
    found = affect_net.load(tmp_path, "", FaultLog())
    assert (labels(found), found.dropped, found.photographs) == (["contempt", "neutral"], 1, True)
    (annotations / "3_exp.npy").write_bytes(b"no array")
    np.save(annotations / "4_exp.npy", np.array("11"))
    faults = FaultLog("skip")
    assert len(affect_net.load(tmp_path, "Valid", faults).items) == 2
    assert ["3_exp" in faults.faults[0], "4_exp" in faults.faults[1]] == [True, True]
    with pytest.raises(ConfigurationError, match="3_exp"):
        affect_net.load(tmp_path, "Valid", FaultLog())


def test_affect_net_as_a_table_cuts_the_box(tmp_path: Path) -> None:
    picture(tmp_path / "Manually_Annotated_Images" / "1" / "a.jpg", 200)
    header = "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"
    rows = "1/a.jpg,60,60,80,80,,6,0,0\n1/a.jpg,60,60,80,80,,10,0,0\n1/a.jpg,500,500,9,9,,1,0,0\n"
    (tmp_path / "validation.csv").write_text(header + rows, encoding="utf-8")
    found = affect_net.load(tmp_path, "", FaultLog())
    assert (labels(found), found.dropped) == (["anger", "happiness"], 1)
    assert found.items[0].read().shape == (160, 160, 3)
    with pytest.raises(ValueError, match=r"1/a\.jpg: the box"):
        found.items[1].read()


@pytest.mark.parametrize(
    ("load", "files", "expected"),
    [
        (
            crema_d_clips.load,
            ["AudioWAV/1001_DFA_ANG_XX.wav", "AudioWAV/1002_IEO_SAD_HI.wav"],
            [("cremad/1001", "angry"), ("cremad/1002", "sad")],
        ),
        (
            emo_db.load,
            ["wav/03a01Wa.wav", "wav/16b10Tb.wav", "wav/03a02La.wav", "wav/08a05Ed.wav"],
            [("emodb/03", "angry"), ("emodb/08", "disgust"), ("emodb/16", "sad")],
        ),
        (
            tess.load,
            ["OAF_angry/OAF_back_angry.wav", "YAF_ps/YAF_bath_ps.wav", "twice/OAF_angry/OAF_back_angry.wav"],
            [("tess/OAF", "angry"), ("tess/YAF", "surprised")],
        ),
        (tess.load, ["OAF_neutral/OA_bite_neutral.wav"], [("tess/OAF", "neutral")]),
        (savee.load, ["AudioData/DC/a01.wav", "AudioData/JE/sa07.wav"], [("savee/DC", "angry"), ("savee/JE", "sad")]),
        (savee.load, ["DC_su15.wav", "KL_n30.wav"], [("savee/DC", "surprised"), ("savee/KL", "neutral")]),
        (ravdess.load, ["Actor_01/03-01-08-01-01-01-01.wav"], [("ravdess/01", "surprised")]),
        (nemo.load, ["samples/EB0_fear_12.flac"], [("nemo/EB0", "fearful")]),
    ],
)
def test_voices_by_their_names(
    tmp_path: Path,
    load: Callable[[Path, FaultLog | None], tuple[VoiceClip, ...]],
    files: list[str],
    expected: list[tuple[str, str]],
) -> None:
    for file in files:
        sound(tmp_path / file)
    assert [(clip.speaker, clip.label) for clip in load(tmp_path, None)] == expected
    (tmp_path / Path(files[0]).parent / "cough.wav").write_bytes(b"")
    faults = FaultLog("skip")
    assert len(load(tmp_path, faults)) == len(expected)
    assert "cough.wav" in faults.faults[0]
    with pytest.raises(ConfigurationError, match=r"cough\.wav"):
        load(tmp_path, None)


def test_a_corrupt_sound_stops_or_is_passed_over(tmp_path: Path) -> None:
    sound(tmp_path / "wav" / "03a01Wa.wav", rate_hz=44_100, channels=2)
    (tmp_path / "wav" / "03a01Fa.wav").write_bytes(b"RIFF and nothing")
    clips = emo_db.load(tmp_path)
    with pytest.raises(RecordingError, match="03a01Fa"):
        readable(clips, FaultLog())
    faults = FaultLog("skip")
    assert [clip.path.stem for clip in readable(clips, faults)] == ["03a01Wa"]
    assert faults.count == 1


def test_a_missing_picture_of_fer_plus_stops_or_is_passed_over(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    rows = "".join(f'{name},"(0, 0, 48, 48)",9,0,0,0,0,0,0,0,0,0\n' for name in ("a.png", "b.png"))
    (tmp_path / "label.csv").write_text(rows, encoding="utf-8")
    assert load_split(tmp_path, "Valid", FaultLog("skip")).names == ("a.png",)
    with pytest.raises(ConfigurationError, match=r"line 2: b\.png is missing"):
        load_split(tmp_path, "Valid")


def test_people_in_gif_and_pgm(tmp_path: Path) -> None:
    from PIL import Image

    for person in ("ann", "bob"):
        picture(tmp_path / person / "1.pgm", seed=1)
        Image.fromarray(np.full((30, 20), 90, np.uint8)).save(tmp_path / person / "2.gif")
    people = load_people(tmp_path)
    assert (people.names, len(people)) == (("ann", "bob"), 4)
    assert read_picture(tmp_path / "ann" / "2.gif").shape == (30, 20, 3)
    (tmp_path / "ann" / "3.gif").write_bytes(b"GIF89a")
    assert len(load_people(tmp_path, FaultLog("skip"))) == 4
    with pytest.raises(ConfigurationError, match=r"3\.gif is no picture"):
        load_people(tmp_path)


def test_photographs_and_their_boxes(tmp_path: Path) -> None:
    for name in ("a.pgm", "b c.png", "empty.jpg"):
        picture(tmp_path / "images" / name, 60)
    table = tmp_path / "faces.txt"
    table.write_text("# faces\na.pgm 1 2 11 22\nimages/b c.png 3 3 9.5 9\na.pgm 30 30 50 50\n", encoding="utf-8")
    found = load_photographs(tmp_path, None, FaultLog())
    assert [(each.path.name, len(each.boxes)) for each in found] == [("a.pgm", 2), ("b c.png", 1), ("empty.jpg", 0)]
    np.testing.assert_array_equal(found[1].boxes, np.array([[3, 3, 9.5, 9]], np.float32))
    table.write_text("a.pgm 1 2 11 22\ngone.gif 1 1 5 5\na.pgm 9 9 1 1\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"line 2: gone\.gif is missing; line 3"):
        load_photographs(tmp_path, table, FaultLog())
    assert sum(len(each.boxes) for each in load_photographs(tmp_path, table, FaultLog("skip"))) == 1
    table.unlink()
    with pytest.raises(ConfigurationError, match="--annotations"):
        load_photographs(tmp_path, None, FaultLog())


def test_a_collection_may_be_written_in_many_ways() -> None:
    known = ("ferplus", "fer2013", "ckplus", "rafdb", "cremad", "emodb")
    for written, name in (("FER+", "ferplus"), ("CK+", "ckplus"), ("RAF-DB", "rafdb"), ("crema_d", "cremad")):
        assert collection_named(written, known) == name
    with pytest.raises(ConfigurationError, match="did you mean rafdb"):
        collection_named("raffdb", known)


def test_ten_faults_are_enough() -> None:
    faults = FaultLog()
    for number in range(9):
        faults.met(f"file {number}")
    with pytest.raises(ConfigurationError) as stopped:
        faults.met("file 9")
    assert len(stopped.value.faults) == 10
