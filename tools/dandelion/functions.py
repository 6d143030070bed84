"""Shifted and rotated test problems for the comparison of optimizers. Host side only.

A problem is one of ``landscapes.py`` seen through ``z = scale * Q (x - shift)`` over the box [-100, 100], as in the CEC
competitions: ``Q`` a random rotation, the optimum ``shift`` drawn within 80% of the box, so that no optimizer gains by
preferring the origin, the middle or the axes. Every seed draws its own shift and rotation. The value at the optimum is
0. Two sets, with no function and no seed in common: ``REPORTED``, whose results are published, and ``TUNING``, on which
the defaults of the Efficient Dandelion Optimizer were chosen.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ertedge.errors import ConfigurationError
from tools.dandelion import landscapes
from tools.dandelion.landscapes import Float64Array, Landscape

BOX = 100.0
"""Every coordinate lies within plus and minus this."""
SHIFT_SHARE = 0.8
"""The optimum lies within this share of the box."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A function to minimise. ``shift`` is its optimum, (dimensions,); the least value is 0."""

    name: str
    parts: tuple[Part, ...]
    low: Float64Array
    high: Float64Array

    @property
    def dimensions(self) -> int:
        """How many coordinates a point has."""
        return len(self.low)

    @property
    def shift(self) -> Float64Array:
        """The optimum, (dimensions,)."""
        return self.parts[0].shift

    def __call__(self, point: Float64Array) -> float:
        """The value at one point, (dimensions,)."""
        return float(self.values(point[None, :])[0])

    def values(self, points: Float64Array) -> Float64Array:
        """The values at points given as rows, (n, dimensions) to (n,)."""
        if len(self.parts) == 1:
            return self.parts[0].values(points)
        return _composed(self.parts, points)


@dataclass(frozen=True, slots=True)
class Part:
    """A landscape shifted, rotated and scaled. In a composition also: its width, its height and its bias."""

    landscape: Landscape
    shift: Float64Array
    rotation: Float64Array
    scale: float
    width: float = 10.0
    height: float = 1.0
    bias: float = 0.0

    def values(self, points: Float64Array) -> Float64Array:
        """The values at points given as rows."""
        return self.landscape(self.scale * (points - self.shift) @ self.rotation.T)


def _composed(parts: tuple[Part, ...], points: Float64Array) -> Float64Array:
    """A blend in which the nearest part counts most (CEC 2017, section on composition functions)."""
    squares = np.stack([np.square(points - part.shift).sum(axis=1) for part in parts])
    widths = np.array([part.width for part in parts])[:, None]
    near = np.maximum(squares, 1e-300)
    # In logarithms, since far from every part each weight alone would be 0.
    logs = -0.5 * np.log(near) - squares / (2.0 * points.shape[1] * widths**2)
    weights = np.exp(logs - logs.max(axis=0))
    weights /= weights.sum(axis=0)
    heights = np.stack([part.height * part.values(points) + part.bias for part in parts])
    return np.asarray((weights * heights).sum(axis=0), dtype=np.float64)


def hybrid(z: Float64Array) -> Float64Array:
    """Three landscapes, each on its own share of the coordinates: Rastrigin, ellipsoid and Rosenbrock."""
    first, second = int(0.3 * z.shape[1]), int(0.6 * z.shape[1])
    return (
        landscapes.rastrigin(0.0512 * z[:, :first])
        + landscapes.ellipsoid(z[:, first:second])
        + landscapes.rosenbrock(0.02048 * z[:, second:])
    )


SCALES: dict[str, tuple[Landscape, float]] = {
    "sphere": (landscapes.sphere, 1.0),
    "ellipsoid": (landscapes.ellipsoid, 1.0),
    "bent_cigar": (landscapes.bent_cigar, 1.0),
    "discus": (landscapes.discus, 1.0),
    "rosenbrock": (landscapes.rosenbrock, 0.02048),
    "ackley": (landscapes.ackley, 0.32),
    "rastrigin": (landscapes.rastrigin, 0.0512),
    "griewank": (landscapes.griewank, 6.0),
    "schwefel": (landscapes.schwefel, 10.0),
    "levy": (landscapes.levy, 0.1),
    "zakharov": (landscapes.zakharov, 0.1),
    "expanded_schaffer_f6": (landscapes.expanded_schaffer_f6, 1.0),
    "hybrid": (hybrid, 1.0),
    "double_sum": (landscapes.double_sum, 1.0),
    "different_powers": (landscapes.different_powers, 0.05),
    "sharp_ridge": (landscapes.sharp_ridge, 1.0),
    "step_ellipsoid": (landscapes.step_ellipsoid, 0.05),
    "salomon": (landscapes.salomon, 1.0),
    "styblinski_tang": (landscapes.styblinski_tang, 0.05),
    "weierstrass": (landscapes.weierstrass, 0.005),
    "hgbat": (landscapes.hgbat, 0.05),
    "dixon_price": (landscapes.dixon_price, 0.1),
    "bi_rastrigin": (landscapes.bi_rastrigin, 0.05),
    "griewank_rosenbrock": (landscapes.griewank_rosenbrock, 0.05),
    "alpine": (landscapes.alpine, 0.1),
}
"""Landscape and scale by name. The scale brings the box to the width on which the landscape is usually posed."""

