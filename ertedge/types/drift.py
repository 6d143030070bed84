"""How a modality's readings compare with those that its model was measured on. Floor 0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ertedge.types.emotions import Modality


class DriftCondition(StrEnum):
    """Where the comparison stands. OFF: nothing is compared, and the detail says why. GATHERING: too few readings yet."""

    OFF = "off"
    GATHERING = "gathering"
    STEADY = "steady"
    DRIFTED = "drifted"


class DriftSign(StrEnum):
    """What is unlike the reference.

    UNSEEN: somebody is heard whom the camera ought to see. REFUSED: faces that are seen, or speech that is heard,
    mostly cannot be read. UNSURE: what is read is so poor, or the model so unsure, as with no person of the reference.
    UNLIKE: what the model makes of it lies outside of what people look or sound like to it.
    """

    UNSEEN = "unseen"
    REFUSED = "refused"
    UNSURE = "unsure"
    UNLIKE = "unlike"


@dataclass(frozen=True, slots=True)
class ModalityDrift:
    """One modality's comparison. ``signs`` are empty unless DRIFTED. ``detail`` is a sentence for a person, with what to do;
    empty while all is well. ``since_wall_ns`` is UTC, when the condition began, 0 before anything was compared."""

    modality: Modality
    condition: DriftCondition
    signs: tuple[DriftSign, ...] = ()
    detail: str = ""
    since_wall_ns: int = 0
