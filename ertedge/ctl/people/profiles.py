"""``ertedge-ctl profiles``: who uses the device; make, change, choose and erase a profile. Floor 4."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer
from rich.console import Console

from ertedge.ctl.caller import Caller
from ertedge.ctl.objects import print_object
from ertedge.ctl.people import view
from ertedge.ctl.people.choice import NOBODY_YET, chosen
from ertedge.ctl.people.objects import person_object
from ertedge.errors import InvalidRequestError
from ertedge.rpc.client import Client
from ertedge.rpc.profiles_client import Person

app = typer.Typer(help="Who uses the device: create, list, show, update, use, erase.")

Whose = Annotated[str, typer.Argument(metavar="PROFILE", help="A name or a number; without it, whoever is meant.")]


@app.callback(invoke_without_command=True)
def profiles(context: typer.Context) -> None:
    """Who uses the device, and what each has agreed to."""
    if context.invoked_subcommand is None:
        list_profiles(context)


@app.command("list")
def list_profiles(context: typer.Context) -> None:
    """Everybody, by number."""
    caller: Caller = context.obj

    async def show(client: Client, console: Console) -> None:
        people = await client.profiles.profiles()
        if caller.as_json:
            for person in people:
                print_object(person_object(person))
        elif people:
            console.print(view.people_table(people))
        else:
            view.say(console, f"{NOBODY_YET[0].upper()}{NOBODY_YET[1:]}")

    caller.run(show)


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What you want to be called.")],
    language: Annotated[str, typer.Option(help="Two letters such as de; by default the device's.")] = "",
) -> None:
    """Make a profile. It has agreed to nothing yet."""
    caller: Caller = context.obj

    async def make(client: Client, console: Console) -> None:
        person = await client.profiles.create(name, language)
        if caller.as_json:
            print_object(person_object(person))
            return
        number = person.profile.profile_id
        view.say(console, f"Hello {person.profile.display_name}. You are profile {number}.")
        view.say(console, "Nothing is sensed for you until you agree. To read what that means, and to agree or not:")
        for purpose in ("sense_face", "sense_voice", "keep_history"):
            view.say(console, f"  ertedge-ctl consent give {purpose} --profile {number}")

    caller.run(make)


@app.command()
def show(context: typer.Context, profile: Whose = "") -> None:
    """A profile, and how each of its consents stands."""
    caller: Caller = context.obj

    async def look(client: Client, console: Console) -> None:
        _show(console, await chosen(client, profile), as_json=caller.as_json)

    caller.run(look)


@app.command()
def update(
    context: typer.Context,
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="A name or a number.")],
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
    language: Annotated[str | None, typer.Option(help="Two letters such as de; empty: the device's.")] = None,
) -> None:
    """Change a profile's name or language."""
    caller: Caller = context.obj

    async def change(client: Client, console: Console) -> None:
        given = (("display_name", name), ("language", language))
        fields = tuple(field for field, value in given if value is not None)
        if not fields:
            raise InvalidRequestError([("update", "say what to change with --name or --language")])
        person = await chosen(client, profile)
        before = person.profile
        wanted = replace(
            before,
            display_name=before.display_name if name is None else name,
            language=before.language if language is None else language,
        )
        changed = await client.profiles.update(wanted, fields)
        _show(console, changed, as_json=caller.as_json)

    caller.run(change)


@app.command()
def use(
    context: typer.Context,
    profile: Whose = "",
    nobody: Annotated[bool, typer.Option("--nobody", help="Nobody says so any longer.")] = False,
) -> None:
    """Say who is in front of the device: it is me."""
    caller: Caller = context.obj

    async def select(client: Client, console: Console) -> None:
        if nobody:
            await client.profiles.select(0)
            if caller.as_json:
                print_object({"record": "selection", "profile": None})
            else:
                view.say(console, "Nobody is said to be in front of the device any longer.")
            return
        number = (await chosen(client, profile)).profile.profile_id
        await client.profiles.select(number)
        person = await client.profiles.profile(number)
        if caller.as_json:
            print_object({"record": "selection", "profile": number})
        else:
            view.say(console, f"{person.profile.display_name} is in front of the device from now on.")

    caller.run(select)


@app.command()
def erase(
    context: typer.Context,
    profile: Annotated[str, typer.Argument(metavar="PROFILE", help="A name or a number.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase a profile with everything that belongs to its person. Cannot be undone."""
    caller: Caller = context.obj

    async def remove(client: Client, console: Console) -> None:
        person = await chosen(client, profile)
        number, name = person.profile.profile_id, person.profile.display_name
        if not yes:
            if caller.as_json:
                raise InvalidRequestError([("--yes", "is needed with --json, since nothing can be asked then")])
            _say_what_goes(console, number, name)
            if _asked(f"To erase it, type the name {name}: ") != name:
                view.say(console, "That is not the name, so nothing was erased.")
                raise typer.Exit(1)
        await client.profiles.delete(number, person.profile.etag)
        if caller.as_json:
            print_object({"record": "erasure", "profile": number})
        else:
            view.say(console, "It is erased, and no copy is left on this device.")

    caller.run(remove)


def _show(console: Console, person: Person, *, as_json: bool) -> None:
    if as_json:
        print_object(person_object(person))
    else:
        view.show_person(console, person)


def _say_what_goes(console: Console, number: int, name: str) -> None:
    view.say(console, f"This removes everything of {name} from this device, and cannot be undone:", "bold")
    for what in view.GOES:
        view.say(console, f"  - {what}")
    view.say(console, f"To keep a copy first: ertedge-ctl export {number} FILE")


def _asked(prompt: str) -> str:
    try:
        return input(prompt).strip()
    except EOFError:
        return ""
