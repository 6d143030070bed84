"""From a trained torch network to the int8 file that the device runs: ``python -m tools.quantize NAME --help``.

Host side only. torch -> litert-torch -> float32 TFLite (batch normalisation folded into the convolutions) ->
ai-edge-quantizer ``static_wi8_ai8``: int8 weights, one scale a channel; int8 activations, one scale a tensor, from
the range seen on the calibration samples. That range lies between the average sample's and the widest one's, where the
error on the samples is least: the average alone, which is the quantizer's default, cuts off every sample of more than
average contrast (seventeen times the error on the network of the tests). Input and outputs are int8 too. Weights of
normal size thus take a quarter of the bytes.

What the int8 graph keeps on the fast path of the runtime, measured for ai-edge-litert 2.3 on small networks (one
thread):

====================  ==============================================================================================
convolution           int8 in XNNPACK, also depthwise and grouped; 1.5 to 2.5 times as fast as float. A first 3x3 layer
                      on one channel becomes a depthwise convolution with a multiplier, which is right and fast.
Conv1d                avoid: its BatchNorm is not folded (MUL and ADD remain) and transposes surround it. Use Conv2d
                      with kernel (k, 1) on (batch, channels, time, 1).
BatchNorm2d           folded, at no cost, where it directly follows a convolution.
ReLU, ReLU6           fused into the convolution. SiLU is LOGISTIC and MUL, int8, nearly free.
Hardswish, PReLU      avoid: in int8 they leave XNNPACK and cost more than the convolution before them. LeakyReLU stays
                      in float between DEQUANTIZE and QUANTIZE.
global average        ``AdaptiveAvgPool2d(1)`` or ``mean((2, 3), keepdim=True)``: one MEAN. Without keepdim a TRANSPOSE
                      comes before it.
upsampling            bilinear and ConvTranspose2d stay in XNNPACK; nearest leaves it (correct, but splits the graph).
concatenation         its inputs are rescaled to one range, so keep their ranges alike.
max pooling           without padding; padded max pooling leaves XNNPACK. Maximum over an axis stays in float.
softmax               on the last axis only, elsewhere it falls into eight ops. Its int8 output has steps of 1/256, too
                      coarse for attention over 150 time steps: keep such pooling in float (``keep_float``, below).
                      Over classes leave it to the device, which has the logits and the temperature.
square root, L2       outside, or in ``keep_float``: older runtimes refuse an int8 SQRT, and a mean and a deviation in
                      one int8 tensor cost the smaller its precision. Normalise an embedding on the device, in float.
attention blocks      avoid: a transformer layer in int8 was nine times as slow as in float, with layer norm's RSQRT.
====================  ==============================================================================================

``keep_float`` names submodules by their attribute (``("pool",)``, or ``("stage.pool",)``) that run in float32 inside
the int8 file, between one DEQUANTIZE and one QUANTIZE: small statistics at the end of a network cost no time there and
are spared the coarse softmax.

The input may be NCHW: for one channel the NHWC order that TFLite wants is the same memory, and the export inserts a
RESHAPE that costs nothing. For more channels wrap the network in ``litert_torch.to_channel_last_io(network,
args=[0])``, whose samples are then NHWC.

Each trainer ``tools/train_NAME.py`` offers ``load_checkpoint(path: Path) -> torch.nn.Module`` (the network as
deployed), ``calibration_samples(root: Path, seed: int) -> Iterator[np.ndarray]`` (float32 with the batch axis, from
training data only), ``OUTPUT_NAMES: tuple[str, ...]`` and ``KEEP_FLOAT: tuple[str, ...]`` (mostly empty).
"""

from __future__ import annotations

import importlib
import json
import logging
import re
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Protocol, cast

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from ertedge.errors import ModelError
from ertedge.inference.litert import LitertNetwork
from ertedge.inference.manifest import MANIFEST_NAME, load_manifest
from tools.manifest import amend_entry

FLOAT_TOLERANCE = 1e-3
"""How far the float32 file may be from torch, as root mean square relative to the output's: more is a wrong
conversion."""

RANGE_SHARES = (0.25, 0.5, 0.75, 1.0)
"""Where activation ranges are tried between those of the average sample (0) and the widest of all samples (1)."""

