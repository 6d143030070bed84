"""What the store keeps of the device's people. Floor 1; imports only types."""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types import ConsentReceipt, Profile


@dataclass(frozen=True, slots=True)
class NoticeShowing:
    """That the notice of a version was put before somebody, in a language. Whom is not known: nobody had a profile yet."""

    version: int
    language: str
    digest: str
    wall_time_ns: int


@dataclass(frozen=True, slots=True)
class StoredPeople:
    """What to go on with after a restart.

    ``profiles`` by number; ``receipts`` the newest of each person and purpose; ``last_profile_id`` and ``last_receipt_id``
    the greatest numbers ever given; ``requests`` which profile each creation made, by the request's id; ``selected`` who
    said that it is them, 0 for nobody; ``first_showing`` the first time that the notice was shown.
    """

    profiles: tuple[Profile, ...] = ()
    receipts: tuple[ConsentReceipt, ...] = ()
    last_profile_id: int = 0
    last_receipt_id: int = 0
    requests: tuple[tuple[str, int], ...] = ()
    selected: int = 0
    first_showing: NoticeShowing | None = None


@dataclass(frozen=True, slots=True)
class ReceiptPage:
    """Receipts, newest first. ``next_cursor`` is where the next page begins; None on the last."""

    receipts: tuple[ConsentReceipt, ...]
    next_cursor: int | None
