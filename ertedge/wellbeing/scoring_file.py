"""A scoring file: how a questionnaire's answers become scores, in TOML beside its FHIR resource, checked. Floor 1.

It stands apart from the resource, which any other software can read as it is: FHIR R4 has no element for sub-scales, bands,
the rule for missing answers, reliable change or red flags. Everything that was published carries its source. ``scores`` says
what is in a file, ``scoring_of`` makes the record of one language, with every fault of the file against the questionnaire.
"""

from __future__ import annotations

import difflib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from ertedge.config import Section, faults_of
from ertedge.types.assessments import Band, ChangeRule, CutOff, Questionnaire, RedFlagRule, Scale, Scoring
from ertedge.types.safety import RedFlag

CONFIDENCE_Z = 1.96
"""Of a standard normal distribution 95% lies within this much of its mean."""
IDENTIFIER = r"^[a-z][a-z0-9_]{0,39}$"
ORIGINAL_LANGUAGE = "en"
_FLAGS = Literal["life_not_worthwhile", "self_harm_thoughts", "extremely_severe"]
Words = dict[str, str]
"""A text by its language, ISO 639-1; English must be there."""


class _Section(Section):
    @field_validator("*", mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class BandSection(_Section):
    """A band of scores."""

    id: str = Field(pattern=IDENTIFIER)
    low: int = Field(ge=0, description="its lowest score")
    high: int = Field(ge=0, description="its highest score")
    title: Words = Field(description="the author's word")
    words: Words = Field(description="what a person reads: plain, neither alarming nor diagnosing")
    red_flag: _FLAGS | None = Field(None, description="what being in it must say at once")


class ChangeSection(_Section):
    """What makes a change of a score reliable: a norm sample, or points as published."""

    source: str = Field(min_length=10, description="where the figures come from")
    mean: float | None = Field(None, description="of the norm sample, in units of the score")
    sd: float | None = Field(None, gt=0.0, description="of the norm sample, in units of the score")
    reliability: float | None = Field(None, gt=0.0, lt=1.0, description="of the norm sample: coefficient alpha, say")
    points: float | None = Field(None, gt=0.0, description="the least reliable change, where that is what is published")

    @model_validator(mode="after")
    def _is_one_of_both(self) -> ChangeSection:
        norms = (self.mean, self.sd, self.reliability)
        if (self.points is None) is any(value is None for value in norms) or (
            self.points is not None and any(value is not None for value in norms)
        ):
            raise ValueError("needs either mean, sd and reliability, or points")
        return self


class CutOffSection(_Section):
    """Where the range of people who seek help begins."""

    score: int = Field(ge=0)
    source: str = Field(min_length=10)


class MissingSection(_Section):
    """What becomes of a scale in which answers are missing: the mean of the others stands in, for a few."""

    most: int = Field(ge=0, description="as many may be missing")
    source: str = Field(min_length=10, description="where the rule comes from")


class ScaleSection(_Section):
    """A scale."""

    id: str = Field(pattern=IDENTIFIER)
    title: Words
    items: tuple[str, ...] = Field(min_length=1, description="the linkIds of its items")
    multiplier: int = Field(1, ge=1, le=10, description="applied to the sum")
    higher_is: Literal["worse", "better"] = "worse"
    missing: MissingSection
    bands: tuple[BandSection, ...] = ()
    change: ChangeSection | None = None
    cut_off: CutOffSection | None = None


class RedFlagSection(_Section):
    """An answer that must not wait."""

    item: str = Field(description="the linkId of the item")
    at_least: int = Field(ge=1, description="from this value on")
    flag: _FLAGS
    source: str = Field(min_length=10, description="why")


class ScoringFile(_Section):
    """A scoring file."""

    questionnaire: str = Field(description="the id of the questionnaire")
    source: str = Field(min_length=10, description="where the scoring was published")
    scales: tuple[ScaleSection, ...] = Field(min_length=1)
    red_flags: tuple[RedFlagSection, ...] = ()


def read_scoring(document: Mapping[str, Any]) -> tuple[ScoringFile | None, list[str]]:
    """The file in ``document``, and every fault of its keys and types."""
    try:
        return ScoringFile.model_validate(document), []
    except ValidationError as error:
        return None, faults_of(error, ScoringFile)


def scoring_faults(file: ScoringFile, questionnaire: Questionnaire) -> list[str]:
    """Everything in ``file`` that does not fit ``questionnaire`` or itself."""
    known = {item.link_id: item for item in questionnaire.items}
    faults = [*_repeated("scales", [scale.id for scale in file.scales])]
    for index, scale in enumerate(file.scales):
        where = f"scales.{index} ({scale.id})"
        faults += _repeated(f"{where}.items", scale.items)
        for link_id in scale.items:
            if link_id not in known:
                faults.append(f"{where}.items: {_no_item(link_id, known)}")
            elif any(choice.value is None for choice in known[link_id].choices):
                faults.append(
                    f"{where}.items: an answer to {link_id!r} has no whole ordinalValue, so it counts nothing"
                )
            elif min(choice.value or 0 for choice in known[link_id].choices) != 0:
                faults.append(f"{where}.items: the lowest answer to {link_id!r} must count 0")
        if scale.missing.most >= len(scale.items):
            faults.append(f"{where}.missing.most: is {scale.missing.most}, but there are {len(scale.items)} items")
        faults += _words_faults(where, scale.title)
        if all(link_id in known for link_id in scale.items):
            faults += _band_faults(where, scale, _most(scale, questionnaire))
    for index, rule in enumerate(file.red_flags):
        where = f"red_flags.{index}"
        if rule.item not in known:
            faults.append(f"{where}.item: {_no_item(rule.item, known)}")
        elif rule.at_least > (most := max((c.value or 0) for c in known[rule.item].choices)):
            faults.append(f"{where}.at_least: is {rule.at_least}, but no answer counts more than {most}")
    return faults


def scoring_of(file: ScoringFile, questionnaire: Questionnaire) -> Scoring:
    """The record, in the questionnaire's language or else in English. ``file`` must be without faults."""
    language = questionnaire.language
    return Scoring(
        questionnaire_id=questionnaire.questionnaire_id,
        source=file.source,
        scales=tuple(_scale(scale, _most(scale, questionnaire), language) for scale in file.scales),
        red_flags=tuple(RedFlagRule(rule.item, rule.at_least, RedFlag(rule.flag)) for rule in file.red_flags),
    )


def reliable_points(sd: float, reliability: float) -> float:
    """The least reliable difference of two scores, ``z * sd * sqrt(2 * (1 - reliability))``: Jacobson and Truax (1991, doi
    10.1037/0022-006X.59.1.12), where the standard error of measurement is ``sd * sqrt(1 - reliability)``."""
    return CONFIDENCE_Z * sd * math.sqrt(2.0 * (1.0 - reliability))


def _scale(section: ScaleSection, most: int, language: str) -> Scale:
    change, cut_off = section.change, section.cut_off
    return Scale(
        scale_id=section.id,
        title=_in(section.title, language),
        items=section.items,
        multiplier=section.multiplier,
        most=most,
        missing_most=section.missing.most,
        missing_source=section.missing.source,
        higher_is_better=section.higher_is == "better",
        bands=tuple(
            Band(
                band.id,
                band.low,
                band.high,
                _in(band.title, language),
                _in(band.words, language),
                RedFlag(band.red_flag) if band.red_flag else None,
            )
            for band in section.bands
        ),
        change=_change_rule(change) if change else None,
        cut_off=CutOff(cut_off.score, cut_off.source) if cut_off else None,
    )


def _change_rule(section: ChangeSection) -> ChangeRule:
    if section.sd is not None and section.reliability is not None:
        points = reliable_points(section.sd, section.reliability)
        return ChangeRule(points, section.source, section.mean, section.sd, section.reliability)
    return ChangeRule(section.points or math.inf, section.source)


def _most(section: ScaleSection, questionnaire: Questionnaire) -> int:
    items = (item for item in questionnaire.items if item.link_id in section.items)
    return section.multiplier * sum(max((choice.value or 0) for choice in item.choices) for item in items)


def _in(words: Words, language: str) -> str:
    return words.get(language) or words[ORIGINAL_LANGUAGE]


def _repeated(where: str, names: Sequence[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{where}: {name!r} stands {count} times"


def _no_item(link_id: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(link_id, list(known), n=1, cutoff=0.5)
    return f"the questionnaire has no item {link_id!r}{f'; did you mean {close[0]}?' if close else ''}"


def _words_faults(where: str, words: Words) -> Iterator[str]:
    if not words.get(ORIGINAL_LANGUAGE, "").strip():
        yield f"{where}: its words in {ORIGINAL_LANGUAGE} are missing"


def _band_faults(where: str, scale: ScaleSection, most: int) -> Iterator[str]:
    """Bands must cover every score from 0 to the highest, each score once."""
    if not scale.bands:
        return
    yield from _repeated(f"{where}.bands", [band.id for band in scale.bands])
    for band in scale.bands:
        for words in (band.title, band.words):
            yield from _words_faults(f"{where}.bands ({band.id})", words)
        if band.high < band.low:
            yield f"{where}.bands ({band.id}): ends at {band.high}, before it begins at {band.low}"
    if scale.bands[0].low != 0:
        yield f"{where}.bands ({scale.bands[0].id}): begins at {scale.bands[0].low}; the first begins at 0"
    for before, after in pairwise(scale.bands):
        if after.low != before.high + 1:
            yield f"{where}.bands ({after.id}): begins at {after.low}; after {before.id} it must be {before.high + 1}"
    if scale.bands[-1].high != most:
        yield f"{where}.bands ({scale.bands[-1].id}): ends at {scale.bands[-1].high}; the highest score is {most}"
