"""The drift monitor on people whom its reference never saw: false alarms, and how soon it sees a fault. Host only.

Readings of a session are drawn with replacement, one a second, which plays a sitting of any length; what changes
slowly within one sitting is not in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ertedge.affect.drift import SPOKEN_LEAST, DriftMonitor, Reference
from ertedge.types import Modality, Reason
from tools.drift.faults import NONE
from tools.drift.fit import measured, part_of
from tools.drift.sessions import SessionReadings

USUAL_MINUTES = 60
FAULT_MINUTES = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """Sittings under one fault. ``seen``: those in which there were readings at all, at least ``SPOKEN_LEAST``;
    ``alarmed`` of these, and ``seconds`` (median) to the first alarm; ``dark``: without readings, in a picture too
    dark, which ``affect.unseen`` tells."""

    modality: Modality
    fault: str
    sittings: int
    seen: int
    alarmed: int
    seconds: float | None
    dark: int
    minutes: int

    @property
    def alarms_an_hour(self) -> float:
        """Sittings with an alarm, for each hour in which there were readings."""
        return self.alarmed / max(self.seen * self.minutes / 60.0, 1e-9)

    def as_row(self) -> tuple[str, ...]:
        """What a table says of it."""
        unread = self.sittings - self.seen
        after = "-" if self.seconds is None else f"{self.seconds:.0f} s"
        return (str(self.modality), self.fault, str(self.sittings), f"{unread} ({self.dark})", str(self.alarmed), after)


COLUMNS = ("modality", "fault", "sittings", "nothing to read (too dark)", "alarmed", "after, median")


def run_trial(
    modality: Modality,
    fault: str,
    sessions: Sequence[SessionReadings],
    references: Sequence[Reference],
    seed: int,
) -> Trial:
    """Play ``sessions`` under a fault, each against the one of ``references``, a part of the people each, that did not see
    its person."""
    minutes = USUAL_MINUTES if fault == NONE else FAULT_MINUTES
    seen, dark, delays = 0, 0, []
    for number, session in enumerate(sessions):
        reference = references[part_of(session.person)]
        rows = measured(reference, session)
        if len(rows) < SPOKEN_LEAST:
            dark += sum(Reason.TOO_DARK in reading.reasons for reading in session.readings) > len(session.readings) / 2
            continue
        seen += 1
        random = np.random.default_rng([seed, number])
        monitor = DriftMonitor(reference)
        for second, row in enumerate(random.integers(len(rows), size=minutes * 60), start=1):
            if monitor.count(rows[row]) and monitor.signs:
                delays.append(second)
                break
    found = float(np.median(delays)) if delays else None
    return Trial(modality, fault, len(sessions), seen, len(delays), found, dark, minutes)
