"""FER+ Valid as the exported FaceNet and its float twin read it. Host only; the parts of FaceNet's card share it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ertedge.inference.entry import ModelEntry
from ertedge.perception.face import FaceModel
from ertedge.types import Float32Array
from tools.cards.section import Case
from tools.data.ferplus import EMOTION_LABELS, FerSplit, load_split, majority_labels, without_copies
from tools.evaluation.evidence import Scores
from tools.evaluation.face_collections import Crops, LabelSet, scores_of, twin_logits
from tools.facenet.trials import load_face_model, read_crops


@dataclass(frozen=True, slots=True)
class Faces:
    """The n usable faces of a split by the published protocol: ``logits`` (n, 8) of them as given, ``twin`` the same of the
    float network or None, ``original`` (n,) whether a picture stands neither in Train nor earlier in the split."""

    model: FaceModel
    entry: ModelEntry
    split: FerSplit
    crops: Crops
    logits: Float32Array
    twin: Float32Array | None
    original: NDArray[np.bool_]

    def scores(self, labels: LabelSet = "native") -> Scores:
        """What the exported network says of the crops as given."""
        return scores_of(self.logits, self.crops, self.model, labels)

    def twin_scores(self, labels: LabelSet = "native") -> Scores | None:
        """What its float twin says of them."""
        return None if self.twin is None else scores_of(self.twin, self.crops, self.model, labels)

    def scored(self, logits: Float32Array, labels: NDArray[np.int64]) -> Scores:
        """Other crops of these faces: ``logits`` (m, 8), ``labels`` (m,) into the eight."""
        return scores_of(logits, replace(self.crops, labels=labels), self.model, "native")


def load_faces(case: Case) -> Faces:
    """FER+ Valid, read. Raises ErtedgeError when data or models are missing."""
    model, entry = load_face_model(case.models)
    whole = load_split(case.root, "Valid")
    split = whole.take(majority_labels(whole.votes) >= 0)
    kept = set(without_copies(split, load_split(case.root, "Train")).names)
    labels = majority_labels(split.votes)
    return Faces(
        model,
        entry,
        split,
        Crops("FER+ Valid", split.images, labels, (), EMOTION_LABELS, "published majority"),
        read_crops(model.network, split.images)[0],
        twin_logits(model, entry, case.models, None, split.images),
        np.array([name in kept for name in split.names]),
    )
