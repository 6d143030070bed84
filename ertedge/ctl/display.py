"""The live picture of ``watch``: the state in words, a bar an emotion, what face and voice each say, valence over time.

Floor 4. Fits 80 by 24 and uses more where there is more; says everything without colour too.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ertedge.ctl.plot import ValenceChart
from ertedge.ctl.words import CONDITION, SEEMS, SENSOR, because
from ertedge.rpc.client import WatchEvent
from ertedge.types import EMOTIONS, SENSOR_OF, Emotion, EmotionState, ModalityShare, SensorCondition, SensorStatus

CHART_SECONDS = 180.0
COLOUR: dict[Emotion, str] = {
    Emotion.NEUTRAL: "white",
    Emotion.HAPPINESS: "yellow",
    Emotion.SADNESS: "blue",
    Emotion.ANGER: "red",
    Emotion.FEAR: "magenta",
    Emotion.DISGUST: "green",
    Emotion.SURPRISE: "cyan",
    Emotion.UNKNOWN: "bright_black",
}


@dataclass(slots=True)
class WatchView:
    """What the watcher knows so far. ``source`` and ``sensors`` come from the device's status, the rest from the stream."""

    address: str
    source: str = ""
    sensors: tuple[SensorStatus, ...] = ()
    state: EmotionState | None = None
    dropped_count: int = 0
    trouble: str = ""
    past: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=4096))

    def take(self, event: WatchEvent) -> None:
        """Remember an event of the stream."""
        self.trouble = ""
        self.dropped_count = event.dropped_count
        if event.state is not None:
            self.state = event.state
            if event.state.emotion is not Emotion.UNKNOWN:
                self.past.append((event.state.wall_time_ns, event.state.valence))

    def render(self) -> RenderableType:
        """The whole screen: 21 lines at 80 columns, one more with a banner."""
        if self.state is None:
            waiting = self.trouble or "waiting for the first state; the camera and the microphone are being opened"
            return Panel(Text(waiting), title="ertedge", title_align="left", padding=(1, 2))
        parts: list[RenderableType] = []
        if self.state.synthetic:
            parts.append(_banner(self.source))
        parts += [_headline(self.state), _columns(self.state, self.sensors), self._chart(self.state)]
        foot = (
            self.trouble or f"{self.address}   state {self.state.sequence}   dropped {self.dropped_count}   Ctrl-C ends"
        )
        return Panel(Group(*parts), title="ertedge", title_align="left", subtitle=foot, subtitle_align="left")

    def _chart(self, state: EmotionState) -> RenderableType:
        points = [((state.wall_time_ns - then_ns) / 1e9, valence) for then_ns, valence in self.past]
        title = Text(f"pleasant (+) or unpleasant (-), last {CHART_SECONDS / 60:.0f} minutes", style="dim")
        return Group(title, ValenceChart(points, CHART_SECONDS))


def _banner(source: str) -> Text:
    what = "DEMO" if source == "demo" else "SIMULATION" if source.startswith("simulate") else "NOT A REAL PERSON"
    return Text(f" {what}: nothing here is about a real person ", style="bold reverse", justify="center")


def _headline(state: EmotionState) -> Text:
    if state.emotion is Emotion.UNKNOWN:
        return Text.assemble(("NOT SURE", "bold"), f": {because(state.reasons)}\n")
    seconds = (state.timestamp_ns - state.since_ns) / 1e9
    return Text.assemble(
        (SEEMS[state.emotion].upper(), f"bold {COLOUR[state.emotion]}"),
        f"   {state.confidence:.0%} sure, for {_span(seconds)}   ",
        (f"valence {state.valence:+.2f}  arousal {state.arousal:+.2f}\n", "dim"),
    )


def _columns(state: EmotionState, sensors: tuple[SensorStatus, ...]) -> Table:
    grid = Table.grid(expand=True, padding=(0, 2))
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    grid.add_row(_bars(state), _modalities(state, sensors))
    return grid


def _bars(state: EmotionState) -> Table:
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=9)
    table.add_column(ratio=1)
    table.add_column(width=4, justify="right")
    for emotion, probability in zip(EMOTIONS, state.probabilities, strict=True):
        leads = emotion is state.emotion
        table.add_row(
            Text(emotion, style="bold" if leads else ""),
            ProgressBar(total=1.0, completed=float(probability), complete_style=COLOUR[emotion]),
            Text(f"{probability:.0%}", style="bold" if leads else "dim"),
        )
    return table


def _modalities(state: EmotionState, sensors: tuple[SensorStatus, ...]) -> Table:
    conditions = {sensor.sensor: sensor for sensor in sensors}
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=8)
    table.add_column(ratio=1)
    for share in state.shares:
        sensor = conditions.get(SENSOR_OF[share.modality])
        table.add_row(Text(share.modality, style="bold"), _meter("weight", share.weight))
        table.add_row("", _meter("quality", share.quality))
        table.add_row("", Text(_says(share, sensor), overflow="ellipsis", no_wrap=True))
    return table


def _meter(name: str, value: float) -> Table:
    meter = Table.grid(padding=(0, 1), expand=True)
    meter.add_column(width=7)
    meter.add_column(ratio=1)
    meter.add_column(width=4, justify="right")
    meter.add_row(Text(name, style="dim"), ProgressBar(total=1.0, completed=value), f"{value:.0%}")
    return meter


def _says(share: ModalityShare, sensor: SensorStatus | None) -> str:
    """What a modality says, or why it is silent; the device's trouble comes first, since it explains the rest."""
    if sensor is not None and sensor.condition is not SensorCondition.RUNNING:
        return f"{SENSOR[sensor.sensor]} {CONDITION[sensor.condition]}"
    if share.probabilities is not None:
        leader = int(share.probabilities.argmax())
        return f"says {EMOTIONS[leader]} {share.probabilities[leader]:.0%}"
    return because(share.reasons[:1]) or "silent"


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
