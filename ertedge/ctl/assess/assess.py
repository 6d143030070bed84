"""``ertedge-ctl assess``: fill a questionnaire in, see what it came to and how it went over time. Floor 4.

``assess dass21`` asks; every questionnaire of the daemon is such a command, those of a configured folder too.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from ertedge.ctl.assess import objects, view
from ertedge.ctl.assess.ask import Asking
from ertedge.ctl.assess.lines import ask_in_lines, print_help
from ertedge.ctl.assess.screen import ask_on_screen
from ertedge.ctl.caller import Caller
from ertedge.ctl.objects import print_object
from ertedge.ctl.people.choice import chosen
from ertedge.ctl.safety.view import say
from ertedge.ctl.screen import is_screen, open_screen
from ertedge.errors import ConfigurationError
from ertedge.rpc.assessments_client import AssessmentCompleted, AssessmentView
from ertedge.rpc.client import Client

Whose = Annotated[str, typer.Option("--profile", help="A name or a number; without it, whoever is meant.")]
LIMIT = 20
FILE_CHARACTERS_MOST = 60_000


class AnyQuestionnaire(TyperGroup):
    """A command that is none of ours is the name of a questionnaire, which the daemon knows."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As click's, with the questionnaire's name as an argument of ``fill-in``."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["fill-in", *args]
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=AnyQuestionnaire,
    help="Fill in a questionnaire (assess dass21, phq9, gad7, check-in); see scores, their course, single answers.",
)


@app.callback(invoke_without_command=True)
def assess(context: typer.Context) -> None:
    """Questionnaires: `assess dass21`, phq9, gad7, check-in or one of your own. Alone: which there are."""
    if context.invoked_subcommand is None:
        caller: Caller = context.obj
        caller.run(lambda client, console: _questionnaires(client, console, as_json=caller.as_json))


@app.command("fill-in")
def fill_in(
    context: typer.Context,
    questionnaire: Annotated[str, typer.Argument(help="Such as dass21.")],
    profile: Whose = "",
    language: Annotated[str, typer.Option(help="Two letters, such as de.")] = "",
    start_over: Annotated[bool, typer.Option("--start-over", help="Not go on with what was left.")] = False,
) -> None:
    """Fill in a questionnaire, one question at a time. What you leave can be gone on with for a day."""
    caller: Caller = context.obj

    async def ask(client: Client, console: Console) -> None:
        started = await client.assessments.start(questionnaire, language=language, start_over=start_over)
        asking = Asking(client.assessments, started)
        completed = await _ask(client, console, asking, as_json=caller.as_json)
        if caller.as_json:
            _print_completed(completed, asking.view)
        elif completed is None:
            view.say_left(console, asking)
        else:
            view.show_completed(console, completed, asking.asked)
            view.say_whether_kept(console, asking)

    _run(caller, profile, ask)


@app.command("list")
def list_assessments(
    context: typer.Context,
    questionnaire: Annotated[str, typer.Argument(help="Only of this one, such as dass21.")] = "",
    profile: Whose = "",
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = LIMIT,
) -> None:
    """What was filled in, newest first."""
    caller: Caller = context.obj

    async def show(client: Client, console: Console) -> None:
        found: list[AssessmentView] = []
        page_size = min(limit, 1000)
        async for each in client.assessments.assessments(questionnaire_id=questionnaire, page_size=page_size):
            found.append(each)
            if len(found) == limit:
                break
        reminders = await client.assessments.reminders()
        if caller.as_json:
            for each in found:
                print_object(objects.assessment_object(each))
            for reminder in reminders:
                print_object(objects.reminder_object(reminder))
            return
        view.show_reminders(console, reminders)
        view.show_list(console, found)

    _run(caller, profile, show)


@app.command()
def chart(
    context: typer.Context,
    questionnaire: Annotated[str, typer.Argument(help="Such as dass21.")] = "dass21",
    profile: Whose = "",
) -> None:
    """How the scores went over time, with the bands drawn, and what has changed by more than chance."""
    caller: Caller = context.obj

    async def show(client: Client, console: Console) -> None:
        told = await client.assessments.scores(questionnaire)
        if caller.as_json:
            for point in told.points:
                print_object(objects.point_object(point))
            print_object(objects.changes_object(told.changes))
        else:
            view.show_chart(console, told, questionnaire)

    _run(caller, profile, show)


