"""The screen of ``ertedge-ctl guide``: what to do now, a breath that moves, and how far it is. Floor 4.

Fits 80 by 24, uses more where there is more, and nothing jumps from step to step. It moves by the clock between the events
of the daemon's stream, and stands still while it is paused.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from rich.align import Align
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ertedge.ctl.plot import Lines, Meter
from ertedge.ctl.suggestions.breath import PACED, Circle, fullness
from ertedge.rpc.suggestions_client import GuideEvent
from ertedge.types import Activity, StepKind

OTHER_LINES = 12
"""Lines of the screen that are not the middle: frame, what to do, time left, progress, what is next, trouble."""
MIDDLE_LINES_LEAST, MIDDLE_LINES_MOST = 5, 24
READING_WIDTH = 66
DOING: dict[StepKind, str] = {
    StepKind.READ: "",
    StepKind.INHALE: "breathe in",
    StepKind.HOLD: "hold",
    StepKind.EXHALE: "breathe out",
    StepKind.TENSE: "tense",
    StepKind.RELEASE: "let go",
    StepKind.NOTICE: "notice",
    StepKind.IMAGINE: "imagine",
    StepKind.WRITE: "write",
    StepKind.ACT: "do",
}
RATING_QUESTION = "How much did it help?"
RATINGS = {
    1: "made it worse",
    2: "a little worse",
    3: "made no difference",
    4: "helped a little",
    5: "helped a lot",
}


def minutes_and_seconds(seconds: float) -> str:
    """``2:05``."""
    whole = max(0, math.floor(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


@dataclass(slots=True)
class GuideView:
    """What the screen knows. Moments are the watcher's monotonic clock, in seconds."""

    activity: Activity
    event: GuideEvent | None = None
    heard_seconds: float = 0.0
    paused_position: float | None = None
    trouble: str = ""

    def take(self, event: GuideEvent, now_seconds: float) -> None:
        """A step is due, or the activity is over."""
        self.event, self.heard_seconds, self.paused_position, self.trouble = event, now_seconds, None, ""

    def pause(self, now_seconds: float) -> float:
        """Stand still from now until the next event. Returns the position to go on from."""
        self.paused_position = self.position(now_seconds)
        if self.event is not None:
            passed = self.paused_position - self.event.position_seconds
            self.event = replace(
                self.event,
                position_seconds=self.paused_position,
                remaining_seconds=self.event.remaining_seconds - passed,
            )
        return self.paused_position

    def position(self, now_seconds: float) -> float:
        """Where in the activity it is, in seconds; never further than the step that is known to be due."""
        if self.paused_position is not None:
            return self.paused_position
        if self.event is None:
            return 0.0
        passed = min(max(0.0, now_seconds - self.heard_seconds), self.event.remaining_seconds)
        return self.event.position_seconds + passed

    def next_position(self, now_seconds: float) -> float:
        """Where the step after this one begins, or where it is while no step is known."""
        if self.event is None:
            return self.position(now_seconds)
        return self.event.position_seconds + self.event.remaining_seconds

    def render(self, now_seconds: float, height: int = 24) -> RenderableType:
        """The whole screen for a terminal of ``height`` lines."""
        middle_lines = min(max(height - OTHER_LINES, MIDDLE_LINES_LEAST), MIDDLE_LINES_MOST)
        if self.event is None or self.event.step is None:
            parts: list[RenderableType] = [Lines(Text(self.trouble or "One moment.", justify="center"), 1)]
        else:
            parts = self._step(self.event, self.position(now_seconds), middle_lines)
        return self._frame(*parts)

    def _frame(self, *parts: RenderableType) -> Panel:
        pause = "space goes on" if self.paused_position is not None else "space pauses"
        return Panel(
            Group(*parts),
            title=Text(self.activity.title),
            title_align="left",
            subtitle=Text(f"{pause}, n next step, q ends"),
            subtitle_align="left",
        )

    def _step(self, event: GuideEvent, position: float, middle_lines: int) -> list[RenderableType]:
        step = self.activity.steps[event.step_index]
        begin = event.position_seconds + event.remaining_seconds - step.seconds
        elapsed = position - begin
        full = fullness(self.activity.steps, event.step_index, elapsed)
        left = math.ceil(step.seconds - elapsed - 1e-6)
        doing = DOING[step.kind]
        time_left = f"{doing}  {left} s" if doing else f"{left} s"
        if self.paused_position is not None:
            time_left = "paused"
        middle: RenderableType
        if full is None:
            reading = [_narrow(step.say)]
            if step.kind is StepKind.WRITE and self.activity.journaling_prompt:
                reading.append(_narrow(self.activity.journaling_prompt))
            middle = Lines(Text("\n" + "\n\n".join(reading)), middle_lines)
        else:
            middle = Circle(full, middle_lines, PACED[step.kind])
        said = Text(step.say if full is not None else "", style="dim", justify="center")
        return [
            Lines(Text(f"\n{step.show}", style="bold", justify="center"), 3),
            middle if full is not None else Align.center(middle, width=READING_WIDTH),
            Lines(Text(time_left, justify="center"), 1),
            Lines(said, 1),
            Text(),
            self._progress(position, event.total_seconds),
            Lines(Text(self.trouble or self._next(event.step_index), style="dim", justify="center"), 1),
        ]

    def _progress(self, position: float, total: float) -> Table:
        table = Table.grid(padding=(0, 1), expand=True)
        table.add_column(no_wrap=True)
        table.add_column(ratio=1)
        table.add_column(no_wrap=True)
        table.add_row(minutes_and_seconds(position), Meter(position / total, "cyan"), minutes_and_seconds(total))
        return table

    def _next(self, index: int) -> str:
        later = self.activity.steps[index + 1 : index + 2]
        return f"next: {later[0].show}" if later else "this is the last step"


def _narrow(text: str) -> str:
    return " ".join(text.split())


def rating_screen(activity: Activity) -> Panel:
    """The question after an activity, with what each key says."""
    lines = [Text(f"\n{RATING_QUESTION}\n", style="bold")]
    lines += [Text(f"  {rating}   {words}") for rating, words in RATINGS.items()]
    return Panel(
        Group(*lines, Text()),
        title=Text(activity.title),
        title_align="left",
        subtitle=Text("1 to 5, or q to leave it open"),
        subtitle_align="left",
    )