COMPARED_SAMPLES = 64
"""How many calibration samples are run through torch and both files to compare them."""


@dataclass(frozen=True, slots=True)
class OutputDifference:
    """How one output of the int8 file differs from torch on the samples.

    ``relative_error`` is the root mean square of the difference over that of torch's output;
    ``float_relative_error`` the same for the float32 file; ``same_argmax`` the share of samples whose largest
    element is at the same place.
    """

    output: str
    relative_error: float
    float_relative_error: float
    same_argmax: float


@dataclass(frozen=True, slots=True)
class Export:
    """The files made and how faithful they are. ``range_share`` is the entry of ``RANGE_SHARES`` that was best."""

    path: Path
    size_bytes: int
    float_size_bytes: int
    range_share: float
    differences: tuple[OutputDifference, ...]


Range = NDArray[np.float32]
"""One end of a tensor's range as the quantizer keeps it, an array of one element or one a channel."""


class Trainer(Protocol):
    """What ``tools/train_NAME.py`` offers to be exported."""

    OUTPUT_NAMES: tuple[str, ...]
    KEEP_FLOAT: tuple[str, ...]

    def load_checkpoint(self, path: Path) -> torch.nn.Module: ...
    def calibration_samples(self, root: Path, seed: int) -> Iterator[NDArray[np.float32]]: ...


def export(
    model: torch.nn.Module,
    example: torch.Tensor,
    output_names: Sequence[str],
    samples: Iterable[NDArray[np.float32]],
    out: Path,
    *,
    float_out: Path | None = None,
    keep_float: Sequence[str] = (),
) -> Export:
    """Write ``model`` as an int8 TFLite file, and as float32 where ``float_out`` is given, and compare both with torch.

    ``model`` takes one tensor and returns one tensor or a tuple of them, named ``output_names`` in order.
    ``example`` has the exact shape of an input, batch axis included; ``samples`` are float32 arrays of that shape, a
    few hundred that look like what the device will see. Raises ``ModelError`` when there are no samples, one has
    another shape, or the float32 file does not compute what torch does.
    """
    calibration = [np.ascontiguousarray(sample, dtype=np.float32) for sample in samples]
    _check(calibration, tuple(example.shape), output_names)
    named = _NamedOutputs(model, output_names).eval()
    with tempfile.TemporaryDirectory() as folder:
        float_path = Path(folder) / "float.tflite"
        with warnings.catch_warnings():
            # Deprecations between torch, litert-torch and torchao; nothing that a caller could mend.
            warnings.simplefilter("ignore")
            _convert(named, example, float_path)
            candidates = _quantize(float_path, calibration, keep_float)
        trials = [
            _Trial(share, content, _compare(named, float_path, content, calibration)) for share, content in candidates
        ]
        best = min(trials, key=_Trial.error)
        differences = best.differences
        for difference in differences:
            if difference.float_relative_error > FLOAT_TOLERANCE:
                raise ModelError(
                    f"the float32 export of {difference.output} is {difference.float_relative_error:.2%} off torch's; "
                    "replace the layers that litert-torch converts wrongly"
                )
        float_bytes = float_path.read_bytes()
        _write(best.content, out)
        if float_out is not None:
            _write(float_bytes, float_out)
    return Export(out, len(best.content), len(float_bytes), best.range_share, differences)


