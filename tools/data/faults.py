"""Files of a collection that are missing or corrupt: met by name, then stopped at or passed over, as asked. Host only."""

from __future__ import annotations

import sys
from typing import Literal

from ertedge.errors import ConfigurationError

OnFault = Literal["stop", "skip"]
SHOWN = 10
"""So many faults are named before a loader that stops gives up."""


class FaultLog:
    """The faults that a loader met, in order. With ``skip`` each is told on stderr and the loader goes on; with ``stop``
    they are raised together, at the tenth or when the loader is through."""

    def __init__(self, on_fault: OnFault = "stop", source: str = "") -> None:
        self.on_fault = on_fault
        self.source = source
        self.faults: list[str] = []

    def met(self, fault: str) -> None:
        """One fault, which names its file. Raises ConfigurationError at the tenth where faults stop."""
        self.faults.append(fault)
        if self.on_fault == "skip":
            print(f"skipped: {fault}", file=sys.stderr)
        elif len(self.faults) >= SHOWN:
            self.settle()

    def settle(self) -> None:
        """The loader is through. Raises ConfigurationError with what it met where faults stop."""
        if self.faults and self.on_fault == "stop":
            raise ConfigurationError(self.faults[:SHOWN], self.source)

    @property
    def count(self) -> int:
        """How many were met."""
        return len(self.faults)
