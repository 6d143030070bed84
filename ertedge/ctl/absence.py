"""Why no daemon answers at an address, and what to do about it. Floor 4."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ertedge.rpc.addresses import UnixAddress, parse


@dataclass(frozen=True, slots=True)
class Absence:
    """What was found at an address where no daemon answered."""

    finding: str
    remedy: str


def why_away(address: str) -> Absence:
    """Look at ``address`` (one that ``addresses.parse`` accepts) from outside."""
    start = "start one with `ertedged`, or name another with --address"
    place = parse(address)
    if not isinstance(place, UnixAddress):
        return Absence(f"no daemon answers at {address}", start)
    try:
        there = place.path.exists()
    except PermissionError:
        return Absence(f"{place.path.parent} may not be read by you", _join(place))
    if not there:
        return Absence(f"no daemon answers at {address}", start)
    if not os.access(place.path, os.R_OK | os.W_OK):
        return Absence(f"{place.path} may not be used by you", _join(place))
    return Absence(f"no daemon answers at {address}, though its socket is there", start)


def _join(place: UnixAddress) -> str:
    return f"ask whoever runs the daemon to put you into the group that owns {place.path}"
