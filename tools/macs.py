"""How much arithmetic a ``.tflite`` network is, and about how long a Raspberry Pi's core would take for it.

Host side only. Multiply-accumulates (MACs) are counted from the shapes in the file: convolutions, matrix products and
fully connected layers; elementwise ops are left out, as is usual. ``python -m tools.macs models/*.tflite`` prints both.

The time on a core is an estimate, never a measurement: ``MACs / (MACs a cycle x clock x utilisation)``, and the sum of
both where part of a network stays in float32.

- Cortex-A72 (Raspberry Pi 4) has no dot product. SMULL and SMLAL make 8 products of int8 each and issue once a
  cycle, on pipeline F0 alone (Arm, Cortex-A72 Software Optimization Guide, UAN 0016A, ASIMD integer instructions): 8
  MACs a cycle. Float32: one 4-wide FMLA a cycle, 4 MACs.
- Cortex-A76 (Raspberry Pi 5): SDOT makes 16 products and issues on both vector pipelines (Arm, Cortex-A76 Software
  Optimization Guide, PJDOC-466751330-7215, ASIMD dot product): 32 MACs a cycle. Float32: two 4-wide FMLA, 8 MACs.
- Utilisation on the A72: XNNPACK's README of 2022 gives 17 ms for int8 MobileNet v2 (300 million MACs) on the four
  cores of a Raspberry Pi 4 at 1.5 GHz, 64 bit: 300e6 / (17e-3 s x 4 x 1.5e9 Hz) = 2.94 MACs a cycle and core, 0.37
  of 8. (Its 46 ms in float32 are 0.27 of 4; MobileNet v1 in int8, with fewer depthwise layers, reaches 0.49.)
- Utilisation on the A76: half of that is assumed in int8, since loads and depthwise layers gain nothing from the dot
  product; in float32 the same as on the A72.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from ertedge.errors import ModelError


@dataclass(frozen=True, slots=True)
class LayerMacs:
    """One layer that multiplies: its op, the shape of its output and its MACs; ``quantized`` when its weights are
    integers."""

    op: str
    output_shape: tuple[int, ...]
    macs: int
    quantized: bool


@dataclass(frozen=True, slots=True)
class NetworkMacs:
    """The multiplying layers of a network in the order they run."""

    layers: tuple[LayerMacs, ...]

    @property
    def total(self) -> int:
        """MACs of one call."""
        return sum(layer.macs for layer in self.layers)

    @property
    def int8(self) -> int:
        """MACs of one call on integers."""
        return sum(layer.macs for layer in self.layers if layer.quantized)

    @property
    def float32(self) -> int:
        """MACs of one call in float32."""
        return self.total - self.int8


@dataclass(frozen=True, slots=True)
class Core:
    """A processor core: peak MACs a cycle in int8 and float32, and the share of the peak that a network reaches."""

    name: str
    board: str
    clock_hz: float
    int8_macs_per_cycle: float
    float32_macs_per_cycle: float
    int8_utilisation: float
    float32_utilisation: float

    def seconds(self, macs: NetworkMacs) -> float:
        """Estimated seconds of one call on one core."""
        int8_rate = self.int8_macs_per_cycle * self.int8_utilisation
        float32_rate = self.float32_macs_per_cycle * self.float32_utilisation
        return (macs.int8 / int8_rate + macs.float32 / float32_rate) / self.clock_hz

    def arithmetic(self, macs: NetworkMacs) -> str:
        """The estimate as a line that a reader can check."""
        terms = []
        for count, peak, share, kind in (
            (macs.int8, self.int8_macs_per_cycle, self.int8_utilisation, "int8"),
            (macs.float32, self.float32_macs_per_cycle, self.float32_utilisation, "float32"),
        ):
            if count:
                clock = f"{self.clock_hz / 1e9:g} GHz"
                terms.append(f"{count / 1e6:.2f} M {kind} MACs / ({peak:g} a cycle x {clock} x {share:g})")
        return f"{' + '.join(terms) or '0'} = {self.seconds(macs) * 1e3:.2f} ms"


CORES = (
    Core("Cortex-A72", "Raspberry Pi 4", 1.5e9, 8, 4, 0.37, 0.27),
    Core("Cortex-A72", "Raspberry Pi 4", 1.8e9, 8, 4, 0.37, 0.27),
    Core("Cortex-A76", "Raspberry Pi 5", 2.4e9, 32, 8, 0.185, 0.27),
)
"""The cores that estimates are given for; the module's docstring has the sources."""


