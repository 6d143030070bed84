"""What a person would build on openSMILE: standardised functionals and a linear support vector machine. Host side only.

Its one choice, the cost, is made by cross-validation over the training speakers alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.data.voice_clips import NATIVE_LABELS, VoiceClip
from tools.evaluation.metrics import unweighted_average_recall

COSTS = (1e-4, 1e-3, 1e-2, 1e-1)
INNER_FOLDS = 4
Numbers = NDArray[np.float64]
Labels = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Described:
    """Clips with their functionals: ``features`` (n, 88), ``labels`` (n,) among NATIVE_LABELS, ``speakers`` (n,)."""

    clips: tuple[VoiceClip, ...]
    features: Numbers
    labels: Labels
    speakers: NDArray[np.str_]

    @classmethod
    def of(cls, clips: tuple[VoiceClip, ...], features: Numbers) -> Described:
        """``features`` in the order of ``clips``."""
        labels = np.array([clip.label_index for clip in clips], np.int64)
        return cls(clips, features, labels, np.array([clip.speaker for clip in clips]))

    def speaker_standardised(self) -> Described:
        """Each speaker's features less that speaker's mean, over the deviation, as a device that knows the voice may do.
        No label is used."""
        features = self.features.copy()
        for speaker in np.unique(self.speakers):
            own = self.speakers == speaker
            features[own] -= features[own].mean(axis=0)
            features[own] /= np.maximum(features[own].std(axis=0), 1e-9)
        return Described(self.clips, features, self.labels, self.speakers)


def trained_predictions(data: Described, train: Mask, test: Mask, among: Labels | None = None) -> Labels:
    """What the machine trained on ``train`` says of ``test``, (tested,), choosing among some labels (all if None)."""
    machine = _fitted(data.features[train], data.labels[train], _cost(data, train))
    return _said(machine, data.features[test], among)


def _cost(data: Described, train: Mask) -> float:
    """The cost with the highest mean UAR over the inner folds, which share no speaker; the lower of equals."""
    from sklearn.model_selection import GroupKFold

    features, labels, speakers = data.features[train], data.labels[train], data.speakers[train]
    folds = list(GroupKFold(min(INNER_FOLDS, len(np.unique(speakers)))).split(features, labels, groups=speakers))
    scores = []
    for cost in COSTS:
        found = [
            unweighted_average_recall(
                _said(_fitted(features[inner], labels[inner], cost), features[outer], None),
                labels[outer],
                len(NATIVE_LABELS),
            )
            for inner, outer in folds
        ]
        scores.append(float(np.mean(found)))
    return COSTS[int(np.argmax(scores))]


def _fitted(features: Numbers, labels: Labels, cost: float) -> Any:
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import LinearSVC

    # The primal: there are more clips than features.
    machine = LinearSVC(C=cost, class_weight="balanced", dual=False, max_iter=5_000)
    return make_pipeline(StandardScaler(), machine).fit(features, labels)


def _said(machine: Any, features: Numbers, among: Labels | None) -> Labels:
    """The label of the largest margin, of those allowed."""
    margins = machine.decision_function(features)
    classes = np.asarray(machine.classes_, np.int64)
    if among is not None:
        margins = np.where(np.isin(classes, among)[None], margins, -np.inf)
    return classes[margins.argmax(axis=1)]
