"""Where a training runs and in which precision: a GPU where there is one, else the processor; bfloat16 where either has
units for it. Host only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

Precision = Literal["auto", "float32", "bfloat16"]
BFLOAT16_UNITS = ("amx_bf16", "avx512_bf16")
"""What a processor may have for it, by the names of torch."""


@dataclass(frozen=True, slots=True)
class Machine:
    """``device`` of torch; with ``bfloat16`` convolutions and products are computed in it, weights and sums stay float32."""

    device: torch.device
    bfloat16: bool

    def autocast(self) -> torch.autocast:
        """The context in which a network is to run."""
        return torch.autocast(self.device.type, torch.bfloat16, enabled=self.bfloat16)


def this_machine(precision: Precision = "auto") -> Machine:
    """The first GPU or else the processor. ``auto`` is bfloat16 on a GPU that computes in it and on processors with
    instructions for its products: matrix tiles (AMX), where a step took a third of its time in float32, or AVX-512's,
    where it took half to two thirds. Elsewhere it would be slower."""
    on_gpu = torch.cuda.is_available()
    able = torch.cpu.get_capabilities()
    fast = torch.cuda.is_bf16_supported() if on_gpu else any(able.get(unit, False) for unit in BFLOAT16_UNITS)
    return Machine(torch.device("cuda" if on_gpu else "cpu"), fast if precision == "auto" else precision == "bfloat16")
