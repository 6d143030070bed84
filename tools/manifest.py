"""Write entries of ``manifest.toml``, and check them: ``python -m tools.manifest --models models``.

Host side only. A trainer describes its model once, in a ``Description``; the sha256, the size and the
multiply-accumulates are taken from the file. Writing is locked, so that trainers that finish together do not lose
each other's entries, and the new text is read as the device reads it before it replaces the old.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import tomlkit
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from tomlkit.items import AoT

from ertedge.errors import ErtedgeError, ManifestError
from ertedge.inference.entry import Metric, ModelEntry, ModelInput, Parameter
from ertedge.inference.manifest import MANIFEST_NAME, Manifest, load_manifest, parse_manifest
from ertedge.types import Emotion
from tools.macs import count_macs

HEADER = (
    "Which models there are, what they take and give, what they were made from and under which terms (see LICENSE.md).",
    "Written by tools/manifest.py; sha256 and size are those of the file. Read by ertedge/inference/manifest.py.",
)

Numbers = float | Sequence[float] | NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Description:
    """What a trainer says of its model; fields as in ``ertedge.inference.entry.ModelEntry``.

    ``input`` is one or several. ``parameters`` may hold numbers, lists and arrays of one or two axes.
    """

    name: str
    version: str
    description: str
    file: str
    input: ModelInput | Sequence[ModelInput]
    outputs: Sequence[str]
    provenance: str
    terms: str
    command: str
    runtime: Literal["litert", "onnx"] = "litert"
    labels: Sequence[str] = ()
    mapping: Mapping[str, Emotion] = field(default_factory=dict)
    temperature: float = 1.0
    activities: Sequence[str] = ()
    parameters: Mapping[str, Numbers] = field(default_factory=dict)
    metrics: Sequence[Metric] = ()


def write_entry(models: Path, description: Description) -> ModelEntry:
    """Add the model to ``models/manifest.toml``, or replace its entry; the file must already lie in ``models``.

    Raises ``ManifestError`` when the file is not there or the entry would be wrong; the manifest is then as before.
    """
    described = ModelEntry(
        name=description.name,
        version=description.version,
        description=description.description,
        file=description.file,
        sha256="",
        size_bytes=0,
        runtime=description.runtime,
        input=(description.input,) if isinstance(description.input, ModelInput) else tuple(description.input),
        outputs=tuple(description.outputs),
        provenance=description.provenance,
        terms=description.terms,
        command=description.command,
        labels=tuple(description.labels),
        mapping=dict(description.mapping),
        temperature=description.temperature,
        activities=tuple(description.activities),
        parameters={name: _parameter(value) for name, value in description.parameters.items()},
        metric=tuple(description.metrics),
    )
    return _store(models, description.name, lambda _: described)


def amend_entry(
    models: Path,
    name: str,
    *,
    temperature: float | None = None,
    parameters: Mapping[str, Numbers] | None = None,
    metrics: Sequence[Metric] = (),
) -> ModelEntry:
    """Change what is known of a model after it was made, and take its file's sha256 and size anew.

    ``parameters`` are added to those there, ``metrics`` replace those of the same name and data set. Raises as
    ``write_entry``.
    """
    added = {key: _parameter(value) for key, value in (parameters or {}).items()}

    def amended(old: ModelEntry | None) -> ModelEntry:
        if old is None:
            raise ManifestError(f"{models / MANIFEST_NAME} has no model {name}; write its entry first")
        merged = {(metric.name, metric.of): metric for metric in (*old.metric, *metrics)}
        new = replace(old, parameters={**old.parameters, **added}, metric=tuple(merged.values()))
        return new if temperature is None else replace(new, temperature=temperature)

    return _store(models, name, amended)


def _with_file(models: Path, entry: ModelEntry) -> ModelEntry:
    path = models / entry.file
    if not path.is_file():
        raise ManifestError(f"{path} is not there; export the model before its entry is written")
    content = path.read_bytes()
    macs = count_macs(path).total if entry.runtime == "litert" else entry.macs
    return replace(entry, sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content), macs=macs)


def _store(models: Path, name: str, make: Callable[[ModelEntry | None], ModelEntry]) -> ModelEntry:
    """Put the entry that ``make`` makes of the present one (None if there is none) into the manifest."""
    path = models / MANIFEST_NAME
    with _locked(models):
        document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.is_file() else _new_document()
        present = {entry.name: entry for entry in parse_manifest(tomlkit.dumps(document), models).models}
        table = _table(_with_file(models, make(present.get(name))))
        entries = document.get("model")
        if not isinstance(entries, AoT):
            entries = tomlkit.aot()
            document["model"] = entries
        for number, old in enumerate(entries):
            if old.get("name") == name:
                entries[number] = table
                break
        else:
            entries.append(table)
        text = re.sub(r"\n+\[\[model\]\]\n", "\n\n[[model]]\n", tomlkit.dumps(document))
        stored = parse_manifest(text, models).entry(name)
        new = path.with_suffix(f".{os.getpid()}.new")
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    return stored


def _new_document() -> tomlkit.TOMLDocument:
    document = tomlkit.document()
    for line in HEADER:
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    document["schema"] = 1
    return document


@contextmanager
def _locked(directory: Path) -> Iterator[None]:
    """Hold the folder's lock: on the folder itself, so that no lock file is left to be shipped."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _table(entry: ModelEntry) -> tomlkit.items.Table:
    """The entry as TOML, in the order of its fields, with what stands at its default left out. Tables come last, as
    TOML needs."""
    table = tomlkit.table()
    plain = [f.name for f in fields(entry) if f.name not in ("input", "mapping", "parameters", "metric")]
    for name in plain:
        value = getattr(entry, name)
        if value not in ((), 0):
            table[name] = list(value) if isinstance(value, tuple) else value
    table["input"] = _array_of_tables(entry.input)
    if entry.mapping:
        table["mapping"] = {label: str(emotion) for label, emotion in entry.mapping.items()}
    if entry.parameters:
        table["parameters"] = {name: _plain(value) for name, value in entry.parameters.items()}
    if entry.metric:
        table["metric"] = _array_of_tables(entry.metric)
    return table


