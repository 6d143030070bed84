"""The ONNX runtime, on a network built from numbers; the answers are worked out beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ertedge.errors import ModelError
from ertedge.inference.onnx import GraphInput, OnnxGraph, OnnxNetwork

pytest.importorskip("onnxruntime")

WEIGHTS = np.array([[1.0, -0.5], [0.25, 2.0], [0.0, 1.0]], dtype=np.float32)
X = np.array([[1.0, 2.0, -3.0]], dtype=np.float32)


def varint(number: int) -> bytes:
    """A protobuf varint."""
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*encoded, number])


def field(number: int, content: bytes | str | int) -> bytes:
    """One protobuf field: an integer, or something with a length."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    encoded = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(encoded)) + encoded


def value_info(name: str, sizes: tuple[int | str, ...], kind: int = 1) -> bytes:
    """A ValueInfoProto of float32 (``kind`` 1), int64 (7) or double (11); a size that is a word is left open."""
    shape = b"".join(field(1, field(1, size) if isinstance(size, int) else field(2, size)) for size in sizes)
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, shape)))


def write_network(path: Path, batch: int | str = 1) -> Path:
    """``product = x W`` and ``sums = x W + x W`` in ONNX's own encoding, so that no exporter is needed here."""
    weights = field(1, 3) + field(1, 2) + field(2, 1) + field(8, "w") + field(9, WEIGHTS.tobytes())
    product = field(1, "x") + field(1, "w") + field(2, "product") + field(4, "MatMul")
    sums = field(1, "product") + field(1, "product") + field(2, "sums") + field(4, "Add")
    graph = field(1, product) + field(1, sums) + field(2, "tiny") + field(5, weights)
    graph += field(11, value_info("x", (batch, 3)))
    graph += field(12, value_info("product", (batch, 2))) + field(12, value_info("sums", (batch, 2)))
    path.write_bytes(field(1, 8) + field(7, graph) + field(8, field(2, 17)))
    return path


def write_graph(path: Path, kind: int = 7) -> Path:
    """``picked = W[index]`` and ``sums = W[index] + shift``, for as many rows as are given."""
    weights = field(1, 3) + field(1, 2) + field(2, 1) + field(8, "w") + field(9, WEIGHTS.tobytes())
    picked = field(1, "w") + field(1, "index") + field(2, "picked") + field(4, "Gather")
    sums = field(1, "picked") + field(1, "shift") + field(2, "sums") + field(4, "Add")
    graph = field(1, picked) + field(1, sums) + field(2, "tiny") + field(5, weights)
    graph += field(11, value_info("index", ("rows",), kind)) + field(11, value_info("shift", ("rows", 2)))
    graph += field(12, value_info("picked", ("rows", 2))) + field(12, value_info("sums", ("rows", 2)))
    path.write_bytes(field(1, 8) + field(7, graph) + field(8, field(2, 17)))
    return path


def test_answers_by_name_in_the_order_asked_for(tmp_path: Path) -> None:
    path = write_network(tmp_path / "tiny.onnx")
    network = OnnxNetwork(path)
    assert (network.input_shape, network.input_dtype) == ((1, 3), "float32")
    assert network.output_names == ("product", "sums")
    np.testing.assert_allclose(network(X)[0], X @ WEIGHTS, rtol=1e-6)
    sums, product = OnnxNetwork(path, outputs=("sums", "product"))(X)
    np.testing.assert_allclose(sums, 2 * product, rtol=1e-6)


def test_faults_say_what_is_wrong(tmp_path: Path) -> None:
    path = write_network(tmp_path / "tiny.onnx")
    with pytest.raises(ModelError, match="no output logits; it has product, sums"):
        OnnxNetwork(path, outputs=("logits",))
    with pytest.raises(ModelError, match=r"shape \(1, 3\), got \(3,\)"):
        OnnxNetwork(path)(X[0])
    with pytest.raises(ModelError, match="open shape"):
        OnnxNetwork(write_network(tmp_path / "open.onnx", batch="n"))
    with pytest.raises(ModelError, match="is not there"):
        OnnxNetwork(tmp_path / "absent.onnx")
    for content in (b"", b"not a network", path.read_bytes()[:40]):
        (tmp_path / "broken.onnx").write_bytes(content)
        with pytest.raises(ModelError, match=r"broken\.onnx"):
            OnnxNetwork(tmp_path / "broken.onnx")


def test_a_graph_takes_named_arrays_of_any_length(tmp_path: Path) -> None:
    graph = OnnxGraph(write_graph(tmp_path / "graph.onnx"), outputs=("sums", "picked"))
    assert graph.inputs == (GraphInput("index", ("rows",), "int64"), GraphInput("shift", ("rows", 2), "float32"))
    for rows in ([2], [0, 1, 2, 1], []):
        shift = np.full((len(rows), 2), 0.5, dtype=np.float32)
        sums, picked = graph({"shift": shift, "index": np.array(rows, dtype=np.int64)})
        np.testing.assert_array_equal(picked, WEIGHTS[rows].reshape(-1, 2))
        np.testing.assert_array_equal(sums, picked + 0.5)


def test_a_graph_says_which_array_is_wrong(tmp_path: Path) -> None:
    graph = OnnxGraph(write_graph(tmp_path / "graph.onnx"))
    index, shift = np.zeros(2, dtype=np.int64), np.zeros((2, 2), dtype=np.float32)
    with pytest.raises(ModelError, match=r"graph\.onnx takes index, shift, got index"):
        graph({"index": index})
    with pytest.raises(ModelError, match=r"shift as float32 of shape \(rows, 2\), rows = 2, got float32 of \(3, 2\)"):
        graph({"index": index, "shift": np.zeros((3, 2), dtype=np.float32)})
    with pytest.raises(ModelError, match=r"index as int64 .* got float32 of \(2,\)"):
        graph({"index": index.astype(np.float32), "shift": shift})
    with pytest.raises(ModelError, match=r"got float32 of \(2,\)"):
        graph({"index": index, "shift": shift[0]})
    with pytest.raises(ModelError, match="no output logits; it has picked, sums"):
        OnnxGraph(write_graph(tmp_path / "graph.onnx"), outputs=("logits",))
    with pytest.raises(ModelError, match=r"takes index: tensor\(int32\); export it with float32 and int64"):
        OnnxGraph(write_graph(tmp_path / "narrow.onnx", kind=6))
