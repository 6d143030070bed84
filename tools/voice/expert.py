"""An expert of emotions for the voice network to learn from: a linear model of what the speech encoder hears in whole clips.

Host side only; nothing of it ships. Mean and deviation over a clip of the 768 numbers of ``tools.voice.encoder``, each
standardised within a speaker and session (which is what the device's running normalisation does for somebody it knows),
then multinomial logistic regression. It must know the speakers whom its pupil is trained on and nobody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import LogisticRegression

from ertedge.types import Float32Array
from tools.data.voice_clips import NATIVE_LABELS
from tools.evaluation.metrics import unweighted_average_recall
from tools.voice.features import ClipFrames, heard_in

INVERSE_PENALTY = 1e-3
LEAST_DEVIATION = 1e-3
MOST_STEPS = 500


class Expert:
    """Fitted to clips that the encoder has heard, and asked about others."""

    def __init__(self, frames: Sequence[ClipFrames]) -> None:
        labels = [clip.clip.label_index for clip in frames]
        self._known: dict[str, set[int]] = defaultdict(set)
        for clip, label in zip(frames, labels, strict=True):
            self._known[clip.clip.collection].add(label)
        self._model = LogisticRegression(C=INVERSE_PENALTY, max_iter=MOST_STEPS).fit(pooled_hearing(frames), labels)

    def __call__(self, frames: Sequence[ClipFrames]) -> Float32Array:
        """(clips, 8): probabilities. Labels that no clip of a collection had are 0 in it; of a collection that was not
        fitted all labels are possible. All clips of a speaker and session should be asked about together."""
        answers = np.zeros((len(frames), len(NATIVE_LABELS)), np.float32)
        answers[:, self._model.classes_] = self._model.predict_proba(pooled_hearing(frames))
        for row, clip in zip(answers, frames, strict=True):
            if known := self._known.get(clip.clip.collection):
                row[[label for label in range(len(NATIVE_LABELS)) if label not in known]] = 0.0
        return answers / answers.sum(axis=1, keepdims=True)


def expert_recall(expert: Expert, frames: Sequence[ClipFrames]) -> float:
    """The mean recall (UAR) of ``expert`` on ``frames``, of one collection, among the labels that these have."""
    labels = np.asarray([clip.clip.label_index for clip in frames])
    possible = np.isin(np.arange(len(NATIVE_LABELS)), labels)
    said = (expert(frames) * possible).argmax(axis=1)
    return unweighted_average_recall(said, labels, len(NATIVE_LABELS))


def pooled_hearing(frames: Sequence[ClipFrames]) -> Float32Array:
    """(clips, 1536): mean and deviation over each clip's steps, standardised within a speaker and session.

    Every one of ``frames`` must have been heard.
    """
    groups: dict[tuple[str, int], list[int]] = defaultdict(list)
    rows = []
    for index, clip in enumerate(frames):
        groups[clip.clip.speaker, clip.session].append(index)
        heard = heard_in(clip).astype(np.float32)
        rows.append(np.concatenate((heard.mean(axis=0), heard.std(axis=0))))
    pooled = np.stack(rows)
    for group in groups.values():
        own = pooled[group]
        pooled[group] = (own - own.mean(axis=0)) / (own.std(axis=0) + LEAST_DEVIATION)
    return pooled
