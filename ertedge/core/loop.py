"""The flow of the core process, whole: predictions in, estimate, tracker, state, out to watchers, store and suggestions.

Floor 2.
"""

from __future__ import annotations

from ertedge.affect.fusion import Fusion
from ertedge.affect.tracker import TrackedEmotion, Tracker
from ertedge.config import TrackerSettings
from ertedge.core.clock import SystemClock
from ertedge.core.device import Device
from ertedge.core.emotions import Emotions, StateTaker
from ertedge.core.recorder import Recorder
from ertedge.core.watch_sensor import SensorEvent, SensorSilence, SensorWatcher
from ertedge.types import Emotion, Modality, Prediction, SensorReport

NOTHING_NEW_SECONDS = 5.0
"""How often a state is repeated while nobody is there to be read: an empty room fills no disk."""

ANOTHER_TIME_NS = 10 * 1_000_000_000
"""No device is so late. A simulation that plays faster than time is, when it is lost and begins again: so does the loop."""


class CoreLoop:
    """Predictions become states. ``run`` is the whole flow; it ends only by being cancelled."""

    def __init__(
        self,
        *,
        sensor: SensorWatcher,
        fusion: Fusion,
        emotions: Emotions,
        recorder: Recorder,
        suggestions: StateTaker,
        device: Device,
        clock: SystemClock,
        settings: TrackerSettings,
    ) -> None:
        self._sensor = sensor
        self._fusion = fusion
        self._emotions = emotions
        self._recorder = recorder
        self._suggestions = suggestions
        self._device = device
        self._clock = clock
        self._settings = settings
        self._begin(0)

    async def run(self) -> None:
        """For every event of the sensor process: what is said now, what that means over time, and who should know."""
        async for event in self._sensor.events():
            self._take(event)
            if isinstance(event, SensorReport):
                continue  # it tells of the device and nothing of the person
            estimate = self._fusion.fuse(
                self._newest.get(Modality.FACE), self._newest.get(Modality.VOICE), self._now_ns
            )
            tracked = self._tracker.update(estimate)
            if self._pace.is_due(tracked):
                state = self._emotions.publish(tracked, synthetic=self._device.synthetic)
                self._recorder.record(state)
                self._suggestions.consider(state)

    def _begin(self, now_ns: int) -> None:
        self._tracker = Tracker(self._settings)
        self._pace = Pace(self._settings.states_per_second)
        self._newest: dict[Modality, Prediction] = {}
        self._now_ns = now_ns

    def _take(self, event: SensorEvent) -> None:
        """Keep what the event says. Time does not go back for a voice window that ends before the newest frame does."""
        if isinstance(event, SensorReport):
            self._clock.wall_offset_ns = event.clock_offset_ns
            self._device.take_report(event)
            return
        if event.timestamp_ns < self._now_ns - ANOTHER_TIME_NS:
            self._begin(event.timestamp_ns)
        if isinstance(event, SensorSilence):
            self._newest.clear()
            self._device.take_silence(event)
        else:
            self._newest[event.modality] = event
        self._now_ns = max(self._now_ns, event.timestamp_ns)


class Pace:
    """When a state is worth publishing: a change of emotion at once, the rest at most ``states_per_second``."""

    def __init__(self, states_per_second: float) -> None:
        self._span_ns = int(1e9 / states_per_second)
        self._nothing_new_ns = max(self._span_ns, int(NOTHING_NEW_SECONDS * 1e9))
        self._last: TrackedEmotion | None = None

    def is_due(self, tracked: TrackedEmotion) -> bool:
        """Whether to publish ``tracked``; True counts as published."""
        if not self._is_due(tracked):
            return False
        self._last = tracked
        return True

    def _is_due(self, tracked: TrackedEmotion) -> bool:
        last = self._last
        if last is None or tracked.emotion is not last.emotion:
            return True
        waited_ns = tracked.timestamp_ns - last.timestamp_ns
        if _nothing_to_say(last) and _nothing_to_say(tracked) and tracked.reasons == last.reasons:
            return waited_ns >= self._nothing_new_ns
        return waited_ns >= self._span_ns


def _nothing_to_say(tracked: TrackedEmotion) -> bool:
    silent = all(share.probabilities is None for share in tracked.shares)
    return tracked.emotion is Emotion.UNKNOWN and silent
