"""Who is measured, and how each is started: ours first, then what a person would otherwise install. Host side only."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from tools.peers.process import PeerError, idle_bytes
from tools.peers.rounds import Command

OURS = "ours"
Runtime = Literal["own", "python", "node"]
Section = Literal["faces", "frames", "sounds"]
PYTHON_IDLE = "import sys; print('ready', flush=True); sys.stdin.read()"
NODE_IDLE = "console.log('ready'); process.stdin.resume()"
SUBJECTS = Path(__file__).resolve().parent / "subjects"


@dataclass(frozen=True, slots=True)
class Contestant:
    """``runtime``: our own environment's Python, the peers' one, or Node. ``module`` and its ``arguments`` are those of
    ``subjects``. ``about`` says how it gets its items, ``learnt`` what from, as far as its makers say."""

    name: str
    section: Section
    runtime: Runtime
    module: str
    arguments: tuple[str, ...] = ()
    about: str = ""
    learnt: str = ""


FER_LEARNT = (
    "FER2013, of which a fifth was kept to choose by, as far as its makers say: FER+ Valid is FER2013's PublicTest, so it "
    "may have seen these pictures"
)
FACE_API_LEARNT = (
    "public data sets that its documentation does not name, and pictures from the web: it may have seen these pictures"
)
CONTESTANTS = (
    Contestant(OURS, "faces", "own", "our_face", ("{models}",), "the 48x48 crop as it is", "FER+ Train"),
    Contestant(
        "fer", "faces", "python", "fer_package", ("tflite",), "its default int8 network; 64x64, bilinear", FER_LEARNT
    ),
    Contestant(
        "fer_keras", "faces", "python", "fer_package", ("keras",), "the same without int8; 64x64, bilinear", FER_LEARNT
    ),
    Contestant(
        "face_api", "faces", "node", "face_api.js", ("expression",), "WebAssembly; 112x112, bilinear", FACE_API_LEARNT
    ),
    Contestant(OURS, "frames", "own", "our_frame", ("ours", "{models}"), "the picture at 320x240"),
    Contestant("haar_default", "frames", "own", "our_frame", ("haar", "default"), "640x480, steps of 1.1"),
    Contestant("haar_alt2", "frames", "own", "our_frame", ("haar", "alt2"), "640x480, steps of 1.1"),
    Contestant("rfb_320", "frames", "own", "our_frame", ("rfb_320", "{teachers}"), "ONNX Runtime; 320x240"),
    Contestant("dlib_hog", "frames", "python", "dlib_frame", ("1",), "the frame doubled once"),
    Contestant("mediapipe_short", "frames", "python", "mediapipe_frame", ("short",), "BlazeFace, within two metres"),
    Contestant("mediapipe_full", "frames", "python", "mediapipe_frame", ("full",), "BlazeFace, within five metres"),
    Contestant("face_api_tiny", "frames", "node", "face_api.js", ("tiny",), "WebAssembly; 416x416"),
    Contestant("face_api_ssd", "frames", "node", "face_api.js", ("ssd",), "WebAssembly; 512x512"),
    Contestant(OURS, "sounds", "own", "our_sound", ("path",), "band-pass, speech or not, pitch, 40 MFCC"),
    Contestant("ours_mfcc", "sounds", "own", "our_sound", ("mfcc",), "the 40 MFCC alone"),
    Contestant("opensmile", "sounds", "python", "opensmile_sound", (), "eGeMAPS v02, 88 functionals"),
    Contestant("librosa", "sounds", "python", "mfcc_sound", ("librosa",), "40 MFCC"),
    Contestant(
        "python_speech_features", "sounds", "python", "mfcc_sound", ("python_speech_features",), "40 MFCC, as ours has"
    ),
)


@dataclass
class Places:
    """Where things are: the data, our models, and the folder that ``make bench-peers`` installs the peers into."""

    root: Path
    models: Path
    peers: Path
    _idle: dict[Runtime, int] = field(default_factory=dict)

    def command(self, contestant: Contestant, folder: Path) -> Sequence[str]:
        """How to start it on the items of ``folder``. Raises PeerError where what runs it is not installed."""
        arguments = [one.format(models=self.models, teachers=self.root / "teachers") for one in contestant.arguments]
        interpreter = self._interpreter(contestant.runtime)
        if contestant.runtime == "node":
            return (interpreter, str(SUBJECTS / contestant.module), str(self.peers / "node"), str(folder), *arguments)
        return (interpreter, "-m", "tools.peers.subjects", contestant.module, str(folder), *arguments)

    def idle(self, runtime: Runtime, folder: Path) -> int:
        """Bytes of the interpreter alone, measured once. Raises PeerError where it is not installed."""
        if runtime not in self._idle:
            option, program = ("-e", NODE_IDLE) if runtime == "node" else ("-c", PYTHON_IDLE)
            self._idle[runtime] = idle_bytes((self._interpreter(runtime), option, program), folder)
        return self._idle[runtime]

    def _interpreter(self, runtime: Runtime) -> str:
        if runtime == "own":
            return sys.executable
        if runtime == "node":
            node = shutil.which("node")
            if node is None:
                raise PeerError("Node.js is not installed")
            if not (self.peers / "node" / "node_modules").is_dir():
                raise PeerError("its npm packages are not installed; run make bench-peers with npm at hand")
            return node
        python = self.peers / "bin" / "python"
        if not python.is_file():
            raise PeerError("the peers are not installed; run make bench-peers")
        return str(python)


@dataclass(frozen=True, slots=True)
class Task:
    """One section's work: ``contestants`` by their names, a ``folder`` of its own, at most ``limit`` items of each kind."""

    places: Places
    contestants: dict[str, Contestant]
    folder: Path
    limit: int
    seed: int

    def commands(self) -> dict[str, Command]:
        """How each is started."""
        return {name: partial(self.places.command, one) for name, one in self.contestants.items()}

    def idle(self, name: str) -> int:
        """Bytes of the bare interpreter that one of them runs in. Raises PeerError where there is none."""
        return self.places.idle(self.contestants[name].runtime, self.folder)
