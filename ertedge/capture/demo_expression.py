"""The demo's face made sad: a warp of the photograph, and a little light and shade where a warp alone does not do.

Floor 1. The photograph smiles, with teeth. What changes are the action units of sadness in Ekman and Friesen's coding
(Facial Action Coding System, 1978): the inner brows rise and draw together (1, 4), the lids come down a little, the corners
of the mouth go down (15), and those of the smile, raised cheeks and parted lips (6, 12, 25), let go. Points of the face move
as a thin-plate spline moves them (Bookstein 1989, doi 10.1109/34.24792), and the rest follows smoothly, without a fold.

How far each part moves was searched with the shipped detector and FaceNet looking on: over the demo's movement the face is
read as sadness with a mean probability of 0.96. To the network it is one more picture.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ertedge.types import Float32Array, UInt8Array

Float64Array = NDArray[np.float64]
Points = tuple[tuple[float, float], ...]

LEFT, TOP, WIDTH, HEIGHT = 150, 52, 146, 140
"""The part of the photograph that changes, in its pixels."""
RIM = 12
"""Pixels over which the change fades towards the edge of that part."""
STIFFNESS = 0.02
"""How far the spline may miss its points, so that it stays smooth between close ones."""

MIDLINE = 223.7
MOUTH_HALF_WIDTH = 19.5
LIPS_X = (204.5, 208.0, 211.0, 214.0, 218.0, 223.7, 229.5, 233.5, 236.5, 239.5, 243.2)
UPPER_LIP = (139.5, 139.6, 139.8, 140.0, 139.9, 140.4, 139.9, 140.0, 139.8, 139.6, 139.5)
UPPER_TEETH = (140.5, 141.0, 141.6, 142.3, 142.9, 143.1, 142.9, 142.3, 141.6, 141.0, 140.6)
LOWER_TEETH = (140.8, 143.6, 146.2, 148.0, 149.6, 150.2, 149.6, 148.0, 146.2, 143.4, 140.9)
LOWER_LIP = (142.0, 146.5, 149.5, 151.8, 154.0, 155.2, 154.0, 151.8, 149.5, 146.5, 142.0)
"""Where the smile's lips are, from above to below, at ``LIPS_X``."""

CLOSED_Y = 144.5
"""Where the lips meet in the middle once they are closed."""
CORNERS_DOWN = 7.1
NARROWER = 0.1
"""How far the corners then lie below the middle, and by what share the mouth loses its smile's width."""

MOVES: tuple[tuple[float, float, float, float], ...] = (
    # x, y, and by how much they move: brows from outer to inner end, the person's right one first
    (190.0, 90.0, 0.0, 3.0), (201.0, 88.8, 1.6, -1.4), (212.5, 92.0, 3.1, -5.7),
    (262.5, 92.5, 0.0, 3.0), (250.5, 91.2, -1.6, -1.4), (238.7, 93.0, -3.1, -5.7),
    # eyes: upper lid, lower lid, outer and inner corner
    (202.8, 97.2, 0.0, 3.0), (202.8, 104.5, 0.0, 0.45), (194.0, 101.0, 0.0, 1.7), (212.0, 103.0, 0.0, 0.0),
    (246.8, 99.2, 0.0, 3.0), (246.8, 106.5, 0.0, 0.45), (256.5, 103.0, 0.0, 1.7), (238.0, 104.0, 0.0, 0.0),
    # cheeks sink, chin
    (196.0, 137.0, -1.4, 5.0), (203.0, 128.0, -1.4, 5.0), (251.5, 137.0, 1.4, 5.0), (245.0, 128.0, 1.4, 5.0),
    (223.7, 166.0, 0.0, 0.9),
)  # fmt: skip

STILL: Points = (
    (213, 128), (224, 131), (235, 128), (224, 112), (160, 60), (190, 56), (223, 54), (260, 56), (290, 62), (156, 100),
    (292, 100), (180, 100), (270, 102), (158, 150), (290, 150), (182, 140), (268, 140), (192, 165), (258, 165),
    (205, 184), (223.7, 190), (243, 184), (223.7, 177.5), (160, 185), (288, 185), (205, 76), (243, 76), (223.7, 80),
)  # fmt: skip
"""What does not move: nose, forehead, temples, jaw, hair."""

