"""RAVDESS speech: 24 North American actors, eight emotions, in the layout of the official release.

``Actor_NN/MM-VV-EE-II-SS-RR-AA.wav`` (or ``.flac``): modality, vocal channel, emotion, intensity, statement,
repetition, actor. Only audio of speech (03-01) is read. Actors that are not there are not missed. Host side only.

Source: Livingstone and Russo 2018, "The Ryerson Audio-Visual Database of Emotional Speech and Song".
"""

from __future__ import annotations

from pathlib import Path

from ertedge.errors import ConfigurationError
from tools.data.faults import FaultLog
from tools.data.voice_clips import NATIVE_LABELS, VoiceClip, find_folder

COLLECTION = "ravdess"
FOLDS = ((2, 5, 14, 15, 16), (3, 6, 7, 13, 18), (10, 11, 12, 19, 20), (8, 17, 21, 23, 24), (1, 4, 9, 22))
"""The published five subject-wise folds over 24 actors; each is the test set once."""


def load(root: Path, faults: FaultLog | None = None) -> tuple[VoiceClip, ...]:
    """Every clip of speech under ``root`` (or ``root/ravdess``), in order of actor and name.

    Raises ConfigurationError when there is none or, where faults stop, for the names that do not follow the scheme.
    """
    folder = find_folder(root, COLLECTION, "Actor_*")
    files = sorted(path for path in folder.glob("Actor_*/*") if path.suffix in (".wav", ".flac"))
    clips: list[VoiceClip] = []
    log = faults or FaultLog()
    log.source = str(folder)
    for path in files:
        fields = path.stem.split("-")
        if len(fields) != 7 or not all(field.isdigit() for field in fields) or not 1 <= int(fields[2]) <= 8:
            log.met(f"{path.name}: not a RAVDESS name of seven numbers")
        elif fields[:2] == ["03", "01"]:
            clips.append(VoiceClip(path, COLLECTION, speaker_of(int(fields[6])), NATIVE_LABELS[int(fields[2]) - 1]))
    log.settle()
    if not clips:
        raise ConfigurationError(["no audio of speech (03-01-*)"], source=str(folder))
    return tuple(clips)


def speaker_of(actor: int) -> str:
    """The speaker's name of an actor: 7 becomes ``ravdess/07``."""
    return f"{COLLECTION}/{actor:02d}"
