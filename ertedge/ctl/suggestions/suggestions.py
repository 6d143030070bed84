"""``ertedge-ctl suggest`` and ``suggestions``: ask for an activity, see what was suggested, answer, and see how it does.

Floor 4.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ertedge.ctl.caller import Caller
from ertedge.ctl.history import duration_seconds
from ertedge.ctl.keys import pressed_keys
from ertedge.ctl.objects import print_object, time_text
from ertedge.ctl.safety.view import show_helplines, show_notice
from ertedge.ctl.screen import is_screen, open_screen
from ertedge.ctl.suggestions.guide import guide_and_rate, say_what_became
from ertedge.ctl.suggestions.objects import estimate_object, evaluation_object, suggestion_object
from ertedge.ctl.suggestions.words import minutes_text, response_text, reviewed_text, status_text, suggestion_line
from ertedge.errors import ConfigurationError, ErtedgeError, SafetyFirstError
from ertedge.rpc.client import Client
from ertedge.rpc.suggestions_client import SuggestionsEvaluation
from ertedge.types import HELPFULNESS_MOST, Activity, ResponseKind, Suggestion

app = typer.Typer(help="What was suggested; answer it; see how well it does; forget what was learnt.")

SNOOZE_MINUTES = 30.0


class Answer(StrEnum):
    """What a person can say to a suggestion."""

    ACCEPT = "accept"
    DISMISS = "dismiss"
    SNOOZE = "snooze"
    START = "start"
    COMPLETE = "complete"
    RATE = "rate"


def suggest(context: typer.Context) -> None:
    """Ask for an activity now; in a terminal, be guided through it at once if you like."""
    caller: Caller = context.obj
    caller.run(lambda client, console: _suggest(client, console, as_json=caller.as_json))


@app.callback(invoke_without_command=True)
def suggestions(context: typer.Context) -> None:
    """What was suggested, newest first; answer it; see how well it does; forget what was learnt."""
    if context.invoked_subcommand is None:
        list_suggestions(context, limit=20)


@app.command("list")
def list_suggestions(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = 20,
) -> None:
    """What was suggested, newest first, and what became of it."""
    caller: Caller = context.obj
    caller.run(lambda client, console: _list(client, console, limit=limit, as_json=caller.as_json))


@app.command()
def watch(
    context: typer.Context,
    seconds: Annotated[float | None, typer.Option(min=0.1, help="End by itself after this long.")] = None,
) -> None:
    """Every suggestion as it is made and changes, a line each, until Ctrl-C."""
    caller: Caller = context.obj

    async def follow(client: Client, console: Console) -> None:
        await client.device_status()  # where no daemon is, that is said at once
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                async for event in client.suggestions.watch():
                    if event.suggestion is None:
                        continue
                    if caller.as_json:
                        print_object({**suggestion_object(event.suggestion), "sequence": event.sequence})
                    else:
                        _say(console, suggestion_line(event.suggestion))

    caller.run(follow)


@app.command()
def respond(
    context: typer.Context,
    suggestion: Annotated[int, typer.Argument(metavar="ID", min=1, help="Its number, as `list` shows it.")],
    answer: Answer,
    helpfulness: Annotated[
        int | None,
        typer.Option(
            min=1, max=HELPFULNESS_MOST, help="With rate or complete: 1 made it worse, 3 no difference, 5 a lot."
        ),
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=1.0, max=1440.0, help="With snooze: for how long; by default 30.")
    ] = None,
) -> None:
    """Say what you did with a suggestion."""
    caller: Caller = context.obj
    kind = ResponseKind(answer.value)

    async def say(client: Client, console: Console) -> None:
        _check_options(kind, helpfulness, minutes)
        changed = await client.suggestions.respond(
            suggestion, kind, rating=helpfulness or 0, snooze_seconds=60.0 * (minutes or 0.0)
        )
        if caller.as_json:
            print_object(suggestion_object(changed))
        else:
            _say(console, response_text(changed, kind))

    caller.run(say)


@app.command()
def evaluate(
    context: typer.Context,
    since: Annotated[str | None, typer.Option(help="How far back: 12h, 7d; by default everything.")] = None,
) -> None:
    """How well the suggestions do by this device's own log, and how another policy would have done."""
    caller: Caller = context.obj

    async def look(client: Client, console: Console) -> None:
        start_ns = None if since is None else time.time_ns() - int(duration_seconds(since) * 1e9)
        evaluation = await client.suggestions.evaluate(start_ns)
        if caller.as_json:
            print_object(evaluation_object(evaluation))
            for estimate in evaluation.estimates:
                print_object(estimate_object(estimate))
        else:
            _show_evaluation(console, evaluation)

    caller.run(look)


@app.command()
def forget(context: typer.Context) -> None:
    """Forget what was learnt about your taste. What was suggested and answered stays listed."""
    caller: Caller = context.obj

    async def drop(client: Client, console: Console) -> None:
        await client.suggestions.forget()
        if caller.as_json:
            print_object({"forgotten": True})
        else:
            _say(console, "Forgotten. The next suggestions begin from what helps people in general.")

    caller.run(drop)


