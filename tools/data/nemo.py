"""nEMO: Polish emotional speech of nine actors, six emotions, in the layout of the official release.

``samples/SPEAKER_EMOTION_SENTENCE.wav`` (or ``.flac``). Its emotions carry the names that RAVDESS uses for them here.
Host side only.

Source: Christop 2024, "nEMO: Dataset of Emotional Speech in Polish".
"""

from __future__ import annotations

from pathlib import Path

from ertedge.errors import ConfigurationError
from tools.data.faults import FaultLog
from tools.data.voice_clips import VoiceClip, find_folder

COLLECTION = "nemo"
LABEL_OF = {
    "anger": "angry",
    "fear": "fearful",
    "happiness": "happy",
    "neutral": "neutral",
    "sadness": "sad",
    "surprised": "surprised",
}
"""nEMO's names and those of the voice network; it has no calm and no disgust."""


def load(root: Path, faults: FaultLog | None = None) -> tuple[VoiceClip, ...]:
    """Every clip under ``root`` (or ``root/nemo``), in order of name.

    Raises ConfigurationError when there is none or, where faults stop, for the names that do not follow the scheme.
    """
    folder = find_folder(root, COLLECTION, "samples")
    files = sorted(path for path in folder.glob("samples/*") if path.suffix in (".wav", ".flac"))
    clips: list[VoiceClip] = []
    log = faults or FaultLog()
    log.source = str(folder)
    for path in files:
        fields = path.stem.split("_")
        if len(fields) != 3 or fields[1] not in LABEL_OF:
            log.met(f"{path.name}: not a nEMO name of speaker, emotion and sentence")
        else:
            clips.append(VoiceClip(path, COLLECTION, f"{COLLECTION}/{fields[0]}", LABEL_OF[fields[1]]))
    log.settle()
    if not clips:
        raise ConfigurationError(["no sound in samples/"], source=str(folder))
    return tuple(clips)
