"""What networks of the voice's recipe said of clips of people whom they never heard, kept beside the model that ships.

Host only. The networks themselves lie in a run folder and are hours of training; what they said is a few kilobytes, and what
rests on it (the voice's reliability, calibration out of fold, tables of the cards) can be counted again without them. One
file a protocol of ``python -m tools.train_voice``: ``probabilities`` (n, 8), ``labels`` (n,) and ``names`` (n,) such as
``Actor_03/03-01-05-02-01-01-03.flac``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:  # a check of the cards asks for the paths alone, and need not import the whole voice path
    from tools.data.voice_clips import VoiceClip
    from tools.voice.scoring import ClipScores

FOLDER = "voice_unseen"
"""In the models folder."""


def unseen(models: Path, protocol: str) -> Path:
    """Where what a protocol found is kept: ``folds``, ``loso``, ``language`` or ``random``."""
    return models / FOLDER / f"{protocol}.npz"


def keep_unseen(models: Path, protocol: str, clips: Sequence[VoiceClip], scores: Sequence[ClipScores]) -> None:
    """Keep ``scores`` of ``clips``, in the same order."""
    path = unseen(models, protocol)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        path,
        probabilities=np.concatenate([one.probabilities for one in scores]),
        labels=np.concatenate([one.labels for one in scores]),
        names=[str(clip.path.relative_to(clip.path.parents[1])) for clip in clips],
    )
