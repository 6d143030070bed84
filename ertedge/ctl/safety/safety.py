"""``ertedge-ctl safety``: see and answer notices, ask for help, the safety plan, helplines. Floor 4.

Where the daemon does not answer, what anybody can do without it is said all the same.
"""

from __future__ import annotations

from collections.abc import Coroutine
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from ertedge.ctl.caller import Caller
from ertedge.ctl.objects import print_object
from ertedge.ctl.safety import plan_editor, view
from ertedge.ctl.safety.objects import helpline_object, notice_object, plan_object
from ertedge.errors import InvalidRequestError, ServerUnavailableError
from ertedge.rpc.client import Client
from ertedge.rpc.safety_client import SafetyAnswered
from ertedge.types import NoticeResponse, SafetyNotice

app = typer.Typer(help="Ask for help now; safety notices; the safety plan; helplines.")

LIMIT = 20


class Answer(StrEnum):
    """What a person can answer to a notice."""

    NEED_HELP = "need-help"
    SAFE = "safe"
    NOT_NOW = "not-now"


@app.callback(invoke_without_command=True)
def safety(context: typer.Context) -> None:
    """Ask for help now; safety notices; the safety plan; helplines. Alone: what is open, the plan and who listens."""
    if context.invoked_subcommand is None:
        caller: Caller = context.obj
        caller.run(lambda client, console: _reachable(_look(client, console, as_json=caller.as_json)))


@app.command("help")
def ask_for_help(
    context: typer.Context,
    text: Annotated[str, typer.Option(help="What you want to say; it is not kept.")] = "",
) -> None:
    """Say that you want help now: shows your safety plan and who listens, at once."""
    caller: Caller = context.obj

    async def ask(client: Client, console: Console) -> None:
        _show_answered(console, await client.safety.ask_for_help(text), as_json=caller.as_json)

    caller.run(lambda client, console: _reachable(ask(client, console)))


@app.command()
def notices(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = LIMIT,
    only_open: Annotated[bool, typer.Option("--open", help="Only one that is open.")] = False,
) -> None:
    """The safety notices, newest first."""
    caller: Caller = context.obj

    async def show(client: Client, console: Console) -> None:
        found: list[SafetyNotice] = []
        async for notice in client.safety.notices(only_open=only_open, page_size=min(limit, 1000)):
            found.append(notice)
            if len(found) == limit:
                break
        if caller.as_json:
            for notice in found:
                print_object(notice_object(notice))
        elif found:
            console.print(view.notices_table(found))
            if found[0].open:
                console.print("")
                view.show_notice(console, found[0])
        else:
            view.say(console, "There is no safety notice.")

    caller.run(show)


@app.command()
def respond(
    context: typer.Context,
    notice: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number, as `notices` shows it.")],
    answer: Answer,
    text: Annotated[str, typer.Option(help="What you want to say; it is not kept.")] = "",
) -> None:
    """Answer a notice. Whatever you answer, help stays within reach."""
    caller: Caller = context.obj
    response = NoticeResponse[answer.name]

    async def say(client: Client, console: Console) -> None:
        answered = await client.safety.respond(notice, response, text)
        if caller.as_json or answered.notice.response is NoticeResponse.NEED_HELP:
            _show_answered(console, answered, as_json=caller.as_json)
        elif answered.notice.open:
            view.say(console, "Thank you for answering. I will ask again later, gently; help stays within reach:")
            view.say(console, "ertedge-ctl safety help")
        else:
            view.say(console, "Thank you. I am glad. Help stays within reach: ertedge-ctl safety help")

    caller.run(lambda client, console: _reachable(say(client, console)))


@app.command()
def plan(
    context: typer.Context,
    edit: Annotated[bool, typer.Option("--edit", help="Go through it step by step.")] = False,
) -> None:
    """Your safety plan. Reading it is written in the privacy ledger."""
    caller: Caller = context.obj

    async def show(client: Client, console: Console) -> None:
        current = await client.safety.plan()
        if edit:
            if caller.as_json:
                raise InvalidRequestError([("--edit", "asks in the terminal and does not go with --json")])
            edited = plan_editor.edit(current, _asked, lambda line: view.say(console, line))
            if edited != current:
                current = await client.safety.update_plan(edited)
            console.print("")
        if caller.as_json:
            print_object(plan_object(current))
        else:
            view.show_plan(console, current)

    caller.run(show)


@app.command()
def helplines(
    context: typer.Context,
    region: Annotated[str, typer.Option(help="Two letters of a country, such as GB; by default the device's.")] = "",
) -> None:
    """Who listens: those of the country, then how to find others anywhere."""
    caller: Caller = context.obj

    async def show(client: Client, console: Console) -> None:
        lines = await client.safety.helplines(region)
        if caller.as_json:
            for line in lines:
                print_object(helpline_object(line))
        else:
            view.show_helplines(console, lines)

    caller.run(lambda client, console: _reachable(show(client, console)))


def _asked(prompt: str) -> str:
    try:
        return input(prompt)
    except EOFError:
        return ""


async def _look(client: Client, console: Console, *, as_json: bool) -> None:
    opened = (await client.safety.list_notices(only_open=True)).notices
    current, lines = await client.safety.plan(), await client.safety.helplines()
    if as_json:
        for record in (*map(notice_object, opened), plan_object(current), *map(helpline_object, lines)):
            print_object(record)
        return
    for notice in opened:
        view.show_notice(console, notice)
        console.print("")
    view.show_plan(console, current)
    console.print("")
    view.show_helplines(console, lines)


def _show_answered(console: Console, answered: SafetyAnswered, *, as_json: bool) -> None:
    if as_json:
        print_object(notice_object(answered.notice))
        if answered.plan is not None:
            print_object(plan_object(answered.plan))
        for line in answered.helplines:
            print_object(helpline_object(line))
        return
    view.say(console, answered.notice.message, "bold")
    console.print("")
    view.show_helplines(console, answered.helplines)
    if answered.plan is not None:
        console.print("")
        view.show_plan(console, answered.plan)


async def _reachable(command: Coroutine[None, None, None]) -> None:
    """Run ``command``; where the daemon is away, say first what helps without it."""
    try:
        await command
    except ServerUnavailableError:
        Console(stderr=True).print(view.WITHOUT_DAEMON, style="bold", markup=False, highlight=False)
        raise
