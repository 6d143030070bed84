"""How the device's words are said to a person. Floor 4.

People read these in low moments: plain, kind, and never surer than the device is.
"""

from __future__ import annotations

from collections.abc import Iterable

from ertedge.types import Emotion, EmotionState, Reason, SensorCondition, SensorName

SEEMS: dict[Emotion, str] = {
    Emotion.NEUTRAL: "seems calm",
    Emotion.HAPPINESS: "seems happy",
    Emotion.SADNESS: "seems sad",
    Emotion.ANGER: "seems angry",
    Emotion.FEAR: "seems afraid",
    Emotion.DISGUST: "seems disgusted",
    Emotion.SURPRISE: "seems surprised",
    Emotion.UNKNOWN: "not sure",
}

BECAUSE: dict[Reason, str] = {
    Reason.NO_FACE: "I cannot see a face",
    Reason.TOO_DARK: "it is too dark, or too bright, to see",
    Reason.OFF_POSE: "the face is turned away",
    Reason.NO_SPEECH: "nobody is speaking",
    Reason.TWO_PEOPLE: "two people are here, and I cannot tell who is meant",
    Reason.DISAGREEMENT: "face and voice say different things",
    Reason.LOW_CONFIDENCE: "no feeling stands out clearly",
    Reason.MUTED: "it is muted",
    Reason.NO_SENSOR: "the device does not deliver",
    Reason.LOW_QUALITY: "the picture or the sound is too poor",
    Reason.NO_CONSENT: "nobody has agreed to it",
    Reason.BYSTANDER: "somebody else is here, and nothing of them is kept",
    Reason.DRIFTED: "it is unlike what its model knows, and counts half",
}

CONDITION: dict[SensorCondition, str] = {
    SensorCondition.STARTING: "starting",
    SensorCondition.RUNNING: "on",
    SensorCondition.MUTED: "muted",
    SensorCondition.MISSING: "not found",
    SensorCondition.BUSY: "used by another program",
    SensorCondition.FAILED: "failing",
    SensorCondition.HANGING: "not answering",
    SensorCondition.ENDED: "the recording has ended",
    SensorCondition.OFF: "not part of this source",
    SensorCondition.NOT_PERMITTED: "closed until somebody agrees",
}

SENSOR: dict[SensorName, str] = {SensorName.CAMERA: "camera", SensorName.MICROPHONE: "microphone"}


def span(seconds: float) -> str:
    """A length of time in one unit: ``45 s``, ``12 min``, ``3 h``."""
    if seconds < 120:
        return f"{max(0.0, seconds):.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def percent(probability: float) -> str:
    """A probability as a share of a hundred; never ``100%``, since nobody is sure of what another feels."""
    if probability >= 0.995:
        return ">99%"
    return "<1%" if 0 < probability < 0.005 else f"{probability:.0%}"


def because(reasons: Iterable[Reason]) -> str:
    """``I cannot see a face, and nobody is speaking``; empty for no reasons."""
    return ", and ".join(BECAUSE[reason] for reason in reasons)


def headline(state: EmotionState) -> str:
    """The state in a few words: ``seems happy (72%)``, or why the device is not sure."""
    if state.emotion is Emotion.UNKNOWN:
        return f"not sure: {because(state.reasons)}"
    return f"{SEEMS[state.emotion]} ({percent(state.confidence)})"


def synthetic_kind(source: str) -> str:
    """What a synthetic state comes from: demo, simulate. What ``auto`` finds is synthetic only when it is the demo."""
    kind = source.partition(":")[0]
    return "demo" if kind == "auto" else kind
