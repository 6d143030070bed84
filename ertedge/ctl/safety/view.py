"""Notices, the safety plan and helplines as a person reads them in a low moment: short, plain, help first. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ertedge.ctl.objects import time_text
from ertedge.types import Helpline, NoticeResponse, SafetyCause, SafetyContact, SafetyNotice, SafetyPlan

CAUSE: dict[SafetyCause, str] = {
    SafetyCause.SEVERE_STATE: "you seemed very low for a while",
    SafetyCause.RED_FLAG: "an answer in a questionnaire",
    SafetyCause.CRISIS_WORDS: "something that was said",
    SafetyCause.ASKED_FOR_HELP: "you asked for help",
}
ANSWERED: dict[NoticeResponse, str] = {
    NoticeResponse.NEED_HELP: "I need help",
    NoticeResponse.SAFE: "I am safe",
    NoticeResponse.NOT_NOW: "not now",
}
STEPS: dict[str, str] = {
    "warning_signs": "How I notice that a crisis may be coming",
    "coping_strategies": "What I can do by myself",
    "distractions": "People and places that take my mind off it",
    "people": "People I can ask for help",
    "professionals": "Professionals and services I can turn to",
    "safer_surroundings": "How my surroundings can be made safer",
    "conditions": "What activities must take care of",
}
"""The steps of the plan, in their order, as its owner would say them."""
WITHOUT_DAEMON = (
    "If you are in danger, call the emergency number of your country now: 112 in the European Union, 911 in the United"
    " States and Canada, 999 in the United Kingdom. People who listen, for every country: https://findahelpline.com"
)
"""What is said when the daemon, which knows more, does not answer."""


def say(console: Console, sentence: str, style: str = "") -> None:
    """A sentence as it is, in lines of the terminal's width."""
    console.print(Text(sentence, style=style))


def show_notice(console: Console, notice: SafetyNotice) -> None:
    """What an open notice says, and how to answer it."""
    say(console, notice.message, "bold")
    number = notice.notice_id
    console.print("")
    say(console, f"To answer: ertedge-ctl safety respond {number} need-help, or safe, or not-now")
    if notice.synthetic:
        say(console, "This is from the demo or a simulation, not about a real person.", "dim")


def notices_table(notices: Sequence[SafetyNotice]) -> Table:
    """A row a notice."""
    table = Table("no.", "since (UTC)", "why", "asked", "last answer", "", box=None, pad_edge=False)
    table.header_style = "bold"
    for notice in notices:
        table.add_row(
            str(notice.notice_id),
            _minute(notice.wall_time_ns),
            Text(CAUSE[notice.cause] + (" *" if notice.synthetic else "")),
            str(notice.ask_count),
            ANSWERED[notice.response] if notice.response else "none",
            Text("open", style="bold") if notice.open else "closed",
        )
    return table


def show_plan(console: Console, plan: SafetyPlan) -> None:
    """The plan in its steps; those that are empty are left out."""
    if not any(lines_of(plan, name) for name in STEPS):
        say(console, "Your safety plan is empty. `ertedge-ctl safety plan --edit` asks for it step by step.")
        return
    say(console, "Your safety plan", "bold")
    for name, title in STEPS.items():
        if lines := lines_of(plan, name):
            say(console, title, "italic")
            for line in lines:
                console.print(Padding(Text(f"- {line}"), (0, 0, 0, 2)))


def show_helplines(console: Console, lines: Sequence[Helpline]) -> None:
    """Who listens, the emergency number first: the number, whose it is and when, and what is to be known of it."""
    say(console, "People who listen", "bold")
    for line in lines:
        contact = f"{line.contact} (text)" if line.channel == "text" else line.contact
        style = "bold red" if line.emergency else "bold"
        console.print(Text.assemble((contact, style), f"  {line.name}, {line.hours}"))
        if line.note:
            console.print(Padding(Text(line.note, style="dim"), (0, 0, 0, 2)))


def lines_of(plan: SafetyPlan, name: str) -> list[str]:
    """A step of the plan, a line an entry."""
    return [_line(entry) for entry in getattr(plan, name)]


def _line(entry: SafetyContact | str) -> str:
    if isinstance(entry, SafetyContact):
        return f"{entry.name}; {entry.contact}" if entry.contact else entry.name
    return str(entry).replace("_", " ")


def _minute(wall_time_ns: int) -> str:
    return time_text(wall_time_ns)[:16].replace("T", " ")
