"""What ``doctor`` learns from a process of its own: always one JSON object, or one line and a status."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ertedge.config import Config
from ertedge.sensor.probe import probe


def run_probe(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "ertedge.sensor.probe", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def models_of(settings: Config) -> Any:
    return probe(settings)["models"]


def test_it_prints_one_object_with_every_answer() -> None:
    done = run_probe()
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert set(found) == {"camera", "camera_advice", "microphone", "microphone_advice", "models"}
    for device in ("camera", "microphone"):
        assert bool(found[device]) != bool(found[f"{device}_advice"])
    for model in found["models"]:
        assert model["error"] == ""
        assert 0 < model["inference_us"] < 1_000_000


def test_a_wrong_configuration_is_one_line(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[camera]\nwidht_px = 640\n")
    done = run_probe("--config", str(wrong))
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "did you mean width_px?" in done.stderr


def test_a_folder_without_models_says_so(tmp_path: Path) -> None:
    (model,) = models_of(Config(models_dir=str(tmp_path)))
    assert model["name"] == "manifest"
    assert model["error"]
    assert model["inference_us"] == 0


def test_a_model_with_one_wrong_byte_is_named(tmp_path: Path) -> None:
    from ertedge.inference.manifest import default_models_dir, load_manifest

    shipped = default_models_dir()
    manifest = load_manifest(shipped)
    if not manifest.models:
        pytest.fail("no models are shipped")
    for file in shipped.iterdir():
        if file.is_file():
            (tmp_path / file.name).write_bytes(file.read_bytes())
    wrong = tmp_path / manifest.models[0].file
    content = bytearray(wrong.read_bytes())
    content[len(content) // 2] ^= 1
    wrong.write_bytes(content)
    results = {model["name"]: model for model in models_of(Config(models_dir=str(tmp_path)))}
    assert "sha256" in results[manifest.models[0].name]["error"]
    assert [name for name, model in results.items() if model["error"]] == [manifest.models[0].name]