REPORTED = (
    "sphere",
    "ellipsoid",
    "bent_cigar",
    "discus",
    "rosenbrock",
    "ackley",
    "rastrigin",
    "griewank",
    "schwefel",
    "levy",
    "zakharov",
    "expanded_schaffer_f6",
    "hybrid",
    "composition",
)
TUNING = (
    "double_sum",
    "different_powers",
    "sharp_ridge",
    "step_ellipsoid",
    "salomon",
    "styblinski_tang",
    "weierstrass",
    "hgbat",
    "dixon_price",
    "bi_rastrigin",
    "griewank_rosenbrock",
    "alpine",
)
TUNING_SEED = 1_000_000
"""Tuning counts its seeds from here, far from those of the published results."""


def make_problem(name: str, dimensions: int, seed: int) -> Problem:
    """The problem of this name with the shift and rotation of ``seed``.

    Raises ``ConfigurationError`` for an unknown name, or fewer than 4 dimensions (the hybrid needs them).
    """
    if dimensions < 4:
        raise ConfigurationError([f"--dimensions must be at least 4, got {dimensions}"])
    low, high = np.full(dimensions, -BOX), np.full(dimensions, BOX)
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    if name == "composition":
        return Problem(name, _composition_parts(dimensions, rng), low, high)
    if name not in SCALES:
        known = ", ".join((*REPORTED, *TUNING))
        raise ConfigurationError([f"no function is called {name!r}; there are {known}"])
    landscape, scale = SCALES[name]
    return Problem(name, (_turned(landscape, scale, dimensions, rng),), low, high)


def at_position(name: str, optimum: Float64Array, centre: float = 0.0) -> Problem:
    """The landscape with its optimum at ``optimum``, neither turned nor scaled beyond ``SCALES``: to measure bias.

    ``centre`` is the middle of the box on every axis.
    """
    landscape, scale = SCALES[name]
    box = np.full(len(optimum), BOX)
    part = Part(landscape, optimum, np.eye(len(optimum)), scale)
    return Problem(name, (part,), centre - box, centre + box)


def check_names(names: Sequence[str]) -> tuple[str, ...]:
    """The names, all known. Raises ``ConfigurationError`` naming every unknown one."""
    unknown = [name for name in names if name not in SCALES and name != "composition"]
    if unknown:
        raise ConfigurationError([f"no function is called {name!r}" for name in unknown])
    return tuple(names)


def random_rotation(dimensions: int, rng: np.random.Generator) -> Float64Array:
    """A rotation or reflection uniform over all of them, (dimensions, dimensions) (Mezzadri 2007, by QR)."""
    q, r = np.linalg.qr(rng.standard_normal((dimensions, dimensions)))
    return np.asarray(q * np.sign(np.diag(r)), dtype=np.float64)


def _turned(landscape: Landscape, scale: float, dimensions: int, rng: np.random.Generator) -> Part:
    shift = rng.uniform(-SHIFT_SHARE * BOX, SHIFT_SHARE * BOX, dimensions)
    return Part(landscape, shift, random_rotation(dimensions, rng), scale)


def _composition_parts(dimensions: int, rng: np.random.Generator) -> tuple[Part, ...]:
    """Rastrigin at the optimum, Griewank and Rosenbrock 100 and 200 above it, elsewhere in the box."""
    recipe = (("rastrigin", 20.0, 1.0, 0.0), ("griewank", 30.0, 10.0, 100.0), ("rosenbrock", 40.0, 1.0, 200.0))
    parts = []
    for name, width, height, bias in recipe:
        turned = _turned(*SCALES[name], dimensions, rng)
        parts.append(Part(turned.landscape, turned.shift, turned.rotation, turned.scale, width, height, bias))
    return tuple(parts)
