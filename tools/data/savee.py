"""SAVEE: four British men, seven emotions, in the layout of the official release. Host only.

``AudioData/DC/a01.wav``, or all in one folder as ``DC_a01.wav``: speaker (DC, JE, JK, KL), emotion (a anger, d disgust,
f fear, h happiness, n neutral, sa sadness, su surprise), number.

Source: Haq and Jackson 2010, "Multimodal emotion recognition".
"""

from __future__ import annotations

import re
from pathlib import Path

from tools.data.faults import FaultLog
from tools.data.voice_clips import VoiceClip, clips_named

COLLECTION = "savee"
LABEL_OF = {
    "a": "angry",
    "d": "disgust",
    "f": "fearful",
    "h": "happy",
    "n": "neutral",
    "sa": "sad",
    "su": "surprised",
}
NAME = re.compile(r"(?P<speaker>[A-Z]{2})_(?P<emotion>sa|su|[adfhn])\d{2}")


def load(root: Path, faults: FaultLog | None = None) -> tuple[VoiceClip, ...]:
    """Every clip under ``root``. Raises ConfigurationError when there is none or, where faults stop, for a name that is not
    of the scheme."""
    example = "a SAVEE name such as DC_a01, or a01 in DC"
    return clips_named(root, COLLECTION, NAME, LABEL_OF, example, faults=faults, by_folder=True)
