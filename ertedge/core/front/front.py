"""Everything about who is in front of the device and how they are read, made and held together. Floor 2.

Presence, enrolled faces, calibration and self-reports: the loop asks it whose a moment is, and the services speak for it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ertedge.affect import population, reliability
from ertedge.affect.fusion_rules import Stacked
from ertedge.affect.population import Population
from ertedge.config import Config
from ertedge.core.clock import Clock
from ertedge.core.front.calibration_session import CalibrationSessions, SessionPace
from ertedge.core.front.calibrations import Calibrations
from ertedge.core.front.enrolment import Enrolment
from ertedge.core.front.faces import Faces
from ertedge.core.front.feeling_questions import FeelingQuestions
from ertedge.core.front.in_front import InFront
from ertedge.core.front.port import FrontRecorder
from ertedge.core.front.presence import PeoplePort, PresenceTracker
from ertedge.core.front.records import CalibrationStatus, FeelingReport
from ertedge.core.front.self_reports import SelfReports
from ertedge.core.front.words import FALLBACK, FrontWords, load_front_words
from ertedge.errors import ConfigurationError, ManifestError, NotFoundError
from ertedge.inference.manifest import load_manifest
from ertedge.perception import recognition
from ertedge.perception.recognition import RecognitionLimits
from ertedge.types import EMOTIONS, Emotion, FusionRuleName, Modality

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class FrontSettings:
    """What ships beside the models, and the words. ``face_network``: the digest of FaceNet's file, None where the manifest
    does not tell; ``pace`` is that of guided sessions."""

    limits: RecognitionLimits
    population: Population
    words: Mapping[str, FrontWords]
    face_network: str | None
    pace: SessionPace = field(default_factory=SessionPace)

    @classmethod
    def load(cls, models: Path) -> FrontSettings:
        """From the folder of the models. Raises ConfigurationError."""
        limits = recognition.load(models / "recognition.toml")
        return cls(limits, open_population(models), load_front_words(), face_network(models))


def face_network(models: Path) -> str | None:
    """The digest of FaceNet's file. None where the manifest cannot be read, of which the sensor tells."""
    try:
        return load_manifest(models).entry("facenet").sha256
    except ManifestError:
        return None


class Front:
    """Belongs to one event loop. ``start`` before anything else."""

    def __init__(
        self,
        settings: FrontSettings,
        config: Config,
        *,
        people: PeoplePort,
        recorder: FrontRecorder,
        clock: Clock,
        synthetic: Callable[[], bool],
        prompt: Callable[[Emotion | None], None] = lambda _: None,
        is_busy: Callable[[int], bool] = lambda _: False,
    ) -> None:
        """``synthetic``: whether the person is a simulated one; ``prompt`` hears what they should show; ``is_busy``: whether
        somebody has more important things to attend to than a question."""
        self._people = people
        self._words = settings.words
        self._language = config.suggestions.language
        self.presence = PresenceTracker(people, settings.limits)
        self.in_front = InFront(people)
        self.faces = Faces(people, recorder, clock, self.presence.set_galleries, settings.face_network)
        self.enrolment = Enrolment(self.faces, settings.limits)
        self.calibrations = Calibrations(settings.population, people, recorder, clock, synthetic)
        self.sessions = CalibrationSessions(
            self.calibrations,
            self.in_front.evidence,
            recorder,
            clock,
            synthetic=synthetic,
            is_alone=lambda: self.in_front.is_alone,
            prompt=prompt,
            pace=settings.pace,
        )
        self._reports = SelfReports(self.calibrations, self.in_front.evidence, clock)
        self.questions = FeelingQuestions(
            self.calibrations,
            people,
            clock,
            settings=config.suggestions,
            server=config.server,
            words=self.words,
            is_busy=is_busy,
        )

    async def start(self) -> None:
        """Read who is enrolled."""
        await self.faces.start()

    def end_streams(self) -> None:
        """End every stream, because the server stops."""
        self.enrolment.end_all()
        self.sessions.end_all()
        self.questions.end_watches()

    def words(self, profile_id: int, language: str = "") -> FrontWords:
        """What a person is told: in ``language``, or else in theirs, or else in the device's, or else in English."""
        for wanted in (language, self._people.language_of(profile_id), self._language):
            if wanted in self._words:
                return self._words[wanted]
        return self._words[FALLBACK]

    def profile_of(self, profile_id: int) -> int:
        """``profile_id``, or for 0 whoever is in front of the device, or else the only profile. Raises NotFoundError."""
        known = [profile.profile_id for profile in self._people.profiles]
        if profile_id in known:
            return profile_id
        if profile_id:
            raise NotFoundError(f"there is no profile {profile_id}; list the profiles to see which there are")
        if self.in_front.evidence.profile_id in known:
            return self.in_front.evidence.profile_id
        if len(known) == 1:
            return known[0]
        raise NotFoundError("it is not clear whose profile is meant; name it" if known else "there is no profile yet")

    async def report(
        self,
        profile_id: int,
        *,
        emotion: Emotion | None = None,
        point: tuple[float, float] | None = None,
        request_id: str = "",
    ) -> FeelingReport:
        """As ``SelfReports.report``; nothing more is asked for a while."""
        reported = await self._reports.report(profile_id, emotion=emotion, point=point, request_id=request_id)
        self.questions.reported(profile_id)
        return reported

    async def calibration(self, profile_id: int) -> CalibrationStatus:
        """What is known of a person. Raises StoreError."""
        session = await self.sessions.open_session(profile_id)
        left = len(session.plan) - session.next_take if session is not None else 0
        return CalibrationStatus(
            await self.calibrations.summary(profile_id), session.session_id if session is not None else 0, left
        )


def open_population(models: Path) -> Population:
    """What is known of people in general. Where the file on it cannot be used, people are read and calibrate all the same,
    from less: evenly mistaken as often as ``fusion.toml`` says, and without heads of their own. Raises ConfigurationError
    where that cannot be read either."""
    try:
        return population.load(models)
    except ConfigurationError as error:
        logger.error("calibration knows less of people in general than it could: %s", error)
    reliabilities = reliability.load(models / "fusion.toml")
    return Population(
        reliabilities=reliabilities,
        confusions={modality: _even_errors(float(reliabilities.of(modality).mean())) for modality in Modality},
        rule=FusionRuleName.LOG_POOL,
        stacked=Stacked(dict.fromkeys(Modality, 1.0), np.zeros(len(EMOTIONS))),
        heads={},
    )


def _even_errors(recall: float) -> NDArray[np.float64]:
    """A confusion matrix, rows the true emotion, of somebody who errs towards each of the others alike."""
    count = len(EMOTIONS)
    matrix = np.full((count, count), (1.0 - recall) / (count - 1))
    np.fill_diagonal(matrix, recall)
    return matrix
