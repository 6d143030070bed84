"""What of a study leaves the device: rows without names, dates and words. Floor 1; pure.

A **pseudonym** is a keyed hash of the place in the sealed sequence (HMAC-SHA256 with a key that is never exported): without
the key nobody can go from a row to a profile, and over the devices of one study no two are the same. **Dates** become days
since the person's enrolment. **Words** (the description of an event, a reason to withdraw, a name) are left out, and so are
their columns. **Numbers** asked at enrolment are rounded down to the protocol's step. **Small cells**, combinations of
group, stratum and characteristics that fewer people share than the protocol's ``small_cell``, are listed, without their
exact size: rows are not suppressed, which would change the trial's result, so whoever passes the data on looks at the list.

That is de-identified and not anonymous: somebody who knows that and when a person took part may know them again by their
scores. It is health data still.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from ertedge.types.study import (
    Adherence,
    AdverseEvent,
    Characteristic,
    CharacteristicKind,
    NotEnrolled,
    OutcomeScale,
    OutcomeScore,
    Participant,
    Study,
    StudyProtocol,
    UsedSlot,
)
from ertedge.wellbeing.study import schedule

PSEUDONYM_CHARACTERS = 12
"""48 bits: two of a thousand people share one with a probability of 2e-9."""

Cell = str | int | float | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class ParticipantData:
    """All that an export takes from of one participant. ``outcomes`` are completed questionnaires, in any order."""

    participant: Participant
    outcomes: tuple[OutcomeScore, ...]
    adherence: Adherence
    events: tuple[AdverseEvent, ...]


@dataclass(frozen=True, slots=True)
class StudyData:
    """All that an export takes from. ``reveals_arms``: whether groups may be read yet; else their column is empty."""

    study: Study
    participants: tuple[ParticipantData, ...]
    slots: tuple[UsedSlot, ...]
    not_enrolled: tuple[NotEnrolled, ...]
    pseudonym_key: bytes
    now_wall_ns: int
    reveals_arms: bool


def pseudonym(key: bytes, participant: Participant) -> str:
    """What a participant is called in exports."""
    place = f"{participant.study_id}/{participant.stratum}/{participant.slot}"
    return hmac.digest(key, place.encode(), "sha256").hex()[:PSEUDONYM_CHARACTERS]


def participant_rows(data: StudyData) -> list[Row]:
    """A row a participant: group, stratum, how far they came, and their characteristics; by pseudonym, not by enrolment."""
    protocol = data.study.protocol
    rows: list[Row] = []
    for each in data.participants:
        one = each.participant
        end = min(data.now_wall_ns, schedule.end_ns(protocol, one))
        given = {value.characteristic_id: value.value for value in one.characteristics}
        rows.append(
            {
                "pseudonym": pseudonym(data.pseudonym_key, one),
                "arm": one.arm if data.reveals_arms else "",
                "stratum": one.stratum,
                "status": schedule.status_of(protocol, one, data.now_wall_ns).value,
                "days": schedule.day_of(one, end),
                "withdraw_day": schedule.day_of(one, one.withdraw_wall_time_ns) if one.withdraw_wall_time_ns else None,
                **{
                    characteristic.characteristic_id: coarse(
                        characteristic, given.get(characteristic.characteristic_id)
                    )
                    for characteristic in protocol.characteristics
                },
            }
        )
    return _sorted(rows)


def coarse(characteristic: Characteristic, value: str | None) -> Cell:
    """A characteristic as it leaves the device; None where it was not given."""
    if value is None or characteristic.kind is CharacteristicKind.CHOICE:
        return value
    return float(float(value) // characteristic.round_to * characteristic.round_to)


def outcome_rows(data: StudyData) -> list[Row]:
    """A row for each participant, time point and outcome scale, also where it is missing: then ``score`` is empty and
    ``status`` says whether it was missed or its time has not come."""
    protocol = data.study.protocol
    rows: list[Row] = []
    for each in data.participants:
        one = each.participant
        due = schedule.due_assessments(protocol, one, each.outcomes, data.now_wall_ns)
        for entry in due:
            point = next(point for point in protocol.time_points if point.name == entry.time_point)
            found = (
                schedule.outcome_at(point, one.enrol_wall_time_ns, entry.questionnaire_id, each.outcomes)
                if entry.done_wall_time_ns
                else None
            )
            rows += [
                {
                    "pseudonym": pseudonym(data.pseudonym_key, one),
                    "time_point": entry.time_point,
                    "planned_day": point.day,
                    "day": schedule.day_of(one, entry.done_wall_time_ns) if found else None,
                    "questionnaire": scale.questionnaire_id,
                    "scale": scale.scale_id,
                    "score": found.score(scale.scale_id) if found else None,
                    "status": entry.status.value,
                }
                for scale in scales_of(protocol)
                if scale.questionnaire_id == entry.questionnaire_id
            ]
    return _sorted(rows)


def scales_of(protocol: StudyProtocol) -> tuple[OutcomeScale, ...]:
    """The scales that are exported: the primary's, the stratification's, the secondaries'."""
    return tuple(dict.fromkeys((protocol.primary, protocol.stratify_by, *protocol.secondary)))


