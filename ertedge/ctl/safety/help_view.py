"""Help, on a screen: an open safety notice above everything, and the page of the safety plan and the helplines. Floor 4.

People read this in their lowest moments. It says first who can be reached, never more than fits, and works when the daemon
does not answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ertedge.ctl.plot import Lines
from ertedge.ctl.safety.view import STEPS, WITHOUT_DAEMON, lines_of
from ertedge.types import Helpline, SafetyNotice, SafetyPlan

MESSAGE_LINES = 5
FIRST_HELPLINES = 2
NOTICE_LINES = MESSAGE_LINES + FIRST_HELPLINES + 1
NOTICE_KEYS = "n I need help   s I am safe   l not now   h plan and helplines"
HELP_KEYS = "n I need help now   q back"


def notice_block(notice: SafetyNotice, helplines: Sequence[Helpline], *, keys: bool) -> RenderableType:
    """``NOTICE_LINES`` lines: what the notice says, the first helplines, and how to answer."""
    first = [Lines(helpline_text(line), 1) for line in helplines[:FIRST_HELPLINES]]
    first += [Lines(Text(), 1)] * (FIRST_HELPLINES - len(first))
    how = NOTICE_KEYS if keys else f"ertedge-ctl safety respond {notice.notice_id} need-help, or safe, or not-now"
    return Group(
        Lines(Text(notice.message, style="bold"), MESSAGE_LINES), *first, Lines(Text(how, style="bold red"), 1)
    )


def helpline_text(helpline: Helpline) -> Text:
    """``988  988 Suicide & Crisis Lifeline, day and night``."""
    contact = f"{helpline.contact} (text)" if helpline.channel == "text" else helpline.contact
    about = ", ".join(part for part in (helpline.name, helpline.hours) if part)
    return Text.assemble((contact, "bold red" if helpline.emergency else "bold"), f"  {about}")


def help_screen(
    plan: SafetyPlan | None, helplines: Sequence[Helpline], *, asked: str = "", height: int = 24
) -> RenderableType:
    """The whole screen. ``plan`` is None where the daemon does not answer; ``asked`` is the notice that was raised."""
    parts: list[RenderableType] = []
    if asked:
        parts += [Text(asked, style="bold"), Text()]
    if plan is None:
        parts += [Text(WITHOUT_DAEMON, style="bold"), Text()]
        parts += [Lines(helpline_text(line), 1) for line in helplines[: max(3, height - 12)]]
        return _page(parts)
    parts.append(Text("People who listen", style="bold"))
    room = max(3, height - 9 - (6 if asked else 0))
    written = _plan_rows(plan)
    listed = max(3, room - (len(written) if written else 2))
    parts += [Lines(helpline_text(line), 1) for line in helplines[:listed]]
    if len(helplines) > listed:
        parts.append(Text(f"and {len(helplines) - listed} more: ertedge-ctl safety helplines", style="dim"))
    parts += [Text(), Text("Your safety plan", style="bold")]
    parts.append(
        _plan_table(written)
        if written
        else Text("It is empty. `ertedge-ctl safety plan --edit` asks for it step by step.")
    )
    return _page(parts)


def _page(parts: Sequence[RenderableType]) -> Panel:
    return Panel(
        Group(*parts), title=Text("help now"), title_align="left", subtitle=Text(HELP_KEYS), subtitle_align="left"
    )


def _plan_rows(plan: SafetyPlan) -> list[tuple[str, str]]:
    return [(title, ", ".join(lines)) for name, title in STEPS.items() if (lines := lines_of(plan, name))]


def _plan_table(rows: Sequence[tuple[str, str]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(Text(name, style="dim"), Text(value))
    return table
