"""The suggestions with the recommender and the catalogue that ship: what is said of an activity changes what comes next."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from ertedge.composition.household import open_recommender
from ertedge.config import ServerSettings, StoreSettings
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.suggestions.activities import Activities
from ertedge.core.suggestions.learner import Learner
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.core.suggestions.suggestions import Suggestions
from ertedge.inference.manifest import default_models_dir
from ertedge.recommend.catalogue import load_catalogue
from ertedge.store.store import Store
from ertedge.types import ResponseKind, Suggestion, SuggestionResponse
from tests.core.fakes import FakeClock
from tests.core.suggestion_fakes import ALWAYS, NOON_NS, FakeSafety

HOUR_NS = 3600 * 1_000_000_000


class Shipped:
    """Suggestions on a real store, a shipped model and a clock moved by hand."""

    def __init__(self, path: Path, clock: FakeClock) -> None:
        catalogue = load_catalogue()
        opened = open_recommender(default_models_dir(), catalogue)
        assert opened.make is not None, opened.detail
        self.clock = clock
        self.recommender = opened.make()
        self.recorder = Recorder(lambda: Store.open(path, StoreSettings(free_bytes_least=0)), clock)
        self.log = SuggestionLog(PersonalRecorder(self.recorder, 0), clock)
        self.activities = Activities(catalogue, self.recorder, clock, "en")
        self.suggestions = Suggestions(
            settings=ALWAYS,
            server=ServerSettings(),
            clock=clock,
            log=self.log,
            activities=self.activities,
            safety=FakeSafety(),
            learner=Learner(self.recommender, self.log, PersonalRecorder(self.recorder, 0), clock),
            source=lambda: "camera",
            generator=np.random.default_rng(3),
        )

    async def start(self) -> None:
        await self.recorder.start()
        await self.activities.start()
        await self.suggestions.start()

    async def asked(self, rating: int) -> Suggestion:
        """Ask for a suggestion, do it and rate it, and let two hours pass."""
        offered = await self.suggestions.request()
        await self.suggestions.respond(SuggestionResponse(offered.suggestion_id, ResponseKind.COMPLETE, 0, rating))
        self.clock.now_ns += 2 * HOUR_NS
        self.suggestions.tick()
        return offered

    def expected(self, decision_of: Suggestion) -> float:
        """What is now expected of an activity that was offered, in the state it was offered in."""
        context = self.log.context_of(decision_of)
        assert context is not None
        activity = self.activities.get(decision_of.activity_id)
        return float(self.recommender.forecast(context, (), (activity,)).helpfulness[0])


def test_what_is_said_is_learnt_at_once_outlives_a_restart_and_can_be_forgotten(tmp_path: Path) -> None:
    async def scenario() -> None:
        clock = FakeClock(wall_offset_ns=NOON_NS)
        house = Shipped(tmp_path / "e.db", clock)
        await house.start()
        first = await house.asked(rating=1)
        unlearnt = first.expected_helpfulness
        disliked = house.expected(first)
        assert disliked < unlearnt - 0.05
        liked = await house.asked(rating=5)
        assert house.expected(liked) > liked.expected_helpfulness
        known = [house.expected(first), house.expected(liked)]
        await house.recorder.stop()
        again = Shipped(tmp_path / "e.db", clock)
        await again.start()
        np.testing.assert_allclose([again.expected(first), again.expected(liked)], known, atol=1e-5)  # float32
        assert again.recommender.responses == 2
        await again.suggestions.forget()
        assert again.recommender.responses == 0
        assert abs(again.expected(first) - unlearnt) < 0.02
        await again.recorder.stop()

    asyncio.run(scenario())


def test_every_suggestion_is_possible_named_and_has_a_reason(tmp_path: Path) -> None:
    async def scenario() -> None:
        house = Shipped(tmp_path / "e.db", FakeClock(wall_offset_ns=NOON_NS))
        await house.start()
        offered = [await house.asked(rating=3 + number % 2) for number in range(12)]
        for each in offered:
            activity = house.activities.get(each.activity_id)
            assert (each.title, each.activity_version) == (activity.title, activity.version)
            assert 0 < each.propensity <= 1
            assert -1 <= each.expected_helpfulness <= 1
            assert each.reason.endswith(".")
        assert len({each.activity_id for each in offered}) > 3, "the same is not offered over and over"
        found = await house.suggestions.evaluate()
        assert (found.decision_count, found.completed_count) == (12, 12)
        await house.recorder.stop()

    asyncio.run(scenario())
