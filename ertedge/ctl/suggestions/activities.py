"""``ertedge-ctl activities`` and ``guide``: the catalogue, its check, its sign-offs, and being guided. Floor 4."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ertedge.ctl.caller import Caller
from ertedge.ctl.objects import print_object, time_text
from ertedge.ctl.suggestions.guide import guide as guide_through
from ertedge.ctl.suggestions.guide_view import DOING, minutes_and_seconds
from ertedge.ctl.suggestions.objects import activity_object
from ertedge.ctl.suggestions.words import CONDITION, FAMILY, minutes_text, reviewed_text
from ertedge.errors import ConfigurationError
from ertedge.rpc.client import Client
from ertedge.types import Activity, ActivityFamily

app = typer.Typer(help="The activities that can be suggested; check files of them; sign them off.")

Language = Annotated[str, typer.Option("--language", help="ISO 639-1; by default the device's.")]

SHORTEST_PATTERN = 2
"""A pattern of steps must come at least so often to be shown as one line with a count."""


@app.callback(invoke_without_command=True)
def activities(context: typer.Context) -> None:
    """The activities that can be suggested; check files of them; sign them off."""
    if context.invoked_subcommand is None:
        list_activities(context, family=None, language="")


@app.command("list")
def list_activities(
    context: typer.Context,
    family: Annotated[ActivityFamily | None, typer.Option(help="Only of this family.")] = None,
    language: Language = "",
) -> None:
    """The catalogue by id."""
    caller: Caller = context.obj

    async def look(client: Client, console: Console) -> None:
        found = await client.suggestions.activities(family, language)
        if caller.as_json:
            for activity in found:
                print_object(activity_object(activity))
        else:
            _show_list(console, found)

    caller.run(look)


@app.command()
def show(
    context: typer.Context,
    activity_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    language: Language = "",
) -> None:
    """An activity whole: what it is for, its steps, cautions, evidence, reviews."""
    caller: Caller = context.obj

    async def look(client: Client, console: Console) -> None:
        activity = await client.suggestions.activity(activity_id, language)
        if caller.as_json:
            print_object(activity_object(activity))
        else:
            _show_activity(console, activity)

    caller.run(look)


@app.command()
def check(
    context: typer.Context,
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Files or folders; by default those that ship.")
    ] = None,
) -> None:
    """Check activity files and report every fault at once. Needs no daemon."""
    caller: Caller = context.obj

    async def run() -> None:
        status = await asyncio.to_thread(_check, paths or [], as_json=caller.as_json)
        if status:
            raise typer.Exit(status)

    caller.run_alone(run)


@app.command()
def review(
    context: typer.Context,
    activity_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
    *,
    by: Annotated[str, typer.Option(help="Who reviewed it.")],
    role: Annotated[str, typer.Option(help="Their profession.")],
    language: Language = "",
    digest: Annotated[str, typer.Option(help="Of the content that was read, as `show --json` has it.")] = "",
) -> None:
    """Sign an activity off as it stands; a change of its content voids it."""
    caller: Caller = context.obj

    async def sign(client: Client, console: Console) -> None:
        # What is signed is the content that is there now, and not one that takes its place in between.
        content = digest or (await client.suggestions.activity(activity_id, language)).digest
        signed = await client.suggestions.review(activity_id, reviewer=by, role=role, language=language, digest=content)
        if caller.as_json:
            print_object(activity_object(signed))
        else:
            line = f"{signed.title} ({signed.language}), version {signed.version}: {reviewed_text(signed)}."
            console.print(line, markup=False, highlight=False, soft_wrap=True)

    caller.run(sign)


def guide(
    context: typer.Context,
    activity_id: Annotated[str, typer.Argument(metavar="ID", help="As `activities list` shows it.")],
    from_: Annotated[str, typer.Option("--from", help="Where to begin, as minutes:seconds.")] = "0:00",
    language: Language = "",
) -> None:
    """Be guided through an activity, with a pace that moves; space pauses, q ends."""
    caller: Caller = context.obj

    async def run(client: Client, console: Console) -> None:
        begin = position_seconds(from_)
        await guide_through(
            client, console, activity_id, position_seconds=begin, language=language, as_json=caller.as_json
        )

    caller.run(run)


def position_seconds(text: str) -> float:
    """``2:30`` or ``150`` in seconds. Raises ConfigurationError for anything else."""
    found = re.fullmatch(r"(?:(\d+):)?(\d+(?:\.\d+)?)", text.strip())
    if found is None or (found[1] is not None and float(found[2]) >= 60):
        raise ConfigurationError([f"{text!r} is no position; write it as 2:30 or in seconds"])
    return 60.0 * int(found[1] or 0) + float(found[2])


def _check(paths: Sequence[Path], *, as_json: bool) -> int:
    """Run the check in a process of its own, since it needs what a client does not load. Returns its exit status."""
    command = [sys.executable, "-m", "ertedge.recommend.check", *(["--json"] if as_json else []), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    sys.stdout.write(done.stdout)
    sys.stdout.flush()
    if done.stderr.strip():
        typer.echo(done.stderr.strip().splitlines()[-1], err=True)
    return done.returncode


def _show_list(console: Console, found: Sequence[Activity]) -> None:
    if not found:
        console.print("There is no such activity.")
        return
    table = Table("id", "family", "time", "for", "reviewed", box=None, pad_edge=False, header_style="bold")
    for activity in found:
        table.add_row(
            Text(activity.activity_id),
            FAMILY[activity.family],
            minutes_text(activity.minutes),
            ", ".join(activity.emotions),
            "yes" if activity.reviews else "no",
        )
    console.print(table)


def _show_activity(console: Console, activity: Activity) -> None:
    effect = activity.evidence.effect_size
    cautions = ", ".join(CONDITION[condition] for condition in activity.contraindications)
    rows = {
        "what it is for": activity.purpose,
        "emotions": ", ".join(activity.emotions) or "any",
        "arousal": f"suits {activity.arousal_least:+.1f} to {activity.arousal_most:+.1f}, {activity.arousal_effect} it",
        "may be unfit for": cautions or "nobody that is known of",
        "evidence": activity.evidence.note + (f" (g = {effect:.2f})" if effect is not None else ""),
        "source": f"{activity.evidence.citation} {activity.evidence.source}",
        "review": reviewed_text(activity),
        **{f"  {time_text(one.wall_time_ns)[:10]}": f"{one.reviewer}, {one.role}" for one in activity.reviews},
    }
    head = f"   {activity.activity_id}, version {activity.version}, {activity.language}"
    console.print(Text.assemble((activity.title, "bold"), head))
    console.print(Text(f"{FAMILY[activity.family]}, {minutes_text(activity.minutes)}\n", style="dim"))
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(Text(name, style="bold"), Text(" ".join(value.split())))
    console.print(table, "")
    console.print(_steps_table(activity))
    if activity.journaling_prompt:
        console.print(Text.assemble(("\nto write to: ", "bold"), " ".join(activity.journaling_prompt.split())))


def _steps_table(activity: Activity) -> Table:
    """A row a step; the rounds of a breath that repeat are one row of the whole pattern with their count."""
    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    begin, index = 0.0, 0
    while index < len(activity.steps):
        length, rounds = _pattern_at(activity, index)
        pattern = activity.steps[index : index + length]
        texts = [f"{step.show} ({step.seconds:g} s)" if length > 1 else step.show for step in pattern]
        times = f"{rounds} times: " if rounds > 1 else ""
        table.add_row(minutes_and_seconds(begin), Text(times + ", ".join(texts)))
        begin += rounds * sum(step.seconds for step in pattern)
        index += rounds * length
    return table


def _pattern_at(activity: Activity, index: int) -> tuple[int, int]:
    """Length and count of the rounds that begin at a step: the shortest pattern that repeats there; (1, 1) for none."""
    shown = [(step.kind, step.show, step.seconds) for step in activity.steps[index:]]
    for length in range(1, len(shown) // 2 + 1):
        rounds = 1
        while shown[rounds * length : (rounds + 1) * length] == shown[:length]:
            rounds += 1
        if rounds >= SHORTEST_PATTERN and any(DOING[kind] for kind, _, _ in shown[:length]):
            return length, rounds
    return 1, 1
