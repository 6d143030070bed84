"""The whole terminal as a picture that is drawn again and again, and the keys pressed before it. Floor 4."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol

from rich.console import Console, RenderableType
from rich.live import Live

from ertedge.ctl.keys import Keys, pressed_keys


class Screen(Protocol):
    """Where pictures are drawn, and keys pressed."""

    @property
    def keys(self) -> Keys:
        """The keys pressed so far."""

    @property
    def height(self) -> int:
        """Lines that there are now; a window may change its size."""

    def draw(self, picture: RenderableType) -> None:
        """Show ``picture`` in place of the one before."""


class TerminalScreen:
    """The screen of a terminal, as ``open_screen`` opens it."""

    def __init__(self, console: Console, keys: Keys, live: Live) -> None:
        self.keys = keys
        self._console = console
        self._live = live

    @property
    def height(self) -> int:
        """As ``Screen.height``."""
        return self._console.size.height

    def draw(self, picture: RenderableType) -> None:
        """As ``Screen.draw``."""
        self._live.update(picture, refresh=True)


@contextlib.contextmanager
def open_screen(console: Console, *, arrows: bool = False) -> Iterator[Screen]:
    """Take the terminal, within a running event loop; at the end it is as it was before. ``arrows``: they are keys too."""
    with pressed_keys(arrows=arrows) as keys, Live(console=console, auto_refresh=False, screen=True) as live:
        yield TerminalScreen(console, keys, live)


def is_screen(console: Console) -> bool:
    """Whether ``console`` is a terminal that can show a picture."""
    return console.is_terminal and not console.is_dumb_terminal
