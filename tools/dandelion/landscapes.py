"""The classic test functions in their plain form: optimum 0 at the origin, no shift, no rotation. Host side only.

Every function takes points as rows, (n, dimensions), and returns (n,) values, float64, never below 0 and 0 at the
origin. ``functions.py`` moves, turns and scales them. Formulas are those of the literature (Jamil and Yang 2013,
doi 10.1504/IJMMNO.2013.055204; the CEC 2017 report of Awad et al.; the BBOB report of Hansen et al. 2009), rewritten so
that the optimum is at the origin.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Float64Array = npt.NDArray[np.float64]
Landscape = Callable[[Float64Array], Float64Array]


def _ramp(dimensions: int) -> Float64Array:
    """0 to 1 over the coordinates, (dimensions,)."""
    return np.linspace(0.0, 1.0, dimensions)


def sphere(z: Float64Array) -> Float64Array:
    """Sum of squares: separable, round."""
    return np.square(z).sum(axis=1)


def ellipsoid(z: Float64Array) -> Float64Array:
    """Squares weighted from 1 to 1e6: condition number a million."""
    return np.square(z) @ 10.0 ** (6.0 * _ramp(z.shape[1]))


def bent_cigar(z: Float64Array) -> Float64Array:
    """One long axis: every other is a million times steeper."""
    return z[:, 0] ** 2 + 1e6 * np.square(z[:, 1:]).sum(axis=1)


def discus(z: Float64Array) -> Float64Array:
    """One steep axis among flat ones."""
    return 1e6 * z[:, 0] ** 2 + np.square(z[:, 1:]).sum(axis=1)


def rosenbrock(z: Float64Array) -> Float64Array:
    """A curved valley (its optimum at 1 is moved to the origin)."""
    x = z + 1.0
    return (100.0 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (x[:, :-1] - 1.0) ** 2).sum(axis=1)


def ackley(z: Float64Array) -> Float64Array:
    """Nearly flat outside, a funnel with ripples inside."""
    root = np.sqrt(np.square(z).mean(axis=1))
    waves = np.cos(2.0 * np.pi * z).mean(axis=1)
    return np.maximum(20.0 - 20.0 * np.exp(-0.2 * root) + np.e - np.exp(waves), 0.0)


def rastrigin(z: Float64Array) -> Float64Array:
    """A bowl with a regular grid of about 10^dimensions minima."""
    return (np.square(z) - 10.0 * np.cos(2.0 * np.pi * z) + 10.0).sum(axis=1)


def griewank(z: Float64Array) -> Float64Array:
    """A wide bowl with fine ripples."""
    waves = np.cos(z / np.sqrt(np.arange(1, z.shape[1] + 1))).prod(axis=1)
    return np.square(z).sum(axis=1) / 4000.0 - waves + 1.0


SCHWEFEL_POSITION = 420.968746
"""Where x sin(sqrt|x|) is greatest within 500."""


def schwefel(z: Float64Array) -> Float64Array:
    """The best basin lies far from the second best. Outside 500 the function is mirrored and pays a square penalty, as in
    CEC 2017."""
    x = z + SCHWEFEL_POSITION
    inside = np.clip(x, -500.0, 500.0)
    beyond = x - inside
    at_best = SCHWEFEL_POSITION * np.sin(np.sqrt(SCHWEFEL_POSITION))
    reflected = inside - np.clip(beyond, -500.0, 500.0)
    value = at_best - reflected * np.sin(np.sqrt(np.abs(reflected))) + np.square(beyond) / 10000.0
    return np.maximum(value, 0.0).sum(axis=1)


def levy(z: Float64Array) -> Float64Array:
    """Ripples over a bowl, steeper along the first axis than along the last."""
    w = 1.0 + z / 4.0
    first = np.sin(np.pi * w[:, 0]) ** 2
    middle = ((w[:, :-1] - 1.0) ** 2 * (1.0 + 10.0 * np.sin(np.pi * w[:, :-1] + 1.0) ** 2)).sum(axis=1)
    last = (w[:, -1] - 1.0) ** 2 * (1.0 + np.sin(2.0 * np.pi * w[:, -1]) ** 2)
    return first + middle + last


def zakharov(z: Float64Array) -> Float64Array:
    """A bowl with a fourth-power wall across one direction."""
    across = z @ (0.5 * np.arange(1, z.shape[1] + 1))
    return np.square(z).sum(axis=1) + across**2 + across**4


def expanded_schaffer_f6(z: Float64Array) -> Float64Array:
    """Rings around the optimum of every pair of neighbouring coordinates."""
    squares = np.square(z) + np.square(np.roll(z, -1, axis=1))
    return (0.5 + (np.sin(np.sqrt(squares)) ** 2 - 0.5) / (1.0 + 0.001 * squares) ** 2).sum(axis=1)


def double_sum(z: Float64Array) -> Float64Array:
    """Squares of the running sums (Schwefel 1.2): a rotated ellipsoid."""
    return np.square(np.cumsum(z, axis=1)).sum(axis=1)


def different_powers(z: Float64Array) -> Float64Array:
    """Exponents from 2 to 6: flatter and flatter near the optimum."""
    return (np.abs(z) ** (2.0 + 4.0 * _ramp(z.shape[1]))).sum(axis=1)


def sharp_ridge(z: Float64Array) -> Float64Array:
    """A ridge that is not smooth, to be followed to its end."""
    return z[:, 0] ** 2 + 100.0 * np.sqrt(np.square(z[:, 1:]).sum(axis=1))


def step_ellipsoid(z: Float64Array) -> Float64Array:
    """An ellipsoid in steps: no slope to follow between them."""
    stepped = np.where(np.abs(z) > 0.5, np.floor(z + 0.5), np.floor(10.0 * z + 0.5) / 10.0)
    return np.square(stepped) @ 100.0 ** _ramp(z.shape[1])


def salomon(z: Float64Array) -> Float64Array:
    """Rings around the optimum."""
    radius = np.sqrt(np.square(z).sum(axis=1))
    return 1.0 - np.cos(2.0 * np.pi * radius) + 0.1 * radius


STYBLINSKI_POSITION = -2.903534027771177


def styblinski_tang(z: Float64Array) -> Float64Array:
    """Two basins in every coordinate, one of them deeper."""
    x = z + STYBLINSKI_POSITION
    p = STYBLINSKI_POSITION
    least = p**4 - 16.0 * p**2 + 5.0 * p
    return np.maximum(0.5 * (x**4 - 16.0 * x**2 + 5.0 * x - least), 0.0).sum(axis=1)


def weierstrass(z: Float64Array) -> Float64Array:
    """Continuous, and rough at every scale (12 octaves)."""
    total = np.zeros(len(z))
    for octave in range(13):
        amplitude, frequency = 0.5**octave, 3.0**octave
        total += amplitude * (1.0 - np.cos(2.0 * np.pi * frequency * z)).sum(axis=1)
    return total


def hgbat(z: Float64Array) -> Float64Array:
    """A curved valley between two spheres (optimum at -1 moved to the origin)."""
    x = z - 1.0
    squares, plain = np.square(x).sum(axis=1), x.sum(axis=1)
    return np.sqrt(np.abs(squares**2 - plain**2)) + (0.5 * squares + plain) / z.shape[1] + 0.5


def dixon_price(z: Float64Array) -> Float64Array:
    """A chain in which every coordinate is tied to the one before; its optimum is moved to the origin."""
    index = np.arange(1, z.shape[1] + 1)
    x = z + 2.0 ** -((2.0**index - 2.0) / 2.0**index)
    return (x[:, 0] - 1.0) ** 2 + np.square(2.0 * x[:, 1:] ** 2 - x[:, :-1]) @ index[1:]


def bi_rastrigin(z: Float64Array) -> Float64Array:
    """Two funnels, the wrong one wider (Lunacek), with ripples on both."""
    dimensions = z.shape[1]
    near, slope = 2.5, 1.0 - 1.0 / (2.0 * np.sqrt(dimensions + 20.0) - 8.2)
    far = -np.sqrt((near**2 - 1.0) / slope)
    x = z + near
    right = np.square(x - near).sum(axis=1)
    wrong = dimensions + slope * np.square(x - far).sum(axis=1)
    return np.minimum(right, wrong) + 10.0 * (1.0 - np.cos(2.0 * np.pi * z)).sum(axis=1)


def griewank_rosenbrock(z: Float64Array) -> Float64Array:
    """Griewank of Rosenbrock of neighbouring coordinates: a rippled valley."""
    x = z + 1.0
    valley = 100.0 * (x**2 - np.roll(x, -1, axis=1)) ** 2 + (x - 1.0) ** 2
    return (valley**2 / 4000.0 - np.cos(valley) + 1.0).sum(axis=1)


def alpine(z: Float64Array) -> Float64Array:
    """Sharp ridges that meet at the optimum."""
    return np.abs(z * np.sin(z) + 0.1 * z).sum(axis=1)
