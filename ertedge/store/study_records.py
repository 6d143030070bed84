"""What the store gives of studies. Floor 1; imports only words.

A study is stored as the text that it was created from, which the core reads again: what was validated is what holds.
"""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types.study import AdverseEvent, NotEnrolled, Participant, UsedSlot


@dataclass(frozen=True, slots=True)
class StoredStudy:
    """A study: ``protocol_text`` is its protocol as it was given; ``end_wall_time_ns`` is 0 while it goes on."""

    study_id: str
    protocol_text: str
    commitment: str
    create_wall_time_ns: int
    end_wall_time_ns: int
    synthetic: bool


@dataclass(frozen=True, slots=True)
class StoredStudies:
    """Everything that the core answers from. ``requests`` are the ids under which people were enrolled and events recorded,
    each with the number that it got."""

    studies: tuple[StoredStudy, ...]
    slots: tuple[UsedSlot, ...]
    participants: tuple[Participant, ...]
    not_enrolled: tuple[NotEnrolled, ...]
    events: tuple[AdverseEvent, ...]
    enrolment_requests: tuple[tuple[str, int], ...]
    event_requests: tuple[tuple[str, int], ...]
    last_participant_id: int
    last_event_id: int
