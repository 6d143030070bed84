"""Check the catalogue's files and report every fault at once: ``python -m ertedge.recommend.check [PATH...] [--json]``.

Floor 1. Without a path it checks the files that come with ertedge; a path is a file or a folder whose activities are added
to those, as ``suggestions.catalogue_dir`` adds them. Exit status: 0 nothing is wrong, 1 something is, one fault a line;
2 bad usage. With ``--json``, one JSON object a line and nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ertedge.recommend.catalogue_file import CatalogueFault
from ertedge.recommend.catalogue_reader import read_catalogue
from ertedge.types import Activity


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what ``arguments`` name and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ertedge.recommend.check", description="Check activity files.")
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a file or a folder of more activities")
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout, nothing else")
    options = parser.parse_args(arguments)
    activities, faults = read_catalogue(options.paths)
    lines = [_json(fault) if options.json else str(fault) for fault in faults]
    if not options.json:
        lines.append(_summary(activities, faults))
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if faults else 0


def _json(fault: CatalogueFault) -> str:
    return json.dumps({"file": fault.path, "activity": fault.activity_id, "fault": fault.what}, ensure_ascii=False)


def _summary(activities: Sequence[Activity], faults: Sequence[CatalogueFault]) -> str:
    if faults:
        return f"{len(faults)} faults" if len(faults) > 1 else "1 fault"
    counts = Counter(activity.language for activity in activities)
    return "no faults: " + ", ".join(f"{count} activities in {language}" for language, count in sorted(counts.items()))


if __name__ == "__main__":
    sys.exit(main())
