"""A questionnaire on a screen: digits or arrows answer, left goes back, and help is one key away all the time. Floor 4.

Fits 80 by 24. An answer that calls for help shows it before the next question: who listens, and that one may stop here.
"""

from __future__ import annotations

import textwrap

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from ertedge.ctl.assess.ask import Asking, keys_of
from ertedge.ctl.keys import DOWN, ESCAPE, LEFT, RIGHT, UP
from ertedge.ctl.plot import Lines, Meter
from ertedge.ctl.safety.help_view import help_screen, helpline_text
from ertedge.ctl.safety.view import WITHOUT_DAEMON
from ertedge.ctl.screen import Screen
from ertedge.errors import ErtedgeError, ServerUnavailableError
from ertedge.rpc.assessments_client import AssessmentAnswered, AssessmentCompleted
from ertedge.rpc.client import Client
from ertedge.types import Helpline
from ertedge.types.assessments import QuestionnaireItem

ENTER = ("\n", "\r")
WIDTH = 74
KEYS = "↑↓ or a digit, enter answers   ← back   s leave open   h help   q leave"
OVER_KEYS = "enter what it comes to   ← back   h help   q leave"
NOTICE_KEYS = "enter goes on   h plan and helplines   q stops here"
FIRST_HELPLINES = 4


async def ask_on_screen(client: Client, screen: Screen, asking: Asking) -> AssessmentCompleted | None:
    """Ask until it is complete (what it comes to) or the person leaves (None). Raises what is not the daemon's absence."""
    return await _Page(client, screen, asking).run()


class _Page:
    """The questionnaire on ``screen``; ``_chosen`` is where the arrows are."""

    def __init__(self, client: Client, screen: Screen, asking: Asking) -> None:
        self._client = client
        self._screen = screen
        self._asking = asking
        self._chosen = 0
        self._trouble = ""
        self._helplines: tuple[Helpline, ...] = ()

    async def run(self) -> AssessmentCompleted | None:
        self._arrive()
        while True:
            self._screen.draw(self._picture())
            key = await self._screen.keys.next()
            if key in ("q", ESCAPE):
                return None
            if key == "h":
                await self._help()
                continue
            try:
                item = self._asking.item
                if item is None:
                    if key in ENTER:
                        return await self._asking.complete()
                    self._move(key)
                elif not await self._press(key, item):
                    return None
                self._trouble = ""
            except ServerUnavailableError:
                self._trouble = f"The daemon does not answer; please give this answer again. {WITHOUT_DAEMON}"

    async def _press(self, key: str, item: QuestionnaireItem) -> bool:
        """What a key does to an item; False where the person stops."""
        keys = keys_of(item)
        if key in keys:
            return await self._answer(keys[key].code)
        if key in ENTER:
            return await self._answer(item.choices[self._chosen].code)
        if key == "s":
            return await self._answer("")
        if key in (UP, "k"):
            self._chosen = max(0, self._chosen - 1)
        elif key in (DOWN, "j"):
            self._chosen = min(len(item.choices) - 1, self._chosen + 1)
        else:
            self._move(key)
        return True

    def _move(self, key: str) -> None:
        if key in (LEFT, "b"):
            self._asking.back()
            self._arrive()
        elif key == RIGHT:
            self._asking.forward()
            self._arrive()

    async def _answer(self, code: str) -> bool:
        answered = await self._asking.answer(code)
        self._arrive()
        self._screen.keys.forget()  # an answer must not be older than its question
        return answered.notice is None or await self._show_notice(answered)

    def _arrive(self) -> None:
        """Put the arrows on what was answered before."""
        item = self._asking.item
        given = item and self._asking.given(item)
        self._chosen = item.choices.index(given) if item and given else 0

    async def _show_notice(self, answered: AssessmentAnswered) -> bool:
        """Help first, until the person goes on (True) or stops."""
        self._helplines = answered.helplines
        message = answered.notice.message if answered.notice else ""
        while True:
            self._screen.draw(notice_picture(message, answered.helplines))
            key = await self._screen.keys.next()
            if key in ENTER:
                return True
            if key in ("q", ESCAPE):
                return False
            if key == "h":
                await self._help()

    async def _help(self) -> None:
        """The plan and the helplines, until the person comes back; to need help now is said here too."""
        asked = ""
        try:
            plan, helplines = await self._client.safety.plan(), await self._client.safety.helplines()
        except ErtedgeError:
            plan, helplines = None, self._helplines
        while True:
            self._screen.draw(help_screen(plan, helplines, asked=asked, height=self._screen.height))
            key = await self._screen.keys.next()
            if key in ("q", ESCAPE, "h"):
                return
            if key == "n":
                try:
                    answer = await self._client.safety.ask_for_help()
                except ErtedgeError:
                    plan = None  # what can be said without the daemon is said at once
                else:
                    asked, helplines = answer.notice.message, answer.helplines or helplines

    def _picture(self) -> RenderableType:
        if self._asking.item is None:
            return over_picture(self._asking, self._trouble)
        return item_picture(self._asking, self._asking.item, self._chosen, self._trouble)


