"""``fer`` from PyPI on a (48, 48) grey crop. Arguments: ``tflite``, its default network, or ``keras``, its full one.

The crop is the whole face box, as its network learnt them, so the ten pixels that it adds around a detected box are left
out. It enlarges the crop to 64x64 itself, bilinearly.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tools.peers.items import Array
from tools.peers.subjects import Subject, as_bgr

FILES = {"tflite": "emotion_model_quantized.tflite", "keras": "emotion_model.hdf5"}


def load(arguments: Sequence[str]) -> Subject:
    """The package's own class, given the face's box."""
    # It warns of its own use of TensorFlow at every call.
    warnings.simplefilter("ignore")
    import fer
    from fer.fer import FER

    kind = arguments[0]
    detector = FER(use_tflite=kind == "tflite", offsets=(0, 0))

    def read(face: Array) -> list[float]:
        height, width = face.shape[:2]
        emotions = detector.detect_emotions(face, [(0, 0, width, height)])[0]["emotions"]
        return [float(emotions[label]) for label in labels]

    labels = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
    weights = Path(fer.__file__).parent / "data" / FILES[kind]
    return Subject(f"fer {version('fer')}", weights.stat().st_size, read, as_bgr, labels)
