"""When somebody is asked how they feel: where it tells most, seldom, not at night, and less where nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from ertedge.affect.calibration import PersonalCalibration
from ertedge.config import Config, SuggestionSettings
from ertedge.core.front.asking import A_DAY_MOST, FIRST_NS, GAP_NS, STEADY_NS, Asked, is_informative
from ertedge.core.front.front import Front
from ertedge.core.front.records import FeelingQuestion
from ertedge.core.recorder import Recorder
from ertedge.types import CalibrationSummary, Emotion, EmotionState, Modality, ModalityShare
from tests.affect.people import population
from tests.core.fakes import SECOND_NS, FakeClock, FakeStore, leaning, state
from tests.core.front_fakes import FakePeople, make_front

NOON_NS = int(datetime(2026, 11, 26, 12, tzinfo=UTC).timestamp()) * SECOND_NS
HOUR_NS = 3600 * SECOND_NS
DAY_NS = 24 * HOUR_NS


def said(
    face: Emotion | None, voice: Emotion | None, *, probability: float = 0.9, lasted_ns: int = STEADY_NS, of: int = 4
) -> EmotionState:
    shares = tuple(
        ModalityShare(modality, 0.5, 0.9, leaning(emotion, probability) if emotion else None)
        for modality, emotion in ((Modality.FACE, face), (Modality.VOICE, voice))
    )
    return replace(state(1), shares=shares, timestamp_ns=lasted_ns, since_ns=0, profile_id=of)


def knowing(**fields: object) -> CalibrationSummary:
    return replace(PersonalCalibration(population(), 4).summary(NOON_NS), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (said(Emotion.FEAR, Emotion.ANGER), True),
        (said(Emotion.SADNESS, Emotion.SADNESS), True),
        (said(Emotion.FEAR, Emotion.FEAR), False),
        (said(Emotion.FEAR, Emotion.FEAR, probability=0.5), True),
        (said(Emotion.FEAR, None), False),
        (said(Emotion.FEAR, Emotion.ANGER, lasted_ns=STEADY_NS - 1), False),
    ],
    ids=["they disagree", "what is sought", "clear and known", "unsure", "one is silent", "a passing frown"],
)
def test_a_moment_is_worth_asking_about_or_not(moment: EmotionState, told: bool) -> None:
    assert is_informative(moment, knowing(ask_next=Emotion.SADNESS, labels_to_settle=9)) is told


def test_what_is_settled_is_not_asked_about() -> None:
    assert not is_informative(said(Emotion.FEAR, Emotion.ANGER), knowing(labels_to_settle=0))
    assert is_informative(said(Emotion.FEAR, Emotion.ANGER), knowing(labels_to_settle=None))


def test_pauses_grow_where_nobody_answers_and_are_as_before_after_an_answer() -> None:
    asked = Asked()
    assert asked.may_ask(NOON_NS, 1)
    asked = asked.after_question(NOON_NS, 1)
    assert not asked.may_ask(NOON_NS + 2 * GAP_NS - 1, 1)
    assert asked.may_ask(NOON_NS + 2 * GAP_NS, 1)
    asked = asked.after_question(NOON_NS, 2)
    assert not asked.may_ask(NOON_NS + 4 * GAP_NS - 1, 2)
    answered = asked.after_report(NOON_NS)
    assert not answered.may_ask(NOON_NS + GAP_NS - 1, 2)
    assert answered.may_ask(NOON_NS + GAP_NS, 2)
    for _ in range(20):
        asked = asked.after_question(NOON_NS, 3)
    assert asked.may_ask(NOON_NS + 5 * DAY_NS, 9)


def test_a_day_has_its_most() -> None:
    asked = Asked()
    for _ in range(A_DAY_MOST):
        asked = asked.after_question(NOON_NS, 1).after_report(NOON_NS)
    assert not asked.may_ask(NOON_NS + 10 * DAY_NS, 1)
    assert asked.may_ask(NOON_NS + 10 * DAY_NS, 2)


@dataclass
class Scene:
    """Somebody with a calibration that is open, a stream of questions, and a clock moved by hand."""

    busy: bool = False
    quiet: tuple[str, str] = ("22:00", "07:00")
    people: FakePeople = field(default_factory=lambda: FakePeople.of(4))

    def __post_init__(self) -> None:
        self.clock = FakeClock(wall_offset_ns=NOON_NS - 100 * SECOND_NS)
        settings = SuggestionSettings(quiet_from=self.quiet[0], quiet_until=self.quiet[1], timezone="UTC")
        self.recorder = Recorder(FakeStore, self.clock)
        self.front: Front = make_front(
            self.people,
            self.recorder,
            self.clock,
            is_busy=lambda _: self.busy,
            config=Config(suggestions=settings),
        )
        self.asked: list[FeelingQuestion] = []

    async def listen(self) -> None:
        async for event in self.front.questions.watch():
            if event.question is not None:
                self.asked.append(event.question)

    async def moment(self, **fields: object) -> None:
        self.front.questions.consider(replace(said(Emotion.FEAR, Emotion.ANGER), **fields))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        await asyncio.sleep(0)


def play(scene: Scene, acts: Callable[[Scene], Awaitable[None]], *, watched: bool = True) -> list[FeelingQuestion]:
    async def run() -> None:
        await scene.recorder.start()
        await scene.front.calibrations.summary(4)
        scene.clock.now_ns += FIRST_NS
        listening = asyncio.create_task(scene.listen()) if watched else None
        await asyncio.sleep(0)
        await acts(scene)
        if listening:
            listening.cancel()
        await scene.recorder.stop()

    asyncio.run(run())
    return scene.asked


def test_a_question_comes_once_and_again_after_hours() -> None:
    async def acts(scene: Scene) -> None:
        for _ in range(3):
            await scene.moment()
        scene.clock.now_ns += 6 * HOUR_NS
        await scene.moment()

    asked = play(Scene(), acts)
    assert len(asked) == 2
    assert asked[0].profile_id == 4
    assert asked[0].text.startswith("How do you feel right now?")


def test_at_night_at_a_bad_time_unwatched_or_of_nobody_nothing_is_asked() -> None:
    async def once(scene: Scene) -> None:
        await scene.moment()

    async def nobody(scene: Scene) -> None:
        await scene.moment(profile_id=0)

    assert play(Scene(quiet=("11:00", "13:00")), once) == []
    assert play(Scene(busy=True), once) == []
    assert play(Scene(), once, watched=False) == []
    assert play(Scene(), nobody) == []
    no_history = FakePeople.of(4)
    no_history.agreed[4].clear()
    assert play(Scene(people=no_history), once) == []


def test_after_a_start_nothing_is_asked_for_a_while() -> None:
    async def acts(scene: Scene) -> None:
        scene.clock.now_ns -= 1
        await scene.moment()
        scene.clock.now_ns += 1
        await scene.moment()
        await scene.moment()

    assert len(play(Scene(), acts)) == 1


def test_who_just_said_how_they_feel_is_not_asked() -> None:
    async def acts(scene: Scene) -> None:
        scene.front.questions.reported(4)
        await scene.moment()

    assert play(Scene(), acts) == []


def test_who_begins_to_watch_is_told_of_the_open_question_until_it_is_answered() -> None:
    async def acts(scene: Scene) -> None:
        await scene.moment()
        first = await anext(scene.front.questions.watch())
        assert first.question == scene.asked[0]
        scene.front.questions.reported(4)
        assert (await anext(scene.front.questions.watch())).question is None

    assert len(play(Scene(), acts)) == 1
