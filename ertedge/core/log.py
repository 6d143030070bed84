"""How the core process logs: one line a message on standard error, with the level where systemd looks for it. Floor 2."""

from __future__ import annotations

import logging
import os
import sys

_SYSTEMD_LEVELS = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}


class OneLine(logging.Formatter):
    """Everything of a record on one line, a traceback too, so that a message is never torn apart in the journal."""

    def __init__(self, *, journal: bool) -> None:
        super().__init__("%(levelname)s %(name)s: %(message)s" if journal else "%(asctime)s %(levelname)s %(message)s")
        self._journal = journal

    def format(self, record: logging.LogRecord) -> str:
        """The line, with ``<level>`` before it for the journal (sd-daemon(3))."""
        line = " | ".join(part.strip() for part in super().format(record).splitlines() if part.strip())
        return f"<{_SYSTEMD_LEVELS.get(record.levelno, 6)}>{line}" if self._journal else line


def start_logging(level: str) -> None:
    """Log to standard error from ``level`` upwards."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(journal="JOURNAL_STREAM" in os.environ))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
