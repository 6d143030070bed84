"""The watch: what is compared at all, what a person is told, and that a drifted modality counts half and says so."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ertedge.affect.drift import LESSENED
from ertedge.config import DriftSettings
from ertedge.core.drift import SYNTHETIC, TURNED_OFF, DriftWatch
from ertedge.core.watch_sensor import SensorSilence
from ertedge.types import DriftCondition, DriftSign, Modality, ModalityDrift, ModelInfo, Prediction, Reason
from tests.affect.drift_samples import SHA256, reading, reference, refusal
from tests.core.fakes import FakeClock, report

MODEL = ModelInfo("facenet", "1.0", "facenet.tflite", SHA256, "litert", 1, "")
REPORT = report(models=(MODEL,))
RANDOM = np.random.default_rng(0)


def make(*, enabled: bool = True) -> DriftWatch:
    watch = DriftWatch(dict.fromkeys(Modality, reference()), DriftSettings(enabled=enabled), FakeClock())
    watch.take_report(REPORT)
    return watch


def face(watch: DriftWatch) -> ModalityDrift:
    return watch.statuses()[0]


def show(watch: DriftWatch, begin: int, seconds: int, spread: float) -> Prediction:
    """The last of so many readings as it goes on to the fusion."""
    return [watch.take(reading(begin + second, RANDOM, spread=spread)) for second in range(seconds)][-1]


def test_a_fault_is_told_once_counts_half_and_clears_by_itself(caplog: pytest.LogCaptureFixture) -> None:
    watch = make()
    with caplog.at_level(logging.INFO, "ertedge.core.drift"):
        assert face(watch).condition is DriftCondition.GATHERING
        assert show(watch, 0, 60, 1.0).reasons == ()
        assert face(watch).condition is DriftCondition.STEADY
        said = show(watch, 60, 120, 4.0)
        status = face(watch)
        assert (status.condition, status.signs) == (DriftCondition.DRIFTED, (DriftSign.UNLIKE,))
        assert "clean the lens" in status.detail
        assert status.since_wall_ns > 0
        assert said.reasons == (Reason.DRIFTED,)
        assert said.quality == pytest.approx(0.95 * LESSENED)
        assert said.probabilities is not None
        assert show(watch, 180, 120, 1.0).quality == pytest.approx(0.95)
        assert face(watch).condition is DriftCondition.STEADY
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_what_another_sensor_or_another_person_gives_begins_anew() -> None:
    closed = refusal(200, Reason.MUTED, faces=0)
    anew: tuple[Callable[[DriftWatch], object], ...] = (
        lambda watch: watch.take(closed),
        lambda watch: watch.lose(SensorSilence(200, connected=False, detail="gone")),
        lambda watch: watch.follow(2),
        lambda watch: watch.take(reading(20, RANDOM)),
        lambda watch: watch.take_report(report(models=())),
    )
    for change in anew:
        watch = make()
        watch.follow(1)
        show(watch, 0, 120, 4.0)
        assert face(watch).condition is DriftCondition.DRIFTED
        change(watch)
        watch.take_report(REPORT)
        assert face(watch).condition is DriftCondition.GATHERING


def test_a_silence_of_a_connected_sensor_and_a_moment_of_nobody_change_nothing() -> None:
    watch = make()
    watch.follow(1)
    show(watch, 0, 120, 4.0)
    watch.lose(SensorSilence(121, connected=True, detail=""))
    watch.follow(0)
    watch.follow(1)
    assert face(watch).condition is DriftCondition.DRIFTED


def test_a_reference_of_another_file_is_not_used_and_says_what_to_do(caplog: pytest.LogCaptureFixture) -> None:
    watch = make()
    other = report(models=(replace(MODEL, sha256="b" * 64),))
    with caplog.at_level(logging.WARNING, "ertedge.core.drift"):
        watch.take_report(other)
        watch.take_report(other)
    assert face(watch).condition is DriftCondition.OFF
    assert "python -m tools.measure_drift" in face(watch).detail
    assert len(caplog.records) == 1
    assert show(watch, 0, 120, 4.0).reasons == ()


def test_what_is_turned_off_or_invented_is_not_compared() -> None:
    assert face(make(enabled=False)).detail == TURNED_OFF
    watch = make()
    watch.take_report(report(models=(MODEL,), synthetic=True))
    assert face(watch).detail == SYNTHETIC


def test_a_missing_file_stops_nothing(tmp_path: Path) -> None:
    watch = DriftWatch.of(tmp_path, DriftSettings(), FakeClock())
    watch.take_report(REPORT)
    assert face(watch).condition is DriftCondition.OFF
    assert "drift.npz" in face(watch).detail
    assert show(watch, 0, 60, 4.0).reasons == ()


def test_somebody_who_speaks_in_the_dark_is_told_of() -> None:
    watch = make()
    for half in range(200):
        watch.take(refusal(half / 2, Reason.NO_FACE, Reason.TOO_DARK, faces=0))
        watch.take(reading(half / 2, RANDOM, Modality.VOICE))
    assert face(watch).signs == (DriftSign.UNSEEN,)
    assert "cover" in face(watch).detail
