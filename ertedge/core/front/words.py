"""What a person is told while their face is enrolled and while they calibrate, from data files, one a language. Floor 2."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from pydantic import Field, ValidationError, model_validator

from ertedge.config import Section, faults_of, read_toml
from ertedge.core.front.records import EnrolmentHint, View
from ertedge.errors import ConfigurationError
from ertedge.types import EMOTIONS

FALLBACK = "en"


class CalibrationWords(Section):
    """What a guided session says beside its prompts."""

    ready: str
    take: str
    taken: str
    taken_face: str
    taken_voice: str
    missed: str
    missed_left: str
    not_you: str
    alone: str
    done: str
    question: str


class FrontWords(Section):
    """A language's words. ``machine_drafted``: nobody who speaks it has read them yet."""

    language: str = Field(pattern=r"^[a-z]{2}$")
    machine_drafted: bool
    view: Mapping[str, str]
    enrolment: Mapping[str, str]
    prompt: Mapping[str, str]
    calibration: CalibrationWords

    @model_validator(mode="after")
    def _nothing_is_missing(self) -> FrontWords:
        for name, given, wanted in (
            ("view", self.view, set(View)),
            ("enrolment", self.enrolment, set(EnrolmentHint)),
            ("prompt", self.prompt, set(EMOTIONS)),
        ):
            if faults := {*map(str, wanted)} ^ {*given}:
                raise ValueError(f"{name}: is missing or unknown: {', '.join(sorted(faults))}")
        return self


def load_front_words() -> dict[str, FrontWords]:
    """The words of every language that comes with ertedge. Raises ConfigurationError for a file that is wrong."""
    found: dict[str, FrontWords] = {}
    for file in resources.files("ertedge.core.front").joinpath("data").iterdir():
        with resources.as_file(file) as path:
            document = read_toml(path)
        try:
            words = FrontWords.model_validate(document)
        except ValidationError as error:
            raise ConfigurationError(faults_of(error, FrontWords), file.name) from None
        found[words.language] = words
    return found
