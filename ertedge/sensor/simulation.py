"""Plays a scenario as if it were devices and models: the flow of ``--source simulate:FILE``. Floor 2.

Timestamps are the scenario's time counted from the monotonic clock at the beginning. At the speed 1 they are the monotonic
clock; at another speed they run ahead of it or fall behind, so that every speed gives the same predictions at the same
distances. Whoever reads the wall clock off them sees the scenario's days pass, from the moment that it names, if it does.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import replace

from ertedge.sensor.flow import Outlet
from ertedge.sensor.scenario import Scenario
from ertedge.sensor.synthesis import NS_PER_SECOND, Moment, moments
from ertedge.sensor.week import beginning_ns
from ertedge.types import SENSOR_OF, Emotion, ModelInfo, Prediction, SensorCondition, SensorName, SensorStatus

_log = logging.getLogger(__name__)

WAIT_SECONDS = 0.2
STALL_SECONDS = 1.0
STOP_SECONDS = 2.0
PACED_SPEED_MOST = 1000.0
"""Faster than this, it waits for its watchers, who may not keep up, and loses nothing."""


class Simulation:
    """A ``Flow`` without devices. ``name`` is what was written after ``simulate:``; ``timezone`` (IANA; empty: the system's)
    is where the scenario's local time is."""

    synthetic = True

    def __init__(self, scenario: Scenario, name: str, timezone: str = "") -> None:
        self.source = f"simulate:{name}"
        self._scenario = scenario
        self._timezone = timezone
        self._patient = not 0.0 < scenario.speed <= PACED_SPEED_MOST
        self._outlet: Outlet | None = None
        self._asked: Emotion | None = None
        self._changing = threading.Lock()
        self._muted: set[SensorName] = set()
        self._failures: dict[SensorName, SensorCondition] = {}
        self._condition = SensorCondition.STARTING
        self._since_ns = dict.fromkeys(SensorName, time.monotonic_ns())
        self._records = dict.fromkeys(SensorName, 0)
        self._clock_offset_ns = 0
        self._start_ns = time.monotonic_ns()
        self._played_ns = 0
        self._beat_ns = self._start_ns
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._play, name="simulation", daemon=True)

    def start(self, outlet: Outlet, muted: frozenset[SensorName], permitted: frozenset[SensorName]) -> None:  # noqa: ARG002
        """As ``Flow.start``; nothing here needs to be permitted."""
        self._outlet = outlet
        self._muted = set(muted)
        self._condition = SensorCondition.RUNNING
        self._start_ns = self._beat_ns = time.monotonic_ns()
        self._clock_offset_ns = self._first_offset_ns()
        self._thread.start()

    def stop(self) -> bool:
        """As ``Flow.stop``."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(STOP_SECONDS)
        return not self._thread.is_alive()

    def mute(self, sensor: SensorName) -> bool:
        """As ``Flow.mute``; a simulated device closes at once."""
        self._set_muted(sensor, True)
        return True

    def unmute(self, sensor: SensorName) -> None:
        """As ``Flow.unmute``."""
        self._set_muted(sensor, False)

    def permit(self, permitted: frozenset[SensorName]) -> bool:  # noqa: ARG002
        """As ``Flow.permit``: nobody is seen or heard, whatever is permitted."""
        return True

    def prompt(self, emotion: Emotion | None) -> None:
        """As ``PromptedFlow.prompt``."""
        self._asked = emotion

    def statuses(self) -> tuple[SensorStatus, ...]:
        """As ``Flow.statuses``."""
        with self._changing:
            return tuple(self._status(sensor) for sensor in SensorName)

    def models(self) -> tuple[ModelInfo, ...]:
        """As ``Flow.models``; a simulation has none."""
        return ()

    def stall(self) -> str:
        """As ``Flow.stall``."""
        if self._condition is SensorCondition.ENDED or self._stopping.is_set():
            return ""
        late_seconds = (time.monotonic_ns() - self._beat_ns) / NS_PER_SECOND
        return f"the simulation has stood still for {late_seconds:.1f} s" if late_seconds > STALL_SECONDS else ""

    def now_ns(self) -> int:
        """As ``Flow.now_ns``: the scenario's time."""
        if self._patient or self._condition is SensorCondition.ENDED:
            return self._start_ns + self._played_ns
        return self._start_ns + int((time.monotonic_ns() - self._start_ns) * self._scenario.speed)

    def clock_offset_ns(self) -> int:
        """As ``Flow.clock_offset_ns``."""
        return self._clock_offset_ns

    # Below: the thread.

    def _first_offset_ns(self) -> int:
        """By how much the wall clock must be set for the scenario to begin when it says."""
        if not self._scenario.starts_at:
            return 0
        now_ns = time.time_ns()
        return beginning_ns(self._scenario.starts_at, self._scenario.seconds, now_ns, self._timezone) - now_ns

    def _play(self) -> None:
        before_ns, round_number, clock_before_ns = 0, 0, self._clock_offset_ns
        while not self._stopping.is_set():
            for moment in moments(self._scenario, round_number, lambda: self._asked):
                if not self._wait_until(before_ns + moment.offset_ns):
                    return
                self._happen(moment, before_ns, clock_before_ns)
            if not self._scenario.repeat:
                break
            before_ns += round(self._scenario.seconds * NS_PER_SECOND)
            round_number += 1
            clock_before_ns = self._clock_offset_ns
        self._end()

    def _wait_until(self, offset_ns: int) -> bool:
        """Wait until a moment of the scenario is due. False when the simulation is being stopped."""
        while not self._stopping.is_set():
            self._beat_ns = time.monotonic_ns()
            if self._scenario.speed == 0:
                return True
            due_ns = self._start_ns + offset_ns / self._scenario.speed
            ahead_seconds = (due_ns - time.monotonic_ns()) / NS_PER_SECOND
            if ahead_seconds <= 0:
                return True
            self._stopping.wait(min(ahead_seconds, WAIT_SECONDS))
        return False

    def _happen(self, moment: Moment, before_ns: int, clock_before_ns: int) -> None:
        self._played_ns = before_ns + moment.offset_ns
        if moment.prediction is None:
            self._change(moment, clock_before_ns)
            return
        sensor = SENSOR_OF[moment.prediction.modality]
        with self._changing:
            if sensor in self._muted:
                return
            self._records[sensor] += 1
        self._hand_on(replace(moment.prediction, timestamp_ns=self._start_ns + self._played_ns))

    def _change(self, moment: Moment, clock_before_ns: int) -> None:
        with self._changing:
            for sensor in SensorName:
                if self._failures.get(sensor) is not dict(moment.failures).get(sensor):
                    self._since_ns[sensor] = time.monotonic_ns()
            self._failures = dict(moment.failures)
            self._clock_offset_ns = clock_before_ns + moment.clock_offset_ns
        self._report()

    def _end(self) -> None:
        self._condition = SensorCondition.ENDED
        self._since_ns = dict.fromkeys(SensorName, time.monotonic_ns())
        _log.info("the scenario %s is over", self.source)
        self._report()

    def _hand_on(self, prediction: Prediction) -> None:
        if self._outlet is None:
            return
        if not self._patient:
            self._outlet.publish(prediction)
            return
        while not (self._outlet.offer(prediction, WAIT_SECONDS) or self._stopping.is_set()):
            self._beat_ns = time.monotonic_ns()

    def _report(self) -> None:
        if self._outlet is not None:
            self._outlet.report()

    def _set_muted(self, sensor: SensorName, muted: bool) -> None:
        with self._changing:
            if muted != (sensor in self._muted):
                self._since_ns[sensor] = time.monotonic_ns()
            self._muted = self._muted | {sensor} if muted else self._muted - {sensor}

    def _status(self, sensor: SensorName) -> SensorStatus:
        device = f"simulated {sensor} ({self._scenario.title or self.source})"
        condition, detail = self._condition, ""
        if sensor in self._muted:
            condition, detail = SensorCondition.MUTED, f"the {device} is closed until it is unmuted"
        elif self._condition is SensorCondition.ENDED:
            detail = "the scenario is over"
        elif sensor in self._failures:
            condition, detail = self._failures[sensor], "the scenario lets it fail for a while"
        running = condition is SensorCondition.RUNNING
        return SensorStatus(
            sensor=sensor,
            condition=condition,
            device=device,
            detail=detail,
            records=self._records[sensor],
            rate_hz=self._rate_hz(sensor) if running else 0.0,
            since_ns=self._since_ns[sensor],
        )

    def _rate_hz(self, sensor: SensorName) -> float:
        camera = sensor is SensorName.CAMERA
        return self._scenario.face.frames_per_second if camera else 1.0 / self._scenario.voice.step_seconds
