"""From the logits of an emotion head to calibrated probabilities, in the model's own labels or in the canonical seven.

Floor 1 (thought). A model may know labels that the seven do not have (calm, contempt); its mapping says where their
probability goes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ertedge.errors import ManifestError
from ertedge.types import EMOTIONS, Emotion, Float32Array


class EmotionHead:
    """The labels, the mapping and the temperature of one model.

    ``mapping`` gives each native label its emotion of the seven. Raises ManifestError when a label has none, when the
    mapping names a label that the model lacks, or when the temperature is not a positive number.
    """

    def __init__(self, labels: tuple[str, ...], mapping: Mapping[str, Emotion], temperature: float) -> None:
        faults = [f"label {label!r} is mapped to none of the seven" for label in labels if label not in mapping]
        faults += [f"the mapping names {label!r}, which is no label" for label in mapping if label not in labels]
        faults += [f"{label!r} is mapped to unknown" for label, target in mapping.items() if target not in EMOTIONS]
        if not (np.isfinite(temperature) and temperature > 0):
            faults.append(f"the temperature is {temperature}, not a positive number")
        if faults:
            raise ManifestError("; ".join(faults))
        self.labels = labels
        self.temperature = temperature
        self._to_seven = np.zeros((len(labels), len(EMOTIONS)), np.float32)
        for row, label in enumerate(labels):
            self._to_seven[row, EMOTIONS.index(mapping[label])] = 1.0

    def native(self, logits: Float32Array) -> Float32Array:
        """Probabilities over ``labels``, same shape as ``logits`` (..., labels): softmax of logits / temperature
        (Guo et al. 2017, "On calibration of modern neural networks", eq. 9)."""
        scaled = logits.astype(np.float64) / self.temperature
        scaled -= scaled.max(axis=-1, keepdims=True)
        exponentials = np.exp(scaled)
        probabilities: Float32Array = (exponentials / exponentials.sum(axis=-1, keepdims=True)).astype(np.float32)
        return probabilities

    def canonical(self, native: Float32Array) -> Float32Array:
        """Probabilities over the seven, (..., 7) in the order of ``EMOTIONS``, from those over ``labels``."""
        seven: Float32Array = native @ self._to_seven
        seven /= seven.sum(axis=-1, keepdims=True)
        return seven
