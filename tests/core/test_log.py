"""One message, one line, whatever is in it."""

from __future__ import annotations

import logging
import sys

import pytest

from ertedge.core.log import OneLine


def record(level: int, message: str) -> logging.LogRecord:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        return logging.LogRecord("ertedge.core", level, __file__, 1, message, (), sys.exc_info())


@pytest.mark.parametrize("journal", [True, False])
def test_a_traceback_stays_on_the_line_of_its_message(journal: bool) -> None:
    line = OneLine(journal=journal).format(record(logging.ERROR, "it failed\nbadly"))
    assert "\n" not in line
    assert "it failed | badly | Traceback" in line
    assert line.endswith("ValueError: first | second")


@pytest.mark.parametrize(("level", "prefix"), [(logging.ERROR, "<3>"), (logging.WARNING, "<4>"), (logging.INFO, "<6>")])
def test_the_journal_gets_the_level_where_it_looks_for_it(level: int, prefix: str) -> None:
    assert OneLine(journal=True).format(record(level, "x")).startswith(f"{prefix}{logging.getLevelName(level)} ")
