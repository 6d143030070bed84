"""The manifest: every fault in it is named, and no file is opened that is not the one it vouches for."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ManifestError, ModelError, ModelIntegrityError
from ertedge.inference.entry import ModelInput
from ertedge.inference.manifest import Manifest, default_models_dir, load_manifest
from ertedge.types import EMOTIONS, Emotion
from tests.inference.test_onnx import write_graph
from tests.inference.tiny_network import expected, write_tiny_network

ENTRY = """
schema = 1

[[model]]
name = "voice"
version = "1.0.0"
description = "a test"
file = "tiny.tflite"
sha256 = "{sha256}"
size_bytes = {size_bytes}
runtime = "litert"
outputs = ["embedding", "logits"]
provenance = "numbers"
terms = "none"
command = "python -m tools.train_voice"
labels = ["calm", "happy", "sad"]
temperature = 1.5

[[model.input]]
name = "features"
shape = [1, 4]
layout = "NF"
dtype = "int8"
mean = 10
scale = 0.5

[model.mapping]
calm = "neutral"
happy = "happiness"
sad = "sadness"

[model.parameters]
threshold = 0.5
template = [[0.25, 0.5], [0.75, 1]]
ragged = [[1.0], [1.0, 2.0]]
"""


GRAPH = """
schema = 1

[[model]]
name = "recommender"
version = "1.0.0"
description = "a test"
file = "graph.onnx"
sha256 = "{sha256}"
size_bytes = {size_bytes}
runtime = "onnx"
outputs = ["sums", "picked"]
provenance = "numbers"
terms = "none"
command = "python -m tools.train_recommender"
activities = ["breathing", "journal"]

[[model.input]]
name = "shift"
shape = [0, 2]
layout = "AF"
dtype = "float32"

