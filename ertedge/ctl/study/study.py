"""``ertedge-ctl study``: create a study, enrol people, see what is due, end it, check it, export it. Floor 4."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ertedge.ctl.caller import Caller
from ertedge.ctl.objects import print_object
from ertedge.ctl.people.choice import chosen
from ertedge.ctl.study import events as study_events
from ertedge.ctl.study import view
from ertedge.ctl.study.objects import (
    adherence_object,
    check_object,
    due_object,
    erased_object,
    participant_object,
    study_object,
)
from ertedge.errors import ConfigurationError, ErtedgeError, InvalidRequestError
from ertedge.rpc.client import Client
from ertedge.rpc.study_client import StudyInfo
from ertedge.types.study import NotEnrolledReason

app = typer.Typer(no_args_is_help=True, help="Run a randomised study: enrol, follow up, verify, export.")
app.add_typer(study_events.app, name="events")

StudyId = Annotated[str, typer.Argument(metavar="STUDY", help="Its id, as `list` shows it.")]
Number = Annotated[int, typer.Argument(metavar="NUMBER", min=1, help="The participant, as `participants` shows them.")]


@app.command()
def create(
    context: typer.Context,
    protocol: Annotated[Path, typer.Argument(help="The protocol, a TOML file.")],
    seal: Annotated[
        Path | None, typer.Option(help="A seal of `python -m tools.trial seal`, for a study over several devices.")
    ] = None,
    simulated: Annotated[bool, typer.Option("--simulated", help="Its people are not real; exports say so.")] = False,
) -> None:
    """Create a study from a protocol. Its allocation is sealed now, and nothing of it can be changed any more."""
    caller: Caller = context.obj

    async def make(client: Client, console: Console) -> None:
        text, sealed = _read(protocol).decode("utf-8", "replace"), _read(seal) if seal else b""
        try:
            study = await client.study.create(text, seal=sealed, synthetic=simulated)
        except InvalidRequestError as error:
            raise ConfigurationError([what for _, what in error.violations], str(protocol)) from None
        if caller.as_json:
            print_object(study_object(study))
        else:
            view.show_study(console, study)

    caller.run(make)


@app.command("list")
def list_studies(context: typer.Context) -> None:
    """The studies on this device."""
    caller: Caller = context.obj

    async def show(client: Client, console: Console) -> None:
        found = await client.study.studies()
        if caller.as_json:
            for study in found:
                print_object(study_object(study))
        elif found:
            console.print(view.studies_table(found))
        else:
            view.say(console, "There is no study. `ertedge-ctl study create PROTOCOL.toml` makes one.")

    caller.run(show)


@app.command()
def show(
    context: typer.Context,
    study: StudyId,
    protocol: Annotated[bool, typer.Option("--protocol", help="Its protocol as it was given.")] = False,
) -> None:
    """What a study is, with the commitment of its sealed allocation."""
    caller: Caller = context.obj

    async def look(client: Client, console: Console) -> None:
        found = await client.study.study(study)
        if protocol:
            console.print(found.protocol_text, markup=False, highlight=False, soft_wrap=True, end="")
        elif caller.as_json:
            print_object(study_object(found))
        else:
            view.show_study(console, found)

    caller.run(look)


@app.command()
def enrol(
    context: typer.Context,
    study: StudyId,
    *,
    profile: Annotated[str, typer.Option(help="A name or a number; without it, whoever is meant.")] = "",
    confirm: Annotated[
        list[str] | None, typer.Option(help="An inclusion criterion that is so, by its id; repeat it for each.")
    ] = None,
    present: Annotated[
        list[str] | None, typer.Option(help="An exclusion criterion that is so, by its id; nobody is enrolled then.")
    ] = None,
    characteristic: Annotated[
        list[str] | None, typer.Option("--set", help="A characteristic, as age=40; repeat it for each.")
    ] = None,
    slot: Annotated[
        int | None, typer.Option(min=0, help="The slot that the centre gave, over several devices.")
    ] = None,
) -> None:
    """Enrol a person who has consented and answered the baseline; asks what the protocol asks, unless options tell."""
    caller: Caller = context.obj

    async def enrol_one(client: Client, console: Console) -> None:
        found = await client.study.study(study)
        confirmed, excluded = list(confirm or ()), list(present or ())
        given = dict(_pair(each) for each in characteristic or ())
        if not caller.as_json and not (confirm or present or given):
            await asyncio.to_thread(_ask, console, found, confirmed, excluded, given)
        number = int(profile) if profile.isdecimal() else (await chosen(client, profile)).profile.profile_id
        one = await client.study.enrol(
            study, number, confirmed_criteria=confirmed, present_exclusions=excluded, characteristics=given, slot=slot
        )
        if caller.as_json:
            print_object(participant_object(one))
        else:
            view.show_participant(console, one)

    caller.run(enrol_one)


@app.command("not-enrolled")
def not_enrolled(
    context: typer.Context,
    study: StudyId,
    reason: Annotated[NotEnrolledReason, typer.Argument(help="Why.")],
    criterion: Annotated[str, typer.Option(help="The criterion that speaks against it, by its id.")] = "",
) -> None:
    """Count somebody who was asked and does not take part. Nothing says who."""
    caller: Caller = context.obj

    async def count(client: Client, console: Console) -> None:
        counted = await client.study.record_not_enrolled(study, reason, criterion)
        if caller.as_json:
            print_object({"record": "not_enrolled", "study": study, "count": counted})
        else:
            view.say(console, f"Counted. {counted} were asked and do not take part.")

    caller.run(count)


@app.command()
def participants(context: typer.Context, study: StudyId) -> None:
    """Who takes part, and how far they are."""
    caller: Caller = context.obj

    async def look(client: Client, console: Console) -> None:
        found = await client.study.participants(study)
        if caller.as_json:
            for one in found:
                print_object(participant_object(one))
        elif found:
            console.print(view.participants_table(found))
        else:
            view.say(console, "Nobody takes part yet.")

    caller.run(look)


@app.command()
def due(context: typer.Context, study: StudyId, number: Number) -> None:
    """Which questionnaires somebody has to answer, when, and which they did."""
    caller: Caller = context.obj

    async def look(client: Client, console: Console) -> None:
        found = await client.study.due(study, number)
        if caller.as_json:
            for each in found:
                print_object(due_object(each))
        else:
            console.print(view.due_table(found))

    caller.run(look)


@app.command()
def adherence(context: typer.Context, study: StudyId, number: Number) -> None:
    """What somebody did with what they were offered."""
    caller: Caller = context.obj

    async def look(client: Client, console: Console) -> None:
        found = await client.study.adherence(study, number)
        if caller.as_json:
            print_object(adherence_object(found))
        else:
            view.show_adherence(console, found)

    caller.run(look)


@app.command()
def withdraw(
    context: typer.Context,
    study: StudyId,
    number: Number,
    keep_data: Annotated[
        bool, typer.Option("--keep-data/--erase-data", help="What was gathered so far is kept, or erased.")
    ],
    reason: Annotated[str, typer.Option(help="In their words, if they want to give one; never exported.")] = "",
) -> None:
    """Let somebody leave the study. They need give no reason."""
    caller: Caller = context.obj

    async def leave(client: Client, console: Console) -> None:
        left = await client.study.withdraw(study, number, keep_data=keep_data, reason=reason)
        if caller.as_json:
            print_object(participant_object(left) if left else erased_object(study, number))
        elif left:
            view.say(console, "They have left. What was gathered so far is kept.")
        else:
            view.say(console, "They have left, and what the study had gathered of them is erased.")

    caller.run(leave)


@app.command()
def end(
    context: typer.Context,
    study: StudyId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """End a study: nobody is enrolled any more, and the seal may be opened. It cannot be undone."""
    caller: Caller = context.obj
    if not yes and not caller.as_json:
        typer.confirm(f"End {study} for good, for everybody in it?", abort=True)

    async def finish(client: Client, console: Console) -> None:
        found = await client.study.end(study)
        if caller.as_json:
            print_object(study_object(found))
        else:
            view.say(console, f"{study} has ended. `ertedge-ctl study verify {study}` opens its seal.")

    caller.run(finish)


@app.command()
def verify(context: typer.Context, study: StudyId) -> None:
    """Open the seal of a study that has ended, and compute every allocation again. Exit status 1 if one differs."""
    caller: Caller = context.obj

    async def check(client: Client, console: Console) -> None:
        found = await client.study.verify(study)
        if caller.as_json:
            print_object(check_object(found))
        else:
            view.show_check(console, found)
        if found.faults:
            raise AllocationError(f"{len(found.faults)} allocations are not as they were sealed")

    caller.run(check)


@app.command()
def export(
    context: typer.Context,
    study: StudyId,
    out: Annotated[Path, typer.Option(help="A folder that is not there yet, or is empty.")],
) -> None:
    """Write a study's data without names, dates and words: CSV files with a data dictionary."""
    caller: Caller = context.obj

    async def write(client: Client, console: Console) -> None:
        names = await _write_export(client, study, out)
        if caller.as_json:
            print_object({"record": "export", "study": study, "folder": str(out), "files": list(names)})
        else:
            view.say(console, f"{len(names)} files are in {out}. dictionary.csv says what each column means.")
            view.say(console, "De-identified is not anonymous: small_cells.csv lists who might be known again.")

    caller.run(write)


