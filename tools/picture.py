"""The picture of ``ertedge-ctl watch`` in the README, where a simulated day passes in the three minutes of the chart::

    python -m tools.picture --source "simulate:day?speed=3" --seconds 184 --out .github/watch.svg

Starts a daemon in a folder of its own, watches it as any client does, and draws what a terminal of 100 columns would show
once face and voice both speak. The picture fetches nothing: the web fonts that rich names in it are taken out.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import re
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from ertedge import config
from ertedge.ctl.display import WatchView
from ertedge.ctl.follow import follow_states, follow_status
from ertedge.ctl.run import start_daemon, stop_daemon, wait_until_served
from ertedge.errors import ErtedgeError
from ertedge.rpc.client import Client
from ertedge.types import Emotion, EmotionState

WIDTH, HEIGHT = 100, 26
PATIENCE_SECONDS = 60.0
"""How long after the time asked for to wait for a state that tells everything, before any state is drawn."""


CELL_WIDTH, CELL_HEIGHT, BASELINE = 12.2, 24.4, 0.76
"""A character in rich's SVG, in pixels, and the share of its height that lies above the baseline."""
DOT_RADIUS = 1.8
DOT_PLACES = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""(column, row) of each bit of a braille character."""
BRAILLE = re.compile(
    r'<text class="(?P<style>[\w-]+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)"[^>]*>(?P<braille>[\u2800-\u28ff]+)</text>'
)


async def watch(address: str, seconds: float) -> WatchView:
    """What a watcher knows after ``seconds``, or somewhat later, when the state is worth a picture."""
    async with Client(address) as client:
        status = await client.device_status()
        view = WatchView(address, status.source, status.sensors)
        following = asyncio.create_task(follow_status(client, view))
        started = time.monotonic()
        try:
            async with contextlib.aclosing(follow_states(client, view)) as stream:
                async for _ in stream:
                    waited = time.monotonic() - started
                    if waited >= seconds + PATIENCE_SECONDS or (waited >= seconds and is_telling(view.state)):
                        break
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)
    return view


def is_telling(state: EmotionState | None) -> bool:
    """Whether an emotion stands out and every modality has its say."""
    if state is None or state.emotion is Emotion.UNKNOWN:
        return False
    return all(share.probabilities is not None for share in state.shares)


def draw(view: WatchView, now_seconds: float) -> str:
    """``view`` as SVG that names no host."""
    console = Console(
        record=True, width=WIDTH, height=HEIGHT, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(view.render(now_seconds, HEIGHT))
    return with_dots(without_hosts(console.export_svg(title="ertedge-ctl watch", unique_id="watch")))


def without_hosts(svg: str) -> str:
    """``svg`` without web fonts and comments; the reader's own monospaced font stands in."""
    svg = re.sub(r"\s*@font-face\s*\{[^}]*\}", "", svg)
    svg = re.sub(r"\s*<!--.*?-->", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "monospace")


def with_dots(svg: str) -> str:
    """``svg`` with its braille drawn as circles, since many a monospaced font has no braille."""
    return BRAILLE.sub(_circles, svg)


def _circles(text: re.Match[str]) -> str:
    left, baseline = float(text["x"]), float(text["y"])
    circles = []
    for index, character in enumerate(text["braille"]):
        bits = ord(character) - 0x2800
        for column, row in (place for bit, place in enumerate(DOT_PLACES) if bits >> bit & 1):
            x = left + (index + (2 * column + 1) / 4) * CELL_WIDTH
            y = baseline + ((2 * row + 1) / 8 - BASELINE) * CELL_HEIGHT
            circles.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{DOT_RADIUS}"/>')
    return f'<g class="{text["style"]}">{"".join(circles)}</g>'


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.picture", description="Draw the picture of `watch`.")
    parser.add_argument("--out", type=Path, required=True, help="the SVG to write")
    parser.add_argument("--source", default="demo", help="demo or simulate:FILE (default: demo)")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to watch before (default: 60)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ertedge-") as folder:
        log = Path(folder) / "ertedged.log"
        try:
            settings = config.load(None, {"source": options.source, "data_dir": folder})
            daemon = start_daemon(settings, log)
            try:
                address = settings.listen_addresses[0]
                wait_until_served(daemon, address, log)
                view = asyncio.run(watch(address, options.seconds))
            finally:
                stop_daemon(daemon)
        except ErtedgeError as error:
            print(error, file=sys.stderr)
            return 1
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(draw(view, time.monotonic()), encoding="utf-8")
    print(f"{options.out}: {options.out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
