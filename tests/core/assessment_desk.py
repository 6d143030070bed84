"""Assessments with everything around them in memory, and a safety that remembers in which order things happened."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ertedge.config import AssessmentSettings, SuggestionSettings
from ertedge.core.assessments.assessments import Assessments
from ertedge.core.assessments.log import AssessmentLog
from ertedge.core.assessments.records import AssessmentView
from ertedge.core.assessments.reminders import AssessmentReminders
from ertedge.core.recorder import Recorder
from ertedge.errors import NotFoundError
from ertedge.types import Helpline, NoticeKind, RedFlag, SafetyCause, SafetyNotice
from ertedge.wellbeing.library import load_library
from tests.core.fakes import FakeClock, FakeStore

HOUR_NS = 3600 * 1_000_000_000
DAY_NS = 24 * HOUR_NS
LIBRARY = load_library()
NOON = SuggestionSettings(timezone="UTC")
LINE = Helpline("GB", "Samaritans", "116 123", "phone", "day and night", ("en",), "https://x.example", "2026-01-01")


@dataclass
class FakeSafety:
    """Remembers what was raised, and how many answers the store held then."""

    store: FakeStore
    raised: list[tuple[RedFlag, int]] = field(default_factory=list)
    saves_before: list[int] = field(default_factory=list)
    notice: SafetyNotice | None = None

    @property
    def is_open(self) -> bool:
        return self.notice is not None and self.notice.open

    def raise_red_flag(self, flag: RedFlag, wall_ns: int | None = None) -> SafetyNotice:
        self.raised.append((flag, wall_ns or 0))
        self.saves_before.append(self.store.assessments.saves)
        self.notice = SafetyNotice(1, wall_ns or 0, NoticeKind.SUPPORT, SafetyCause.RED_FLAG, "Help is here.")
        return self.notice

    def close(self) -> None:
        if self.notice is not None:
            self.notice = replace(self.notice, open=False)

    def helplines(self, region: str | None = None) -> tuple[Helpline, ...]:
        return (LINE,)


class Desk:
    """Begins as new, or on the store of another. It is noon."""

    def __init__(
        self,
        store: FakeStore | None = None,
        settings: AssessmentSettings | None = None,
        quiet: SuggestionSettings = NOON,
        clock: FakeClock | None = None,
    ) -> None:
        # A day that begins at a multiple of 24 hours, at noon.
        self.clock = clock or FakeClock(now_ns=10**12, wall_offset_ns=20_000 * DAY_NS + 12 * HOUR_NS - 10**12)
        self.store = store or FakeStore()
        self.safety = FakeSafety(self.store)
        self.without_history: set[int] = set()
        self.languages: dict[int, str] = {}
        self.recorder = Recorder(lambda: self.store, self.clock)
        self.log = AssessmentLog(self.recorder, self.clock, self.may_keep)
        self.reminders = AssessmentReminders(
            settings=settings or AssessmentSettings(),
            quiet=quiet,
            clock=self.clock,
            recorder=self.recorder,
            log=self.log,
            safety_of=self.safety_of,
            may_keep=self.may_keep,
        )
        self.assessments = Assessments(
            library=LIBRARY,
            log=self.log,
            clock=self.clock,
            safety_of=self.safety_of,
            language_of=lambda profile_id: self.languages.get(profile_id, ""),
            completed=self.reminders.note_completed,
        )

    def may_keep(self, profile_id: int) -> bool:
        return profile_id not in self.without_history

    async def safety_of(self, profile_id: int) -> FakeSafety:
        if profile_id >= 90:
            raise NotFoundError(f"there is no profile {profile_id}")
        return self.safety

    async def start(self) -> Desk:
        await self.assessments.start()
        await self.reminders.start()
        return self

    def pass_ns(self, span_ns: int) -> None:
        self.clock.now_ns += span_ns

    async def fill_in(self, values: dict[str, int], questionnaire_id: str = "dass21", profile_id: int = 1) -> int:
        """Begin anew and answer, and return the number."""
        started = await self.assessments.begin(profile_id, questionnaire_id, start_over=True)
        number = started.view.assessment.assessment_id
        for link_id, value in values.items():
            await self.assessments.answer(number, link_id, str(value))
        return number

    async def done(
        self, values: dict[str, int], questionnaire_id: str = "dass21", profile_id: int = 1
    ) -> AssessmentView:
        number = await self.fill_in(values, questionnaire_id, profile_id)
        return (await self.assessments.complete(number)).view


def whole(value: int, questionnaire_id: str = "dass21", **others: int) -> dict[str, int]:
    """Every item at the same value, but for ``i21=0``, say."""
    items = LIBRARY.get(questionnaire_id).questionnaire.items
    return {item.link_id: value for item in items} | {name.removeprefix("i"): v for name, v in others.items()}
