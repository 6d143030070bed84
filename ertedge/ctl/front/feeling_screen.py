"""Asks how somebody feels, on the whole screen, by one key. Floor 4."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from ertedge.ctl.front.calibration_words import FEELING
from ertedge.ctl.keys import ESCAPE
from ertedge.ctl.screen import Screen
from ertedge.types import Emotion

CHOICES: dict[str, Emotion] = {str(number): emotion for number, emotion in enumerate(FEELING, 1)}


async def ask_feeling(screen: Screen, question: str = "") -> Emotion | None:
    """One of the seven, or None where the person would rather not say."""
    screen.keys.forget()
    screen.draw(picture(question))
    while True:
        key = await screen.keys.next()
        if key in CHOICES:
            return CHOICES[key]
        if key in ("q", ESCAPE, " "):
            return None
        screen.draw(picture(question))


def picture(question: str = "") -> RenderableType:
    """The question and its answers."""
    lines = [f"  {key}  {FEELING[emotion]}" for key, emotion in CHOICES.items()]
    return Panel(
        Group(Text(f"\n{question or 'How do you feel right now?'}\n", style="bold"), *map(Text, lines), Text()),
        title=Text("How you feel"),
        title_align="left",
        subtitle=Text("a number says it, q goes back without"),
        subtitle_align="left",
        width=80,
    )
