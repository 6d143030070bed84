"""Finds faces too small for one look at the whole picture (floor 1, perception): by looking at its parts, each enlarged.

The detector's picture has 320x240 pixels, and a face less than 17 of them high is none to it. ``PhotographSearch`` spends
what a still photograph takes; ``FrameSearch`` spends at most one look more on a camera's frame, and only while nobody is in
sight.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ertedge.perception.detector import HEIGHT, OVERLAP_LIMIT, WIDTH, FaceDetector, suppress
from ertedge.types import FaceBox, Float32Array, UInt8Array, VideoFrame

FINEST_ENLARGEMENT = 2.0
"""Enlarged more, a picture shows no more of a face: at 2 the smallest found is 8 or 9 pixels high."""
COARSEST_GAIN = 1.4
"""A level that enlarges less than this beyond the whole look would only repeat it."""
SHARED = 80
"""Neighbouring parts share this many of the network's pixels: what is higher is seen whole at the next coarser level."""
MOST_PARTS = 400
"""Levels so fine that they need more parts are left out: that is a picture of ten megapixels, whose faces are larger."""
EDGE_SHARE = 0.04
"""A box that comes nearer to a cut than this share of its side is likely a piece of a face."""


HELD_LIMIT = 0.7
"""Of two boxes of which one holds so much of the other, only the better is a face."""

MOST_FACES = 1000
"""More of the surest detections never compete: all are compared with all."""


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a picture, in its pixels; it lies inside."""

    left: int
    top: int
    width: int
    height: int

    def of(self, frame: VideoFrame) -> VideoFrame:
        """What the frame shows there; no copy."""
        image = frame.image[self.top : self.top + self.height, self.left : self.left + self.width]
        return VideoFrame(frame.timestamp_ns, image)

    def back(self, face: FaceBox) -> FaceBox:
        """A face of the part in the pixels of the picture."""
        landmarks = (face.landmarks + np.array([self.left, self.top], np.float32)).astype(np.float32)
        return replace(face, left=face.left + self.left, top=face.top + self.top, landmarks=landmarks)

    def inside(self, width: int, height: int) -> bool:
        """True when it lies in a picture of that size."""
        return self.left + self.width <= width and self.top + self.height <= height

    def around(self, face: FaceBox, width: int, height: int) -> Part:
        """A part of this size with ``face`` in its middle, as far as the picture's edges let it."""
        left = round(face.left + (face.width - self.width) / 2)
        top = round(face.top + (face.height - self.height) / 2)
        return replace(self, left=min(max(left, 0), width - self.width), top=min(max(top, 0), height - self.height))

    def cuts(self, face: FaceBox, picture: tuple[int, int]) -> bool:
        """True when ``face`` (in the picture's pixels) reaches an edge of the part inside the ``picture`` (width, height):
        the rest of it may lie beyond."""
        across, down = EDGE_SHARE * face.width, EDGE_SHARE * face.height
        right, bottom = self.left + self.width, self.top + self.height
        return (
            (self.left > 0 and face.left < self.left + across)
            or (self.top > 0 and face.top < self.top + down)
            or (right < picture[0] and face.left + face.width > right - across)
            or (bottom < picture[1] and face.top + face.height > bottom - down)
        )


def whole(image: UInt8Array) -> Part:
    """All of the picture."""
    return Part(0, 0, image.shape[1], image.shape[0])


def parts_at(width: int, height: int, enlargement: float) -> tuple[Part, ...]:
    """Parts that cover a picture, each 320x240 once it is enlarged (or shrunk) by ``enlargement``, neighbours sharing
    ``SHARED`` of these pixels or more; row by row."""
    part_width, part_height = (min(round(s / enlargement), o) for s, o in ((WIDTH, width), (HEIGHT, height)))
    lefts, tops = (
        _starts(whole_side, side, side - SHARED / enlargement)
        for whole_side, side in ((width, part_width), (height, part_height))
    )
    return tuple(Part(left, top, part_width, part_height) for top in tops for left in lefts)


def _starts(length: int, side: int, stride: float) -> list[int]:
    """Where pieces of ``side`` begin that cover ``length`` evenly, no further apart than ``stride``."""
    steps = math.ceil((length - side) / max(stride, 1.0))
    return [round(step * (length - side) / max(steps, 1)) for step in range(steps + 1)]


def levels(width: int, height: int) -> Iterator[tuple[Part, ...]]:
    """The parts of each level, finest first; the whole picture is none of them."""
    once = min(WIDTH / width, HEIGHT / height)
    enlargement = FINEST_ENLARGEMENT
    while enlargement > COARSEST_GAIN * once:
        parts = parts_at(width, height, enlargement)
        if len(parts) <= MOST_PARTS:
            yield parts
        enlargement /= 2


