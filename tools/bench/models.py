"""Each shipped network: its arithmetic, its time here on one thread, and what that makes on a Raspberry Pi."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ertedge.inference.litert import LitertNetwork
from ertedge.inference.manifest import load_manifest
from ertedge.perception.network import Network
from tools.bench import FLOAT32
from tools.bench.timing import in_turn, percentile_figures, ratio_figure, repeated
from tools.evaluation.report import Figure
from tools.macs import CORES, count_macs


def measure(models: Path, rounds: int) -> tuple[list[Figure], list[str]]:
    """The figures, and the arithmetic of the estimates as sentences."""
    manifest = load_manifest(models)
    figures: list[Figure] = []
    arithmetic: list[str] = []
    for entry in manifest.models:
        if entry.runtime != "litert":
            continue
        x = np.random.default_rng(0).standard_normal(entry.input[0].shape).astype(np.float32)
        networks: dict[str, Network] = {"int8": manifest.open_network(entry.name)}
        twin = FLOAT32 / entry.file
        if twin.is_file():
            networks["float32"] = LitertNetwork(twin, 1, entry.outputs)
        times = in_turn({kind: repeated(network, x) for kind, network in networks.items()}, rounds)
        for kind, taken in times.items():
            figures += percentile_figures("inference", taken, f"{entry.name} {kind}")
        if "float32" in times:
            figures.append(ratio_figure("inference_float_over_int8", times["int8"], times["float32"], entry.name))
        macs = count_macs(models / entry.file)
        figures.append(Figure("size", entry.size_bytes / 1e6, "MB", 1, entry.name))
        figures.append(Figure("macs", macs.total / 1e6, "million", 1, entry.name))
        for core in CORES:
            of = f"{entry.name}, {core.name} at {core.clock_hz / 1e9:g} GHz, estimated"
            figures.append(Figure("inference_estimate", core.seconds(macs) * 1e3, "ms", 1, of))
            arithmetic.append(f"{of}: {core.arithmetic(macs)}")
    return figures, arithmetic
