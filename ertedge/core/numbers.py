"""Numbers given once for all people of the device, so that a name such as suggestions/7 means one thing. Floor 2."""

from __future__ import annotations

from dataclasses import dataclass, field


class Numbers:
    """Counts up from the greatest number that was ever given. Belongs to one event loop."""

    def __init__(self) -> None:
        self._last = 0

    @property
    def last(self) -> int:
        """The greatest number given so far; 0 before the first."""
        return self._last

    def go_on_from(self, last: int) -> None:
        """Numbers up to ``last`` were given before, by an earlier run or by the clock."""
        self._last = max(self._last, last)

    def next(self, least: int = 1) -> int:
        """A number that was never given, of at least ``least``."""
        self._last = max(self._last + 1, least)
        return self._last


@dataclass(frozen=True, slots=True)
class SharedNumbers:
    """What is numbered over all people."""

    suggestions: Numbers = field(default_factory=Numbers)
    decisions: Numbers = field(default_factory=Numbers)
    notices: Numbers = field(default_factory=Numbers)
