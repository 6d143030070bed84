"""``ertedge-ctl study events``: what went wrong for participants, recorded and followed. Floor 4."""

from __future__ import annotations

import time
from typing import Annotated

import typer
from rich.console import Console

from ertedge.ctl.caller import Caller
from ertedge.ctl.history import duration_seconds
from ertedge.ctl.objects import print_object
from ertedge.ctl.study import view
from ertedge.ctl.study.objects import event_object
from ertedge.errors import NotFoundError
from ertedge.rpc.client import Client
from ertedge.types.study import AdverseEvent, EventCategory, EventOutcome, EventSeverity, Relatedness, Seriousness

app = typer.Typer(no_args_is_help=True, help="Adverse events: record, list, update.")

StudyId = Annotated[str, typer.Argument(metavar="STUDY", help="The study's id.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The participant.")]


@app.command("list")
def list_events(
    context: typer.Context,
    study: StudyId,
    number: Annotated[int, typer.Argument(metavar="[NUMBER]", min=0, help="Of one participant; 0: of all.")] = 0,
) -> None:
    """The adverse events of a study, oldest first."""
    caller: Caller = context.obj

    async def show(client: Client, console: Console) -> None:
        found = await client.study.events(study, number or None)
        if caller.as_json:
            for event in found:
                print_object(event_object(event))
        elif found:
            console.print(view.events_table(found))
        else:
            view.say(console, "No adverse event was recorded.")

    caller.run(show)


@app.command()
def add(
    context: typer.Context,
    study: StudyId,
    number: Number,
    *,
    category: Annotated[EventCategory, typer.Option(help="What it was about.")],
    severity: Annotated[EventSeverity, typer.Option(help="How strong it was.")],
    relatedness: Annotated[Relatedness, typer.Option(help="Whether what the study does caused it.")],
    seriousness: Annotated[
        Seriousness, typer.Option(help="Whether it is serious, and by what.")
    ] = Seriousness.NOT_SERIOUS,
    outcome: Annotated[EventOutcome, typer.Option(help="How it has ended so far.")] = EventOutcome.UNKNOWN,
    ago: Annotated[str | None, typer.Option(help="How long ago it began: 30m, 12h, 3d; by default now.")] = None,
    description: Annotated[str, typer.Option(help="What happened, in words; never exported.")] = "",
) -> None:
    """Record an adverse event, whatever caused it."""
    caller: Caller = context.obj

    async def record(client: Client, console: Console) -> None:
        onset_ns = time.time_ns() - (0 if ago is None else int(duration_seconds(ago) * 1e9))
        given = AdverseEvent(
            0, number, 0, onset_ns, category, seriousness, severity, relatedness, outcome, description, 0, 0
        )
        made = await client.study.record_event(study, given)
        if caller.as_json:
            print_object(event_object(made))
            return
        view.say(console, f"Recorded as event {made.event_id}.")
        if made.is_serious:
            view.say(console, "It is serious: report it to the sponsor and the ethics committee without delay.", "bold")

    caller.run(record)


@app.command()
def update(
    context: typer.Context,
    study: StudyId,
    number: Number,
    event: Annotated[int, typer.Argument(metavar="EVENT", min=1, help="Its number, as `list` shows it.")],
    *,
    category: Annotated[EventCategory | None, typer.Option(help="What it was about.")] = None,
    seriousness: Annotated[Seriousness | None, typer.Option(help="Whether it is serious.")] = None,
    severity: Annotated[EventSeverity | None, typer.Option(help="How strong it was.")] = None,
    relatedness: Annotated[Relatedness | None, typer.Option(help="Whether the study caused it.")] = None,
    outcome: Annotated[EventOutcome | None, typer.Option(help="How it has ended so far.")] = None,
    description: Annotated[str | None, typer.Option(help="What happened, in words.")] = None,
) -> None:
    """Change what is known of an adverse event."""
    caller: Caller = context.obj

    async def change(client: Client, console: Console) -> None:
        before = next((each for each in await client.study.events(study, number) if each.event_id == event), None)
        if before is None:
            raise NotFoundError(f"participant {number} has no adverse event {event}")
        given = {
            "category": category,
            "seriousness": seriousness,
            "severity": severity,
            "relatedness": relatedness,
            "outcome": outcome,
            "description": description,
        }
        names = [name for name, value in given.items() if value is not None]
        wanted = AdverseEvent(
            event_id=event,
            participant_id=number,
            profile_id=0,
            onset_wall_time_ns=before.onset_wall_time_ns,
            category=category or before.category,
            seriousness=seriousness or before.seriousness,
            severity=severity or before.severity,
            relatedness=relatedness or before.relatedness,
            outcome=outcome or before.outcome,
            description=before.description if description is None else description,
            record_wall_time_ns=0,
            update_wall_time_ns=0,
        )
        changed = await client.study.update_event(study, wanted, names) if names else before
        if caller.as_json:
            print_object(event_object(changed))
        else:
            console.print(view.events_table([changed]))

    caller.run(change)
