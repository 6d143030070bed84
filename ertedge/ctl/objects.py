"""Records as JSON objects, for programs that read ``ertedge-ctl --json``: one object a line. Floor 4."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from ertedge.rpc.client import DeviceStatus, LedgerEntry, WatchEvent
from ertedge.types import EMOTIONS, EmotionState, Float32Array, ModalityDrift, ModelInfo, SensorStatus

Json = None | bool | int | float | str | list["Json"] | Mapping[str, "Json"]


def print_object(value: Mapping[str, Json]) -> None:
    """One line on standard output, at once."""
    print(json.dumps(value, allow_nan=False), flush=True)  # noqa: T201


def time_text(wall_time_ns: int) -> str:
    """UTC as RFC 3339 with milliseconds."""
    return datetime.fromtimestamp(wall_time_ns / 1e9, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def state_object(state: EmotionState) -> dict[str, Json]:
    """An emotion state; field names as in the API."""
    return {
        "sequence": state.sequence,
        "time": time_text(state.wall_time_ns),
        "emotion": str(state.emotion),
        "confidence": rounded(state.confidence),
        "valence": rounded(state.valence),
        "arousal": rounded(state.arousal),
        "emotion_age_seconds": rounded((state.timestamp_ns - state.since_ns) / 1e9),
        "probabilities": _probabilities(state.probabilities),
        "shares": [
            {
                "modality": str(share.modality),
                "weight": rounded(share.weight),
                "quality": rounded(share.quality),
                "probabilities": None if share.probabilities is None else _probabilities(share.probabilities),
                "reasons": [str(reason) for reason in share.reasons],
            }
            for share in state.shares
        ],
        "reasons": [str(reason) for reason in state.reasons],
        "synthetic": state.synthetic,
        "state_count": state.state_count,
        "profile": f"profiles/{state.profile_id}" if state.profile_id else "",
    }


def event_object(event: WatchEvent) -> dict[str, Json]:
    """A state with the stream's counts, or a heartbeat."""
    counts: dict[str, Json] = {"sequence": event.sequence, "dropped_count": event.dropped_count}
    if event.state is None:
        return {"heartbeat": True, "time": time_text(event.send_wall_time_ns), **counts}
    return {**state_object(event.state), **counts}


def sensor_object(sensor: SensorStatus) -> dict[str, Json]:
    """A sensor."""
    return {
        "sensor": str(sensor.sensor),
        "condition": str(sensor.condition),
        "device": sensor.device,
        "detail": sensor.detail,
        "record_count": sensor.records,
        "lost_count": sensor.lost,
        "rate_hz": rounded(sensor.rate_hz),
        "reopen_count": sensor.reopened,
    }


def drift_object(drift: ModalityDrift) -> dict[str, Json]:
    """How a modality's readings compare with its model's evidence."""
    return {
        "modality": str(drift.modality),
        "condition": str(drift.condition),
        "signs": [str(sign) for sign in drift.signs],
        "detail": drift.detail,
        "start_time": time_text(drift.since_wall_ns) if drift.since_wall_ns else None,
    }


def model_object(model: ModelInfo) -> dict[str, Json]:
    """A model."""
    return {**asdict(model), "labels": list(model.labels)}


def entry_object(entry: LedgerEntry) -> dict[str, Json]:
    """An entry of the privacy ledger."""
    return {
        "id": entry.entry_id,
        "time": time_text(entry.wall_time_ns),
        "event": entry.event,
        "subject": entry.subject,
        "detail": entry.detail,
    }


def status_object(status: DeviceStatus) -> dict[str, Json]:
    """The whole device."""
    return {
        "version": status.version,
        "time": time_text(status.wall_time_ns),
        "start_time": time_text(status.start_wall_time_ns),
        "source": status.source,
        "synthetic": status.synthetic,
        "sensor_connected": status.sensor_connected,
        "sensor_restart_count": status.sensor_restart_count,
        "sensors": [sensor_object(sensor) for sensor in status.sensors],
        "models": [model_object(model) for model in status.models],
        "drifts": [drift_object(drift) for drift in status.drifts],
        "processes": [asdict(process) for process in status.processes],
        "store": asdict(status.store),
        "watcher_count": status.watcher_count,
        "last_sequence": status.last_sequence,
    }


def _probabilities(values: Float32Array) -> dict[str, Json]:
    return {str(emotion): rounded(float(p)) for emotion, p in zip(EMOTIONS, values, strict=True)}


def rounded(value: float) -> float | None:
    """To four decimals. JSON has no NaN and no infinity: null says that there is no number."""
    return round(float(value), 4) if math.isfinite(value) else None
