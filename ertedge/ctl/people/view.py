"""Profiles, consents and what people are shown, as a person reads them: plain, whole, and without a push. Floor 4."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ertedge.ctl.objects import time_text
from ertedge.rpc.profiles_client import Consent, Person
from ertedge.types import ConsentReceipt, ConsentText, Purpose, TransparencyNotice

ASKS: dict[Purpose, str] = {
    Purpose.SENSE_FACE: "look at your face",
    Purpose.SENSE_VOICE: "listen to your voice",
    Purpose.KEEP_HISTORY: "keep a history",
    Purpose.FACE_RECOGNITION: "recognise you by your face",
    Purpose.STUDY: "take part in the study",
}
"""What a consent lets the device do, in a few words."""
STOPPED: dict[Purpose, str] = {
    Purpose.SENSE_FACE: "Nothing is read from your face any more. What it had a part in is removed from your history.",
    Purpose.SENSE_VOICE: "Nothing is read from your voice any more. What it had a part in is removed from your history.",
    Purpose.KEEP_HISTORY: "Nothing more is written down, and your history is removed. Your safety plan stays.",
    Purpose.FACE_RECOGNITION: "You are no longer recognised, and what you were recognised by is removed.",
    Purpose.STUDY: "Nothing more is collected for the study, and what it holds of you on this device is removed.",
}
"""What a withdrawal has done."""
GOES = (
    "the name and the language",
    "all consents, and when they were given",
    "how they seemed to feel, and when",
    "suggestions, what they did with them, and what was learnt from that",
    "questionnaires and their answers, and what a study holds of them",
    "what they were recognised by, and their calibration",
    "their safety plan and safety notices",
    "what the privacy ledger says of them",
)
"""What an erasure removes, for whoever is about to."""
MACHINE_DRAFTED = "This translation was drafted by a machine, and no speaker of the language has read it yet."


def say(console: Console, sentence: str, style: str = "") -> None:
    """A sentence as it is, in lines of the terminal's width."""
    console.print(Text(sentence, style=style))


def people_table(people: Sequence[Person]) -> Table:
    """A row a profile."""
    table = Table("no.", "name", "language", "agreed to", "", box=None, pad_edge=False)
    table.header_style = "bold"
    for person in people:
        agreed = [ASKS[consent.purpose] for consent in person.consents if consent.given]
        table.add_row(
            str(person.profile.profile_id),
            Text(person.profile.display_name),
            person.profile.language or "device's",
            Text(", ".join(agreed) or "nothing yet"),
            "in use" if person.selected else "",
        )
    return table


def show_person(console: Console, person: Person) -> None:
    """A profile and how each consent stands."""
    profile = person.profile
    say(console, profile.display_name, "bold")
    language = profile.language or "the device's language"
    say(console, f"profile {profile.profile_id}, {language}, since {_minute(profile.create_wall_time_ns)} UTC")
    if person.selected:
        say(console, "said to be in front of the device")
    console.print("")
    console.print(consents_table(person.consents))
    if any(consent.outdated for consent in person.consents):
        console.print("")
        say(console, "* agreed to an older text; that stays valid. To read the new one: ertedge-ctl consent show")


def consents_table(consents: Sequence[Consent]) -> Table:
    """A row a purpose."""
    table = Table("purpose", "may the device ...", "", "since (UTC)", box=None, pad_edge=False)
    table.header_style = "bold"
    for consent in consents:
        said = consent.receipt
        word = "agreed" if consent.given else "withdrawn" if said else "not asked"
        table.add_row(
            str(consent.purpose),
            Text(ASKS[consent.purpose]),
            Text(f"{word} *" if consent.outdated else word, style="bold" if consent.given else ""),
            _minute(said.wall_time_ns) if said else "",
        )
    return table


def receipts_table(receipts: Sequence[ConsentReceipt]) -> Table:
    """A row a receipt."""
    table = Table("no.", "when (UTC)", "", "purpose", "text", "digest", box=None, pad_edge=False)
    table.header_style = "bold"
    for receipt in receipts:
        table.add_row(
            str(receipt.receipt_id),
            _minute(receipt.wall_time_ns),
            "agreed" if receipt.given else "withdrew",
            str(receipt.purpose),
            f"{receipt.text_version}, {receipt.text_language}",
            receipt.text_digest[:12],
        )
    return table


def show_text(console: Console, text: ConsentText) -> None:
    """A consent's text, whole, with what is to be known of it."""
    say(console, f"{text.title}?", "bold")
    console.print("")
    show_words(console, text)
    console.print("")
    say(console, f"{text.purpose}, version {text.version} ({text.language}), digest {text.digest[:12]}", "dim")


def show_words(console: Console, shown: ConsentText | TransparencyNotice) -> None:
    """The words of a text or of the notice, paragraph by paragraph."""
    for paragraph in words_of(shown):
        console.print(paragraph)


def words_of(shown: ConsentText | TransparencyNotice) -> list[Text]:
    """Paragraphs with empty lines between; what begins one up to a colon stands out."""
    lines: list[Text] = []
    for paragraph in [MACHINE_DRAFTED] * shown.machine_drafted + shown.text.split("\n\n"):
        head, colon, rest = paragraph.partition(": ")
        stands_out = bool(colon) and len(head) <= 40
        lines += [Text.assemble((f"{head}: ", "bold"), rest) if stands_out else Text(paragraph), Text()]
    return lines[:-1]


def _minute(wall_time_ns: int) -> str:
    return time_text(wall_time_ns)[:16].replace("T", " ")
