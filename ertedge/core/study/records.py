"""What the core takes and tells of a study beside its records. Floor 2; imports only types."""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types.study import (
    AdverseEvent,
    Characteristic,
    CharacteristicValue,
    Criterion,
    Disclosure,
    NotEnrolledReason,
    Participant,
    ParticipantStatus,
    Study,
    StudyArm,
    TimePoint,
)

EVENT_FIELDS = ("onset_time", "category", "seriousness", "severity", "relatedness", "outcome", "description")
"""What an update of an adverse event may name."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What is known of somebody who is to be enrolled. ``slot`` None: the next of this device's sequence."""

    study_id: str
    profile_id: int
    confirmed_criteria: tuple[str, ...] = ()
    present_exclusions: tuple[str, ...] = ()
    characteristics: tuple[CharacteristicValue, ...] = ()
    slot: int | None = None
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class ParticipantView:
    """A participant as anybody may read them: ``arm`` and ``arm_title`` are empty while the protocol keeps the group from
    them; their slot is never shown."""

    participant_id: int
    study_id: str
    profile_id: int
    stratum: str
    arm: str
    arm_title: str
    status: ParticipantStatus
    enrol_wall_time_ns: int
    end_wall_time_ns: int
    withdraw_wall_time_ns: int
    characteristics: tuple[CharacteristicValue, ...]

    @classmethod
    def of(
        cls, study: Study, one: Participant, *, reveals: bool, status: ParticipantStatus, end_ns: int
    ) -> ParticipantView:
        """Of a participant; with their arm where ``reveals``."""
        arm = study.protocol.arm(one.arm) if reveals else None
        return cls(
            participant_id=one.participant_id,
            study_id=one.study_id,
            profile_id=one.profile_id,
            stratum=one.stratum,
            arm=arm.name if arm else "",
            arm_title=arm.title if arm else "",
            status=status,
            enrol_wall_time_ns=one.enrol_wall_time_ns,
            end_wall_time_ns=end_ns,
            withdraw_wall_time_ns=one.withdraw_wall_time_ns,
            characteristics=one.characteristics,
        )


@dataclass(frozen=True, slots=True)
class StudyView:
    """A study with the number of its participants, those whose data were erased included."""

    study: Study
    participant_count: int


@dataclass(frozen=True, slots=True)
class StudyInfo:
    """A study as a client reads it: what of its protocol is shown and asked, beside the whole of it as it was given.
    ``end_wall_time_ns`` is 0 while it goes on."""

    study_id: str
    title: str
    version: int
    protocol_text: str
    protocol_digest: str
    commitment: str
    arms: tuple[StudyArm, ...]
    time_points: tuple[TimePoint, ...]
    primary_outcome: str
    primary_time_point: str
    duration_days: int
    disclosure: Disclosure
    inclusion: tuple[Criterion, ...]
    exclusion: tuple[Criterion, ...]
    characteristics: tuple[Characteristic, ...]
    participant_count: int
    create_wall_time_ns: int
    end_wall_time_ns: int
    synthetic: bool

    @property
    def is_open(self) -> bool:
        """Whether people can be enrolled."""
        return not self.end_wall_time_ns


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody was not enrolled, as it is counted."""

    reason: NotEnrolledReason
    criterion_id: str
    words: str


@dataclass(frozen=True, slots=True)
class ParticipantsPage:
    """Participants, oldest first. ``next_page_token`` asks for the next page; empty on the last."""

    participants: tuple[ParticipantView, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class EventsPage:
    """Adverse events of a study, oldest first, each with its study. ``next_page_token`` asks for the next page."""

    events: tuple[AdverseEvent, ...]
    next_page_token: str
