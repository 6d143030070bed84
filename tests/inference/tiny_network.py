"""Build small ``.tflite`` files from numbers, so that what a network should answer can be worked out beside it.

Two fully connected layers share one input: ``logits = W x + b`` and ``embedding = V x``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import flatbuffers  # type: ignore[import-untyped]
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

Precision = Literal["float32", "int8", "uint8"]

WEIGHTS = np.array([[1.0, -0.5, 0.25, 0.0], [0.5, 0.5, -1.0, 0.25], [-0.25, 1.0, 0.5, -0.5]], dtype=np.float32)
BIAS = np.array([0.5, -0.25, 0.125], dtype=np.float32)
PROJECTION = np.array([[0.25, 0.5, 0.0, -1.0], [1.0, 0.0, 0.5, 0.5]], dtype=np.float32)

INPUT_SCALE, OUTPUT_SCALE = 4 / 127, 8 / 127
ZERO_POINT = {"int8": 3, "uint8": 131}
"""Off centre, so that a sign error in its handling shows."""


@dataclass(frozen=True)
class Tensor:
    """A tensor of the file: its name, shape, values if it is constant, and its quantization (scale, zero point)."""

    name: str
    shape: tuple[int, ...]
    values: NDArray[Any] | None = None
    dtype: str = "float32"
    quantization: tuple[float, int] | None = None


def write_tiny_network(path: Path, precision: Precision = "float32", *, signature: bool = True) -> Path:
    """Write the network with its two outputs; ``signature`` names them ``logits`` and ``embedding``."""
    x = _activation("x", (1, 4), precision, INPUT_SCALE)
    logits = _activation("tensor_a", (1, 3), precision, OUTPUT_SCALE)
    embedding = _activation("tensor_b", (1, 2), precision, OUTPUT_SCALE)
    constants = [
        _weights("w", WEIGHTS, precision),
        _bias("b", BIAS, precision),
        _weights("v", PROJECTION, precision),
        _bias("c", np.zeros(2, dtype=np.float32), precision),
    ]
    tensors = [x, logits, embedding, *constants]
    operators = [([0, 3, 4], [1]), ([0, 5, 6], [2])]
    names = {"logits": 1, "embedding": 2} if signature else {}
    path.write_bytes(_pack(tensors, operators, inputs=[0], outputs=[1, 2], names=names))
    return path


def expected(x: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the network computes in real numbers."""
    return x @ WEIGHTS.T + BIAS, x @ PROJECTION.T


def _activation(name: str, shape: tuple[int, ...], precision: Precision, scale: float) -> Tensor:
    if precision == "float32":
        return Tensor(name, shape)
    return Tensor(name, shape, dtype=precision, quantization=(scale, ZERO_POINT[precision]))


def _weights(name: str, values: NDArray[np.float32], precision: Precision) -> Tensor:
    if precision == "float32":
        return Tensor(name, values.shape, values)
    scale, zero_point = 1 / 127, 0 if precision == "int8" else 128
    stored = (np.rint(values / scale) + zero_point).astype(precision)
    return Tensor(name, values.shape, stored, precision, (scale, zero_point))


def _bias(name: str, values: NDArray[np.float32], precision: Precision) -> Tensor:
    if precision == "float32":
        return Tensor(name, values.shape, values)
    scale = INPUT_SCALE / 127
    return Tensor(name, values.shape, np.rint(values / scale).astype(np.int32), "int32", (scale, 0))


def _pack(
    tensors: Sequence[Tensor],
    operators: Sequence[tuple[list[int], list[int]]],
    *,
    inputs: list[int],
    outputs: list[int],
    names: dict[str, int],
) -> bytes:
    model = schema.ModelT()
    model.version = 3
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.FULLY_CONNECTED
    code.version = 4
    model.operatorCodes = [code]
    model.buffers = [schema.BufferT()]
    graph = schema.SubGraphT()
    graph.tensors = [_tensor(tensor, model.buffers) for tensor in tensors]
    graph.inputs, graph.outputs = inputs, outputs
    graph.operators = [_operator(*operator) for operator in operators]
    model.subgraphs = [graph]
    if names:
        definition = schema.SignatureDefT()
        definition.signatureKey = "serving_default"
        definition.inputs = [_tensor_map("x", 0)]
        definition.outputs = [_tensor_map(name, index) for name, index in names.items()]
        model.signatureDefs = [definition]
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _tensor(tensor: Tensor, buffers: list[Any]) -> Any:
    made = schema.TensorT()
    made.name = tensor.name
    made.shape = list(tensor.shape)
    made.type = getattr(schema.TensorType, tensor.dtype.upper())
    made.buffer = 0
    if tensor.values is not None:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(tensor.values.tobytes(), dtype=np.uint8)
        made.buffer = len(buffers)
        buffers.append(buffer)
    if tensor.quantization is not None:
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale = [tensor.quantization[0]]
        made.quantization.zeroPoint = [tensor.quantization[1]]
    return made


def _operator(inputs: list[int], outputs: list[int]) -> Any:
    operator = schema.OperatorT()
    operator.opcodeIndex = 0
    operator.inputs, operator.outputs = inputs, outputs
    operator.builtinOptionsType = schema.BuiltinOptions.FullyConnectedOptions
    operator.builtinOptions = schema.FullyConnectedOptionsT()
    return operator


def _tensor_map(name: str, index: int) -> Any:
    mapped = schema.TensorMapT()
    mapped.name = name
    mapped.tensorIndex = index
    return mapped