def _check_options(kind: ResponseKind, helpfulness: int | None, minutes: float | None) -> None:
    faults = []
    if kind is ResponseKind.RATE and helpfulness is None:
        faults.append("rate needs --helpfulness, 1 to 5")
    if helpfulness is not None and kind not in (ResponseKind.RATE, ResponseKind.COMPLETE):
        faults.append(f"--helpfulness goes with rate or complete, not with {kind}")
    if minutes is not None and kind is not ResponseKind.SNOOZE:
        faults.append(f"--minutes goes with snooze, not with {kind}")
    if faults:
        raise ConfigurationError(faults)


async def _suggest(client: Client, console: Console, *, as_json: bool) -> None:
    try:
        suggestion = await client.suggestions.request()
    except SafetyFirstError:
        if not as_json:
            await _show_help(client, console)
        raise
    if as_json:
        print_object(suggestion_object(suggestion))
        return
    activity = await client.suggestions.activity(suggestion.activity_id)
    console.print(_picture(suggestion, activity))
    if is_screen(console) and await _ask_at_once(client, console, suggestion, activity):
        return
    number = suggestion.suggestion_id
    _say(console, f"\nTo be guided: ertedge-ctl guide {suggestion.activity_id}")
    _say(console, f"To answer:    ertedge-ctl suggestions respond {number} snooze, or dismiss, or complete")


async def _show_help(client: Client, console: Console) -> None:
    """What stands before every suggestion: the open notice, and who listens."""
    with contextlib.suppress(ErtedgeError):
        async for notice in client.safety.notices(only_open=True):
            show_notice(console, notice)
        console.print("")
        show_helplines(console, await client.safety.helplines())


async def _ask_at_once(client: Client, console: Console, suggestion: Suggestion, activity: Activity) -> bool:
    """Ask what to do, and do it. False where no key can be pressed."""
    with pressed_keys() as keys:
        if not keys.live:
            return False
        _say(console, "\ng guide me    l later    n no    q leave it open")
        key = await keys.next()
        while key not in ("g", "l", "n", "q"):
            key = await keys.next()
    if key == "g":
        with open_screen(console) as screen:
            guided, answered = await guide_and_rate(client, screen, activity, suggestion)
        say_what_became(console, activity, guided, answered)
    elif key in ("l", "n"):
        kind = ResponseKind.SNOOZE if key == "l" else ResponseKind.DISMISS
        changed = await client.suggestions.respond(suggestion.suggestion_id, kind)
        _say(console, response_text(changed, kind))
    return True


def _picture(suggestion: Suggestion, activity: Activity) -> Table:
    table = Table.grid()
    table.add_row(
        Text.assemble(
            (suggestion.title, "bold"), f"   {minutes_text(suggestion.minutes)}, number {suggestion.suggestion_id}"
        )
    )
    table.add_row(Text(suggestion.reason))
    table.add_row(Text(reviewed_text(activity), style="dim"))
    return table


async def _list(client: Client, console: Console, *, limit: int, as_json: bool) -> None:
    found: list[Suggestion] = []
    async for suggestion in client.suggestions.suggestions(page_size=min(limit, 1000)):
        if as_json:
            print_object(suggestion_object(suggestion))
        found.append(suggestion)
        if len(found) == limit:
            break
    if as_json:
        return
    if not found:
        _say(console, "Nothing has been suggested yet. `ertedge-ctl suggest` asks for something.")
        return
    table = Table("no.", "time (UTC)", "activity", "what became of it", box=None, pad_edge=False, header_style="bold")
    for each in found:
        when = time_text(each.wall_time_ns)[:16].replace("T", " ")
        became = status_text(each) + (" *" if each.synthetic else "")
        table.add_row(str(each.suggestion_id), when, Text(each.title), became)
    console.print(table)
    if any(each.synthetic for each in found):
        console.print("* from the demo or a simulation, not about a real person", style="dim")


def _show_evaluation(console: Console, evaluation: SuggestionsEvaluation) -> None:
    counts = (
        f"{evaluation.decision_count} decisions, {evaluation.offer_count} offers, {evaluation.completed_count} done"
    )
    _say(console, counts)
    if evaluation.estimates:
        table = Table("policy", "method", "gain a decision", "95% interval", "n", box=None, pad_edge=False)
        table.header_style = "bold"
        for one in evaluation.estimates:
            interval = f"{one.low:+.3f} to {one.high:+.3f}"
            effective = f"{one.decision_count} ({one.effective_count:.0f})"
            table.add_row(one.policy, one.method, f"{one.value:+.3f}", interval, effective)
        console.print(table)
    if evaluation.note:
        console.print(evaluation.note, style="dim", markup=False, highlight=False)


def _say(console: Console, sentence: str) -> None:
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)
