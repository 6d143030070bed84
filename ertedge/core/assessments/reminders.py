"""Reminders of a questionnaire: at most one a period, never at night, never while help comes first. Floor 2.

When one is due, ``wellbeing.reminders`` says; this knows what time it is where the person is, who has filled in what, and
whether a safety notice is open. A reminder is only there to be asked for: nothing rings, and no suggestion waits for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import NoReturn

from ertedge.config import AssessmentSettings, SuggestionSettings
from ertedge.core.assessments.log import AssessmentLog
from ertedge.core.assessments.port import AssessmentRecorder, AssessmentStore, RedFlagSafety
from ertedge.core.clock import Clock
from ertedge.core.local_time import LocalTime
from ertedge.errors import NotFoundError, StoreError
from ertedge.recommend.safety import minutes_until_quiet
from ertedge.types.assessments import Assessment, AssessmentReminder
from ertedge.wellbeing.reminders import DAY_NS, is_due, reminder_at, stands

logger = logging.getLogger(__name__)

TICK_SECONDS = 60.0


class AssessmentReminders:
    """Belongs to one event loop. ``start`` before anything else; ``run`` looks every minute whether one is due."""

    def __init__(
        self,
        *,
        settings: AssessmentSettings,
        quiet: SuggestionSettings,
        clock: Clock,
        recorder: AssessmentRecorder,
        log: AssessmentLog,
        safety_of: Callable[[int], Awaitable[RedFlagSafety]],
        may_keep: Callable[[int], bool],
    ) -> None:
        """``quiet`` has the quiet hours, which are those of suggestions, and the time zone."""
        self._settings = settings
        self._quiet = quiet
        self._local = LocalTime(quiet.timezone)
        self._clock = clock
        self._recorder = recorder
        self._log = log
        self._safety_of = safety_of
        self._may_keep = may_keep
        self._completed_ns: dict[int, int] = {}
        self._last: dict[int, AssessmentReminder] = {}

    async def start(self) -> None:
        """Learn who has filled the questionnaire in, and who was reminded. Without the store nobody is reminded."""
        name = self._settings.reminder_questionnaire
        try:
            completed = await self._log.newest_completed(name)
            reminders = await self._recorder.read(lambda store: store.assessments.reminders())
        except StoreError as error:
            logger.error("nobody is reminded of a questionnaire, since earlier ones cannot be read: %s", error)
            return
        for assessment in completed:
            self.note_completed(assessment)
        self._last = {each.profile_id: each for each in reminders if each.questionnaire_id == name} | self._last

    async def run(self) -> NoReturn:
        """Look every minute, for ever."""
        while True:
            await self.tick()
            await asyncio.sleep(TICK_SECONDS)

    async def tick(self) -> None:
        """Give the reminders that are due."""
        if not self._settings.reminders or self._is_quiet():
            return
        now_ns = self._clock.wall_ns()
        period_ns = round(self._settings.reminder_days * DAY_NS)
        for profile_id, completed_ns in tuple(self._completed_ns.items()):
            due = is_due(now_ns, completed_ns, self._last.get(profile_id), period_ns)
            if due and not await self._help_comes_first(profile_id):
                self._keep(reminder_at(now_ns, profile_id, self._settings.reminder_questionnaire))

    async def standing(self, profile_id: int) -> tuple[AssessmentReminder, ...]:
        """The reminder that is to be shown to a person now, if there is one."""
        last, now_ns = self._last.get(profile_id), self._clock.wall_ns()
        if last is None or not self._settings.reminders or self._is_quiet():
            return ()
        if not stands(last, now_ns, self._completed_ns.get(profile_id)) or await self._help_comes_first(profile_id):
            return ()
        return (last,)

    def dismiss(self, profile_id: int, questionnaire_id: str) -> None:
        """The person does not want to hear of it now. Raises NotFoundError where there is no reminder."""
        last = self._last.get(profile_id)
        if last is None or last.questionnaire_id != questionnaire_id:
            raise NotFoundError(f"there is no reminder of {questionnaire_id[:80]}")
        if not last.dismissed:
            self._keep(replace(last, dismissed=True))

    def note_completed(self, assessment: Assessment) -> None:
        """Somebody has completed a questionnaire."""
        if assessment.questionnaire_id == self._settings.reminder_questionnaire:
            before_ns = self._completed_ns.get(assessment.profile_id, 0)
            self._completed_ns[assessment.profile_id] = max(before_ns, assessment.complete_wall_time_ns)

    def forget(self, profile_id: int) -> None:
        """Remind a person no more, who has been erased or has withdrawn the consent to a history."""
        self._completed_ns.pop(profile_id, None)
        self._last.pop(profile_id, None)

    def _keep(self, reminder: AssessmentReminder) -> None:
        profile_id = reminder.profile_id
        self._last[profile_id] = reminder

        def save(store: AssessmentStore) -> None:
            if self._may_keep(profile_id) and profile_id in self._last:
                store.assessments.save_reminder(reminder)

        self._recorder.keep(save)

    def _is_quiet(self) -> bool:
        hour = self._local.at(self._clock.wall_ns()).hour
        return minutes_until_quiet(hour, self._quiet.quiet_from, self._quiet.quiet_until) <= 0.0

    async def _help_comes_first(self, profile_id: int) -> bool:
        try:
            return (await self._safety_of(profile_id)).is_open
        except (NotFoundError, StoreError):
            return True  # erased just now, or nobody can be read
