"""Run an ONNX network as a plain function from float32 to float32.

Floor 1: imports only words and errors. For networks whose ops TensorFlow Lite has not; ``onnxruntime`` is imported
when one is opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

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
        known = [str(tensor.name) for tensor in self._session.get_outputs()]
        missing = [name for name in outputs if name not in known]
        if missing:
            raise ModelError(f"{path} has no output {', '.join(missing)}; it has {', '.join(known)}")
        self._output_names = tuple(outputs) or tuple(known)

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
