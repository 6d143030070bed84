"""``python -m tools.peers --root DATA [--only NAME,...] [--limit N] [--json]``: ours beside what a person would otherwise
install. See the package; ``make bench-peers`` installs the peers first."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.inference.manifest import default_models_dir
from tools.evaluation.card_tables import write_tables
from tools.evaluation.report import Report, print_report
from tools.peers import faces, frames, sounds, voices
from tools.peers.roster import CONTESTANTS, OURS, Contestant, Places, Section, Task

SECTIONS: tuple[Section, ...] = ("faces", "frames", "sounds")
VOICES = "voices"
OPENSMILE = "opensmile"
USUAL = {"faces": 1500, "frames": 150, "sounds": 0, VOICES: 0}
"""Faces, frames, clips of each speaker (all if 0): what keeps all of it under ten minutes of one core."""
WORK_NOTE = (
    "Each program on one core and one thread, in turn. Time: the processor's, the median over items of its time over ours. "
    "Memory: the peak of the process above that of its bare interpreter; in brackets, times ours."
)
INTERVALS_NOTE = "Square brackets: 95% intervals."
NOTES = {
    "faces": (WORK_NOTE, INTERVALS_NOTE),
    "frames": (WORK_NOTE, INTERVALS_NOTE),
    "sounds": (WORK_NOTE,),
    VOICES: (f"{INTERVALS_NOTE} ±: the standard deviation over folds or speakers.",),
}
DEFAULT_PEERS = Path(sys.prefix).with_name(Path(sys.prefix).name + "-peers")


def main(
    *,
    root: Annotated[Path, typer.Option(help="The folder with ferplus/, face_detection/, ravdess/ and the others.")],
    models: Annotated[Path | None, typer.Option(help="The folder with manifest.toml.")] = None,
    peers: Annotated[Path, typer.Option(help="Where make bench-peers put the peers.")] = DEFAULT_PEERS,
    only: Annotated[str, typer.Option(help="Sections (faces, frames, sounds, voices) or names, by comma.")] = "",
    limit: Annotated[
        int,
        typer.Option(
            help=f"At most so many faces, frames and clips of each speaker; 0: {USUAL['faces']} faces, "
            f"{USUAL['frames']} frames, all clips."
        ),
    ] = 0,
    card: Annotated[Path | None, typer.Option(help="Put the tables into this card, between its marks.")] = None,
    seed: Annotated[int, typer.Option(help="Frames, inner folds and intervals.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Measure ours beside its peers on the same pictures and sounds, each a process on one core, in turn."""
    try:
        if limit < 0:
            raise ConfigurationError(["--limit must not be negative"])
        chosen = contestants_named(only)
        places = Places(root.resolve(), (models or default_models_dir()).resolve(), peers.absolute())
        with tempfile.TemporaryDirectory(prefix="ertedge-peers-") as folder:
            for section, some in chosen.items():
                task = Task(places, some, Path(folder) / section, limit or USUAL[section], seed)
                report = compare(section, task)
                print_report(report, as_json=json_)
                if card is not None:
                    write_tables(card, section, report)
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error


def contestants_named(only: str) -> dict[str, dict[str, Contestant]]:
    """Whom to measure in each section; ours wherever anybody is, since the others are said as ratios to it. Raises
    ConfigurationError for a name that is nobody's."""
    wanted = {name.strip() for name in only.split(",") if name.strip()}
    names = [*SECTIONS, VOICES, *dict.fromkeys(one.name for one in CONTESTANTS)]
    if unknown := sorted(wanted - set(names)):
        raise ConfigurationError([f"there is no {', '.join(unknown)}; choose of {', '.join(names)}"])
    chosen: dict[str, dict[str, Contestant]] = {}
    for section in SECTIONS:
        there = {one.name: one for one in CONTESTANTS if one.section == section}
        asked = {name for name in there if not wanted or section in wanted or name in wanted}
        if asked:
            chosen[section] = {name: one for name, one in there.items() if name in asked or name == OURS}
    if not wanted or wanted & {VOICES, OPENSMILE}:
        chosen[VOICES] = {one.name: one for one in CONTESTANTS if one.name == OPENSMILE}
    return chosen


def compare(section: str, task: Task) -> Report:
    """One section's table, with what is to be known of it."""
    if section == "faces":
        figures, table = faces.measure(task)
    elif section == "frames":
        figures, table = frames.measure(task)
    elif section == "sounds":
        figures, table = sounds.measure(task, voices.load_clips(task.places.root, task.limit))
    else:
        figures, table = voices.measure(task, voices.load_clips(task.places.root, task.limit))
    return Report(f"ours and its peers: {section}", tuple(figures), (*NOTES[section], *_about(task)), (table,))


def _about(task: Task) -> list[str]:
    """A sentence on everybody: how it got its items and what it learnt from."""
    return [
        f"{one.name}: {one.about}{f'; learnt from {one.learnt}' if one.learnt else ''}."
        for one in task.contestants.values()
    ]


if __name__ == "__main__":
    typer.run(main)
