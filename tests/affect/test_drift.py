"""The drift monitor: quiet for people however long they stay, soon aware of a fault, and of nothing that it keeps."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from ertedge.affect import drift_reference
from ertedge.affect.drift import ALARM, BLOCK_READINGS, DriftMonitor, Float64Array
from ertedge.errors import ConfigurationError
from ertedge.types import DriftSign, Modality, Reason
from tests.affect.drift_samples import reading, reference, refusal, sitting

PEOPLE = 40
BLOCKS = 180


def _alarms(monitor: DriftMonitor, rows: Float64Array) -> int:
    """How often signs come or change."""
    changes = [monitor.count(row) and bool(monitor.signs) for row in rows]
    return sum(changes)


def fed(monitor: DriftMonitor, seconds: int, begin: int = 0, how: Mapping[str, float] = MappingProxyType({})) -> int:
    """How many seconds pass until there is a sign, at most ``seconds``."""
    random = np.random.default_rng(begin)
    for second in range(begin, begin + seconds):
        monitor.take(reading(second, random, **how))  # type: ignore[arg-type]
        if monitor.signs:
            return second - begin + 1
    return seconds


def test_a_person_within_the_band_hardly_ever_sets_it_off_however_long_they_stay() -> None:
    """20 hours of 40 people whose means lie anywhere within 95% of the band, half an hour each."""
    alarms = 0
    for person in range(PEOPLE):
        monitor, random = DriftMonitor(reference()), np.random.default_rng([7, person])
        alarms += _alarms(monitor, sitting(person, random, BLOCKS)) > 0
        assert monitor.blocks == BLOCKS
    assert alarms <= 1


@pytest.mark.parametrize(
    ("how", "sign"),
    [
        ({"spread": 3.0}, DriftSign.UNLIKE),
        ({"spread": 0.1}, DriftSign.UNLIKE),
        ({"confidence": 0.3}, DriftSign.UNSURE),
        ({"quality": 0.6}, DriftSign.UNSURE),
    ],
)
def test_a_fault_is_seen_within_a_minute_and_gone_soon_after_it_is_mended(
    how: dict[str, float], sign: DriftSign
) -> None:
    monitor = DriftMonitor(reference())
    assert fed(monitor, 120) == 120
    assert 2 * BLOCK_READINGS <= fed(monitor, 120, 120, how) <= 60
    assert monitor.signs == (sign,)
    random = np.random.default_rng(3)
    for second in range(240, 360):
        monitor.take(reading(second, random))
    assert not monitor.signs


def test_refused_readings_are_a_sign_and_those_of_nobody_are_none() -> None:
    monitor = DriftMonitor(reference())
    for second in range(60):
        monitor.take(refusal(second, Reason.LOW_QUALITY))
    assert monitor.signs == (DriftSign.REFUSED,)
    monitor.begin()
    for second in range(600):
        monitor.take(refusal(second, Reason.NO_FACE, Reason.TOO_DARK, faces=0))
        monitor.take(refusal(second + 0.5, Reason.TWO_PEOPLE, faces=2))
    assert monitor.blocks == 0
    assert not monitor.signs


def test_readings_that_follow_closely_count_once() -> None:
    monitor, random = DriftMonitor(reference()), np.random.default_rng(0)
    for frame in range(300):
        monitor.take(reading(frame / 10, random))
    assert monitor.blocks == 3


def test_a_single_bad_block_is_no_sign_however_bad() -> None:
    monitor = DriftMonitor(reference())
    for row in np.repeat([[0.0, -1e6, -1e6, 1e6, 1e6]], BLOCK_READINGS, axis=0):
        monitor.count(row)
    assert not monitor.signs


def test_only_sums_are_kept_and_they_are_bounded() -> None:
    monitor, random = DriftMonitor(reference()), np.random.default_rng(0)
    size = {name: np.size(value) for name, value in vars(monitor).items()}
    for second in range(2_000):
        monitor.take(reading(second, random, spread=50.0))
    after = {name: np.size(value) for name, value in vars(monitor).items() if name != "signs"}
    assert after == {name: count for name, count in size.items() if name != "signs"}
    assert max(count for count in after.values()) <= 5
    assert max(monitor._high.max(), monitor._low.max()) <= ALARM


def test_a_reference_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    drift_reference.save(tmp_path / drift_reference.FILE, dict.fromkeys(Modality, reference()))
    back = drift_reference.load(tmp_path)[Modality.VOICE]
    one = reading(0, np.random.default_rng(0))
    assert back.sha256 == reference().sha256
    measured = back.measure(one), reference().measure(one)
    assert measured[0] is not None
    assert measured[1] is not None
    assert measured[0] == pytest.approx(measured[1], abs=1e-5)


@pytest.mark.parametrize("broken", ["missing", "no archive", "spread"])
def test_a_broken_file_is_refused(tmp_path: Path, broken: str) -> None:
    path = tmp_path / drift_reference.FILE
    if broken == "no archive":
        path.write_bytes(b"nothing")
    elif broken == "spread":
        drift_reference.save(path, dict.fromkeys(Modality, reference()))
        with np.load(path) as stored:
            arrays = {name: stored[name] for name in stored.files}
        np.savez(path, **{**arrays, "face.step": np.zeros(5, np.float32)})
    with pytest.raises(ConfigurationError):
        drift_reference.load(tmp_path)
