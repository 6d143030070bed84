"""What ``manifest.toml`` says of one model: its file, what goes in and comes out, what it was made from and under
which terms.

Floor 1: imports only words and errors. The records are plain frozen dataclasses; the constraints in their
annotations are what ``ertedge.inference.manifest`` holds the file to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, Field

from ertedge.errors import ManifestError
from ertedge.types import EMOTIONS, Emotion, Float32Array, ModelInfo

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=1)]
Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]
Size = Annotated[int, Field(gt=0)]
Parameter = Number | tuple[Number, ...] | tuple[tuple[Number, ...], ...]

_STRICT = ConfigDict(extra="forbid", strict=True)


@dataclass(frozen=True, slots=True)
class ModelInput:
    """One input tensor. What the network takes is ``(raw - mean) * scale``, ``raw`` in the units of the source: 0 to
    255 for pixels (``colour`` grey, bgr or rgb), 1 for sound and features (``colour`` none).

    ``shape`` includes the batch axis and is in the order of ``layout`` (such as NCHW or NTF: batch, time, feature); 0
    stands for an axis that is open. ``dtype`` is what the file's tensor holds; callers of a network with one input
    always pass float32. ``sample_rate_hz`` is 0 for what is no sound.
    """

    name: Word
    shape: tuple[Count, ...]
    layout: Annotated[str, Field(pattern=r"^[A-Z]+$")]
    dtype: Literal["int8", "uint8", "float32", "int64"]
    colour: Literal["grey", "bgr", "rgb", "none"] = "none"
    mean: Number = 0.0
    scale: Number = 1.0
    sample_rate_hz: Count = 0

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    def normalise(self, raw: np.typing.NDArray[np.generic]) -> Float32Array:
        """``(raw - mean) * scale`` as float32, same shape."""
        normalised: Float32Array = np.subtract(raw, np.float32(self.mean), dtype=np.float32)
        normalised *= np.float32(self.scale)
        return normalised

    @property
    def is_open(self) -> bool:
        """Whether an axis has no fixed size."""
        return 0 in self.shape


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure that the model reached, on ``n`` samples ``of`` a data set; ``command`` of the entry or its card
    prints it."""

    name: Word
    value: Number
    unit: Text
    n: Count
    of: Text

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """One model.

    ``file`` lies beside the manifest. ``outputs`` names the output tensors in the order of a call's results. A
    classifier has ``labels`` in the order of its logits, a ``mapping`` of every label to one of the seven and the
    ``temperature`` that its logits are divided by (1 if it has none). ``parameters`` are numbers that belong to the
    weights (a landmark template, a threshold, coefficients); read them with ``parameter`` and ``vector``.
    ``activities`` are the ids of the activities that a recommender knows, the first of them by the index 1. ``macs``
    counts multiply-accumulates of one call.
    """

    name: Word
    version: Text
    description: Text
    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size_bytes: Size
    runtime: Literal["litert", "onnx"]
    input: tuple[ModelInput, ...]
    outputs: tuple[Text, ...]
    provenance: Text
    terms: Text
    command: Text
    macs: Count = 0
    labels: tuple[Text, ...] = ()
    mapping: Mapping[str, Emotion] = field(default_factory=dict)
    temperature: Positive = 1.0
    activities: tuple[Text, ...] = ()
    parameters: Mapping[Word, Parameter] = field(default_factory=dict)
    metric: tuple[Metric, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    def faults(self) -> tuple[str, ...]:
        """What contradicts itself in the entry, though each field alone is well formed."""
        found = [f"{what} has {word!r} twice" for what, words in self._lists() for word in _repeated(words)]
        found += [f"{what} is empty" for what, words in self._lists() if not words and what in ("outputs", "input")]
        if self.labels or self.mapping:
            found += [f"mapping lacks the label {label!r}" for label in self.labels if label not in self.mapping]
            found += [
                f"mapping names {label!r}, which is no label" for label in self.mapping if label not in self.labels
            ]
            found += [f"{label!r} is mapped to unknown" for label, to in self.mapping.items() if to not in EMOTIONS]
        return tuple(found)

    def _lists(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        inputs = tuple(each.name for each in self.input)
        return ("labels", self.labels), ("outputs", self.outputs), ("input", inputs), ("activities", self.activities)

    @property
    def is_graph(self) -> bool:
        """Whether it takes several arrays, or one of open size: opened by ``Manifest.open_graph``."""
        return len(self.input) > 1 or any(given.is_open for given in self.input)

    def to_seven(self) -> Float32Array:
        """The mapping as (labels, 7) float32: probabilities over labels times this are over ``EMOTIONS``."""
        matrix = np.zeros((len(self.labels), len(EMOTIONS)), dtype=np.float32)
        for row, label in enumerate(self.labels):
            matrix[row, EMOTIONS.index(self.mapping[label])] = 1.0
        return matrix

    def parameter(self, name: str) -> float:
        """The number of this name. Raises ``ManifestError`` when there is none, or it is a list."""
        value = self._value(name)
        if isinstance(value, tuple):
            raise ManifestError(f"model {self.name}: parameter {name} is a list where one number is needed")
        return float(value)

    def vector(self, name: str) -> Float32Array:
        """The list of numbers of this name, (n,) or (rows, columns). Raises ``ManifestError`` when there is none, or
        it is one number, or its rows differ in length."""
        value = self._value(name)
        if not isinstance(value, tuple):
            raise ManifestError(f"model {self.name}: parameter {name} is one number where a list is needed")
        try:
            return np.array(value, dtype=np.float32)
        except ValueError as error:
            raise ManifestError(f"model {self.name}: the rows of parameter {name} differ in length") from error

    def _value(self, name: str) -> Parameter:
        if name not in self.parameters:
            known = ", ".join(self.parameters) or "none"
            raise ManifestError(f"model {self.name} has no parameter {name} (it has: {known}); make its entry again")
        return self.parameters[name]

    def info(self, inference_us: int = 0) -> ModelInfo:
        """The entry as clients see it, with the median time that the self-test measured."""
        return ModelInfo(
            name=self.name,
            version=self.version,
            file=self.file,
            sha256=self.sha256,
            runtime=self.runtime,
            size_bytes=self.size_bytes,
            terms=self.terms,
            labels=self.labels,
            inference_us=inference_us,
        )


def _repeated(words: tuple[str, ...]) -> list[str]:
    return sorted({word for word in words if words.count(word) > 1})