class AllocationError(ErtedgeError):
    """An allocation is not the one that was sealed."""


async def _write_export(client: Client, study: str, out: Path) -> tuple[str, ...]:
    """The files as they come; only the owner can read them."""
    _make_folder(out)
    names: dict[str, None] = {}
    async for name, part in client.study.export(study):
        _append(out / Path(name).name, part)
        names[name] = None
    return tuple(names)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise ConfigurationError([f"{out} is not empty; choose another folder"])
    except OSError as error:
        raise ConfigurationError([f"{out} cannot be written: {error.strerror or error}"]) from error


def _append(path: Path, part: bytes) -> None:
    try:
        with path.open("ab") as file:
            path.chmod(0o600)
            file.write(part)
    except OSError as error:
        raise ConfigurationError([f"{path} cannot be written: {error.strerror or error}"]) from error


def _ask(console: Console, study: StudyInfo, confirmed: list[str], excluded: list[str], given: dict[str, str]) -> None:
    """Ask for each criterion and characteristic in turn; an exclusion that is so ends it."""
    for criterion in study.exclusion:
        if typer.confirm(f"{criterion.text}", default=False):
            excluded.append(criterion.criterion_id)
            confirmed += [each.criterion_id for each in study.inclusion]
            break
    else:
        for criterion in study.inclusion:
            if typer.confirm(f"{criterion.text}", default=False):
                confirmed.append(criterion.criterion_id)
    view.say(console, "")
    for each in study.characteristics:
        hint = ", ".join(each.choices) or f"{each.least:g} to {each.most:g}"
        given[each.characteristic_id] = typer.prompt(f"{each.title} ({hint})").strip()


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise ConfigurationError([f"--set {text}: write it as NAME=VALUE"])
    return name.strip(), value.strip()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError([f"cannot be read: {error.strerror or error}"], str(path)) from None