FRAME_SIDES = 3
"""The parts of a frame stand in so many rows and columns, each half as wide and high as the frame."""
FRAME_THRESHOLD = 0.97
"""The least score of a face in a part: an empty room shows its parts all day, so they must not add false alarms. At 0.97
they add none in 162 views of validation photographs and 190 training photographs; at 0.95 in one."""


class FrameSearch:
    """Faces of a camera's frames: one look at the whole and, where it shows nobody, one at a part, in turn, middle first.

    The part in which a face was found is looked at again, moved so that the face is in its middle, until it is lost or the
    whole look shows somebody. A face counts once two such looks in a row have found it, so a chance resemblance at the edge
    of the threshold passes less easily. One search belongs to one camera and one thread.
    """

    def __init__(self, detector: FaceDetector, parts: FaceDetector) -> None:
        """``parts`` is the detector with its own threshold for what is seen of parts only."""
        self._detector = detector
        self._parts = parts
        self._turn = 0
        self._followed: Part | None = None

    def detect(self, frame: VideoFrame) -> tuple[FaceBox, ...]:
        """The faces, best first, in the pixels of ``frame.image``. Raises PerceptionError as ``FaceDetector.detect``."""
        found = self._detector.detect(frame)
        height, width = frame.image.shape[:2]
        if found or min(WIDTH / width, HEIGHT / height) * COARSEST_GAIN > 1:
            self._followed = None  # Seen at once, or the frame has no more pixels than the look.
            return found
        followed = self._followed
        if followed is not None and not followed.inside(width, height):
            followed = None  # The camera changed its resolution.
        parts = frame_parts(width, height)
        part = followed or parts[self._turn % len(parts)]
        faces = tuple(part.back(face) for face in self._parts.detect(part.of(frame)))
        faces = tuple(face for face in faces if not part.cuts(face, (width, height)))
        self._followed = part.around(faces[0], width, height) if faces else None
        if not faces:
            self._turn += 1
        return faces if followed is not None else ()


def frame_parts(width: int, height: int) -> tuple[Part, ...]:
    """Nine overlapping parts of half the frame's sides, the middle one first: there a person most likely is."""
    part_width, part_height = width // 2, height // 2
    steps = range(FRAME_SIDES)
    parts = [
        Part(column * (width - part_width) // 2, row * (height - part_height) // 2, part_width, part_height)
        for row in steps
        for column in steps
    ]
    middle = parts.pop(len(parts) // 2)
    return (middle, *parts)


class PhotographSearch:
    """Every face of a still picture, whatever its size: the whole look, then the parts of every level."""

    def __init__(self, detector: FaceDetector) -> None:
        self._detector = detector

    def detect(self, frame: VideoFrame) -> tuple[FaceBox, ...]:
        """The faces, best first, in the pixels of ``frame.image``. Raises PerceptionError as ``FaceDetector.detect``.

        A face stands once, as the look saw it that was surest of it. A 1000x750 picture takes 97 looks.
        """
        found = list(self._detector.detect(frame))
        height, width = frame.image.shape[:2]
        for parts in levels(width, height):
            for part in parts:
                faces = (part.back(face) for face in self._detector.detect(part.of(frame)))
                found.extend(face for face in faces if not part.cuts(face, (width, height)))
        return merged(found)


def merged(faces: list[FaceBox]) -> tuple[FaceBox, ...]:
    """Best first, less those that overlap a better one, or hold it, or lie in it: an eye or a crowd is no second face."""
    if not faces:
        return ()
    ordered = sorted(faces, key=lambda face: -face.score)[:MOST_FACES]
    boxes = np.array([(f.left, f.top, f.left + f.width, f.top + f.height) for f in ordered], np.float32)
    kept: list[int] = []
    for index in suppress(boxes, OVERLAP_LIMIT):
        if not (_shares_held(boxes[index], boxes[kept]) > HELD_LIMIT).any():
            kept.append(int(index))
    return tuple(ordered[index] for index in kept)


def _shares_held(box: Float32Array, others: Float32Array) -> Float32Array:
    """(n,): of ``box`` (4,) and each of ``others`` (n, 4), the share of the smaller that lies in the larger."""
    shared = np.maximum(np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2]), 0).prod(axis=1)
    areas = (others[:, 2:] - others[:, :2]).prod(axis=1)
    return np.asarray(shared / np.maximum(np.minimum(areas, (box[2:] - box[:2]).prod()), 1e-6), dtype=np.float32)
