"""An OpenVINO network as a torch module, so that what it learnt elsewhere can be trained on. Host side only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from ertedge.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Step:
    """One operation: the names of the values and weights that it reads, and of the value that it gives."""

    kind: str
    operation: Callable[..., Tensor]
    reads: tuple[str, ...]
    gives: str


class TrainableIr(nn.Module):
    """(n, c, h, w), as the network was made to read it -> what its operation ``until`` gives.

    An IR has its batch normalisation folded into the convolutions; what is left (convolutions, sums, products, PReLU,
    sigmoids, averages over a whole map) is done step by step. An average covers the whole of whatever map it meets, so that
    pictures of another size than the network's own may be given. Every weight is a parameter, but for the slopes of PReLU,
    whose gradients would take a third of the time; up to the end of operation ``frozen`` nothing is trained.

    Raises ConfigurationError for an IR that is missing, has no such operations or does something else before ``until``.
    """

    def __init__(self, path: Path, until: str, frozen: str | None = None) -> None:
        super().__init__()
        self.weights = nn.ParameterDict()
        self._input = ""
        self._steps: list[Step] = []
        names: dict[str, str] = {}
        for node in _nodes(path):
            self._take(node, names, path)
            if node.get_friendly_name() == until:
                break
        ends = {step.gives: end for end, step in enumerate(self._steps, start=1)}
        for name in (until, frozen or until):
            if name not in ends:
                raise ConfigurationError([f"{path} has no operation {name}: it is not the network that is expected"])
        self._frozen = 0 if frozen is None else ends[frozen]

    def forward(self, pictures: Tensor) -> Tensor:
        values = {self._input: pictures, **self.weights}
        with torch.no_grad():
            self._do(self._steps[: self._frozen], values)
        self._do(self._steps[self._frozen :], values)
        return values[self._steps[-1].gives]

    @staticmethod
    def _do(steps: list[Step], values: dict[str, Tensor]) -> None:
        for step in steps:
            values[step.gives] = step.operation(*(values[name] for name in step.reads))

    def _take(self, node: Any, names: dict[str, str], path: Path) -> None:
        """Take in one node; ``names`` says under which name the value of each earlier node is found."""
        kind, name = node.get_type_name(), node.get_friendly_name()
        reads = tuple(names[one.get_source_output().get_node().get_friendly_name()] for one in node.inputs())
        names[name] = name
        if kind == "Parameter":
            self._input = name
        elif kind == "Constant":
            self.weights[name] = nn.Parameter(torch.from_numpy(np.array(node.data, dtype=np.float32)))
        elif kind == "Convert":  # weights lie in the file as float16
            names[name] = reads[0]
        elif kind == "Add" and reads[1] in self.weights and self._steps and self._steps[-1].kind == "Convolution":
            # The bias within the convolution: a pass over the map less.
            self.weights[reads[1]] = nn.Parameter(self.weights[reads[1]].detach().flatten())
            last = self._steps[-1]
            self._steps[-1] = replace(last, kind="biased", reads=(*last.reads, reads[1]), gives=name)
        else:
            self._steps.append(self._step(node, reads, path))

    def _step(self, node: Any, reads: tuple[str, ...], path: Path) -> Step:
        kind, name = node.get_type_name(), node.get_friendly_name()
        if kind in ("Convolution", "GroupConvolution"):
            given, groups = node.get_attributes(), 1
            if kind == "GroupConvolution":  # (groups, outputs of each, inputs of each, h, w)
                weight = self.weights[reads[1]].detach()
                groups = len(weight)
                self.weights[reads[1]] = nn.Parameter(weight.flatten(0, 1))
            convolve = partial(functional.conv2d, stride=given["strides"], padding=given["pads_begin"], groups=groups)
            return Step("Convolution", convolve, reads, name)
        if kind == "PRelu":
            slope = self.weights.pop(reads[1]).detach()
            if slope.numel() == 1:
                return Step(kind, partial(functional.leaky_relu, negative_slope=slope.item()), reads[:1], name)
        if kind in OPERATIONS:
            return Step(kind, OPERATIONS[kind], reads, name)
        raise ConfigurationError([f"{path}: {name} is a {kind} of a form that cannot be trained here"])


def _averaged(values: Tensor) -> Tensor:
    return values.mean(dim=(2, 3), keepdim=True)


OPERATIONS: dict[str, Callable[..., Tensor]] = {
    "Add": torch.add,
    "Multiply": torch.mul,
    "Sigmoid": torch.sigmoid,
    "AvgPool": _averaged,
}


def _nodes(path: Path) -> list[Any]:
    """The operations of an IR, each after those that it reads, without its results."""
    import openvino

    if not path.is_file():
        raise ConfigurationError([f"teacher {path} is missing; point at the folder that holds it"])
    nodes = openvino.Core().read_model(path).get_ordered_ops()
    return [node for node in nodes if node.get_type_name() != "Result"]