def count_macs(path: Path) -> NetworkMacs:
    """Count the MACs of one call of a ``.tflite`` file. Raises ``ModelError`` when it is none, or has a shape left
    open."""
    from ai_edge_litert import schema_py_generated as schema

    content = path.read_bytes()
    if len(content) < 8 or content[4:8] != b"TFL3":
        raise ModelError(f"{path} is no TensorFlow Lite file")
    model = schema.ModelT.InitFromPackedBuf(content, 0)
    if len(model.subgraphs) != 1:
        raise ModelError(f"{path} has {len(model.subgraphs)} subgraphs; only plain networks of one are counted")
    graph = model.subgraphs[0]
    names = {code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)}
    layers = []
    for operator in graph.operators:
        code = model.operatorCodes[operator.opcodeIndex]
        op = names[max(code.builtinCode, code.deprecatedBuiltinCode)]
        inputs = [graph.tensors[i] for i in operator.inputs if i >= 0]
        output = graph.tensors[operator.outputs[0]]
        macs = _layer_macs(
            op, [_shape(tensor, path) for tensor in inputs], _shape(output, path), operator.builtinOptions
        )
        if macs:
            quantized = (
                inputs[_WEIGHTS[op]].type != schema.TensorType.FLOAT32 and output.type != schema.TensorType.FLOAT32
            )
            layers.append(LayerMacs(op, _shape(output, path), macs, quantized))
    return NetworkMacs(tuple(layers))


_WEIGHTS = {"CONV_2D": 1, "DEPTHWISE_CONV_2D": 1, "TRANSPOSE_CONV": 1, "FULLY_CONNECTED": 1, "BATCH_MATMUL": 1}
"""Which input of a multiplying op holds the weights, or the right factor."""


def _layer_macs(op: str, inputs: Sequence[tuple[int, ...]], output: tuple[int, ...], options: Any) -> int:
    """MACs of one layer. Weights are (out, height, width, in / groups) for a convolution, (1, height, width, out)
    for a depthwise one and (out, in) for a fully connected layer."""
    if op == "CONV_2D":
        return math.prod(output) * math.prod(inputs[1][1:])
    if op == "DEPTHWISE_CONV_2D":
        return math.prod(output) * math.prod(inputs[1][1:3])
    if op == "TRANSPOSE_CONV":
        # Every element of the input (the third tensor) meets every weight of its channel.
        return math.prod(inputs[2]) * math.prod(inputs[1][:3])
    if op == "FULLY_CONNECTED":
        return math.prod(output) * inputs[1][-1]
    if op == "BATCH_MATMUL":
        return math.prod(output) * inputs[0][-2 if options.adjX else -1]
    return 0


def _shape(tensor: Any, path: Path) -> tuple[int, ...]:
    shape = tuple(int(size) for size in tensor.shape) if tensor.shape is not None else ()
    if any(size < 0 for size in shape):
        raise ModelError(f"{path}: tensor {tensor.name!r} has the open shape {shape}; export it with fixed shapes")
    return shape


def main(
    *,
    files: Annotated[list[Path], typer.Argument(help="The .tflite files to count.", exists=True)],
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Count the multiply-accumulates of networks and estimate their time on Raspberry Pi cores."""
    table = Table(title="estimated, one core", title_justify="left")
    for heading in ("file", "core", "arithmetic"):
        table.add_column(heading)
    for path in files:
        try:
            macs = count_macs(path)
        except ModelError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(1) from error
        for core in CORES:
            record = {"file": path.name, "macs": macs.total, "core": core.name, "clock_hz": core.clock_hz}
            if json_:
                print(
                    json.dumps(
                        {**record, "estimated_ms": core.seconds(macs) * 1e3, "arithmetic": core.arithmetic(macs)}
                    )
                )
            table.add_row(path.name, f"{core.name}, {core.board}", core.arithmetic(macs))
    if not json_:
        Console().print(table)


if __name__ == "__main__":
    typer.run(main)
