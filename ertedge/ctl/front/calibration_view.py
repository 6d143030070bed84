"""How a guided calibration and what it found look on a terminal. Floor 4.

Fits 80 by 24, says the same without colour, and nothing jumps from prompt to prompt.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.panel import Panel
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ertedge.ctl.front.calibration_words import FEELING, in_a_hundred, sentences
from ertedge.ctl.plot import Lines, Meter
from ertedge.rpc.calibration_client import CalibrationPhase, CalibrationPrompt
from ertedge.types import CalibrationSummary, Emotion

TITLE = "How you show what you feel"
PHASES: dict[CalibrationPhase, str] = {
    CalibrationPhase.PREPARE: "Get ready",
    CalibrationPhase.TAKE: "Now",
    CalibrationPhase.TAKEN: "",
    CalibrationPhase.MISSED: "",
    CalibrationPhase.WAIT: "Waiting for you",
    CalibrationPhase.DONE: "Done",
}


class Interval:
    """A value in [0, 1] with its interval, as a line: ``├────●──┤``."""

    def __init__(self, low: float, value: float, high: float) -> None:
        self._low, self._value, self._high = (min(max(each, 0.0), 1.0) for each in (low, value, high))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        line, first, last, point = ("-", "|", "|", "o") if options.ascii_only else ("─", "├", "┤", "●")
        low, value, high = (round(each * (width - 1)) for each in (self._low, self._value, self._high))
        cells = [" "] * width
        cells[low : high + 1] = line * (high + 1 - low)
        cells[low], cells[high] = first, last
        cells[value] = point
        yield Segment("".join(cells), Style(color="cyan"))
        yield Segment.line()

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        return Measurement(10, options.max_width)


def chart(summary: CalibrationSummary) -> Table:
    """Each modality's accuracy with its interval."""
    table = Table.grid(padding=(0, 1), expand=True)
    for ratio in (None, 1, None, None):
        table.add_column(ratio=ratio, no_wrap=True)
    for each in summary.reliabilities:
        trusted = " *" if each.modality is summary.trusted else ""
        table.add_row(
            f"{each.modality}{trusted}",
            Interval(each.low, each.accuracy, each.high),
            f"{in_a_hundred(each.accuracy):>3}",
            f"{each.labels} moments",
        )
    table.add_row("", _scale(), "", "")
    return table


def print_summary(console: Console, summary: CalibrationSummary) -> None:
    """What is known, as a chart and in words."""
    if summary.labels:
        console.print(Text("Right in so many of 100 moments, 95% sure to lie between the ends:", style="dim"))
        console.print(chart(summary))
    for sentence in sentences(summary):
        console.print(sentence, markup=False, highlight=False)


@dataclass(slots=True)
class CalibrationScreen:
    """What the screen knows: the newest prompt, whether it is paused, and trouble."""

    prompt: CalibrationPrompt | None = None
    paused: bool = False
    trouble: str = ""

    def render(self) -> RenderableType:
        """The whole picture."""
        prompt = self.prompt
        if prompt is None:
            return self._frame(Lines(Text(self.trouble or "One moment."), 1))
        return self._frame(
            Lines(Text(_feeling(prompt.emotion), style="bold", justify="center"), 2),
            Lines(Text(prompt.asks, justify="center"), 4),
            Lines(Text("paused" if self.paused else PHASES[prompt.phase], justify="center"), 1),
            self._meter(prompt),
            Lines(Text(self.trouble or prompt.says, justify="center"), 3),
            _read(prompt),
            Text(),
            Lines(Text(f"{prompt.take} of {prompt.takes}", style="dim", justify="center"), 1),
        )

    def _meter(self, prompt: CalibrationPrompt) -> RenderableType:
        passed = 1.0 - prompt.remaining_seconds / prompt.seconds if prompt.seconds else 0.0
        style = "green" if prompt.phase is CalibrationPhase.TAKE else "cyan"
        return Meter(passed, style)

    def _frame(self, *parts: RenderableType) -> Panel:
        space = "space goes on" if self.paused else "space pauses"
        keys = f"{space}, s leaves this feeling out, q ends (you can go on later)"
        return Panel(
            Group(*parts),
            title=Text(TITLE),
            title_align="left",
            subtitle=Text(keys),
            subtitle_align="left",
            width=80,
        )


def _feeling(emotion: Emotion | None) -> str:
    return f"\n{FEELING[emotion]}" if emotion in FEELING and emotion is not None else "\n"


def _read(prompt: CalibrationPrompt) -> Text:
    marks = [f"face {'seen' if prompt.seen else '-'}", f"voice {'heard' if prompt.heard else '-'}"]
    shown = prompt.phase in (CalibrationPhase.TAKE, CalibrationPhase.TAKEN)
    return Text("   ".join(marks) if shown else "", justify="center")


def _scale() -> RenderableType:
    scale = Table.grid(expand=True)
    scale.add_column(ratio=1)
    scale.add_column(ratio=1, justify="center")
    scale.add_column(ratio=1, justify="right")
    scale.add_row(Text("0", style="dim"), Text("50", style="dim"), Text("100", style="dim"))
    return scale
