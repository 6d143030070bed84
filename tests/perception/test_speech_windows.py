from __future__ import annotations

import numpy as np
import pytest

from ertedge.errors import PerceptionError
from ertedge.perception.speech_frames import FEATURES
from ertedge.perception.speech_windows import WINDOW_FRAMES, SpeechWindows, VoiceLimits
from ertedge.types import AudioChunk, Float32Array, Reason, SpeechWindow
from tests.perception.voice_fakes import PRIOR, WEIGHTS, LoudnessDetector, babble, chunks

FIRST_WINDOW = 48_240
HOP = 8_000


def _windows(detector: LoudnessDetector | None = None) -> SpeechWindows:
    return SpeechWindows(detector or LoudnessDetector(), PRIOR, WEIGHTS)


def _run(windows: SpeechWindows, parts: list[AudioChunk]) -> list[SpeechWindow]:
    return [window for part in parts for window in windows.process(part)]


def _assert_same(got: list[SpeechWindow], expected: list[SpeechWindow]) -> None:
    assert [w.timestamp_ns for w in got] == [w.timestamp_ns for w in expected]
    assert [(w.speech_share, w.quality, w.reasons) for w in got] == [
        (w.speech_share, w.quality, w.reasons) for w in expected
    ]
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_array_equal(one.features, other.features)


def test_a_window_of_three_seconds_every_half_second() -> None:
    windows = _run(_windows(), chunks(babble(6.0), 1_600, start_ns=7))
    ends = [FIRST_WINDOW + HOP * j for j in range(6)]
    assert [w.timestamp_ns for w in windows] == [7 + end * 62_500 for end in ends]
    assert all(w.features.shape == (WINDOW_FRAMES, FEATURES) and w.features.dtype == np.float32 for w in windows)
    assert all(w.reasons == () and w.speech_share > 0.7 for w in windows)


@pytest.mark.parametrize("sizes", [(80_000,), (1, 37, 5_000), (512,), (8_000,), (8_240, 1)])
def test_the_windows_do_not_depend_on_the_chunks(sizes: tuple[int, ...]) -> None:
    sound = babble(5.0)
    _assert_same(_run(_windows(), chunks(sound, *sizes)), _run(_windows(), chunks(sound, 1_600)))


def test_an_empty_chunk_changes_nothing() -> None:
    sound = babble(4.0)
    parts = chunks(sound, 10_000)
    empty = AudioChunk(parts[1].timestamp_ns, np.zeros(0, np.float32), parts[1].first_sample)
    windows = _windows()
    _assert_same(_run(windows, [parts[0], empty, *parts[1:]]), _run(_windows(), parts))
    assert windows.gaps == 0


def _after_break(sound: Float32Array, parts: list[AudioChunk], detector: LoudnessDetector) -> list[SpeechWindow]:
    windows = _windows(detector)
    assert _run(windows, chunks(sound, 4_000)) != []
    assert windows.gaps == 0
    got = _run(windows, parts)
    assert windows.gaps == 1
    return got


@pytest.mark.parametrize("how", ["jump", "lost", "backwards"])
def test_no_window_spans_a_gap(how: str) -> None:
    before, after = babble(3.5), babble(4.0, seed=5)
    first = {"jump": before.size + 10, "lost": before.size, "backwards": 0}[how]
    parts = chunks(after, 4_000, first_sample=first)
    if how == "lost":
        parts[0] = AudioChunk(parts[0].timestamp_ns, parts[0].samples, parts[0].first_sample, lost_samples=5)
    detector = LoudnessDetector()
    got = _after_break(before, parts, detector)
    assert detector.resets >= 2
    # As many windows as a new stream, at the same places, of the same raw frames; only the speaker is known by now.
    fresh = _run(_windows(), chunks(after, 4_000))
    assert [w.timestamp_ns for w in got] == [w.timestamp_ns for w in fresh]
    assert [w.speech_share for w in got] == [w.speech_share for w in fresh]
    assert not np.array_equal(got[0].features, fresh[0].features)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_chunk_that_is_no_sound_is_refused_and_the_stream_goes_on(bad: float) -> None:
    sound = babble(8.0)
    parts = chunks(sound, 8_000)
    broken = parts[8].samples.copy()
    broken[17] = bad
    windows = _windows()
    assert len(_run(windows, parts[:8])) == 2
    with pytest.raises(PerceptionError, match="finite"):
        windows.process(AudioChunk(parts[8].timestamp_ns, broken, parts[8].first_sample))
    assert windows.gaps == 1
    rest = _run(windows, parts[9:])
    assert len(rest) == 1
    assert rest[0].timestamp_ns == parts[9].timestamp_ns + FIRST_WINDOW * 62_500
    assert all(np.isfinite(w.features).all() for w in rest)
    assert windows.gaps == 1


@pytest.mark.parametrize(
    ("chunk", "word"),
    [
        (AudioChunk(0, np.zeros(10, np.float32), sample_rate_hz=48_000), "48000 Hz"),
        (AudioChunk(0, np.zeros((10, 2), np.float32)), "channel"),
    ],
)
def test_sound_of_another_kind_is_refused(chunk: AudioChunk, word: str) -> None:
    with pytest.raises(PerceptionError, match=word):
        _windows().process(chunk)


def test_quiet_is_no_speech() -> None:
    windows = _run(_windows(), chunks(babble(3.5, level=1e-4), 1_600))
    assert [w.reasons for w in windows] == [(Reason.NO_SPEECH,)]
    assert windows[0].speech_share == 0.0


def test_clipped_sound_is_low_quality() -> None:
    sound = np.clip(babble(3.5) * 100.0, -1.0, 1.0)
    window = _run(_windows(), chunks(sound, 1_600))[0]
    assert window.reasons == (Reason.LOW_QUALITY,)
    assert window.quality < _run(_windows(), chunks(babble(3.5), 1_600))[0].quality


def test_sound_that_does_not_stand_out_of_the_noise_is_low_quality() -> None:
    steady = (np.random.default_rng(0).standard_normal(56_000) * 0.1).astype(np.float32)
    assert _run(_windows(), chunks(steady, 1_600))[0].reasons == (Reason.LOW_QUALITY,)


def test_limits_can_be_set() -> None:
    strict = SpeechWindows(LoudnessDetector(), PRIOR, WEIGHTS, VoiceLimits(speech_share_least=0.99))
    assert _run(strict, chunks(babble(3.5), 1_600))[0].reasons == (Reason.NO_SPEECH,)


def test_forgetting_the_speaker_is_a_new_stream() -> None:
    windows = _windows()
    _run(windows, chunks(babble(4.0, seed=1), 4_000))
    windows.forget_speaker()
    sound = babble(4.0, seed=2)
    _assert_same(_run(windows, chunks(sound, 4_000)), _run(_windows(), chunks(sound, 4_000)))
    assert windows.gaps == 0


def test_memory_does_not_grow() -> None:
    """Half a minute in chunks that never line up with hops or blocks: nothing but one hop and a window is held."""
    windows = _windows()
    for part in chunks(babble(30.0), 777):
        windows.process(part)
    stream = windows._frames
    assert sum(part.size for part in stream._unheard) <= HOP + 512
    assert len(stream._speech) == 1
    assert len(windows._hops) == 6
