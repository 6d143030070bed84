"""The configuration: sections with defaults, read from TOML, every fault reported at once with a suggestion.

Floor 0: imports nothing of ertedge but the errors. A section is a small frozen model; each field carries its unit in its
name and its meaning in its description. ``load`` returns a ``Config`` or raises one ``ConfigurationError`` that lists all
that is wrong, with "did you mean" for an unknown key.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator

from ertedge.config.section import Section, faults_of, read_toml
from ertedge.config.settings import (
    CLOCK_TIME,
    REFUSED_ROLES,
    ROLES,
    AssessmentSettings,
    CameraSettings,
    DeploymentSettings,
    DriftSettings,
    FusionSettings,
    HealthConditionWord,
    LogSettings,
    MicrophoneSettings,
    PerceptionSettings,
    PositiveSeconds,
    SafetySettings,
    SensorSettings,
    ServerSettings,
    Share,
    StoreSettings,
    SuggestionSettings,
    TrackerSettings,
)
from ertedge.errors import ConfigurationError

__all__ = [
    "CLOCK_TIME",
    "REFUSED_ROLES",
    "ROLES",
    "UNIX_SOCKET_PATH_LIMIT",
    "AssessmentSettings",
    "CameraSettings",
    "Config",
    "DeploymentSettings",
    "DriftSettings",
    "FusionSettings",
    "HealthConditionWord",
    "LogSettings",
    "MicrophoneSettings",
    "PerceptionSettings",
    "PositiveSeconds",
    "SafetySettings",
    "Section",
    "SensorSettings",
    "ServerSettings",
    "Share",
    "StoreSettings",
    "SuggestionSettings",
    "TrackerSettings",
    "default_data_dir",
    "faults_of",
    "load",
    "read_toml",
]

UNIX_SOCKET_PATH_LIMIT = 107
"""Bytes in ``sockaddr_un.sun_path`` on Linux, less the closing zero."""


class Config(Section):
    """The whole configuration, one attribute a section."""

    source: str = Field("auto", description="auto, demo, camera, replay:PATH or simulate:FILE")
    data_dir: str = Field("", description="where the store and the sockets live; empty: the user's state directory")
    models_dir: str = Field("", description="where models and manifest.toml live; empty: those shipped")
    deployment: DeploymentSettings = DeploymentSettings()
    camera: CameraSettings = CameraSettings()
    microphone: MicrophoneSettings = MicrophoneSettings()
    sensor: SensorSettings = SensorSettings()
    perception: PerceptionSettings = PerceptionSettings()
    fusion: FusionSettings = FusionSettings()
    tracker: TrackerSettings = TrackerSettings()
    drift: DriftSettings = DriftSettings()
    suggestions: SuggestionSettings = SuggestionSettings()
    safety: SafetySettings = SafetySettings()
    assessments: AssessmentSettings = AssessmentSettings()
    store: StoreSettings = StoreSettings()
    server: ServerSettings = ServerSettings()
    log: LogSettings = LogSettings()

    @field_validator("source")
    @classmethod
    def _source_is_known(cls, value: str) -> str:
        kind, _, argument = value.partition(":")
        if value in ("auto", "demo", "camera") or (kind in ("replay", "simulate") and argument):
            return value
        raise ValueError(f"{value!r} is no source; use auto, demo, camera, replay:PATH or simulate:FILE")

    @property
    def data_path(self) -> Path:
        """The data directory as an absolute path."""
        return Path(self.data_dir).expanduser().absolute() if self.data_dir else default_data_dir()

    @property
    def public_socket(self) -> Path:
        """The Unix socket that clients use when no address was configured."""
        return self.data_path / "ertedged.sock"

    @property
    def sensor_socket(self) -> Path:
        """The Unix socket between the core and the sensor process."""
        return self.data_path / "sensor.sock"

    @property
    def listen_addresses(self) -> tuple[str, ...]:
        """The addresses to listen on, never empty."""
        return self.server.listen or (f"unix:{self.public_socket}",)


def default_data_dir() -> Path:
    """systemd's ``STATE_DIRECTORY`` if it is set, else the user's state directory (XDG Base Directory)."""
    if state := os.environ.get("STATE_DIRECTORY"):
        return Path(state.split(":")[0])
    root = os.environ.get("XDG_STATE_HOME")
    return (Path(root) if root else Path.home() / ".local" / "state") / "ertedge"


def load(path: Path | None = None, overrides: Mapping[str, Any] | None = None) -> Config:
    """Read the configuration from ``path`` (or defaults if None) with top-level or nested ``overrides`` on top.

    Raises ``ConfigurationError`` with every fault found.
    """
    document: dict[str, Any] = {}
    source = "configuration"
    if path is not None:
        source = str(path)
        document = read_toml(path)
    for key, value in (overrides or {}).items():
        if isinstance(value, Mapping) and isinstance(document.get(key), dict):
            document[key] = {**document[key], **value}
        else:
            document[key] = value
    try:
        config = Config.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(faults_of(error, Config), source) from None
    return _check_socket_lengths(config, source)


def _check_socket_lengths(config: Config, source: str) -> Config:
    addresses = [f"unix:{config.sensor_socket}", *config.listen_addresses]
    faults = [
        f"{address}: a Unix socket's path has at most {UNIX_SOCKET_PATH_LIMIT} bytes; choose a shorter data_dir"
        for address in addresses
        if address.startswith("unix:") and len(os.fsencode(address.removeprefix("unix:"))) > UNIX_SOCKET_PATH_LIMIT
    ]
    if faults:
        raise ConfigurationError(faults, source)
    return config
