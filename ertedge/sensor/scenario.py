"""A simulated person and their surroundings, as a TOML file tells of them: what ``--source simulate:FILE`` reads. Floor 2.

``FILE`` is a path, or the name of a scenario that comes with ertedge (``simulate:day``). After a question mark, values of
the file can be replaced: ``simulate:day?speed=10&seed=3``. ``synthesis`` makes predictions of it.

A scenario of days looks seldom and plays fast: ``simulate:week`` has a prediction a minute of each modality. There the face
is read shortly before the voice, so that what the face said is still fresh when the voice is heard, and silence of the one
does not count as silence of both.
"""

from __future__ import annotations

import difflib
import math
import re
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qsl

from pydantic import Field, ValidationError, field_validator, model_validator

from ertedge.config import CLOCK_TIME, Section, Share, faults_of, read_toml
from ertedge.errors import ConfigurationError
from ertedge.types import Emotion, SensorCondition, SensorName

Moment = Annotated[float, Field(ge=0.0)]
Span = Annotated[float, Field(gt=0.0)]
EmotionWord = Annotated[Emotion, Field(strict=False)]

_REPLACEABLE = {"speed": float, "seed": int}

SILENCE_SECONDS = 1.0
"""When nothing comes from the sensor process for so long, the core takes it for silent."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Segment(Section):
    """For a while the person feels one emotion."""

    emotion: Emotion = Field(strict=False, description="one of the seven")
    seconds: Span = Field(description="for how long, the transition included")
    intensity: Share = Field(0.8, description="how strongly; the rest is neutral")
    transition_seconds: float = Field(2.0, ge=0.0, description="how long the last segment's emotion takes to pass over")
    speaking: bool = Field(True, description="whether they speak meanwhile")

    @field_validator("emotion")
    @classmethod
    def _is_felt(cls, value: Emotion) -> Emotion:
        if value is Emotion.UNKNOWN:
            raise ValueError("unknown is what the device says when it abstains, nothing that a person feels")
        return value

    @model_validator(mode="after")
    def _transition_fits(self) -> Self:
        if self.transition_seconds > self.seconds:
            raise ValueError(f"a transition of {self.transition_seconds:g} s does not fit into {self.seconds:g} s")
        return self


class Showing(Section):
    """How well a modality shows what the person feels, and how the device sees or hears it."""

    informativeness: Share = Field(0.8, description="0: the probabilities say nothing; 1: they say what is felt")
    noise: float = Field(0.35, ge=0.0, le=5.0, description="standard deviation of the logits' error")
    quality: Share = Field(0.85, description="quality of the signal when nothing is wrong")

    mistaken: dict[EmotionWord, EmotionWord] = Field(
        default_factory=dict, description="emotions that look or sound like another on this person"
    )

    @field_validator("mistaken")
    @classmethod
    def _are_felt(cls, value: dict[Emotion, Emotion]) -> dict[Emotion, Emotion]:
        if Emotion.UNKNOWN in {*value, *value.values()}:
            raise ValueError("unknown is what the device says when it abstains, nothing that a person shows")
        return value


class FaceShowing(Showing):
    """The face."""

    frames_per_second: float = Field(10.0, gt=0.0, le=60.0, description="predictions in a second")
    first_seconds: Moment = Field(0.0, description="when the first prediction comes")


class VoiceShowing(Showing):
    """The voice: like the real path, a prediction over the three seconds before it, by default every half second."""

    informativeness: Share = Field(0.65, description="0: the probabilities say nothing; 1: they say what is felt")
    quality: Share = Field(0.75, description="quality of the signal when nothing is wrong")
    step_seconds: float = Field(0.5, gt=0.0, le=3600.0, description="from one prediction to the next")


class _Event(Section):
    at_seconds: Moment = Field(description="when it begins")

    def holds(self, seconds: float) -> bool:
        """Whether it happens or lasts at the moment ``seconds`` of the scenario."""
        return seconds == self.at_seconds


class _LastingEvent(_Event):
    seconds: Span = Field(description="for how long")

    def holds(self, seconds: float) -> bool:
        """As ``_Event.holds``."""
        return self.at_seconds <= seconds < self.at_seconds + self.seconds


class Failure(_LastingEvent):
    """A sensor fails, and comes back."""

    kind: Literal["failure"]
    sensor: SensorName = Field(strict=False, description="camera or microphone")
    condition: SensorCondition = Field(
        SensorCondition.MISSING, strict=False, description="missing, busy, failed, hanging"
    )

    @field_validator("condition")
    @classmethod
    def _is_a_failure(cls, value: SensorCondition) -> SensorCondition:
        failures = (SensorCondition.MISSING, SensorCondition.BUSY, SensorCondition.FAILED, SensorCondition.HANGING)
        if value not in failures:
            raise ValueError(f"{value} is no failure; use {', '.join(failures)}")
        return value


class Absence(_LastingEvent):
    """Nobody is in the picture, and nobody speaks."""

    kind: Literal["absence"]


class SecondPerson(_LastingEvent):
    """Somebody else comes into the picture."""

    kind: Literal["second_person"]


class OtherPerson(_LastingEvent):
    """Somebody else sits down in the person's place, and has another face."""

    kind: Literal["other_person"]


