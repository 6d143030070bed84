"""How a study protocol is written: the sections of its TOML. Floor 1; imports only words.

The sections say which keys there are and what type each has; ``protocol`` says what a right protocol keeps to and makes the
record of it.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, field_validator

from ertedge.config import Section
from ertedge.types.study import ArmKind, CharacteristicKind, Disclosure

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
StudyId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Title = Annotated[str, Field(min_length=1, max_length=300)]
Scale = Annotated[str, Field(pattern=r"^[a-z0-9_-]+\.[a-z0-9_-]+$")]
ActivityId = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,80}$")]


class _Lists(Section):
    """A section whose arrays become tuples."""

    @field_validator("*", mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value


class ArmSection(_Lists):
    """A group."""

    name: Name = Field(description="short name, which exports use")
    title: Title = Field(description="what people read")
    kind: Annotated[ArmKind, Field(strict=False)] = Field(description="experimental, fixed_order or waiting_list")
    ratio: int = Field(1, ge=1, le=10, description="share of a block against the other arms'")
    order: tuple[ActivityId, ...] = Field(
        (), description="activity ids of a fixed order; empty: the whole catalogue by id"
    )
    answers_requests: bool | None = Field(None, description="whether a waiting list gets something when it asks")


class StratumSection(Section):
    """A stratum of severity."""

    name: Name = Field(description="short name")
    least: int = Field(ge=0, description="least baseline score within it")
    most: int = Field(ge=0, description="highest baseline score within it")


class AllocationSection(_Lists):
    """How people are allocated."""

    block_sizes: tuple[Annotated[int, Field(ge=2, le=48)], ...] = Field(description="drawn from evenly")
    stratify_by: Scale = Field("dass21.depression", description="questionnaire.scale whose baseline score decides")
    strata: tuple[StratumSection, ...] = Field(description="ranges of the baseline score")
    disclosure: Annotated[Disclosure, Field(strict=False)] = Field(
        Disclosure.AT_ENROLMENT, description="when a participant may read their group: at_enrolment or at_end"
    )


class TimePointSection(Section):
    """When questionnaires are due."""

    name: Name = Field(description="short name")
    day: int = Field(ge=0, le=3650, description="days after enrolment; 0: the baseline")
    early_days: int = Field(3, ge=0, le=60, description="how many days before it may be answered")
    late_days: int = Field(7, ge=0, le=60, description="how many days after it may still be answered")


class OutcomesSection(_Lists):
    """What is measured."""

    primary: Scale = Field(description="questionnaire.scale of the primary outcome")
    primary_time_point: Name = Field(description="the time point at which it is compared")
    secondary: tuple[Scale, ...] = Field((), description="questionnaire.scale of each secondary outcome")
    adherence_least: int = Field(8, ge=0, description="completed activities from which somebody followed the protocol")


class CriterionSection(Section):
    """A criterion of inclusion or exclusion."""

    id: Name = Field(description="short name")
    text: Annotated[str, Field(min_length=1, max_length=500)] = Field(description="as it is asked")


class CharacteristicSection(_Lists):
    """Something asked at enrolment."""

    id: Name = Field(description="short name")
    title: Title = Field(description="as the table of characteristics names it")
    kind: Annotated[CharacteristicKind, Field(strict=False)] = Field(description="number or choice")
    choices: tuple[Name, ...] = Field((), description="of a choice")
    least: float | None = Field(None, description="of a number")
    most: float | None = Field(None, description="of a number")
    round_to: float = Field(1.0, gt=0.0, description="a number leaves the device rounded down to a multiple of this")


class ProtocolFile(_Lists):
    """The whole file."""

    id: StudyId = Field(description="id of the study; part of resource names")
    version: int = Field(ge=1, description="raised with every change")
    title: Title = Field(description="what people read")
    duration_days: int = Field(ge=1, le=3650, description="days that a person takes part")
    small_cell: int = Field(5, ge=2, le=20, description="groups of fewer people than this are noted in exports")
    arms: tuple[ArmSection, ...] = Field(description="the groups")
    allocation: AllocationSection = Field(description="how people are allocated")
    outcomes: OutcomesSection = Field(description="what is measured")
    time_points: tuple[TimePointSection, ...] = Field(description="when")
    inclusion: tuple[CriterionSection, ...] = Field((), description="what must be so")
    exclusion: tuple[CriterionSection, ...] = Field((), description="what must not be so")
    characteristics: tuple[CharacteristicSection, ...] = Field((), description="asked at enrolment")
