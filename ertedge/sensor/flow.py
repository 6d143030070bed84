"""What runs inside the sensor process, as its server sees it: devices and models, or a simulation. Floor 2.

A flow makes predictions and hands them on; it can be asked how its sensors are, be muted, and must admit when it makes no
progress. ``loop`` has the one with devices, ``simulation`` the one without.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from ertedge.types import SENSOR_OF, Emotion, ModelInfo, Prediction, Reason, SensorCondition, SensorName, SensorStatus

_REASONS = {SensorCondition.MUTED: Reason.MUTED, SensorCondition.NOT_PERMITTED: Reason.NO_CONSENT}
"""Why a sensor gives nothing, where a person decided it."""


class Outlet(Protocol):
    """Where a flow's predictions go. Called from any thread; never raises."""

    def publish(self, prediction: Prediction) -> None:
        """Hand a prediction on. Never waits: a watcher who is too slow loses the oldest."""

    def offer(self, prediction: Prediction, timeout_seconds: float) -> bool:
        """Hand a prediction on without loss: waits for watchers, and for room. False when there was none in time."""

    def report(self) -> None:
        """Tell at once that statuses or the clock have changed."""


class Flow(Protocol):
    """Predictions from somewhere. ``start`` once, ``stop`` once; the rest may be called from any thread in between."""

    @property
    def source(self) -> str:
        """What it reads from, as a person would write it after ``--source``."""

    @property
    def synthetic(self) -> bool:
        """True when nothing of it says anything of a real person."""

    def start(self, outlet: Outlet, muted: frozenset[SensorName], permitted: frozenset[SensorName]) -> None:
        """Begin, with the sensors in ``muted`` closed, and the devices of those that are not ``permitted``: none of them is
        opened, not even for a moment. What is no device, such as a recording, needs no permission."""

    def stop(self) -> bool:
        """Close the devices and end the threads. False when one of them did not let go within two seconds."""

    def mute(self, sensor: SensorName) -> bool:
        """Close the sensor's device and keep it closed. False when its driver did not let go within a second."""

    def unmute(self, sensor: SensorName) -> None:
        """Let the sensor's device be opened again; does not wait for it."""

    def permit(self, permitted: frozenset[SensorName]) -> bool:
        """Close the devices of all that are not ``permitted``, and let those of the others be opened; does not wait for
        these. False when a driver did not let go within a second."""

    def statuses(self) -> tuple[SensorStatus, ...]:
        """How the sensors are now, camera first."""

    def models(self) -> tuple[ModelInfo, ...]:
        """The models that are loaded."""

    def stall(self) -> str:
        """What makes no progress though it should, as a sentence; empty while all is well."""

    def now_ns(self) -> int:
        """The time of a prediction made now: the monotonic clock, or the simulated one that began at it."""

    def clock_offset_ns(self) -> int:
        """A simulated step of the wall clock; zero with real devices."""


@runtime_checkable
class PromptedFlow(Protocol):
    """A flow whose person is simulated, and can be asked to show something."""

    def prompt(self, emotion: Emotion | None) -> None:
        """Have the person show and speak of ``emotion`` from now on; None: of what the scenario says. From any thread."""


def silences(flow: Flow) -> list[Prediction]:
    """A prediction without probabilities for each modality whose sensor gives nothing, so that its silence has a reason."""
    conditions = {status.sensor: status.condition for status in flow.statuses()}
    now_ns = flow.now_ns()
    return [
        Prediction(
            modality,
            now_ns,
            probabilities=None,
            quality=0.0,
            reasons=(_REASONS.get(conditions[sensor], Reason.NO_SENSOR),),
        )
        for modality, sensor in SENSOR_OF.items()
        if conditions[sensor] is not SensorCondition.RUNNING
    ]
