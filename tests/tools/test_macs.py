"""Counting multiply-accumulates, and the arithmetic of the estimates."""

from __future__ import annotations

from pathlib import Path

import pytest

from ertedge.errors import ModelError
from tests.inference.tiny_network import write_tiny_network
from tools.macs import CORES, Core, LayerMacs, NetworkMacs, count_macs


def test_fully_connected_layers(tmp_path: Path) -> None:
    for precision, quantized in (("float32", False), ("int8", True)):
        macs = count_macs(write_tiny_network(tmp_path / "tiny.tflite", precision))  # type: ignore[arg-type]
        assert macs.layers == (
            LayerMacs("FULLY_CONNECTED", (1, 3), 12, quantized),
            LayerMacs("FULLY_CONNECTED", (1, 2), 8, quantized),
        )
        assert (macs.total, macs.int8, macs.float32) == (20, 20 * quantized, 20 * (not quantized))


def test_what_is_no_network(tmp_path: Path) -> None:
    path = tmp_path / "text.tflite"
    for content in (b"", b"not a network at all"):
        path.write_bytes(content)
        with pytest.raises(ModelError, match=r"text\.tflite is no TensorFlow Lite file"):
            count_macs(path)


def test_the_estimate_by_hand() -> None:
    macs = NetworkMacs((LayerMacs("CONV_2D", (1, 1), 40_000_000, True), LayerMacs("CONV_2D", (1, 1), 4_000_000, False)))
    core = Core("a core", "a board", 2e9, 10, 4, 0.5, 0.25)
    assert core.seconds(macs) == pytest.approx(0.004 + 0.002)
    assert core.arithmetic(macs) == (
        "40.00 M int8 MACs / (10 a cycle x 2 GHz x 0.5) + 4.00 M float32 MACs / (4 a cycle x 2 GHz x 0.25) = 6.00 ms"
    )


def test_the_utilisation_of_the_a72_is_what_the_published_time_says() -> None:
    slower = next(core for core in CORES if core.name == "Cortex-A72" and core.clock_hz == 1.5e9)
    published = NetworkMacs((LayerMacs("CONV_2D", (1, 1), 300_000_000, True),))
    assert slower.seconds(published) / 4 == pytest.approx(17e-3, rel=0.01)
