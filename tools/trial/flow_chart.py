"""The flow of people through a trial as a chart, in the shape that CONSORT 2010 gives it. Host side only."""

from __future__ import annotations

import html
from collections.abc import Sequence

from tools.trial.results import Flow, FlowArm

WIDTH, BOX, GAP, LINE = 760, 210, 24, 17
TEXT = 'font-family="system-ui, sans-serif" font-size="13" fill="#222"'


def flow_chart(flow: Flow, time_point: str, simulated: bool) -> str:
    """SVG: asked, not enrolled, randomised, and each group's way to the analysis."""
    columns = len(flow.arms)
    width = max(WIDTH, columns * (BOX + GAP) + GAP)
    middle = width / 2
    parts = [_box(middle - BOX / 2, 10, BOX, [f"Asked: {flow.assessed}"])]
    out = [f"Not enrolled: {flow.assessed - flow.randomised}"]
    out += [
        f"{reason.replace('_', ' ')}{f', {criterion}' if criterion else ''}: {people}"
        for reason, criterion, people in flow.not_enrolled
    ]
    side = 30 + LINE * len(out)
    parts += [_box(middle + 40, 62, BOX + 60, out), _line(middle, 44, middle, 62 + side + 14)]
    parts.append(_line(middle, 80, middle + 40, 80))
    top = 62 + side + 14
    parts.append(_box(middle - BOX / 2, top, BOX, [f"Randomised: {flow.randomised}"]))
    first = top + 34 + 44
    name = time_point.replace("_", " ")
    step = (width - columns * BOX) / (columns + 1)
    height = float(first)
    for number, arm in enumerate(flow.arms):
        left = step + number * (BOX + step)
        centre = left + BOX / 2
        parts += [_line(middle, top + 34, middle, first - 22), _line(middle, first - 22, centre, first - 22)]
        column, end = _column(left, first, arm, name)
        parts += column
        height = max(height, end + 10)
        parts.append(_line(centre, first - 22, centre, first))
    mark = (
        f'<text x="{middle}" y="{height / 2}" text-anchor="middle" font-size="60" font-weight="bold" fill="#c0392b" '
        f'opacity="0.16" font-family="sans-serif" transform="rotate(-15 {middle} {height / 2})">SIMULATED</text>'
        if simulated
        else ""
    )
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img">'
        f"<title>Flow of people through the trial</title>{''.join(parts)}{mark}</svg>"
    )


def _column(left: float, top: float, arm: FlowArm, name: str) -> tuple[Sequence[str], float]:
    """The boxes of an arm, and where the last one ends."""
    boxes = (
        [arm.title, f"Allocated: {arm.allocated}"],
        [f"Not seen at {name}: {arm.lost}", f"Withdrew, data kept: {arm.withdrew}", f"Left and erased: {arm.erased}"],
        [f"Seen at {name}: {arm.seen}", f"In the primary analysis: {arm.allocated - arm.erased}"],
    )
    parts: list[str] = []
    for number, lines in enumerate(boxes):
        wrapped = [part for line in lines for part in _wrap(line)]
        if number:
            parts.append(_line(left + BOX / 2, top - 22, left + BOX / 2, top))
        parts.append(_box(left, top, BOX, wrapped))
        top += 16 + LINE * len(wrapped) + 22
    return parts, top - 22


def _wrap(line: str, most: int = 30) -> list[str]:
    found = [""]
    for word in line.split():
        if found[-1] and len(found[-1]) + 1 + len(word) > most:
            found.append(word)
        else:
            found[-1] = f"{found[-1]} {word}".strip()
    return found


def _box(left: float, top: float, width: float, lines: Sequence[str]) -> str:
    text = "".join(
        f'<text x="{left + 10:.0f}" y="{top + 21 + LINE * number:.0f}" {TEXT}>{html.escape(line)}</text>'
        for number, line in enumerate(lines)
    )
    height = 16 + LINE * len(lines)
    frame = f'x="{left:.0f}" y="{top:.0f}" width="{width:.0f}" height="{height}"'
    return f'<rect {frame} fill="#fff" stroke="#555" rx="3"/>{text}'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="#555"/>'
