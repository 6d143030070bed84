"""CREMA-D's sound: 91 actors, twelve sentences, six emotions, in the layout of the official release. Host only.

``AudioWAV/1001_DFA_ANG_XX.wav``: actor, sentence, emotion (ANG, DIS, FEA, HAP, NEU, SAD), intensity. The label is what the
actor was asked to play; what people heard is in ``tools.data.crema_d``.

Source: Cao et al. 2014, "CREMA-D: Crowd-sourced emotional multimodal actors dataset", IEEE Trans. Affect. Comput. 5:377-390.
"""

from __future__ import annotations

import re
from pathlib import Path

from tools.data.faults import FaultLog
from tools.data.voice_clips import VoiceClip, clips_named

COLLECTION = "cremad"
LABEL_OF = {"ANG": "angry", "DIS": "disgust", "FEA": "fearful", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}
NAME = re.compile(r"(?P<speaker>\d{4})_[A-Z]{3}_(?P<emotion>[A-Z]{3})_[A-Z]+")


def load(root: Path, faults: FaultLog | None = None) -> tuple[VoiceClip, ...]:
    """Every clip under ``root``. Raises ConfigurationError when there is none or, where faults stop, for a name that is not
    of the scheme."""
    return clips_named(root, COLLECTION, NAME, LABEL_OF, "a CREMA-D name such as 1001_DFA_ANG_XX", faults=faults)
