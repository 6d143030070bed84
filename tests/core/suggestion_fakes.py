"""A recommender and a safety watch of the real protocols, activities, and a house of suggestions made of the real parts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.tracker import TrackedEmotion
from ertedge.config import ServerSettings, SuggestionSettings
from ertedge.core.emotions import Emotions
from ertedge.core.personal_recorder import PersonalRecorder
from ertedge.core.recorder import Recorder
from ertedge.core.store_port import CoreStore
from ertedge.core.suggestions.activities import Activities
from ertedge.core.suggestions.decision_maker import no_scores
from ertedge.core.suggestions.learner import Learner
from ertedge.core.suggestions.log import SuggestionLog
from ertedge.core.suggestions.suggestions import Suggestions
from ertedge.errors import StoreCorruptError
from ertedge.recommend.catalogue import Catalogue
from ertedge.types import (
    Activity,
    ActivityFamily,
    ActivityStep,
    AffectSummary,
    ArousalEffect,
    DecisionContext,
    Emotion,
    EmotionState,
    Evidence,
    HealthCondition,
    QuestionnaireScores,
    ResponseKind,
    StepKind,
    Suggestion,
    SuggestionResponse,
)
from tests.core.fakes import SECOND_NS, FakeClock, leaning, tracked

Float64Array = NDArray[np.float64]

NOON_NS = 1_780_315_200 * SECOND_NS
"""A Monday of June 2026, 12:00 UTC."""
ALWAYS = SuggestionSettings(timezone="UTC", daily_most=20, daily_mean_most=20.0, gap_minutes=0.0)


def activity(activity_id: str, family: ActivityFamily = ActivityFamily.RELAXATION, language: str = "en") -> Activity:
    steps = (
        ActivityStep(StepKind.READ, "Sit down", "Sit down.", 2.0),
        ActivityStep(StepKind.INHALE, "Breathe in", "", 4.0),
        ActivityStep(StepKind.EXHALE, "Breathe out", "", 6.0),
    )
    return Activity(
        activity_id=activity_id,
        version=1,
        language=language,
        family=family,
        title=f"{activity_id} ({language})",
        purpose="To try things out.",
        emotions=(Emotion.SADNESS, Emotion.ANGER),
        arousal_least=-1.0,
        arousal_most=1.0,
        arousal_effect=ArousalEffect.KEEPS,
        minutes=5.0,
        steps=steps,
        evidence=Evidence("", "", ""),
        digest=(activity_id + language).encode().hex().ljust(64, "0")[:64],
        contraindications=(HealthCondition.RESPIRATORY,) if activity_id == "breathing" else (),
    )


ACTIVITIES = (
    activity("breathing"),
    activity("gratitude", ActivityFamily.JOURNALING),
    activity("walk", ActivityFamily.ACTIVATION),
)


@dataclass(frozen=True)
class FakeForecast:
    activity_ids: tuple[str, ...]
    helpfulness: Float64Array
    sd: Float64Array
    uptake: Float64Array

    def draws(self, generator: np.random.Generator, count: int) -> Float64Array:
        return self.helpfulness + self.sd * generator.standard_normal((count, len(self.sd)))


@dataclass
class FakeRecommender:
    """Learns the mean rating of each activity. Its state is what it was taught, as text."""

    version: str = "fake 1"
    taught: dict[int, tuple[str, int]] = field(default_factory=dict)
    trouble: Exception | None = None
    histories: list[tuple[int, ...]] = field(default_factory=list)

    def forecast(
        self, context: DecisionContext, history: Sequence[Suggestion], activities: Sequence[Activity]
    ) -> FakeForecast:
        if self.trouble is not None:
            raise self.trouble
        self.histories.append(tuple(each.suggestion_id for each in history))
        ids = tuple(each.activity_id for each in activities)
        mean = np.array([self._mean(each) for each in ids])
        return FakeForecast(ids, mean, np.full(len(ids), 0.05), np.full(len(ids), 0.5))

    def learn(self, context: DecisionContext, history_before: Sequence[Suggestion], suggestion: Suggestion) -> None:
        assert all(each.suggestion_id < suggestion.suggestion_id for each in history_before)
        self.taught[suggestion.suggestion_id] = (suggestion.activity_id, suggestion.helpfulness)

    def state(self) -> bytes:
        taught = [[number, name, rating] for number, (name, rating) in self.taught.items()]
        return json.dumps({"version": self.version, "taught": taught}).encode()

    def restore(self, state: bytes) -> None:
        try:
            written = json.loads(state)
        except ValueError:
            raise StoreCorruptError("what was learnt cannot be read") from None
        if written["version"] != self.version:
            raise StoreCorruptError("what was learnt is of another version")
        self.taught = {number: (name, rating) for number, name, rating in written["taught"]}

    def forget(self) -> None:
        self.taught = {}

    def _mean(self, activity_id: str) -> float:
        rated = [(rating - 3) / 2 for name, rating in self.taught.values() if name == activity_id and rating]
        return float(np.mean(rated)) if rated else 0.2


@dataclass
class FakeSafety:
    is_open: bool = False
    conditions: frozenset[HealthCondition] = frozenset()
    seen: list[tuple[EmotionState, AffectSummary | None]] = field(default_factory=list)
    trouble: Exception | None = None

    def consider(self, state: EmotionState, summary: AffectSummary | None = None) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.seen.append((state, summary))


class SuggestionHouse:
    """Suggestions on a clock moved by hand. ``start`` before anything else; ``feel`` plays states, one a second."""

    def __init__(
        self,
        open_store: Callable[[], CoreStore],
        *,
        settings: SuggestionSettings = ALWAYS,
        recommender: FakeRecommender | None = None,
        clock: FakeClock | None = None,
        source: str = "camera",
        seed: int = 1,
        off_detail: str = "",
        server: ServerSettings | None = None,
        scores: Callable[[], QuestionnaireScores | None] = no_scores,
    ) -> None:
        self.clock = clock or FakeClock(wall_offset_ns=NOON_NS - 100 * SECOND_NS)
        self.source = source
        self.server_settings = server or ServerSettings(heartbeat_seconds=60.0)
        self.recorder = Recorder(open_store, self.clock)
        self.emotions = Emotions(self.clock, self.server_settings)
        self.safety = FakeSafety()
        self.recommender = recommender or FakeRecommender()
        self.log = SuggestionLog(PersonalRecorder(self.recorder, 0), self.clock)
        german = activity("gratitude", ActivityFamily.JOURNALING, "de")
        self.activities = Activities(Catalogue((*ACTIVITIES, german)), self.recorder, self.clock, settings.language)
        self.learner = Learner(self.recommender, self.log, PersonalRecorder(self.recorder, 0), self.clock)
        self.suggestions = Suggestions(
            settings=settings,
            server=self.server_settings,
            clock=self.clock,
            log=self.log,
            activities=self.activities,
            safety=self.safety,
            learner=None if off_detail else self.learner,
            source=lambda: self.source,
            generator=np.random.default_rng(seed),
            off_detail=off_detail,
            scores=scores,
        )

    async def start(self) -> None:
        await self.recorder.start()
        await self.activities.start()
        await self.suggestions.start()

    def feel(
        self, emotion: Emotion, seconds: int, *, synthetic: bool = False, valence: float = -0.6, every: int = 1
    ) -> None:
        """Let time pass with a state ``every`` second."""
        for _ in range(seconds // every):
            self.clock.now_ns += every * SECOND_NS
            self.suggestions.consider(self.emotions.publish(self._tracked(emotion, valence), synthetic=synthetic))

    def wait(self, seconds: float) -> None:
        """Let time pass with no state."""
        self.clock.now_ns += int(seconds * SECOND_NS)
        self.suggestions.tick()

    async def respond(
        self,
        suggestion: Suggestion,
        kind: ResponseKind,
        *,
        rating: int = 0,
        snooze_seconds: float = 0.0,
        request_id: str = "",
    ) -> Suggestion:
        return await self.suggestions.respond(
            SuggestionResponse(suggestion.suggestion_id, kind, 0, rating, snooze_seconds, request_id)
        )

    def _tracked(self, emotion: Emotion, valence: float) -> TrackedEmotion:
        known = emotion is not Emotion.UNKNOWN
        plain = tracked(self.clock.now_ns, emotion)
        return TrackedEmotion(
            plain.timestamp_ns,
            emotion,
            leaning(emotion) if known else leaning(Emotion.NEUTRAL, 1 / 7),
            valence if known else 0.0,
            -0.2 if known else 0.0,
            0.8 if known else 0.0,
            plain.since_ns,
            plain.shares,
            plain.reasons,
        )
