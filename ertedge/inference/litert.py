"""Run a TensorFlow Lite network, int8 or float, as a plain function from float32 to float32.

Floor 1: imports only words and errors. The runtime is ``ai_edge_litert``, or ``tflite_runtime`` where only that is
installed; it is imported when a network is opened. Its default XNNPACK delegate runs the convolutions. Quantization is
hidden: the input is quantized and the outputs are dequantized with the scales in the file, so that an int8 file and its
float twin are called alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ertedge.errors import ModelError, PerceptionError
from ertedge.types import Float32Array


class LitertNetwork:
    """A ``.tflite`` file with one input, opened and ready.

    ``network(x)`` takes float32 of ``input_shape`` and returns one new float32 array an output, in the order of
    ``output_names``. That is the order of ``outputs`` where it is given (the manifest's), else the order in the
    file, which is the order the exporter was given. An int8 or uint8 tensor with scale ``s`` and zero point ``z``
    holds ``q = round(x / s) + z``, saturated at the ends of its range (Jacob et al. 2018, doi
    10.1109/CVPR.2018.00286, equation 1).

    One network belongs to one thread at a time. Raises ``ModelError`` when the file or the runtime is missing, the
    file is no model, or it has not the inputs and outputs expected; calling raises ``ModelError`` on a wrong shape and
    ``PerceptionError`` on NaN, which an int8 tensor cannot hold.
    """

    def __init__(self, path: Path, threads: int = 1, outputs: Sequence[str] = ()) -> None:
        self._path = path
        self._interpreter = _open_interpreter(path, threads)
        inputs = self._interpreter.get_input_details()
        if len(inputs) != 1:
            raise ModelError(f"{path} has {len(inputs)} inputs; export it with exactly one")
        self._input = _Tensor.of(self._interpreter, inputs[0], path)
        named = _named_outputs(self._interpreter)
        missing = [name for name in outputs if name not in named]
        if missing:
            raise ModelError(
                f"{path} has no output {', '.join(missing)}; it has {', '.join(named)}: export it again with "
                "python -m tools.quantize, or mend its entry in manifest.toml"
            )
        self._output_names = tuple(outputs) or tuple(named)
        self._outputs = tuple(_Tensor.of(self._interpreter, named[name], path) for name in self._output_names)
        # Scaling happens here, so that a call allocates nothing but what it returns.
        self._scaled: Float32Array = np.empty(self._input.shape, dtype=np.float32)

    @property
    def path(self) -> Path:
        """The file that was opened."""
        return self._path

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape a call takes, with the batch axis."""
        return self._input.shape

    @property
    def input_dtype(self) -> str:
        """What the file's input tensor holds: ``int8``, ``uint8`` or ``float32``."""
        return self._input.dtype.name

    @property
    def output_names(self) -> tuple[str, ...]:
        """The names of the arrays that a call returns, in their order."""
        return self._output_names

    @property
    def output_shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shapes of the arrays that a call returns, in their order."""
        return tuple(output.shape for output in self._outputs)

    def __call__(self, x: Float32Array) -> tuple[Float32Array, ...]:
        """Run the network on ``x``, float32 of ``input_shape``."""
        if x.shape != self._input.shape:
            raise ModelError(f"{self._path.name} takes an input of shape {self._input.shape}, got {x.shape}")
        self._input.write(x, self._scaled)
        self._interpreter.invoke()
        return tuple([output.read() for output in self._outputs])


class _Interpreter(Protocol):
    """The part of the runtime's interpreter that is used here; both packages have it."""

    def allocate_tensors(self) -> None: ...
    def invoke(self) -> None: ...
    def get_input_details(self) -> list[dict[str, Any]]: ...
    def get_output_details(self) -> list[dict[str, Any]]: ...
    def get_signature_list(self) -> Mapping[str, Any]: ...
    def get_signature_runner(self, signature_key: str) -> Any: ...
    def tensor(self, tensor_index: int) -> Callable[[], NDArray[Any]]: ...


@dataclass(frozen=True, slots=True)
class _Tensor:
    """An input or output tensor. ``view`` gives the runtime's own memory, which must not be held across an
    invocation."""

    view: Callable[[], NDArray[Any]]
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    scale: float
    zero_point: int

    @classmethod
    def of(cls, interpreter: _Interpreter, details: Mapping[str, Any], path: Path) -> _Tensor:
        dtype = np.dtype(details["dtype"])
        scale, zero_point = details["quantization"]
        if dtype not in (np.float32, np.int8, np.uint8):
            raise ModelError(f"{path}: tensor {details['name']} holds {dtype}; export it as float32, int8 or uint8")
        if dtype != np.float32 and not scale > 0:
            raise ModelError(f"{path}: tensor {details['name']} holds {dtype} without a scale; quantize it again")
        shape = tuple(int(size) for size in details["shape"])
        return cls(interpreter.tensor(details["index"]), shape, dtype, float(scale), int(zero_point))

    def write(self, x: Float32Array, scaled: Float32Array) -> None:
        """Quantize ``x`` into the tensor, with ``scaled`` as working memory of the same shape."""
        if self.dtype == np.float32:
            np.copyto(self.view(), x)
            return
        limits = np.iinfo(self.dtype)
        np.multiply(x, np.float32(1.0 / self.scale), out=scaled)
        np.add(scaled, np.float32(self.zero_point), out=scaled)
        np.rint(scaled, out=scaled)
        np.maximum(scaled, np.float32(limits.min), out=scaled)
        np.minimum(scaled, np.float32(limits.max), out=scaled)
        try:
            with np.errstate(invalid="raise"):
                np.copyto(self.view(), scaled, casting="unsafe")
        except FloatingPointError as error:
            raise PerceptionError(
                "the network's input holds NaN; drop the frame or sound that it was made of"
            ) from error

    def read(self) -> Float32Array:
        """A new float32 array of what the tensor holds."""
        if self.dtype == np.float32:
            return np.array(self.view(), dtype=np.float32)
        values: Float32Array = np.subtract(self.view(), self.zero_point, dtype=np.float32)
        values *= np.float32(self.scale)
        return values


def _open_interpreter(path: Path, threads: int) -> _Interpreter:
    """Load the file and give its tensors memory."""
    if not path.is_file():
        raise ModelError(f"{path} is not there; install ertedge again, or export it with python -m tools.quantize")
    constructor = _interpreter_class()
    try:
        interpreter: _Interpreter = constructor(model_path=str(path), num_threads=threads)
        interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        cause = str(error).strip().split("\n")[0]
        raise ModelError(
            f"{path} cannot be run ({cause}); it is damaged, or needs a newer runtime: "
            "pip install --upgrade ai-edge-litert"
        ) from error
    return interpreter


def _interpreter_class() -> Callable[..., _Interpreter]:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        try:
            from tflite_runtime.interpreter import Interpreter
        except ImportError as error:
            raise ModelError("no TensorFlow Lite runtime; install one with: pip install ai-edge-litert") from error
    constructor: Callable[..., _Interpreter] = Interpreter
    return constructor


def _named_outputs(interpreter: _Interpreter) -> dict[str, dict[str, Any]]:
    """Output details by name, in the order of the file: the signature's names where it has one, else the tensors'."""
    in_file = interpreter.get_output_details()
    signatures = interpreter.get_signature_list()
    if not signatures:
        return {str(details["name"]): details for details in in_file}
    runner = interpreter.get_signature_runner(next(iter(signatures)))
    name_of = {int(details["index"]): str(name) for name, details in runner.get_output_details().items()}
    return {name_of[int(details["index"])]: details for details in in_file}