class TurnedAway(_LastingEvent):
    """The person looks elsewhere."""

    kind: Literal["turned_away"]


class Darkness(_LastingEvent):
    """The light goes down; under a quarter the face cannot be read."""

    kind: Literal["darkness"]
    light: Share = Field(0.1, description="by how much the face's quality is multiplied")


class Silence(_LastingEvent):
    """The person does not speak, whatever the segment says."""

    kind: Literal["silence"]


class LoudRoom(_LastingEvent):
    """The room is too loud for the voice to be understood."""

    kind: Literal["loud_room"]


class ClockJump(_Event):
    """The wall clock is set; a step back is negative. What measures spans must not notice."""

    kind: Literal["clock_jump"]
    by_seconds: float = Field(ge=-1e9, le=1e9, description="by how much")


LastingEvent = Failure | Absence | SecondPerson | OtherPerson | TurnedAway | Darkness | Silence | LoudRoom
Event = Annotated[LastingEvent | ClockJump, Field(discriminator="kind")]


class Scenario(Section):
    """A whole scenario. The same file gives the same probabilities at the same moments, on every machine."""

    title: str = Field("", description="what it is about, shown as the device's name")
    seed: int = Field(0, ge=0, description="of all that is random in it")
    speed: float = Field(
        1.0, ge=0.0, le=100_000.0, description="scenario seconds in a second; 0: as fast as they are read"
    )
    starts_at: str = Field("", description="local day and time at its beginning: Monday 07:00; empty: it begins now")
    repeat: bool = Field(False, description="begin again at the end")
    face: FaceShowing = FaceShowing()
    voice: VoiceShowing = VoiceShowing()
    segments: tuple[Segment, ...] = Field(strict=False, description="what the person feels, in order")
    events: tuple[Event, ...] = Field((), strict=False, description="what happens around them")

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return sum(segment.seconds for segment in self.segments)

    @field_validator("starts_at")
    @classmethod
    def _is_a_moment_of_a_week(cls, value: str) -> str:
        day, _, time = value.partition(" ")
        if value and not (day in WEEKDAYS and re.fullmatch(CLOCK_TIME, time)):
            close = difflib.get_close_matches(day, WEEKDAYS, n=1, cutoff=0.5)
            raise ValueError(f"{value!r} is no day and time; write it as {close[0] if close else 'Monday'} 07:00")
        return value

    @field_validator("segments")
    @classmethod
    def _something_is_felt(cls, value: tuple[Segment, ...]) -> tuple[Segment, ...]:
        if not value:
            raise ValueError("there is none; a scenario needs at least one")
        return value

    @model_validator(mode="after")
    def _is_not_taken_for_silent(self) -> Self:
        seconds = min(1.0 / self.face.frames_per_second, self.voice.step_seconds)
        if 0.0 < self.speed * SILENCE_SECONDS < seconds:
            least = math.ceil(seconds / SILENCE_SECONDS)
            raise ValueError(
                f"something comes only every {seconds:g} s of the scenario, which at a speed of {self.speed:g} counts as"
                f" silence; play it at {least} or faster"
            )
        return self

    @model_validator(mode="after")
    def _events_fit(self) -> Self:
        late = [event for event in self.events if event.at_seconds >= self.seconds]
        if late:
            told = ", ".join(f"{event.kind} at {event.at_seconds:g}" for event in late)
            raise ValueError(f"the segments last {self.seconds:g} s, so this never happens: {told}")
        return self


def load_scenario(written: str) -> Scenario:
    """The scenario ``written`` after ``simulate:``. Raises ConfigurationError with every fault found in it."""
    name, _, query = written.partition("?")
    document = _read(name)
    document.update(_replacements(query, written))
    try:
        return Scenario.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(faults_of(error, Scenario), name) from None


def shipped_scenarios() -> list[str]:
    """The names of the scenarios that come with ertedge."""
    files = resources.files("ertedge.sensor").joinpath("scenarios").iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def _read(name: str) -> dict[str, Any]:
    if name in shipped_scenarios():
        with resources.as_file(resources.files("ertedge.sensor").joinpath("scenarios", f"{name}.toml")) as path:
            return read_toml(path)
    path = Path(name).expanduser()
    if not path.is_file():
        known = ", ".join(shipped_scenarios())
        raise ConfigurationError([f"there is no such scenario; give a TOML file or one of: {known}"], name)
    return read_toml(path)


def _replacements(query: str, written: str) -> dict[str, Any]:
    replaced: dict[str, Any] = {}
    faults: list[str] = []
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in _REPLACEABLE:
            faults.append(f"{key}: cannot be replaced; after the question mark go {' and '.join(_REPLACEABLE)}")
            continue
        try:
            replaced[key] = _REPLACEABLE[key](value)
        except ValueError:
            faults.append(f"{key}: {value!r} is no number of type {_REPLACEABLE[key].__name__}")
    if faults:
        raise ConfigurationError(faults, written)
    return replaced
