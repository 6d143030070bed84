"""The evidence cards in ``models/``: print one, hold each to the files that it speaks of, or measure its figures again.

    python -m tools.card MODEL                the card as it should read, its files' sizes and digests made anew
    python -m tools.card [MODEL] --check      exit status 1 where card, file and manifest disagree (``make cards-check``)
    python -m tools.card [MODEL] --write      put the files' lines into the card
    python -m tools.card MODEL --measure --root DATA   measure, draw and write its figures as well (detector, facenet, voice)

A card has ``<!-- files -->`` and ``<!-- end files -->`` on lines of their own; between them stands one fixed line a file. So
a file that was replaced without its card is found out. A card that can be measured has ``<!-- figures -->`` and
``<!-- end figures -->`` too, and what stands there keeps the digests of the files that it was measured on. Host side only.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.inference.manifest import Manifest, default_models_dir, load_manifest
from tools.cards.makers import MEASURED, measure
from tools.cards.marks import FIGURES, FILES, digest_of, replaced, split_at, stale, stamped, states
from tools.cards.section import Case

BESIDE = {
    "facenet": ("recognition.toml",),
    "voice": ("voice_confusion.toml",),
    "fusion": ("fusion.toml", "confidence.toml"),
    "personal": ("personal.npz",),
    "drift": ("drift.npz",),
}
"""What a card speaks of beside the file of the manifest's entry of its name, or where there is no such entry."""


def card_names(manifest: Manifest) -> tuple[str, ...]:
    """Every card that there must be: one a model of the manifest, and those of what was fitted without a network."""
    return tuple(sorted({entry.name for entry in manifest.models} | set(BESIDE)))


def files_of(manifest: Manifest, name: str) -> tuple[str, ...]:
    """The files that a card speaks of. Raises ConfigurationError when there is no such card."""
    if name not in card_names(manifest):
        raise ConfigurationError([f"no card {name}; choose from {', '.join(card_names(manifest))}"])
    entries = tuple(entry.file for entry in manifest.models if entry.name == name)
    return (*entries, *BESIDE.get(name, ()))


def file_lines(manifest: Manifest, name: str) -> str:
    """One line a file, as it is now. Raises ConfigurationError when one cannot be read."""
    folder = manifest.directory
    digests = {file: digest_of(folder, file) for file in files_of(manifest, name)}
    return "".join(
        f"- `{file}`, {(folder / file).stat().st_size:,} bytes, sha256 `{digest}`\n" for file, digest in digests.items()
    )


def faults_of(manifest: Manifest, name: str) -> tuple[str, ...]:
    """In what card, file and manifest disagree."""
    card = manifest.directory / f"{name}.md"
    faults: list[str] = []
    try:
        if name in {entry.name for entry in manifest.models}:
            manifest.verify(name)
        _, between, _ = split_at(card, FILES)
        if between != file_lines(manifest, name):
            faults.append(f"{card} does not match its files; measure again, then: python -m tools.card {name} --write")
        if name in MEASURED:
            _, section, _ = split_at(card, FIGURES)
            mend = f"measure again: python -m tools.card {name} --measure --root DATA"
            faults += [f"{card}: {fault}; {mend}" for fault in stale(manifest, section, MEASURED[name])]
    except ErtedgeError as error:
        faults.append(str(error))
    return tuple(faults)


def as_it_should_read(manifest: Manifest, name: str) -> str:
    """The card with its files' lines made anew. Raises ConfigurationError when the card or its marks are missing."""
    return replaced(manifest.directory / f"{name}.md", FILES, file_lines(manifest, name))


def write_measured(manifest: Manifest, name: str, case: Case) -> None:
    """Measure a card, and put pictures, figures and files' lines where they belong. Raises ErtedgeError, also when a file
    was replaced meanwhile, so that nobody knows of which the figures are."""
    card = manifest.directory / f"{name}.md"
    files = MEASURED.get(name, ())
    before = states(manifest, files)
    split_at(card, FIGURES)
    section = measure(name, case)
    if states(load_manifest(manifest.directory), files) != before:
        raise ConfigurationError(["a file was replaced while it was measured; measure again"], str(card))
    for picture in section.pictures:
        (manifest.directory / picture.file).write_bytes(picture.content)
    drawn = [picture.file for picture in section.pictures]
    text = stamped(manifest, before, drawn, section.markdown())
    card.write_text(replaced(card, FIGURES, text), encoding="utf-8")
    card.write_text(as_it_should_read(manifest, name), encoding="utf-8")


def folders_of(cross: Sequence[str]) -> dict[str, Path]:
    """``NAME=FOLDER`` of each further collection. Raises ConfigurationError for anything else."""
    parted = [given.partition("=") for given in cross]
    faults = [f"--cross {''.join(parts)}: give NAME=FOLDER" for parts in parted if not Path(parts[2] or "?").is_dir()]
    if faults:
        raise ConfigurationError(faults)
    return {name: Path(folder) for name, _, folder in parted}


def main(
    *,
    model: Annotated[
        str, typer.Argument(help="The card's name; with --check or --write all where none is given.")
    ] = "",
    models: Annotated[Path | None, typer.Option(help="The folder with manifest.toml and the cards.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what disagrees; exit status 1 if anything.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the files' lines into the card.")] = False,
    measured: Annotated[
        bool, typer.Option("--measure", help="Measure the card's figures again and write them into it.")
    ] = False,
    root: Annotated[Path | None, typer.Option(help="With --measure: the data.", exists=True)] = None,
    cross: Annotated[
        list[str] | None, typer.Option(help="With --measure: NAME=FOLDER of a collection that nobody trained on.")
    ] = None,
    seed: Annotated[int, typer.Option(help="With --measure: seed of all that is random.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a card on stdout, nothing else.")] = False,
) -> None:
    """Print an evidence card, hold the cards to their files, or measure one."""
    try:
        if check + write + measured > 1 or not (model or check or write):
            raise ConfigurationError(["give a card's name, and one of --check, --write and --measure; see --help"])
        if measured != (root is not None):
            raise ConfigurationError(["--measure and --root go together; see --help"])
        manifest = load_manifest(models or default_models_dir())
        names = (model,) if model else card_names(manifest)
        listed = {name: files_of(manifest, name) for name in names}
        faults = {name: faults_of(manifest, name) if check else () for name in names}
        for name in names:
            if root is not None:
                write_measured(manifest, name, Case(root, manifest.directory, seed, folders_of(cross or ())))
            if write:
                text = as_it_should_read(manifest, name)
                (manifest.directory / f"{name}.md").write_text(text, encoding="utf-8")
            if json_:
                print(json.dumps({"card": name, "files": listed[name], "faults": faults[name]}))
            elif not (check or write or measured):
                print(as_it_should_read(manifest, name), end="")
    except ErtedgeError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2 if isinstance(error, ConfigurationError) else 1) from error
    for fault in (fault for name in names for fault in faults[name]):
        print(fault, file=sys.stderr)
    if any(faults.values()):
        raise typer.Exit(1)
    if check and not json_:
        print(f"{len(names)} cards match their files")


if __name__ == "__main__":
    typer.run(main)
