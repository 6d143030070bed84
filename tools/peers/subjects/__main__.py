"""One subject answers until its input ends. See the package for the protocol."""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import TextIO

from tools.peers.items import Items
from tools.peers.subjects import Subject


def serve(subject: Subject, items: Items, requests: TextIO, answers: TextIO) -> None:
    """Answers each request with a line."""
    ready = {"version": subject.version, "bytes": subject.size_bytes, "labels": subject.labels}
    print(json.dumps({"ready": ready}), file=answers, flush=True)
    for request in requests:
        start, stop = json.loads(request)
        rows, passed = [], []
        for number in range(start, stop):
            item = subject.prepare(items[number])
            begun = time.process_time_ns()
            row = subject.read(item)
            passed.append(time.process_time_ns() - begun)
            rows.append(row)
        print(json.dumps({"rows": rows, "ns": passed}), file=answers, flush=True)


def main() -> None:
    """``NAME FOLDER [ARGUMENT ...]``."""
    name, folder, *arguments = sys.argv[1:]
    # What a package prints on standard output must not stand between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    subject: Subject = importlib.import_module(f"tools.peers.subjects.{name}").load(arguments)
    serve(subject, Items(Path(folder)), sys.stdin, answers)


if __name__ == "__main__":
    main()
