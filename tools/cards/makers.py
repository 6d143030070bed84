"""Which cards are measured, on which files, and by which module. Host only; a module is imported when it is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import cast

from ertedge.errors import ConfigurationError
from tools.cards.section import Case, Maker, Section
from tools.voice.unseen import FOLDER

UNSEEN = f"{FOLDER}/folds.npz"

MEASURED: Mapping[str, tuple[str, ...]] = {
    "detector": ("detector.tflite",),
    "facenet": ("facenet.tflite", "recognition.toml", "detector.tflite"),
    "fusion": ("fusion.toml", "confidence.toml", "facenet.tflite", "voice.tflite", "detector.tflite", UNSEEN),
    "voice": ("voice.tflite", "voice_confusion.toml", UNSEEN),
}
"""The files of the models folder that a card's figures are of. FaceNet's are of the detector too, which cuts its crops."""


def measure(name: str, case: Case) -> Section:
    """Measure one card. Raises ConfigurationError when it has no measured section, or as its module's ``measure``."""
    if name not in MEASURED:
        raise ConfigurationError([f"card {name} has no measured section; choose from {', '.join(sorted(MEASURED))}"])
    maker = cast(Maker, importlib.import_module(f"tools.cards.{name}").measure)
    return maker(case)
