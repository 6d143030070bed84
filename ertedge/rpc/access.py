"""Who reads what a person feels, for the privacy ledger. Floor 3.

The same client doing the same again within a minute is one entry, so that a page-by-page reading, or a phone that reconnects
all the time, does not bury the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from ertedge.core.device import Ledger

AGAIN_NS = 60 * 1_000_000_000
KNOWN_MOST = 256


def who(peer: str) -> str:
    """gRPC's name of a peer as people say it: without the port, which changes with every connection."""
    if peer.startswith("unix:"):
        return "the local socket"
    if peer.startswith(("ipv4:", "ipv6:")):
        host = peer.split(":", 1)[1].rpartition(":")[0]
        return host.replace("%5B", "").replace("%5D", "").strip("[]")
    return peer


class AccessLog:
    """Writes into ``ledger``. ``now_ns`` is the monotonic clock."""

    def __init__(self, ledger: Ledger, now_ns: Callable[[], int] = time.monotonic_ns) -> None:
        self._ledger = ledger
        self._now_ns = now_ns
        self._noted_ns: dict[tuple[str, str], int] = {}

    def note(self, event: str, peer: str, what: str) -> None:
        """Write that ``peer`` did ``what``, unless it was written within the last minute."""
        subject, now_ns = who(peer), self._now_ns()
        noted_ns = self._noted_ns.get((event, subject))
        if noted_ns is not None and now_ns - noted_ns < AGAIN_NS:
            return
        if len(self._noted_ns) >= KNOWN_MOST:
            self._noted_ns.clear()
        self._noted_ns[event, subject] = now_ns
        self._ledger.record_ledger(event, subject, f"A client at {subject} {what}.")
