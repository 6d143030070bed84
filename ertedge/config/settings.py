"""The sections of the configuration, each with its defaults. Floor 0.

Each field carries its unit in its name and its meaning in its description.
"""

from __future__ import annotations

import difflib
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import Field, field_validator, model_validator

from ertedge.config.section import Section

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
    face_search: bool = Field(True, description="where a frame shows nobody, look closer at one part of it, in turn")
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
    confidence_least: Share | None = Field(
        None, description="under this confidence the state is unknown; unset: as measured for face, voice or both"
    )
    switch_margin: Share = Field(0.08, description="by how much a new emotion must lead before the state switches")
    silence_seconds: PositiveSeconds = Field(3.0, description="without an estimate for this long the state is unknown")
    states_per_second: float = Field(2.0, gt=0.0, le=10.0, description="most states published in a second")


class DriftSettings(Section):
    """Whether face and voice are watched for being unlike what their models were measured on."""

    enabled: bool = Field(True, description="compare, tell in the device's status, and count a drifted modality half")


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
