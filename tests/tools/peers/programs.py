"""Small programs that speak the subjects' protocol, or fail to."""

from __future__ import annotations

import sys

LOOP = """
import json, sys, time
def said(**what): print(json.dumps(what), flush=True)
{before}
said(ready=dict(version="1", bytes=2000, labels={labels}))
for number, line in enumerate(sys.stdin):
    start, stop = json.loads(line)
    {each}
"""
ANSWER = "said(rows=[{row} for i in range(start, stop)], ns=[{ns}] * (stop - start))"


def answering(*, row: str = "[i]", ns: int = 1000, before: str = "", labels: str = "[]") -> tuple[str, ...]:
    """Answers ``row``, an expression of ``i``, for each item."""
    return program(ANSWER.format(row=row, ns=ns), before=before, labels=labels)


def program(each: str, *, before: str = "", labels: str = "[]") -> tuple[str, ...]:
    """Does ``each`` for every request, ``number`` from 0, after ``before``."""
    return (sys.executable, "-c", LOOP.format(before=before, each=each, labels=labels))
