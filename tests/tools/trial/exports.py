"""Exports of a made-up trial, written by the device's own export code."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ertedge.types.study import (
    Adherence,
    AdverseEvent,
    CharacteristicValue,
    EventCategory,
    EventOutcome,
    EventSeverity,
    NotEnrolled,
    NotEnrolledReason,
    OutcomeScore,
    Participant,
    Relatedness,
    Seriousness,
    Study,
    UsedSlot,
)
from ertedge.wellbeing.library import load_library
from ertedge.wellbeing.study import deidentify
from ertedge.wellbeing.study.allocation import allocation, check, seal_of
from ertedge.wellbeing.study.deidentify import ParticipantData, StudyData
from ertedge.wellbeing.study.export import ScaleNote, export_files
from ertedge.wellbeing.study.protocol import example_protocol, read_protocol
from ertedge.wellbeing.study.schedule import DAY_NS

ENROL_NS = 1_800_000_000_000_000_000
PROTOCOL = read_protocol(example_protocol())
SEAL = bytes(range(96))


def study_data(
    people: int = 40,
    *,
    seed: int = 1,
    effect: float = 8.0,
    lost: float = 0.2,
    synthetic: bool = True,
    leaves: bool = True,
) -> StudyData:
    """A trial whose experimental group is ``effect`` points better off at week 8; if one ``leaves``, it is the first."""
    rng = np.random.default_rng(seed)
    seal = seal_of(SEAL)
    participants: list[ParticipantData] = []
    slots: list[UsedSlot] = []
    for number in range(people):
        baseline = int(2 * rng.integers(5, 22))
        stratum = PROTOCOL.stratum_of(baseline)
        assert stratum is not None
        slot = sum(each.stratum == stratum.name for each in slots)
        arm = allocation(PROTOCOL, seal.seed, stratum.name, slot)
        slots.append(UsedSlot(PROTOCOL.study_id, stratum.name, slot, arm))
        helped = effect if arm == "personal" else 0.0
        scores = [(-1, baseline)]
        for day, share in ((28, 0.5), (56, 1.0)):
            if rng.random() >= lost:
                value = 0.6 * baseline + 6 + 4 * rng.standard_normal() - share * helped
                scores.append((day, int(np.clip(round(value / 2) * 2, 0, 42))))
        one = Participant(
            participant_id=number + 1,
            study_id=PROTOCOL.study_id,
            profile_id=number + 1,
            stratum=stratum.name,
            slot=slot,
            arm=arm,
            enrol_wall_time_ns=ENROL_NS,
            characteristics=(
                CharacteristicValue("age", str(20 + number % 50)),
                CharacteristicValue("gender", "woman" if number % 2 else "man"),
            ),
            withdraw_wall_time_ns=ENROL_NS + 40 * DAY_NS if leaves and number == 0 else 0,
            withdraw_reason="planted words" if number == 0 else "",
        )
        events = (_event(one),) if number % 7 == 0 else ()
        done = int(rng.integers(0, 30))
        adherence = Adherence(done + 5, done, done, done, done, done // 2, done // 2, 56)
        participants.append(
            ParticipantData(one, tuple(_outcome(day, score) for day, score in scores), adherence, events)
        )
    return StudyData(
        study=Study(PROTOCOL, example_protocol(), seal.commitment, ENROL_NS, ENROL_NS + 80 * DAY_NS, synthetic),
        participants=tuple(participants),
        slots=tuple(slots),
        not_enrolled=(NotEnrolled(PROTOCOL.study_id, 1, NotEnrolledReason.DECLINED),),
        pseudonym_key=seal.pseudonym_key,
        now_wall_ns=ENROL_NS + 80 * DAY_NS,
        reveals_arms=True,
    )


def write(folder: Path, data: StudyData) -> Path:
    """The export of ``data`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    library = load_library()
    notes = [
        ScaleNote(each, next(s for s in library.get("dass21").scoring.scales if s.scale_id == each.scale_id))
        for each in deidentify.scales_of(PROTOCOL)
    ]
    found = check(PROTOCOL, data.study.commitment, seal_of(SEAL), data.slots)
    for file in export_files(data, notes, found, "0.0"):
        (folder / file.name).write_bytes(file.content)
    return folder


def _outcome(day: int, depression: int) -> OutcomeScore:
    scores = (("depression", depression), ("anxiety", 10 + depression % 7), ("stress", min(42, depression + 2)))
    return OutcomeScore("dass21", ENROL_NS + day * DAY_NS + (0 if day < 0 else 3600), scores)


def _event(one: Participant) -> AdverseEvent:
    return AdverseEvent(
        one.participant_id,
        one.participant_id,
        one.profile_id,
        ENROL_NS + 9 * DAY_NS,
        EventCategory.OTHER,
        Seriousness.HOSPITALISATION if one.participant_id == 1 else Seriousness.NOT_SERIOUS,
        EventSeverity.MILD,
        Relatedness.POSSIBLE,
        EventOutcome.RECOVERED,
        "planted words",
        ENROL_NS,
        ENROL_NS,
    )
