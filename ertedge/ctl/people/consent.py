"""``ertedge-ctl consent`` and ``notice``: read what the device asks for, agree, take it back, see what was said. Floor 4.

Agreeing shows the text, whole, and then asks; taking back asks only where it removes what cannot be brought back, and never
where somebody wants not to be seen or heard any longer.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from ertedge.ctl.caller import Caller
from ertedge.ctl.objects import print_object
from ertedge.ctl.people import view
from ertedge.ctl.people.choice import chosen
from ertedge.ctl.people.objects import consent_object, notice_object, receipt_object, text_object
from ertedge.errors import InvalidRequestError
from ertedge.rpc.client import Client
from ertedge.rpc.profiles_client import Consent, Person
from ertedge.types import ConsentText, Purpose

app = typer.Typer(help="What the device may do: read it, agree, take it back, see what was said.")

LIMIT = 50
ASKED_FIRST = (Purpose.KEEP_HISTORY, Purpose.FACE_RECOGNITION, Purpose.STUDY)
"""What is taken back with what cannot be brought back."""

Whose = Annotated[str, typer.Option("--profile", help="A name or a number; without it, whoever is meant.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


class Withdrawn(StrEnum):
    """What can be taken back: a purpose, or everything."""

    SENSE_FACE = "sense_face"
    SENSE_VOICE = "sense_voice"
    KEEP_HISTORY = "keep_history"
    FACE_RECOGNITION = "face_recognition"
    STUDY = "study"
    ALL = "all"

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """The purposes that are meant."""
        return tuple(Purpose) if self is Withdrawn.ALL else (Purpose(self.value),)


@app.callback(invoke_without_command=True)
def consent(context: typer.Context) -> None:
    """What the device may do: read it, agree, take it back, see what was said. Alone: how each consent stands."""
    if context.invoked_subcommand is not None:
        return
    caller: Caller = context.obj

    async def look(client: Client, console: Console) -> None:
        person = await chosen(client)
        if caller.as_json:
            for each in person.consents:
                print_object(consent_object(person.profile.profile_id, each))
        else:
            view.show_person(console, person)

    caller.run(look)


@app.command()
def show(
    context: typer.Context,
    purpose: Annotated[Purpose | None, typer.Argument(help="One purpose; without it, all.")] = None,
    language: Annotated[str, typer.Option(help="Two letters such as de; by default the device's.")] = "",
) -> None:
    """What the device asks for, whole."""
    caller: Caller = context.obj

    async def read(client: Client, console: Console) -> None:
        texts = [each for each in await client.profiles.texts(language=language) if purpose in (None, each.purpose)]
        for number, text in enumerate(texts):
            if caller.as_json:
                print_object(text_object(text))
            else:
                console.print("\n" * bool(number), end="")
                view.show_text(console, text)

    caller.run(read)


@app.command()
def give(context: typer.Context, purpose: Purpose, profile: Whose = "", yes: Yes = False) -> None:
    """Agree to something, having read what it is."""
    caller: Caller = context.obj

    async def agree(client: Client, console: Console) -> None:
        if caller.as_json and not yes:
            raise InvalidRequestError([("--yes", "is needed with --json, since nothing can be asked then")])
        person = await chosen(client, profile)
        text = await _text(client, person, purpose)
        _show_text(console, text, as_json=caller.as_json)
        if not (yes or _agrees(f"{person.profile.display_name}, do you agree? [y/N] ")):
            view.say(console, "Nothing changed. That is fine; you can come back to it at any time.")
            raise typer.Exit(1)
        given = await client.profiles.give(person.profile.profile_id, text)
        if caller.as_json:
            print_object(consent_object(person.profile.profile_id, given))
        else:
            view.say(console, "Thank you. It is written down.")
            view.say(console, f"To take it back: ertedge-ctl consent withdraw {purpose}")

    caller.run(agree)


@app.command()
def withdraw(context: typer.Context, purpose: Withdrawn, profile: Whose = "", yes: Yes = False) -> None:
    """Take a consent back. It counts at once, and what it covered is removed."""
    caller: Caller = context.obj

    async def take_back(client: Client, console: Console) -> None:
        person = await chosen(client, profile)
        number = person.profile.profile_id
        held = [each for each in purpose.purposes if person.has_agreed_to(each)]
        if not held and not caller.as_json:
            view.say(console, "You had not agreed to that, so nothing changed.")
        for each in sorted(
            held, key=ASKED_FIRST.__contains__
        ):  # what stops the senses needs no question, and goes first
            if each in ASKED_FIRST and not (yes or caller.as_json or _wants_to(each)):
                view.say(console, "Nothing changed.")
                continue
            _tell_withdrawn(console, number, await client.profiles.withdraw(number, each), as_json=caller.as_json)

    caller.run(take_back)


@app.command("list")
def list_receipts(
    context: typer.Context,
    profile: Whose = "",
    limit: Annotated[int, typer.Option(min=1, help="At most this many.")] = LIMIT,
) -> None:
    """Everything that was agreed to and taken back, newest first."""
    caller: Caller = context.obj

    async def look(client: Client, console: Console) -> None:
        person = await chosen(client, profile)
        found = []
        async for receipt in client.profiles.receipts(person.profile.profile_id, page_size=min(limit, 1000)):
            found.append(receipt)
            if len(found) == limit:
                break
        if caller.as_json:
            for receipt in found:
                print_object(receipt_object(receipt))
        elif found:
            console.print(view.receipts_table(found))
        else:
            view.say(console, "Nothing was agreed to yet.")

    caller.run(look)


def notice(
    context: typer.Context,
    language: Annotated[str, typer.Option(help="Two letters such as de; by default the device's.")] = "",
) -> None:
    """What everybody is to know before the device senses them: that it reads emotions."""
    caller: Caller = context.obj

    async def read(client: Client, console: Console) -> None:
        shown = await client.profiles.notice(language)
        if caller.as_json:
            print_object(notice_object(shown))
            return
        view.say(console, shown.notice.title, "bold")
        console.print("")
        view.show_words(console, shown.notice)
        await client.profiles.acknowledge(shown.notice)

    caller.run(read)


async def _text(client: Client, person: Person, purpose: Purpose) -> ConsentText:
    texts = await client.profiles.texts(profile_id=person.profile.profile_id)
    return next(each for each in texts if each.purpose is purpose)


def _show_text(console: Console, text: ConsentText, *, as_json: bool) -> None:
    if as_json:
        print_object(text_object(text))
    else:
        view.show_text(console, text)
        console.print("")


def _tell_withdrawn(console: Console, number: int, consent: Consent, *, as_json: bool) -> None:
    if as_json:
        print_object(consent_object(number, consent))
    else:
        view.say(console, view.STOPPED[consent.purpose])


def _wants_to(purpose: Purpose) -> bool:
    return _agrees(f"{view.ASKS[purpose].capitalize()}: what this covers is removed for good. Take it back? [y/N] ")


def _agrees(question: str) -> bool:
    try:
        return input(question).strip().lower() in ("y", "yes", "j", "ja")
    except EOFError:
        return False
