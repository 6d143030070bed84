"""Whether somebody can be enrolled: their criteria, their characteristics, their baseline. Floor 2; pure."""

from __future__ import annotations

import math
from collections.abc import Iterator

from ertedge.core.study.records import Enrolment, Refusal
from ertedge.errors import InvalidRequestError
from ertedge.types.study import (
    Characteristic,
    CharacteristicKind,
    NotEnrolledReason,
    OutcomeScore,
    Stratum,
    StudyProtocol,
)
from ertedge.wellbeing.study import schedule

BASELINE_CRITERION = "baseline_score"
"""The criterion under which a baseline score outside of all strata is counted."""


def check_fields(protocol: StudyProtocol, enrolment: Enrolment) -> None:
    """Raises InvalidRequestError with everything that is wrong or left out."""
    if faults := list(_field_faults(protocol, enrolment)):
        raise InvalidRequestError(faults)


def refusal_of(protocol: StudyProtocol, enrolment: Enrolment) -> Refusal | None:
    """What speaks against somebody by the criteria; None: nothing."""
    for criterion in protocol.exclusion:
        if criterion.criterion_id in enrolment.present_exclusions:
            words = f"cannot be enrolled, because of an exclusion criterion: {criterion.text}"
            return Refusal(NotEnrolledReason.NOT_ELIGIBLE, criterion.criterion_id, words)
    return None


def baseline_stratum(
    protocol: StudyProtocol, outcomes: tuple[OutcomeScore, ...], now_ns: int
) -> tuple[Stratum | None, str]:
    """The stratum of somebody's baseline, or why there is none: the words are about what is missing or does not fit. Every
    questionnaire of the study must be there and have its scores."""
    point, wanted = protocol.baseline, [protocol.primary, protocol.stratify_by, *protocol.secondary]
    for scale in wanted:
        found = schedule.outcome_at(point, now_ns, scale.questionnaire_id, outcomes)
        if found is None or found.score(scale.scale_id) is None:
            return None, (
                f"needs a complete baseline first: `ertedge-ctl assess {scale.questionnaire_id}`, at most"
                f" {point.early_days} days before"
            )
    baseline = schedule.outcome_at(point, now_ns, protocol.stratify_by.questionnaire_id, outcomes)
    score = baseline.score(protocol.stratify_by.scale_id) if baseline else None
    return (protocol.stratum_of(score), "") if score is not None else (None, "")


def outside_strata(protocol: StudyProtocol) -> Refusal:
    """That a baseline score is in no stratum."""
    least, most = min(each.least for each in protocol.strata), max(each.most for each in protocol.strata)
    words = f"cannot be enrolled: the baseline {protocol.stratify_by} is not within {least} to {most}"
    return Refusal(NotEnrolledReason.NOT_ELIGIBLE, BASELINE_CRITERION, words)


def _field_faults(protocol: StudyProtocol, enrolment: Enrolment) -> Iterator[tuple[str, str]]:
    inclusion = {each.criterion_id: each for each in protocol.inclusion}
    exclusion = {each.criterion_id for each in protocol.exclusion}
    for name in enrolment.confirmed_criteria:
        if name not in inclusion:
            yield (
                "confirmed_criteria",
                f"{name!r} is none of {', '.join(inclusion) or 'the criteria, of which there is none'}",
            )
    for name in enrolment.present_exclusions:
        if name not in exclusion:
            yield (
                "present_exclusions",
                f"{name!r} is none of {', '.join(exclusion) or 'the criteria, of which there is none'}",
            )
    for name, criterion in inclusion.items():
        if name not in enrolment.confirmed_criteria:
            yield "confirmed_criteria", f"{name} is not confirmed: {criterion.text}"
    given = {each.characteristic_id: each.value for each in enrolment.characteristics}
    known = {each.characteristic_id for each in protocol.characteristics}
    for name in given.keys() - known:
        yield "characteristics", f"{name!r} is none of {', '.join(sorted(known)) or 'them, since there is none'}"
    for characteristic in protocol.characteristics:
        value = given.get(characteristic.characteristic_id)
        if value is None or not _fits(characteristic, value):
            yield "characteristics", _what_fits(characteristic)


def _fits(characteristic: Characteristic, value: str) -> bool:
    if characteristic.kind is CharacteristicKind.CHOICE:
        return value in characteristic.choices
    try:
        number = float(value)
    except ValueError:
        return False
    return math.isfinite(number) and characteristic.least <= number <= characteristic.most


def _what_fits(characteristic: Characteristic) -> str:
    if characteristic.kind is CharacteristicKind.CHOICE:
        return f"{characteristic.characteristic_id} must be one of {', '.join(characteristic.choices)}"
    return (
        f"{characteristic.characteristic_id} must be a number from {characteristic.least:g} to {characteristic.most:g}"
    )
