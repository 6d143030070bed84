"""What the shipped models say of people they were not trained on, as the fusion meets it: the canonical seven. Host only.

Faces are given crops of FER+ through FaceNet; voices are clips of speech heard chunk by chunk through the whole voice path.
Both count with quality 1, since all of them were made to be read.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ertedge.errors import ConfigurationError
from ertedge.inference.manifest import Manifest
from ertedge.perception.emotion_head import EmotionHead
from ertedge.perception.face import FaceModel
from ertedge.perception.voice import VoiceModel
from ertedge.types import EMOTIONS, Float32Array
from tools.data import ravdess
from tools.data.ferplus import DROPPED, EMOTION_LABELS, FerSplit, majority_labels
from tools.pairing import Labelled
from tools.voice.scoring import hear, score


def faces(split: FerSplit, manifest: Manifest) -> Labelled:
    """FaceNet on every face of ``split`` that has a majority label."""
    entry = manifest.entry("facenet")
    model = FaceModel.of(manifest.open_network("facenet"), entry)
    labels = majority_labels(split.votes)
    labelled = split.take(labels != DROPPED)
    logits = np.stack([model.read(image)[0] for image in tqdm(labelled.images, desc="faces", unit="face", leave=False)])
    to_seven = np.array([EMOTIONS.index(entry.mapping[label]) for label in EMOTION_LABELS])
    probabilities = model.head.canonical(model.head.native(logits))
    return _certain(probabilities, to_seven[labels[labels != DROPPED]])


def voices(root: Path, manifest: Manifest, actors: tuple[int, ...]) -> Labelled:
    """The shipped voice network on RAVDESS's clips of ``actors``, who must not have been in its training."""
    entry = manifest.entry("voice")
    model = VoiceModel.of(manifest.open_network("voice"), entry)
    speakers = {ravdess.speaker_of(actor) for actor in actors}
    clips = [clip for clip in ravdess.load(root) if clip.speaker in speakers]
    scores = score(hear(clips, model), model)
    to_seven = np.array([EMOTIONS.index(entry.mapping[label]) for label in entry.labels])
    return _certain(model.head.canonical(scores.probabilities), to_seven[scores.labels])


def out_of_fold_voices(path: Path, head: EmotionHead, to_seven: NDArray[np.int64]) -> Labelled:
    """What ``tools.train_voice`` saved of each clip by the fold that did not train on its speaker: arrays ``probabilities``
    (n, labels) and ``labels`` (n,). Raises ``ConfigurationError`` when the file is missing or holds something else."""
    try:
        with np.load(path) as stored:
            native, labels = stored["probabilities"].astype(np.float32), stored["labels"].astype(np.int64)
    except (OSError, KeyError, ValueError) as error:
        raise ConfigurationError(
            [f"cannot be read ({error}); make it with python -m tools.train_voice"], str(path)
        ) from None
    return _certain(head.canonical(native), to_seven[labels])


def _certain(probabilities: Float32Array, labels: NDArray[np.int64]) -> Labelled:
    return Labelled(probabilities, labels, np.ones(len(labels), dtype=np.float32))
