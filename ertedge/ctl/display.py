"""The live picture of ``watch``: the state in words, a bar an emotion, what face and voice each say, valence over time; and
the suggestion that is open, or, above everything, a safety notice.

Floor 4. Fits 80 by 24 and uses more where there is more; nothing moves when the words change; says everything without
colour too. A suggestion takes lines from the chart, and a notice the chart's place.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ertedge.ctl.plot import Lines, Meter, ValenceChart
from ertedge.ctl.safety.help_view import NOTICE_LINES, notice_block
from ertedge.ctl.suggestions.offer_view import OFFER_LINES, Offer, offer_block
from ertedge.ctl.words import CONDITION, SEEMS, SENSOR, because, percent, span, synthetic_kind
from ertedge.rpc.client import WatchEvent
from ertedge.types import (
    EMOTIONS,
    SENSOR_OF,
    Emotion,
    EmotionState,
    Helpline,
    Modality,
    ModalityShare,
    Reason,
    SafetyNotice,
    SensorCondition,
    SensorStatus,
)

CHART_SECONDS = 180.0
OTHER_LINES = 17
"""Lines of the screen that are not the chart: frame, banner, headline, columns, advice and the chart's title."""
CHART_LINES_LEAST, CHART_LINES_MOST = 5, 13
SAID_SECONDS = 8.0
"""How long it stays what an answer has done."""
NO_ADVICE = (SensorCondition.STARTING, SensorCondition.RUNNING, SensorCondition.OFF)
COLOUR: dict[Emotion, str] = {
    Emotion.NEUTRAL: "white",
    Emotion.HAPPINESS: "yellow",
    Emotion.SADNESS: "blue",
    Emotion.ANGER: "red",
    Emotion.FEAR: "magenta",
    Emotion.DISGUST: "green",
    Emotion.SURPRISE: "cyan",
}


@dataclass(slots=True)
class WatchView:
    """What the watcher knows so far. ``source`` and ``sensors`` come from the device's status, the rest from its streams.

    ``helplines`` are the first to show with a notice. ``keys`` is whether the terminal gives keys, ``asks`` whether
    somebody can be asked to agree to be sensed. ``past`` holds (when,
    valence) of what was known, when on the watcher's own monotonic clock in seconds: the device's wall
    clock may be set while we watch.
    """

    address: str
    source: str = ""
    sensors: tuple[SensorStatus, ...] = ()
    state: EmotionState | None = None
    dropped_count: int = 0
    trouble: str = ""
    heard_seconds: float = 0.0
    past: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=4096))
    offer: Offer | None = None
    notice: SafetyNotice | None = None
    helplines: tuple[Helpline, ...] = ()
    keys: bool = False
    asks: bool = False
    said: str = ""
    said_seconds: float = 0.0
    reminder: str = ""

    def say(self, sentence: str, now_seconds: float) -> None:
        """Show for some seconds what was done, or why it was not."""
        self.said, self.said_seconds = sentence, now_seconds

    def take(self, event: WatchEvent, now_seconds: float) -> None:
        """Remember an event of the stream that arrived now."""
        self.trouble = ""
        self.dropped_count = event.dropped_count
        self.heard_seconds = now_seconds
        if event.state is not None:
            self.state = event.state
            if event.state.emotion is not Emotion.UNKNOWN:
                age_seconds = max(0, event.send_wall_time_ns - event.state.wall_time_ns) / 1e9
                self.past.append((now_seconds - age_seconds, event.state.valence))

    def render(self, now_seconds: float, height: int = 24) -> RenderableType:
        """The whole screen for a terminal of ``height`` lines."""
        if self.state is None:
            return self._frame(self._waiting())
        banner = _banner(self.source) if self.state.synthetic else Text()
        picture = (Lines(self._headline(self.state, now_seconds), 3), _columns(self.state, self.sensors))
        advice = Lines(Text(self._advice(now_seconds), style="italic"), 1)
        room = max(height - OTHER_LINES, CHART_LINES_LEAST)
        if self.notice is not None and self.notice.open:
            block = notice_block(self.notice, self.helplines, keys=self.keys)
            return self._frame(banner, block, *picture, advice, *self._chart(room - NOTICE_LINES, now_seconds))
        if self.offer is not None and self.offer.is_shown:
            block = offer_block(self.offer, keys=self.keys)
            return self._frame(banner, *picture, advice, block, *self._chart(room - OFFER_LINES, now_seconds))
        return self._frame(banner, *picture, advice, *self._chart(room, now_seconds))

    def _chart(self, lines: int, now_seconds: float) -> tuple[RenderableType, ...]:
        """The chart with its title on ``lines`` and one; nothing where that is too little to be read."""
        if lines < CHART_LINES_LEAST:
            return (Lines(Text(), lines + 1),) if lines >= 0 else ()
        points = [(now_seconds - then, v) for then, v in self.past]
        return _chart_title(), ValenceChart(points, CHART_SECONDS, height=min(lines, CHART_LINES_MOST))

    def _frame(self, *parts: RenderableType) -> Panel:
        title = f"ertedge, watching {self.source}" if self.source else "ertedge"
        sequence = f"state {self.state.sequence}, " if self.state else ""
        keys = "h help now, q ends" if self.keys else "Ctrl-C ends"
        if self.keys and not (self.notice is not None and self.notice.open):
            known = self.state is not None and self.state.profile_id
            more = f"f feel, {keys}" if known else keys
            keys = f"c agree or not, {keys}" if self.asks else f"r suggest something, {more}"
        foot = f"{sequence}{self.dropped_count} dropped, {keys}"
        return Panel(Group(*parts), title=Text(title), title_align="left", subtitle=Text(foot), subtitle_align="left")

    def _advice(self, now_seconds: float) -> str:
        """What was said just now, else what to do about a device that is not well, else what the person may be reminded
        of."""
        if self.said and now_seconds - self.said_seconds < SAID_SECONDS:
            return self.said
        return _advice(self.sensors) or self.reminder

    def _waiting(self) -> Text:
        lines = [self.trouble or "Waiting for the first state.", ""]
        lines += [f"{SENSOR[s.sensor]}: {s.detail or CONDITION[s.condition]}" for s in self.sensors]
        return Text("\n".join(lines))

    def _headline(self, state: EmotionState, now_seconds: float) -> Text:
        if self.trouble:
            silence = span(now_seconds - self.heard_seconds)
            return Text.assemble(("NO NEWS", "bold"), f" for {silence}; what stands below is old\n{self.trouble}")
        if state.emotion is Emotion.UNKNOWN:
            return Text.assemble(("NOT SURE", "bold"), f"\n{because(state.reasons)}")
        return Text.assemble(
            (SEEMS[state.emotion].upper(), f"bold {COLOUR[state.emotion]}"),
            f"   {percent(state.confidence)} sure, for {span((state.timestamp_ns - state.since_ns) / 1e9)}\n",
            (f"valence {state.valence:+.2f}, arousal {state.arousal:+.2f}", "dim"),
        )


