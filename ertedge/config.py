"""The configuration: sections with defaults, read from TOML, every fault reported at once with a suggestion.

Floor 0: imports nothing of ertedge but the errors. A section is a small frozen model; each field carries its unit in its
name and its meaning in its description. ``load`` returns a ``Config`` or raises one ``ConfigurationError`` that lists all
that is wrong, with "did you mean" for an unknown key.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from ertedge.errors import ConfigurationError

UNIX_SOCKET_PATH_LIMIT = 107
"""Bytes in ``sockaddr_un.sun_path`` on Linux, less the closing zero."""

CLOCK_TIME = r"^([01]\d|2[0-3]):[0-5]\d$"
"""A time of day as people write it: 07:30."""

HealthConditionWord = Literal[
    "respiratory",
    "cardiovascular",
    "epilepsy",
    "pregnancy",
    "musculoskeletal",
    "dizziness",
    "trauma",
    "dissociation",
    "psychosis",
    "bipolar",
    "eating_disorder",
    "bereavement",
]
"""The values of ``types.HealthCondition``, not imported: the daemon reads its configuration before it loads numpy."""

ROLES = ("personal", "household", "clinic", "research", "kiosk")
REFUSED_ROLES = {
    **dict.fromkeys(
        ("workplace", "work", "office", "employer", "employment", "company", "factory", "recruiting"), "the workplace"
    ),
    **dict.fromkeys(
        ("education", "school", "university", "college", "classroom", "kindergarten", "exam", "training"),
        "education institutions",
    ),
}
"""Words for the two places in which ertedge does not run, and what the law calls each."""

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

    face_score_least: Share = Field(0.6, description="detection score under which a box is no face")
    speech_share_least: Share = Field(
        0.25, description="share of a window that must be speech for the voice to be heard"
    )


class FusionSettings(Section):
    """How predictions become an estimate."""

    face_age_most_seconds: PositiveSeconds = Field(1.0, description="a face prediction older than this says nothing")
    voice_age_most_seconds: PositiveSeconds = Field(2.5, description="a voice prediction older than this says nothing")


class TrackerSettings(Section):
    """How estimates become a state."""

    time_constant_seconds: PositiveSeconds = Field(0.8, description="time constant of the exponential smoothing")
    confidence_least: Share = Field(0.40, description="under this confidence the state is unknown")
    switch_margin: Share = Field(0.08, description="by how much a new emotion must lead before the state switches")
    silence_seconds: PositiveSeconds = Field(3.0, description="without an estimate for this long the state is unknown")
    states_per_second: float = Field(2.0, gt=0.0, le=10.0, description="most states published in a second")


class SuggestionSettings(Section):
    """When and how often an activity is suggested, and which may be. Times of day are local."""

    enabled: bool = Field(True, description="whether anything is suggested unasked")
    language: str = Field("en", pattern=r"^[a-z]{2}$", description="language of the activities, ISO 639-1")
    reviewed_only: bool = Field(False, description="suggest only activities that somebody has signed off")
    catalogue_dir: str = Field("", description="a folder of more activity files; empty: none")
    timezone: str = Field("", description="IANA name of the time zone; empty: the system's")
    daily_most: int = Field(3, ge=0, le=20, description="most suggestions unasked in a day")
    daily_mean_most: float = Field(
        1.5, ge=0.0, le=20.0, description="most suggestions unasked a day, in the mean of a week"
    )
    gap_minutes: float = Field(90.0, ge=0.0, le=1440.0, description="least time between two suggestions unasked")
    quiet_from: str = Field("22:00", pattern=CLOCK_TIME, description="from then on nothing is suggested unasked")
    quiet_until: str = Field("07:00", pattern=CLOCK_TIME, description="until then nothing is suggested unasked")
    check_in_times: tuple[Annotated[str, Field(pattern=CLOCK_TIME)], ...] = Field(
        ("11:00", "16:00", "20:00"), description="times of day at which a check-in may offer something"
    )
    sustained_seconds: float = Field(120.0, gt=0.0, le=86400.0, description="a state that lasts this long is a reason")
    confidence_least: Share = Field(0.5, description="mean confidence under which a state is no reason")
    expire_minutes: float = Field(
        30.0, gt=0.0, le=1440.0, description="an offer that nobody answers goes after this long"
    )
    exploration_share: Share = Field(0.05, description="share of the choice that is spread evenly over all that fits")
    micro_randomised: bool = Field(False, description="offer at random moments, for a micro-randomised trial")
    conditions: tuple[HealthConditionWord, ...] = Field((), description="health conditions that rule activities out")

    @field_validator("check_in_times", "conditions", mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value

    @field_validator("timezone")
    @classmethod
    def _zone_is_known(cls, value: str) -> str:
        if value and value not in available_timezones():
            close = difflib.get_close_matches(value, available_timezones(), n=1, cutoff=0.5)
            raise ValueError(f"{value!r} is no time zone{f'; did you mean {close[0]}?' if close else ''}")
        return value


class SafetySettings(Section):
    """When suggestions give way to the safety plan and the helplines."""

    region: str = Field(
        "", pattern=r"^([A-Z]{2})?$", description="ISO 3166-1 code of the country; empty: international"
    )
    severe_minutes: float = Field(
        20.0, gt=0.0, le=1440.0, description="a severe state that lasts this long is a notice"
    )
    helplines_file: str = Field("", description="a TOML file of more helplines, which stand first; empty: none")


class AssessmentSettings(Section):
    """Questionnaires, and reminders of one of them. Quiet hours are those of the suggestions."""

    questionnaires_dir: str = Field("", description="a folder of more questionnaires and their scoring; empty: none")
    reminders: bool = Field(True, description="whether people are reminded of it at all")
    reminder_questionnaire: str = Field("dass21", description="the questionnaire that people are reminded of")
    reminder_days: float = Field(14.0, ge=1.0, le=365.0, description="least time from one to the next, and reminders")


class StoreSettings(Section):
    """What is kept, and for how long."""

    keep_full_days: float = Field(7.0, ge=0.0, description="days that states are kept at full resolution")
    keep_days: float = Field(
        365.0, gt=0.0, description="days that states are kept at all, one a minute after the first"
    )
    keep_suggestions_days: float | None = Field(
        None,
        gt=0.0,
        description="days that suggestions are kept, and what was done with them; unset: as long as states",
    )
    keep_notices_days: float | None = Field(
        None, gt=0.0, description="days that closed safety notices are kept; unset: as long as states"
    )
    keep_ledger_days: float | None = Field(
        None, gt=0.0, description="days that entries of the privacy ledger are kept; unset: as long as states"
    )
    keep_questionnaires_days: float = Field(
        0.0, ge=0.0, description="days that questionnaires are kept; 0: as long as their person"
    )
    keep_calibration_days: float = Field(
        730.0, ge=0.0, description="days that labels of what was felt are kept; 0: as long as their person"
    )
    key_file: str = Field("", description="a file with the key of the encrypted store, mode 0600; empty: not encrypted")
    credential: str = Field("", pattern=r"^[A-Za-z0-9._-]*$", description="systemd's credential with that key, instead")
    free_bytes_least: int = Field(50_000_000, ge=0, description="free disk below which nothing more is stored")

    @model_validator(mode="after")
    def _one_key(self) -> StoreSettings:
        if self.key_file and self.credential:
            raise ValueError("key_file and credential both name a key; leave one of them out")
        return self


class ServerSettings(Section):
    """The public gRPC server."""

    listen: tuple[str, ...] = Field((), description="addresses; empty: unix:DATA_DIR/ertedged.sock")
    reflection: bool = Field(False, description="serve gRPC reflection")
    heartbeat_seconds: PositiveSeconds = Field(5.0, description="a watch stream is never silent for longer")
    watchers_most: int = Field(256, ge=1, le=4096, description="watch streams of each kind served at a time")
    watcher_buffer: int = Field(8, ge=1, le=1024, description="states that wait for a slow watcher before old ones go")

    @field_validator("listen", mode="before")
    @classmethod
    def _lists_are_tuples(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value


class DeploymentSettings(Section):
    """What the device is used for, and where."""

    role: str = Field("personal", description="personal, household, clinic, research or kiosk")

    @field_validator("role")
    @classmethod
    def _role_is_lawful(cls, value: str) -> str:
        if value in ROLES:
            return value
        if place := REFUSED_ROLES.get(value.casefold()):
            raise ValueError(
                f"ertedge does not run in {place}: to infer people's emotions there is prohibited by Article 5(1)(f) of"
                f" Regulation (EU) 2024/1689 (AI Act), and consent does not change that; its roles are {', '.join(ROLES)}"
            )
        close = difflib.get_close_matches(value, ROLES, n=1, cutoff=0.5)
        raise ValueError(f"is none of {', '.join(ROLES)}{f'; did you mean {close[0]}?' if close else ''}")


class LogSettings(Section):
    """What is logged to standard error."""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="least level logged")


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


def read_toml(path: Path) -> dict[str, Any]:
    """The document at ``path``. Raises ``ConfigurationError`` when it cannot be read or is not TOML."""
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except FileNotFoundError:
        raise ConfigurationError(["there is no such file"], str(path)) from None
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


def faults_of(error: ValidationError, root: type[Section]) -> list[str]:
    """Every fault that pydantic found in a document of ``root``, each with where it is and a suggestion for unknown keys."""
    return [_sentence(fault, root) for fault in error.errors()]


def _sentence(fault: ErrorDetails, root: type[Section]) -> str:
    where = ".".join(str(part) for part in _written(fault["loc"], root))
    if fault["type"] == "extra_forbidden":
        section = _section_at(fault["loc"][:-1], root)
        return f"{where}: unknown key{_did_you_mean(str(fault['loc'][-1]), section)}"
    message = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
    if fault["type"] == "missing":
        return f"{where}: is missing"
    if fault["type"] == "union_tag_not_found":
        return f"{where}: kind is missing"
    if expected := re.findall("'([^']*)'", str(fault.get("ctx", {}).get(_EXPECTED.get(fault["type"], ""), ""))):
        given = fault["input"].get("kind") if isinstance(fault["input"], Mapping) else fault["input"]
        close = difflib.get_close_matches(str(given), expected, n=1, cutoff=0.5)
        meant = f"; did you mean {close[0]}?" if close else ""
        return f"{where}: {given!r} is none of {', '.join(expected)}{meant}"
    if isinstance(fault["input"], Mapping):  # of a section as a whole, which would bury the sentence
        return f"{where}: {message}" if where else message
    return f"{where}: {message} (got {fault['input']!r})"


_EXPECTED = {"enum": "expected", "literal_error": "expected", "union_tag_invalid": "expected_tags"}
"""Where pydantic keeps the words that would have been right, for each fault in which a word is wrong."""


def _written(location: tuple[str | int, ...], root: type[Section]) -> tuple[str | int, ...]:
    """``location`` as it stands in the file: without the tags by which pydantic tells the kinds of a list's sections."""
    return tuple(
        part
        for index, part in enumerate(location)
        if not (
            index and isinstance(location[index - 1], int) and _tagged(_annotation(location[: index - 1], root), part)
        )
    )


