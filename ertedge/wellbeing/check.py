"""Check questionnaire files and report every fault at once: ``python -m ertedge.wellbeing.check [FOLDER...] [--json]``.

Floor 1. Without a folder it checks the files that come with ertedge; a folder's questionnaires are added to those, as
``assessments.questionnaires_dir`` adds them. Exit status: 0 nothing is wrong, 1 something is, one fault a line; 2 bad usage.
With ``--json``, one JSON object a line and nothing else.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ertedge.wellbeing.library import Instrument, read_library


def main(arguments: Sequence[str] | None = None) -> int:
    """Check what ``arguments`` name and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m ertedge.wellbeing.check", description="Check questionnaire files.")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="a folder of more questionnaires")
    parser.add_argument("--json", action="store_true", help="one JSON object a line on stdout, nothing else")
    options = parser.parse_args(arguments)
    instruments, faults = read_library(options.folders)
    if options.json:
        lines = [json.dumps({"fault": fault}, ensure_ascii=False) for fault in faults]
    else:
        lines = [*faults, _summary(instruments, len(faults))]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    return 1 if faults else 0


def _summary(instruments: Sequence[Instrument], faults: int) -> str:
    if faults:
        return f"{faults} faults" if faults > 1 else "1 fault"
    names = sorted(f"{each.questionnaire.questionnaire_id} ({each.questionnaire.language})" for each in instruments)
    return "no faults: " + ", ".join(dict.fromkeys(names))


if __name__ == "__main__":
    sys.exit(main())
