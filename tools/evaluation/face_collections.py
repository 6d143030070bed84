"""FaceNet on any labelled collection of faces: pictures in, the record of evidence out. Host only; ``face.py`` asks it.

Crops (48-pixel sets, RAF-DB's aligned pictures) go in as FER+ pictures do: grey, 48x48, standardised. Photographs go through
the device's detector and alignment first; the main face is read, and where none is found there is no answer and the picture
is counted as not found. ``--framing`` asks for one or the other whatever the collection.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from ertedge.errors import ConfigurationError, PerceptionError
from ertedge.inference.entry import ModelEntry
from ertedge.inference.litert import LitertNetwork
from ertedge.perception.detector import FaceDetector
from ertedge.perception.face import FaceModel, cut_face
from ertedge.types import EMOTIONS, Float32Array, UInt8Array
from tools.data import affect_net, ck_plus, fer2013, raf_db
from tools.data.faults import FaultLog
from tools.data.ferplus import EMOTION_LABELS
from tools.data.labelled_faces import FaceCollection, FaceItem, as_crop
from tools.evaluation.evidence import (
    LEAST_SUBJECTS,
    ClassifierEvidence,
    Scores,
    classified,
    classifier_evidence,
    float_twin,
    median_ms,
)
from tools.facenet.trials import load_detector, main_face, read_crops
from tools.portraits import as_frame

LabelSet = Literal["native", "canonical"]
Framing = Literal["auto", "given", "device"]
COLLECTIONS = ("ferplus", "fer2013", "ckplus", "affectnet", "rafdb")


@dataclass(frozen=True, slots=True)
class Crops:
    """What is shown to FaceNet: ``images`` (n, 48, 48) uint8 grey, ``labels`` (n,) into EMOTION_LABELS, ``subjects`` (n,) or
    empty, ``shared`` the collection's labels; what was left out and why."""

    of: str
    images: UInt8Array
    labels: NDArray[np.int64]
    subjects: tuple[str, ...]
    shared: tuple[str, ...]
    protocol: str
    not_found: int = 0
    dropped: int = 0


def load_collection(name: str, root: Path, split: str, faults: FaultLog, *, photographs: bool) -> FaceCollection:
    """The collection of one of COLLECTIONS but FER+, which has its own protocol. Raises ConfigurationError."""
    loaders: dict[str, Callable[[], FaceCollection]] = {
        "fer2013": lambda: fer2013.load(root, split, faults),
        "ckplus": lambda: ck_plus.load(root, split, faults),
        "affectnet": lambda: affect_net.load(root, split, faults),
        "rafdb": lambda: raf_db.load(root, split, faults, photographs=photographs),
    }
    return loaders[name]()


def of_subjects(collection: FaceCollection, subjects: str) -> FaceCollection:
    """Only the pictures of these subjects, named by comma; all where it is empty. Raises ConfigurationError for one who is
    not there."""
    if not subjects:
        return collection
    wanted = {name.strip() for name in subjects.split(",")}
    if unknown := sorted(wanted - {item.subject for item in collection.items if item.subject}):
        raise ConfigurationError([f"{collection.of} has no subject {', '.join(unknown)}"])
    return replace(collection, items=tuple(item for item in collection.items if item.subject in wanted))


def cut_crops(
    collection: FaceCollection, model: FaceModel, models: Path | None, framing: Framing, faults: FaultLog
) -> Crops:
    """Read every picture and make its crop. Raises ConfigurationError when none is left or, where faults stop, for pictures
    that are missing or corrupt."""
    found = framing == "device" or (framing == "auto" and collection.photographs)
    detector = load_detector(models) if found else None
    images: list[UInt8Array] = []
    items: list[FaceItem] = []
    not_found = 0
    for item in tqdm(collection.items, desc=collection.of, leave=False, mininterval=2, file=sys.stderr):
        try:
            picture = item.read()
        except ValueError as error:
            faults.met(str(error))
            continue
        crop = as_crop(picture) if detector is None else found_crop(picture, detector, model)
        if crop is None:
            not_found += 1
        else:
            images.append(crop)
            items.append(item)
    faults.settle()
    if not items:
        raise ConfigurationError([f"{collection.of} gives no face to read; check --root"])
    how = "found and aligned by the device's detector" if found else "crops as given, at 48x48"
    return Crops(
        of=collection.of,
        images=np.stack(images),
        labels=np.array([EMOTION_LABELS.index(item.label) for item in items], np.int64),
        subjects=tuple(item.subject for item in items) if all(item.subject for item in items) else (),
        shared=collection.labels,
        protocol=f"{collection.of}; {how}",
        not_found=not_found,
        dropped=collection.dropped,
    )


def found_crop(picture: UInt8Array, detector: FaceDetector, model: FaceModel) -> UInt8Array | None:
    """The main face as the device cuts it; None where it finds none, or could not align it."""
    frame = as_frame(picture)
    try:
        face = main_face(detector, frame)
        return None if face is None else cut_face(frame, face, model.template)[0]
    except PerceptionError:
        return None


def scores_of(logits: Float32Array, crops: Crops, model: FaceModel, labels: LabelSet) -> Scores:
    """FaceNet's logits (n, 8) in the labels asked for, beside the collection's."""
    native = model.head.native(logits)
    if labels == "native":
        return Scores(native.astype(np.float64), crops.labels, model.head.labels, crops.shared, crops.subjects)
    to_seven = model.head.canonical(np.eye(len(model.head.labels), dtype=np.float32)).argmax(axis=1)
    names = tuple(str(emotion) for emotion in EMOTIONS)
    shared = tuple(dict.fromkeys(names[to_seven[EMOTION_LABELS.index(label)]] for label in crops.shared))
    return Scores(
        model.head.canonical(native).astype(np.float64),
        to_seven[crops.labels].astype(np.int64),
        names,
        shared,
        crops.subjects,
    )


def twin_logits(
    model: FaceModel, entry: ModelEntry, models: Path | None, float_model: Path | None, images: UInt8Array
) -> Float32Array | None:
    """What the network before quantization says of the same crops, (n, 8); None where there is no such file."""
    twin = float_twin(models, entry.file, float_model)
    if twin is None:
        return None
    return read_crops(replace(model, network=LitertNetwork(twin, outputs=entry.outputs)).network, images)[0]


def face_evidence(
    crops: Crops,
    logits: Float32Array,
    twin: Float32Array | None,
    *,
    model: FaceModel,
    entry: ModelEntry,
    dataset: str,
    labels: LabelSet,
    skipped: int,
    seed: int,
) -> ClassifierEvidence:
    """The record of the crops from the ``logits`` (n, 8) of the exported file and of its float ``twin``."""
    found = classified(scores_of(logits, crops, model, labels), seed)
    drawn = "subjects" if len(set(crops.subjects)) >= LEAST_SUBJECTS else "pictures"
    return classifier_evidence(
        found,
        None if twin is None else classified(scores_of(twin, crops, model, labels), seed),
        task="face",
        dataset=dataset,
        model=f"{entry.name} {entry.version}",
        protocol=f"{crops.protocol}; {labels} labels, {len(found.labels)} shared; interval over {drawn}",
        headline="accuracy",
        ms=median_ms(lambda i: model.read(crops.images[i]), len(crops.images)),
        size=entry.size_bytes,
        skipped=skipped,
        not_found=crops.not_found,
        dropped=crops.dropped,
    )
