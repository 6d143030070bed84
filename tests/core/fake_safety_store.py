"""The part of the store in memory that keeps safety; ``tests.core.fakes.FakeStore`` is the whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from ertedge.errors import ErtedgeError, NotFoundError
from ertedge.store.safety_records import NoticePage, SafetyAnswer, StoredSafety
from ertedge.types import SafetyNotice, SafetyPlan


@dataclass
class FakeSafetyStore:
    """While ``trouble`` is set, everything raises it."""

    notices: dict[int, SafetyNotice] = field(default_factory=dict)
    answers: list[SafetyAnswer] = field(default_factory=list)
    watch: str = ""
    plan: SafetyPlan | None = field(default_factory=SafetyPlan)
    saves: int = 0
    trouble: ErtedgeError | None = None

    def _be_well(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def save_safety(
        self, watch: str, wall_time_ns: int, notice: SafetyNotice | None, answer: SafetyAnswer | None = None
    ) -> None:
        self._be_well()
        self.watch = watch or self.watch
        self.saves += 1
        if notice is not None:
            self.notices[notice.notice_id] = notice
        if answer is not None:
            self.answers.append(answer)

    def save_safety_plan(self, plan: SafetyPlan) -> None:
        self._be_well()
        self.plan = plan

    def safety(self) -> StoredSafety:
        self._be_well()
        opened = tuple(each for _, each in sorted(self.notices.items(), reverse=True) if each.open)
        return StoredSafety(self.watch, self.plan, tuple(self.answers), max(self.notices, default=0), opened)

    def safety_notice(self, notice_id: int) -> SafetyNotice:
        self._be_well()
        if notice_id not in self.notices:
            raise NotFoundError(f"there is no safety notice {notice_id}")
        return self.notices[notice_id]

    def list_safety_notices(self, *, limit: int, before: int | None, only_open: bool) -> NoticePage:
        self._be_well()
        chosen = [
            each
            for number, each in sorted(self.notices.items(), reverse=True)
            if (before is None or number < before) and (each.open or not only_open)
        ]
        return NoticePage(tuple(chosen[:limit]), chosen[limit - 1].notice_id if len(chosen) > limit else None)
