"""Emo-DB: German emotional speech of ten actors, in the layout of the official release. Host only.

``wav/03a01Wa.wav``: speaker (two digits), text (a letter and two digits), emotion (W anger, L boredom, E disgust, A fear,
F happiness, T sadness, N neutral), version. Boredom is no label of the voice network, so its clips are left out.

Source: Burkhardt et al. 2005, "A database of German emotional speech".
"""

from __future__ import annotations

import re
from pathlib import Path

from tools.data.faults import FaultLog
from tools.data.voice_clips import VoiceClip, clips_named

COLLECTION = "emodb"
LABEL_OF = {"W": "angry", "E": "disgust", "A": "fearful", "F": "happy", "T": "sad", "N": "neutral", "L": None}
NAME = re.compile(r"(?P<speaker>\d{2})[a-z]\d{2}(?P<emotion>[WLEAFTN])[a-z]?")


def load(root: Path, faults: FaultLog | None = None) -> tuple[VoiceClip, ...]:
    """Every clip under ``root`` but those of boredom. Raises ConfigurationError when there is none or, where faults stop,
    for a name that is not of the scheme."""
    return clips_named(root, COLLECTION, NAME, LABEL_OF, "an Emo-DB name such as 03a01Wa", faults=faults)