@app.command()
def answers(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A FHIR R4 QuestionnaireResponse in JSON.")],
    profile: Whose = "",
) -> None:
    """Take over answers that were given elsewhere."""
    caller: Caller = context.obj

    async def take(client: Client, console: Console) -> None:
        completed = await client.assessments.submit(_read(file))
        asked = await client.assessments.questionnaire(completed.view.assessment.questionnaire_id)
        if caller.as_json:
            _print_completed(completed, completed.view)
        else:
            view.show_completed(console, completed, asked)

    _run(caller, profile, take)


@app.command("show")
def show_one(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number, as `assess list` shows it.")],
    fhir: Annotated[bool, typer.Option("--fhir", help="As a FHIR R4 QuestionnaireResponse in JSON.")] = False,
) -> None:
    """One of them with every answer. Reading it is written in the privacy ledger."""
    caller: Caller = context.obj

    async def show(client: Client, console: Console) -> None:
        found = await client.assessments.assessment(number)
        if fhir or caller.as_json:
            print_object(objects.fhir_object(found) if fhir else objects.assessment_object(found))
            return
        each = found.assessment
        asked = await client.assessments.questionnaire(each.questionnaire_id, each.language)
        view.show_answers(console, found, asked)

    caller.run(show)


@app.command()
def amend(
    context: typer.Context,
    number: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number, as `assess list` shows it.")],
    item: Annotated[str, typer.Argument(help="The question's name, as `assess show` shows it.")],
    answer: Annotated[str, typer.Argument(help="The answer's code; - leaves it open.")],
    reason: Annotated[str, typer.Option(help="Why it is changed; it is kept.")],
) -> None:
    """Change an answer after completion. What was there before stays, with the reason."""
    caller: Caller = context.obj

    async def change(client: Client, console: Console) -> None:
        amended = await client.assessments.amend(number, item, "" if answer == "-" else answer, reason=reason)
        if caller.as_json:
            print_object(objects.assessment_object(amended.view))
            print_help(amended)
        else:
            say(console, f"Changed. The answer before is kept with the reason: ertedge-ctl assess show {number}")
            view.show_help(console, amended)

    caller.run(change)


@app.command()
def dismiss(
    context: typer.Context,
    questionnaire: Annotated[str, typer.Argument(help="Such as dass21.")] = "dass21",
    profile: Whose = "",
) -> None:
    """Take the reminder away until the next period."""
    caller: Caller = context.obj

    async def take_away(client: Client, console: Console) -> None:
        await client.assessments.dismiss_reminder(questionnaire)
        if caller.as_json:
            print_object({"record": "assessment_reminder", "questionnaire": questionnaire, "dismissed": True})
        else:
            say(console, "All right. The next reminder comes no sooner than in two weeks, by default.")

    _run(caller, profile, take_away)


def _run(caller: Caller, given: str, command: Callable[[Client, Console], Awaitable[None]]) -> None:
    """Run ``command`` with a client that means the person who is named or chosen; where there is no profile, nobody's."""

    async def connected() -> None:
        async with Client(caller.address) as client:
            number = 0
            if given or await client.profiles.profiles():
                number = (await chosen(client, given)).profile.profile_id
        async with Client(caller.address, profile_id=number) as client:
            await command(client, Console())

    caller.run_alone(connected)


async def _ask(client: Client, console: Console, asking: Asking, *, as_json: bool) -> AssessmentCompleted | None:
    if not as_json and is_screen(console) and sys.stdin.isatty():
        with open_screen(console, arrows=True) as screen:
            return await ask_on_screen(client, screen, asking)
    return await ask_in_lines(console, asking, _line, as_json=as_json)


def _line() -> str | None:
    """A line of standard input, None at its end."""
    return sys.stdin.readline() or None


def _read(file: Path) -> str:
    """The text of a file. Raises ConfigurationError."""
    try:
        with file.open(encoding="utf-8") as opened:
            text = opened.read(FILE_CHARACTERS_MOST + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"cannot be read: {error}"], str(file)) from None
    if len(text) > FILE_CHARACTERS_MOST:
        raise ConfigurationError([f"has more than {FILE_CHARACTERS_MOST} characters, which no answers need"], str(file))
    return text


def _print_completed(completed: AssessmentCompleted | None, left: AssessmentView) -> None:
    print_object(objects.assessment_object(completed.view if completed else left))
    if completed is not None:
        print_object(objects.changes_object(completed.changes))
        print_help(completed)


async def _questionnaires(client: Client, console: Console, *, as_json: bool) -> None:
    found = await client.assessments.questionnaires()
    if as_json:
        for each in found:
            print_object(objects.questionnaire_object(each))
    else:
        view.show_questionnaires(console, found)
