"""The flow of the core process, whole: predictions in, estimate, tracker, state, out to who should know. Floor 2."""

from __future__ import annotations

from ertedge.affect.confidence import ConfidenceScale
from ertedge.affect.fusion import Fusion
from ertedge.affect.tracker import Tracker
from ertedge.config import TrackerSettings
from ertedge.core.clock import SystemClock
from ertedge.core.device import Device
from ertedge.core.drift import DriftWatch
from ertedge.core.emotions import Emotions
from ertedge.core.front.front import Front
from ertedge.core.front.presence import NOT_ONES_OWN, HouseholdPort, PeoplePort
from ertedge.core.pace import Pace
from ertedge.core.recorder import Recorder
from ertedge.core.watch_sensor import SensorEvent, SensorSilence, SensorWatcher
from ertedge.types import EmotionState, Estimate, Modality, Prediction, Presence, Purpose, SensorReport

ANOTHER_TIME_NS = 10 * 1_000_000_000
"""No device is so late. A simulation that plays faster than time is, when it is lost and begins again: so does the loop."""


class CoreLoop:
    """Predictions become states. ``run`` is the whole flow; it ends only by being cancelled."""

    def __init__(
        self,
        *,
        sensor: SensorWatcher,
        people: PeoplePort,
        front: Front,
        fusion: Fusion,
        confidence: ConfidenceScale,
        emotions: Emotions,
        recorder: Recorder,
        household: HouseholdPort,
        device: Device,
        drift: DriftWatch,
        clock: SystemClock,
        settings: TrackerSettings,
    ) -> None:
        self._sensor = sensor
        self._people = people
        self._front = front
        self._fusion = fusion
        self._confidence = confidence
        self._emotions = emotions
        self._recorder = recorder
        self._household = household
        self._device = device
        self._drift = drift
        self._clock = clock
        self._settings = settings
        self._begin(0)

    async def run(self) -> None:
        """For every event of the sensor process: who is there, what is said, what that means over time, who should know."""
        async for event in self._sensor.events():
            self._take(event)
            if isinstance(event, SensorReport):
                continue  # it tells of the device and nothing of the person
            presence = self._front.presence.take(event)
            if presence is None:
                continue  # whose face it is will be known in a moment; until then it is nobody's
            if self._front.in_front.follow(presence):
                self._tracker = Tracker(self._settings, self._confidence)
                self._household.follow(presence)
                self._drift.follow(presence.profile_id)
            self._learn(event, presence)
            tracked = self._tracker.update(self._estimate(presence))
            if self._pace.is_due(tracked):
                synthetic = self._device.synthetic
                state = self._emotions.publish(tracked, synthetic=synthetic, profile_id=presence.profile_id)
                if presence.kind not in NOT_ONES_OWN and not self._front.sessions.is_acting(presence.profile_id):
                    self._hand_on(state)

    def _estimate(self, presence: Presence) -> Estimate:
        """What face and voice say together, each in the light of what is known of this person."""
        if presence.kind in NOT_ONES_OWN:
            return self._front.in_front.silence(self._now_ns, presence)
        calibration = self._front.calibrations.of(presence.profile_id)
        said = {modality: calibration.adapt(each) for modality, each in self._front.in_front.said(presence).items()}
        return self._fusion.fuse(said.get(Modality.FACE), said.get(Modality.VOICE), self._now_ns, calibration.fusion)

    def _learn(self, event: Prediction | SensorSilence, presence: Presence) -> None:
        """Remember for a while what was said, so that the person can say what it was that they felt."""
        if isinstance(event, Prediction) and self._front.in_front.note(event, presence):
            self._front.calibrations.of(presence.profile_id).observe(event)

    def _hand_on(self, state: EmotionState) -> None:
        if self._people.may(state.profile_id, Purpose.KEEP_HISTORY):
            self._recorder.record(state)
        self._household.consider(state)
        self._front.questions.consider(state)

    def _begin(self, now_ns: int) -> None:
        self._tracker = Tracker(self._settings, self._confidence)
        self._pace = Pace(self._settings.states_per_second)
        self._front.in_front.clear()
        self._now_ns = now_ns

    def _take(self, event: SensorEvent) -> None:
        """Keep what the event says. Time does not go back for a voice window that ends before the newest frame does."""
        if isinstance(event, SensorReport):
            self._clock.wall_offset_ns = event.clock_offset_ns
            self._device.take_report(event)
            self._drift.take_report(event)
            return
        if event.timestamp_ns < self._now_ns - ANOTHER_TIME_NS:
            self._begin(event.timestamp_ns)
        if isinstance(event, SensorSilence):
            self._front.in_front.clear()
            self._device.take_silence(event)
            self._drift.lose(event)
        else:
            self._front.enrolment.see(event)
            self._front.in_front.take(self._drift.take(event))
        self._now_ns = max(self._now_ns, event.timestamp_ns)
