"""An invented population and an invented person, for the tests of calibration: three features, two modalities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ertedge.affect.fusion_rules import Stacked
from ertedge.affect.personal_head import HeadPrior
from ertedge.affect.personal_logistic import Logistic
from ertedge.affect.population import Population
from ertedge.affect.reliability import Reliabilities, of_matrix
from ertedge.affect.two_level_normal import Manners
from ertedge.types import (
    EMOTIONS,
    CalibrationLabel,
    Emotion,
    Float32Array,
    FusionRuleName,
    LabelSource,
    Modality,
    ModalityEvidence,
)

DAY_NS = 86_400 * 1_000_000_000
SIZE = 6


def even_errors(recall: float) -> NDArray[np.float64]:
    """A confusion matrix (7, 7) that errs evenly."""
    matrix = np.full((7, 7), (1.0 - recall) / 6.0)
    np.fill_diagonal(matrix, recall)
    return matrix


def head_prior(seed: int = 0) -> HeadPrior:
    """People whose manner differs a good deal more than one moment of theirs does from the next."""
    random = np.random.default_rng(seed)
    eye = np.eye(SIZE)
    flat = Logistic(np.zeros((7, SIZE)), np.zeros(7))
    return HeadPrior(
        centre=np.zeros(SIZE),
        deviation=np.ones(SIZE),
        projection=eye,
        manners=Manners(random.normal(0.0, 0.5, (7, SIZE)), 0.5 * eye, 0.5 * eye, 0.05 * eye[None]),
        anybody=flat,
        known=flat,
        ridge=20.0,
        label_weight=10.0,
        density_share=0.5,
        logistic_share=0.5,
        lessons=np.zeros(0),
    )


def population(rule: FusionRuleName = FusionRuleName.LOG_POOL, *, heads: bool = True) -> Population:
    confusions = {Modality.FACE: even_errors(0.7), Modality.VOICE: even_errors(0.6)}
    face, voice = (of_matrix(confusions[m]) for m in (Modality.FACE, Modality.VOICE))
    return Population(
        reliabilities=Reliabilities(face, voice, 0.5),
        confusions=confusions,
        rule=rule,
        stacked=Stacked({Modality.FACE: 1.0, Modality.VOICE: 0.8}, np.zeros(7)),
        heads={m: head_prior(seed) for seed, m in enumerate(Modality)} if heads else {},
    )


def lean(emotion: Emotion, probability: float) -> Float32Array:
    """``probability`` for one emotion, the rest shared."""
    p = np.full(7, (1 - probability) / 6, dtype=np.float32)
    p[EMOTIONS.index(emotion)] = probability
    return p


@dataclass
class InventedPerson:
    """Somebody whose ``modality`` answers are right as often as told, with an embedding in their own manner."""

    face_right: float
    voice_right: float
    seed: int = 0

    def __post_init__(self) -> None:
        self._random = np.random.default_rng(self.seed)
        self._manner = {
            m: head_prior(seed).manners.means
            + self._random.normal(0.0, 0.7, SIZE)
            + self._random.normal(0.0, 0.7, (7, SIZE))
            for seed, m in enumerate(Modality)
        }

    def evidence(self, modality: Modality, emotion: Emotion, quality: float = 1.0) -> ModalityEvidence:
        right = self.face_right if modality is Modality.FACE else self.voice_right
        place = EMOTIONS.index(emotion)
        said = place if self._random.random() < right else (place + int(self._random.integers(1, 7))) % 7
        noise = self._random.normal(0.0, 0.22, SIZE)
        embedding = (self._manner[modality][place] + noise).astype(np.float32)
        return ModalityEvidence(modality, lean(EMOTIONS[said], 0.75 if said == place else 0.45), embedding, quality)

    def labels(self, per_emotion: int, first_wall_ns: int = 0, first_id: int = 1) -> list[CalibrationLabel]:
        """``per_emotion`` labels of each emotion, a minute apart."""
        return [
            CalibrationLabel(
                label_id=first_id + number,
                profile_id=1,
                wall_time_ns=first_wall_ns + number * 60_000_000_000,
                emotion=EMOTIONS[number % 7],
                source=LabelSource.SESSION,
                session_id=1,
                face=self.evidence(Modality.FACE, EMOTIONS[number % 7]),
                voice=self.evidence(Modality.VOICE, EMOTIONS[number % 7]),
            )
            for number in range(7 * per_emotion)
        ]
