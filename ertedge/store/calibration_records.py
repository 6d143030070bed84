"""What the store keeps of calibration beside the labels. Floor 1; imports words."""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types import Emotion


@dataclass(frozen=True, slots=True)
class CalibrationSession:
    """A guided session as far as it has come, so that it can be gone on with.

    ``plan`` is the emotions of its takes in their order; ``next_take`` the index of the first that is still to come (the
    plan's length where it is over). ``skipped`` are emotions that the person does not want to be asked for in it.
    """

    session_id: int
    profile_id: int
    begin_wall_time_ns: int
    synthetic: bool
    plan: tuple[Emotion, ...]
    next_take: int
    skipped: tuple[Emotion, ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether no take is left."""
        return self.next_take >= len(self.plan)
