"""The evidence cards in ``models/``: print one, or hold each to the files that it speaks of.

    python -m tools.card MODEL                the card as it should read, its files' sizes and digests made anew
    python -m tools.card [MODEL] --check      exit status 1 where card, file and manifest disagree (``make cards-check``)
    python -m tools.card [MODEL] --write      put the lines into the card, after its figures were measured again

A card has ``<!-- files -->`` and ``<!-- end files -->`` on lines of their own; between them stands one fixed line a file. So
a file that was replaced without its card is found out. Whether the figures are right it does not say: the commands on the
card do. Host side only.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from ertedge.errors import ConfigurationError, ErtedgeError
from ertedge.inference.manifest import Manifest, default_models_dir, load_manifest

BEGIN, END = "<!-- files -->\n", "<!-- end files -->\n"
BESIDE = {
    "facenet": ("recognition.toml",),
    "voice": ("voice_confusion.toml",),
    "fusion": ("fusion.toml",),
    "personal": ("personal.npz",),
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
    lines = []
    for file in files_of(manifest, name):
        try:
            content = (manifest.directory / file).read_bytes()
        except OSError as error:
            raise ConfigurationError([f"{file} cannot be read ({error.strerror})"], str(manifest.directory)) from None
        lines.append(f"- `{file}`, {len(content):,} bytes, sha256 `{hashlib.sha256(content).hexdigest()}`\n")
    return "".join(lines)


def split_card(path: Path) -> tuple[str, str, str]:
    """What stands before, between and after the marks. Raises ConfigurationError when the card or its marks are missing."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError([f"cannot be read ({error.strerror})"], str(path)) from None
    if text.count(BEGIN) != 1 or text.count(END) != 1 or text.index(BEGIN) > text.index(END):
        raise ConfigurationError([f"needs {BEGIN.strip()} and {END.strip()}, each on a line of its own"], str(path))
    before, rest = text.split(BEGIN)
    between, after = rest.split(END)
    return before, between, after


def faults_of(manifest: Manifest, name: str) -> tuple[str, ...]:
    """In what card, file and manifest disagree."""
    card = manifest.directory / f"{name}.md"
    faults: list[str] = []
    try:
        if name in {entry.name for entry in manifest.models}:
            manifest.verify(name)
        _, between, _ = split_card(card)
        if between != file_lines(manifest, name):
            faults.append(f"{card} does not match its files; measure again, then: python -m tools.card {name} --write")
    except ErtedgeError as error:
        faults.append(str(error))
    return tuple(faults)


def as_it_should_read(manifest: Manifest, name: str) -> str:
    """The card with its lines made anew. Raises ConfigurationError as ``split_card`` and ``file_lines``."""
    before, _, after = split_card(manifest.directory / f"{name}.md")
    return before + BEGIN + file_lines(manifest, name) + END + after


def main(
    *,
    model: Annotated[
        str, typer.Argument(help="The card's name; with --check or --write all where none is given.")
    ] = "",
    models: Annotated[Path | None, typer.Option(help="The folder with manifest.toml and the cards.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what disagrees; exit status 1 if anything.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Write the lines into the card.")] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a card on stdout, nothing else.")] = False,
) -> None:
    """Print an evidence card, or hold the cards to their files."""
    try:
        if (check and write) or not (model or check or write):
            raise ConfigurationError(["give a card's name, --check or --write; see --help"])
        manifest = load_manifest(models or default_models_dir())
        names = (model,) if model else card_names(manifest)
        listed = {name: files_of(manifest, name) for name in names}
        faults = {name: faults_of(manifest, name) if check else () for name in names}
        for name in names:
            if write:
                text = as_it_should_read(manifest, name)
                (manifest.directory / f"{name}.md").write_text(text, encoding="utf-8")
            if json_:
                print(json.dumps({"card": name, "files": listed[name], "faults": faults[name]}))
            elif not check and not write:
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
