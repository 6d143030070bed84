"""The fit of the drift monitor's reference, its trial on people it never saw, and the faults."""

from __future__ import annotations

import numpy as np
import pytest

from ertedge.affect.drift import STATISTICS, Statistic
from ertedge.errors import ConfigurationError
from ertedge.types import Modality, Prediction
from tools.drift.faults import NONE, PICTURE_FAULTS, SOUND_FAULTS
from tools.drift.fit import COMPONENTS, PARTS, fit_reference, part_of, tolerance_factor
from tools.drift.sessions import SessionReadings
from tools.drift.trial import run_trial

pytestmark = pytest.mark.tools

SIZE = 40
SHA256 = "c" * 64


def session(number: int, *, spread: float = 1.0, confidence: float = 0.0, known: bool = False) -> SessionReadings:
    """A person with a way of their own, in forty readings."""
    random = np.random.default_rng(number)
    own, sure = random.standard_normal(SIZE), random.normal(1.5 + confidence, 0.3)
    readings = []
    for _ in range(40):
        leading = 1.0 / (1.0 + np.exp(-random.normal(sure, 0.5)))
        probabilities = np.array([leading, *([(1.0 - leading) / 6.0] * 6)], np.float32)
        embedding = (spread * (own + random.standard_normal(SIZE))).astype(np.float32)
        readings.append(Prediction(Modality.FACE, 0, probabilities, random.uniform(0.9, 1.0), (), 1, embedding))
    return SessionReadings(f"person/{number}", tuple(readings), known)


def people(count: int, begin: int = 0, **how: float) -> list[SessionReadings]:
    return [session(number, **how) for number in range(begin, begin + count)]  # type: ignore[arg-type]


def test_a_trial_finds_hardly_any_of_the_unseen_people_and_all_of_the_faults() -> None:
    everybody = people(60)
    blind = [fit_reference([s for s in everybody if part_of(s.person) != part], SHA256) for part in range(PARTS)]
    usual = run_trial(Modality.FACE, NONE, everybody, blind, 0)
    assert (usual.sittings, usual.seen) == (60, 60)
    assert usual.alarmed <= 6
    fault = run_trial(Modality.FACE, "blurred", people(20, spread=3.0), blind, 0)
    assert fault.alarmed == 20
    assert fault.seconds is not None
    assert 20 <= fault.seconds <= 120


def test_people_whom_the_network_knows_do_not_raise_the_band_of_confidence() -> None:
    place = STATISTICS.index(Statistic.CONFIDENCE)
    new = people(4)
    known = [session(number, confidence=2.0, known=True) for number in range(100, 120)]
    both = fit_reference([*new, *known], SHA256)
    as_new = fit_reference([*new, *(SessionReadings(s.person, s.readings) for s in known)], SHA256)
    assert both.low[place] < as_new.low[place] - 1.0


def test_fewer_people_make_a_wider_band_and_too_few_none() -> None:
    # Ten people, 99% at 90% certainty; 3.532 in the published tables of one-sided normal tolerance factors.
    assert tolerance_factor(10) == pytest.approx(3.532, abs=0.002)
    assert tolerance_factor(40) < tolerance_factor(10)
    with pytest.raises(ConfigurationError):
        tolerance_factor(2)
    with pytest.raises(ConfigurationError, match=str(COMPONENTS)):
        fit_reference([SessionReadings("a", session(0).readings[:3]), SessionReadings("b", ())], SHA256)


@pytest.mark.parametrize("name", PICTURE_FAULTS)
def test_a_fault_of_the_camera_gives_another_picture(name: str) -> None:
    random = np.random.default_rng(0)
    picture = np.repeat(random.integers(0, 200, (48, 64, 1), dtype=np.uint8), 3, axis=2)
    changed = PICTURE_FAULTS[name](picture.copy(), random)
    assert changed.dtype == np.uint8
    assert changed.ndim == 3
    assert changed.shape != picture.shape or (changed != picture).any()


@pytest.mark.parametrize("name", SOUND_FAULTS)
def test_a_fault_of_the_microphone_gives_another_sound(name: str) -> None:
    random = np.random.default_rng(0)
    sound = (0.1 * np.sin(np.arange(16_000) / 2.0) + 0.01 * random.standard_normal(16_000)).astype(np.float32)
    changed = SOUND_FAULTS[name](sound.copy(), random)
    assert changed.dtype == np.float32
    assert np.abs(changed).max() <= 1.0
    assert changed.size != sound.size or np.abs(changed - sound).max() > 0.005
