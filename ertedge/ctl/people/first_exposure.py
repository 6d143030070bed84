"""Before anybody is sensed for the first time: the notice, and then one question a purpose, on the whole screen. Floor 4.

Nothing is sensed before a key says so; whoever presses none, or goes away, has agreed to nothing. A text is shown whole, a
page at a time, and only its last page takes a yes. A profile is made with the first yes, and not without one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from ertedge.ctl.keys import ESCAPE
from ertedge.ctl.people.view import words_of
from ertedge.ctl.screen import Screen
from ertedge.rpc.client import Client
from ertedge.rpc.profiles_client import Person
from ertedge.types import ConsentText, Purpose, SensorCondition, SensorStatus, TransparencyNotice

ASKED = (Purpose.SENSE_FACE, Purpose.SENSE_VOICE, Purpose.KEEP_HISTORY)
"""What is asked at first; the rest is asked where it is wanted."""
SENSES = (Purpose.SENSE_FACE, Purpose.SENSE_VOICE)
FRAME_LINES = 4
LOOK_SECONDS = 0.5
WIDTH = 76
"""Characters of a line of text, in 80 columns."""
NAME = "Person {number}"
"""What somebody is called until they say otherwise: to be sensed, nobody needs to give a name."""


def is_due(sensors: Sequence[SensorStatus], people: Sequence[Person]) -> bool:
    """Whether there is a device to be permitted and nobody has agreed to be sensed. With several profiles, whoever is here
    has to say so first."""
    waits = any(sensor.condition is SensorCondition.NOT_PERMITTED for sensor in sensors)
    return waits and len(people) <= 1 and not any(person.has_agreed_to(sense) for person in people for sense in SENSES)


@dataclass(frozen=True, slots=True)
class Agreed:
    """What came of it: who agreed, and to what; nobody where everything was declined or put off."""

    person: Person | None = None
    purposes: tuple[Purpose, ...] = ()

    @property
    def sentence(self) -> str:
        """What to tell of it, in a line."""
        if self.person is None:
            return "Nothing is sensed. To be asked again press c; no is fine too."
        name = self.person.profile.display_name
        return f"Thank you. You are {name}; see ertedge-ctl consent, ertedge-ctl profiles"


class FirstExposure:
    """``show_help`` is what h does on every page. Calls raise the errors of the client."""

    def __init__(self, client: Client, screen: Screen, show_help: Callable[[], Awaitable[None]]) -> None:
        self._client = client
        self._screen = screen
        self._show_help = show_help

    async def run(self) -> Agreed:
        """Show the notice, ask, and write down what was agreed to."""
        people = await self._client.profiles.profiles()
        whose = people[0] if people else None
        if not await self._has_gone_on((await self._client.profiles.notice()).notice):
            return Agreed()
        texts = await self._client.profiles.texts(profile_id=whose.profile.profile_id if whose else 0)
        agreed: list[ConsentText] = []
        for number, purpose in enumerate(ASKED, start=1):
            text = next(each for each in texts if each.purpose is purpose)
            if purpose is Purpose.KEEP_HISTORY and not agreed:
                continue  # of what is not sensed there is no history
            answer = await self._answer(text, f"question {number} of {len(ASKED)}")
            if answer is None:
                break
            if answer:
                agreed.append(text)
        return await self._written_down(whose, agreed)

    async def _has_gone_on(self, notice: TransparencyNotice) -> bool:
        keys = "y go on, you will be asked one thing at a time   n not now   h help now"
        pages = _pages(words_of(notice), self._screen.height)
        acknowledged = False
        for number, page in enumerate(pages):
            last = number == len(pages) - 1
            while True:
                self._draw(notice.title, page, keys if last else "space goes on reading   n not now   h help now")
                if last and not acknowledged:
                    await self._client.profiles.acknowledge(notice)
                    acknowledged = True
                key = await self._key()
                if key in ("n", "q", ESCAPE):
                    return False
                if (last and key == "y") or (not last and key == " "):
                    break
        return True

    async def _answer(self, text: ConsentText, where: str) -> bool | None:
        """Whether the person agrees; None: they do not want to be asked on."""
        pages = _pages(words_of(text), self._screen.height)
        number = 0
        while True:
            last = number == len(pages) - 1
            keys = "y I agree   n I do not agree" if last else "space goes on reading   n I do not agree"
            back = "   b back" if number else ""
            self._draw(f"{text.title}?  ({where})", pages[number], f"{keys}{back}   q stop asking")
            key = await self._key()
            if key == "y" and last:
                return True
            if key == "n":
                return False
            if key in ("q", ESCAPE):
                return None
            if key == " " and not last:
                number += 1
            elif key == "b" and number:
                number -= 1

    async def _key(self) -> str:
        """The next key; none where it was for help, after which the page is to be drawn anew."""
        key = await self._screen.keys.next()
        if key != "h":
            return key
        await self._show_help()
        return ""

    async def _written_down(self, whose: Person | None, texts: Sequence[ConsentText]) -> Agreed:
        if not texts:
            return Agreed()
        person = whose or await self._created()
        for text in texts:
            await self._client.profiles.give(person.profile.profile_id, text)
        return Agreed(person, tuple(text.purpose for text in texts))

    async def _created(self) -> Person:
        taken = {person.profile.display_name for person in await self._client.profiles.profiles()}
        number = 1
        while (name := NAME.format(number=number)) in taken:
            number += 1
        return await self._client.profiles.create(name)

    def _draw(self, title: str, lines: Sequence[Text], keys: str) -> None:
        self._screen.keys.forget()  # an answer must not be older than its question
        self._screen.draw(page_of(title, lines, keys))


def page_of(title: str, lines: Sequence[Text], keys: str) -> RenderableType:
    """A page with its title above and its keys below."""
    return Panel(
        Group(*lines),
        title=Text(title, style="bold"),
        title_align="left",
        subtitle=Text(keys),
        subtitle_align="left",
    )


def _pages(paragraphs: Sequence[Text], height: int) -> list[tuple[Text, ...]]:
    """``paragraphs`` as pages of a screen of ``height`` lines; one that fits a page is not torn apart."""
    console = Console(width=WIDTH)
    most = max(4, height - FRAME_LINES)
    pages: list[list[Text]] = [[]]
    for paragraph in paragraphs:
        lines = list(paragraph.wrap(console, WIDTH))
        if len(pages[-1]) + len(lines) > most:
            pages.append([])
        if not pages[-1] and not paragraph:
            continue  # no page begins with an empty line, nor ends with one
        pages[-1] += lines[:most]
        pages += [lines[first : first + most] for first in range(most, len(lines), most)]
    for page in pages:
        while page and not page[-1]:
            page.pop()
    return [tuple(page) for page in pages if page]


async def show_as_lines(client: Client, console: Console) -> None:
    """Where no picture can be drawn: the notice, and what to type to agree, once the devices are known. Nothing is sensed
    until somebody does."""
    while not (await client.device_status()).sensor_connected:  # noqa: ASYNC110 (the daemon is asked)
        await asyncio.sleep(LOOK_SECONDS)
    people = await client.profiles.profiles()
    if not is_due(await client.sensors(), people):
        return
    notice = (await client.profiles.notice()).notice
    console.print(Text(notice.title, style="bold"))
    for paragraph in words_of(notice):
        console.print(paragraph)
    console.print(Text(), Text(how_to_agree(people), style="bold"), sep="\n")
    await client.profiles.acknowledge(notice)


async def show_without_keys(client: Client, screen: Screen) -> None:
    """Where a picture can be drawn and no key pressed: the same on the screen, until somebody has agreed elsewhere."""
    notice = (await client.profiles.notice()).notice
    await client.profiles.acknowledge(notice)
    while is_due(await client.sensors(), people := await client.profiles.profiles()):
        words = [*words_of(notice), Text(), Text(how_to_agree(people), style="bold")]
        screen.draw(page_of(notice.title, words, "Ctrl-C ends"))
        await asyncio.sleep(LOOK_SECONDS)


def how_to_agree(people: Sequence[Person]) -> str:
    """What to type."""
    create = "" if people else "ertedge-ctl profiles create NAME, then "
    return (
        f"Nothing is sensed until somebody agrees. To read what it means, and to agree or not: {create}"
        "ertedge-ctl consent give sense_face, and sense_voice"
    )
