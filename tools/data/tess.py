"""TESS: two Canadian actresses, 26 and 64 years old, 200 words, seven emotions, in the layout of the official release. Host
only.

``OAF_angry/OAF_back_angry.wav``: speaker (OAF, in one file OA; YAF), word, emotion (angry, disgust, fear, happy, neutral, ps
for pleasantly surprised, sad). A copy nested in itself, as one popular archive has it, is read once.

Source: Pichora-Fuller and Dupuis 2020, "Toronto emotional speech set (TESS)".
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from tools.data.faults import FaultLog
from tools.data.voice_clips import VoiceClip, clips_named

COLLECTION = "tess"
LABEL_OF = {
    "angry": "angry",
    "disgust": "disgust",
    "fear": "fearful",
    "happy": "happy",
    "neutral": "neutral",
    "ps": "surprised",
    "sad": "sad",
}
NAME = re.compile(r"(?P<speaker>OA|YA)F?_[A-Za-z-]+_(?P<emotion>[a-z]+)")


def load(root: Path, faults: FaultLog | None = None) -> tuple[VoiceClip, ...]:
    """Every clip under ``root``, speakers ``OAF`` and ``YAF``. Raises ConfigurationError when there is none or, where faults
    stop, for a name that is not of the scheme."""
    clips = clips_named(root, COLLECTION, NAME, LABEL_OF, "a TESS name such as OAF_back_angry", faults=faults)
    return tuple(replace(clip, speaker=f"{clip.speaker}F") for clip in clips)
