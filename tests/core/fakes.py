"""Stand-ins for the clocks, the sensor process and the store, each of the real protocol."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from ertedge.affect.tracker import TrackedEmotion
from ertedge.core.records import StoreHealth
from ertedge.errors import ErtedgeError, NotFoundError, SensorUnavailableError
from ertedge.store.records import Downsampled, ExportPage, LedgerEntry, LedgerPage, StatePage, StoreStatus
from ertedge.types import (
    EMOTIONS,
    Emotion,
    EmotionState,
    Float32Array,
    Modality,
    ModalityShare,
    Prediction,
    Purpose,
    Reason,
    SensorCondition,
    SensorName,
    SensorReport,
    SensorStatus,
)
from tests.core.fake_assessment_table import FakeAssessmentTable
from tests.core.fake_front_store import FakeFrontStore
from tests.core.fake_people_store import FakePeopleTable
from tests.core.fake_safety_store import FakeSafetyStore
from tests.core.fake_suggestion_store import FakeSuggestionStore

SECOND_NS = 1_000_000_000


def leaning(emotion: Emotion, probability: float = 0.7) -> Float32Array:
    """Seven probabilities of which ``emotion`` has the greatest."""
    values = np.full(len(EMOTIONS), (1 - probability) / (len(EMOTIONS) - 1), np.float32)
    values[EMOTIONS.index(emotion)] = probability
    return values


def prediction(modality: Modality, timestamp_ns: int, emotion: Emotion = Emotion.HAPPINESS) -> Prediction:
    return Prediction(modality, timestamp_ns, leaning(emotion), 0.9)


def tracked(
    timestamp_ns: int, emotion: Emotion = Emotion.HAPPINESS, reasons: tuple[Reason, ...] = (), *, silent: bool = False
) -> TrackedEmotion:
    spoken = None if silent else leaning(Emotion.HAPPINESS)
    shares = (ModalityShare(Modality.FACE, 0.0 if silent else 1.0, 0.9, spoken, reasons),)
    return TrackedEmotion(
        timestamp_ns, emotion, leaning(Emotion.HAPPINESS), 0.5, 0.2, 0.7, timestamp_ns, shares, reasons
    )


def state(sequence: int, wall_time_ns: int = 0, emotion: Emotion = Emotion.HAPPINESS) -> EmotionState:
    return EmotionState(
        sequence, sequence, wall_time_ns or sequence, emotion, leaning(Emotion.HAPPINESS), 0.5, 0.2, 0.7, 0, ()
    )


def sensor(name: SensorName, condition: SensorCondition = SensorCondition.RUNNING) -> SensorStatus:
    return SensorStatus(name, condition, f"fake {name}", "")


def report(
    timestamp_ns: int = 0,
    camera: SensorCondition = SensorCondition.RUNNING,
    microphone: SensorCondition = SensorCondition.RUNNING,
    **fields: object,
) -> SensorReport:
    sensors = (sensor(SensorName.CAMERA, camera), sensor(SensorName.MICROPHONE, microphone))
    return SensorReport(timestamp_ns, sensors, source="camera", **fields)  # type: ignore[arg-type]


@dataclass
class FakeClock:
    """Both clocks, moved by hand."""

    now_ns: int = 100 * SECOND_NS
    wall_offset_ns: int = 1_000_000 * SECOND_NS

    def monotonic_ns(self) -> int:
        return self.now_ns

    def wall_ns(self) -> int:
        return self.now_ns + self.wall_offset_ns


class FakeSensor:
    """The sensor process: sends what is put into it; ``lose`` ends its streams with an error."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Prediction | SensorReport | ErtedgeError] = asyncio.Queue()
        self.streams = 0
        self.muted: list[SensorName] = []
        self.permitted: list[frozenset[SensorName]] = []
        self.unavailable = False

    def send(self, *events: Prediction | SensorReport) -> None:
        for event in events:
            self.queue.put_nowait(event)

    def lose(self, what: str = "the sensor process is gone") -> None:
        self.queue.put_nowait(SensorUnavailableError(what))

    async def watch(self) -> AsyncIterator[Prediction | SensorReport]:
        self.streams += 1
        while True:
            event = await self.queue.get()
            if isinstance(event, ErtedgeError):
                raise event
            yield event

    async def mute(self, sensor_name: SensorName) -> SensorStatus:
        if self.unavailable:
            raise SensorUnavailableError("the sensor process does not answer; is it running?")
        self.muted.append(sensor_name)
        return sensor(sensor_name, SensorCondition.MUTED)

    async def unmute(self, sensor_name: SensorName) -> SensorStatus:
        if self.unavailable:
            raise SensorUnavailableError("the sensor process does not answer; is it running?")
        self.muted.remove(sensor_name)
        return sensor(sensor_name, SensorCondition.STARTING)

    async def permit(self, permitted: frozenset[SensorName]) -> tuple[SensorStatus, ...]:
        if self.unavailable:
            raise SensorUnavailableError("the sensor process does not answer; is it running?")
        self.permitted.append(permitted)
        running, closed = SensorCondition.RUNNING, SensorCondition.NOT_PERMITTED
        return tuple(sensor(name, running if name in permitted else closed) for name in SensorName)


