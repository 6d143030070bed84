"""Several programs asked for the same items in turn: A, B, C the first few, A, B, C the next, so that what slows the
machine slows all of them alike. Host side only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tqdm import tqdm

from tools.bench.timing import ratio_figure
from tools.peers.items import Array, write_items
from tools.peers.process import PeerError, PeerProcess, Ready

AT_A_TIME = 20
WARM_UP = 3
"""Items that are asked for once before, without counting: memory is allocated and code compiled then."""
Check = Callable[[Any, Ready], Any]
"""What one program makes of one item, looked at and brought into the form of all. Raises ValueError where it is none."""
Command = Callable[[Path], Sequence[str]]
"""How a program is started, given the folder of the items. Raises PeerError where it is known that it cannot."""


@dataclass
class Outcome:
    """What came of one program: ``rows`` (one an item, as ``Check`` made it), ``ns`` of each and its ``peak_bytes``. Where
    ``fault`` is not empty, the rest does not count."""

    ready: Ready | None = None
    rows: list[Any] = field(default_factory=list)
    ns: list[int] = field(default_factory=list)
    peak_bytes: int = 0
    fault: str = ""

    def times_of(self, other: Outcome) -> float:
        """How many times as long as ``other`` it takes: the median over the items."""
        return ratio_figure("", other.ns, self.ns).value


def ask_in_turn(
    commands: Mapping[str, Command], items: Sequence[Array], check: Check, folder: Path, title: str
) -> dict[str, Outcome]:
    """Every program's outcome, by its name. ``folder`` gets the items and what the programs complain of."""
    write_items(folder, items)
    outcomes = {name: Outcome() for name in commands}
    running: dict[str, PeerProcess] = {}
    try:
        for name, command in tqdm(commands.items(), desc=f"{title}: loading", file=sys.stderr, leave=False):
            with _fault_kept(outcomes[name]):
                running[name] = PeerProcess(command(folder), folder)
                outcomes[name].ready = running[name].ready
                running[name].ask(0, min(WARM_UP, len(items)))
        starts = range(0, len(items), AT_A_TIME)
        for start in tqdm(starts, desc=title, file=sys.stderr, leave=False):
            for name, process in running.items():
                if outcomes[name].fault:
                    # What hangs would go on to take the core from the others.
                    process.close()
                    continue
                with _fault_kept(outcomes[name]):
                    _ask(process, outcomes[name], start, min(start + AT_A_TIME, len(items)), check)
        for name, process in running.items():
            if not outcomes[name].fault:
                with _fault_kept(outcomes[name]):
                    outcomes[name].peak_bytes = process.peak_bytes()
    finally:
        for process in running.values():
            process.close()
    return outcomes


def _ask(process: PeerProcess, outcome: Outcome, start: int, stop: int, check: Check) -> None:
    answers = process.ask(start, stop)
    try:
        outcome.rows += [check(row, process.ready) for row in answers.rows]
    except (ValueError, TypeError) as error:
        raise PeerError(f"answered rubbish: {error}") from None
    outcome.ns += answers.ns


@contextmanager
def _fault_kept(outcome: Outcome) -> Iterator[None]:
    """Keeps a PeerError as its outcome's fault, so that the others go on."""
    try:
        yield
    except PeerError as error:
        outcome.fault = str(error)