def _array_of_tables(records: Sequence[ModelInput] | Sequence[Metric]) -> AoT:
    array = tomlkit.aot()
    for record in records:
        table = tomlkit.table()
        for each in fields(record):
            value = getattr(record, each.name)
            table[each.name] = list(value) if isinstance(value, tuple) else value
        array.append(table)
    return array


def _parameter(value: Numbers) -> Parameter:
    """Numbers as the entry keeps them, with the nine digits that a float32 needs."""
    array = np.asarray(value, dtype=np.float64)
    if array.ndim > 2:
        raise ManifestError(f"a parameter has {array.ndim} axes; two at most")
    if array.ndim == 0:
        return _rounded(array.item())
    if array.ndim == 1:
        return tuple(_rounded(number) for number in array.tolist())
    return tuple(tuple(_rounded(number) for number in row) for row in array.tolist())


def _rounded(number: float) -> float:
    return float(f"{number:.9g}")


def _plain(value: Parameter) -> float | list[float] | list[list[float]]:
    if not isinstance(value, tuple):
        return float(value)
    rows: list[float] | list[list[float]] = [list(row) if isinstance(row, tuple) else float(row) for row in value]  # type: ignore[assignment]
    return rows


def main(
    *,
    models: Annotated[Path, typer.Option(help="The folder with manifest.toml.", exists=True)] = Path("models"),
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout, nothing else.")] = False,
) -> None:
    """Verify every model's file and open it, and list them."""
    try:
        manifest = load_manifest(models)
        for entry in manifest.models:
            manifest.open_trial(entry.name)
    except ErtedgeError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    if json_:
        for entry in manifest.models:
            record = {"name": entry.name, "version": entry.version, "file": entry.file, "sha256": entry.sha256}
            print(json.dumps({**record, "size_bytes": entry.size_bytes, "macs": entry.macs, "terms": entry.terms}))
    else:
        Console().print(_listing(manifest))


def _listing(manifest: Manifest) -> Table:
    table = Table(title=str(manifest.directory / MANIFEST_NAME), title_justify="left")
    for heading in ("model", "version", "file", "bytes", "MACs", "labels"):
        table.add_column(heading, justify="right" if heading in ("bytes", "MACs") else "left")
    for entry in manifest.models:
        sizes = f"{entry.size_bytes:,}", f"{entry.macs:,}"
        table.add_row(entry.name, entry.version, entry.file, *sizes, ", ".join(entry.labels))
    return table


if __name__ == "__main__":
    typer.run(main)
