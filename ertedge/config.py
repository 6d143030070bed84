"""The configuration: sections with defaults, read from TOML, every fault reported at once with a suggestion.

Floor 0: imports nothing of ertedge but the errors. A section is a small frozen model; each field carries its unit in its
name and its meaning in its description. ``load`` returns a ``Config`` or raises one ``ConfigurationError`` that lists all
that is wrong, with "did you mean" for an unknown key.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from ertedge.errors import ConfigurationError

UNIX_SOCKET_PATH_LIMIT = 107
"""Bytes in ``sockaddr_un.sun_path`` on Linux, less the closing zero."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]
PositiveSeconds = Annotated[float, Field(gt=0.0, le=3600.0)]


class Section(BaseModel):
    """Base of every section: unknown keys are faults, numbers are not made from strings, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class CameraSettings(Section):
    """Where pictures come from."""

    device: str = Field("auto", description="auto, picamera, a V4L2 index or path, or an rtsp:// or http:// URL")
    width_px: int = Field(640, ge=160, le=3840, description="width of the main stream")
    height_px: int = Field(480, ge=120, le=2160, description="height of the main stream")
    frames_per_second: float = Field(10.0, gt=0.0, le=60.0, description="frames looked at in a second")


class MicrophoneSettings(Section):
    """Where sound comes from."""

    device: str = Field("default", description="PortAudio's device: default, its name, a part of it, or its index")
    chunk_seconds: float = Field(0.1, ge=0.01, le=1.0, description="length of a chunk of sound")
    buffer_seconds: float = Field(5.0, ge=0.5, le=60.0, description="sound kept while the reader is late")


class SensorSettings(Section):
    """The sensor process."""

    watchdog_seconds: PositiveSeconds = Field(
        5.0, description="without progress for this long, the sensor is restarted"
    )
    device_silence_seconds: PositiveSeconds = Field(
        3.0, description="a device that gives nothing for this long is closed and opened again"
    )
    reopen_first_seconds: PositiveSeconds = Field(1.0, description="first pause before a lost device is opened again")
    reopen_most_seconds: PositiveSeconds = Field(30.0, description="longest pause before a lost device is opened again")
    threads: int = Field(1, ge=1, le=8, description="threads of a neural network")


class PerceptionSettings(Section):
    """What counts as a face and as speech."""

    face_score_least: Share = Field(0.5, description="detection score under which a box is no face")
    speech_share_least: Share = Field(
        0.25, description="share of a window that must be speech for the voice to be heard"
    )


class FusionSettings(Section):
    """How predictions become an estimate."""

    face_age_most_seconds: PositiveSeconds = Field(1.0, description="a face prediction older than this says nothing")
    voice_age_most_seconds: PositiveSeconds = Field(2.5, description="a voice prediction older than this says nothing")


class TrackerSettings(Section):
    """How estimates become a state."""

    time_constant_seconds: PositiveSeconds = Field(1.5, description="time constant of the exponential smoothing")
    confidence_least: Share = Field(0.40, description="under this confidence the state is unknown")
    switch_margin: Share = Field(0.08, description="by how much a new emotion must lead before the state switches")
    silence_seconds: PositiveSeconds = Field(3.0, description="without an estimate for this long the state is unknown")
    states_per_second: float = Field(2.0, gt=0.0, le=10.0, description="most states published in a second")


class StoreSettings(Section):
    """What is kept, and for how long."""

    keep_full_days: float = Field(7.0, ge=0.0, description="days that states are kept at full resolution")
    keep_days: float = Field(
        365.0, gt=0.0, description="days that states are kept at all, one a minute after the first"
    )
    free_bytes_least: int = Field(50_000_000, ge=0, description="free disk below which nothing more is stored")


class ServerSettings(Section):
    """The public gRPC server."""

    listen: tuple[str, ...] = Field((), description="addresses; empty: unix:DATA_DIR/ertedged.sock")
    reflection: bool = Field(False, description="serve gRPC reflection")
    heartbeat_seconds: PositiveSeconds = Field(5.0, description="a watch stream is never silent for longer")
    watchers_most: int = Field(256, ge=1, le=4096, description="watch streams served at a time")
    watcher_buffer: int = Field(8, ge=1, le=1024, description="states that wait for a slow watcher before old ones go")

    @field_validator("listen", mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class LogSettings(Section):
    """What is logged to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level logged")


class Config(Section):
    """The whole configuration, one attribute a section."""

    source: str = Field("auto", description="auto, demo, camera, replay:PATH or simulate:FILE")
    data_dir: str = Field("", description="where the store and the sockets live; empty: the user's state directory")
    models_dir: str = Field("", description="where models and manifest.toml live; empty: those shipped")
    camera: CameraSettings = CameraSettings()
    microphone: MicrophoneSettings = MicrophoneSettings()
    sensor: SensorSettings = SensorSettings()
    perception: PerceptionSettings = PerceptionSettings()
    fusion: FusionSettings = FusionSettings()
    tracker: TrackerSettings = TrackerSettings()
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
        document = _read_toml(path)
    for key, value in (overrides or {}).items():
        if isinstance(value, Mapping) and isinstance(document.get(key), dict):
            document[key] = {**document[key], **value}
        else:
            document[key] = value
    try:
        config = Config.model_validate(document)
    except ValidationError as error:
        raise ConfigurationError(list(_faults(error)), source) from None
    return _check_socket_lengths(config, source)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise ConfigurationError(["no such file; give --config an existing TOML file"], str(path)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"cannot be read: {error}"], str(path)) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError([f"is not TOML: {error}"], str(path)) from None


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


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors():
        where = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            yield f"{where}: unknown key{_did_you_mean(fault['loc'])}"
        else:
            message = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
            yield f"{where}: {message} (got {fault['input']!r})"


def _did_you_mean(location: Sequence[str | int]) -> str:
    section: type[BaseModel] = Config
    for part in location[:-1]:
        annotation = section.model_fields[str(part)].annotation
        if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
            return ""
        section = annotation
    close = difflib.get_close_matches(str(location[-1]), section.model_fields, n=1, cutoff=0.5)
    known = ", ".join(section.model_fields)
    return f"; did you mean {close[0]}?" if close else f"; known keys: {known}"
