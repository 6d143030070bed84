"""Files that are cut, empty, of another kind, or absurd: one clear sentence, no crash, no memory taken."""

from __future__ import annotations

import logging
import resource
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from ertedge.capture.buffers import LatestFrame, SoundRing
from ertedge.capture.media_clock import Pace
from ertedge.capture.picture_size import picture_size
from ertedge.capture.recording import Recording
from ertedge.capture.source import SourceEnded
from ertedge.capture.supervisor import Capture
from ertedge.config import SensorSettings
from ertedge.errors import RecordingError
from ertedge.types import SensorCondition, SensorName
from tests.capture.fakes import until
from tests.capture.media_files import make_recording, write_wav
from tests.capture.test_recording import chunks_of, frames_of, joined


def test_a_missing_file_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"no\.mp4: no such file; give replay:"):
        Recording(tmp_path / "no.mp4")


def test_an_empty_file(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    with pytest.raises(RecordingError, match="the file is empty"):
        Recording(tmp_path / "empty.mp4")


def test_text_named_mp4(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("this is no film\n" * 100)
    with pytest.raises(RecordingError, match="cannot be read as a recording"):
        Recording(tmp_path / "text.mp4")


def test_an_mp4_cut_before_its_index(tmp_path: Path) -> None:
    whole = make_recording(tmp_path / "whole.mp4").read_bytes()
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(RecordingError, match="cut, damaged or of another kind"):
        Recording(cut)


def test_an_mp4_cut_behind_its_index_gives_what_is_there_and_says_that_it_is_cut(tmp_path: Path) -> None:
    options = {"movflags": "faststart"}
    whole = make_recording(tmp_path / "whole.mp4", audio_codec="aac", options=options, seconds=3.0)
    raw = whole.read_bytes()
    assert raw.find(b"moov") < raw.find(b"mdat")
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(raw[: raw.find(b"mdat") + (len(raw) - raw.find(b"mdat")) // 2])
    recording = Recording(cut, Pace.FAST, start_ns=0)
    assert recording.video is not None
    recording.video.open()
    frames = 0
    with pytest.raises(SourceEnded, match="it is cut or damaged: pictures up to"):
        for _ in range(100):
            frames += recording.video.read(0.1) is not None
    recording.video.close()
    assert frames < 30


def test_a_wav_of_zero_length(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "nothing.wav", np.empty(0, np.int16))
    recording = Recording(path)
    assert recording.sound is not None
    with pytest.raises(RecordingError, match="no sound in it can be read; it is empty"):
        recording.sound.open()
    recording.sound.close()


def test_an_unreadable_recording_shows_as_failed_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    recording = Recording(write_wav(tmp_path / "nothing.wav", np.empty(0, np.int16)))
    assert recording.sound is not None
    capture = Capture(SensorName.MICROPHONE, recording.sound, SoundRing(16_000), SensorSettings())
    capture.start()
    assert until(lambda: capture.status().condition is SensorCondition.FAILED)
    assert "no sound in it can be read" in capture.status().detail
    assert len([record for record in caplog.records if record.levelno >= logging.WARNING]) == 1
    assert capture.stop()


def float_wav(path: Path, samples: np.typing.NDArray[np.float32]) -> Path:
    """A wav of 32-bit floats (format tag 3), which the standard library does not write."""
    data = samples.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, 16_000, 64_000, 4, 32)
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(data)) + data
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


def test_nan_samples_are_silence_and_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    sound = np.full(32_000, 0.25, np.float32)
    sound[8000:8100] = np.nan
    sound[9000] = np.inf
    recording = Recording(float_wav(tmp_path / "nan.wav", sound), Pace.FAST)
    heard = joined(chunks_of(recording.sound))
    assert heard.size == 32_000
    assert np.isfinite(heard).all()
    assert np.all(heard[8000:8100] == 0)
    assert np.all(heard[:8000] == 0.25) and np.all(heard[10_000:] == 0.25)
    assert [record.getMessage().split(": ")[1] for record in caplog.records] == [
        "101 samples are no numbers and are taken as silence"
    ]


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("nothing here")
    with pytest.raises(RecordingError, match=r"no pictures in it; give a folder with"):
        Recording(tmp_path)


def test_a_single_picture_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "face.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(RecordingError, match="single picture; put it in a folder"):
        Recording(tmp_path / "face.png")


def png_of_zeros(path: Path, width: int, height: int) -> Path:
    """A true PNG of any size in a few kilobytes, made without ever holding its pixels."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    data = b"".join([packer.compress(row) for _ in range(height)] + [packer.flush()])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", data) + part(b"IEND", b""))
    return path


def test_a_picture_of_20000_pixels_a_side_is_refused_without_being_decoded(tmp_path: Path) -> None:
    png_of_zeros(tmp_path / "huge.png", 20_000, 20_000)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(RecordingError, match=r"20000x20000 pixels; at most 8192 a side .* scale it down"):
        Recording(tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 50_000


def test_a_large_but_allowed_picture_is_scaled_down(tmp_path: Path) -> None:
    png_of_zeros(tmp_path / "large.png", 4000, 2000)
    frames = frames_of(Recording(tmp_path, Pace.FAST).video)
    assert frames[0].image.shape == (320, 640, 3)


def test_a_broken_picture_among_good_ones_is_told_of(tmp_path: Path) -> None:
    png_of_zeros(tmp_path / "1.png", 64, 64)
    (tmp_path / "2.png").write_text("no picture")
    png_of_zeros(tmp_path / "3.png", 64, 64)
    recording = Recording(tmp_path, Pace.FAST, start_ns=0)
    assert [frame.timestamp_ns for frame in frames_of(recording.video)] == [0, 200_000_000]
    assert recording.video is not None
    with pytest.raises(SourceEnded, match=r"1 could not be read, the first is 2\.png"):
        recording.video.read(0.1)


def test_a_folder_of_broken_pictures(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_text("no picture")
    recording = Recording(tmp_path, Pace.FAST)
    assert recording.video is not None
    capture = Capture(SensorName.CAMERA, recording.video, LatestFrame(), SensorSettings())
    capture.start()
    assert until(lambda: capture.status().condition is SensorCondition.FAILED)
    assert "none of its 1 pictures can be read" in capture.status().detail
    assert capture.stop()


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "pgm", "ppm"])
def test_the_size_of_a_picture_is_read_from_its_header(tmp_path: Path, suffix: str) -> None:
    import cv2

    path = tmp_path / f"picture.{suffix}"
    shape = (37, 123) if suffix == "pgm" else (37, 123, 3)
    assert cv2.imwrite(str(path), np.zeros(shape, np.uint8))
    assert picture_size(path) == (123, 37)


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0\x00", b"P5", b"P5 a b", b"\x89PNG"]
)
def test_a_header_cut_short_has_no_size(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "cut"
    path.write_bytes(content)
    assert picture_size(path) is None