def banner_text(source: str) -> str:
    """Why nothing of this is about a real person."""
    what = {"demo": "DEMO", "simulate": "SIMULATION"}.get(synthetic_kind(source), "SYNTHETIC")
    return f"{what}: nothing here is about a real person"


def _banner(source: str) -> Text:
    return Text(f" {banner_text(source)} ", style="bold reverse", justify="center")


def _advice(sensors: tuple[SensorStatus, ...]) -> str:
    """What to do about the first device that is not well. One that somebody did not agree to, while another runs, is as they
    want it."""
    senses = any(sensor.condition is SensorCondition.RUNNING for sensor in sensors)
    for sensor in sensors:
        if sensor.condition is SensorCondition.NOT_PERMITTED and senses:
            continue
        if sensor.condition is SensorCondition.MUTED:
            return f"to unmute: ertedge-ctl sensors unmute {sensor.sensor}"
        if sensor.condition not in NO_ADVICE and sensor.detail:
            return f"{SENSOR[sensor.sensor]}: {sensor.detail}"
    return ""


def _chart_title() -> Table:
    title = Table.grid(expand=True)
    title.add_column(no_wrap=True)
    title.add_column(no_wrap=True, justify="right")
    title.add_row(
        Text("pleasant (+) or unpleasant (-)", style="dim"),
        Text(f"the last {CHART_SECONDS / 60:.0f} minutes, now at the right", style="dim"),
    )
    return title


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
        colour = COLOUR[emotion] if state.emotion is not Emotion.UNKNOWN else "dim"
        table.add_row(
            Text(emotion, style="bold" if leads else ""),
            Meter(float(probability), colour),
            Text(percent(float(probability)), style="bold" if leads else "dim"),
        )
    return table


def _modalities(state: EmotionState, sensors: tuple[SensorStatus, ...]) -> Table:
    """Four lines a modality: its weight, its quality, and what it says on two lines."""
    table = Table.grid(padding=(0, 1), expand=True)
    table.add_column(width=5)
    table.add_column(ratio=1)
    conditions = {sensor.sensor: sensor for sensor in sensors}
    shares = {share.modality: share for share in state.shares}
    for modality in Modality:
        share = shares.get(modality, ModalityShare(modality, 0.0, 0.0, None))
        table.add_row(Text(modality, style="bold"), _measure("weight", share.weight))
        table.add_row("", _measure("quality", share.quality))
        table.add_row("", Lines(Text(_says(share, conditions.get(SENSOR_OF[modality]))), 2))
    return table


def _measure(name: str, value: float) -> Table:
    meter = Table.grid(padding=(0, 1), expand=True)
    meter.add_column(width=7)
    meter.add_column(ratio=1)
    meter.add_column(width=4, justify="right")
    meter.add_row(Text(name, style="dim"), Meter(value), Text(f"{value:.0%}", style="dim"))
    return meter


def _says(share: ModalityShare, sensor: SensorStatus | None) -> str:
    """What a modality says, or why it is silent; the device's trouble comes first, since it explains the rest."""
    # A device that was starting when we last asked may be heard already.
    speaks = share.probabilities is not None
    well = (SensorCondition.RUNNING, SensorCondition.STARTING) if speaks else (SensorCondition.RUNNING,)
    if sensor is not None and sensor.condition not in well:
        return f"{SENSOR[sensor.sensor]}: {CONDITION[sensor.condition]}"
    if share.probabilities is not None:
        leader = int(share.probabilities.argmax())
        doubt = ", unlike what its model knows" if Reason.DRIFTED in share.reasons else ""
        return f"says {EMOTIONS[leader]} {percent(float(share.probabilities[leader]))}{doubt}"
    return because(share.reasons[:1]) or "says nothing"
