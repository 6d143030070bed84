"""Replay: picture and sound of one moment carry one timestamp, at any pace, rate and container."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from ertedge.capture.buffers import LatestFrame, SoundRing
from ertedge.capture.media_clock import Pace
from ertedge.capture.recording import Recording
from ertedge.capture.source import SoundSource, Source, SourceEnded, VideoSource
from ertedge.capture.supervisor import Capture
from ertedge.capture.video_track import upright
from ertedge.config import CameraSettings, SensorSettings
from ertedge.types import AudioChunk, Float32Array, SensorName, VideoFrame
from tests.capture.media_files import FLASH_AT, beeps, make_recording, write_wav

Record = TypeVar("Record")


def everything(source: Source[Record] | None) -> Iterator[Record]:
    """All records of a source, opened and closed around it."""
    assert source is not None
    source.open()
    try:
        for _ in range(10_000):
            if (got := source.read(0.5)) is not None:
                yield got
    except SourceEnded:
        return
    finally:
        source.close()
    raise AssertionError("the recording does not end")


def frames_of(source: VideoSource | None) -> list[VideoFrame]:
    return list(everything(source))


def chunks_of(source: SoundSource | None) -> list[AudioChunk]:
    return list(everything(source))


def flash_times(frames: list[VideoFrame]) -> list[float]:
    bright = [frame.image.mean() > 128 for frame in frames]
    return [
        frame.timestamp_ns / 1e9
        for frame, now, before in zip(frames, bright, [False, *bright], strict=False)
        if now and not before
    ]


def joined(chunks: list[AudioChunk]) -> Float32Array:
    return np.concatenate([chunk.samples for chunk in chunks])


def beep_times(chunks: list[AudioChunk]) -> list[float]:
    times = np.concatenate([chunk.timestamp_ns / 1e9 + np.arange(chunk.samples.size) / 16_000 for chunk in chunks])
    loud = times[np.abs(joined(chunks)) > 0.1]
    return [float(loud[0]), *(float(t) for t in loud[1:][np.diff(loud) > 0.2])]


@pytest.mark.parametrize(
    ("name", "audio", "rate_hz", "tolerance"),
    [
        ("flac.mkv", "flac", 44_100, 1e-3),
        ("pcm.mkv", "pcm_s16le", 48_000, 1e-3),
        ("opus.mkv", "libopus", 48_000, 3e-3),
        ("aac.mp4", "aac", 44_100, 3e-3),
        ("low.mkv", "pcm_s16le", 8_000, 1e-3),
    ],
)
def test_a_flash_and_its_beep_carry_one_timestamp(
    tmp_path: Path, name: str, audio: str, rate_hz: int, tolerance: float
) -> None:
    path = make_recording(tmp_path / name, audio_codec=audio, rate_hz=rate_hz)
    recording = Recording(path, Pace.FAST, start_ns=0)
    flashes, heard = flash_times(frames_of(recording.video)), beep_times(chunks_of(recording.sound))
    assert flashes == pytest.approx(FLASH_AT, abs=1e-6)
    assert heard == pytest.approx(FLASH_AT, abs=tolerance)


def test_sound_that_begins_later_than_the_picture_stays_later(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "late.mkv", audio_codec="pcm_s16le", rate_hz=16_000, sound_delay=0.25)
    recording = Recording(path, Pace.FAST, start_ns=0)
    chunks = chunks_of(recording.sound)
    assert chunks[0].timestamp_ns == 250_000_000
    assert beep_times(chunks) == pytest.approx([at + 0.25 for at in FLASH_AT], abs=1e-3)


def test_the_samples_of_a_lossless_recording_are_those_that_went_in(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "same.mkv", audio_codec="pcm_s16le", rate_hz=16_000)
    sound = joined(chunks_of(Recording(path, Pace.FAST).sound))
    np.testing.assert_allclose(sound, beeps(3.0, 16_000), atol=0.02)
    expected = np.float32((beeps(3.0, 16_000) * 32_000).astype(np.int16) / 32_768)
    np.testing.assert_array_equal(sound, expected)


def test_chunks_follow_each_other_without_a_gap(tmp_path: Path) -> None:
    chunks = chunks_of(Recording(make_recording(tmp_path / "a.mkv"), Pace.FAST, start_ns=5).sound)
    assert {chunk.samples.size for chunk in chunks[:-1]} == {1600}
    for number, chunk in enumerate(chunks):
        assert chunk.first_sample == number * 1600
        assert chunk.timestamp_ns == 5 + number * 100_000_000
        assert chunk.lost_samples == 0


def test_in_real_time_records_come_when_they_are_due(tmp_path: Path) -> None:
    recording = Recording(make_recording(tmp_path / "a.mkv", seconds=1.0))
    assert recording.video is not None
    started = time.monotonic()
    lateness_ms = [(time.monotonic_ns() - got.timestamp_ns) / 1e6 for got in everything(recording.video)]
    assert time.monotonic() - started >= 0.9
    assert len(lateness_ms) == 10
    assert min(lateness_ms) >= 0
    assert np.median(lateness_ms) < 50


def test_reopened_in_real_time_a_recording_goes_on_where_it_is_due(tmp_path: Path) -> None:
    recording = Recording(make_recording(tmp_path / "a.mkv"))
    video, sound = recording.video, recording.sound
    assert video is not None and sound is not None
    for source in (video, sound):
        source.open()
        source.close()
    begun_ns = recording.clock.start()
    time.sleep(0.65)
    video.open()
    sound.open()
    picture, heard = video.read(0.5), sound.read(0.5)
    video.close()
    sound.close()
    assert picture is not None and heard is not None
    for timestamp_ns in (picture.timestamp_ns, heard.timestamp_ns):
        assert 600_000_000 <= timestamp_ns - begun_ns < 1_500_000_000


def test_reopened_fast_a_recording_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "a.mkv")
    whole = Recording(path, Pace.FAST, start_ns=0)
    frames, sound = frames_of(whole.video), joined(chunks_of(whole.sound))
    again = Recording(path, Pace.FAST, start_ns=0)
    assert again.video is not None and again.sound is not None
    again.video.open()
    first = [again.video.read(0.1) for _ in range(7)]
    again.video.close()
    rest = frames_of(again.video)
    times = [frame.timestamp_ns for frame in (*first, *rest) if frame is not None]
    assert times == [frame.timestamp_ns for frame in frames]
    again.sound.open()
    begin = [again.sound.read(0.1) for _ in range(7)]
    again.sound.close()
    parts = [part for part in begin if part is not None] + chunks_of(again.sound)
    # After a seek the place is known as exactly as the container states it: mkv rounds to a millisecond.
    assert abs(joined(parts).size - sound.size) <= 16
    assert beep_times(parts) == pytest.approx(FLASH_AT, abs=1e-3)


def test_fast_reading_through_captures_loses_nothing_and_repeats_itself(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "a.mkv")

    def once() -> tuple[list[int], Float32Array]:
        recording = Recording(path, Pace.FAST, start_ns=0)
        assert recording.video is not None and recording.sound is not None
        frame_buffer, ring = LatestFrame(lossless=True), SoundRing(3200, lossless=True)
        camera = Capture(SensorName.CAMERA, recording.video, frame_buffer, SensorSettings())
        microphone = Capture(SensorName.MICROPHONE, recording.sound, ring, SensorSettings())
        pictures: list[int] = []

        def look() -> None:
            while len(pictures) < 30 and (got := frame_buffer.get(5.0)) is not None:
                pictures.append(got.timestamp_ns)
                time.sleep(0.002)

        camera.start()
        microphone.start()
        looker = threading.Thread(target=look)
        looker.start()
        parts: list[AudioChunk] = []
        while len(parts) < 30 and (got := ring.get(5.0)) is not None:
            parts.append(got)
        looker.join(10)
        assert camera.stop() and microphone.stop()
        assert camera.status().lost == microphone.status().lost == 0
        return pictures, joined(parts)

    first, second = once(), once()
    assert first[0] == second[0] == [number * 100_000_000 for number in range(30)]
    np.testing.assert_array_equal(first[1], second[1])
    assert first[1].size == 48_000


def test_a_recording_of_pictures_only_or_sound_only_says_so(tmp_path: Path) -> None:
    silent = Recording(make_recording(tmp_path / "silent.mp4", audio_codec=None))
    assert silent.video is not None and silent.sound is None
    blind = Recording(write_wav(tmp_path / "blind.wav", np.zeros(16_000, np.int16)))
    assert blind.video is None and blind.sound is not None
    flac = Recording(make_recording(tmp_path / "blind.flac", video_codec=None), Pace.FAST)
    assert flac.video is None
    assert joined(chunks_of(flac.sound)).size == 48_000


def test_pictures_are_thinned_and_scaled_down_to_what_was_asked(tmp_path: Path) -> None:
    path = make_recording(tmp_path / "big.mp4", frames_per_second=30, size=(1280, 640), audio_codec=None, seconds=2)
    settings = CameraSettings(width_px=320, height_px=240, frames_per_second=5)
    frames = frames_of(Recording(path, Pace.FAST, camera=settings).video)
    assert len(frames) in (10, 11)
    assert frames[0].image.shape == (160, 320, 3)
    assert frames[0].image.dtype == np.uint8


def test_a_picture_lying_down_is_set_upright() -> None:
    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    assert upright(image, 0) is image
    assert upright(image, 90).shape == (3, 2, 3)
    np.testing.assert_array_equal(upright(upright(image, -90), 90), image)
    np.testing.assert_array_equal(upright(image, 180), image[::-1, ::-1])


def test_a_folder_of_pictures_in_natural_order(tmp_path: Path) -> None:
    import cv2

    for number in (1, 2, 10):
        cv2.imwrite(str(tmp_path / f"face{number}.png"), np.full((600, 900, 3), number * 20, np.uint8))
    (tmp_path / "notes.txt").write_text("not a picture")
    recording = Recording(tmp_path, Pace.FAST, start_ns=0)
    frames = frames_of(recording.video)
    assert recording.sound is None
    assert [int(frame.image[0, 0, 0]) for frame in frames] == [20, 40, 200]
    assert [frame.timestamp_ns for frame in frames] == [0, 100_000_000, 200_000_000]
    assert frames[0].image.shape == (427, 640, 3)
