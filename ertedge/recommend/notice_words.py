"""What safety notices say to a person, from a data file, in the language that was chosen or else in English. Floor 1.

A message stands without any other text: why it is here, what help there is, and that the device is no emergency service and
contacts nobody by itself.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

from ertedge.types import NoticeKind, SafetyCause

DATA = "notices.toml"
FALLBACK = "en"


class _Sentences(BaseModel):
    """A language's section of the data file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    severe_state: str
    red_flag: str
    crisis_words: str
    crisis_words_check_in: str
    asked_for_help: str
    again_check_in: str
    again_support: str
    help_check_in: str
    help_support: str
    honest: str
    emergency_unknown: str


class NoticeWords:
    """The messages in ``language`` (ISO 639-1); ``emergency`` is the number to call in danger, empty where none is known."""

    def __init__(self, language: str = FALLBACK, emergency: str = "") -> None:
        every = _languages()
        self._sentences = every.get(language, every[FALLBACK])
        self._emergency = emergency or self._sentences.emergency_unknown

    def message(self, kind: NoticeKind, cause: SafetyCause, *, again: bool = False) -> str:
        """What a notice of ``kind`` says; ``again``: when it was said before and is asked once more."""
        says = self._sentences
        support = kind is NoticeKind.SUPPORT
        first = self._first(cause, support=support)
        if again:
            first = says.again_support if support else says.again_check_in
        help_there_is = says.help_support if support else says.help_check_in
        return f"{first} {help_there_is} {says.honest.format(emergency=self._emergency)}"

    def _first(self, cause: SafetyCause, *, support: bool) -> str:
        says = self._sentences
        match cause:
            case SafetyCause.SEVERE_STATE:
                return says.severe_state
            case SafetyCause.RED_FLAG:
                return says.red_flag
            case SafetyCause.CRISIS_WORDS:
                return says.crisis_words if support else says.crisis_words_check_in
            case SafetyCause.ASKED_FOR_HELP:
                return says.asked_for_help


@cache
def _languages() -> dict[str, _Sentences]:
    text = resources.files("ertedge.recommend").joinpath("data", DATA).read_text("utf-8")
    return {language: _Sentences.model_validate(section) for language, section in tomllib.loads(text).items()}
