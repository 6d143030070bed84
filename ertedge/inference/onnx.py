"""Run an ONNX network as a plain function: of one float32 array, or of several named ones whose sizes are open.

Floor 1: imports only words and errors. For networks whose ops TensorFlow Lite has not; ``onnxruntime`` is imported
when one is opened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ModelError
from ertedge.types import Float32Array


class OnnxNetwork:
    """An ``.onnx`` file with one float32 input of fixed shape, opened and ready on the CPU.

    ``network(x)`` takes float32 of ``input_shape`` and returns one float32 array an output, in the order of
    ``outputs`` where it is given, else of the file. Raises ``ModelError`` when the file or the runtime is missing,
    the file is no model, or its inputs and outputs are not the expected; calling raises ``ModelError`` on a wrong
    shape.
    """

    def __init__(self, path: Path, threads: int = 1, outputs: Sequence[str] = ()) -> None:
        self._path = path
        self._session = _open_session(path, threads)
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or inputs[0].type != "tensor(float)":
            found = ", ".join(f"{tensor.name}: {tensor.type}" for tensor in inputs)
            raise ModelError(f"{path} takes {found}; export it with exactly one float32 input")
        if not all(isinstance(size, int) for size in inputs[0].shape):
            raise ModelError(f"{path} has an input of open shape {inputs[0].shape}; export it with a fixed one")
        self._input_name: str = inputs[0].name
        self._input_shape = tuple(int(size) for size in inputs[0].shape)
        self._output_names = _outputs(self._session, path, outputs)

    @property
    def path(self) -> Path:
        """The file that was opened."""
        return self._path

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape a call takes, with the batch axis."""
        return self._input_shape

    @property
    def input_dtype(self) -> str:
        """What the file's input tensor holds: always ``float32``."""
        return "float32"

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the arrays that a call returns, in their order."""
        return self._output_names

    def __call__(self, x: Float32Array) -> tuple[Float32Array, ...]:
        """Run the network on ``x``, float32 of ``input_shape``."""
        if x.shape != self._input_shape:
            raise ModelError(f"{self._path.name} takes an input of shape {self._input_shape}, got {x.shape}")
        results = self._session.run(self._output_names, {self._input_name: x})
        return tuple(np.asarray(result, dtype=np.float32) for result in results)


_DTYPES: dict[str, str] = {"tensor(float)": "float32", "tensor(int64)": "int64"}


@dataclass(frozen=True, slots=True)
class GraphInput:
    """One input of a graph. ``shape`` holds a number where the size is fixed and the axis' name where it is open; axes
    of one name have one size."""

    name: str
    shape: tuple[int | str, ...]
    dtype: str


class OnnxGraph:
    """An ``.onnx`` file with several named inputs, float32 or int64, opened and ready on the CPU.

    ``graph({"name": array, ...})`` takes exactly the arrays that ``inputs`` lists and returns one float32 array an
    output, in the order of ``outputs`` where it is given, else of the file. Raises ``ModelError`` when the file or the
    runtime is missing, the file is no model, or its inputs and outputs are not the expected; calling raises
    ``ModelError`` on a missing, unknown or misshapen array.
    """

    def __init__(self, path: Path, threads: int = 1, outputs: Sequence[str] = ()) -> None:
        self._path = path
        self._session = _open_session(path, threads)
        found = self._session.get_inputs()
        wrong = [f"{tensor.name}: {tensor.type}" for tensor in found if tensor.type not in _DTYPES]
        if wrong:
            raise ModelError(f"{path} takes {', '.join(wrong)}; export it with float32 and int64 inputs only")
        self._inputs = tuple(_graph_input(tensor) for tensor in found)
        self._output_names = _outputs(self._session, path, outputs)

    @property
    def path(self) -> Path:
        """The file that was opened."""
        return self._path

    @property
    def inputs(self) -> tuple[GraphInput, ...]:
        """What a call takes, in the order of the file."""
        return self._inputs

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the arrays that a call returns, in their order."""
        return self._output_names

    def __call__(self, arrays: Mapping[str, NDArray[Any]]) -> tuple[Float32Array, ...]:
        """Run the network on one array an input, by its name."""
        self._check(arrays)
        results = self._session.run(self._output_names, dict(arrays))
        return tuple(np.asarray(result, dtype=np.float32) for result in results)

    def _check(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        names = [given.name for given in self._inputs]
        if set(arrays) != set(names):
            raise ModelError(
                f"{self._path.name} takes {', '.join(names)}, got {', '.join(sorted(arrays)) or 'nothing'}"
            )
        sizes: dict[str, int] = {}
        for given in self._inputs:
            array = arrays[given.name]
            # An open axis has the size that the first array to name it has.
            fits = array.ndim == len(given.shape) and all(
                size == (sizes.setdefault(axis, size) if isinstance(axis, str) else axis)
                for axis, size in zip(given.shape, array.shape, strict=True)
            )
            if not fits or array.dtype != given.dtype:
                wanted = f"{given.dtype} of shape ({', '.join(str(axis) for axis in given.shape)})"
                held = "".join(f", {axis} = {size}" for axis, size in sizes.items() if axis in given.shape)
                raise ModelError(
                    f"{self._path.name} takes {given.name} as {wanted}{held}, got {array.dtype} of {array.shape}"
                )


def _graph_input(tensor: Any) -> GraphInput:
    shape = tuple(
        size if isinstance(size, int) else str(size or f"{tensor.name}.{axis}")
        for axis, size in enumerate(tensor.shape)
    )
    return GraphInput(str(tensor.name), shape, _DTYPES[tensor.type])


def _outputs(session: Any, path: Path, asked: Sequence[str]) -> tuple[str, ...]:
    """The outputs asked for, or all. Raises ``ModelError`` when the file lacks one."""
    known = [str(tensor.name) for tensor in session.get_outputs()]
    missing = [name for name in asked if name not in known]
    if missing:
        raise ModelError(f"{path} has no output {', '.join(missing)}; it has {', '.join(known)}")
    return tuple(asked) or tuple(known)


def _open_session(path: Path, threads: int) -> Any:
    if not path.is_file():
        raise ModelError(f"{path} is not there; install ertedge again, or give the path of an .onnx file")
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(f"{path} needs ONNX Runtime; install it with: pip install onnxruntime") from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    failures: tuple[type[Exception], ...] = (RuntimeError, ValueError, *_session_errors(onnxruntime))
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except failures as error:
        cause = str(error).strip().split("\n")[0]
        raise ModelError(f"{path} cannot be run ({cause}); it is damaged or needs a newer onnxruntime") from error


def _session_errors(onnxruntime: Any) -> tuple[type[Exception], ...]:
    """What a session raises on a bad file; the classes are made by the extension module and derive from
    ``Exception`` alone."""
    state = onnxruntime.capi.onnxruntime_pybind11_state
    return (
        state.Fail,
        state.InvalidArgument,
        state.InvalidGraph,
        state.InvalidProtobuf,
        state.NoSuchFile,
        state.NotImplemented,
    )