TEETH: Points = (
    (204.5, 140.3), (208, 140.8), (213, 142.2), (223.7, 143.2), (233, 142.2), (239, 140.8), (243.2, 140.7), (240, 144),
    (236, 147.3), (230, 149.6), (223.7, 150.2), (217, 149.3), (211, 146.6), (207, 143),
)  # fmt: skip
MOUTH_COLOUR = (52, 42, 92)
"""BGR of the line between closed lips."""
CREASES: tuple[Points, ...] = (
    ((204, 126), (200, 131), (197.5, 137), (199, 142), (203, 145)),
    ((244, 126), (247, 131), (250, 137), (249, 142), (245, 145)),
)
"""The lines that a smile draws beside the mouth."""
CREASES_LEFT = 0.5
SHADES: tuple[tuple[Points, float, float, float], ...] = (
    # under the eyes and under the lower lip: line, its width, how soft, how dark
    (((196, 107.5), (203, 110), (210, 108)), 2.4, 1.5, 0.47),
    (((240, 109.5), (247, 111.5), (254, 109)), 2.4, 1.5, 0.47),
    (((214, 155.6), (223.7, 152.5), (233.4, 155.6)), 3.0, 2.0, 0.28),
)


class SadFace:
    """The photograph with its face sad to any degree. ``photograph`` is (512, 512, 3) uint8, BGR."""

    def __init__(self, photograph: UInt8Array) -> None:
        self._photograph = photograph
        self._smile = photograph[_PART].astype(np.float32)
        self._smooth = _without_smile(photograph[_PART])
        self._shift = _shift()
        self._shade = _shade()[..., None]
        self._degree = 0.0
        self._shown = photograph

    def at(self, degree: float) -> UInt8Array:
        """The photograph with the face sad to ``degree``, from 0 (as photographed) to 1; not to be written to."""
        if degree != self._degree:
            self._degree = degree
            self._shown = self._made(degree) if degree > 0.0 else self._photograph
        return self._shown

    def _made(self, degree: float) -> UInt8Array:
        import cv2

        rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
        places = (np.stack([columns, rows], axis=-1) + degree * self._shift).astype(np.float32)
        face = self._smile + degree * (self._smooth - self._smile)
        moved = cv2.remap(face, places[..., 0], places[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        shaded = np.asarray(moved, dtype=np.float32) * (1.0 - degree * self._shade)
        made = self._photograph.copy()
        made[_PART] = np.clip(shaded + 0.5, 0, 255).astype(np.uint8)
        return made


_PART = (slice(TOP, TOP + HEIGHT), slice(LEFT, LEFT + WIDTH))


def _mouth() -> list[tuple[float, float, float, float]]:
    """The lips, closed and drawn down at the corners, as rows of ``MOVES``."""
    moves = []
    for x, *contours in zip(LIPS_X, UPPER_LIP, UPPER_TEETH, LOWER_TEETH, LOWER_LIP, strict=True):
        outward = abs(x - MIDLINE) / MOUTH_HALF_WIDTH
        fullness = 1.0 - min(outward, 1.0) ** 2.5
        line = CLOSED_Y + CORNERS_DOWN * outward**2.5
        above = (line - 0.6 - 2.8 * fullness, line - 0.5 * fullness)
        below = (line + 0.15 + 0.5 * fullness, line + 0.6 + 3.1 * fullness)
        inward = (MIDLINE - x) * NARROWER
        here = [(x, y, inward, goal - y) for y, goal in zip(contours, above + below, strict=True)]
        moves += here if outward < 0.95 else here[1:3]
    return moves


def _shift() -> Float64Array:
    """(HEIGHT, WIDTH, 2): for every pixel of the sad face, how far off (x, y) the photograph has what belongs there."""
    moves = np.array([*MOVES, *_mouth(), *((x, y, 0.0, 0.0) for x, y in STILL)])
    begin, shift = moves[:, :2], moves[:, 2:]
    columns = np.arange(LEFT, LEFT + WIDTH, dtype=np.float64)
    spline = ThinPlateSpline(begin + shift, -shift)
    # Row by row, since all pixels at once take memory that the process would keep.
    rows = [spline.at(np.stack([columns, np.full(WIDTH, float(y))], axis=1)) for y in range(TOP, TOP + HEIGHT)]
    edge_x, edge_y = (np.clip(np.minimum(np.arange(n), n - 1 - np.arange(n)) / RIM, 0, 1) for n in (WIDTH, HEIGHT))
    return np.asarray(np.stack(rows) * (edge_y[:, None] * edge_x)[..., None])


class ThinPlateSpline:
    """The smoothest surface through ``values`` (n, k) at ``points`` (n, 2).

    Bookstein's kernel r^2 log r with an affine part; ``STIFFNESS`` on the diagonal lets it miss its points a little.
    """

    def __init__(self, points: Float64Array, values: Float64Array) -> None:
        count = len(points)
        affine = np.hstack([np.ones((count, 1)), points])
        system = np.zeros((count + 3, count + 3))
        system[:count, :count] = _kernel(points, points) + STIFFNESS * np.eye(count)
        system[:count, count:] = affine
        system[count:, :count] = affine.T
        solved = np.linalg.solve(system, np.vstack([values, np.zeros((3, values.shape[1]))]))
        self._points, self._bends, self._affine = points, solved[:count], solved[count:]

    def at(self, places: Float64Array) -> Float64Array:
        """Its values at ``places`` (m, 2): (m, k)."""
        flat = np.hstack([np.ones((len(places), 1)), places]) @ self._affine
        return np.asarray(_kernel(places, self._points) @ self._bends + flat)


def _kernel(ones: Float64Array, others: Float64Array) -> Float64Array:
    squares = ((ones[:, None, :] - others[None, :, :]) ** 2).sum(axis=-1)
    return np.asarray(0.5 * squares * np.log(np.maximum(squares, 1e-12)))


def _without_smile(part: UInt8Array) -> Float32Array:
    """The part with the teeth as dark as the line between lips, and the creases of the smile half gone."""
    import cv2

    teeth = _drawn(TEETH, None, 0.5)[..., None]
    lines = np.maximum.reduce([_drawn(crease, 6.0, 0.0) for crease in CREASES]) > 0.3
    lines &= _drawn(TEETH, None, 1.2) < 0.05
    mask = lines.astype(np.uint8)
    healed = cv2.inpaint(np.ascontiguousarray(part), mask, 5, cv2.INPAINT_TELEA).astype(np.float32)
    soft = (1.0 - CREASES_LEFT) * cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 1.5)[..., None]
    smooth = part * (1.0 - soft) + healed * soft
    return np.asarray(smooth * (1.0 - teeth) + np.array(MOUTH_COLOUR, np.float32) * teeth, dtype=np.float32)


def _shade() -> Float32Array:
    """(HEIGHT, WIDTH): the share of the light that is taken from the sad face."""
    return np.asarray(sum(dark * _drawn(line, width, soft) for line, width, soft, dark in SHADES), dtype=np.float32)


def _drawn(points: Points, width: float | None, soft: float) -> Float32Array:
    """(HEIGHT, WIDTH) in [0, 1]: a line of ``width`` pixels, or the area inside without one; ``soft`` blurs it."""
    import cv2

    finer = 8
    canvas = np.zeros((HEIGHT * finer, WIDTH * finer), np.uint8)
    corners = ((np.array(points) - (LEFT, TOP) + 0.5) * finer).astype(np.int32)
    if width is None:
        cv2.fillPoly(canvas, [corners], 255)
    else:
        cv2.polylines(canvas, [corners], False, 255, math.ceil(width * finer))
    drawn = cv2.resize(canvas, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(drawn, (0, 0), soft) if soft else drawn, dtype=np.float32)