[[model.input]]
name = "index"
shape = [0]
layout = "A"
dtype = "int64"
"""


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with one network and its manifest."""
    content = write_tiny_network(tmp_path / "tiny.tflite", "int8").read_bytes()
    write_manifest(tmp_path, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
    return tmp_path


def write_manifest(directory: Path, text: str = ENTRY, *, sha256: str = "0" * 64, size_bytes: int = 1) -> None:
    filled = text.replace("{sha256}", sha256).replace("{size_bytes}", str(size_bytes))
    (directory / "manifest.toml").write_text(filled, encoding="utf-8")


def fault_of(directory: Path, text: str) -> str:
    write_manifest(directory, text)
    with pytest.raises(ManifestError) as caught:
        load_manifest(directory)
    return str(caught.value)


def test_reads_what_is_written(models: Path) -> None:
    entry = load_manifest(models).entry("voice")
    assert entry.input == (ModelInput("features", (1, 4), "NF", "int8", mean=10.0, scale=0.5),)
    assert entry.mapping == {"calm": Emotion.NEUTRAL, "happy": Emotion.HAPPINESS, "sad": Emotion.SADNESS}
    assert entry.temperature == 1.5
    assert entry.parameter("threshold") == 0.5
    np.testing.assert_array_equal(entry.vector("template"), np.array([[0.25, 0.5], [0.75, 1.0]], dtype=np.float32))
    assert entry.info(inference_us=420).inference_us == 420
    assert entry.info().labels == ("calm", "happy", "sad")


def test_the_mapping_as_a_matrix_keeps_the_sum(models: Path) -> None:
    matrix = load_manifest(models).entry("voice").to_seven()
    seven = np.array([0.5, 0.3, 0.2], dtype=np.float32) @ matrix
    assert dict(zip(EMOTIONS, seven.tolist(), strict=True)) == pytest.approx(
        dict.fromkeys(EMOTIONS, 0.0) | {Emotion.NEUTRAL: 0.5, Emotion.HAPPINESS: 0.3, Emotion.SADNESS: 0.2}
    )


def test_normalisation_of_pixels() -> None:
    pixels = np.array([[0, 10, 255]], dtype=np.uint8)
    given = ModelInput("face", (1, 3), "NF", "int8", colour="grey", mean=10.0, scale=0.5)
    normalised = given.normalise(pixels)
    assert normalised.dtype == np.float32
    np.testing.assert_array_equal(normalised, [[-5.0, 0.0, 122.5]])


def test_opens_a_verified_network_with_the_outputs_in_the_entrys_order(models: Path) -> None:
    network = load_manifest(models).open_network("voice")
    x = np.array([[1.0, -2.0, 0.5, 3.0]], dtype=np.float32)
    embedding, logits = network(x)
    np.testing.assert_allclose(logits, expected(x)[0], atol=0.08)
    np.testing.assert_allclose(embedding, expected(x)[1], atol=0.08)


def test_one_flipped_bit_anywhere_is_found(models: Path) -> None:
    manifest = load_manifest(models)
    path = models / "tiny.tflite"
    sound = path.read_bytes()
    assert manifest.verify("voice") == path
    for place in (0, len(sound) // 2, len(sound) - 1):
        broken = bytearray(sound)
        broken[place] ^= 1
        path.write_bytes(broken)
        with pytest.raises(ModelIntegrityError, match=r"tiny\.tflite differs .*python -m tools\.train_voice"):
            manifest.open_network("voice")


def test_a_cut_and_a_missing_file(models: Path) -> None:
    manifest = load_manifest(models)
    path = models / "tiny.tflite"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelIntegrityError, match=r"tiny\.tflite has \d+ bytes instead of \d+"):
        manifest.verify("voice")
    path.unlink()
    with pytest.raises(ModelIntegrityError, match=r"tiny\.tflite is missing; install ertedge again"):
        manifest.verify("voice")


@pytest.mark.parametrize(
    ("there", "instead", "message"),
    [
        ("shape = [1, 4]", "shape = [1, 5]", r"says that tiny\.tflite takes .*\(1, 5\).* but it takes .*\(1, 4\)"),
        ('dtype = "int8"', 'dtype = "float32"', r"float32.* but it takes .*int8"),
    ],
)
def test_an_input_other_than_the_files(models: Path, there: str, instead: str, message: str) -> None:
    text = (models / "manifest.toml").read_text(encoding="utf-8").replace(there, instead)
    write_manifest(models, text)
    with pytest.raises(ManifestError, match=message):
        load_manifest(models).open_network("voice")


@pytest.fixture
def graphs(tmp_path: Path) -> Path:
    """A folder with one graph and its manifest."""
    content = write_graph(tmp_path / "graph.onnx").read_bytes()
    write_manifest(tmp_path, GRAPH, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content))
    return tmp_path


def test_opens_a_graph_of_several_open_inputs(graphs: Path) -> None:
    manifest = load_manifest(graphs)
    assert manifest.entry("recommender").activities == ("breathing", "journal")
    graph = manifest.open_graph("recommender")
    assert graph.output_names == ("sums", "picked")
    index, shift = np.array([1, 2, 0], dtype=np.int64), np.ones((3, 2), dtype=np.float32)
    sums, picked = graph({"index": index, "shift": shift})
    np.testing.assert_array_equal(sums, picked + 1.0)
    assert [output.shape for output in manifest.open_trial("recommender")()] == [(1, 2), (1, 2)]
    with pytest.raises(ModelError, match="open it with open_graph"):
        manifest.open_network("recommender")


