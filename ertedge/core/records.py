"""What the core tells of itself beside emotion states: the device's status, the store's health, the privacy ledger.

Floor 2; imports only types, so that a client which wants these records loads neither the store nor the sensor.
"""

from __future__ import annotations

from dataclasses import dataclass

from ertedge.types import EmotionState, ModalityDrift, ModelInfo, SensorStatus


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """How the store is. ``detail`` says why nothing is written and what to do; empty while ``writing``.

    ``lost_count`` counts the states that could not be stored since the core started.
    """

    writing: bool
    detail: str = ""
    size_bytes: int = 0
    free_bytes: int = 0
    state_count: int = 0
    lost_count: int = 0


@dataclass(frozen=True, slots=True)
class ProcessUsage:
    """What a process uses: ``process`` is core or sensor, ``cpu_seconds`` its processor time since it started."""

    process: str
    resident_bytes: int
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """The whole device at one moment. Wall times are UTC nanoseconds."""

    version: str
    wall_time_ns: int
    start_wall_time_ns: int
    source: str
    synthetic: bool
    sensor_connected: bool
    sensor_restart_count: int
    sensors: tuple[SensorStatus, ...]
    models: tuple[ModelInfo, ...]
    processes: tuple[ProcessUsage, ...]
    store: StoreHealth
    watcher_count: int
    last_sequence: int
    drifts: tuple[ModalityDrift, ...] = ()


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Something the device did that touches privacy. ``event`` is UPPER_SNAKE, ``detail`` a sentence for a person."""

    entry_id: int
    wall_time_ns: int
    event: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class StatesPage:
    """Stored states, newest first. ``next_page_token`` asks for the next page; empty on the last."""

    states: tuple[EmotionState, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Entries of the privacy ledger, newest first. ``next_page_token`` asks for the next page; empty on the last."""

    entries: tuple[LedgerEntry, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class WatchEvent:
    """An event of a watch stream: a state, or a heartbeat, in which ``state`` is None.

    ``sequence`` is the newest that this stream has sent; ``dropped_count`` how many states it has lost so far;
    ``send_wall_time_ns`` when it was sent.
    """

    state: EmotionState | None
    sequence: int
    dropped_count: int
    send_wall_time_ns: int
