"""A PulseAudio of our own with a null sink: what is played into the sink is what the microphone hears.

Nothing of the machine's sound is touched: a home, a runtime folder and a socket of its own, ended by its process id.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ASOUNDRC = "pcm.!default { type pulse }\nctl.!default { type pulse }\n"
NEEDED = ("pulseaudio", "pactl", "pacat")
ALSA_PLUGIN = "libasound_module_pcm_pulse.so"


class SoundServer:
    """One server, which can be stopped and started as a cable can be pulled and plugged."""

    def __init__(self, home: Path) -> None:
        runtime = home / "run"
        runtime.mkdir(parents=True, exist_ok=True)
        self._socket = runtime / "native"
        self._log = home / "pulseaudio.log"
        (home / ".asoundrc").write_text(ASOUNDRC)
        self.variables = {
            "HOME": str(home),
            "PULSE_RUNTIME_PATH": str(runtime),
            "PULSE_SERVER": f"unix:{self._socket}",
            # Short blocks, as a real microphone gives; a null sink alone gives two seconds at a time.
            "PULSE_LATENCY_MSEC": "50",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers; it takes part of a second."""
        command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes", "--realtime=no"]
        command += ["-L", "module-null-sink sink_name=speaker rate=48000 channels=2"]
        command += ["-L", f"module-native-protocol-unix auth-anonymous=1 socket={self._socket}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, env=os.environ | self.variables, stdout=log, stderr=log)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            if self._process.poll() is not None:
                break
            asked = subprocess.run(
                ["pactl", "list", "short", "sources"], env=os.environ | self.variables, capture_output=True, check=False
            )
            if b"speaker.monitor" in asked.stdout:
                return
            time.sleep(0.1)
        raise RuntimeError(f"PulseAudio does not start: {self._log.read_text(errors='replace')[-2000:]}")

    def stop(self) -> None:
        """End it at once, as a pulled cable would."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(10)
        self._socket.unlink(missing_ok=True)
        for left in self._socket.parent.glob("pid"):
            left.unlink()

    def play(self, path: Path) -> subprocess.Popen[bytes]:
        """Play 16 kHz, 16-bit mono samples of a raw file into the sink."""
        # The player may not run dry on a busy machine, so it plays from a long buffer.
        command = ["pacat", "--playback", "--raw", "--format=s16le", "--rate=16000", "--channels=1"]
        command += ["--latency-msec=1500", str(path)]
        environment = os.environ | self.variables
        del environment["PULSE_LATENCY_MSEC"]
        return subprocess.Popen(command, env=environment)


def what_is_missing() -> str:
    """The program or plugin that such a server needs and this machine lacks, or nothing."""
    for program in NEEDED:
        if shutil.which(program) is None:
            return program
    folders = [*Path("/usr/lib").glob("*/alsa-lib"), Path("/usr/lib/alsa-lib")]
    return "" if any((folder / ALSA_PLUGIN).is_file() for folder in folders) else ALSA_PLUGIN


@contextmanager
def running_server(home: Path) -> Iterator[SoundServer]:
    """A server for the time of the block, with this process's environment pointing to it."""
    server = SoundServer(home)
    before = {name: os.environ.get(name) for name in server.variables}
    server.start()
    os.environ.update(server.variables)
    try:
        yield server
    finally:
        server.stop()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
