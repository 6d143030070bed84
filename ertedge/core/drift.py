"""Watches for drift: holds what face and voice give against the reference, and tells, never silently. Floor 2.

``affect.drift`` and ``affect.unseen`` decide; here it is settled what is compared at all, when it begins anew, what a
person is told, and what becomes of a drifted modality: it counts half in the fusion, with its reason. It goes by what
crosses from the sensor process anyway, and keeps sums.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from ertedge.affect import drift_reference
from ertedge.affect.drift import LESSENED, DriftMonitor, Reference
from ertedge.affect.unseen import Unseen
from ertedge.config import DriftSettings
from ertedge.core.clock import Clock
from ertedge.core.watch_sensor import SensorSilence
from ertedge.errors import ConfigurationError
from ertedge.types import (
    DriftCondition,
    DriftSign,
    Modality,
    ModalityDrift,
    ModelInfo,
    Prediction,
    Reason,
    SensorReport,
)

logger = logging.getLogger(__name__)

BLOCKS_LEAST = 3
"""Before so many blocks of readings nothing is called usual."""
ANOTHER_TIME_NS = 10 * 1_000_000_000
"""A reading that is older than the newest by so much is of another run of the sensor process."""
MODEL_OF = {Modality.FACE: "facenet", Modality.VOICE: "voice"}
CLOSED = frozenset({Reason.MUTED, Reason.NO_SENSOR, Reason.NO_CONSENT})

TURNED_OFF = "it is turned off: drift.enabled"
SYNTHETIC = "the demo and simulations are not compared"
NO_MODEL = "the model is not loaded"
AGAIN = "; then `ertedge-ctl status`."
TEXTS: Mapping[tuple[Modality, DriftSign], str] = {
    (Modality.FACE, DriftSign.UNSEEN): (
        "Somebody is heard, but the camera shows no face: take off its cover, put the light on, or see that it stands"
        f" upright and looks at whoever speaks{AGAIN}"
    ),
    (Modality.FACE, DriftSign.REFUSED): (
        "Most faces cannot be read: put the light on, turn the camera towards the face, clean the lens" + AGAIN
    ),
    (Modality.FACE, DriftSign.UNSURE): (
        "The picture tells the face model hardly anything: clean the lens, check focus and light" + AGAIN
    ),
    (Modality.FACE, DriftSign.UNLIKE): (
        "The picture looks unlike what the face model knows: clean the lens, check the light and the camera's settings"
        + AGAIN
    ),
    (Modality.VOICE, DriftSign.REFUSED): (
        "Most of the speech cannot be used: turn the microphone's gain down, or move it away from the noise" + AGAIN
    ),
    (Modality.VOICE, DriftSign.UNSURE): (
        "The sound tells the voice model hardly anything: move the microphone nearer, away from noise" + AGAIN
    ),
    (Modality.VOICE, DriftSign.UNLIKE): (
        "The sound is unlike what the voice model knows: check the microphone's sampling rate and gain, and that nothing"
        f" covers it{AGAIN}"
    ),
}
"""What a person is told, by the first of the signs."""


class DriftWatch:
    """One for the core. Belongs to the event loop."""

    def __init__(self, references: Mapping[Modality, Reference] | str, settings: DriftSettings, clock: Clock) -> None:
        """``references``, or why there are none."""
        self._references = {} if isinstance(references, str) else references
        self._why_off = references if isinstance(references, str) else ""
        self._enabled = settings.enabled
        self._clock = clock
        self._monitors: dict[Modality, DriftMonitor] = {}
        self._unseen = Unseen()
        self._newest_ns = 0
        self._profile_id = 0
        self._status = {m: ModalityDrift(m, DriftCondition.OFF, detail=NO_MODEL) for m in Modality}

    @classmethod
    def of(cls, models: Path, settings: DriftSettings, clock: Clock) -> DriftWatch:
        """With the references that lie in ``models``. A file that is missing or broken is no reason not to perceive: then
        nothing is compared, and log and status say so."""
        try:
            return cls(drift_reference.load(models), settings, clock)
        except ConfigurationError as error:
            logger.warning("drift is not watched: %s", error)
            return cls(f"the reference cannot be used: {error}", settings, clock)

    def statuses(self) -> tuple[ModalityDrift, ...]:
        """Where the comparison stands, face first."""
        return tuple(self._status[modality] for modality in Modality)

    def take_report(self, report: SensorReport) -> None:
        """What the sensor process reads from, and with which models: with others, everything begins anew."""
        for modality in Modality:
            why = self._obstacle(modality, report)
            if why:
                self._monitors.pop(modality, None)
            elif modality not in self._monitors:
                self._monitors[modality] = DriftMonitor(self._references[modality])
            self._settle(modality, why)

    def follow(self, profile_id: int) -> None:
        """Whose readings come now. Another enrolled person begins anew; a moment of nobody or of somebody unknown does not,
        since a camera that fails makes everybody unknown."""
        if profile_id and profile_id != self._profile_id:
            if self._profile_id:
                self.begin()
            self._profile_id = profile_id

    def begin(self) -> None:
        """Nothing of before counts any longer."""
        self._newest_ns = 0
        self._unseen.begin()
        for modality, monitor in self._monitors.items():
            monitor.begin()
            self._settle(modality)

    def lose(self, silence: SensorSilence) -> None:
        """A sensor process that is gone comes back as another."""
        if not silence.connected:
            self.begin()

    def take(self, prediction: Prediction) -> Prediction:
        """Count a reading, and give it back: as it is, or with half its quality and the reason while its modality has
        drifted."""
        modality = prediction.modality
        if prediction.timestamp_ns < self._newest_ns - ANOTHER_TIME_NS:
            self.begin()
        self._newest_ns = max(self._newest_ns, prediction.timestamp_ns)
        monitor = self._monitors.get(modality)
        if CLOSED.intersection(prediction.reasons):
            self._close(modality)
            return prediction
        if Modality.FACE in self._monitors:
            self._unseen.take(prediction)
            self._settle(Modality.FACE)
        if monitor is None:
            return prediction
        monitor.take(prediction)
        self._settle(modality)
        if not monitor.signs or prediction.probabilities is None:
            return prediction
        reasons = (*prediction.reasons, Reason.DRIFTED)
        return replace(prediction, quality=prediction.quality * LESSENED, reasons=reasons)

    def _close(self, modality: Modality) -> None:
        """Who opens it again may have mended it."""
        if modality is Modality.FACE:
            self._unseen.begin()
        if (monitor := self._monitors.get(modality)) is not None:
            monitor.begin()
            self._settle(modality)

    def _obstacle(self, modality: Modality, report: SensorReport) -> str:
        """Why nothing is compared; empty where it is."""
        if not self._enabled:
            return TURNED_OFF
        if report.synthetic:
            return SYNTHETIC
        if self._why_off:
            return self._why_off
        model = next((model for model in report.models if model.name == MODEL_OF[modality]), None)
        if model is None:
            return NO_MODEL
        return "" if model.sha256 == self._references[modality].sha256 else _other_file(model)

    def _settle(self, modality: Modality, why: str = "") -> None:
        """Bring the status up to date, and log a change of it once."""
        before, monitor = self._status[modality], self._monitors.get(modality)
        if monitor is None:
            found = ModalityDrift(modality, DriftCondition.OFF, detail=why or before.detail)
        elif signs := self._signs(modality, monitor):
            found = ModalityDrift(modality, DriftCondition.DRIFTED, signs, TEXTS[modality, signs[0]])
        elif monitor.blocks < BLOCKS_LEAST:
            found = ModalityDrift(modality, DriftCondition.GATHERING)
        else:
            found = ModalityDrift(modality, DriftCondition.STEADY)
        if replace(before, since_wall_ns=0) == found:
            return
        since = before.since_wall_ns if before.condition is found.condition else self._clock.wall_ns()
        self._status[modality] = replace(found, since_wall_ns=since)
        _tell(before, found)

    def _signs(self, modality: Modality, monitor: DriftMonitor) -> tuple[DriftSign, ...]:
        unseen = modality is Modality.FACE and (self._unseen.dark or self._unseen.faceless)
        return (DriftSign.UNSEEN, *monitor.signs) if unseen else monitor.signs


def _other_file(model: ModelInfo) -> str:
    return (
        f"the reference was measured on another {model.file} than the one that is loaded ({model.sha256[:12]}); measure it "
        "again with python -m tools.measure_drift"
    )


def _tell(before: ModalityDrift, now: ModalityDrift) -> None:
    if now.condition is DriftCondition.DRIFTED:
        logger.warning("the %s has drifted (%s): %s", now.modality, ", ".join(now.signs), now.detail)
    elif before.condition is DriftCondition.DRIFTED:
        logger.info("the %s is no longer called drifted: %s", now.modality, now.detail or now.condition)
    elif now.condition is DriftCondition.OFF and now.detail not in (NO_MODEL, SYNTHETIC, TURNED_OFF):
        logger.warning("the %s is not watched for drift: %s", now.modality, now.detail)
