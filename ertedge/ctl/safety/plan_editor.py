"""Asks for the safety plan in the terminal, step by step. Floor 4.

The steps are those of Stanley and Brown (2012, doi 10.1016/j.cbpra.2011.01.001), from the first sign to the surroundings;
they are best filled in with a professional, in a calm hour.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import replace

from ertedge.ctl.safety.view import STEPS, lines_of
from ertedge.types import HealthCondition, SafetyContact, SafetyPlan

CLEAR = "-"
CONTACTS = ("distractions", "people", "professionals")
HINTS: dict[str, str] = {
    "warning_signs": "thoughts, moods or situations, such as: I stop answering messages",
    "coping_strategies": "such as: a walk, a song, a shower",
    "distractions": "a name, and after a semicolon how to reach it, such as: Ann; 0123 456",
    "people": "a name, and after a semicolon how to reach them",
    "professionals": "a name, and after a semicolon how to reach them, with the hours",
    "safer_surroundings": "such as: Ann keeps my medication",
    "conditions": ", ".join(condition.value for condition in HealthCondition),
}


def edit(plan: SafetyPlan, ask: Callable[[str], str], say: Callable[[str], None]) -> SafetyPlan:
    """The plan after its owner has gone through it. ``ask`` shows a prompt and returns a line; ``say`` shows a line."""
    say(f"Enter ends a step. At its first line, Enter keeps it as it is, and {CLEAR} empties it.")
    for name, title in STEPS.items():
        say("")
        say(f"{title} ({HINTS[name]})")
        for line in lines_of(plan, name):
            say(f"  {line}")
        entered = _entries(name, ask, say)
        if entered is not None:
            plan = replace(plan, **{name: entered})  # type: ignore[arg-type]
    return plan


def _entries(name: str, ask: Callable[[str], str], say: Callable[[str], None]) -> tuple[object, ...] | None:
    """What is entered for a step; None where it stays as it is."""
    found: list[object] = []
    while line := " ".join(ask("> ").split()):
        if line == CLEAR and not found:
            return ()
        if name in CONTACTS:
            found.append(_contact(line))
        elif name != "conditions":
            found.append(line)
        elif (condition := _condition(line)) is not None:
            found.append(condition)
        else:
            close = difflib.get_close_matches(line, [each.value for each in HealthCondition], n=1, cutoff=0.5)
            say(f"{line!r} is none of them{f'; did you mean {close[0]}?' if close else ''}")
    return tuple(dict.fromkeys(found)) or None


def _contact(line: str) -> SafetyContact:
    name, _, contact = line.partition(";")
    return SafetyContact(name.strip() or contact.strip(), contact.strip() if name.strip() else "")


def _condition(line: str) -> HealthCondition | None:
    try:
        return HealthCondition(line.lower().replace(" ", "_"))
    except ValueError:
        return None