def item_picture(asking: Asking, item: QuestionnaireItem, chosen: int, trouble: str = "") -> Panel:
    """The instruction, the question, its answers with the chosen one marked, and how far it is."""
    questionnaire = asking.asked.questionnaire
    given = asking.given(item)
    question = f"{item.number} {item.text}".strip()
    lines: list[RenderableType] = [Lines(Text(questionnaire.instruction, style="dim"), 3), Text()]
    lines += [Lines(Text(question, style="bold"), 4), Text()]
    for index, (digit, choice) in enumerate(keys_of(item).items()):
        mark = "▶" if index == chosen else " "
        before = "*" if given == choice else " "
        style = "reverse" if index == chosen else ""
        wrapped = textwrap.wrap(choice.text, WIDTH - 8) or [""]
        lines.append(Text.assemble(f"{mark}{before}", (f" {digit}  {wrapped[0]} ", style)))
        lines += [Text(f"      {rest}") for rest in wrapped[1:]]
    lines += [Text(), Meter(asking.index / len(asking.items), "cyan")]
    left_open = "   left open before" if asking.was_shown(item) and given is None else ""
    lines.append(Text(f"question {asking.index + 1} of {len(asking.items)}{left_open}", style="dim"))
    if trouble:
        lines += [Text(), Text(trouble, style="bold")]
    return _panel(questionnaire.title, KEYS, lines)


def over_picture(asking: Asking, trouble: str = "") -> Panel:
    """All were shown."""
    count, left = asking.answered_count, len(asking.items) - asking.answered_count
    said = f"{count} questions are answered" + (f", {left} are left open." if left else ".")
    lines: list[RenderableType] = [
        Text(),
        Text("That was the last question.", style="bold"),
        Text(),
        Text(said),
        Text(),
    ]
    lines.append(Text("Enter shows what it comes to. Until then every answer can still be changed."))
    if trouble:
        lines += [Text(), Text(trouble, style="bold")]
    return _panel(asking.asked.questionnaire.title, OVER_KEYS, [*lines, Text()])


def notice_picture(message: str, helplines: tuple[Helpline, ...]) -> Panel:
    """What is said after an answer that calls for help: calmly, who listens first, and that one may stop."""
    lines: list[RenderableType] = [Text(), Text(message, style="bold"), Text()]
    lines += [Lines(helpline_text(line), 1) for line in helplines[:FIRST_HELPLINES]]
    lines += [
        Text(),
        Text("Your answer is kept. You can go on with the questions, or stop here and come back later."),
        Text(),
    ]
    return _panel("You are not alone with this", NOTICE_KEYS, lines)


def _panel(title: str, keys: str, lines: list[RenderableType]) -> Panel:
    return Panel(
        Group(*lines), title=Text(title), title_align="left", subtitle=Text(keys), subtitle_align="left", width=80
    )