class FakeLedger:
    """Remembers entries as (event, subject)."""

    def __init__(self) -> None:
        self.entries: list[tuple[str, str]] = []
        self.details: list[str] = []

    def record_ledger(self, event: str, subject: str, detail: str, *, profile_id: int = 0) -> None:
        self.entries.append((event, subject))
        self.details.append(detail)

    async def health(self) -> StoreHealth:
        return StoreHealth(True)


@dataclass
class FakeStore(FakeSuggestionStore, FakeSafetyStore, FakeFrontStore):
    """A store in memory; while ``trouble`` is set, writing raises it."""

    states: dict[int, EmotionState] = field(default_factory=dict)
    entries: list[LedgerEntry] = field(default_factory=list)
    closed: bool = False
    downsampled_ns: list[int] = field(default_factory=list)
    persons: dict[int, FakeStore] = field(default_factory=dict)
    covered: list[tuple[int, Purpose]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = FakePeopleTable(self._check)
        self.assessments = FakeAssessmentTable(self._check)

    def of(self, profile_id: int) -> FakeStore:
        """A store of its own for each profile; this one is nobody's."""
        return self.persons.setdefault(profile_id, FakeStore()) if profile_id else self

    def export_page(self, profile_id: int, table: str, *, after: int, limit: int) -> ExportPage:
        return ExportPage((), None)

    def erase_profile(self, profile_id: int) -> int:
        self._check()
        self.people.erase(profile_id)
        self.assessments.erase(profile_id)
        return 0 if self.persons.pop(profile_id, None) is None else 1

    def erase_covered(self, profile_id: int, purpose: Purpose) -> int:
        self._check()
        self.covered.append((profile_id, purpose))
        return 0

    def append_states(self, states: Sequence[EmotionState]) -> None:
        self._check()
        self.states |= {each.sequence: each for each in states}

    def state(self, sequence: int) -> EmotionState:
        if sequence not in self.states:
            raise NotFoundError(f"emotionStates/{sequence} is not stored")
        return self.states[sequence]

    def list_states(
        self,
        *,
        start_ns: int | None,
        end_ns: int | None,
        resolution_ns: int,
        limit: int,
        before: int | None,
        profile_id: int | None = None,
    ) -> StatePage:
        chosen = [
            state
            for state in sorted(self.states.values(), key=lambda state: -state.sequence)
            if (before is None or state.sequence < before) and profile_id in (None, state.profile_id)
        ]
        return StatePage(tuple(chosen[:limit]), chosen[limit - 1].sequence if len(chosen) > limit else None)

    def last_sequence(self) -> int:
        return max(self.states, default=0)

    def append_ledger(self, event: str, subject: str, detail: str, wall_time_ns: int, *, profile_id: int = 0) -> None:
        self._check()
        self.entries.append(LedgerEntry(len(self.entries) + 1, wall_time_ns, event, subject, detail))

    def list_ledger(self, *, limit: int, before: int | None) -> LedgerPage:
        chosen = [e for e in reversed(self.entries) if before is None or e.entry_id < before]
        return LedgerPage(tuple(chosen[:limit]), chosen[limit - 1].entry_id if len(chosen) > limit else None)

    def downsample(self, now_wall_ns: int) -> Downsampled:
        self.downsampled_ns.append(now_wall_ns)
        return Downsampled(0, 0, False)

    def status(self) -> StoreStatus:
        return StoreStatus(1, 2, len(self.states))

    def close(self) -> None:
        self.closed = True
