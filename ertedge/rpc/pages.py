"""Page tokens and page sizes (AIP-158). Floor 3.

A token is opaque to clients: where the next page begins, and a digest of the kind of request and of every field of it but
the page's size and token. A token that is used with other fields, or was never given out, is an InvalidRequestError.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Sequence
from typing import Any, TypeVar

from google.protobuf.message import Message

from ertedge.errors import InvalidRequestError

DEFAULT_SIZE = 100
MOST_SIZE = 1000
DIGEST_BYTES = 8
_CURSOR = struct.Struct(">q")

Entry = TypeVar("Entry")


def size_of(page_size: int) -> int:
    """How many entries to give: 0 means the default, more than the most means the most."""
    if page_size < 0:
        raise InvalidRequestError([("page_size", f"is {page_size}; give 0 for {DEFAULT_SIZE}, or up to {MOST_SIZE}")])
    return min(page_size, MOST_SIZE) or DEFAULT_SIZE


def token_after(cursor: int | None, request: Message) -> str:
    """The token of the page of ``request`` that begins after ``cursor``; empty when there is none."""
    if cursor is None:
        return ""
    return base64.urlsafe_b64encode(_digest(request) + _CURSOR.pack(cursor)).decode("ascii").rstrip("=")


def cursor_of(request: Message, page_token: str) -> int | None:
    """Where the page begins that ``request`` asks for with ``page_token``; None for the first."""
    if not page_token:
        return None
    try:
        raw = base64.b64decode(page_token + "=" * (-len(page_token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != DIGEST_BYTES + _CURSOR.size:
        raise InvalidRequestError([("page_token", "is not one that was given out; begin again without it")])
    if raw[:DIGEST_BYTES] != _digest(request):
        raise InvalidRequestError(
            [
                (
                    "page_token",
                    "belongs to a request with other fields; keep them as they were, or begin again without it",
                )
            ]
        )
    return int(_CURSOR.unpack(raw[DIGEST_BYTES:])[0])


def slice_of(everything: Sequence[Entry], request: Any) -> tuple[Sequence[Entry], str]:
    """The page of a short list that ``request`` asks for, and the token of the next."""
    first = cursor_of(request, request.page_token) or 0
    end = first + size_of(request.page_size)
    return everything[max(0, first) : end], token_after(end if end < len(everything) else None, request)


def _digest(request: Message) -> bytes:
    """Of what must stay the same from page to page: the kind of request and its fields, less the page's own two."""
    rest = type(request)()
    rest.CopyFrom(request)
    rest.ClearField("page_token")
    rest.ClearField("page_size")
    text = request.DESCRIPTOR.full_name.encode() + b"\0" + rest.SerializeToString(deterministic=True)
    return hashlib.blake2b(text, digest_size=DIGEST_BYTES).digest()
