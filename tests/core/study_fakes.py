"""Studies on the real store and seal, with people and questionnaires made up: a house for tests of a study."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ertedge.config import StoreSettings
from ertedge.core.recorder import Recorder
from ertedge.core.study.book import StudyBook
from ertedge.core.study.followup import FollowUp
from ertedge.core.study.records import Enrolment
from ertedge.core.study.studies import Studies
from ertedge.errors import NotFoundError
from ertedge.store.seals import SealFolder
from ertedge.store.store import Store
from ertedge.types import Profile, Purpose
from ertedge.types.assessments import Scale
from ertedge.types.study import CharacteristicValue, OutcomeScale, OutcomeScore
from ertedge.wellbeing.library import load_library
from ertedge.wellbeing.study.protocol import example_protocol
from ertedge.wellbeing.study.schedule import DAY_NS
from tests.core.fakes import SECOND_NS, FakeClock

STUDY = "example-pilot"
CRITERIA = ("adult", "reads_language")
ABOUT = (CharacteristicValue("age", "43"), CharacteristicValue("gender", "woman"))
SEED = bytes(range(32))
SEAL = SEED + b"n" * 32 + b"k" * 32
NOW_NS = 1_800_000_000 * SECOND_NS


@dataclass
class FakePeople:
    """Profiles 1 to ``count``; ``given`` are the consents of everybody."""

    count: int = 200
    given: set[Purpose] = field(default_factory=lambda: {Purpose.STUDY, Purpose.KEEP_HISTORY})
    selected: int = 0

    @property
    def profiles(self) -> tuple[Profile, ...]:
        return tuple(self.profile(number + 1) for number in range(self.count))

    def may(self, profile_id: int, purpose: Purpose) -> bool:
        return purpose in self.given

    def profile(self, profile_id: int) -> Profile:
        if not 1 <= profile_id <= self.count:
            raise NotFoundError(f"there is no profile {profile_id}")
        return Profile(profile_id, f"person {profile_id}", "en", 0, 0, "")


@dataclass
class FakeOutcomes:
    """The shipped scorings, and whatever ``answer`` was told that somebody completed."""

    answers: dict[int, list[OutcomeScore]] = field(default_factory=dict)

    def answer(
        self, profile_id: int, wall_ns: int, depression: int | None, anxiety: int = 10, stress: int = 14
    ) -> None:
        scores = (("depression", depression), ("anxiety", anxiety), ("stress", stress))
        self.answers.setdefault(profile_id, []).append(OutcomeScore("dass21", wall_ns, scores))

    def scale(self, outcome: OutcomeScale) -> Scale:
        scales = load_library().get(outcome.questionnaire_id).scoring.scales
        found = next((each for each in scales if each.scale_id == outcome.scale_id), None)
        if found is None:
            raise NotFoundError(f"{outcome.questionnaire_id} has no scale {outcome.scale_id!r}")
        return found

    async def completed(self, profile_id: int, questionnaire_ids: Sequence[str]) -> tuple[OutcomeScore, ...]:
        return tuple(each for each in self.answers.get(profile_id, ()) if each.questionnaire_id in questionnaire_ids)


class StudyHouse:
    """``start`` before anything else. ``clock`` is moved by hand; ``folder`` has the database and the seals."""

    def __init__(self, folder: Path, clock: FakeClock | None = None) -> None:
        self.folder = folder
        self.clock = clock or FakeClock(wall_offset_ns=NOW_NS - 100 * SECOND_NS)
        self.recorder = Recorder(lambda: Store.open(folder / "ertedge.db", StoreSettings()), self.clock)
        self.people, self.outcomes = FakePeople(), FakeOutcomes()
        self.seals = SealFolder(folder / "studies")
        self.book = StudyBook(self.recorder, self.clock)
        self.studies = Studies(
            self.book,
            self.recorder,
            self.clock,
            people=self.people,
            outcomes=self.outcomes,
            seals=self.seals,
            activity_ids=lambda: ("box_breathing", "gratitude"),
            random_bytes=lambda count: SEAL[:count],
        )
        self.followup = FollowUp(self.studies, self.recorder, self.clock, self.outcomes)

    async def start(self) -> None:
        await self.recorder.start()
        await self.book.start()
        await self.followup.start()

    async def stop(self) -> None:
        await self.recorder.stop()

    async def create(self, text: str = "") -> str:
        return (await self.studies.create(text or example_protocol())).study.study_id

    def pass_days(self, days: float) -> None:
        self.clock.now_ns += int(days * DAY_NS)

    def enrolment(self, profile_id: int, **changes: object) -> Enrolment:
        fields: dict[str, object] = {
            "study_id": STUDY,
            "profile_id": profile_id,
            "confirmed_criteria": CRITERIA,
            "characteristics": ABOUT,
        }
        return Enrolment(**(fields | changes))  # type: ignore[arg-type]

    def answer(self, profile_id: int, depression: int | None) -> None:
        """Fill the questionnaire in now."""
        self.outcomes.answer(profile_id, self.clock.wall_ns(), depression)
