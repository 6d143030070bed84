"""The microphone for real: speech played into a sound server comes out of ``Microphone`` sample for sample.

Each test runs its part in a process of its own, since PortAudio keeps what it found of a sound server for good, and a test
that kills the server must not leave that to the next.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ertedge.capture.microphone import Microphone
from ertedge.config import MicrophoneSettings
from ertedge.errors import DeviceMissingError
from ertedge.types import Float32Array
from tests.capture.sound_server import SoundServer, running_server, what_is_missing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SoundServer]:
    if missing := what_is_missing():
        message = (
            f"a microphone to speak into needs {missing}; `apt install pulseaudio libasound2-plugins pulseaudio-utils`"
        )
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with running_server(tmp_path / "home") as running:
        yield running


def tool(*arguments: str, seconds: float = 60) -> dict[str, float | str | bool]:
    """The last JSON object that ``tools.soak`` prints."""
    command = [sys.executable, "-m", "tools.soak", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, float | str | bool] = json.loads(done.stdout.splitlines()[-1])
    return result


def clip_of(data_root: Path) -> Float32Array:
    """(n,) float32 at 16 kHz: a RAVDESS clip of a held-out actor."""
    import soundfile

    path = sorted((data_root / "ravdess" / "Actor_01").glob("03-01-05-02-*"))[0]
    samples, rate_hz = soundfile.read(path, dtype="float32")
    assert rate_hz == 16_000
    return np.asarray(samples / np.abs(samples).max() * 0.7, dtype=np.float32)


def test_speech_in_is_the_same_samples_out(server: SoundServer, data_root: Path, tmp_path: Path) -> None:
    clip = clip_of(data_root)
    raw = tmp_path / "clip.raw"
    raw.write_bytes((np.concatenate([clip, np.zeros(16_000, np.float32)]) * 32_767).astype("<i2").tobytes())
    heard_path = tmp_path / "heard.npy"
    program = (
        "import numpy, subprocess, sys, time\n"
        "from ertedge.capture.microphone import Microphone\n"
        "from ertedge.config import MicrophoneSettings\n"
        "parts = []\n"
        "with Microphone(MicrophoneSettings()) as microphone:\n"
        "    end = time.monotonic() + 20\n"
        "    while time.monotonic() < end and not microphone.read(0.2): pass\n"
        "    print('ready', flush=True)\n"
        f"    end = time.monotonic() + {clip.size / 16_000 + 3.5}\n"
        "    while time.monotonic() < end:\n"
        "        if (chunk := microphone.read(0.2)) is not None: parts.append(chunk)\n"
        f"numpy.save({str(heard_path)!r}, numpy.concatenate([part.samples for part in parts]))\n"
        "print(sum(part.lost_samples for part in parts), flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as recorder:
        assert recorder.stdout is not None
        assert recorder.stdout.readline().strip() == "ready"
        player = server.play(raw)
        lost = recorder.stdout.read().strip()
        assert recorder.wait(30) == 0
        assert player.wait(30) == 0
    assert lost == "0"
    heard = np.load(heard_path)
    start = int(np.argmax(np.correlate(heard, clip, mode="valid")))
    similarity, error = compare(heard, clip, start)
    assert similarity > 0.995
    assert error < 0.1


def compare(heard: Float32Array, clip: Float32Array, start: int) -> tuple[float, float]:
    """Correlation and relative RMS error with the rest of a sample of delay removed, which resampling twice leaves."""
    import scipy.fft

    part = heard[start : start + clip.size]
    spectrum = scipy.fft.rfft(clip)
    frequencies = scipy.fft.rfftfreq(clip.size)
    best = (0.0, 9.0)
    for shift in np.linspace(-1, 1, 81):
        moved = scipy.fft.irfft(spectrum * np.exp(-2j * np.pi * frequencies * shift), clip.size)
        similarity = float(np.corrcoef(moved, part)[0, 1])
        error = float(np.sqrt(np.mean((moved - part) ** 2) / np.mean(moved**2)))
        best = max(best, (similarity, error))
    return best


def test_nothing_is_lost_while_the_machine_is_loaded(server: SoundServer) -> None:
    result = tool("microphone", "--minutes", "0.15", "--load", "4", seconds=90)
    assert result["lost_samples"] == 0
    assert result["gaps"] == 0
    assert float(result["seconds_heard"]) > 8
    assert float(result["timestamp_jitter_ms"]) < 60


def test_unplugged_and_plugged_in_again(server: SoundServer) -> None:
    program = (
        "import sys, time\n"
        "from ertedge.capture.buffers import SoundRing\n"
        "from ertedge.capture.microphone import Microphone\n"
        "from ertedge.capture.supervisor import Capture\n"
        "from ertedge.config import MicrophoneSettings, SensorSettings\n"
        "from ertedge.types import SensorName\n"
        "ring = SoundRing(80_000)\n"
        "settings = SensorSettings(reopen_first_seconds=0.2, reopen_most_seconds=0.5)\n"
        "capture = Capture(SensorName.MICROPHONE, Microphone(MicrophoneSettings()), ring, settings)\n"
        "capture.start()\n"
        "shown = None\n"
        "end = time.monotonic() + 60\n"
        "while time.monotonic() < end:\n"
        "    ring.get(0.05)\n"
        "    condition = capture.status().condition\n"
        "    if condition != shown: print(condition, flush=True)\n"
        "    shown = condition\n"
        "    if condition == 'running' and capture.status().reopened: break\n"
        "sys.exit(0 if capture.stop(3) else 3)\n"
    )
    seen: list[str] = []
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as listener:
        assert listener.stdout is not None
        for line in listener.stdout:
            seen.append(line.strip())
            if seen[-1] == "running" and seen.count("running") == 1:
                server.stop()
            elif seen[-1] == "missing" and seen.count("missing") == 1:
                server.start()
        assert listener.wait(30) == 0
    assert seen[-1] == "running" and seen.count("running") == 2
    assert "missing" in seen


def test_without_a_sound_server_the_microphone_is_missing(tmp_path: Path) -> None:
    program = (
        "from ertedge.capture.microphone import default_input\n"
        "from ertedge.errors import DeviceMissingError\n"
        "try:\n"
        "    print(default_input('default'))\n"
        "except DeviceMissingError as error:\n"
        "    print('missing:', error)\n"
    )
    (tmp_path / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    variables = {
        "HOME": str(tmp_path),
        "PULSE_SERVER": f"unix:{tmp_path / 'nobody'}",
        "PULSE_RUNTIME_PATH": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=True,
    )
    if Path("/proc/asound/pcm").is_file():
        pytest.skip("this machine has sound hardware of its own")
    assert done.stdout.startswith("missing: no microphone found; plug one in")
    assert "ALSA lib" not in done.stderr


def test_an_unknown_device_is_missing_by_its_name() -> None:
    with pytest.raises(DeviceMissingError, match=r"no microphone 'no such thing'|no sound"):
        Microphone(MicrophoneSettings(device="no such thing")).open()


def test_muted_the_sound_server_sees_nobody_listening(server: SoundServer) -> None:
    program = (
        "import subprocess, time\n"
        "from ertedge.capture.buffers import SoundRing\n"
        "from ertedge.capture.microphone import Microphone\n"
        "from ertedge.capture.supervisor import Capture\n"
        "from ertedge.config import MicrophoneSettings, SensorSettings\n"
        "from ertedge.types import SensorName\n"
        "def listeners():\n"
        "    command = ['pactl', 'list', 'short', 'source-outputs']\n"
        "    return len(subprocess.run(command, capture_output=True, check=True).stdout.splitlines())\n"
        "ring = SoundRing(80_000)\n"
        "capture = Capture(SensorName.MICROPHONE, Microphone(MicrophoneSettings()), ring, SensorSettings())\n"
        "capture.start()\n"
        "heard = ring.get(20) is not None\n"
        "before = listeners()\n"
        "started = time.monotonic()\n"
        "closed = capture.mute()\n"
        "print(heard, before, closed, time.monotonic() - started < 1.0, listeners(), ring.get(0.3) is None)\n"
        "capture.unmute()\n"
        "print(ring.get(20) is not None, listeners(), capture.stop(3))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=90, check=True
    )
    assert done.stdout.splitlines() == ["True 1 True True 0 True", "True 1 True"]
