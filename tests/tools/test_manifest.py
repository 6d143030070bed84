"""Writing the manifest: what is written is what is read, nothing is lost, and a wrong entry changes nothing."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ManifestError
from ertedge.inference.entry import Metric, ModelInput
from ertedge.inference.manifest import load_manifest
from ertedge.types import Emotion
from tests.inference.tiny_network import write_tiny_network
from tools.manifest import Description, amend_entry, write_entry


def describe(
    name: str = "voice", version: str = "1.0.0", labels: tuple[str, ...] = ("calm", "happy", "sad")
) -> Description:
    return Description(
        name=name,
        version=version,
        description="a test",
        file="tiny.tflite",
        input=ModelInput("features", (1, 4), "NF", "int8"),
        outputs=("logits", "embedding"),
        provenance="numbers",
        terms="none",
        command="python -m tools.train_voice --root DATA",
        labels=labels,
        mapping={"calm": Emotion.NEUTRAL, "happy": Emotion.HAPPINESS, "sad": Emotion.SADNESS},
        temperature=1.25,
        parameters={"threshold": 0.1, "mean": np.array([1 / 3, 2.0], dtype=np.float32), "template": np.eye(2)},
        metrics=(Metric("accuracy", 0.5, "share", 10, "numbers"),),
    )


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with a network and no manifest yet."""
    write_tiny_network(tmp_path / "tiny.tflite", "int8")
    return tmp_path


def test_what_is_written_is_what_the_device_reads(models: Path) -> None:
    written = write_entry(models, describe())
    manifest = load_manifest(models)
    entry = manifest.entry("voice")
    content = (models / "tiny.tflite").read_bytes()
    assert entry == written
    assert entry.sha256 == hashlib.sha256(content).hexdigest()
    assert entry.size_bytes == len(content)
    assert entry.macs == 3 * 4 + 2 * 4
    assert entry.mapping["calm"] is Emotion.NEUTRAL
    assert entry.parameter("threshold") == 0.1
    np.testing.assert_array_equal(entry.vector("mean"), np.array([1 / 3, 2.0], dtype=np.float32))
    np.testing.assert_array_equal(entry.vector("template"), np.eye(2, dtype=np.float32))
    assert manifest.open_network("voice").output_names == ("logits", "embedding")


def test_writing_again_replaces_and_keeps_the_others_and_the_comments(models: Path) -> None:
    write_entry(models, describe("detector"))
    write_entry(models, describe("voice"))
    path = models / "manifest.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("schema = 1", "schema = 1  # kept"), encoding="utf-8")
    write_entry(models, describe("detector", "2.0.0"))
    assert [(e.name, e.version) for e in load_manifest(models).models] == [("detector", "2.0.0"), ("voice", "1.0.0")]
    assert "schema = 1  # kept" in path.read_text(encoding="utf-8")
    assert sorted(p.name for p in models.iterdir()) == ["manifest.toml", "tiny.tflite"]


def test_amending_adds_replaces_and_takes_the_new_file(models: Path) -> None:
    before = write_entry(models, describe())
    write_tiny_network(models / "tiny.tflite", "uint8")
    after = amend_entry(
        models,
        "voice",
        temperature=2.0,
        parameters={"threshold": 0.2, "bias": [1.0, 2.0]},
        metrics=(Metric("accuracy", 0.6, "share", 20, "numbers"), Metric("ece", 0.02, "share", 20, "numbers")),
    )
    assert after.sha256 != before.sha256
    assert after.temperature == 2.0
    assert after.parameter("threshold") == 0.2
    assert after.vector("bias").tolist() == [1.0, 2.0]
    assert after.vector("mean").tolist() == before.vector("mean").tolist()
    assert [(m.name, m.value) for m in after.metric] == [("accuracy", 0.6), ("ece", 0.02)]
    assert amend_entry(models, "voice").temperature == 2.0


def test_a_wrong_entry_changes_nothing(models: Path) -> None:
    write_entry(models, describe())
    before = (models / "manifest.toml").read_bytes()
    with pytest.raises(ManifestError, match="mapping names 'sad', which is no label"):
        write_entry(models, describe(labels=("calm", "happy")))
    with pytest.raises(ManifestError, match="name: String should match"):
        write_entry(models, describe("Voice 2"))
    with pytest.raises(ManifestError, match="has no model face"):
        amend_entry(models, "face")
    (models / "tiny.tflite").unlink()
    with pytest.raises(ManifestError, match=r"tiny\.tflite is not there"):
        write_entry(models, describe())
    assert (models / "manifest.toml").read_bytes() == before


def test_processes_that_write_at_once_lose_nothing(models: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tests.tools.test_manifest import describe;"
        "from tools.manifest import write_entry; folder, name = Path(sys.argv[1]), sys.argv[2];"
        "[write_entry(folder, describe(f'{name}_{i}')) for i in range(5)]"
    )
    root = Path(__file__).resolve().parents[2]
    running = [
        subprocess.Popen([sys.executable, "-c", program, str(models), name], cwd=root) for name in ("a", "b", "c")
    ]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    names = {entry.name for entry in load_manifest(models).models}
    assert names == {f"{name}_{i}" for name in "abc" for i in range(5)}


def test_the_command_lists_sound_models_and_fails_on_a_broken_one(models: Path) -> None:
    write_entry(models, describe())
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "tools.manifest", "--models", str(models), "--json"]
    sound = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert sound.returncode == 0
    assert '"name": "voice"' in sound.stdout
    assert len(sound.stdout.splitlines()) == 1
    write_tiny_network(models / "tiny.tflite", "uint8")
    broken = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)
    assert (broken.returncode, broken.stdout) == (1, "")
    assert "tiny.tflite" in broken.stderr
