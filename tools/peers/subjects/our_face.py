"""Our FaceNet on a (48, 48) grey crop, through the device's runtime: probabilities of the canonical seven.

Arguments: the models folder.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ertedge.inference.manifest import load_manifest
from ertedge.perception.face import FaceModel
from ertedge.types import EMOTIONS
from tools.peers.items import Array
from tools.peers.subjects import Subject


def load(arguments: Sequence[str]) -> Subject:
    """FaceNet as the manifest describes it."""
    manifest = load_manifest(Path(arguments[0]))
    entry = manifest.entry("facenet")
    model = FaceModel.of(manifest.open_network("facenet"), entry)

    def read(face: Array) -> list[float]:
        logits, _ = model.read(face)
        seven: list[float] = model.head.canonical(model.head.native(logits)).tolist()
        return seven

    labels = tuple(str(emotion) for emotion in EMOTIONS)
    return Subject(f"facenet {entry.version}", entry.size_bytes, read, labels=labels)
