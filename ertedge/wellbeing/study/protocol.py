"""Reading a study protocol: every fault at once, each with its place and what to do. Floor 1; imports only words."""

from __future__ import annotations

import copy
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import resources
from itertools import pairwise
from typing import Any

from pydantic import ValidationError

from ertedge.config import faults_of
from ertedge.errors import ConfigurationError
from ertedge.types.study import (
    ArmKind,
    Characteristic,
    CharacteristicKind,
    Criterion,
    Disclosure,
    OutcomeScale,
    Stratum,
    StudyArm,
    StudyProtocol,
    TimePoint,
)
from ertedge.wellbeing.study.protocol_file import (
    ArmSection,
    CharacteristicSection,
    CriterionSection,
    ProtocolFile,
)

TEXT_BYTES_MOST = 48 * 1024
"""A protocol travels in one request."""


def read_protocol(text: str, source: str = "") -> StudyProtocol:
    """The protocol written in ``text`` (TOML). ``source`` names it in an error.

    Raises ``ConfigurationError`` with every fault.
    """
    if len(text.encode()) > TEXT_BYTES_MOST:
        raise ConfigurationError([f"is longer than {TEXT_BYTES_MOST // 1024} KiB"], source)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"is not TOML: {error}"], source) from None
    file, faults = _file(document)
    if file is not None:
        faults += _faults(file)
    if file is None or faults:
        raise ConfigurationError(faults, source)
    return _protocol(file, hashlib.sha256(text.encode()).hexdigest())


def example_protocol() -> str:
    """The text of the protocol that comes with ertedge: two groups of equal size over eight weeks, a start for one's own."""
    return resources.files("ertedge.wellbeing.study").joinpath("data", "example.toml").read_text(encoding="utf-8")


def outcome_scale(text: str) -> OutcomeScale:
    """``dass21.depression`` in its two parts."""
    questionnaire, _, scale = text.partition(".")
    return OutcomeScale(questionnaire, scale)


def _file(document: dict[str, Any]) -> tuple[ProtocolFile | None, list[str]]:
    """The file and what is wrong with its keys and types; None where its types are too wrong to look further. Where only
    unknown keys are wrong, the rest is looked at without them."""
    faults: list[str] = []
    try:
        return ProtocolFile.model_validate(document), faults
    except ValidationError as error:
        faults += faults_of(error, ProtocolFile)
        unknown = [each["loc"] for each in error.errors() if each["type"] == "extra_forbidden"]
    rest = copy.deepcopy(document)
    for *way, last in unknown:
        place: Any = rest
        for part in way:
            place = place[part]
        del place[last]
    try:
        return ProtocolFile.model_validate(rest), faults
    except ValidationError:
        return None, faults


def _faults(file: ProtocolFile) -> Iterator[str]:
    """What is wrong beyond the types."""
    yield from _twice("arms", (arm.name for arm in file.arms))
    yield from _twice("allocation.strata", (each.name for each in file.allocation.strata))
    yield from _twice("time_points", (each.name for each in file.time_points))
    yield from _twice("inclusion and exclusion", (each.id for each in (*file.inclusion, *file.exclusion)))
    yield from _twice("characteristics", (each.id for each in file.characteristics))
    yield from _twice("outcomes", (file.outcomes.primary, *file.outcomes.secondary))
    yield from _arm_faults(file.arms)
    waits = any(arm.kind is ArmKind.WAITING_LIST for arm in file.arms)
    if waits and file.allocation.disclosure is Disclosure.AT_END:
        yield "allocation.disclosure: those who wait notice that they do; say at_enrolment where there is a waiting list"
    yield from _block_faults(file)
    yield from _stratum_faults(file)
    yield from _time_faults(file)
    for number, each in enumerate(file.characteristics):
        yield from _characteristic_faults(f"characteristics.{number}", each)