def test_a_graph_other_than_the_entry_says(graphs: Path, models: Path) -> None:
    with pytest.raises(ModelError, match=r"is run by litert.* open it with open_network"):
        load_manifest(models).open_graph("voice")
    content = (graphs / "graph.onnx").read_bytes()
    wrong, sha256 = GRAPH.replace("[0, 2]", "[0, 3]"), hashlib.sha256(content).hexdigest()
    write_manifest(graphs, wrong, sha256=sha256, size_bytes=len(content))
    with pytest.raises(ManifestError, match=r"says that graph\.onnx takes .*\(0, 3\).* but it takes .*\(0, 2\)"):
        load_manifest(graphs).open_graph("recommender")


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    text = (
        ENTRY.replace('version = "1.0.0"', 'versoin = "1.0.0"')
        .replace("temperature = 1.5", 'temperature = "hot"')
        .replace('"{sha256}"', '"abc"')
        .replace('runtime = "litert"', 'runtime = "torch"')
        .replace("scale = 0.5", "scale = nan")
    )
    fault = fault_of(tmp_path, text)
    for part in (
        "manifest.toml: model voice: ",
        "version: Field required",
        "versoin: unknown key; did you mean version?",
        "temperature: Input should be a valid number",
        "sha256: String should match",
        "runtime: Input should be 'litert' or 'onnx'",
        "input.0.scale: Input should be a finite number",
    ):
        assert part in fault


def test_what_contradicts_itself_is_named(tmp_path: Path) -> None:
    text = (
        ENTRY.replace('sad = "sadness"', 'angry = "unknown"')
        .replace('["embedding", "logits"]', "[]")
        .replace('["calm", "happy", "sad"]', '["calm", "happy", "sad", "sad"]')
    )
    fault = fault_of(tmp_path, text)
    for part in (
        "labels has 'sad' twice",
        "outputs is empty",
        "mapping lacks the label 'sad'",
        "mapping names 'angry', which is no label",
        "'angry' is mapped to unknown",
    ):
        assert part in fault


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ENTRY + ENTRY.replace("schema = 1", ""), "model 'voice' stands twice"),
        ("schema = 2", "schema: Input should be 1"),
        ("", "schema: Field required"),
        ("schema = ", "is not TOML"),
        ("schema = 1\n[[model]]\nname = 3", "model 3: name: Input should be a valid string"),
        ("schema = 1\nmodel = 3", "model: Input should be a valid array"),
        (ENTRY.replace('"tiny.tflite"', '"../tiny.tflite"'), "file: String should match"),
        (ENTRY.replace("temperature = 1.5", "temperature = 0"), "temperature: Input should be greater than 0"),
    ],
)
def test_a_wrong_manifest(tmp_path: Path, text: str, message: str) -> None:
    assert message in fault_of(tmp_path, text)


def test_a_folder_without_a_manifest(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"manifest\.toml cannot be read .*set models_dir"):
        load_manifest(tmp_path)


def test_a_name_that_is_not_there_suggests_one_that_is(models: Path) -> None:
    manifest = load_manifest(models)
    with pytest.raises(ManifestError, match=r"has no model voise; did you mean voice\?"):
        manifest.entry("voise")
    with pytest.raises(ManifestError, match=r"has no model detector; it has: voice"):
        manifest.verify("detector")
    with pytest.raises(ManifestError, match="it has: none"):
        Manifest(models, ()).entry("voice")


def test_a_parameter_of_the_wrong_kind(models: Path) -> None:
    entry = load_manifest(models).entry("voice")
    with pytest.raises(ManifestError, match=r"no parameter bias \(it has: threshold, template, ragged\)"):
        entry.parameter("bias")
    with pytest.raises(ManifestError, match="template is a list where one number is needed"):
        entry.parameter("template")
    with pytest.raises(ManifestError, match="threshold is one number where a list is needed"):
        entry.vector("threshold")
    with pytest.raises(ManifestError, match="rows of parameter ragged differ in length"):
        entry.vector("ragged")


def test_the_shipped_models_are_found_and_sound() -> None:
    manifest = load_manifest(default_models_dir())
    for entry in manifest.models:
        outputs = manifest.open_trial(entry.name)()
        assert len(outputs) == len(entry.outputs)
        assert all(np.isfinite(output).all() for output in outputs)
        if entry.labels and "logits" in entry.outputs:
            assert outputs[entry.outputs.index("logits")].shape[-1] == len(entry.labels)
