"""What is learnt of one person: labelled moments, how far each modality can be believed, and what the tests say. Floor 0.

A label says what a person felt at a moment; the evidence is what the general models said just before it. Everything that
calibration knows is computed from labels, so that a person's calibration is as portable and as erasable as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ertedge.types.emotions import Emotion, Float32Array, Modality


class LabelSource(StrEnum):
    """Where a label comes from: a guided session, or a short report in daily use."""

    SESSION = "session"
    SELF_REPORT = "self_report"


class FusionRuleName(StrEnum):
    """How two modalities become one opinion (``ertedge.affect.fusion_rules``); ``SINGLE``: the better one alone."""

    WEIGHTED_AVERAGE = "weighted_average"
    LOG_POOL = "log_pool"
    CONFUSION = "confusion"
    STACKED = "stacked"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class ModalityEvidence:
    """What one modality said in the seconds that a label is about.

    ``probabilities`` is (7,) float32, the general model's, never a personal head's. ``embedding`` is (n,) float32 of that
    modality, or None. Where the seconds held several predictions, both are their mean weighted by quality. ``quality`` is in
    [0, 1].
    """

    modality: Modality
    probabilities: Float32Array
    embedding: Float32Array | None
    quality: float


@dataclass(frozen=True, slots=True)
class CalibrationLabel:
    """That a person felt ``emotion`` at ``wall_time_ns`` (UTC), and what face and voice had said.

    ``emotion`` is one of the seven. ``session_id`` is 0 for a self-report. ``valence`` and ``arousal`` are in [-1, 1] where
    the person pointed at the circumplex.
    """

    label_id: int
    profile_id: int
    wall_time_ns: int
    emotion: Emotion
    source: LabelSource
    session_id: int
    face: ModalityEvidence | None
    voice: ModalityEvidence | None
    valence: float | None = None
    arousal: float | None = None

    def of(self, modality: Modality) -> ModalityEvidence | None:
        """The evidence of ``modality``."""
        return self.face if modality is Modality.FACE else self.voice


@dataclass(frozen=True, slots=True)
class ModalityReliability:
    """How often a modality is right about this person, all emotions counted equally: ``accuracy`` with its 95% interval
    ``low`` to ``high``. ``labels`` is how many had this modality's evidence, ``effective_labels`` what is left of them
    after fading and quality."""

    modality: Modality
    accuracy: float
    low: float
    high: float
    labels: int
    effective_labels: float


@dataclass(frozen=True, slots=True)
class CalibrationSummary:
    """What the iterative test has found for one profile.

    ``reliabilities``: face, then voice. ``trusted`` is the modality that is probably the more reliable, since
    ``trusted_since_wall_ns``; None and 0 while that is open. ``face_more_reliable`` is the probability in [0, 1] that the
    face is. ``fusion_gain`` is the accuracy of both together less that of the better one alone, with its 95% interval.
    ``uses_fusion`` is False where the better one alone is used; ``rule`` is what is used. ``labels_to_settle`` is how many
    more labels would settle both questions if they go on as they did: 0 when they are settled, None when that would take
    more than anybody should be asked. ``ask_next`` is the emotion of which a label tells most, None when all is settled.
    ``head_used`` names the modalities whose personal head is in use.
    """

    profile_id: int
    reliabilities: tuple[ModalityReliability, ModalityReliability]
    trusted: Modality | None
    trusted_since_wall_ns: int
    face_more_reliable: float
    fusion_gain: float
    fusion_gain_low: float
    fusion_gain_high: float
    uses_fusion: bool
    rule: FusionRuleName
    labels: int
    labels_to_settle: int | None
    ask_next: Emotion | None
    head_used: tuple[Modality, ...]