def _section_at(location: tuple[str | int, ...], root: type[Section]) -> type[Section] | None:
    found = _annotation(location, root)
    return found if isinstance(found, type) and issubclass(found, Section) else None


def _annotation(location: tuple[str | int, ...], root: type[Section]) -> Any:
    """The type expected at ``location``; None where that is no longer one."""
    current: Any = root
    for part in location:
        if isinstance(part, int):
            current = next(iter(get_args(current)), None)
        elif isinstance(current, type) and issubclass(current, BaseModel):
            field = current.model_fields.get(part)
            current = field.annotation if field else None
        else:
            current = next((kind for kind in _kinds(current) if part in _tags(kind)), None)
    return current


def _tagged(items: Any, part: str | int) -> bool:
    return any(part in _tags(kind) for kind in _kinds(next(iter(get_args(items)), None)))


def _kinds(union: Any) -> list[type[Section]]:
    """The sections of ``Annotated[A | B, ...]``."""
    inner = get_args(union)[0] if get_origin(union) is Annotated else union
    return [kind for kind in get_args(inner) if isinstance(kind, type) and issubclass(kind, Section)]


def _tags(section: type[Section]) -> tuple[str, ...]:
    """The values of ``kind`` that tell ``section`` from its siblings."""
    field = section.model_fields.get("kind")
    return tuple(str(value) for value in get_args(field.annotation)) if field else ()


def _did_you_mean(key: str, section: type[Section] | None) -> str:
    if section is None:
        return ""
    close = difflib.get_close_matches(key, section.model_fields, n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known keys: {', '.join(section.model_fields)}"
