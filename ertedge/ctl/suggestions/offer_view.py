"""How a suggestion stands in the live picture: what, why, and what can be done about it. Floor 4."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.text import Text

from ertedge.ctl.plot import Lines
from ertedge.ctl.suggestions.words import STATUS, minutes_text, reviewed_text
from ertedge.types import Activity, Suggestion, SuggestionStatus

OFFER_LINES = 7

KEYS: dict[SuggestionStatus, str] = {
    SuggestionStatus.OFFERED: "g guide me   a I want to   s later   d no, thank you",
    SuggestionStatus.ACCEPTED: "g guide me   s later   d no, thank you",
    SuggestionStatus.STARTED: "g guide me   s later   d no, thank you",
    SuggestionStatus.COMPLETED: "How much did it help?  1 worse  2  3 no difference  4  5 a lot   d skip",
}
"""What can be done about a suggestion that is shown; those of every other status are not."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A suggestion, and its activity as soon as that is known."""

    suggestion: Suggestion
    activity: Activity | None = None

    @property
    def is_shown(self) -> bool:
        """Whether there is still something to do about it."""
        if self.suggestion.status is SuggestionStatus.COMPLETED:
            return not self.suggestion.helpfulness
        return self.suggestion.status in KEYS


def offer_block(offer: Offer, *, keys: bool) -> RenderableType:
    """``OFFER_LINES`` lines; without ``keys``, a command says what the keys would."""
    suggestion = offer.suggestion
    status = STATUS[suggestion.status]
    head = Text.assemble(
        ("SUGGESTION  ", "bold magenta"),
        (suggestion.title, "bold"),
        f"   {minutes_text(suggestion.minutes)}",
        (f"   {status}" if suggestion.status is not SuggestionStatus.OFFERED else "", "dim"),
    )
    reviewed = reviewed_text(offer.activity) if offer.activity is not None else ""
    how = KEYS[suggestion.status] if keys else _command(suggestion)
    return Group(
        Text(),
        Lines(head, 1),
        Lines(Text(suggestion.reason), 3),
        Lines(Text(reviewed, style="dim"), 1),
        Lines(Text(how, style="bold"), 1),
    )


def _command(suggestion: Suggestion) -> str:
    if suggestion.status is SuggestionStatus.COMPLETED:
        return f"ertedge-ctl suggestions respond {suggestion.suggestion_id} rate --helpfulness 1..5"
    return f"ertedge-ctl guide {suggestion.activity_id}"
