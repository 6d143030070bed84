"""The front as a whole: what it reads beside the models, whom a request means, and in which words people are told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ertedge.affect.calibration import PersonalCalibration
from ertedge.core.clock import SystemClock
from ertedge.core.front.front import FrontSettings, open_population
from ertedge.core.recorder import Recorder
from ertedge.errors import ConfigurationError, NotFoundError
from ertedge.inference.manifest import default_models_dir
from ertedge.types import Emotion, Modality
from tests.core.fakes import FakeStore
from tests.core.front_fakes import FakePeople, label_of, make_front

NOW_NS = 1_800_000_000_000_000_000


def test_what_ships_is_read() -> None:
    settings = FrontSettings.load(default_models_dir())
    assert settings.limits.keep < settings.limits.accept
    assert set(settings.population.heads) == set(Modality)
    assert {"de", "en"} <= set(settings.words)


def test_with_less_known_of_people_in_general_a_person_can_still_calibrate(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copy(default_models_dir() / "fusion.toml", tmp_path)
    population = open_population(tmp_path)
    assert "knows less of people in general" in caplog.text
    calibration = PersonalCalibration(population, 4)
    before = calibration.summary(NOW_NS).face_more_reliable
    labels = [label_of(4, number, face=Emotion.ANGER, voice=Emotion.SADNESS) for number in range(12)]
    calibration.replace(labels, NOW_NS)
    assert calibration.summary(NOW_NS).face_more_reliable < before - 0.1
    with pytest.raises(ConfigurationError):
        open_population(tmp_path / "nowhere")


def test_whom_a_request_means() -> None:
    people = FakePeople()
    front = make_front(people, Recorder(FakeStore, SystemClock()), SystemClock())
    with pytest.raises(NotFoundError, match="no profile yet"):
        front.profile_of(0)
    people.agreed |= {4: set()}
    assert front.profile_of(0) == 4
    people.agreed |= {5: set()}
    with pytest.raises(NotFoundError, match="not clear whose"):
        front.profile_of(0)
    assert front.profile_of(5) == 5
    front.in_front.evidence.follow(5)
    assert front.profile_of(0) == 5
    with pytest.raises(NotFoundError, match="no profile 7"):
        front.profile_of(7)


def test_people_are_told_in_their_language_or_the_devices_or_english() -> None:
    people = FakePeople.of(4)
    front = make_front(people, Recorder(FakeStore, SystemClock()), SystemClock())
    assert front.words(4).language == "en"
    people.language = "de"
    assert front.words(4).language == "de"
    assert front.words(4, "en").language == "en"
    people.language = "sv"
    assert front.words(4, "fr").language == "en"
