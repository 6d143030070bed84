"""Which models there are and whether their files are the ones that were measured: ``manifest.toml``, read and verified.

Floor 1: imports only words and errors. A model is opened only after its file's sha256 agreed with the manifest, since a
changed weight would still give answers, only wrong ones.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
from pydantic import ConfigDict, TypeAdapter, ValidationError

from ertedge.errors import ManifestError, ModelError, ModelIntegrityError
from ertedge.inference.entry import Metric, ModelEntry, ModelInput
from ertedge.inference.litert import LitertNetwork
from ertedge.inference.network import Graph, Network
from ertedge.inference.onnx import OnnxGraph, OnnxNetwork
from ertedge.types import Float32Array

MANIFEST_NAME = "manifest.toml"
TRIAL_SIZE = 48
"""What an open axis other than the batch has in a trial: about a catalogue of activities."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The models of one folder."""

    directory: Path
    models: tuple[ModelEntry, ...]

    def entry(self, name: str) -> ModelEntry:
        """The model of this name. Raises ``ManifestError`` when there is none."""
        for model in self.models:
            if model.name == name:
                return model
        names = [model.name for model in self.models]
        close = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {close[0]}?" if close else f"it has: {', '.join(names) or 'none'}"
        raise ManifestError(f"{self.directory / MANIFEST_NAME} has no model {name}; {hint}")

    def verify(self, name: str) -> Path:
        """The path of the model's file, after its size and sha256 were found right.

        Raises ``ManifestError`` when the manifest has no such model, ``ModelIntegrityError`` when the file is missing,
        unreadable or differs.
        """
        entry = self.entry(name)
        path = self.directory / entry.file
        mend = f"install ertedge again, or make it again with: {entry.command}"
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise ModelIntegrityError(f"{path} is missing; {mend}") from error
        except OSError as error:
            raise ModelIntegrityError(f"{path} cannot be read ({error.strerror}); mend its permissions") from error
        if len(content) != entry.size_bytes:
            raise ModelIntegrityError(f"{path} has {len(content)} bytes instead of {entry.size_bytes}; {mend}")
        if hashlib.sha256(content).hexdigest() != entry.sha256:
            raise ModelIntegrityError(f"{path} differs from the sha256 in {MANIFEST_NAME}; {mend}")
        return path

    def open_network(self, name: str, threads: int = 1) -> Network:
        """Verify the model's file and open it with the runtime that it needs.

        Raises what ``verify`` raises, ``ModelError`` when the file cannot be run, and ``ManifestError`` when its input
        or outputs are not what the entry says.
        """
        path = self.verify(name)
        entry = self.entry(name)
        if entry.is_graph:
            raise ModelError(f"model {name} takes several arrays, or one of open size; open it with open_graph")
        network: Network
        if entry.runtime == "litert":
            network = LitertNetwork(path, threads, entry.outputs)
        else:
            network = OnnxNetwork(path, threads, entry.outputs)
        stated, found = (entry.input[0].shape, entry.input[0].dtype), (network.input_shape, network.input_dtype)
        if stated != found:
            raise ManifestError(f"{MANIFEST_NAME} says that {entry.file} takes {stated}, but it takes {found}")
        return network

    def open_graph(self, name: str, threads: int = 1) -> Graph:
        """Verify the file of a model with several inputs, or open axes, and open it.

        Raises what ``verify`` raises, ``ModelError`` when the file cannot be run, and ``ManifestError`` when its inputs
        or outputs are not what the entry says.
        """
        path = self.verify(name)
        entry = self.entry(name)
        if entry.runtime != "onnx":
            raise ModelError(
                f"model {name} is run by {entry.runtime}, which takes one array; open it with open_network"
            )
        graph = OnnxGraph(path, threads, entry.outputs)
        stated = {given.name: (given.shape, given.dtype) for given in entry.input}
        found = {
            given.name: (tuple(size if isinstance(size, int) else 0 for size in given.shape), given.dtype)
            for given in graph.inputs
        }
        if stated != found:
            raise ManifestError(f"{MANIFEST_NAME} says that {entry.file} takes {stated}, but it takes {found}")
        return graph

    def open_trial(self, name: str, threads: int = 1) -> Callable[[], tuple[Float32Array, ...]]:
        """Open the model, whichever kind it is, as a call on zeros: to see that it runs, and how long it takes.

        A batch is one; any other open axis has ``TRIAL_SIZE``. Raises as ``open_network`` and ``open_graph``.
        """
        entry = self.entry(name)
        if not entry.is_graph:
            network = self.open_network(name, threads)
            nothing = np.zeros(network.input_shape, dtype=np.float32)
            return lambda: network(nothing)
        graph = self.open_graph(name, threads)
        zeros = {
            given.name: np.zeros([1, *(size or TRIAL_SIZE for size in given.shape[1:])], dtype=given.dtype)
            for given in entry.input
        }
        return lambda: graph(zeros)


