"""``ertedge-ctl history``: stored states of the past, at a resolution, as a table with a chart. Floor 4."""

from __future__ import annotations

import re
import time

from rich.console import Console
from rich.table import Table

from ertedge.ctl.objects import print_object, state_object, time_text
from ertedge.ctl.plot import ValenceChart
from ertedge.ctl.words import headline, span
from ertedge.errors import ConfigurationError
from ertedge.rpc.client import Client
from ertedge.types import Emotion, EmotionState

UNBROKEN_SECONDS = 3.0
"""States at full resolution that are nearer than this belong to one line of the chart."""
_UNITS_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def duration_seconds(text: str) -> float:
    """``90s``, ``15m``, ``2h``, ``7d`` in seconds. Raises ``ConfigurationError`` for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    if found is None or float(found[1]) <= 0:
        raise ConfigurationError([f"{text!r} is no length of time; write it as 90s, 15m, 2h or 7d"])
    return float(found[1]) * _UNITS_SECONDS[found[2]]


async def history(client: Client, console: Console, *, since: str, resolution: str, limit: int, as_json: bool) -> None:
    """Print up to ``limit`` states, newest first, of the time ``since`` ago until now."""
    span_seconds = duration_seconds(since)
    resolution_ns = 0 if resolution == "0" else int(duration_seconds(resolution) * 1e9)
    now_ns = time.time_ns()
    states: list[EmotionState] = []
    async for state in client.states(start_wall_time_ns=now_ns - int(span_seconds * 1e9), resolution_ns=resolution_ns):
        if as_json:
            print_object(state_object(state))
        states.append(state)
        if len(states) == limit:
            break
    if not as_json:
        _show(console, states, now_ns, span_seconds, resolution_ns / 1e9)


def _show(
    console: Console, states: list[EmotionState], now_ns: int, span_seconds: float, resolution_seconds: float
) -> None:
    if not states:
        console.print("Nothing is stored of that time.")
        return
    table = Table("time (UTC)", "state", "valence", "arousal", "states", box=None, pad_edge=False, header_style="bold")
    for state in states:
        mark = " *" if state.synthetic else ""
        numbers = (f"{state.valence:+.2f}", f"{state.arousal:+.2f}", str(state.state_count))
        table.add_row(time_text(state.wall_time_ns)[:19].replace("T", " "), headline(state) + mark, *numbers)
    console.print(table)
    if any(state.synthetic for state in states):
        console.print("* from the demo or a simulation, not about a real person", style="dim")
    known = [s for s in states if s.emotion is not Emotion.UNKNOWN]
    oldest_seconds = max(1.0, min(span_seconds, (now_ns - states[-1].wall_time_ns) / 1e9 + 1))
    title = f"\npleasant (+) or unpleasant (-), from {span(oldest_seconds)} ago at the left until now"
    console.print(title, style="dim", highlight=False)
    points = [((now_ns - s.wall_time_ns) / 1e9, s.valence) for s in known]
    gap_seconds = max(UNBROKEN_SECONDS, 1.5 * resolution_seconds)
    console.print(ValenceChart(points, oldest_seconds, height=7, gap_seconds=gap_seconds))
