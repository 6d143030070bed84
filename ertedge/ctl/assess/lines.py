"""A questionnaire in plain lines, for a pipe, a screen reader or a terminal that shows no pictures. Floor 4.

A line answers: the digit of an answer, ``b`` goes back, ``s`` leaves open, ``q`` leaves. With objects, an item is an object
and the next line answers it. Where the input ends, the questionnaire is left as it is and can be gone on with.
"""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console

from ertedge.ctl.assess.ask import Asking, keys_of
from ertedge.ctl.assess.objects import item_object
from ertedge.ctl.objects import print_object
from ertedge.ctl.safety.objects import helpline_object, notice_object
from ertedge.ctl.safety.view import say, show_helplines
from ertedge.rpc.assessments_client import AssessmentAnswered, AssessmentCompleted
from ertedge.types.assessments import QuestionnaireItem

HOW = "To answer, type a digit and Enter; b goes back, s leaves a question open, q leaves for now."


async def ask_in_lines(
    console: Console, asking: Asking, read: Callable[[], str | None], *, as_json: bool
) -> AssessmentCompleted | None:
    """Ask until it is complete (what it comes to) or the person leaves (None). ``read`` gives a line, None at the end."""
    if not as_json:
        say(console, asking.asked.questionnaire.title, "bold")
        say(console, asking.asked.questionnaire.instruction)
        say(console, HOW, "dim")
    while (item := asking.item) is not None:
        _show(console, asking, item, as_json=as_json)
        line = read()
        if line is None or line.strip().lower() == "q":
            return None
        await _take(console, asking, item, line.strip().lower(), as_json=as_json)
    return await asking.complete()


async def _take(console: Console, asking: Asking, item: QuestionnaireItem, line: str, *, as_json: bool) -> None:
    keys = keys_of(item)
    if line == "b":
        asking.back()
    elif line == "s" or line in keys:
        answered = await asking.answer(keys[line].code if line in keys else "")
        if asking.item is not None:  # after the last one it stands above what the answers come to
            _show_help(console, answered, as_json=as_json)
    elif not as_json and line:
        say(console, f"{line[:20]!r} is no answer; type one of {', '.join(keys)}, or b, s, q")


def _show(console: Console, asking: Asking, item: QuestionnaireItem, *, as_json: bool) -> None:
    number, count, given = asking.index + 1, len(asking.items), asking.given(item)
    if as_json:
        print_object(item_object(item, number, count, given.code if given else ""))
        return
    console.print("")
    say(console, f"{number} of {count}: {item.text}", "bold")
    _show_choices(console, item, given.code if given else "")


def _show_choices(console: Console, item: QuestionnaireItem, given: str) -> None:
    for digit, choice in keys_of(item).items():
        say(console, f"  {digit}  {choice.text}{' (your answer so far)' if choice.code == given else ''}")


def _show_help(console: Console, answered: AssessmentAnswered, *, as_json: bool) -> None:
    """An answer that calls for help is met with help, and with thanks for it."""
    if answered.notice is None:
        return
    if as_json:
        print_help(answered)
        return
    console.print("")
    say(console, answered.notice.message, "bold")
    show_helplines(console, answered.helplines)
    say(console, "Your answer is kept. You can go on with the questions, or leave with q and come back later.")


def print_help(answered: AssessmentAnswered | AssessmentCompleted) -> None:
    """The notice and who listens, as objects."""
    if answered.notice is not None:
        print_object(notice_object(answered.notice))
    for line in answered.helplines:
        print_object(helpline_object(line))