@dataclass(frozen=True, slots=True)
class _Document:
    """The file as written. ``schema`` grows by one when a reader of the old form could not read the new."""

    schema: Literal[1]
    model: tuple[ModelEntry, ...] = ()

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


_DOCUMENT: TypeAdapter[_Document] = TypeAdapter(_Document)


def load_manifest(directory: Path) -> Manifest:
    """Read ``directory/manifest.toml``. Raises ``ManifestError`` that lists every fault in it."""
    path = directory / MANIFEST_NAME
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path} cannot be read ({error}); install ertedge again, or set models_dir") from error
    return parse_manifest(text, directory)


def parse_manifest(text: str, directory: Path) -> Manifest:
    """Read the text of a manifest whose files lie in ``directory``. Raises ``ManifestError`` that lists every fault."""
    path = directory / MANIFEST_NAME
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path} is not TOML: {error}") from error
    try:
        # As JSON, because there strict validation takes lists for tuples and words for emotions, but no "1" for 1.
        document = _DOCUMENT.validate_json(json.dumps(written, default=str))
    except ValidationError as error:
        faults = [_fault(written, item["loc"], item["msg"]) for item in error.errors(include_url=False)]
        raise ManifestError(f"{path}: {'; '.join(dict.fromkeys(faults))}") from error
    names = [model.name for model in document.model]
    repeated = [f"model {name!r} stands twice" for name in sorted({name for name in names if names.count(name) > 1})]
    contradictions = [f"model {model.name}: {fault}" for model in document.model for fault in model.faults()]
    if repeated or contradictions:
        raise ManifestError(f"{path}: {'; '.join(repeated + contradictions)}")
    return Manifest(directory, document.model)


def _fault(written: dict[str, object], location: tuple[int | str, ...], message: str) -> str:
    """One fault with the model's name for its number: ``model voice: input.0.shape: Field required``."""
    head, rest = "", location
    models = written.get("model")
    if len(location) > 1 and location[0] == "model" and isinstance(location[1], int) and isinstance(models, list):
        number = location[1]
        entry = models[number]
        name = entry.get("name", number + 1) if isinstance(entry, dict) else number + 1
        head, rest = f"model {name}: ", location[2:]
    return f"{head}{'.'.join(str(step) for step in rest) or 'entry'}: {_in_words(message, str(location[-1]))}"


def _in_words(message: str, key: str) -> str:
    if message != "Unexpected keyword argument":
        return message
    known = {each.name for record in (ModelEntry, ModelInput, Metric, _Document) for each in fields(record)}
    close = difflib.get_close_matches(key, known, n=1)
    return f"unknown key; did you mean {close[0]}?" if close else "unknown key"


def default_models_dir() -> Path:
    """Where the shipped models lie: inside the installed package, or at the top of a checkout installed editable.

    Raises ``ManifestError`` when neither has a manifest.
    """
    package = Path(__file__).resolve().parents[1]
    for directory in (package / "models", package.parent / "models"):
        if (directory / MANIFEST_NAME).is_file():
            return directory
    raise ManifestError(f"no {MANIFEST_NAME} in {package / 'models'}; install ertedge again, or set models_dir")