def _write(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@dataclass(frozen=True, slots=True)
class _Trial:
    """An int8 file made with one entry of ``RANGE_SHARES``."""

    range_share: float
    content: bytes
    differences: tuple[OutputDifference, ...]

    def error(self) -> float:
        return sum(difference.relative_error for difference in self.differences)


class _NamedOutputs(torch.nn.Module):
    """Returns the outputs by name: the keys become the names in the file."""

    def __init__(self, model: torch.nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.model = model
        self.names = tuple(names)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        outputs = self.model(x)
        listed = (outputs,) if isinstance(outputs, torch.Tensor) else tuple(outputs)
        if len(listed) != len(self.names):
            raise ModelError(f"the network returns {len(listed)} tensors for the names {', '.join(self.names)}")
        return dict(zip(self.names, listed, strict=True))


def _check(samples: Sequence[NDArray[np.float32]], shape: tuple[int, ...], output_names: Sequence[str]) -> None:
    if not samples:
        raise ModelError("no calibration samples; check --root")
    wrong = next((sample.shape for sample in samples if sample.shape != shape), None)
    if wrong is not None:
        raise ModelError(f"a calibration sample has shape {wrong}; the network takes {shape}")
    if not all(np.isfinite(sample).all() for sample in samples):
        raise ModelError("a calibration sample holds NaN or infinity; mend calibration_samples")
    if not output_names or len(set(output_names)) != len(output_names):
        raise ModelError(f"output names must be there and differ, got {list(output_names)}")


def _convert(named: torch.nn.Module, example: torch.Tensor, path: Path) -> None:
    """torch to a float32 TFLite file."""
    # torchao, which litert-torch imports, logs that its GPU libraries are not for this machine.
    logging.getLogger("torchao").setLevel(logging.ERROR)
    import litert_torch

    litert_torch.config.show_progress = False
    with torch.no_grad():
        litert_torch.convert(named, (example,)).export(str(path))


def _quantize(
    float_path: Path, samples: Sequence[NDArray[np.float32]], keep_float: Sequence[str]
) -> list[tuple[float, bytes]]:
    """Float32 TFLite file to int8, once for each of ``RANGE_SHARES``."""
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_quantizer import calibrator, qtyping, quantizer, recipe_manager
    from ai_edge_quantizer.algorithm_manager import AlgorithmName
    from ai_edge_quantizer.utils import qsv_utils

    interpreter = Interpreter(model_path=str(float_path))
    tensors = [str(details["name"]) for details in interpreter.get_tensor_details()]
    every = qtyping.TFLOperationName.ALL_SUPPORTED
    recipes = recipe_manager.RecipeManager()
    recipes.add_static_config(".*", every, 8, 8, algorithm_key=AlgorithmName.MIN_MAX_UNIFORM_QUANT)
    for module in keep_float:
        # A tensor's name holds the path of the module that made it, each step as Class_attribute.
        scope = "_" + "/[^;]*_".join(re.escape(step) for step in module.split(".")) + "[/;]"
        if not any(re.search(scope, tensor) for tensor in tensors):
            raise ModelError(f"keep_float names {module!r}, of which nothing is left in the exported graph")
        recipes.add_quantization_config(scope, every, None, AlgorithmName.NO_QUANTIZE)
    signature, names = next(iter(interpreter.get_signature_list().items()))
    dataset = {signature: [{names["inputs"][0]: sample} for sample in samples]}
    ranges = []
    for update in (qsv_utils.moving_average_update, qsv_utils.min_max_update):
        calibrating = calibrator.Calibrator(float_path.read_bytes(), num_threads=1, qsv_update_func=update)
        calibrating.calibrate(dataset, recipes)
        ranges.append(calibrating.get_model_qsvs())
    average, widest = ranges
    made = []
    for share in RANGE_SHARES:
        between = {name: _between(average[name], widest[name], share) for name in widest}
        quantizing = quantizer.Quantizer(str(float_path), recipes.get_quantization_recipe())
        result = quantizing.quantize(between, enable_progress_bar=False, enable_progress_report=False)
        made.append((share, bytes(result.quantized_model)))
    return made


def _between(average: Mapping[str, Range], widest: Mapping[str, Range], share: float) -> dict[str, Range]:
    """The range (``min``, ``max``) of one tensor at this share of the way; what is not ranged stays empty."""
    return {end: average[end] * (1 - share) + widest[end] * share for end in ("min", "max") if end in widest}


def _compare(
    named: torch.nn.Module, float_path: Path, int8: bytes, samples: Sequence[NDArray[np.float32]]
) -> tuple[OutputDifference, ...]:
    """Run torch and both files on evenly spaced samples."""
    int8_path = float_path.with_name("int8.tflite")
    int8_path.write_bytes(int8)
    chosen = samples[:: max(1, len(samples) // COMPARED_SAMPLES)]
    float_network, int8_network = LitertNetwork(float_path), LitertNetwork(int8_path)
    with torch.no_grad():
        expected = [[y.numpy() for y in named(torch.from_numpy(x)).values()] for x in chosen]
    as_float = [float_network(x) for x in chosen]
    as_int8 = [int8_network(x) for x in chosen]
    if int8_network.input_dtype != "int8":
        raise ModelError(
            f"{int8_path} kept a {int8_network.input_dtype} input; the network begins with an op that has no int8"
        )
    differences = []
    for i, name in enumerate(int8_network.output_names):
        reference = np.stack([y[i] for y in expected])
        got_float, got_int8 = np.stack([y[i] for y in as_float]), np.stack([y[i] for y in as_int8])
        same = _argmax(reference) == _argmax(got_int8)
        differences.append(
            OutputDifference(name, _relative(got_int8, reference), _relative(got_float, reference), float(same.mean()))
        )
    return tuple(differences)


def _relative(got: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    scale = float(np.sqrt(np.mean(np.square(reference, dtype=np.float64))))
    return float(np.sqrt(np.mean(np.square(got - reference, dtype=np.float64)))) / max(scale, 1e-12)


def _argmax(stacked: NDArray[np.float32]) -> NDArray[np.intp]:
    largest: NDArray[np.intp] = np.argmax(stacked.reshape(len(stacked), -1), axis=1)
    return largest


def main(
    *,
    name: Annotated[str, typer.Argument(help="Which trainer's network: detector, facenet or voice.")],
    checkpoint: Annotated[Path, typer.Option(help="The checkpoint that the trainer wrote.", exists=True)],
    root: Annotated[Path, typer.Option(help="The data, for calibration samples.", exists=True)],
    out: Annotated[Path, typer.Option(help="Folder for NAME.tflite.")] = Path("models"),
    float_out: Annotated[Path | None, typer.Option(help="Folder for the float32 twin, NAME-float.tflite.")] = None,
    samples: Annotated[int, typer.Option(help="How many calibration samples to take.", min=1)] = 400,
    seed: Annotated[int, typer.Option(help="Which calibration samples.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Export a trained network as an int8 TFLite file, refresh its manifest entry and report how it differs from
    torch."""
    try:
        trainer = cast(Trainer, importlib.import_module(f"tools.train_{name}"))
    except ModuleNotFoundError as error:
        raise typer.BadParameter(f"there is no trainer tools/train_{name}.py", param_hint="NAME") from error
    chosen = list(islice(trainer.calibration_samples(root, seed), samples))
    if not chosen:
        raise typer.BadParameter(f"{root} holds no calibration samples for {name}", param_hint="--root")
    example = torch.zeros(chosen[0].shape, dtype=torch.float32)
    twin = None if float_out is None else float_out / f"{name}-float.tflite"
    try:
        made = export(
            trainer.load_checkpoint(checkpoint),
            example,
            trainer.OUTPUT_NAMES,
            chosen,
            out / f"{name}.tflite",
            float_out=twin,
        )
        _refresh_manifest(out, name)
    except ModelError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    _print(made, json_)


def _refresh_manifest(models: Path, name: str) -> None:
    """Give the model's entry, if it has one, the sha256 of the new file. (A trainer that makes a new model writes
    the entry.)"""
    if not (models / MANIFEST_NAME).is_file():
        return
    if any(entry.name == name for entry in load_manifest(models).models):
        amend_entry(models, name)


def _print(made: Export, as_json: bool) -> None:
    if as_json:
        for difference in made.differences:
            print(json.dumps({"file": str(made.path), "size_bytes": made.size_bytes, **asdict(difference)}))
        return
    table = Table(
        title=f"{made.path}: {made.size_bytes:,} bytes, float32 {made.float_size_bytes:,}", title_justify="left"
    )
    for heading in ("output", "int8 relative error", "float32 relative error", "same argmax"):
        table.add_column(heading, justify="left" if heading == "output" else "right")
    for difference in made.differences:
        table.add_row(
            difference.output,
            f"{difference.relative_error:.3%}",
            f"{difference.float_relative_error:.5%}",
            f"{difference.same_argmax:.1%}",
        )
    Console().print(table)


if __name__ == "__main__":
    typer.run(main)
