"""The demo needs no hardware and no network: a face that moves and leaves, and speech with pauses, the same every time."""

from __future__ import annotations

import shutil
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest

from ertedge.capture import demo
from ertedge.capture.demo import LINES, SCRIPT_SECONDS, Demo, view_at
from ertedge.capture.espeak import Utterance, find_synthesiser
from ertedge.capture.media_clock import Pace
from ertedge.config import CameraSettings, MicrophoneSettings
from ertedge.errors import DeviceMissingError
from ertedge.types import Float32Array, VideoFrame


@pytest.fixture(scope="module")
def sound() -> Float32Array:
    return demo.speak_script()


def level(sound: Float32Array, begin: float, end: float) -> float:
    return float(sound[round(begin * 16_000) : round(end * 16_000)].std())


def test_speech_stands_where_the_script_says_with_pauses_between(sound: Float32Array) -> None:
    assert sound.shape == (3_520_000,)
    assert np.isfinite(sound).all() and np.abs(sound).max() <= 1.0
    for line in LINES:
        assert level(sound, line.seconds + 0.2, line.seconds + 1.5) > 0.01
        assert 0 < level(sound, line.seconds - 0.5, line.seconds - 0.05) < 0.001
    assert level(sound, 55.0, 60.0) < 0.001
    assert level(sound, 210.0, 220.0) < 0.001


def test_every_process_speaks_the_same() -> None:
    program = "import zlib; from ertedge.capture.demo import speak_script; print(zlib.crc32(speak_script().tobytes()))"
    first, second = (
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    )
    assert first == second


def test_the_script_speaks_in_several_pitches_rates_and_loudnesses() -> None:
    said = [line.utterance for line in LINES]
    assert len({utterance.pitch for utterance in said}) >= 4
    assert len({utterance.words_per_minute for utterance in said}) >= 4
    assert len({utterance.loudness for utterance in said}) >= 3


def test_the_library_of_the_wheel_speaks_where_the_program_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    synthesise = find_synthesiser()
    slow = synthesise(Utterance("one two three four five", 100))
    fast = synthesise(Utterance("one two three four five", 250))
    assert slow.dtype == np.float32
    assert slow.size > 1.3 * fast.size > 8000
    assert 0.01 < slow.std() < 0.5


def test_program_and_library_say_the_same_length(monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("espeak-ng") is None:
        pytest.skip("the espeak-ng program is not installed")
    by_program = find_synthesiser()(Utterance("This is a sentence to compare."))
    monkeypatch.setattr("shutil.which", lambda _: None)
    by_library = find_synthesiser()(Utterance("This is a sentence to compare."))
    assert by_program.size == pytest.approx(by_library.size, rel=0.35)


def test_without_any_synthesiser_the_picture_goes_on_and_the_voice_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    both = Demo(CameraSettings(), MicrophoneSettings(), Pace.FAST)
    with pytest.raises(DeviceMissingError, match="lets the demo speak"):
        both.sound.open()
    both.video.open()
    assert both.video.read(0.1) is not None
    both.video.close()


def test_a_program_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _: "/bin/false")
    with pytest.raises(DeviceMissingError, match="does not speak"):
        find_synthesiser()(Utterance("hello"))
    monkeypatch.setattr("shutil.which", lambda _: "/bin/true")
    with pytest.raises(DeviceMissingError, match="gave no sound"):
        find_synthesiser()(Utterance("hello"))


def frames(count: int) -> list[VideoFrame]:
    source = Demo(CameraSettings(), MicrophoneSettings(), Pace.FAST).video
    source.open()
    got = [source.read(0.1) for _ in range(count)]
    source.close()
    return [frame for frame in got if frame is not None]


def test_the_picture_moves_and_repeats_itself_exactly() -> None:
    first, second = frames(5), frames(5)
    assert first[0].image.shape == (480, 640, 3) and first[0].image.dtype == np.uint8
    assert not np.array_equal(first[0].image, first[4].image)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
    steps = np.diff([frame.timestamp_ns for frame in first])
    assert (steps == 100_000_000).all()


def test_the_script_has_light_dark_near_far_turned_and_absent() -> None:
    views = [view_at(seconds / 2) for seconds in range(int(SCRIPT_SECONDS * 2))]
    assert min(view.light for view in views) < 0.1
    assert max(view.light for view in views) > 0.9
    assert max(view.turn for view in views) > 0.15 and min(view.turn for view in views) == 0
    near = [view.magnification for view in views if view.y < 130]
    assert max(near) / min(near) > 1.4
    assert [view_at(s).y > 380 for s in (33.0, 37.0, 42.0)] == [False, True, False]


def test_the_person_is_sad_for_two_minutes_and_a_half_in_view_and_in_light() -> None:
    sadness = [view_at(seconds).sadness for seconds in range(int(SCRIPT_SECONDS))]
    whole = [seconds for seconds, degree in enumerate(sadness) if degree == 1.0]
    assert whole == list(range(whole[0], whole[-1] + 1))
    assert whole[-1] - whole[0] >= 149
    assert max(sadness[: int(demo.SAD[0])]) == 0.0
    assert max(abs(b - a) for a, b in pairwise(view_at(60 + step / 10).sadness for step in range(60))) < 0.06
    views = [view_at(seconds) for seconds in whole]
    assert all(view.y < 130 and view.light > 0.8 for view in views)
    lows = [line.utterance for line in LINES if demo.SAD[0] < line.seconds < demo.SAD[1]]
    assert len(lows) >= 5
    assert all((one.words_per_minute, one.pitch, one.loudness) == demo.LOW for one in lows)


def test_a_frame_is_dark_when_the_script_says_so() -> None:
    import skimage.data

    photograph = np.ascontiguousarray(skimage.data.astronaut()[:, :, ::-1])
    bright = demo.render(photograph, view_at(20.0), (640, 480), 0)
    dark = demo.render(photograph, view_at(52.0), (640, 480), 0)
    assert bright.mean() > 70
    assert dark.mean() < 15
    assert demo.render(photograph, view_at(1.0), (321, 241), 0).shape == (241, 321, 3)


def test_sound_comes_in_chunks_on_the_clock_of_the_picture_and_repeats() -> None:
    both = Demo(CameraSettings(), MicrophoneSettings(), Pace.FAST)
    both.video.open()
    picture = both.video.read(0.1)
    both.sound.open()
    chunks = [both.sound.read(0.1) for _ in range(2_220)]
    both.sound.close()
    both.video.close()
    assert picture is not None
    assert chunks[0] is not None and chunks[0].timestamp_ns == picture.timestamp_ns
    heard = np.concatenate([chunk.samples for chunk in chunks if chunk is not None])
    script = round(SCRIPT_SECONDS * 16_000)
    np.testing.assert_array_equal(heard[script:], heard[: heard.size - script])
    assert level(heard, 2.2, 3.5) > 0.01 > level(heard, 1.0, 1.9)


def test_the_picture_comes_with_the_wheel_and_needs_no_network() -> None:
    program = (
        "import socket\n"
        "def refuse(*_): raise OSError('no network here')\n"
        "socket.socket.connect = refuse\n"
        "socket.getaddrinfo = refuse\n"
        "from skimage.data import astronaut\n"
        "print(astronaut().shape)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "(512, 512, 3)"