def adherence_rows(data: StudyData) -> list[Row]:
    """A row a participant."""
    return _sorted(
        [
            {
                "pseudonym": pseudonym(data.pseudonym_key, each.participant),
                "offered": each.adherence.offered,
                "unasked": each.adherence.unasked,
                "begun": each.adherence.begun,
                "completed": each.adherence.completed,
                "rated": each.adherence.rated,
                "helped": each.adherence.helped,
                "days_active": each.adherence.days_active,
                "days": each.adherence.days,
            }
            for each in data.participants
        ]
    )


def event_rows(data: StudyData) -> list[Row]:
    """A row an adverse event, without its description."""
    return _sorted(
        [
            {
                "pseudonym": pseudonym(data.pseudonym_key, each.participant),
                "day": schedule.day_of(each.participant, event.onset_wall_time_ns),
                "category": event.category.value,
                "seriousness": event.seriousness.value,
                "severity": event.severity.value,
                "relatedness": event.relatedness.value,
                "outcome": event.outcome.value,
            }
            for each in data.participants
            for event in each.events
        ]
    )


def flow_rows(data: StudyData) -> list[Row]:
    """Who was asked and does not take part, and whose data were erased since; numbers alone."""
    asked = Counter((each.reason.value, each.criterion_id) for each in data.not_enrolled)
    rows: list[Row] = [
        {"step": "not_enrolled", "reason": reason, "criterion": criterion, "arm": "", "count": count}
        for (reason, criterion), count in sorted(asked.items())
    ]
    erased = Counter(each.arm if data.reveals_arms else "" for each in data.slots if each.erased)
    rows += [
        {"step": "erased", "reason": "", "criterion": "", "arm": arm, "count": count}
        for arm, count in sorted(erased.items())
    ]
    return rows


def slot_rows(data: StudyData) -> list[Row]:
    """Every allocation that was made, for its verification once the seal is open; nothing while groups may not be read."""
    if not data.reveals_arms:
        return []
    return [
        {"stratum": each.stratum, "slot": each.slot, "arm": each.arm, "erased": int(each.erased)}
        for each in sorted(data.slots, key=lambda each: (each.stratum, each.slot))
    ]


def small_cell_rows(rows: Sequence[Row], protocol: StudyProtocol) -> list[Row]:
    """Combinations of up to two of group, stratum and characteristics that fewer people share than ``small_cell``; ``rows``
    are those of the participants, of one device or of all."""
    names = ["arm", "stratum", *(each.characteristic_id for each in protocol.characteristics)]
    return [
        {"columns": " + ".join(columns), "values": " + ".join(values), "count": f"<{protocol.small_cell}"}
        for size in (1, 2)
        for columns in combinations(names, size)
        for values in _small(rows, columns, protocol.small_cell)
    ]


def _small(rows: Sequence[Row], columns: tuple[str, ...], least: int) -> Iterator[tuple[str, ...]]:
    counts = Counter(tuple("" if row[name] is None else str(row[name]) for name in columns) for row in rows)
    yield from sorted(values for values, count in counts.items() if count < least)


def _sorted(rows: Sequence[Row]) -> list[Row]:
    """By pseudonym, so that the order tells nothing of when somebody was enrolled; otherwise as they came."""
    return sorted(rows, key=lambda row: str(row["pseudonym"]))
