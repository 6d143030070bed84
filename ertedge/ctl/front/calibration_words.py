"""What is known of how a person's face and voice show what they feel, said to them. Floor 4.

Accuracies are said in moments out of a hundred, which people read better than shares, and never without how sure they are.
"""

from __future__ import annotations

from datetime import datetime

from ertedge.types import CalibrationSummary, Emotion, FusionRuleName, Modality, ModalityReliability

YOUR: dict[Modality, str] = {Modality.FACE: "your face", Modality.VOICE: "your voice"}
FEELING: dict[Emotion, str] = {
    Emotion.NEUTRAL: "calm",
    Emotion.HAPPINESS: "happy",
    Emotion.SADNESS: "sad",
    Emotion.ANGER: "angry",
    Emotion.FEAR: "afraid",
    Emotion.DISGUST: "disgusted",
    Emotion.SURPRISE: "surprised",
}
WORDS: dict[str, Emotion] = {
    **{emotion.value: emotion for emotion in FEELING},
    **{word: emotion for emotion, word in FEELING.items()},
    "fine": Emotion.NEUTRAL,
    "ok": Emotion.NEUTRAL,
    "glad": Emotion.HAPPINESS,
    "joy": Emotion.HAPPINESS,
    "joyful": Emotion.HAPPINESS,
    "down": Emotion.SADNESS,
    "unhappy": Emotion.SADNESS,
    "annoyed": Emotion.ANGER,
    "furious": Emotion.ANGER,
    "anxious": Emotion.FEAR,
    "scared": Emotion.FEAR,
    "worried": Emotion.FEAR,
    "astonished": Emotion.SURPRISE,
}
"""What people call the seven."""


def sentences(summary: CalibrationSummary) -> list[str]:
    """What is known, in whole sentences, the most important first."""
    if summary.labels == 0:
        return [
            "Nothing is known yet of how your face and your voice show what you feel, so you are read as everybody is.",
            "To begin, in three to five minutes: ertedge-ctl calibrate",
        ]
    return [_trust(summary), _gain(summary), *_own_head(summary), _next(summary)]


def in_a_hundred(share: float) -> int:
    """A share as moments out of a hundred."""
    return round(100 * share)


def rates(reliability: ModalityReliability) -> str:
    """How often a modality is right, with how sure that is."""
    low, high = in_a_hundred(reliability.low), in_a_hundred(reliability.high)
    return f"right in {in_a_hundred(reliability.accuracy)} of 100 moments ({low} to {high})"


def _trust(summary: CalibrationSummary) -> str:
    by_modality = {each.modality: each for each in summary.reliabilities}
    if summary.trusted is None:
        likelier = Modality.FACE if summary.face_more_reliable >= 0.5 else Modality.VOICE
        sure = in_a_hundred(max(summary.face_more_reliable, 1.0 - summary.face_more_reliable))
        return (
            f"It is open which of the two to trust more; {YOUR[likelier]}, with a probability of {sure}%."
            f" Your face is {rates(by_modality[Modality.FACE])}, your voice {rates(by_modality[Modality.VOICE])}."
        )
    other = Modality.VOICE if summary.trusted is Modality.FACE else Modality.FACE
    since = datetime.fromtimestamp(summary.trusted_since_wall_ns / 1e9).strftime("%d %B %Y, %H:%M")
    return (
        f"I trust {YOUR[summary.trusted]} more, since {since}: it is {rates(by_modality[summary.trusted])},"
        f" {YOUR[other]} {rates(by_modality[other])}."
    )


def _gain(summary: CalibrationSummary) -> str:
    half = (summary.fusion_gain_high - summary.fusion_gain_low) / 2
    gain = f"{100 * summary.fusion_gain:+.0f} ± {100 * half:.0f} of 100 moments"
    if not summary.uses_fusion or summary.rule is FusionRuleName.SINGLE:
        better = max(summary.reliabilities, key=lambda each: each.accuracy)
        return f"Both together do not help you ({gain}), so {YOUR[better.modality]} alone is used where it can be read."
    if summary.fusion_gain_low > 0:
        return f"Both together help you by {gain[1:]} over the better one alone."
    return f"Whether both together help you is not settled: by {gain} over the better one alone. Both are used."


def _own_head(summary: CalibrationSummary) -> list[str]:
    if not summary.head_used:
        return []
    named = " and ".join(YOUR[modality] for modality in summary.head_used)
    return [f"Of {named} your own way of showing things is in use, since it beats the general one."]


def _next(summary: CalibrationSummary) -> str:
    if summary.labels_to_settle == 0:
        return "This is settled. It goes on being tested, since people change."
    most = f" Most would be learnt from a moment when you are {FEELING[summary.ask_next]}." if summary.ask_next else ""
    if summary.labels_to_settle is None:
        return f"More moments would not settle this soon.{most}"
    return f"About {summary.labels_to_settle} more moments would settle this.{most}"
