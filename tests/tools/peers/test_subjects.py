"""The protocol from the other end: what a subject's process writes, in Python and under Node."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from tools.peers.items import Array, Items, write_items
from tools.peers.process import PeerError, PeerProcess
from tools.peers.roster import CONTESTANTS, Places
from tools.peers.subjects import Subject, as_bgr, our_sound
from tools.peers.subjects.__main__ import serve

pytestmark = pytest.mark.tools

BY_NAME = {(one.section, one.name): one for one in CONTESTANTS}


def test_a_subject_answers_line_by_line_in_its_own_labels(tmp_path: Path) -> None:
    write_items(tmp_path, [np.full((2, 2), value, np.uint8) for value in (10, 20, 30)])

    def read(item: Array) -> list[float]:
        assert item.shape == (2, 2, 3)
        return [float(item.sum())]

    answers = io.StringIO()
    subject = Subject("a 1.0", 7, read, as_bgr, ("sad",))
    serve(subject, Items(tmp_path), io.StringIO("[0, 1]\n[1, 3]\n"), answers)
    ready, first, second = (json.loads(line) for line in answers.getvalue().splitlines())
    assert ready == {"ready": {"version": "a 1.0", "bytes": 7, "labels": ["sad"]}}
    assert first["rows"] == [[120.0]]
    assert second["rows"] == [[240.0], [360.0]]
    assert len(second["ns"]) == 2


def test_what_a_package_prints_does_not_reach_the_answers(tmp_path: Path) -> None:
    second_of_sound = np.random.default_rng(0).standard_normal(16_000).astype(np.float32)
    write_items(tmp_path, [second_of_sound, second_of_sound[:8_000]])
    command = (sys.executable, "-c", NOISY, "mfcc_sound", str(tmp_path), "python_speech_features")
    with PeerProcess(command, tmp_path) as process:
        assert process.ready.version.startswith("python_speech_features 0.6")
        assert process.ask(0, 2).rows == [[99], [49]]


NOISY = """
import os, runpy, sys, tools.peers.subjects.mfcc_sound as module
load = module.load
def noisy(arguments):
    print("a banner", flush=True)
    os.system("echo a banner of a library")
    return load(arguments)
module.load = noisy
sys.argv[0] = "subjects"
runpy.run_module("tools.peers.subjects", run_name="__main__")
"""


def test_our_features_take_the_same_sound(tmp_path: Path, data_free_places: Places) -> None:
    sound = (0.1 * np.random.default_rng(0).standard_normal(16_240)).astype(np.float32)
    write_items(tmp_path, [sound])
    with PeerProcess(data_free_places.command(BY_NAME["sounds", "ours"], tmp_path), tmp_path) as process:
        assert process.ask(0, 1).rows == [[100]]
    alone = our_sound.load(["mfcc"])
    assert alone.read(alone.prepare(sound)) == [100]


@pytest.fixture
def data_free_places(tmp_path: Path) -> Places:
    """Where no peer is installed and there are no data."""
    return Places(tmp_path, tmp_path, tmp_path / "peers")


def test_peers_that_are_not_installed_say_what_to_do(
    tmp_path: Path, data_free_places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(PeerError, match="run make bench-peers"):
        data_free_places.command(BY_NAME["faces", "fer"], tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(PeerError, match=r"Node\.js is not installed"):
        data_free_places.command(BY_NAME["faces", "face_api"], tmp_path)
    monkeypatch.setattr(shutil, "which", lambda _name: "/bin/true")
    with pytest.raises(PeerError, match="npm packages are not installed"):
        data_free_places.command(BY_NAME["faces", "face_api"], tmp_path)


FAKE_PACKAGES = {
    "@tensorflow/tfjs-backend-wasm/index.js": "exports.setWasmPaths = exports.setThreadsCount = () => {};",
    "@vladmandic/face-api/package.json": '{"name": "@vladmandic/face-api", "version": "9.9.9"}',
    "@vladmandic/face-api/model/face_expression_model.bin": "12345",
    "@vladmandic/face-api/model/tiny_face_detector_model.bin": "1234567",
    "@vladmandic/face-api/dist/face-api.node-wasm.js": """
        console.log("a banner");
        const names = ["neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised"];
        const net = {
          loadFromDisk: async () => {},
          predictExpressions: async ({ pixels }) => Object.fromEntries(names.map((name, i) => [name, pixels[0] + i])),
        };
        module.exports = {
          tf: {
            setBackend: async () => {}, ready: async () => {},
            tensor3d: (pixels, shape) => {
              if (pixels.length !== shape[0] * shape[1] * shape[2]) throw new Error("wrong shape");
              if (pixels[0] !== pixels[2]) throw new Error("not grey");
              return { pixels, shape, dispose() {} };
            },
          },
          nets: { faceExpressionNet: net, tinyFaceDetector: net, ssdMobilenetv1: net },
          TinyFaceDetectorOptions: class {}, SsdMobilenetv1Options: class {},
          detectAllFaces: async ({ shape }) =>
            shape[0] < 4 ? [] : [{ box: { left: 1, top: 2, right: shape[1], bottom: shape[0] }, score: 0.5 }],
        };
    """,
}


@pytest.fixture
def fake_node_peers(tmp_path: Path) -> Places:
    """Packages that have what ``face_api.js`` calls, and nothing more."""
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    modules = tmp_path / "peers" / "node" / "node_modules"
    for name, text in FAKE_PACKAGES.items():
        path = modules / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Places(tmp_path, tmp_path, tmp_path / "peers")


def test_face_api_speaks_the_protocol_for_faces(tmp_path: Path, fake_node_peers: Places) -> None:
    write_items(tmp_path, [np.full((2, 2), 10, np.uint8), np.full((2, 2), 200, np.uint8)])
    with PeerProcess(fake_node_peers.command(BY_NAME["faces", "face_api"], tmp_path), tmp_path) as process:
        assert (process.ready.version, process.ready.size_bytes) == ("face-api 9.9.9", 5)
        assert process.ready.labels[0] == "neutral"
        assert process.ask(1, 2).rows == [[200, 201, 202, 203, 204, 205, 206]]
        assert process.ask(0, 2).rows[0][0] == 10


def test_face_api_speaks_the_protocol_for_frames(tmp_path: Path, fake_node_peers: Places) -> None:
    write_items(tmp_path, [np.zeros((2, 3), np.uint8), np.zeros((4, 6), np.uint8)])
    with PeerProcess(fake_node_peers.command(BY_NAME["frames", "face_api_tiny"], tmp_path), tmp_path) as process:
        assert process.ask(0, 2).rows == [[], [[1, 2, 6, 4, 0.5]]]
