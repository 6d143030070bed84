"""How a file of the catalogue is written: the sections of its TOML, and how an entry becomes an ``Activity``. Floor 1.

A file holds activities of one family in one language. What repeats, a breath or a muscle group, is written once as a step
of kind ``cycle`` with a count, and becomes a flat row of steps here. The sections say which keys there are and what type
each has; ``catalogue_rules`` says what a right entry keeps to.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import Field

from ertedge.config import Section
from ertedge.types import (
    EMOTIONS,
    Activity,
    ActivityFamily,
    ActivityStep,
    ArousalEffect,
    Emotion,
    Evidence,
    HealthCondition,
    StepKind,
)

ORIGINAL_LANGUAGE = "en"
"""The language that every translation follows."""

NO_CONTENT = ("digest", "reviews", "machine_drafted")
"""Fields of an activity that say something about its content and are no part of it."""

Arousal = Annotated[float, Field(ge=-1.0, le=1.0)]


@dataclass(frozen=True, slots=True)
class CatalogueFault:
    """Something wrong in a file of the catalogue: where, and what to do.

    ``activity_id`` is empty where it is about the file as a whole.
    """

    path: str
    activity_id: str
    what: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.path, self.activity_id, self.what) if part)


class StepSection(Section):
    """A timed step."""

    kind: Literal[
        StepKind.READ,
        StepKind.INHALE,
        StepKind.HOLD,
        StepKind.EXHALE,
        StepKind.TENSE,
        StepKind.RELEASE,
        StepKind.NOTICE,
        StepKind.IMAGINE,
        StepKind.WRITE,
        StepKind.ACT,
    ] = Field(description="what the person does")
    seconds: float = Field(gt=0.0, le=900.0, description="how long it lasts")
    show: str = Field(description="a line for a screen")
    say: str = Field("", description="what a voice says at its beginning; empty: nothing")

    def step(self, spoken: bool) -> ActivityStep:
        """The step; without its voice where it is not ``spoken``."""
        return ActivityStep(self.kind, self.show, self.say if spoken else "", self.seconds)


class CycleSection(Section):
    """Steps that repeat; the voice falls silent after the first ``spoken`` rounds, when the pace goes on by itself."""

    kind: Literal["cycle"]
    rounds: int = Field(ge=2, le=100, description="how often it is done")
    spoken: int = Field(3, ge=1, le=100, description="rounds that the voice accompanies")
    steps: tuple[StepSection, ...] = Field(strict=False, min_length=1, description="the steps of one round")


AnyStep = Annotated[StepSection | CycleSection, Field(discriminator="kind")]


class EvidenceSection(Section):
    """What is known of an activity's effect."""

    note: str = Field("", description="what was found, against which control, in a sentence or two")
    citation: str = Field("", description="authors, year, title, journal")
    source: str = Field("", description="the DOI, or an https address")
    effect_size: float | None = Field(
        None, ge=-3.0, le=3.0, description="Hedges' g against the control of the note, positive where it helps"
    )


class ActivitySection(Section):
    """An activity. Texts that are missing are empty here, and a fault by the rules."""

    id: str = Field(description="its name in every language: lower case, words joined by hyphens")
    version: int = Field(
        ge=1, description="counts the changes of the original; a translation names that which it follows"
    )
    title: str = Field("", description="what it is called")
    purpose: str = Field("", description="what it is for, in a sentence")
    emotions: tuple[Annotated[Emotion, Field(strict=False)], ...] = Field(strict=False, description="those it is for")
    arousal_least: Arousal = Field(description="the least arousal that it suits")
    arousal_most: Arousal = Field(description="the most arousal that it suits")
    arousal_effect: ArousalEffect = Field(strict=False, description="lowers, keeps or raises")
    minutes: float = Field(gt=0.0, le=60.0, description="how long its steps last, as one says it")
    contraindications: tuple[Annotated[HealthCondition, Field(strict=False)], ...] = Field(
        (), strict=False, description="conditions that it may be unfit for"
    )
    journaling_prompt: str = Field("", description="something to write to; empty: nothing is written")
    machine_drafted: bool = Field(False, description="drafted by a machine, and gone over by nobody")
    evidence: EvidenceSection = EvidenceSection(note="", citation="", source="", effect_size=None)
    steps: tuple[AnyStep, ...] = Field(strict=False, description="its steps and cycles, in order")

    def flat_steps(self) -> tuple[ActivityStep, ...]:
        """Its steps with every cycle written out."""
        return tuple(self._flat())

    def _flat(self) -> Iterator[ActivityStep]:
        for part in self.steps:
            if isinstance(part, StepSection):
                yield part.step(spoken=True)
            else:
                for done in range(part.rounds):
                    yield from (step.step(spoken=done < part.spoken) for step in part.steps)

    def activity(self, family: ActivityFamily, language: str) -> Activity:
        """The record, with its digest and without reviews."""
        unsigned = Activity(
            activity_id=self.id,
            version=self.version,
            language=language,
            family=family,
            title=self.title,
            purpose=self.purpose,
            emotions=tuple(emotion for emotion in EMOTIONS if emotion in self.emotions),
            arousal_least=self.arousal_least,
            arousal_most=self.arousal_most,
            arousal_effect=self.arousal_effect,
            minutes=self.minutes,
            steps=self.flat_steps(),
            evidence=Evidence(
                self.evidence.note, self.evidence.citation, self.evidence.source, self.evidence.effect_size
            ),
            digest="",
            journaling_prompt=self.journaling_prompt,
            contraindications=tuple(item for item in HealthCondition if item in self.contraindications),
            machine_drafted=self.machine_drafted,
        )
        return replace(unsigned, digest=digest_of(unsigned))


class CatalogueFile(Section):
    """A file of the catalogue. Its activities are read one by one, so that each fault can name its own."""

    language: str = Field(pattern=r"^[a-z]{2}$", description="ISO 639-1 code of its language")
    family: ActivityFamily = Field(strict=False, description="the family of its activities")
    activities: tuple[dict[str, Any], ...] = Field(strict=False, min_length=1, description="its activities")


def digest_of(activity: Activity) -> str:
    """SHA-256 over the content of ``activity``, in hexadecimal.

    Any word, number, step or their order changes it; how the file is laid out, in which order emotions are listed and
    whether a cycle was written out do not.
    """
    content = {
        field.name: _plain(getattr(activity, field.name)) for field in fields(activity) if field.name not in NO_CONTENT
    }
    written = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(written.encode("utf-8")).hexdigest()


def _plain(value: object) -> object:
    """``value`` as JSON has it: records as objects, every number a float, text in Unicode's composed form."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, str):
        return unicodedata.normalize("NFC", str(value))
    return float(value) if isinstance(value, int | float) else value
