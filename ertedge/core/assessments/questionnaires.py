"""Questionnaires, put together for the people of the device: assessments and their reminders. Floor 2.

Whose consent to a history is withdrawn, or who is erased, is forgotten here at that moment; the disk is others' work.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from ertedge.config import AssessmentSettings, SuggestionSettings
from ertedge.core.assessments.assessments import Assessments
from ertedge.core.assessments.log import AssessmentLog
from ertedge.core.assessments.port import AssessmentRecorder, RedFlagSafety
from ertedge.core.assessments.reminders import AssessmentReminders
from ertedge.core.clock import Clock
from ertedge.errors import ConfigurationError
from ertedge.types import Purpose
from ertedge.wellbeing.library import Library


class PeoplePort(Protocol):
    """What this asks of ``core.people.people.People``. Never waits, never raises."""

    def language_of(self, profile_id: int) -> str: ...
    def may(self, profile_id: int, purpose: Purpose) -> bool: ...
    def subscribe(self, listener: Callable[[int, Purpose, bool], None]) -> None: ...
    def on_erased(self, listener: Callable[[int], None]) -> None: ...


@dataclass(frozen=True, slots=True)
class Questionnaires:
    """``start`` before anything else."""

    assessments: Assessments
    reminders: AssessmentReminders

    async def start(self) -> None:
        """Learn what was answered before."""
        await self.assessments.start()
        await self.reminders.start()


def make_questionnaires(
    settings: AssessmentSettings,
    suggestions: SuggestionSettings,
    *,
    library: Library,
    recorder: AssessmentRecorder,
    clock: Clock,
    people: PeoplePort,
    safety_of: Callable[[int], Awaitable[RedFlagSafety]],
) -> Questionnaires:
    """Quiet hours, time zone and language are those of ``suggestions``. Raises ConfigurationError for a questionnaire to
    remind of that there is not."""
    if settings.reminder_questionnaire not in library.ids:
        known = ", ".join(library.ids)
        raise ConfigurationError(
            [f"assessments.reminder_questionnaire: {settings.reminder_questionnaire!r} is none of {known}"]
        )

    def may_keep(profile_id: int) -> bool:
        return people.may(profile_id, Purpose.KEEP_HISTORY)

    log = AssessmentLog(recorder, clock, may_keep)
    reminders = AssessmentReminders(
        settings=settings,
        quiet=suggestions,
        clock=clock,
        recorder=recorder,
        log=log,
        safety_of=safety_of,
        may_keep=may_keep,
    )
    assessments = Assessments(
        library=library,
        log=log,
        clock=clock,
        safety_of=safety_of,
        language_of=people.language_of,
        completed=reminders.note_completed,
        language=suggestions.language,
    )

    def forget(profile_id: int, *, erased: bool) -> None:
        assessments.forget(profile_id, erased=erased)
        reminders.forget(profile_id)

    def hear(profile_id: int, purpose: Purpose, given: bool) -> None:
        if purpose is Purpose.KEEP_HISTORY and not given:
            forget(profile_id, erased=False)

    people.subscribe(hear)
    people.on_erased(lambda profile_id: forget(profile_id, erased=True))
    return Questionnaires(assessments, reminders)
