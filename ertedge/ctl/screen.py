"""The whole terminal as a picture that is drawn again and again, and the keys pressed before it. Floor 4."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, RenderableType
from rich.live import Live

from ertedge.ctl.keys import Keys, pressed_keys


@dataclass(frozen=True, slots=True)
class Screen:
    """What ``open_screen`` opened."""

    console: Console
    keys: Keys
    _live: Live

    @property
    def height(self) -> int:
        """Lines of the terminal as it is now."""
        return self.console.size.height

    def draw(self, picture: RenderableType) -> None:
        """Show ``picture`` in place of the one before."""
        self._live.update(picture, refresh=True)


@contextlib.contextmanager
def open_screen(console: Console) -> Iterator[Screen]:
    """Take the terminal, within a running event loop; at the end it is as it was before."""
    with pressed_keys() as keys, Live(console=console, auto_refresh=False, screen=True) as live:
        yield Screen(console, keys, live)


def is_screen(console: Console) -> bool:
    """Whether ``console`` is a terminal that can show a picture."""
    return console.is_terminal and not console.is_dumb_terminal
