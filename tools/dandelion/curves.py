"""Made learning curves, to measure what stopping hopeless candidates early is worth. Host side only.

A candidate of eight mixed parameters has a loss that falls with the epochs towards an asymptote. The asymptote depends on
all parameters, some of them together; the speed mostly on the learning rate and the width. Fast learners are not always
the good ones, so curves cross and an early ranking can mislead; a ripple that differs from candidate to candidate stands
for the noise of a training. The numbers are assumed, for the shape of such curves only: a power law to an asymptote (as
in Domhan et al. 2015, IJCAI, "Speeding up automatic hyperparameter optimization by extrapolation of learning curves").
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tools.dandelion.space import Category, Integer, Real, Space, Value

EPOCHS = 27
"""The whole training."""
RIPPLE = 0.01
"""Standard deviation of the noise in the loss."""

SPACE = Space(
    {
        "rate": Real(1e-5, 1.0, log=True),
        "decay": Real(1e-6, 1e-1, log=True),
        "dropout": Real(0.0, 0.8),
        "momentum": Real(0.0, 0.99),
        "width": Integer(8, 512, log=True),
        "layers": Integer(1, 6),
        "batch": Integer(8, 256, log=True),
        "activation": Category(("relu", "tanh", "gelu")),
    }
)


@dataclass(frozen=True, slots=True)
class Curve:
    """One made problem: where the best parameters lie, drawn from a seed. Call it as ``halving.Training``."""

    centre: tuple[float, ...]
    activations: tuple[float, ...]
    ripple: bool = True

    @classmethod
    def drawn(cls, seed: int, *, ripple: bool = True) -> Curve:
        """The problem of this seed."""
        rng = np.random.default_rng([seed, zlib.crc32(b"curve")])
        return cls(tuple(rng.uniform(0.2, 0.8, 7).tolist()), tuple(rng.permutation([0.0, 0.05, 0.15]).tolist()), ripple)

    def __call__(self, parameters: Mapping[str, Value], epochs: int) -> float:
        """The loss after so many epochs."""
        units = SPACE.encode(parameters)
        away = units[:7] - np.array(self.centre)
        activation = self.activations[int(units[7:].argmax())]
        asymptote = 0.2 + activation + float(2.0 * away[0] ** 2 + 0.5 * np.square(away[1:]).sum())
        # The best rate is higher for wide layers and large batches.
        asymptote += (float(away[0]) - 0.5 * float(away[4]) - 0.3 * float(away[6])) ** 2
        pace = 0.3 + 1.2 * float(units[0]) + 0.3 * float(units[4])
        loss = asymptote + 2.0 * (1.0 + epochs) ** -pace
        if not self.ripple:
            return loss
        named = ",".join(f"{name}={value!r}" for name, value in sorted(parameters.items())) + f",{epochs}"
        noise = np.random.default_rng(zlib.crc32(named.encode())).standard_normal()
        return loss + RIPPLE * float(noise)

    def quiet(self) -> Curve:
        """The same problem without the ripple: what the found parameters are truly worth."""
        return Curve(self.centre, self.activations, ripple=False)
