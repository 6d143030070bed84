"""The trained network as an ONNX file with open batch and catalogue axes, checked against torch. Host side only.

A file is only left where it answers as torch does, for several sizes of catalogue, and has at most ``SIZE_MOST`` bytes.
"""

from __future__ import annotations

import contextlib
import io
import logging
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ertedge.errors import ModelError
from ertedge.inference.entry import ModelInput
from ertedge.inference.onnx import OnnxGraph
from ertedge.recommend.encoding import ACTIVITY_SIZE, PRESENT_SIZE, TOKEN_SIZE, TOKENS
from tools.att_vae_network import INPUT_NAMES, OUTPUT_NAMES, AttVae

SIZE_MOST = 1_000_000
DIFFERENCE_MOST = 1e-4
INPUTS = (
    ModelInput("present", (0, PRESENT_SIZE), "BF", "float32"),
    ModelInput("token_index", (0, TOKENS), "BT", "int64"),
    ModelInput("tokens", (0, TOKENS, TOKEN_SIZE), "BTF", "float32"),
    ModelInput("token_mask", (0, TOKENS), "BT", "float32"),
    ModelInput("activity_index", (0, 0), "BA", "int64"),
    ModelInput("activities", (0, 0, ACTIVITY_SIZE), "BAF", "float32"),
)
"""As the manifest states them: 0 for the batch (the first axis) and the catalogue."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The file, its size, and by how much it differs from torch at most."""

    path: Path
    size_bytes: int
    difference: float


def example(batch: int, activities: int, known: int, seed: int = 0) -> tuple[torch.Tensor, ...]:
    """Random inputs, a quarter of the tokens masked."""
    random = np.random.default_rng(seed)
    mask = (random.random((batch, TOKENS)) < 0.75).astype(np.float32)
    arrays = {
        "present": random.normal(size=(batch, PRESENT_SIZE)).astype(np.float32),
        "token_index": random.integers(0, known + 1, (batch, TOKENS)),
        "tokens": random.normal(size=(batch, TOKENS, TOKEN_SIZE)).astype(np.float32) * mask[..., None],
        "token_mask": mask,
        "activity_index": random.integers(0, known + 1, (batch, activities)),
        "activities": random.normal(size=(batch, activities, ACTIVITY_SIZE)).astype(np.float32),
    }
    return tuple(torch.from_numpy(arrays[name]) for name in INPUT_NAMES)


def export(network: AttVae, path: Path) -> Exported:
    """Write ``network`` to ``path``. Raises ``ModelError`` when the file is too large or answers otherwise than torch."""
    network.eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    batch, catalogue = torch.export.Dim("batch", min=1, max=4096), torch.export.Dim("activities", min=1, max=4096)
    axes = [{0: batch} for _ in INPUT_NAMES[:4]] + [{0: batch, 1: catalogue} for _ in INPUT_NAMES[4:]]
    new = path.with_name(f"{path.name}.new")
    # The exporter narrates on standard output and warns of its own imports; an error of its is an exception all the same.
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            network,
            example(2, 5, network.known),
            new,
            input_names=list(INPUT_NAMES),
            output_names=list(OUTPUT_NAMES),
            dynamic_shapes=axes,
            dynamo=True,
            external_data=False,
            verbose=False,
        )
    difference = _difference(network, new)
    size = new.stat().st_size
    if size > SIZE_MOST or difference > DIFFERENCE_MOST:
        new.unlink()
        raise ModelError(
            f"{path.name} would have {size} bytes (at most {SIZE_MOST}) and differ from torch by {difference:.2g} "
            f"(at most {DIFFERENCE_MOST:g}); make the network smaller, or upgrade onnxruntime"
        )
    new.replace(path)
    return Exported(path, size, difference)


def _difference(network: AttVae, path: Path) -> float:
    graph, most = OnnxGraph(path, outputs=OUTPUT_NAMES), 0.0
    for number, (batch, activities) in enumerate(((1, 1), (1, 60), (3, 7))):
        inputs = example(batch, activities, network.known, seed=number + 1)
        with torch.no_grad():
            expected = network(*inputs)
        found = graph({name: array.numpy() for name, array in zip(INPUT_NAMES, inputs, strict=True)})
        most = max(most, *(float(np.abs(a - b.numpy()).max()) for a, b in zip(found, expected, strict=True)))
    return most
