"""How large a picture is, from the first bytes of its file, before anything decodes it. Floor 1.

A decoder takes three bytes of memory a pixel before anyone can say no; a few hundred bytes of the header tell the size.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import BinaryIO

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm"})
"""The pictures that are read."""

START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""JPEG markers that hold the size (ITU-T T.81, table B.1); the three left out are tables."""
STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""JPEG markers without a length."""


def picture_size(path: Path) -> tuple[int, int] | None:
    """(width, height) in pixels, or None when the file is no picture of a known kind."""
    with path.open("rb") as file:
        head = file.read(64)
        if head.startswith(b"\x89PNG\r\n\x1a\n") and len(head) >= 24:
            return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])
        if head.startswith(b"BM") and len(head) >= 26:
            return _signed(head[18:22]), abs(_signed(head[22:26]))
        if re.match(rb"P[1-6]\s", head):
            return _portable_map_size(head + file.read(1024))
        if head.startswith(b"\xff\xd8"):
            file.seek(2)
            return _jpeg_size(file)
    return None


def _signed(four: bytes) -> int:
    return int.from_bytes(four, "little", signed=True)


def _portable_map_size(head: bytes) -> tuple[int, int] | None:
    fields = re.sub(rb"#[^\n]*\n", b" ", head[2:]).split(maxsplit=2)
    if len(fields) < 2 or not (fields[0].isdigit() and fields[1].isdigit()):
        return None
    return int(fields[0]), int(fields[1])


def _jpeg_size(file: BinaryIO) -> tuple[int, int] | None:
    """Walk the segments to the start of the frame."""
    while file.read(1) == b"\xff":
        while (marker := file.read(1)) == b"\xff":
            pass
        if not marker:
            return None
        if marker[0] in STANDALONE:
            continue
        segment = file.read(7)
        if len(segment) < 7:
            return None
        if marker[0] in START_OF_FRAME:
            return int.from_bytes(segment[5:7]), int.from_bytes(segment[3:5])
        file.seek(int.from_bytes(segment[:2]) - 7, 1)
    return None