def _twice(where: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{where}: {name} stands {count} times; give each a name of its own"


def _arm_faults(arms: tuple[ArmSection, ...]) -> Iterator[str]:
    if sum(arm.kind is ArmKind.EXPERIMENTAL for arm in arms) != 1:
        yield "arms: exactly one must be of kind experimental, with which the others are compared"
    if not any(arm.kind is not ArmKind.EXPERIMENTAL for arm in arms):
        yield "arms: at least one must be a control, of kind fixed_order or waiting_list"
    for number, arm in enumerate(arms):
        if arm.order and arm.kind is not ArmKind.FIXED_ORDER:
            yield f"arms.{number}.order: only an arm of kind fixed_order has an order"
        if arm.answers_requests is not None and arm.kind is not ArmKind.WAITING_LIST:
            yield f"arms.{number}.answers_requests: only an arm of kind waiting_list has it"
        yield from _twice(f"arms.{number}.order", arm.order)


def _block_faults(file: ProtocolFile) -> Iterator[str]:
    whole = max(sum(arm.ratio for arm in file.arms), 1)
    if not file.allocation.block_sizes:
        yield f"allocation.block_sizes: is empty; name multiples of {whole}, the sum of the arms' ratios"
    for size in file.allocation.block_sizes:
        if size % whole:
            yield f"allocation.block_sizes: {size} is no multiple of {whole}, the sum of the arms' ratios"
    if set(file.allocation.block_sizes) == {whole}:
        yield (
            f"allocation.block_sizes: blocks of {whole} alone let the last of each block be guessed; name a larger size"
            " beside it"
        )


def _stratum_faults(file: ProtocolFile) -> Iterator[str]:
    strata = sorted(file.allocation.strata, key=lambda each: each.least)
    if not strata:
        yield "allocation.strata: is empty; name at least one range of the baseline score"
    for each in strata:
        if each.least > each.most:
            yield f"allocation.strata: {each.name} runs from {each.least} to {each.most}; turn that around"
    for before, after in pairwise(strata):
        if after.least <= before.most:
            yield f"allocation.strata: {before.name} and {after.name} overlap; each score belongs to one stratum"
        elif after.least > before.most + 1:
            yield (
                f"allocation.strata: no stratum has {before.most + 1} to {after.least - 1}; let {after.name} begin at"
                f" {before.most + 1}"
            )


def _time_faults(file: ProtocolFile) -> Iterator[str]:
    points = sorted(file.time_points, key=lambda each: each.day)
    if sum(each.day == 0 for each in points) != 1:
        yield "time_points: exactly one must be at day 0, the baseline"
    by_name = {each.name: each for each in points}
    primary = by_name.get(file.outcomes.primary_time_point)
    if primary is None:
        known = ", ".join(by_name) or "the time points, of which there is none"
        yield f"outcomes.primary_time_point: {file.outcomes.primary_time_point} is none of {known}"
    elif primary.day == 0:
        yield "outcomes.primary_time_point: the baseline is measured before anything has happened; choose a later one"
    elif primary.day > file.duration_days:
        yield f"duration_days: ends before {primary.name}, at which the primary outcome is compared"
    for before, after in pairwise(points):
        if before.day + (before.late_days if before.day else 0) >= after.day - after.early_days:
            yield f"time_points: the windows of {before.name} and {after.name} overlap; make one of them narrower"


def _characteristic_faults(where: str, each: CharacteristicSection) -> Iterator[str]:
    if each.kind is CharacteristicKind.CHOICE:
        if len(each.choices) < 2:
            yield f"{where}.choices: a choice needs at least two"
        yield from _twice(f"{where}.choices", each.choices)
        if each.least is not None or each.most is not None:
            yield f"{where}: a choice has no least and no most"
        return
    if each.choices:
        yield f"{where}.choices: a number has none"
    if each.least is None or each.most is None or each.least >= each.most:
        yield f"{where}: a number needs a least and a most, the least below the most"


def _protocol(file: ProtocolFile, digest: str) -> StudyProtocol:
    return StudyProtocol(
        study_id=file.id,
        version=file.version,
        title=file.title,
        arms=tuple(map(_arm, file.arms)),
        block_sizes=tuple(sorted(file.allocation.block_sizes)),
        stratify_by=outcome_scale(file.allocation.stratify_by),
        strata=tuple(Stratum(each.name, each.least, each.most) for each in file.allocation.strata),
        primary=outcome_scale(file.outcomes.primary),
        primary_time_point=file.outcomes.primary_time_point,
        secondary=tuple(map(outcome_scale, file.outcomes.secondary)),
        time_points=tuple(
            TimePoint(each.name, each.day, each.early_days, each.late_days)
            for each in sorted(file.time_points, key=lambda each: each.day)
        ),
        duration_days=file.duration_days,
        disclosure=file.allocation.disclosure,
        inclusion=_criteria(file.inclusion),
        exclusion=_criteria(file.exclusion),
        characteristics=tuple(map(_characteristic, file.characteristics)),
        adherence_least=file.outcomes.adherence_least,
        small_cell=file.small_cell,
        digest=digest,
    )


def _arm(section: ArmSection) -> StudyArm:
    answers = section.kind is not ArmKind.WAITING_LIST if section.answers_requests is None else section.answers_requests
    return StudyArm(section.name, section.title, section.kind, section.ratio, section.order, answers)


def _criteria(sections: tuple[CriterionSection, ...]) -> tuple[Criterion, ...]:
    return tuple(Criterion(each.id, each.text) for each in sections)


def _characteristic(section: CharacteristicSection) -> Characteristic:
    return Characteristic(
        section.id,
        section.title,
        section.kind,
        section.choices,
        section.least or 0.0,
        section.most or 0.0,
        section.round_to,
    )
