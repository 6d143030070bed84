"""The TFLite runtime: what a network answers, in every precision, and what it says of a file it cannot run."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ertedge.errors import ModelError, PerceptionError
from ertedge.inference.litert import LitertNetwork
from tests.inference.tiny_network import OUTPUT_SCALE, Precision, expected, write_tiny_network

X = np.array([[1.0, -2.0, 0.5, 3.0]], dtype=np.float32)


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-6), ("int8", 0.08), ("uint8", 0.08)])
def test_answers_in_float_whatever_the_file_holds(tmp_path: Path, precision: Precision, tolerance: float) -> None:
    network = LitertNetwork(write_tiny_network(tmp_path / "tiny.tflite", precision))
    logits, embedding = network(X)
    assert network.input_dtype == precision
    assert network.input_shape == (1, 4)
    assert network.output_shapes == ((1, 3), (1, 2))
    assert logits.dtype == embedding.dtype == np.float32
    # Half a step of the input through rows of weights whose absolute values sum to 2.25, and half a step of the output.
    np.testing.assert_allclose(logits, expected(X)[0], atol=tolerance)
    np.testing.assert_allclose(embedding, expected(X)[1], atol=tolerance)


def test_outputs_come_in_the_order_asked_for(tmp_path: Path) -> None:
    path = write_tiny_network(tmp_path / "tiny.tflite")
    in_file_order = LitertNetwork(path)
    reversed_order = LitertNetwork(path, outputs=("embedding", "logits"))
    one = LitertNetwork(path, outputs=("embedding",))
    assert in_file_order.output_names == ("logits", "embedding")
    assert [y.shape for y in reversed_order(X)] == [(1, 2), (1, 3)]
    assert [y.shape for y in one(X)] == [(1, 2)]


def test_without_a_signature_the_tensors_names_are_the_outputs(tmp_path: Path) -> None:
    network = LitertNetwork(write_tiny_network(tmp_path / "tiny.tflite", signature=False))
    assert network.output_names == ("tensor_a", "tensor_b")


def test_an_answer_is_not_overwritten_by_the_next(tmp_path: Path) -> None:
    for precision in ("float32", "int8"):
        network = LitertNetwork(write_tiny_network(tmp_path / f"{precision}.tflite", precision))
        first = network(X)[0]
        kept = first.copy()
        network(-X)
        np.testing.assert_array_equal(first, kept)


def test_too_large_values_saturate(tmp_path: Path) -> None:
    network = LitertNetwork(write_tiny_network(tmp_path / "tiny.tflite", "int8"))
    enormous, infinite = network(X * 1e30)[0], network(np.where(X > 0, np.inf, -np.inf).astype(np.float32))[0]
    # logits 0 is 1 * 3.9 + 0.5 * 4.1 + 0.25 * 3.9 + 0.5 at the ends of the input's range.
    assert enormous[0, 0] == pytest.approx(7.4, abs=2 * OUTPUT_SCALE)
    np.testing.assert_array_equal(enormous, infinite)


@pytest.mark.parametrize("count", [1, 4])
def test_nan_is_refused_by_an_integer_input(tmp_path: Path, count: int) -> None:
    network = LitertNetwork(write_tiny_network(tmp_path / "tiny.tflite", "int8"))
    broken = X.copy()
    broken[0, :count] = np.nan
    with pytest.raises(PerceptionError, match="NaN"):
        network(broken)
    np.testing.assert_allclose(network(X)[0], expected(X)[0], atol=0.08)


def test_the_same_numbers_in_another_memory_layout(tmp_path: Path) -> None:
    network = LitertNetwork(write_tiny_network(tmp_path / "tiny.tflite", "int8"))
    strided = np.repeat(X, 3, axis=1)[:, ::3]
    np.testing.assert_array_equal(network(strided)[0], network(X)[0])


def test_a_wrong_shape_names_both(tmp_path: Path) -> None:
    network = LitertNetwork(write_tiny_network(tmp_path / "tiny.tflite"))
    with pytest.raises(ModelError, match=r"\(1, 4\).*\(4,\)"):
        network(X[0])


def test_an_output_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    path = write_tiny_network(tmp_path / "tiny.tflite")
    with pytest.raises(ModelError, match=r"no output probabilities; it has logits, embedding"):
        LitertNetwork(path, outputs=("logits", "probabilities"))


@pytest.mark.parametrize("content", [b"", b"not a network", b"\x1c\x00\x00\x00TFL3"], ids=["empty", "text", "cut"])
def test_a_file_that_is_no_network(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"broken\.tflite cannot be run"):
        LitertNetwork(path)


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="install ertedge again"):
        LitertNetwork(tmp_path / "absent.tflite")


def test_without_a_runtime_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_tiny_network(tmp_path / "tiny.tflite")
    real_import = builtins.__import__

    def without_runtimes(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.split(".", maxsplit=1)[0] in ("ai_edge_litert", "tflite_runtime"):
            raise ImportError(name)
        return real_import(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", without_runtimes)
    with pytest.raises(ModelError, match="pip install ai-edge-litert"):
        LitertNetwork(path)
